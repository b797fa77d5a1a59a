//! Which parts of a message have to change so that it is 7-bit, and whether they may (RFC 6152 §3).

use super::super::limits::HEADER_OCTETS;
use memchr::memchr;
use postigo_message::{Content, Part, Span, Structure, fields};
use thiserror::Error;

/// Why a message cannot be made 7-bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unconvertible {
    /// A part within multipart/signed or multipart/encrypted would change, which breaks its signature (RFC 1847 §2.1).
    #[error("a signed or encrypted part is 8-bit")]
    Protected,
    /// A header has octets outside of ASCII.
    #[error("a header field has characters outside of ASCII")]
    Header,
    /// A header is longer than can be rewritten, or the message has too many parts.
    #[error("a header is too long, or there are too many parts")]
    TooLarge,
    /// A part that says that it is base64 or the like is 8-bit.
    #[error("an encoded part is 8-bit nevertheless")]
    Mislabelled,
    /// Octets outside of ASCII are between the parts, or in a part whose kind must not be encoded.
    #[error("8-bit text is where no encoding is allowed")]
    Misplaced,
}

/// The changes that make a message 7-bit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// In the order of the message, without overlaps.
    pub(super) edits: Vec<Edit>,
    octets: u64,
}

impl Conversion {
    /// About how many octets the converted content has; never much less.
    pub fn octets(&self) -> u64 {
        self.octets
    }
}

/// A span of the message that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) span: Span,
    pub(super) change: Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// A header gets this Content-Transfer-Encoding, and what a body that is encoded needs besides.
    Header { encoding: Encoding, is_message: bool },
    /// A body is encoded.
    Body(Encoding),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    SevenBit,
    QuotedPrintable,
    Base64,
}

impl Encoding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SevenBit => "7bit",
            Self::QuotedPrintable => "quoted-printable",
            Self::Base64 => "base64",
        }
    }
}

/// Makes the plan. Give it the content, as served (lines end in CRLF, see `postigo_message`), in any chunks.
#[derive(Debug)]
pub struct ConversionPlanner {
    pieces: Vec<Piece>,
    /// The piece at which the reading is.
    current: usize,
    at: u64,
    octets: u64,
    /// 8-bit octets that are in no piece.
    misplaced: bool,
}

/// A header or a leaf's body, and what was found in it.
#[derive(Debug)]
struct Piece {
    span: Span,
    kind: Kind,
    /// The header of a message, not of a part of one.
    is_message: bool,
    /// Within multipart/signed or multipart/encrypted.
    is_protected: bool,
    found: Found,
}

#[derive(Debug)]
enum Kind {
    /// A header, followed by its body's piece if it is a leaf's. The octets are kept.
    Header { block: Vec<u8>, encoding: String, is_leaf: bool },
    /// A leaf's body.
    Body { is_text: bool },
}

#[derive(Debug, Default)]
struct Found {
    eight_bit: u64,
    /// NUL, or a CR that ends no line.
    binary: bool,
    /// What quoted-printable has to escape besides.
    equals: u64,
    line: u64,
    long_line: bool,
    after_cr: bool,
}

impl Found {
    fn feed(&mut self, octets: &[u8]) {
        for &octet in octets {
            if self.after_cr && octet != b'\n' {
                self.binary = true;
            }
            self.after_cr = octet == b'\r';
            self.line = if octet == b'\n' { 0 } else { self.line + 1 };
            // RFC 5321 §4.5.3.1.6: 1000 with CRLF; the CR has been counted.
            self.long_line |= self.line > 999;
            match octet {
                0 => self.binary = true,
                b'=' => self.equals += 1,
                0x80.. => self.eight_bit += 1,
                _ => {}
            }
        }
    }

    fn needs_encoding(&self) -> bool {
        self.eight_bit > 0 || self.binary || self.after_cr || self.long_line
    }
}

impl ConversionPlanner {
    /// For the message with this structure.
    pub fn new(structure: &Structure) -> Self {
        let mut pieces = Vec::new();
        collect(&structure.root, true, false, &mut pieces);
        Self { pieces, current: 0, at: 0, octets: structure.octets, misplaced: false }
    }

    /// Reads the next octets.
    pub fn feed(&mut self, octets: &[u8]) {
        let mut rest = octets;
        while !rest.is_empty() {
            let (used, piece) = match self.pieces.get_mut(self.current) {
                Some(piece) if self.at >= piece.span.end => {
                    self.current += 1;
                    continue;
                }
                Some(piece) if self.at < piece.span.start => (within(piece.span.start - self.at, rest), None),
                Some(piece) => (within(piece.span.end - self.at, rest), Some(piece)),
                None => (rest.len(), None),
            };
            let (taken, after) = rest.split_at(used);
            match piece {
                Some(piece) => piece.feed(taken),
                None => self.misplaced |= !taken.is_ascii() || memchr(0, taken).is_some(),
            }
            self.at += used as u64;
            rest = after;
        }
    }

