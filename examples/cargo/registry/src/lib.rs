//! What the kernels' constructors register with: a list of names and functions.

use std::ffi::CStr;
use std::os::raw::{c_char, c_int};
use std::sync::Mutex;

type Kernel = extern "C" fn(*const f32, c_int) -> f32;

static KERNELS: Mutex<Vec<(String, Kernel)>> = Mutex::new(Vec::new());

/// Called by constructors in C.
///
/// # Safety
/// `name` ends with a NUL.
#[no_mangle]
pub unsafe extern "C" fn register_kernel(name: *const c_char, kernel: Kernel) {
    let name = CStr::from_ptr(name).to_string_lossy().into_owned();
    KERNELS.lock().unwrap().push((name, kernel));
}

/// The names in the order of registration. A constructor that ran twice is there twice.
pub fn names() -> Vec<String> {
    KERNELS
        .lock()
        .unwrap()
        .iter()
        .map(|(name, _)| name.clone())
        .collect()
}

/// Calls a kernel by name.
pub fn call(name: &str, values: &[f32]) -> Option<f32> {
    let kernel = KERNELS
        .lock()
        .unwrap()
        .iter()
        .find(|(known, _)| known == name)?
        .1;
    Some(kernel(values.as_ptr(), values.len() as c_int))
}
