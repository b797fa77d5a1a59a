//! Message content: after 354 up to CRLF.CRLF, without the dots of transparency (RFC 5321 §4.5.2); after BDAT so many
//! octets, as they are (RFC 3030 §2).
//!
//! The rule on bare newlines holds for text in chunks, too, as in Postfix (`smtpd_forbid_bare_newline`): a chunk ends where
//! it says it ends, so that nothing can be smuggled to us, but whoever passes the message on with DATA, or reads its file,
//! would meet line ends that no standard knows (RFC 3030 §3 wants the canonical form of RFC 2045). Content of
//! BODY=BINARYMIME has no lines, and stays as it is; DATA never carries it on.

use memchr::memchr2;

/// What to do with a CR or LF that is not part of CRLF. Neither ever ends the content (RFC 5321 §4.1.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BareNewlines {
    /// Refuse the message after its end, and close: whatever follows it may be smuggled.
    Refuse,
    /// Make a bare LF a CRLF and a bare CR a space, as Postfix does, so that no reader of the stored message can take
    /// them for something else.
    Normalise,
}

/// The next piece of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// Octets to store; never empty. Nothing of this kind comes after a fault.
    Data(&'a [u8]),
    /// The content is over; what follows are commands. Give this to the session.
    End(ContentEnd),
    /// All input is used up.
    NeedInput,
}

/// How the content ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentEnd {
    /// All of it was handed on, this many octets.
    Complete {
        /// Octets handed on.
        octets: u64,
    },
    /// A chunk that is not the last one is over; give the decoder back with `Input::Chunk`.
    Chunk,
    /// It has a fault; what was handed on is to be thrown away.
    Faulty(ContentFault),
    /// It has a fault, and the peer sent so much after it that waiting for the end makes no sense.
    Endless(ContentFault),
}

/// What is wrong with the content; the first fault counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentFault {
    /// More octets than the limit.
    TooBig,
    /// A line longer than the limit.
    LineTooLong,
    /// A bare CR or LF, with [`BareNewlines::Refuse`].
    BareNewline,
}

/// How many octets are read and thrown away after a fault, besides the size limit again: 16 MiB.
const PATIENCE_OCTETS: u64 = 16 * 1024 * 1024;

/// Takes the content off the input. The session makes one for each message.
#[derive(Debug)]
pub struct ContentDecoder {
    place: Place,
    /// The chunk that is read; none for DATA.
    chunk: Option<Chunk>,
    /// Octets of any kind, without lines.
    is_binary: bool,
    bare_newlines: BareNewlines,
    max_octets: u64,
    max_line_octets: u64,
    octets: u64,
    /// Octets of the current line that were read before.
    line_octets: u64,
    /// Octets thrown away after the fault.
    wasted_octets: u64,
    fault: Option<ContentFault>,
}

/// A chunk of BDAT.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    /// Octets that are still to come.
    left: u64,
    /// Whether the message ends with it.
    last: bool,
}

/// Where the next octet of input stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// After CRLF, or at the very beginning.
    LineStart,
    /// Anywhere else. A bare LF leads here: a dot after it has no meaning.
    InLine,
    /// After a CR that has not been handed on.
    AfterCr,
    /// After a dot at the start of a line, which has not been handed on.
    AfterDot,
    /// After such a dot and CR.
    AfterDotCr,
}

impl ContentDecoder {
    pub(crate) fn new(bare_newlines: BareNewlines, max_octets: u64, max_line_octets: u64) -> Self {
        Self {
            place: Place::LineStart,
            chunk: None,
            is_binary: false,
            bare_newlines,
            max_octets,
            max_line_octets,
            octets: 0,
            line_octets: 0,
            wasted_octets: 0,
            fault: None,
        }
    }

    /// For binary content, which comes in chunks only.
    pub(crate) fn binary(max_octets: u64) -> Self {
        Self { is_binary: true, ..Self::new(BareNewlines::Normalise, max_octets, u64::MAX) }
    }

    /// Octets handed on so far.
    pub(crate) fn octets(&self) -> u64 {
        self.octets
    }

    /// What comes next is a chunk of so many octets.
    pub(crate) fn begin_chunk(&mut self, octets: u64, last: bool) {
        self.chunk = Some(Chunk { left: octets, last });
    }

