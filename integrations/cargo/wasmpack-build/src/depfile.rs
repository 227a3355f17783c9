//! Reads what `wasmpack --depfile` writes: one make rule, and its inputs once more as empty rules.

/// The inputs of the first rule.
pub(crate) fn inputs(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut chars = text.chars().peekable();
    let mut is_target = true;
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'\n') => {
                chars.next();
                flush(&mut word, &mut words, is_target);
            }
            '\\' if matches!(chars.peek(), Some(' ' | '#' | '\\')) => word.extend(chars.next()),
            '$' if chars.peek() == Some(&'$') => word.extend(chars.next()),
            ':' if is_target && matches!(chars.peek(), None | Some(' ' | '\n')) => {
                word.clear();
                is_target = false;
            }
            ' ' => flush(&mut word, &mut words, is_target),
            '\n' => break,
            _ => word.push(c),
        }
    }
    flush(&mut word, &mut words, is_target);
    words
}

fn flush(word: &mut String, words: &mut Vec<String>, is_target: bool) {
    if !is_target && !word.is_empty() {
        words.push(std::mem::take(word));
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::inputs;

    #[test]
    fn inputs_are_read_with_their_escapes() {
        let text = "out\\ x.wasm: \\\n  a.o \\\n  /b\\ c/d\\#e.o \\\n  f$$g\\\\h.o\n\na.o:\n\n/b\\ c/d\\#e.o:\n";
        assert_eq!(inputs(text), ["a.o", "/b c/d#e.o", "f$g\\h.o"]);
    }

    #[test]
    fn a_rule_without_inputs_has_none() {
        assert!(inputs("out.wasm:\n").is_empty());
        assert!(inputs("").is_empty());
        assert_eq!(inputs("c:/out.wasm: c:/a.o\n"), ["c:/a.o"]);
    }
}
