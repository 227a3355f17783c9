//! A WASI command. Its start-up code runs the constructors before `main`.

// No Rust code here calls a kernel of it.
extern crate kernels_sys as _;

fn main() {
    let mut names = registry::names();
    names.sort();
    println!(
        "registrations: {}",
        if names.is_empty() {
            "none".to_string()
        } else {
            names.join(", ")
        }
    );
    for name in names {
        println!(
            "{}(3, 4) = {}",
            name,
            registry::call(&name, &[3.0, 4.0]).unwrap()
        );
    }
}
