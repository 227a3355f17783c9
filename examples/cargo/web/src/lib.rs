//! A module for browsers and node. Its host calls `_initialize` first, which runs the constructors.

/// How many registrations there were.
#[no_mangle]
pub extern "C" fn registrations() -> u32 {
    registry::names().len() as u32
}

#[no_mangle]
pub extern "C" fn sum(x: f32, y: f32) -> f32 {
    unsafe { kernels_sys::sum_run([x, y].as_ptr(), 2) }
}

/// NaN if there is no such kernel.
#[no_mangle]
pub extern "C" fn norm(x: f32, y: f32) -> f32 {
    registry::call("norm", &[x, y]).unwrap_or(f32::NAN)
}
