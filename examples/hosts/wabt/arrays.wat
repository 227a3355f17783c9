;; Calls a kernel of arrays inside the interpreter, which cannot put arrays into memory itself.
(module
  (import "kernels" "memory" (memory 1))
  (import "kernels" "wasmpack_alloc" (func $alloc (param i32 i32) (result i32)))
  (import "kernels" "wasmpack_free" (func $free (param i32)))
  (import "kernels" "vector_axpy" (func $axpy (param f32 i32 i32 i32)))
  (data $numbers
    "\00\00\80\3f\00\00\00\40\00\00\40\40\00\00\80\40\00\00\a0\40"   ;; 1 2 3 4 5
    "\00\00\20\41\00\00\a0\41\00\00\f0\41\00\00\20\42\00\00\48\42")  ;; 10 20 30 40 50
  (func (export "axpy") (result f32 f32 f32 f32 f32)
    (local $x i32) (local $y i32)
    (local.set $x (call $alloc (i32.const 20) (i32.const 16)))
    (local.set $y (call $alloc (i32.const 20) (i32.const 16)))
    (memory.init $numbers (local.get $x) (i32.const 0) (i32.const 20))
    (memory.init $numbers (local.get $y) (i32.const 20) (i32.const 20))
    (call $axpy (f32.const 2) (local.get $x) (local.get $y) (i32.const 5))
    (f32.load (local.get $y))
    (f32.load offset=4 (local.get $y))
    (f32.load offset=8 (local.get $y))
    (f32.load offset=12 (local.get $y))
    (f32.load offset=16 (local.get $y))
    (call $free (local.get $x))
    (call $free (local.get $y))))