    /// Takes the next piece off the beginning of `input`, the unread octets. Gives the number of octets that are done
    /// with, and the piece. Call it again with the rest until it says `NeedInput` or `End`; never after `End`.
    pub fn next<'a>(&mut self, input: &'a [u8]) -> (usize, Content<'a>) {
        let Some(Chunk { left, last }) = self.chunk else { return self.next_piece(input) };
        let within = usize::try_from(left).map_or(input, |left| &input[..left.min(input.len())]);
        let (used, content) = self.next_piece(within);
        let left = left - octets(used);
        self.chunk = Some(Chunk { left, last });
        match content {
            Content::NeedInput if left == 0 => (used, self.end_chunk(last)),
            content => (used, content),
        }
    }

    /// Text ends in CRLF; what a client left open at its very end is completed, so that its last line is one for everybody.
    fn end_chunk(&mut self, last: bool) -> Content<'static> {
        if !last {
            return Content::End(self.fault.map_or(ContentEnd::Chunk, ContentEnd::Faulty));
        }
        let piece = match self.place {
            Place::AfterCr => self.bare_newline(b" "),
            Place::InLine if !self.is_binary => self.end_line(2),
            _ => return Content::End(self.end()),
        };
        if self.admit(piece) { Content::Data(piece) } else { Content::End(self.end()) }
    }

    fn next_piece<'a>(&mut self, input: &'a [u8]) -> (usize, Content<'a>) {
        let mut used = 0;
        loop {
            let rest = &input[used..];
            let (taken, piece) = match (self.place, rest) {
                (_, []) => return (used, Content::NeedInput),
                _ if self.is_binary => (rest.len(), rest),
                (Place::AfterCr, [b'\n', ..]) => (1, self.end_line(2)),
                (Place::AfterCr, _) => (0, self.bare_newline(b" ")),
                (Place::AfterDot, [b'\r', ..]) => (1, self.go(Place::AfterDotCr)),
                // Transparency: the dot is dropped and what follows is the line.
                (Place::AfterDot, _) => (0, self.go(Place::InLine)),
                (Place::AfterDotCr, [b'\n', ..]) => return (used + 1, Content::End(self.end())),
                (Place::AfterDotCr, _) => (0, self.go(Place::AfterCr)),
                (Place::LineStart, [b'.', ..]) if self.chunk.is_none() => (1, self.go(Place::AfterDot)),
                (Place::LineStart | Place::InLine, [b'\n', ..]) => (1, self.bare_newline(b"\r\n")),
                (Place::LineStart | Place::InLine, _) => self.take_run(rest),
            };
            used += taken;
            if self.admit(piece) {
                return (used, Content::Data(piece));
            }
            if let Some(fault) = self.fault
                && self.wasted_octets > self.max_octets.saturating_add(PATIENCE_OCTETS)
            {
                return (used, Content::End(ContentEnd::Endless(fault)));
            }
        }
    }

    /// The longest run of octets that can be handed on as they are: up to a dot at the start of a line, a bare newline
    /// or the end of the input.
    fn take_run<'a>(&mut self, input: &'a [u8]) -> (usize, &'a [u8]) {
        self.place = Place::InLine;
        let mut line_start = 0;
        while let Some(offset) = memchr2(b'\r', b'\n', &input[line_start..]) {
            let at = line_start + offset;
            if input[at] == b'\n' {
                // Left for the next step.
                return (at, self.run(&input[..at], line_start));
            }
            if input.get(at + 1) != Some(&b'\n') {
                self.place = Place::AfterCr;
                return (at + 1, self.run(&input[..at], line_start));
            }
            self.end_line(octets(at + 2 - line_start));
            line_start = at + 2;
            if matches!(input.get(line_start), None | Some(b'.')) {
                return (line_start, &input[..line_start]);
            }
            self.place = Place::InLine;
        }
        (input.len(), self.run(input, line_start))
    }

    /// A run that ends in the middle of a line.
    fn run<'a>(&mut self, run: &'a [u8], line_start: usize) -> &'a [u8] {
        self.line_octets += octets(run.len() - line_start);
        self.check_line();
        run
    }

    /// The current line ends with a CRLF, after this many octets more.
    fn end_line(&mut self, more_octets: u64) -> &'static [u8] {
        self.line_octets += more_octets;
        self.check_line();
        self.line_octets = 0;
        self.place = Place::LineStart;
        b"\r\n"
    }

    fn check_line(&mut self) {
        if self.line_octets > self.max_line_octets {
            self.fault.get_or_insert(ContentFault::LineTooLong);
        }
    }

    /// A bare CR or LF stands here; `instead` is what it is normalised to.
    fn bare_newline(&mut self, instead: &'static [u8]) -> &'static [u8] {
        match self.bare_newlines {
            BareNewlines::Refuse => {
                self.fault.get_or_insert(ContentFault::BareNewline);
            }
            BareNewlines::Normalise => {}
        }
        self.line_octets = if instead == b"\r\n" { 0 } else { self.line_octets + 1 };
        self.go(Place::InLine);
        instead
    }

    fn go(&mut self, place: Place) -> &'static [u8] {
        self.place = place;
        b""
    }

    /// Counts a piece; whether it is to be handed on.
    fn admit(&mut self, piece: &[u8]) -> bool {
        if self.fault.is_none() {
            self.octets += octets(piece.len());
            if self.octets > self.max_octets {
                self.fault = Some(ContentFault::TooBig);
            }
        }
        if self.fault.is_some() {
            self.wasted_octets += octets(piece.len());
        }
        self.fault.is_none() && !piece.is_empty()
    }

    fn end(&self) -> ContentEnd {
        self.fault.map_or(ContentEnd::Complete { octets: self.octets }, ContentEnd::Faulty)
    }
}

fn octets(length: usize) -> u64 {
    length as u64
}

#[cfg(test)]
mod tests;
