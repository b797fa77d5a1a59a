//! The format: mboxrd, in which quoting can be undone, with `Status` and `X-Status` for flags.
//!
//! A message is a `From ` line, its header, an empty line, its body and another empty line; line ends are LF. A line of the message that
//! is `From ` after any number of `>` gets one more `>`. Some fields describe the file and not the message: they are written anew.

use super::lines::{Lines, Piece};
use crate::Flags;
use aws_lc_rs::digest;
use std::io::{self, BufRead};

/// Lines with more `>` than this are left as they are: the whole run must fit into a piece.
const MAX_DEPTH: usize = 1000;

/// Fields about the file, and about lengths in it that are no longer true after quoting.
const ABOUT_THE_FILE: [&[u8]; 8] =
    [b"Status", b"X-Status", b"X-Keywords", b"X-UID", b"X-IMAP", b"X-IMAPbase", b"Content-Length", b"Lines"];

/// Letters of `Status` and `X-Status` that stand for flags. `O` in `Status` only says that the message is not new.
const SEEN: u8 = b'R';
const X_STATUS: [(u8, Flags); 4] =
    [(b'A', Flags::ANSWERED), (b'F', Flags::FLAGGED), (b'T', Flags::DRAFT), (b'D', Flags::DELETED)];

/// What a message in an mbox is told from others by: everything but its `From ` line and the fields about the file.
///
/// So no program can take a message for another one, whatever numbers it writes into the header, and one that is edited is a new one.
pub(super) type Digest = [u8; 32];

/// A part of a message as it is in the file.
pub(super) enum Part<'a> {
    /// A piece of the header; not of a field about the file.
    Header(Piece<'a>),
    /// The empty line after it.
    EndOfHeader,
    /// A piece of the body.
    Body(Piece<'a>),
}

/// The beginning of a message: `From `, an address, and a date with a time of day and a year. Text that was not quoted has no such date.
pub(super) fn is_from_line(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let mut words = rest.trim_ascii().split(u8::is_ascii_whitespace);
    let is_time = |word: &[u8]| {
        matches!(word, [a, b, b':', c, d] | [a, b, b':', c, d, b':', _, _]
            if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()))
    };
    let is_year = |word: &[u8]| word.len() == 4 && word.iter().all(u8::is_ascii_digit);
    words.any(is_time) && words.any(is_year)
}

/// How many `>` stand before `From `; `None` if that is not what the line is.
pub(super) fn depth(line: &[u8]) -> Option<usize> {
    let depth = line.iter().take_while(|byte| **byte == b'>').count();
    line[depth..].starts_with(b"From ").then_some(depth)
}

/// True if the piece that begins a line of the header begins a field about the file.
pub(super) fn is_about_the_file(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii_end();
    ABOUT_THE_FILE.iter().any(|field| field.eq_ignore_ascii_case(name))
}

/// The flags in a field about the file, or none.
pub(super) fn flags_of(line: &[u8]) -> Flags {
    let mut parts = line.splitn(2, |byte| *byte == b':');
    let name = parts.next().unwrap_or_default().trim_ascii_end();
    let value = parts.next().unwrap_or_default();
    let mut flags = Flags::NONE;
    if name.eq_ignore_ascii_case(b"Status") && value.contains(&SEEN) {
        flags |= Flags::SEEN;
    }
    if name.eq_ignore_ascii_case(b"X-Status") {
        for (_, flag) in X_STATUS.iter().filter(|(letter, _)| value.contains(letter)) {
            flags |= *flag;
        }
    }
    flags
}

/// The fields for these flags. `is_old` is for a message that a program has shown already.
pub(super) fn status_fields(flags: Flags, is_old: bool) -> String {
    let status = match (flags.contains(Flags::SEEN), is_old) {
        (true, _) => "Status: RO\n",
        (false, true) => "Status: O\n",
        (false, false) => "",
    };
    let letters: String = X_STATUS
        .iter()
        .filter(|(_, flag)| flags.contains(*flag))
        .map(|(letter, _)| char::from(*letter))
        .collect();
    if letters.is_empty() { status.to_owned() } else { format!("{status}X-Status: {letters}\n") }
}

