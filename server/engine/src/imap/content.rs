//! Octets of messages, as served: every line ends in CRLF, also where the file has a bare LF.

use std::fs::File;
use std::io::{self, Read};

use postigo_message::{Span, SpanReader};

/// Octets taken at a time.
const PIECE: u64 = 32 << 10;

/// A span of a message's file. `octets` is the size of the served message: where the file has fewer, it has bare LFs.
pub(super) fn open(file: File, octets: u64, span: Span) -> io::Result<SpanReader<File>> {
    let has_bare_line_feeds = file.metadata()?.len() != octets;
    SpanReader::new(file, has_bare_line_feeds, span)
}

/// The whole of a span, for spans with a limit. Blocking.
pub(super) fn read(file: File, octets: u64, span: Span) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    open(file, octets, span)?.read_to_end(&mut all)?;
    Ok(all)
}

/// The next piece, and the reader for the one after it; empty at the end. Blocking.
pub(super) fn next_piece(mut reader: SpanReader<File>) -> (io::Result<Vec<u8>>, SpanReader<File>) {
    let mut piece = Vec::new();
    let read = reader.by_ref().take(PIECE).read_to_end(&mut piece);
    (read.map(|_| piece), reader)
}
