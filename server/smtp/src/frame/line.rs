//! Command lines.

use crate::limits::LINE_OCTETS;
use memchr::memchr;

/// What stands at the beginning of the unread input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line, without its CRLF.
    Complete(&'a [u8]),
    /// A line longer than [`LINE_OCTETS`]; it has been skipped.
    TooLong,
    /// A line that ends in LF alone or holds a CR that ends nothing; it has been skipped. RFC 5321 §2.3.8 forbids both,
    /// and servers that differ in taking them for line ends are what SMTP smuggling lives on.
    BareNewline,
}

/// Cuts lines off the input.
#[derive(Debug, Default)]
pub struct LineDecoder {
    /// The beginning of a line that is too long has been thrown away; its end has not come yet.
    skipping: bool,
}

impl LineDecoder {
    /// A decoder at the beginning of a line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks for a line at the beginning of `input`, the whole of the unread octets. Gives the number of octets that are
    /// done with, and the line, or `None` if more input is needed.
    pub fn next<'a>(&mut self, input: &'a [u8]) -> (usize, Option<Line<'a>>) {
        let Some(line_feed) = memchr(b'\n', input) else {
            return self.wait(input);
        };
        let used = line_feed + 1;
        let skipped = std::mem::take(&mut self.skipping);
        if skipped || used > LINE_OCTETS {
            return (used, Some(Line::TooLong));
        }
        let line = match input[..line_feed].split_last() {
            Some((b'\r', line)) if memchr(b'\r', line).is_none() => Line::Complete(line),
            _ => Line::BareNewline,
        };
        (used, Some(line))
    }

    fn wait<'a>(&mut self, input: &[u8]) -> (usize, Option<Line<'a>>) {
        if self.skipping || input.len() >= LINE_OCTETS {
            self.skipping = true;
            return (input.len(), None);
        }
        (0, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_in_crlf() {
        let mut decoder = LineDecoder::new();
        assert_eq!(decoder.next(b"NOOP\r\nQUIT"), (6, Some(Line::Complete(b"NOOP"))));
        assert_eq!(decoder.next(b"QUIT"), (0, None));
        assert_eq!(decoder.next(b"QUIT\r"), (0, None));
        assert_eq!(decoder.next(b"\r\n"), (2, Some(Line::Complete(b""))));
        assert_eq!(decoder.next(b""), (0, None));
    }

    #[test]
    fn bare_cr_and_lf_spoil_their_line_only() {
        let mut decoder = LineDecoder::new();
        assert_eq!(decoder.next(b"NOOP\nQUIT\r\n"), (5, Some(Line::BareNewline)));
        assert_eq!(decoder.next(b"NO\rOP\r\n"), (7, Some(Line::BareNewline)));
        assert_eq!(decoder.next(b"NOOP\r\r\n"), (7, Some(Line::BareNewline)));
        assert_eq!(decoder.next(b"\n"), (1, Some(Line::BareNewline)));
        assert_eq!(decoder.next(b"QUIT\r\n"), (6, Some(Line::Complete(b"QUIT"))));
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_to_its_end() {
        let longest = [vec![b'x'; LINE_OCTETS - 2], b"\r\n".to_vec()].concat();
        assert_eq!(
            LineDecoder::new().next(&longest),
            (LINE_OCTETS, Some(Line::Complete(&longest[..LINE_OCTETS - 2])))
        );
        let longer = [b"x".to_vec(), longest].concat();
        assert_eq!(LineDecoder::new().next(&longer), (LINE_OCTETS + 1, Some(Line::TooLong)));
        let mut decoder = LineDecoder::new();
        assert_eq!(decoder.next(&longer[..LINE_OCTETS - 1]), (0, None));
        assert_eq!(decoder.next(&longer[..LINE_OCTETS]), (LINE_OCTETS, None));
        assert_eq!(decoder.next(b"xxx"), (3, None));
        assert_eq!(decoder.next(b"x\r\nNOOP\r\n"), (3, Some(Line::TooLong)));
        assert_eq!(decoder.next(b"NOOP\r\n"), (6, Some(Line::Complete(b"NOOP"))));
    }
}