    /// The message is complete.
    pub fn finish(self) -> Result<Conversion, Unconvertible> {
        if self.misplaced {
            return Err(Unconvertible::Misplaced);
        }
        let mut conversion = Conversion { edits: Vec::new(), octets: self.octets };
        let mut pieces = self.pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            let Kind::Header { block, encoding, is_leaf } = &piece.kind else { continue };
            if piece.found.eight_bit > 0 || piece.found.binary {
                return Err(Unconvertible::Header);
            }
            let body = is_leaf.then(|| pieces.next()).flatten();
            let new = match body {
                Some(body) => leaf_encoding(block, encoding, body)?,
                None => is_identity(encoding).then_some(Encoding::SevenBit),
            };
            // A label that says no more than is true may stay.
            let Some(new) = new.filter(|new| new.name() != encoding) else { continue };
            if piece.is_protected {
                continue;
            }
            if piece.span.octets() > HEADER_OCTETS as u64 {
                return Err(Unconvertible::TooLarge);
            }
            let change = Change::Header { encoding: new, is_message: piece.is_message };
            conversion.push(piece.span, change, 128);
            if let Some(body) = body.filter(|_| new != Encoding::SevenBit) {
                let more = body.growth(new);
                conversion.push(body.span, Change::Body(new), more);
            }
        }
        Ok(conversion)
    }
}

impl Conversion {
    fn push(&mut self, span: Span, change: Change, more_octets: u64) {
        self.edits.push(Edit { span, change });
        self.octets += more_octets;
    }
}

impl Piece {
    fn feed(&mut self, octets: &[u8]) {
        self.found.feed(octets);
        if let Kind::Header { block, .. } = &mut self.kind {
            let room = HEADER_OCTETS.saturating_sub(block.len());
            block.extend_from_slice(&octets[..octets.len().min(room)]);
        }
    }

    /// About how many octets longer the body becomes.
    fn growth(&self, encoding: Encoding) -> u64 {
        let octets = self.span.octets();
        match encoding {
            Encoding::SevenBit => 0,
            // 78 octets for each 57.
            Encoding::Base64 => octets / 57 * 21 + 78,
            Encoding::QuotedPrintable => {
                let escapes = (self.found.eight_bit + self.found.equals) * 2;
                escapes + (octets + escapes) / 73 * 3 + 3
            }
        }
    }
}

/// The encoding that a leaf has to have.
fn leaf_encoding(block: &[u8], encoding: &str, body: &Piece) -> Result<Option<Encoding>, Unconvertible> {
    let Kind::Body { is_text } = body.kind else { return Ok(None) };
    let found = &body.found;
    if !found.needs_encoding() {
        return Ok(is_identity(encoding).then_some(Encoding::SevenBit));
    }
    if body.is_protected {
        return Err(Unconvertible::Protected);
    }
    if !is_identity(encoding) {
        // Only a line that is too long: the encoding it has is the sender's affair.
        let is_ascii = found.eight_bit == 0 && !found.binary;
        return if is_ascii { Ok(None) } else { Err(Unconvertible::Mislabelled) };
    }
    // RFC 2045 §6.4: composite types are never encoded. What could not be taken apart is shown as a leaf of another type.
    let is_composite = fields(block).filter(|field| field.is(b"Content-Type")).any(|field| {
        let value = field.unfolded().to_ascii_lowercase();
        value.starts_with("multipart/") || value.starts_with("message/")
    });
    if is_composite {
        return Err(Unconvertible::Misplaced);
    }
    let binary = found.binary || found.after_cr;
    Ok(Some(if is_text && !binary { Encoding::QuotedPrintable } else { Encoding::Base64 }))
}

fn is_identity(encoding: &str) -> bool {
    matches!(encoding, "7bit" | "8bit" | "binary")
}

/// Headers and leaves, in the order of the message.
fn collect(part: &Part, is_message: bool, is_protected: bool, pieces: &mut Vec<Piece>) {
    let is_leaf = part.content == Content::Leaf;
    let header = Kind::Header { block: Vec::new(), encoding: part.encoding.clone(), is_leaf };
    let mut push = |span, kind| {
        pieces.push(Piece { span, kind, is_message, is_protected, found: Found::default() });
    };
    push(part.header, header);
    match &part.content {
        Content::Leaf => push(part.body, Kind::Body { is_text: part.media_type == "text" }),
        Content::Multipart(parts) => {
            let protects = matches!(part.subtype.as_str(), "signed" | "encrypted");
            parts.iter().for_each(|part| collect(part, false, is_protected || protects, pieces));
        }
        Content::Message(message) => collect(&message.root, true, is_protected, pieces),
    }
}

/// The octets of `rest` that lie within the next `octets`.
fn within(octets: u64, rest: &[u8]) -> usize {
    usize::try_from(octets).unwrap_or(usize::MAX).min(rest.len())
}
