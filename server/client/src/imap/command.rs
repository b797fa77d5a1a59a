//! Commands as they go over the wire (RFC 3501 §2.2.1, §4.3; RFC 7888).

use super::utf7;

/// Up to so many octets a string goes in quotes; longer ones as literals, which no server limits by its line length.
const QUOTED_LIMIT: usize = 500;

/// A command without its tag, cut where a literal begins.
#[derive(Default)]
pub(crate) struct Command {
    /// Text, then the literal that follows it.
    pub(super) pieces: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) last: Vec<u8>,
}

impl Command {
    /// Begins with words of ours; never with anything a user or a peer typed.
    pub fn new(words: impl Into<String>) -> Self {
        Self { pieces: Vec::new(), last: words.into().into_bytes() }
    }

    /// More words of ours after a space.
    pub fn word(mut self, words: &str) -> Self {
        self.last.push(b' ');
        self.last.extend(words.as_bytes());
        self
    }

    /// A string: in quotes when it can be, else as a literal.
    pub fn string(mut self, text: &[u8]) -> Self {
        let plain = text.iter().all(|octet| matches!(octet, b' '..=b'~'));
        if !plain || text.len() > QUOTED_LIMIT {
            return self.literal(text.to_vec());
        }
        self.last.extend(b" \"");
        for octet in text {
            if matches!(octet, b'"' | b'\\') {
                self.last.push(b'\\');
            }
            self.last.push(*octet);
        }
        self.last.push(b'"');
        self
    }

    /// The name of a mailbox.
    pub fn mailbox(self, name: &str) -> Self {
        self.string(utf7::encode(name).as_bytes())
    }

    /// Octets of any kind but NUL.
    pub fn literal(mut self, octets: Vec<u8>) -> Self {
        self.last.push(b' ');
        let text = std::mem::take(&mut self.last);
        self.pieces.push((text, octets));
        self
    }
}

/// UIDs as a sequence set, neighbours joined: `1:3,7` (RFC 3501 §9, `sequence-set`). Empty for none.
pub(crate) fn uid_set(uids: &[u32]) -> String {
    let mut sorted: Vec<u32> = uids.iter().copied().filter(|uid| *uid != 0).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let ranges = sorted.chunk_by(|a, b| *b - *a == 1).map(|run| match run {
        [first, .., last] => format!("{first}:{last}"),
        [only] => only.to_string(),
        [] => String::new(),
    });
    ranges.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined() {
        assert_eq!(uid_set(&[7, 3, 1, 2, 2, 0]), "1:3,7");
        assert_eq!(uid_set(&[]), "");
    }

    #[test]
    fn quotes_are_escaped_and_line_breaks_go_as_literals() {
        assert_eq!(Command::new("X").string(b"a\"b\\").last, b"X \"a\\\"b\\\\\"");
        let command = Command::new("X").string(b"a\r\nA1 DELETE INBOX").word("Y");
        assert_eq!(command.pieces, [(b"X ".to_vec(), b"a\r\nA1 DELETE INBOX".to_vec())]);
        assert_eq!(command.last, b" Y");
    }
}
