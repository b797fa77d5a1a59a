//! Quoted-printable (RFC 2045 §6.7), in any chunks.

/// The longest line without its line end.
const LINE: usize = 76;

/// Encodes text whose lines end in CRLF or LF.
#[derive(Debug, Default)]
pub(super) struct QuotedPrintable {
    column: usize,
    /// A space or tab that is encoded if a line end follows.
    held_space: Option<u8>,
    /// A CR that may be half of a line end.
    held_cr: bool,
}

impl QuotedPrintable {
    pub(super) fn encode(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        for &octet in octets {
            self.octet(octet, out);
        }
    }

    fn octet(&mut self, octet: u8, out: &mut Vec<u8>) {
        if octet == b'\n' {
            self.held_cr = false;
            self.release_space(true, out);
            out.extend_from_slice(b"\r\n");
            self.column = 0;
            return;
        }
        if std::mem::take(&mut self.held_cr) {
            self.release_space(false, out);
            self.escaped(b'\r', out);
        }
        if octet == b'\r' {
            self.held_cr = true;
            return;
        }
        self.release_space(false, out);
        match octet {
            b' ' | b'\t' => self.held_space = Some(octet),
            b'!'..=b'<' | b'>'..=b'~' => self.put(&[octet], out),
            _ => self.escaped(octet, out),
        }
    }

    /// White space at the end of a line has to be encoded: it may get lost on the way.
    fn release_space(&mut self, at_line_end: bool, out: &mut Vec<u8>) {
        match self.held_space.take() {
            Some(space) if at_line_end => self.escaped(space, out),
            Some(space) => self.put(&[space], out),
            None => {}
        }
    }

    fn escaped(&mut self, octet: u8, out: &mut Vec<u8>) {
        let digit = |value: u8| b"0123456789ABCDEF"[usize::from(value)];
        self.put(&[b'=', digit(octet >> 4), digit(octet & 15)], out);
    }

    /// Appends a unit that must not be split; the last column is kept for the `=` of a soft line break.
    fn put(&mut self, unit: &[u8], out: &mut Vec<u8>) {
        if self.column + unit.len() > LINE - 1 {
            out.extend_from_slice(b"=\r\n");
            self.column = 0;
        }
        out.extend_from_slice(unit);
        self.column += unit.len();
    }

    /// The end of the part. What follows is the line end before a boundary, so that it counts as a line's end.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.held_cr) {
            self.release_space(false, out);
            self.escaped(b'\r', out);
        }
        self.release_space(true, out);
    }
}
