//! Content to lines for DATA: line ends, and the dots of transparency (RFC 5321 §2.3.8, §4.5.2).

use memchr::memchr2;

/// Makes of content what is sent after 354. A bare LF becomes CRLF and a bare CR a space, so that no server can see an end
/// of the message where there is none.
#[derive(Debug, Default)]
pub struct DataEncoder {
    place: Place,
}

/// Where the next octet stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    LineStart,
    InLine,
    /// After a CR that has not been handed on.
    AfterCr,
}

impl DataEncoder {
    /// At the beginning of a message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece off the beginning of `input`. Gives the number of octets that are done with, and what to send:
    /// a run of the input, or a few octets instead. Call it again with the rest until the rest is empty and nothing comes
    /// out.
    pub fn next<'a>(&mut self, input: &'a [u8]) -> (usize, &'a [u8]) {
        match (self.place, input) {
            (_, []) => (0, b""),
            (Place::AfterCr, [b'\n', ..]) => (1, self.go(Place::LineStart, b"\r\n")),
            (Place::AfterCr, _) => (0, self.go(Place::InLine, b" ")),
            (Place::LineStart, [b'.', ..]) => (1, self.go(Place::InLine, b"..")),
            (_, [b'\n', ..]) => (1, self.go(Place::LineStart, b"\r\n")),
            _ => self.take_run(input),
        }
    }

    /// The longest run that can be sent as it is: up to a dot at the start of a line, a bare newline or the end.
    fn take_run<'a>(&mut self, input: &'a [u8]) -> (usize, &'a [u8]) {
        let mut line_start = 0;
        while let Some(offset) = memchr2(b'\r', b'\n', &input[line_start..]) {
            let at = line_start + offset;
            if input[at] == b'\n' {
                return (at, self.go(Place::InLine, &input[..at]));
            }
            if input.get(at + 1) != Some(&b'\n') {
                return (at + 1, self.go(Place::AfterCr, &input[..at]));
            }
            line_start = at + 2;
            if matches!(input.get(line_start), None | Some(b'.' | b'\n')) {
                return (line_start, self.go(Place::LineStart, &input[..line_start]));
            }
        }
        (input.len(), self.go(Place::InLine, input))
    }

    fn go<'a>(&mut self, place: Place, piece: &'a [u8]) -> &'a [u8] {
        self.place = place;
        piece
    }

    /// The end of the content: what is sent last.
    pub fn finish(self) -> &'static [u8] {
        match self.place {
            Place::LineStart => b".\r\n",
            Place::InLine | Place::AfterCr => b"\r\n.\r\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{BareNewlines, Content, ContentDecoder, ContentEnd};
    use proptest::prelude::*;

    fn encode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut encoder = DataEncoder::new();
        let mut out = Vec::new();
        for chunk in chunks {
            let mut rest = chunk;
            while !rest.is_empty() {
                let (used, piece) = encoder.next(rest);
                assert!(used > 0 || !piece.is_empty(), "no progress at {rest:?}");
                out.extend_from_slice(piece);
                rest = &rest[used..];
            }
        }
        out.extend_from_slice(encoder.finish());
        out
    }

    #[test]
    fn content_becomes_lines_in_any_chunking() {
        let table: [(&[u8], &[u8]); 12] = [
            (b"", b".\r\n"),
            (b"a", b"a\r\n.\r\n"),
            (b"a\r\n", b"a\r\n.\r\n"),
            (b"a\nb\n", b"a\r\nb\r\n.\r\n"),
            (b".\r\n..\r\na.b\r\n", b"..\r\n...\r\na.b\r\n.\r\n"),
            (b"\n.\n", b"\r\n..\r\n.\r\n"),
            (b"a\rb\r\n", b"a b\r\n.\r\n"),
            (b"a\r\r\n.\r\n", b"a \r\n..\r\n.\r\n"),
            (b"a\r.\r\n", b"a .\r\n.\r\n"),
            (b"a\r", b"a\r\n.\r\n"),
            (b"\r\n\r\n", b"\r\n\r\n.\r\n"),
            (b"a\r\n\n.", b"a\r\n\r\n..\r\n.\r\n"),
        ];
        for (content, expected) in table {
            for size in 1..=content.len().max(1) {
                let encoded = encode(content.chunks(size));
                assert_eq!(encoded.escape_ascii().to_string(), expected.escape_ascii().to_string(), "{size}");
            }
        }
    }

    #[test]
    fn long_runs_are_sent_in_one_piece() {
        assert_eq!(DataEncoder::new().next(b"one\r\ntwo\r\n.x"), (10, &b"one\r\ntwo\r\n"[..]));
    }

    proptest! {
        /// Our own server takes off what was put on, and finds no bare newline and no early end.
        #[test]
        fn what_is_sent_is_read_as_one_message(
            text in prop::collection::vec(prop::sample::select(&b"\r\n.a\0\xf1"[..]), 0..60),
            size in 1_usize..8,
        ) {
            let wire = encode(text.chunks(size));
            prop_assert_eq!(&wire, &encode([&text[..]]));
            let mut decoder = ContentDecoder::new(BareNewlines::Refuse, 1000, 1000);
            let (mut at, mut content) = (0, Vec::new());
            let end = loop {
                let (used, piece) = decoder.next(&wire[at..]);
                at += used;
                match piece {
                    Content::Data(data) => content.extend_from_slice(data),
                    Content::End(end) => break end,
                    Content::NeedInput => panic!("no end"),
                }
            };
            prop_assert_eq!(at, wire.len());
            let is_complete = matches!(end, ContentEnd::Complete { .. });
            prop_assert!(is_complete);
            let bare = text.iter().filter(|octet| !matches!(octet, b'\r' | b'\n')).copied().collect::<Vec<_>>();
            let sent = content.iter().filter(|octet| !matches!(octet, b'\r' | b'\n' | b' ')).copied().collect::<Vec<_>>();
            prop_assert_eq!(bare, sent);
        }
    }
}
