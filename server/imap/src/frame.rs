//! Cuts the octets of a client into commands: lines, and the literals that lines announce.
//!
//! A literal becomes part of the command's text, after its announcement, if whoever reads the frames accepts it. Nothing
//! is read beyond a literal that is not decided on. A line may end in LF alone, for people who type.

use bytes::{Buf, BytesMut};
use memchr::memchr;

/// What was cut off.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A whole command or line, without its line end.
    Line(Vec<u8>),
    /// The line announces a literal: decide with [`Framer::accept`], [`Framer::take`] or [`Framer::discard`].
    Announced(Literal),
    /// What was to be discarded is over, the rest of its command included.
    Discarded,
    /// More than the limit; what follows cannot be told apart any more.
    TooLong,
}

/// An announced literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// How many octets.
    pub octets: u64,
    /// Whether the client waits for the server's consent.
    pub synchronizing: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Framer {
    text: Vec<u8>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Line,
    /// A literal is announced and not decided on.
    Undecided,
    Literal {
        left: usize,
    },
    Discard {
        left: u64,
    },
    /// The rest of a command of which something was discarded.
    DiscardLine,
}

impl Framer {
    /// Cuts the next command off `input`; `limit` is for its text with literals.
    pub fn command(&mut self, input: &mut BytesMut, limit: usize) -> Option<Frame> {
        loop {
            match self.state {
                State::Undecided => return None,
                State::Literal { left } => {
                    let taken = left.min(input.len());
                    self.text.extend_from_slice(&input.split_to(taken));
                    if taken < left {
                        self.state = State::Literal { left: left - taken };
                        return None;
                    }
                    self.state = State::Line;
                }
                State::Discard { left } => {
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    input.advance(taken);
                    let left = left - taken as u64;
                    self.state = State::Discard { left };
                    if left > 0 {
                        return None;
                    }
                    self.state = State::DiscardLine;
                }
                State::Line | State::DiscardLine => {
                    if !self.take_line(input, limit) {
                        return (self.text.len() > limit).then_some(Frame::TooLong);
                    }
                    if self.text.len() > limit {
                        return Some(Frame::TooLong);
                    }
                    if let Some(frame) = self.line_end() {
                        return Some(frame);
                    }
                }
            }
        }
    }

    /// Cuts off a line that announces no literal: a response in AUTHENTICATE, or DONE.
    pub fn line(&mut self, input: &mut BytesMut, limit: usize) -> Option<Frame> {
        let is_whole = self.take_line(input, limit);
        if self.text.len() > limit {
            return Some(Frame::TooLong);
        }
        is_whole.then(|| self.whole_line())
    }

    /// The command so far, its literals and announcements included.
    pub fn so_far(&self) -> &[u8] {
        &self.text
    }

    /// Lets the announced literal become part of the command. The caller has checked it against the limit.
    pub fn accept(&mut self, octets: usize) {
        self.state = State::Literal { left: octets };
    }

    /// The caller takes the announced literal out of the input itself; then the command goes on, with nothing before it.
    pub fn take(&mut self) -> Vec<u8> {
        self.state = State::Line;
        std::mem::take(&mut self.text)
    }

    /// Throws away the next `octets` and the rest of the command: [`Frame::Discarded`] follows.
    pub fn discard(&mut self, octets: u64) {
        self.text.clear();
        self.state = State::Discard { left: octets };
    }

    /// Moves octets up to a line end into the text; true if the line is whole. Stops soon after the limit.
    fn take_line(&mut self, input: &mut BytesMut, limit: usize) -> bool {
        let end = memchr(b'\n', input).map(|at| at + 1);
        let wanted = end.unwrap_or(input.len());
        let room = (limit + 2).saturating_sub(self.text.len()).max(1);
        let taken = wanted.min(room);
        self.text.extend_from_slice(&input.split_to(taken));
        end == Some(taken)
    }

