# One is used, the other disallowed.
        .section .custom_section.target_features,"",@
        .int8 2
        .ascii "+"
        .int8 7
        .ascii "atomics"
        .ascii "-"
        .int8 10
        .ascii "shared-mem"
