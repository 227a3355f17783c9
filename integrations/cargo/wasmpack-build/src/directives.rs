//! Prints what the command answers, and gathers what a package hands on to its dependents.

use std::sync::Mutex;

const OBJECT: &str = "cargo:object=";

/// The objects that this build script has printed so far. Of several `cargo:object=` lines cargo keeps the
/// last, so each has all of them.
static OBJECTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Prints the directives of one call.
pub(crate) fn print(answer: &str) {
    let mut objects = OBJECTS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    print!("{}", merge(answer, &mut objects));
}

/// `answer` with all of `objects`, new ones added, in place of its own.
fn merge(answer: &str, objects: &mut Vec<String>) -> String {
    let mut text = String::new();
    for line in answer.lines() {
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
        let mut objects = Vec::new();
        assert_eq!(merge("cargo:x=1\ncargo:object=/a.o\n", &mut objects), "cargo:x=1\ncargo:object=/a.o\n");
        assert_eq!(merge("cargo:object=/b.o:/a.o\n", &mut objects), "cargo:object=/a.o:/b.o\n");
        assert_eq!(merge("", &mut objects), "");
    }
}
