//! Reads a part of a served message out of its file.

use crate::line_ends::ToCrlf;
use crate::structure::Span;
use std::io::{self, Read, Seek, SeekFrom};

/// Octets read from a file at a time when its lines have to be converted.
const PIECE: usize = 16 << 10;

/// The octets of a span of the served message (with CRLF), as a [`Read`]. Ends early if the file is shorter than it was.
///
/// A file without bare LF is read from where the span begins. One with bare LF is read from its beginning, because its
/// own offsets differ.
#[derive(Debug)]
pub struct SpanReader<R> {
    file: R,
    left: u64,
    conversion: Option<Conversion>,
}

#[derive(Debug)]
struct Conversion {
    to_crlf: ToCrlf,
    /// Served octets before the span that are still to come.
    skip: u64,
    converted: Vec<u8>,
    used: usize,
}

impl<R: Read + Seek> SpanReader<R> {
    /// `has_bare_line_feeds` is [`Structure::bare_line_feeds`](crate::Structure::bare_line_feeds); it also shows in a file that has
    /// fewer octets than its served form.
    pub fn new(mut file: R, has_bare_line_feeds: bool, span: Span) -> io::Result<Self> {
        let start = if has_bare_line_feeds { 0 } else { span.start };
        file.seek(SeekFrom::Start(start))?;
        let conversion = has_bare_line_feeds.then(|| Conversion {
            to_crlf: ToCrlf::new(),
            skip: span.start,
            converted: Vec::new(),
            used: 0,
        });
        Ok(Self { file, left: span.octets(), conversion })
    }
}

impl Conversion {
    /// Converts the next piece of the file; false at its end.
    fn fill(&mut self, file: &mut impl Read) -> io::Result<bool> {
        self.converted.clear();
        self.used = 0;
        let mut piece = [0; PIECE];
        let read = file.read(&mut piece)?;
        self.to_crlf.convert(&piece[..read], &mut self.converted);
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(self.converted.len());
        self.used = skipped;
        self.skip -= skipped as u64;
        Ok(read > 0)
    }
}

impl<R: Read> Read for SpanReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = &mut buffer[..wanted];
        let read = match &mut self.conversion {
            _ if buffer.is_empty() => 0,
            None => self.file.read(buffer)?,
            Some(conversion) => {
                while conversion.used == conversion.converted.len() {
                    if !conversion.fill(&mut self.file)? {
                        return Ok(0);
                    }
                }
                let there = &conversion.converted[conversion.used..];
                let taken = there.len().min(buffer.len());
                buffer[..taken].copy_from_slice(&there[..taken]);
                conversion.used += taken;
                taken
            }
        };
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line_ends::served;
    use std::io::Cursor;

    fn read(file: &[u8], span: Span) -> Vec<u8> {
        let has_bare = served(file).len() > file.len();
        let mut out = Vec::new();
        SpanReader::new(Cursor::new(file), has_bare, span).unwrap().read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn every_span_is_that_of_the_served_message() {
        for file in [&b"a\nbc\r\n\nd"[..], b"a\r\nbc\r\n", b""] {
            let whole = served(file);
            for start in 0..=whole.len() {
                for end in start..=whole.len() {
                    let span = Span { start: start as u64, end: end as u64 };
                    assert_eq!(read(file, span), whole[start..end], "{span:?}");
                }
            }
        }
    }

    #[test]
    fn long_files_are_converted_in_pieces() {
        let file = b"0123456789\n".repeat(5_000);
        let whole = served(&file);
        let span = Span { start: 30_000, end: 59_999 };
        assert_eq!(read(&file, span), whole[30_000..59_999]);
    }

    #[test]
    fn a_file_that_has_become_shorter_ends_early() {
        assert_eq!(read(b"abc", Span { start: 1, end: 9 }), b"bc");
    }
}