    /// The text ends in a line end: is the command whole?
    fn line_end(&mut self) -> Option<Frame> {
        let announced = announced(&self.text);
        if matches!(self.state, State::DiscardLine) {
            self.text.clear();
            return match announced {
                // The client sends it without asking.
                Some(Literal { octets, synchronizing: false }) => {
                    self.state = State::Discard { left: octets };
                    None
                }
                // It waits for consent that will not come: the command is over.
                _ => {
                    self.state = State::Line;
                    Some(Frame::Discarded)
                }
            };
        }
        match announced {
            Some(literal) => {
                self.state = State::Undecided;
                Some(Frame::Announced(literal))
            }
            None => Some(self.whole_line()),
        }
    }

    fn whole_line(&mut self) -> Frame {
        let mut line = std::mem::take(&mut self.text);
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Frame::Line(line)
    }
}

/// The literal that a line announces at its end: `{3}` or `{3+}` (RFC 7888 §3).
fn announced(text: &[u8]) -> Option<Literal> {
    let line = text.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let (line, synchronizing) = match line.strip_suffix(b"+") {
        Some(line) => (line, false),
        None => (line, true),
    };
    let digits = line.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
    let (before, digits) = line.split_at(line.len() - digits);
    if digits.is_empty() || before.last() != Some(&b'{') {
        return None;
    }
    // Nobody has 10^18 octets; a longer number is as wrong as this one.
    let octets = std::str::from_utf8(digits).ok()?.parse().unwrap_or(u64::MAX);
    Some(Literal { octets, synchronizing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(input: &[u8], limit: usize) -> Vec<Frame> {
        let (mut framer, mut buffer, mut found) = (Framer::default(), BytesMut::new(), Vec::new());
        for octet in input {
            buffer.extend_from_slice(&[*octet]);
            while let Some(frame) = framer.command(&mut buffer, limit) {
                if let Frame::Announced(literal) = frame {
                    framer.accept(usize::try_from(literal.octets).unwrap());
                }
                let is_last = frame == Frame::TooLong;
                found.push(frame);
                if is_last {
                    return found;
                }
            }
        }
        found
    }

    #[test]
    fn lines_and_literals_become_commands() {
        let literal = |octets, synchronizing| Frame::Announced(Literal { octets, synchronizing });
        let line = |text: &[u8]| Frame::Line(text.to_vec());
        let cases: [(&str, &[u8], Vec<Frame>); 7] = [
            ("lines", b"a NOOP\r\nb NOOP\n", vec![line(b"a NOOP"), line(b"b NOOP")]),
            (
                "literal",
                b"a X {3}\r\na\r\n {0}\r\n y\r\n",
                vec![literal(3, true), literal(0, true), line(b"a X {3}\r\na\r\n {0}\r\n y")],
            ),
            ("non-synchronizing", b"a X {2+}\r\n{}\r\n", vec![literal(2, false), line(b"a X {2+}\r\n{}")]),
            ("not at the end", b"a {3} x\r\n", vec![line(b"a {3} x")]),
            ("no number", b"a {}\r\na {+}\r\na 3}\r\n", vec![line(b"a {}"), line(b"a {+}"), line(b"a 3}")]),
            ("bare cr is kept", b"a\rb\r\n", vec![line(b"a\rb")]),
            ("too long", b"a NOOP 12345678901234567890\r\n", vec![Frame::TooLong]),
        ];
        for (name, input, expected) in cases {
            assert_eq!(frames(input, 24), expected, "{name}");
        }
    }

    #[test]
    fn what_is_discarded_includes_the_rest_of_its_command() {
        let mut framer = Framer::default();
        let mut buffer = BytesMut::from(&b"a APPEND x {5+}\r\nab\r\n1 {2+}\r\n\r\n\r\nb NOOP\r\n"[..]);
        assert!(matches!(framer.command(&mut buffer, 100), Some(Frame::Announced(_))));
        assert_eq!(framer.command(&mut buffer, 100), None);
        framer.discard(5);
        assert_eq!(framer.command(&mut buffer, 100), Some(Frame::Discarded));
        assert_eq!(framer.command(&mut buffer, 100), Some(Frame::Line(b"b NOOP".to_vec())));
    }

    #[test]
    fn a_number_beyond_all_numbers_is_the_largest() {
        assert_eq!(announced(b"a {99999999999999999999}\r\n").unwrap().octets, u64::MAX);
    }
}
