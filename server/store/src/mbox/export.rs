//! Writing messages into an mbox.

use super::compare::Found;
use super::format::{Digest, Fingerprint, Header, Kind, Part, encode, status_fields};
use super::lines::Lines;
use crate::{Flags, Result};
use jiff::{Timestamp, tz::TimeZone};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

/// Longest return path that is copied into a `From ` line (RFC 5321 §4.5.3.1.3 has 256 octets at most).
const MAX_PATH: usize = 320;

/// Writes a stored message, with an empty line behind it. Returns its digest.
pub(super) fn write_stored(
    mut message: File,
    internal_date: Timestamp,
    flags: Flags,
    out: &mut impl Write,
) -> Result<Digest> {
    let path = return_path(&mut BufReader::new(&message))?;
    message.seek(SeekFrom::Start(0))?;
    writeln!(out, "{}", from_line(&path, internal_date))?;
    let mut fingerprint = Fingerprint::default();
    encode(BufReader::with_capacity(64 * 1024, message), |part| {
        fingerprint.part(&part);
        match part {
            Part::Header(piece) | Part::Body(piece) => out.write_all(piece.bytes),
            Part::EndOfHeader => writeln!(out, "{}", status_fields(flags, false)),
        }
    })?;
    out.write_all(b"\n")?;
    Ok(fingerprint.finish())
}

/// Copies a message of the file with other flags.
pub(super) fn copy_with_flags(
    mut mbox: &File,
    found: &Found,
    flags: Flags,
    out: &mut impl Write,
) -> io::Result<()> {
    mbox.seek(SeekFrom::Start(found.entry.start))?;
    let input = BufReader::new(mbox.take(found.entry.end - found.entry.start));
    let (mut lines, mut header) = (Lines::new(input, 0), Header::default());
    if let Some(from_line) = lines.next()? {
        out.write_all(from_line.bytes)?;
    }
    let fields = status_fields(flags, found.entry.is_old);
    let mut is_complete = true;
    while let Some(piece) = lines.next()? {
        is_complete = piece.bytes.ends_with(b"\n");
        match header.kind(&piece) {
            Kind::AboutTheFile => {}
            Kind::EndOfHeader => writeln!(out, "{fields}")?,
            Kind::Header | Kind::Body => out.write_all(piece.bytes)?,
        }
    }
    if !is_complete {
        out.write_all(b"\n\n")?;
    }
    if header.is_over() { Ok(()) } else { write!(out, "{fields}\n\n") }
}

/// Copies a message as it is. The last one of a file may lack its end.
pub(super) fn copy(mut mbox: &File, found: &Found, out: &mut impl Write) -> io::Result<()> {
    mbox.seek(SeekFrom::Start(found.entry.start))?;
    io::copy(&mut mbox.take(found.entry.end - found.entry.start), out).map(drop)
}

/// `From ana@lab.test Tue Nov 24 20:00:00 2026`.
fn from_line(return_path: &str, date: Timestamp) -> String {
    let path = if return_path.is_empty() { "MAILER-DAEMON" } else { return_path };
    format!("From {path} {}", date.to_zoned_datetime(TimeZone::system()).strftime("%a %b %e %H:%M:%S %Y"))
}

/// What the first field says, if it is `Return-Path` (RFC 5321 §4.4 puts it there). Blanks would end it in a `From ` line.
fn return_path(message: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    message.take(MAX_PATH as u64 + 20).read_until(b'\n', &mut line)?;
    let text = String::from_utf8_lossy(&line);
    let value = text
        .split_once(':')
        .filter(|(name, _)| name.eq_ignore_ascii_case("Return-Path"))
        .map_or("", |(_, value)| value.trim());
    let path = value.trim_start_matches('<').trim_end_matches('>');
    Ok(path
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if c.is_whitespace() { '_' } else { c })
        .take(MAX_PATH)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::*;

    fn file(text: &str) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    #[test]
    fn a_message_keeps_its_digest_in_the_file_and_with_other_flags() {
        let date = Timestamp::from_second(1_000_000_000).unwrap();
        for stored in
            ["Return-Path: <a b@x.test>\r\nA: b\r\n\r\nFrom x\r\n\r\n", "Return-Path: <>\nA: b\n\nx", "A: b"]
        {
            let mut out = Vec::new();
            let digest = write_stored(file(stored), date, Flags::NONE, &mut out).unwrap();
            let mbox = file(&String::from_utf8(out).unwrap());
            let mut entries = scan(&mbox).unwrap();
            assert_eq!(entries.len(), 1, "{stored:?}");
            let found = Found { entry: entries.remove(0), uid: None };
            assert_eq!(
                (found.entry.digest, found.entry.date),
                (digest, Some(date.as_second())),
                "{stored:?}"
            );
            let mut changed = Vec::new();
            copy_with_flags(&mbox, &found, Flags::SEEN | Flags::FLAGGED, &mut changed).unwrap();
            let entries = scan(&file(&String::from_utf8(changed).unwrap())).unwrap();
            assert_eq!(
                (entries[0].digest, entries[0].flags),
                (digest, Flags::SEEN | Flags::FLAGGED),
                "{stored:?}"
            );
        }
    }

    #[test]
    fn the_from_line_names_the_return_path() {
        let path = |text: &str| return_path(&mut text.as_bytes()).unwrap();
        assert_eq!(path("Return-Path: <ana@lab.test>\r\n"), "ana@lab.test");
        assert_eq!(path("Return-Path: <>\r\n"), "");
        assert_eq!(path("return-path: <\"a b\"@lab.test>\r\n"), "\"a_b\"@lab.test");
        assert_eq!(path("Received: x\r\n"), "");
    }
}