/// Follows a message through its header.
#[derive(Default)]
pub(super) struct Header {
    is_over: bool,
    /// The field under way is about the file.
    is_left_out: bool,
}

/// What a piece of a message is.
pub(super) enum Kind {
    Header,
    AboutTheFile,
    EndOfHeader,
    Body,
}

impl Header {
    pub(super) fn kind(&mut self, piece: &Piece<'_>) -> Kind {
        if self.is_over {
            return Kind::Body;
        }
        if piece.is_blank() {
            self.is_over = true;
            return Kind::EndOfHeader;
        }
        if piece.begins && !piece.bytes.starts_with(b" ") && !piece.bytes.starts_with(b"\t") {
            self.is_left_out = is_about_the_file(piece.bytes);
        }
        if self.is_left_out { Kind::AboutTheFile } else { Kind::Header }
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }
}

/// Turns a stored message into what it is in the file. Each line is complete, and there is an end of the header.
pub(super) fn encode(
    input: impl BufRead,
    mut take: impl FnMut(Part<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let (mut lines, mut header, mut line) = (Lines::new(input, 0), Header::default(), Vec::new());
    let (mut held, mut is_complete) = (false, true);
    while let Some(piece) = lines.next()? {
        let kind = header.kind(&piece);
        line.clear();
        if held && piece.bytes != b"\n" {
            line.push(b'\r');
        }
        if piece.begins && depth(piece.bytes).is_some_and(|depth| depth < MAX_DEPTH) {
            line.push(b'>');
        }
        line.extend_from_slice(piece.bytes);
        // A line end may be cut in two.
        held = line.last() == Some(&b'\r');
        if held {
            line.pop();
        } else if line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            line.push(b'\n');
        }
        is_complete = line.last() == Some(&b'\n');
        let piece = Piece { bytes: &line, begins: piece.begins, at: piece.at };
        match kind {
            Kind::Header => take(Part::Header(piece))?,
            Kind::AboutTheFile => {}
            Kind::EndOfHeader => take(Part::EndOfHeader)?,
            Kind::Body => take(Part::Body(piece))?,
        }
    }
    if !is_complete {
        let end = Piece { bytes: b"\n", begins: false, at: 0 };
        if header.is_over() { take(Part::Body(end))? } else { take(Part::Header(end))? }
    }
    if header.is_over() { Ok(()) } else { take(Part::EndOfHeader) }
}

/// Undoes the quoting of a line.
pub(super) fn unquoted<'a>(piece: &Piece<'a>) -> &'a [u8] {
    match depth(piece.bytes) {
        Some(1..=MAX_DEPTH) if piece.begins => &piece.bytes[1..],
        _ => piece.bytes,
    }
}

/// Makes the digest of a message from its parts. Line ends count as LF, and empty lines at the end do not count.
pub(super) struct Fingerprint {
    context: digest::Context,
    blank_lines: u64,
    held: bool,
}

impl Default for Fingerprint {
    fn default() -> Self {
        Self { context: digest::Context::new(&digest::SHA256), blank_lines: 0, held: false }
    }
}

