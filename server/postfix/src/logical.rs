//! Logical lines: what starts with white space continues the line before; `#` begins a comment line.

/// A line with its continuations joined by blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logical {
    /// Where it begins, from 1.
    pub line: usize,
    /// Its text, trimmed.
    pub text: String,
}

/// Cuts a text. Comments and empty lines do not end a logical line (postconf(5)).
pub(crate) fn lines(text: &str) -> Vec<Logical> {
    let mut lines: Vec<Logical> = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let content = raw.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some(last) if raw.starts_with([' ', '\t']) => {
                last.text.push(' ');
                last.text.push_str(content);
            }
            _ => lines.push(Logical { line: index + 1, text: content.to_owned() }),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_do_not_end_a_line() {
        let read = lines("# a\r\na = 1,\r\n\t2\r\n  # no\r\n\r\n 3\r\nb=4");
        assert_eq!(
            read,
            [Logical { line: 2, text: "a = 1, 2 3".into() }, Logical { line: 7, text: "b=4".into() }]
        );
    }
}
