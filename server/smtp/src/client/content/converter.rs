//! Carries out a planned conversion.

use super::base64::Base64;
use super::plan::{Change, Conversion, Edit, Encoding};
use super::quoted_printable::QuotedPrintable;
use postigo_message::fields;

/// Changes content on its way. Memory holds one header at most, within
/// [`HEADER_OCTETS`](crate::client::limits::HEADER_OCTETS).
#[derive(Debug)]
pub struct Converter<'a> {
    edits: &'a [Edit],
    at: u64,
    active: Active,
}

/// What is done with the edit at which the reading is.
#[derive(Debug)]
enum Active {
    Nothing,
    Header(Vec<u8>),
    QuotedPrintable(QuotedPrintable),
    Base64(Base64),
}

impl<'a> Converter<'a> {
    /// At the beginning of the content that `conversion` was planned for.
    pub fn new(conversion: &'a Conversion) -> Self {
        Self { edits: &conversion.edits, at: 0, active: Active::Nothing }
    }

    /// Reads the next octets, as served; appends what becomes of them to `out`: up to three times as many, and a header.
    pub fn convert(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let mut rest = octets;
        while !rest.is_empty() {
            let end = match self.edits.first() {
                None => self.at + rest.len() as u64,
                Some(edit) if self.at < edit.span.start => edit.span.start,
                Some(edit) if self.at < edit.span.end => edit.span.end,
                Some(_) => {
                    self.end_edit(out);
                    continue;
                }
            };
            let used = usize::try_from(end - self.at).unwrap_or(usize::MAX).min(rest.len());
            let (taken, after) = rest.split_at(used);
            self.piece(taken, out);
            self.at += used as u64;
            rest = after;
        }
    }

    /// The content is complete.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        while !self.edits.is_empty() {
            self.end_edit(out);
        }
    }

    /// Octets that lie in the first edit, or before it.
    fn piece(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let Some(edit) = self.edits.first().filter(|edit| self.at >= edit.span.start) else {
            out.extend_from_slice(octets);
            return;
        };
        if matches!(self.active, Active::Nothing) {
            self.active = match edit.change {
                Change::Header { .. } => Active::Header(Vec::new()),
                Change::Body(Encoding::Base64) => Active::Base64(Base64::default()),
                Change::Body(_) => Active::QuotedPrintable(QuotedPrintable::default()),
            };
        }
        match &mut self.active {
            Active::Nothing => {}
            Active::Header(block) => block.extend_from_slice(octets),
            Active::QuotedPrintable(encoder) => encoder.encode(octets, out),
            Active::Base64(encoder) => encoder.encode(octets, out),
        }
    }

    fn end_edit(&mut self, out: &mut Vec<u8>) {
        let Some((edit, later)) = self.edits.split_first() else { return };
        self.edits = later;
        match std::mem::replace(&mut self.active, Active::Nothing) {
            Active::Nothing => {}
            Active::Header(block) => {
                if let Change::Header { encoding, is_message } = edit.change {
                    write_header(&block, encoding, is_message, out);
                }
            }
            Active::QuotedPrintable(mut encoder) => encoder.finish(out),
            Active::Base64(mut encoder) => encoder.finish(out),
        }
    }
}

/// The header with another Content-Transfer-Encoding. A message without MIME gets what makes it MIME; that its characters
/// are not known is said as RFC 1428 §3 does.
fn write_header(block: &[u8], encoding: Encoding, is_message: bool, out: &mut Vec<u8>) {
    let (mut end, mut has_version, mut has_type) = (0, false, false);
    for field in fields(block) {
        end = field.span.end;
        has_version |= field.is(b"MIME-Version");
        has_type |= field.is(b"Content-Type");
        if !field.is(b"Content-Transfer-Encoding") {
            out.extend_from_slice(&block[field.span]);
        }
    }
    if is_message && !has_version {
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
    }
    if !has_type && encoding != Encoding::SevenBit {
        out.extend_from_slice(b"Content-Type: text/plain; charset=unknown-8bit\r\n");
    }
    out.extend_from_slice(b"Content-Transfer-Encoding: ");
    out.extend_from_slice(encoding.name().as_bytes());
    out.extend_from_slice(b"\r\n");
    // The blank line.
    out.extend_from_slice(&block[end..]);
}