impl Fingerprint {
    pub(super) fn part(&mut self, part: &Part<'_>) {
        match part {
            Part::EndOfHeader => self.context.update(b"\n"),
            Part::Body(piece) if piece.is_blank() => self.blank_lines += 1,
            Part::Header(piece) | Part::Body(piece) => {
                for _ in 0..std::mem::take(&mut self.blank_lines) {
                    self.context.update(b"\n");
                }
                self.bytes(piece.bytes);
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if std::mem::take(&mut self.held) && bytes != b"\n" {
            self.context.update(b"\r");
        }
        match bytes {
            [line @ .., b'\r', b'\n'] => {
                self.context.update(line);
                self.context.update(b"\n");
            }
            [line @ .., b'\r'] => {
                self.context.update(line);
                self.held = true;
            }
            line => self.context.update(line),
        }
    }

    pub(super) fn finish(self) -> Digest {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.context.finish().as_ref());
        digest
    }
}

/// The digest of a stored message.
pub(super) fn digest_of(input: impl BufRead) -> io::Result<Digest> {
    let mut fingerprint = Fingerprint::default();
    encode(input, |part| {
        fingerprint.part(&part);
        Ok(())
    })?;
    Ok(fingerprint.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        let mut out = Vec::new();
        encode(text.as_bytes(), |part| {
            match part {
                Part::Header(piece) | Part::Body(piece) => out.extend_from_slice(piece.bytes),
                Part::EndOfHeader => out.push(b'\n'),
            }
            Ok(())
        })
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn messages_are_quoted_and_lose_what_is_about_another_file() {
        for (stored, file) in [
            (
                "Subject: a\r\n\r\nFrom me\r\n>From you\r\n>>From\r\n From\r\n",
                "Subject: a\n\n>From me\n>>From you\n>>From\n From\n",
            ),
            (
                "A: b\nStatus: RO\n continued\nX-UID: 7\nC: d\n\nStatus: body\n",
                "A: b\nC: d\n\nStatus: body\n",
            ),
            ("content-length: 3\r\nA: b\r\n\r\nno line end", "A: b\n\nno line end\n"),
            ("A: b", "A: b\n\n"),
            ("\r\nbody\r\n", "\nbody\n"),
        ] {
            assert_eq!(encoded(stored), file, "{stored:?}");
        }
    }

    #[test]
    fn a_message_is_the_same_one_with_other_line_ends_and_another_status() {
        let digest = |text: &str| digest_of(text.as_bytes()).unwrap();
        let one = digest("A: b\r\n\r\nFrom x\r\n\r\ny\r\n");
        assert_eq!(one, digest("A: b\nStatus: O\n\nFrom x\n\ny\n\n\n"));
        assert_ne!(one, digest("A: b\r\n\r\nFrom x\r\ny\r\n"));
        assert_ne!(one, digest("A: c\r\n\r\nFrom x\r\n\r\ny\r\n"));
        let long = "x".repeat(65_535);
        assert_eq!(digest(&format!("A: b\n\n{long}\r\ny\n")), digest(&format!("A: b\n\n{long}\ny\n")));
    }

    #[test]
    fn lines_that_begin_a_message_have_a_date() {
        for (line, begins) in [
            ("From ana@lab.test Tue Nov 24 20:00:00 2026\n", true),
            ("From MAILER-DAEMON  Sat Jan  3 01:05 1996\n", true),
            ("From x Tue Nov 24 20:00:00 CET 2026\n", true),
            ("From here we go at 10:30 or so\n", false),
            (">From ana@lab.test Tue Nov 24 20:00:00 2026\n", false),
            ("From: ana@lab.test\n", false),
        ] {
            assert_eq!(is_from_line(line.as_bytes()), begins, "{line}");
        }
    }

    #[test]
    fn flags_survive_their_letters() {
        for flags in [
            Flags::NONE,
            Flags::SEEN,
            Flags::SEEN | Flags::FLAGGED,
            Flags::DELETED | Flags::ANSWERED | Flags::DRAFT,
        ] {
            for is_old in [true, false] {
                let read = status_fields(flags, is_old)
                    .lines()
                    .map(|line| flags_of(line.as_bytes()))
                    .fold(Flags::NONE, |all, one| all | one);
                assert_eq!(read, flags);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn quoting_can_be_undone(lines in proptest::collection::vec("(>{0,3}From )?[a-z >]{0,9}", 0..8)) {
            let stored = format!("A: b\n\n{}\n", lines.join("\n"));
            let file = encoded(&stored);
            let (mut back, mut pieces) = (Vec::new(), Lines::new(file.as_bytes(), 0));
            while let Some(piece) = pieces.next().unwrap() {
                back.extend_from_slice(unquoted(&piece));
            }
            assert_eq!(String::from_utf8(back).unwrap(), stored);
            assert!(!file.lines().any(|line| line.starts_with("From ")));
        }
    }
}
