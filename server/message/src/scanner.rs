//! Reads a message once, chunk by chunk, and finds its parts.
//!
//! Memory holds header blocks within their limits, the tree, and a line that a chunk cut in two; never a body. This is why
//! the tree is not made by a parser that wants the whole message: one of 50 MiB costs no more than one of 5 KiB.

use crate::content::{DefaultType, read_content_fields, set_default};
use crate::envelope::ImapEnvelope;
use crate::limits::{ALL_HEADERS_OCTETS, BOUNDARY_OCTETS, DEPTH, HEADER_OCTETS, PARTS};
use crate::parsed::ParsedMessage;
use crate::structure::{Content, NestedMessage, Part, Span, Structure};
use memchr::memchr;
use std::mem;

/// A place between two lines of the served message.
#[derive(Clone, Copy, Debug, Default)]
struct Position {
    octets: u64,
    lines: u64,
}

/// Finds the parts of a message. Give it the file's octets in any chunks, then ask for the result.
#[derive(Debug, Default)]
pub struct Scanner {
    /// A line that began in earlier chunks, without what is over the limit of a header block.
    cut: Vec<u8>,
    /// The octets of that line, those over the limit included.
    cut_octets: u64,
    tree: Tree,
}

impl Scanner {
    /// At the beginning of a message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next octets of the file.
    pub fn feed(&mut self, octets: &[u8]) {
        let mut rest = octets;
        while let Some(at) = memchr(b'\n', rest) {
            let line = &rest[..at];
            rest = &rest[at + 1..];
            if self.cut_octets == 0 {
                self.tree.line(line, line.len() as u64);
            } else {
                self.keep(line);
                let cut = mem::take(&mut self.cut);
                self.tree.line(&cut, mem::take(&mut self.cut_octets));
            }
        }
        if !rest.is_empty() {
            self.keep(rest);
        }
    }

    fn keep(&mut self, octets: &[u8]) {
        self.cut_octets += octets.len() as u64;
        let room = HEADER_OCTETS.saturating_sub(self.cut.len());
        // The last octet says whether a CR precedes the LF.
        if octets.len() > room {
            self.cut.extend_from_slice(&octets[..room]);
            if let (Some(end), Some(last)) = (self.cut.last_mut(), octets.last()) {
                *end = *last;
            }
        } else {
            self.cut.extend_from_slice(octets);
        }
    }

    /// The message is complete.
    pub fn finish(mut self) -> ParsedMessage {
        if self.cut_octets > 0 {
            self.tree.last_line(&self.cut, self.cut_octets);
        }
        self.tree.finish()
    }
}

/// The tree while it grows.
#[derive(Debug)]
struct Tree {
    here: Position,
    /// Before the line end that precedes `here`: it belongs to a delimiter that follows (RFC 2046 §5.1.1).
    before_line_end: Position,
    bare_line_feeds: bool,
    parts: usize,
    header_budget: usize,
    open: Vec<Container>,
    current: Current,
    envelope: ImapEnvelope,
    root: Part,
}

/// Where the current line belongs.
#[derive(Debug)]
enum Current {
    Header {
        start: Position,
        block: Vec<u8>,
        default: DefaultType,
    },
    Body {
        part: Box<Part>,
        start: Position,
    },
    /// The preamble or epilogue of the innermost multipart.
    Nothing,
}

/// A part whose body has parts of its own.
#[derive(Debug)]
struct Container {
    part: Part,
    start: Position,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Multipart { boundary: Vec<u8>, children: Vec<Part>, closed: bool },
    Message(Box<NestedMessage>),
}

/// What a delimiter line says.
enum Delimiter {
    Next,
    Close,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            here: Position::default(),
            before_line_end: Position::default(),
            bare_line_feeds: false,
            parts: 1,
            header_budget: ALL_HEADERS_OCTETS,
            open: Vec::new(),
            current: Current::Header {
                start: Position::default(),
                block: Vec::new(),
                default: DefaultType::TextPlain,
            },
            envelope: ImapEnvelope::default(),
            root: Part::default(),
        }
    }
}

