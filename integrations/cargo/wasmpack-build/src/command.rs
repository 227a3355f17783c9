//! Finds and runs the command `wasmpack`.

use crate::Error;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PROGRAM: &str = "wasmpack";
const INSTALL: &str = "build it from its sources (`./demo` does), install it with `cmake --install build --prefix DIR`, \
    and put DIR/bin into PATH or set WASMPACK to the path of the program";

/// A `wasmpack` that exists, and where its path came from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wasmpack {
    pub path: PathBuf,
    source: String,
}

/// The variables that may name the command for a target, the most specific first.
fn variables(target: &str) -> Vec<String> {
    let mut names = vec![format!("WASMPACK_{}", target)];
    let underscored = format!("WASMPACK_{}", target.replace('-', "_"));
    if !names.contains(&underscored) {
        names.push(underscored);
    }
    names.push("WASMPACK".to_string());
    names
}

impl Wasmpack {
    /// Looks in the environment that `variable` reads.
    pub fn find(
        target: &str,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Wasmpack, Error> {
        let names = variables(target);
        for name in &names {
            if let Some(value) = variable(name).filter(|value| !value.is_empty()) {
                // A bare name is looked up in PATH, as a shell would.
                let path = PathBuf::from(&value);
                let found = if path.components().count() == 1 {
                    search_path(&value, &variable)
                } else {
                    Some(path)
                };
                return found
                    .filter(|path| path.is_file())
                    .map(|path| Wasmpack {
                        path,
                        source: name.clone(),
                    })
                    .ok_or_else(|| {
                        Error::new(format!(
                            "{} is {:?}, but there is no such program\nhelp: {}",
                            name, value, INSTALL
                        ))
                    });
            }
        }
        search_path(OsStr::new(PROGRAM), &variable)
            .map(|path| Wasmpack { path, source: "PATH".to_string() })
            .ok_or_else(|| {
                Error::new(format!(
                    "the command `wasmpack` was not found: {} are not set, and it is not in PATH\nhelp: {}",
                    names.join(", "),
                    INSTALL
                ))
            })
    }

    /// Finds it in the environment of the build script, and tells cargo what the choice depends on.
    pub fn find_and_watch() -> Result<Wasmpack, Error> {
        let target = env::var("TARGET").unwrap_or_default();
        for name in variables(&target) {
            println!("cargo:rerun-if-env-changed={}", name);
        }
        let found = Wasmpack::find(&target, |name| env::var_os(name))?;
        if let Some(path) = found.path.to_str() {
            println!("cargo:rerun-if-changed={}", path);
        }
        Ok(found)
    }

    /// Runs it; what it wrote to standard output. What it says while it succeeds becomes warnings of cargo.
    pub fn run(&self, arguments: &[OsString]) -> Result<String, Error> {
        let done = Command::new(&self.path)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| {
                Error::new(format!(
                    "{} (from {}) cannot be run: {}\nhelp: {}",
                    self.path.display(),
                    self.source,
                    error,
                    INSTALL
                ))
            })?;
        let messages = String::from_utf8_lossy(&done.stderr);
        if !done.status.success() {
            return Err(Error::new(format!(
                "wasmpack failed ({})\n{}command: {}",
                done.status,
                messages,
                show_command(&self.path, arguments)
            )));
        }
        for line in messages.lines() {
            println!("cargo:warning={}", line);
        }
        String::from_utf8(done.stdout)
            .map_err(|_| Error::new("cargo takes only paths that are UTF-8"))
    }
}

fn search_path(name: &OsStr, variable: &impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = variable("PATH")?;
    let mut file = name.to_os_string();
    if !name.to_string_lossy().ends_with(env::consts::EXE_SUFFIX) {
        file.push(env::consts::EXE_SUFFIX);
    }
    env::split_paths(&path)
        .map(|folder| folder.join(&file))
        .find(|candidate| candidate.is_file())
}

/// The command as a person can paste it into a shell.
fn show_command(program: &Path, arguments: &[OsString]) -> String {
    std::iter::once(program.as_os_str())
        .chain(arguments.iter().map(OsString::as_os_str))
        .map(|word| {
            let word = word.to_string_lossy();
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-=+,:".contains(c);
            if !word.is_empty() && word.chars().all(is_plain) {
                word.into_owned()
            } else {
                format!("'{}'", word.replace('\'', "'\\''"))
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A folder with a file of the command's name in it.
    fn folder_with_program(label: &str) -> PathBuf {
        let folder =
            env::temp_dir().join(format!("wasmpack-build-{}-{}", label, std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(PROGRAM), "").unwrap();
        folder
    }

    fn find(target: &str, environment: &[(&str, &OsStr)]) -> Result<Wasmpack, Error> {
        Wasmpack::find(target, |name| {
            environment
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_os_string())
        })
    }

    #[test]
    fn the_variable_of_the_target_goes_first_and_path_last() {
        let folder = folder_with_program("order");
        let program = folder.join(PROGRAM);
        let path = folder.as_os_str();
        let missing = OsStr::new("/nowhere/wasmpack");
        for (environment, source) in [
            (vec![("PATH", path)], "PATH"),
            (
                vec![("PATH", path), ("WASMPACK", program.as_os_str())],
                "WASMPACK",
            ),
            (
                vec![
                    ("WASMPACK", missing),
                    ("WASMPACK_wasm32_wasi", program.as_os_str()),
                ],
                "WASMPACK_wasm32_wasi",
            ),
            (
                vec![
                    ("WASMPACK_wasm32_wasi", missing),
                    ("WASMPACK_wasm32-wasi", program.as_os_str()),
                ],
                "WASMPACK_wasm32-wasi",
            ),
            (
                vec![("PATH", path), ("WASMPACK", OsStr::new("wasmpack"))],
                "WASMPACK",
            ),
            (vec![("PATH", path), ("WASMPACK", OsStr::new(""))], "PATH"),
        ] {
            let found = find("wasm32-wasi", &environment).unwrap();
            assert_eq!(
                found,
                Wasmpack {
                    path: program.clone(),
                    source: source.to_string()
                }
            );
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_name_with_a_point_is_found_as_it_is() {
        let folder = folder_with_program("point");
        let name = format!("wasmpack-0.1{}", env::consts::EXE_SUFFIX);
        fs::write(folder.join(&name), "").unwrap();
        let environment = [
            ("PATH", folder.as_os_str()),
            ("WASMPACK", OsStr::new("wasmpack-0.1")),
        ];
        let found = find("wasm32-wasi", &environment).unwrap();
        assert_eq!(found.path, folder.join(&name));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_missing_command_is_an_error_that_says_where_it_was_sought_and_what_to_do() {
        let text = find("wasm32-wasi", &[("PATH", OsStr::new("/nowhere"))])
            .unwrap_err()
            .to_string();
        for word in [
            "WASMPACK_wasm32-wasi",
            "WASMPACK_wasm32_wasi",
            "WASMPACK",
            "PATH",
            "cmake --install",
        ] {
            assert!(text.contains(word), "{}", text);
        }
        let text = find("x", &[("WASMPACK", OsStr::new("/nowhere/wasmpack"))])
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("WASMPACK is \"/nowhere/wasmpack\""),
            "{}",
            text
        );
    }

    #[test]
    fn commands_are_shown_for_a_shell() {
        let words = ["cargo-flags", "", "it's"].map(OsString::from);
        assert_eq!(
            show_command(Path::new("/bin/wasmpack"), &words),
            "/bin/wasmpack cargo-flags '' 'it'\\''s'"
        );
    }
}
