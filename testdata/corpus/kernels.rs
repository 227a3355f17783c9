// Rust: a registry without std's main, strings, panics, generic code.
use std::collections::BTreeMap;
extern "C" { fn host_value(x: i32) -> i32; }
#[no_mangle]
pub extern "C" fn rust_sum(n: i32) -> i32 {
    let mut map = BTreeMap::new();
    for i in 0..n { map.insert(format!("key {}", i), i * 2); }
    map.iter().map(|(k, v)| k.len() as i32 + v).sum::<i32>() + unsafe { host_value(n) }
}
#[no_mangle]
pub extern "C" fn run(x: i32) -> i32 { rust_sum(x) + std::env::args().count() as i32 }
