//! Two kernel libraries in C. `norm` is found by name only; `sum` can also be called directly.

// Without this line nobody would need that crate, and `register_kernel` would be an import of the module.
extern crate registry as _;

#[cfg(target_family = "wasm")]
extern "C" {
    pub fn sum_run(x: *const f32, n: std::os::raw::c_int) -> f32;
}
