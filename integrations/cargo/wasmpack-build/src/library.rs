//! Kernel libraries that are linked into the package's programs.

use crate::command::Wasmpack;
use crate::error::or_exit;
use crate::{directives, Entry, Error};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The names of the libraries that this build script has compiled: each is a file.
static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A kernel library: objects and archives that become one object, which every rustc links whole.
///
/// ```no_run
/// wasmpack_build::Library::new("kernels").archive("libkernels.a").keep_global("conv_*").compile();
/// ```
#[derive(Clone, Debug)]
pub struct Library {
    name: String,
    inputs: Vec<PathBuf>,
    link_options: Vec<OsString>,
    entry: Entry,
}

impl Library {
    /// A library of that name: letters, digits, `_` and `-`; once in a build script.
    pub fn new(name: impl Into<String>) -> Library {
        Library {
            name: name.into(),
            inputs: Vec::new(),
            link_options: Vec::new(),
            entry: Entry::Auto,
        }
    }

    /// Adds an object. Paths are relative to the package's folder.
    pub fn object(&mut self, path: impl AsRef<Path>) -> &mut Library {
        self.inputs.push(path.as_ref().to_path_buf());
        self
    }

    /// Adds objects.
    pub fn objects<I>(&mut self, paths: I) -> &mut Library
    where
        I: IntoIterator,
        I::Item: AsRef<Path>,
    {
        for path in paths {
            self.object(path);
        }
        self
    }

    /// Adds an archive; all its members are taken.
    pub fn archive(&mut self, path: impl AsRef<Path>) -> &mut Library {
        self.object(path)
    }

    /// Puts `prefix` before every global name that the library defines, so that it can share names with others.
    pub fn prefix(&mut self, prefix: &str) -> &mut Library {
        self.option("--prefix-symbols", prefix)
    }

    /// Seals the library: only names that match this pattern (`*`, `?`, `[...]`), or that of another call, are
    /// visible outside of it. Patterns see names without the prefix.
    pub fn keep_global(&mut self, pattern: &str) -> &mut Library {
        self.option("--keep-global-symbol", pattern)
    }

    /// Exports the functions that match `pattern` from the finished module: for kernels that the host calls
    /// directly. What constructors register and what Rust code refers to needs no export.
    pub fn export(&mut self, pattern: &str) -> &mut Library {
        self.option("--export", pattern)
    }

    /// Adds an option of `wasmpack link`.
    pub fn link_option(&mut self, option: impl Into<OsString>) -> &mut Library {
        self.link_options.push(option.into());
        self
    }

    /// Decides which programs of the package export the entry points that run constructors.
    pub fn entry(&mut self, entry: Entry) -> &mut Library {
        self.entry = entry;
        self
    }

    fn option(&mut self, name: &str, value: &str) -> &mut Library {
        self.link_option(format!("{}={}", name, value))
    }

    /// Links the library, for the programs of this package and, if `Cargo.toml` has `links`, for those that
    /// depend on it and call [`link_deps`](crate::link_deps). Ends the build script with a message if that fails.
    pub fn compile(&self) {
        or_exit(self.try_compile());
    }

    /// As [`compile`](Library::compile), and leaves errors to the caller. The path of the object; nothing for a
    /// target that is not WebAssembly.
    pub fn try_compile(&self) -> Result<Option<PathBuf>, Error> {
        let wasmpack = match find_for_wasm()? {
            Some(wasmpack) => wasmpack,
            None => return Ok(None),
        };
        if self.inputs.is_empty() {
            return Err(Error::new(format!(
                "the library `{}` has neither objects nor archives",
                self.name
            )));
        }
        self.claim_name()?;
        directives::print(&wasmpack.run(&self.arguments())?);
        let out_dir = env::var_os("OUT_DIR").unwrap_or_default();
        Ok(Some(
            Path::new(&out_dir)
                .join("wasmpack")
                .join(format!("{}.o", self.name)),
        ))
    }

    fn claim_name(&self) -> Result<(), Error> {
        let mut names = NAMES
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if names.contains(&self.name) {
            return Err(Error::new(format!(
                "there are two libraries `{}` in this build script",
                self.name
            )));
        }
        names.push(self.name.clone());
        Ok(())
    }

    fn arguments(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["cargo-flags".into()];
        words.push(format!("--name={}", self.name).into());
        words.push(format!("--entry={}", self.entry.word()).into());
        // With a folder before it, no path looks like an option.
        words.extend(
            self.inputs
                .iter()
                .map(|path| Path::new(".").join(path).into_os_string()),
        );
        words.push("--".into());
        words.extend(self.link_options.iter().cloned());
        words
    }
}

/// For the build script of the final crate: links the libraries of its direct dependencies that have `links`
/// into its programs. In a package that has `links` itself, hands them on as well. Ends the build script with a
/// message if that fails.
pub fn link_deps() {
    link_deps_with(Entry::Auto);
}

/// As [`link_deps`], with a decision on which programs export the entry points that run constructors.
pub fn link_deps_with(entry: Entry) {
    or_exit(try_link_deps_with(entry));
}

/// As [`link_deps_with`], and leaves errors to the caller.
pub fn try_link_deps_with(entry: Entry) -> Result<(), Error> {
    if let Some(wasmpack) = find_for_wasm()? {
        let entry = format!("--entry={}", entry.word());
        directives::print(&wasmpack.run(&["cargo-flags".into(), "--deps".into(), entry.into()])?);
    }
    Ok(())
}

/// The command, if the target is WebAssembly.
fn find_for_wasm() -> Result<Option<Wasmpack>, Error> {
    match env::var("TARGET") {
        Ok(target) if target.starts_with("wasm") => Wasmpack::find_and_watch().map(Some),
        Ok(_) => Ok(None),
        Err(_) => Err(Error::new(
            "TARGET is not set: this is for build scripts, which cargo runs",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_words_of_the_command() {
        let mut library = Library::new("k");
        library
            .objects(["a.o", "-b.o"])
            .archive("/lib/libc.a")
            .prefix("a_")
            .keep_global("conv_*")
            .keep_global("x");
        library.export("run").link_option("--gc").entry(Entry::None);
        assert_eq!(
            library.arguments(),
            [
                "cargo-flags",
                "--name=k",
                "--entry=none",
                "./a.o",
                "./-b.o",
                "/lib/libc.a",
                "--",
                "--prefix-symbols=a_",
                "--keep-global-symbol=conv_*",
                "--keep-global-symbol=x",
                "--export=run",
                "--gc"
            ]
        );
    }

    #[test]
    fn a_name_is_for_one_library() {
        Library::new("twice").claim_name().unwrap();
        let text = Library::new("twice").claim_name().unwrap_err().to_string();
        assert!(text.contains("two libraries `twice`"), "{}", text);
    }

    #[test]
    fn it_is_for_build_scripts() {
        if env::var_os("TARGET").is_none() {
            let text = Library::new("k")
                .object("a.o")
                .try_compile()
                .unwrap_err()
                .to_string();
            assert!(text.contains("TARGET is not set"), "{}", text);
        }
    }
}
