//! For build scripts: links WebAssembly kernel libraries into Rust programs with the command
//! `wasmpack`. Every kernel is kept without a dummy
//! reference, constructors run exactly once, and cargo runs the script again only when an input
//! changed.
//!
//! ```no_run
//! // build.rs of the program that is linked
//! wasmpack_build::Library::new("kernels")
//!     .objects(["kernels/conv.o", "kernels/pool.o"])
//!     .archive("kernels/libmath.a")
//!     .prefix("k_")
//!     .compile();
//! ```
//!
//! A library crate cannot add to the link line of the programs that depend on it. It says `links =
//! "kernels"` in its `Cargo.toml`, compiles its library as above, and the build script of the
//! *final* crate, which has it as a direct dependency, takes over:
//!
//! ```no_run
//! // build.rs of the final crate
//! wasmpack_build::link_deps();
//! ```
//!
//! If that is forgotten, the build fails with `unable to find library
//! -lwasmpack_link_deps_is_missing_in_the_final_build_script_for_...`.
//!
//! For a target that is not WebAssembly, [`Library`] and [`link_deps`] do nothing and need no
//! `wasmpack`; [`Bundle`] works for every target, since hosts embed what it makes.
//!
//! The command is taken from the environment, `WASMPACK_<target>` (dashes as underscores, if you
//! like) before `WASMPACK`, else found in `PATH`.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod bundle;
mod command;
mod depfile;
mod directives;
mod error;
mod library;

pub use bundle::Bundle;
pub use error::Error;
pub use library::{link_deps, link_deps_with, try_link_deps_with, Library};

/// Which programs of the package export `_initialize` and `wapc_init`, the entry points that run
/// the constructors of all libraries, once however often they are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `cdylib`s do, and where no start-up code runs constructors (`wasm32-unknown-unknown`) all
    /// programs. A WASI command does not: its `_start` runs them. Build scripts are not told what
    /// cargo builds, so this goes by the target and by what `Cargo.toml` says. The default.
    Auto,
    /// All programs of the package do.
    Always,
    /// None does. Where nothing else refers to `__wasm_call_ctors`, the linker then makes each export run all
    /// constructors first: those of the libraries still run once, the program's own on each call.
    None,
}

impl Entry {
    fn word(self) -> &'static str {
        match self {
            Entry::Auto => "auto",
            Entry::Always => "always",
            Entry::None => "none",
        }
    }
}
