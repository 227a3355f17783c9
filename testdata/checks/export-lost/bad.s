# The manifest has two kernels, but only one is still exported.
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
        .ascii "{\"libraries\":[{\"kernels\":[{\"name\":\"blur\",\"type\":\"(i32)->(i32)\"},{\"name\":\"edge\",\"type\":\"(i32)->(i32)\"}],\"name\":\"vision\"}],\"package\":{\"name\":\"demo\",\"version\":\"1.0.0\"},\"schema\":1}"
