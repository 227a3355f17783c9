//! Bundles: finished modules that a host embeds.

use crate::command::Wasmpack;
use crate::error::or_exit;
use crate::{depfile, Error};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// A bundle that `wasmpack pack` makes from a manifest, for every target: hosts embed it.
///
/// ```no_run
/// // build.rs; the program has include_bytes!(concat!(env!("OUT_DIR"), "/kernels.wasm"))
/// wasmpack_build::Bundle::from_manifest("kernels.toml").output("kernels.wasm").build();
/// ```
#[derive(Clone, Debug)]
pub struct Bundle {
    manifest: PathBuf,
    output: Option<PathBuf>,
    binding: Option<String>,
    pack_options: Vec<OsString>,
}

impl Bundle {
    /// The bundle that a manifest describes. Its path is relative to the package's folder; paths in it are
    /// relative to the manifest.
    pub fn from_manifest(path: impl AsRef<Path>) -> Bundle {
        Bundle {
            manifest: path.as_ref().to_path_buf(),
            output: None,
            binding: None,
            pack_options: Vec::new(),
        }
    }

    /// The file to write, relative to `OUT_DIR`. Default: the manifest's name with `.wasm`.
    pub fn output(&mut self, path: impl AsRef<Path>) -> &mut Bundle {
        self.output = Some(path.as_ref().to_path_buf());
        self
    }

    /// Also writes a typed Rust host binding (`wasmpack bindgen --lang rust`) to `OUT_DIR/<module>.rs`, as a
    /// module of that name, for `include!(concat!(env!("OUT_DIR"), "/<module>.rs"));`.
    pub fn binding(&mut self, module: &str) -> &mut Bundle {
        self.binding = Some(module.to_string());
        self
    }

    /// Adds an option of `wasmpack pack`, such as `--allow-outside`.
    pub fn pack_option(&mut self, option: impl Into<OsString>) -> &mut Bundle {
        self.pack_options.push(option.into());
        self
    }

    /// Packs the bundle and returns its path. Ends the build script with a message if that fails.
    pub fn build(&self) -> PathBuf {
        or_exit(self.try_build())
    }

    /// As [`build`](Bundle::build), and leaves errors to the caller.
    pub fn try_build(&self) -> Result<PathBuf, Error> {
        let out_dir = env::var_os("OUT_DIR").map(PathBuf::from).ok_or_else(|| {
            Error::new("OUT_DIR is not set: this is for build scripts, which cargo runs")
        })?;
        let output = out_dir.join(self.output_name()?);
        let depfile = with_suffix(&output, ".d");
        let wasmpack = Wasmpack::find_and_watch()?;
        make_folder_of(&output)?;
        let mut words: Vec<OsString> = vec![
            "pack".into(),
            Path::new(".").join(&self.manifest).into(),
            "-o".into(),
        ];
        words.extend([
            output.clone().into(),
            "--depfile".into(),
            depfile.clone().into(),
        ]);
        words.extend(self.pack_options.iter().cloned());
        wasmpack.run(&words)?;
        let rule = fs::read_to_string(&depfile)
            .map_err(|error| Error::new(format!("{}: {}", depfile.display(), error)))?;
        for path in depfile::inputs(&rule) {
            // What the build script made itself is always newer than its last run.
            if !Path::new(&path).starts_with(&out_dir) {
                println!("cargo:rerun-if-changed={}", path);
            }
        }
        if let Some(module) = &self.binding {
            let text = wasmpack.run(&[
                "bindgen".into(),
                "--lang=rust".into(),
                output.clone().into(),
            ])?;
            let path = out_dir.join(format!("{}.rs", module));
            // The text begins with inner attributes, which an included file cannot have at its top.
            fs::write(&path, format!("pub mod {} {{\n{}}}\n", module, text))
                .map_err(|error| Error::new(format!("{}: {}", path.display(), error)))?;
        }
        Ok(output)
    }

    fn output_name(&self) -> Result<PathBuf, Error> {
        if let Some(output) = &self.output {
            return Ok(output.clone());
        }
        let stem = self
            .manifest
            .file_stem()
            .ok_or_else(|| Error::new(format!("{} is no manifest", self.manifest.display())))?;
        Ok(with_suffix(Path::new(stem), ".wasm"))
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut text = path.as_os_str().to_os_string();
    text.push(suffix);
    text.into()
}

fn make_folder_of(path: &Path) -> Result<(), Error> {
    match path.parent() {
        Some(folder) => fs::create_dir_all(folder)
            .map_err(|error| Error::new(format!("{}: {}", folder.display(), error))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_is_named_after_the_manifest() {
        assert_eq!(
            Bundle::from_manifest("a/k.v2.toml").output_name().unwrap(),
            Path::new("k.v2.wasm")
        );
        assert_eq!(
            Bundle::from_manifest("k.toml")
                .output("x/y.wasm")
                .output_name()
                .unwrap(),
            Path::new("x/y.wasm")
        );
        assert!(Bundle::from_manifest("..").output_name().is_err());
    }
}
