# link: --no-entry --allow-undefined
        .functype risky (i32) -> ()
        .section .text.kernel,"",@
        .functype kernel (i32) -> ()
        .export_name kernel, kernel
        .globl kernel
        .type kernel,@function
kernel:
        .functype kernel (i32) -> ()
        block
        local.get 0
        call risky
        end_block
        end_function
