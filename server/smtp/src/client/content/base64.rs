//! Base64 in lines (RFC 2045 §6.8), in any chunks.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Octets that make a line of 76 characters.
const LINE: usize = 57;

/// Encodes octets. The last line has no line end.
#[derive(Debug, Default)]
pub(super) struct Base64 {
    held: Vec<u8>,
    begun: bool,
}

impl Base64 {
    pub(super) fn encode(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let mut rest = octets;
        while self.held.len() + rest.len() >= LINE {
            let (head, tail) = rest.split_at(LINE - self.held.len());
            self.held.extend_from_slice(head);
            rest = tail;
            self.line(out);
        }
        self.held.extend_from_slice(rest);
    }

    fn line(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(STANDARD.encode(&self.held).as_bytes());
        self.held.clear();
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.held.is_empty() {
            self.line(out);
        }
    }
}
