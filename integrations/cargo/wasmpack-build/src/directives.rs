//! Prints what the command answers, and gathers what a package hands on to its dependents.

use std::sync::Mutex;

const OBJECT: &str = "cargo:object=";
const ARGUMENT: &str = "cargo:rustc-link-arg";

/// The objects that this build script has printed so far. Of several `cargo:object=` lines cargo keeps the
/// last, so each has all of them.
static OBJECTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The arguments of the linker that were printed: two libraries of a package share some.
static ARGUMENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Prints the directives of one call.
pub(crate) fn print(answer: &str) {
    let mut objects = OBJECTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut arguments = ARGUMENTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    print!("{}", merge(answer, &mut objects, &mut arguments));
}

/// `answer` with all of `objects`, new ones added, in place of its own, and without what is in `arguments`.
fn merge(answer: &str, objects: &mut Vec<String>, arguments: &mut Vec<String>) -> String {
    let mut text = String::new();
    for line in answer.lines() {
        if line.starts_with(ARGUMENT) {
            if arguments.iter().any(|known| known == line) {
                continue;
            }
            arguments.push(line.to_string());
        }
        match line.strip_prefix(OBJECT) {
            Some(paths) => {
                for path in paths.split(':') {
                    if !objects.iter().any(|known| known == path) {
                        objects.push(path.to_string());
                    }
                }
                text += &format!("{}{}\n", OBJECT, objects.join(":"));
            }
            None => {
                text += line;
                text += "\n";
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::merge;

    #[test]
    fn a_second_library_does_not_hide_the_first() {
        let (mut objects, mut arguments) = (Vec::new(), Vec::new());
        let mut print = |answer: &str| merge(answer, &mut objects, &mut arguments);
        assert_eq!(
            print("cargo:x=1\ncargo:object=/a.o\n"),
            "cargo:x=1\ncargo:object=/a.o\n"
        );
        assert_eq!(
            print("cargo:x=1\ncargo:object=/b.o:/a.o\n"),
            "cargo:x=1\ncargo:object=/a.o:/b.o\n"
        );
        assert_eq!(print(""), "");
    }

    #[test]
    fn an_object_is_linked_once() {
        let (mut objects, mut arguments) = (Vec::new(), Vec::new());
        let mut print = |answer: &str| merge(answer, &mut objects, &mut arguments);
        assert_eq!(
            print("cargo:rustc-link-arg=a.o\ncargo:rustc-link-arg=e.o\n"),
            "cargo:rustc-link-arg=a.o\ncargo:rustc-link-arg=e.o\n"
        );
        assert_eq!(
            print("cargo:rustc-link-arg=b.o\ncargo:rustc-link-arg=e.o\n"),
            "cargo:rustc-link-arg=b.o\n"
        );
    }
}
