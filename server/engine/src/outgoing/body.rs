//! The content of a message on its way out, read as often as it is needed.

use std::io::SeekFrom;

use postigo_message::Scanner;
use postigo_smtp::client::{
    ContentFacts, ContentScanner, Conversion, ConversionPlanner, Unconvertible,
};
use postigo_store::SpoolContent;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// A message of at most so many octets is read once and kept.
const KEPT: u64 = 64 << 10;

/// Larger ones are read in pieces of this size, each time anew.
const PIECE: usize = 64 << 10;

/// The content: fields that are added for this delivery, then what lies in the spool.
pub(crate) struct Body {
    added: Vec<u8>,
    stored: Stored,
    place: Place,
}

enum Stored {
    Kept(Vec<u8>),
    File { file: File, offset: u64, piece: Vec<u8> },
}

/// What is read next.
#[derive(Clone, Copy)]
enum Place {
    Added,
    Stored,
    End,
}

impl Body {
    /// Takes what the spool opened. `added` are complete fields, or nothing.
    pub async fn new(added: Vec<u8>, content: SpoolContent) -> std::io::Result<Self> {
        let SpoolContent { file, offset, octets } = content;
        let mut file = File::from_std(file);
        let stored = if octets <= KEPT {
            let mut kept = Vec::with_capacity(usize::try_from(octets).unwrap_or_default());
            file.take(octets).read_to_end(&mut kept).await?;
            Stored::Kept(kept)
        } else {
            Stored::File { file, offset, piece: Vec::new() }
        };
        Ok(Self { added, stored, place: Place::Added })
    }

    /// Goes back to the beginning.
    pub async fn rewind(&mut self) -> std::io::Result<()> {
        self.place = Place::Added;
        if let Stored::File { file, offset, .. } = &mut self.stored {
            file.seek(SeekFrom::Start(*offset)).await?;
        }
        Ok(())
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> std::io::Result<Option<&[u8]>> {
        if matches!(self.place, Place::Added) {
            self.place = Place::Stored;
            if !self.added.is_empty() {
                return Ok(Some(&self.added));
            }
        }
        if matches!(self.place, Place::End) {
            return Ok(None);
        }
        match &mut self.stored {
            Stored::Kept(kept) => {
                self.place = Place::End;
                Ok(Some(kept))
            }
            Stored::File { file, piece, .. } => {
                piece.resize(PIECE, 0);
                let read = file.read(piece).await?;
                Ok((read > 0).then(|| &piece[..read]))
            }
        }
    }

    /// What has to be known before it is offered. Leaves it at the beginning.
    pub async fn facts(&mut self) -> std::io::Result<ContentFacts> {
        self.rewind().await?;
        let mut scanner = ContentScanner::new();
        while let Some(piece) = self.next().await? {
            scanner.feed(piece);
        }
        self.rewind().await?;
        Ok(scanner.finish())
    }

    /// How it can be made 7-bit. Leaves it at the beginning.
    pub async fn conversion(&mut self) -> std::io::Result<Result<Conversion, Unconvertible>> {
        self.rewind().await?;
        let mut scanner = Scanner::new();
        while let Some(piece) = self.next().await? {
            scanner.feed(piece);
        }
        self.rewind().await?;
        let parsed = scanner.finish();
        let mut planner = ConversionPlanner::new(&parsed.structure);
        while let Some(piece) = self.next().await? {
            planner.feed(piece);
        }
        self.rewind().await?;
        Ok(planner.finish())
    }
}
