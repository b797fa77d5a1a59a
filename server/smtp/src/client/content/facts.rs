//! What content needs of a server.

use memchr::memchr;

/// What is known of the content of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContentFacts {
    /// Its octets as stored.
    pub octets: u64,
    /// Its octets as lines that end in CRLF, without dots for transparency: what SIZE counts (RFC 1870 §3).
    pub line_octets: u64,
    /// It has octets outside of ASCII.
    pub eight_bit: bool,
    /// Those are in its header, too (that of the message, not those of its parts).
    pub eight_bit_header: bool,
    /// It has NUL, or CR that ends no line: DATA cannot carry it unchanged.
    pub binary: bool,
}

/// Finds the facts. Give it the octets in any chunks, then ask for the result.
#[derive(Debug)]
pub struct ContentScanner {
    facts: ContentFacts,
    in_body: bool,
    /// The last octet was a CR.
    after_cr: bool,
    /// The current line has no octets but perhaps a CR.
    line_is_empty: bool,
}

impl Default for ContentScanner {
    fn default() -> Self {
        Self { facts: ContentFacts::default(), in_body: false, after_cr: false, line_is_empty: true }
    }
}

impl ContentScanner {
    /// At the beginning of a message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next octets.
    pub fn feed(&mut self, octets: &[u8]) {
        self.facts.octets += octets.len() as u64;
        self.facts.line_octets += octets.len() as u64;
        let mut rest = octets;
        while !rest.is_empty() {
            let line_feed = memchr(b'\n', rest);
            let (piece, after) = rest.split_at(line_feed.unwrap_or(rest.len()));
            self.piece(piece);
            if let Some((_, after)) = after.split_first() {
                self.line_feed();
                rest = after;
            } else {
                rest = after;
            }
        }
    }

    /// Octets within a line.
    fn piece(&mut self, piece: &[u8]) {
        let Some((&last, before)) = piece.split_last() else { return };
        let facts = &mut self.facts;
        if !piece.is_ascii() {
            facts.eight_bit = true;
            facts.eight_bit_header |= !self.in_body;
        }
        // A CR is good only as the last octet before the LF.
        if self.after_cr || memchr(0, piece).is_some() || memchr(b'\r', before).is_some() {
            facts.binary = true;
        }
        self.line_is_empty &= !self.after_cr && piece == b"\r";
        self.after_cr = last == b'\r';
    }

    fn line_feed(&mut self) {
        // A bare LF becomes CRLF.
        self.facts.line_octets += u64::from(!self.after_cr);
        self.in_body |= self.line_is_empty;
        self.after_cr = false;
        self.line_is_empty = true;
    }

    /// The message is complete.
    pub fn finish(mut self) -> ContentFacts {
        self.facts.binary |= self.after_cr;
        self.facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_found_in_any_chunking() {
        let none = ContentFacts::default();
        let eight_bit = ContentFacts { eight_bit: true, ..none };
        let table: [(&str, &[u8], u64, ContentFacts); 9] = [
            ("plain", b"A: b\r\n\r\nc\r\n", 11, none),
            ("bare lf", b"A: b\n\nc\n", 11, none),
            ("8 bit in the body", b"A: b\r\n\r\n\xf1\r\n", 11, eight_bit),
            ("8 bit after bare lf", b"A: b\n\n\xf1\n", 11, eight_bit),
            (
                "8 bit in the header",
                b"A: \xf1\r\n\r\n\r\n",
                10,
                ContentFacts { eight_bit_header: true, ..eight_bit },
            ),
            ("nul", b"\r\n\0\r\n", 5, ContentFacts { binary: true, ..none }),
            ("bare cr", b"\r\na\rb\r\n", 7, ContentFacts { binary: true, ..none }),
            ("cr before crlf", b"\r\r\n", 3, ContentFacts { binary: true, ..none }),
            ("cr at the end", b"\r\na\r", 4, ContentFacts { binary: true, ..none }),
        ];
        for (name, octets, line_octets, facts) in table {
            let expected = ContentFacts { octets: octets.len() as u64, line_octets, ..facts };
            for size in 1..=octets.len() {
                let mut scanner = ContentScanner::new();
                octets.chunks(size).for_each(|chunk| scanner.feed(chunk));
                assert_eq!(scanner.finish(), expected, "{name} in chunks of {size}");
            }
        }
    }
}
