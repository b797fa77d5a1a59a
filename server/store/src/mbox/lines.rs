//! Lines of a file of any size, in pieces that fit into memory.

use std::io::{self, BufRead};

/// Longer lines come in several pieces.
const MAX_PIECE: u64 = 64 * 1024;

/// Reads lines.
pub(super) struct Lines<R> {
    input: R,
    piece: Vec<u8>,
    /// The next piece begins a line.
    begins: bool,
    /// Octets read.
    at: u64,
}

/// A line with its line end, or a part of a long one.
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    /// It begins a line.
    pub(super) begins: bool,
    /// Where it begins.
    pub(super) at: u64,
}

impl Piece<'_> {
    /// True for a line without anything in it.
    pub(super) fn is_blank(&self) -> bool {
        self.begins && matches!(self.bytes, b"\n" | b"\r\n")
    }
}

impl<R: BufRead> Lines<R> {
    /// `at` is where the input is in its file.
    pub(super) fn new(input: R, at: u64) -> Self {
        Self { input, piece: Vec::new(), begins: true, at }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece<'_>>> {
        self.piece.clear();
        let (begins, at) = (self.begins, self.at);
        let read = io::Read::take(&mut self.input, MAX_PIECE).read_until(b'\n', &mut self.piece)?;
        if read == 0 {
            return Ok(None);
        }
        self.begins = self.piece.last() == Some(&b'\n');
        self.at += self.piece.len() as u64;
        Ok(Some(Piece { bytes: &self.piece, begins, at }))
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn long_lines_come_in_pieces_and_nothing_is_lost() {
        let long = [vec![b'x'; 150_000], b"\n\r\nlast".to_vec()].concat();
        let mut lines = Lines::new(&long[..], 7);
        let (mut together, mut begins, mut blank, mut at) = (Vec::new(), Vec::new(), 0, 7);
        while let Some(piece) = lines.next().unwrap() {
            assert_eq!(piece.at, at);
            at += piece.bytes.len() as u64;
            together.extend_from_slice(piece.bytes);
            begins.push(piece.begins);
            blank += usize::from(piece.is_blank());
        }
        assert_eq!(together, long);
        assert_eq!(begins, [true, false, false, true, true]);
        assert_eq!(blank, 1);
    }
}
