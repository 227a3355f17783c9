# wabt 1.0.32 does not know try_table.
# compile: -mexception-handling
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
        try_table (catch_all 0)
        local.get 0
        call risky
        end_try_table
        end_block
        end_function
