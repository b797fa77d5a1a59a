//! Reading a whole mbox, without keeping it.

use super::format::{Digest, Fingerprint, Header, Kind, Part, flags_of, is_from_line};
use super::lines::Lines;
use crate::{Code, Error, Flags, Result};
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};

/// A message in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where its `From ` line begins.
    pub(super) start: u64,
    /// Where the next message begins, or the file ends.
    pub(super) end: u64,
    pub(super) digest: Digest,
    pub(super) flags: Flags,
    /// A program has shown it in a list already (`O`).
    pub(super) is_old: bool,
    /// The date of the `From ` line, in seconds since 1970.
    pub(super) date: Option<i64>,
}

struct Reading {
    entry: Entry,
    header: Header,
    fingerprint: Fingerprint,
}

/// All messages. Errors: [`Code::NotMbox`] if the file begins with anything else.
///
/// The file is read by reference: closing another handle would give up our lock (POSIX).
pub(super) fn scan(mut file: &File) -> Result<Vec<Entry>> {
    file.seek(SeekFrom::Start(0))?;
    let mut lines = Lines::new(BufReader::with_capacity(64 * 1024, file), 0);
    let (mut entries, mut reading) = (Vec::new(), None::<Reading>);
    // The beginning of the file is as good as an empty line.
    let (mut after_blank, mut end) = (true, 0);
    while let Some(piece) = lines.next()? {
        end = piece.at + piece.bytes.len() as u64;
        let is_blank = piece.is_blank();
        if after_blank && piece.begins && is_from_line(piece.bytes) {
            entries.extend(reading.take().map(|reading| reading.finish(piece.at)));
            reading = Some(Reading::begin(piece.at, piece.bytes));
        } else if let Some(reading) = &mut reading {
            match reading.header.kind(&piece) {
                Kind::Header => reading.fingerprint.part(&Part::Header(piece)),
                Kind::EndOfHeader => reading.fingerprint.part(&Part::EndOfHeader),
                Kind::Body => reading.fingerprint.part(&Part::Body(piece)),
                Kind::AboutTheFile => {
                    reading.entry.flags |= flags_of(piece.bytes);
                    reading.entry.is_old |= is_old(piece.bytes);
                }
            }
        } else if !is_blank {
            return Err(Error::new(Code::NotMbox));
        }
        after_blank = is_blank;
    }
    entries.extend(reading.map(|reading| reading.finish(end)));
    Ok(entries)
}

impl Reading {
    fn begin(start: u64, from_line: &[u8]) -> Self {
        let entry = Entry {
            start,
            end: start,
            digest: [0; 32],
            flags: Flags::NONE,
            is_old: false,
            date: date(from_line),
        };
        Self { entry, header: Header::default(), fingerprint: Fingerprint::default() }
    }

    fn finish(mut self, end: u64) -> Entry {
        if !self.header.is_over() {
            self.fingerprint.part(&Part::EndOfHeader);
        }
        Entry { end, digest: self.fingerprint.finish(), ..self.entry }
    }
}

fn is_old(line: &[u8]) -> bool {
    line.len() > 7 && line[..7].eq_ignore_ascii_case(b"Status:") && line.contains(&b'O')
}

/// `From ana@lab.test Tue Nov 24 20:00:00 2026`, in the time of this computer.
fn date(from_line: &[u8]) -> Option<i64> {
    let words: Vec<&str> = std::str::from_utf8(from_line).ok()?.split_whitespace().collect();
    let tail = words.get(words.len().checked_sub(5)?..)?.join(" ");
    let local = jiff::civil::DateTime::strptime("%a %b %d %H:%M:%S %Y", tail).ok()?;
    Some(local.to_zoned_datetime(jiff::tz::TimeZone::system()).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::super::format::digest_of;
    use super::*;
    use std::io::Write;

    fn scanned(text: &str) -> Result<Vec<Entry>> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        scan(&file)
    }

    const FROM: &str = "From ana@lab.test Tue Nov 24 20:00:00 2026\n";

    #[test]
    fn messages_lie_one_after_the_other() {
        let text = format!(
            "{FROM}A: b\nStatus: RO\n\nbody\n\nFrom now on\n\n{FROM}C: d\nX-Status: F\nStatus: O\n\n>From x\n"
        );
        let entries = scanned(&text).unwrap();
        let second = text.rfind(FROM).unwrap() as u64;
        assert_eq!(
            entries.iter().map(|entry| (entry.start, entry.end)).collect::<Vec<_>>(),
            [(0, second), (second, text.len() as u64)]
        );
        assert_eq!(
            entries.iter().map(|entry| (entry.flags, entry.is_old)).collect::<Vec<_>>(),
            [(Flags::SEEN, true), (Flags::FLAGGED, true)]
        );
        assert_eq!(entries[1].digest, digest_of(&b"C: d\r\n\r\nFrom x\r\n"[..]).unwrap());
        assert!(entries[0].date.is_some());
    }

    #[test]
    fn a_file_that_is_no_mbox_is_left_alone() {
        assert_eq!(scanned("").unwrap(), []);
        assert_eq!(scanned("\n\n").unwrap(), []);
        assert_eq!(scanned("hello\n").unwrap_err().code(), Code::NotMbox);
    }
}
