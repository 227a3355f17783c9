# compile: -msimd128
# The code uses SIMD, which target_features does not list.
        .section .text.splat,"",@
        .functype splat (i32) -> (v128)
        .globl splat
        .type splat,@function
splat:
        .functype splat (i32) -> (v128)
        local.get 0
        i32x4.splat
        end_function

# A claim.
        .section .custom_section.target_features,"",@
        .int8 1
        .ascii "+"
        .int8 8
        .ascii "sign-ext"
