//! Line ends: every line is served with CRLF, whatever the file has.

use memchr::{memchr, memchr_iter};
use std::borrow::Cow;

/// Turns bare LF into CRLF, chunk by chunk. A bare CR stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct ToCrlf {
    after_cr: bool,
}

impl ToCrlf {
    /// At the beginning of a message.
    pub const fn new() -> Self {
        Self { after_cr: false }
    }

    /// Appends the served form of the next octets to `out`.
    pub fn convert(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        out.reserve(octets.len());
        let mut rest = octets;
        while let Some(at) = memchr(b'\n', rest) {
            let (line, after) = rest.split_at(at);
            out.extend_from_slice(line);
            let has_cr = line.last().map_or(self.after_cr, |last| *last == b'\r');
            out.extend_from_slice(if has_cr { b"\n" } else { b"\r\n" });
            self.after_cr = false;
            rest = &after[1..];
        }
        out.extend_from_slice(rest);
        if let Some(last) = rest.last() {
            self.after_cr = *last == b'\r';
        }
    }

    /// How many octets [`Self::convert`] would append.
    pub fn octets(&mut self, octets: &[u8]) -> u64 {
        let mut bare = 0_u64;
        for at in memchr_iter(b'\n', octets) {
            let has_cr = at.checked_sub(1).map_or(self.after_cr, |before| octets[before] == b'\r');
            bare += u64::from(!has_cr);
        }
        if let Some(last) = octets.last() {
            self.after_cr = *last == b'\r';
        }
        octets.len() as u64 + bare
    }
}

/// A whole message as it is served; borrowed if its lines end in CRLF already.
pub fn served(octets: &[u8]) -> Cow<'_, [u8]> {
    if served_octets(octets) == octets.len() as u64 {
        return Cow::Borrowed(octets);
    }
    let mut out = Vec::new();
    ToCrlf::new().convert(octets, &mut out);
    Cow::Owned(out)
}

/// The octets of a whole message as it is served: RFC822.SIZE.
pub fn served_octets(octets: &[u8]) -> u64 {
    ToCrlf::new().octets(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_line_feeds_become_crlf_in_any_chunking() {
        let cases: [(&str, &[u8], &[u8]); 6] = [
            ("empty", b"", b""),
            ("crlf", b"a\r\nb\r\n", b"a\r\nb\r\n"),
            ("lf", b"a\n\nb\n", b"a\r\n\r\nb\r\n"),
            ("mixed", b"a\r\nb\nc", b"a\r\nb\r\nc"),
            ("bare cr", b"a\rb\n\r\n", b"a\rb\r\n\r\n"),
            ("lf first", b"\na", b"\r\na"),
        ];
        for (name, file, expected) in cases {
            assert_eq!(served(file), expected, "{name}");
            assert_eq!(served_octets(file), expected.len() as u64, "{name}");
            let (mut one, mut counter, mut out, mut octets) = (ToCrlf::new(), ToCrlf::new(), Vec::new(), 0);
            for chunk in file.chunks(1) {
                one.convert(chunk, &mut out);
                octets += counter.octets(chunk);
            }
            assert_eq!((out.as_slice(), octets), (expected, expected.len() as u64), "{name}");
        }
    }
}