impl Tree {
    /// A line without its LF; `octets` counts what was left out of `line`, too.
    fn line(&mut self, line: &[u8], octets: u64) {
        let (text, octets) = match line.strip_suffix(b"\r") {
            Some(text) => (text, octets - 1),
            None => {
                self.bare_line_feeds = true;
                (line, octets)
            }
        };
        let next = Position { octets: self.here.octets + octets + 2, lines: self.here.lines + 1 };
        if !self.delimiter(text, next) {
            self.content_line(text, next);
        }
        self.before_line_end = Position { octets: next.octets - 2, lines: next.lines - 1 };
        self.here = next;
    }

    /// The last line, which has no line end.
    fn last_line(&mut self, line: &[u8], octets: u64) {
        let next = Position { octets: self.here.octets + octets, lines: self.here.lines };
        if !self.delimiter(line, next)
            && let Current::Header { block, .. } = &mut self.current
        {
            keep_header_line(block, &mut self.header_budget, line);
        }
        self.here = next;
    }

    fn content_line(&mut self, text: &[u8], next: Position) {
        if let Current::Header { block, .. } = &mut self.current {
            if text.is_empty() {
                self.header_end(next);
            } else {
                keep_header_line(block, &mut self.header_budget, text);
            }
        }
    }

    /// Acts on a delimiter line of an open multipart; false if the line is none.
    fn delimiter(&mut self, text: &[u8], next: Position) -> bool {
        if !text.starts_with(b"--") || self.parts >= PARTS {
            return false;
        }
        let found = self.open.iter().enumerate().rev().find_map(|(depth, container)| match &container.kind {
            Kind::Multipart { boundary, closed: false, .. } => {
                Some((depth, read_delimiter(&text[2..], boundary)?))
            }
            _ => None,
        });
        let Some((depth, delimiter)) = found else { return false };
        self.close_down_to(depth + 1, self.before_line_end);
        let container = &mut self.open[depth];
        let is_digest = container.part.subtype == "digest";
        if let Kind::Multipart { closed, .. } = &mut container.kind {
            *closed = matches!(delimiter, Delimiter::Close);
        }
        self.current = match delimiter {
            Delimiter::Close => Current::Nothing,
            Delimiter::Next => {
                self.parts += 1;
                let default = if is_digest { DefaultType::MessageRfc822 } else { DefaultType::TextPlain };
                Current::Header { start: next, block: Vec::new(), default }
            }
        };
        true
    }

    /// The header of the current part ends at `end`; its body begins.
    fn header_end(&mut self, end: Position) {
        let Some(mut part) = self.take_header(end) else { return };
        let is_too_deep = self.open.len() >= DEPTH;
        self.current = Current::Nothing;
        if part.media_type == "multipart" {
            let boundary = part.parameters.iter().find(|parameter| parameter.name == "boundary");
            let boundary = boundary.map(|parameter| parameter.value.trim_end().as_bytes().to_vec());
            match boundary.filter(|boundary| !boundary.is_empty() && boundary.len() <= BOUNDARY_OCTETS) {
                Some(_) if is_too_deep => self.current = body(opaque(part), end),
                Some(boundary) => {
                    let kind = Kind::Multipart { boundary, children: Vec::new(), closed: false };
                    self.open.push(Container { part, start: end, kind });
                }
                None => {
                    set_default(&mut part, DefaultType::TextPlain);
                    self.current = body(part, end);
                }
            }
        } else if part.is("message", "rfc822") {
            // RFC 2046 §5.2.1 allows no encoding that would hide the message.
            let is_readable = matches!(part.encoding.as_str(), "7bit" | "8bit" | "binary");
            if is_readable && !is_too_deep && self.parts < PARTS {
                self.parts += 1;
                let kind = Kind::Message(Box::default());
                self.open.push(Container { part, start: end, kind });
                let default = DefaultType::TextPlain;
                self.current = Current::Header { start: end, block: Vec::new(), default };
            } else {
                self.current = body(opaque(part), end);
            }
        } else {
            self.current = body(part, end);
        }
    }

