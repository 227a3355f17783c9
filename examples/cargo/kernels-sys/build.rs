use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    if !env::var("TARGET").unwrap().starts_with("wasm32") {
        return;
    }
    // Both define `run` and `scale`. Sealed, with a prefix for what stays visible, they get along.
    for name in ["sum", "norm"] {
        wasmpack_build::Library::new(name)
            .object(compile(&format!("c/{}.c", name)))
            .keep_global("run")
            .prefix(&format!("{}_", name))
            .compile();
    }
}

/// Any compiler for wasm32 will do; so do objects that somebody else compiled.
fn compile(source: &str) -> PathBuf {
    println!("cargo:rerun-if-changed={}", source);
    let out_dir = env::var_os("OUT_DIR").unwrap();
    let object =
        Path::new(&out_dir).join(Path::new(source).with_extension("o").file_name().unwrap());
    let done = Command::new("clang-22")
        .args(["--target=wasm32-unknown-unknown", "-O2", "-c", source, "-o"])
        .arg(&object)
        .status()
        .expect("clang-22 runs");
    assert!(done.success(), "clang-22 {}", source);
    object
}
