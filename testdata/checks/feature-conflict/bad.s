# expect: feature-conflict invalid-linking
# `atomics` is both used and disallowed.
        .section .custom_section.target_features,"",@
        .int8 2
        .ascii "+"
        .int8 7
        .ascii "atomics"
        .ascii "-"
        .int8 7
        .ascii "atomics"