    /// Reads the current header, which ends at `end`, and its envelope if it is a message's.
    fn take_header(&mut self, end: Position) -> Option<Part> {
        let Current::Header { start, block, default } = mem::replace(&mut self.current, Current::Nothing)
        else {
            return None;
        };
        let mut part = Part::default();
        read_content_fields(&mut part, &block, default);
        let end = end.octets.max(start.octets);
        part.header = Span { start: start.octets, end };
        part.body = Span { start: end, end };
        match self.open.last_mut().map(|container| &mut container.kind) {
            None => self.envelope = ImapEnvelope::parse(&block),
            Some(Kind::Message(message)) => message.envelope = ImapEnvelope::parse(&block),
            Some(Kind::Multipart { .. }) => {}
        }
        Some(part)
    }

    /// Ends the current part and all containers but the outermost `depth`, at `end`.
    fn close_down_to(&mut self, depth: usize, end: Position) {
        match mem::replace(&mut self.current, Current::Nothing) {
            Current::Nothing => {}
            header @ Current::Header { .. } => {
                self.current = header;
                if let Some(mut part) = self.take_header(end) {
                    if part.media_type == "multipart" {
                        set_default(&mut part, DefaultType::TextPlain);
                    } else if part.is("message", "rfc822") {
                        part = opaque(part);
                    }
                    self.attach(part);
                }
            }
            Current::Body { mut part, start } => {
                end_body(&mut part, start, end);
                self.attach(*part);
            }
        }
        while self.open.len() > depth
            && let Some(container) = self.open.pop()
        {
            let part = container.finish(end);
            self.attach(part);
        }
    }

    /// Gives a finished part to the innermost container.
    fn attach(&mut self, part: Part) {
        match self.open.last_mut().map(|container| &mut container.kind) {
            None => self.root = part,
            Some(Kind::Multipart { children, .. }) => children.push(part),
            Some(Kind::Message(message)) => message.root = part,
        }
    }

    fn finish(mut self) -> ParsedMessage {
        self.close_down_to(0, self.here);
        let structure =
            Structure { octets: self.here.octets, bare_line_feeds: self.bare_line_feeds, root: self.root };
        ParsedMessage { envelope: self.envelope, structure }
    }
}

impl Container {
    fn finish(self, end: Position) -> Part {
        let Self { mut part, start, kind } = self;
        end_body(&mut part, start, end);
        match kind {
            // BODYSTRUCTURE cannot say "no parts": what has no delimiter is shown as it is.
            Kind::Multipart { children, .. } if children.is_empty() => {
                set_default(&mut part, DefaultType::TextPlain);
            }
            Kind::Multipart { children, .. } => part.content = Content::Multipart(children),
            Kind::Message(message) => part.content = Content::Message(message),
        }
        // A header keeps its blank line, also when that line's end belongs to the delimiter behind it, too. What holds such
        // a part holds the blank line.
        let inner_end = match &part.content {
            Content::Multipart(children) => children.last().map(|child| child.body.end),
            Content::Message(message) => Some(message.root.body.end),
            Content::Leaf => None,
        };
        part.body.end = part.body.end.max(inner_end.unwrap_or_default());
        part
    }
}

fn body(part: Part, start: Position) -> Current {
    Current::Body { part: Box::new(part), start }
}

fn end_body(part: &mut Part, start: Position, end: Position) {
    part.body.end = end.octets.max(part.body.start);
    part.lines = end.lines.saturating_sub(start.lines);
}

/// A container that is not opened.
fn opaque(mut part: Part) -> Part {
    "application".clone_into(&mut part.media_type);
    "octet-stream".clone_into(&mut part.subtype);
    part.parameters.clear();
    part
}

fn keep_header_line(block: &mut Vec<u8>, budget: &mut usize, text: &[u8]) {
    let room = HEADER_OCTETS.saturating_sub(block.len()).min(*budget);
    if room >= text.len() + 2 {
        block.extend_from_slice(text);
        block.extend_from_slice(b"\r\n");
        *budget -= text.len() + 2;
    }
}

/// Reads what follows `--`. White space may follow a delimiter (RFC 2046 §5.1.1, transport-padding).
fn read_delimiter(text: &[u8], boundary: &[u8]) -> Option<Delimiter> {
    let after = text.strip_prefix(boundary)?;
    match after.trim_ascii_end() {
        b"" => Some(Delimiter::Next),
        b"--" => Some(Delimiter::Close),
        _ => None,
    }
}
