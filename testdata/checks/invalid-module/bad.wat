;; The function promises an i32 and gives nothing.
;; wat2wasm: --no-check
(module (func (export "f") (result i32)))
