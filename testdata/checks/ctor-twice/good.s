# Once.
        .functype setup () -> ()
        .functype note () -> ()
        .section .text.setup,"",@
        .type setup,@function
setup:
        .functype setup () -> ()
        call note
        end_function

        .section .init_array.100,"",@
        .p2align 2
        .int32 setup
