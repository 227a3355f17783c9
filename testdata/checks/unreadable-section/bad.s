# The manifest section is cut off.
# link: --no-entry

        .section .text.blur,"",@
        .functype blur (i32) -> (i32)
        .export_name blur, blur
        .globl blur
        .type blur,@function
blur:
        .functype blur (i32) -> (i32)
        local.get 0
        end_function

        .section .custom_section.wasmpack.manifest,"",@
        .ascii "{\"libraries\":["
