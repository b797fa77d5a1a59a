//! The content of a message on its way out, read as often as it is needed.

use std::io::{self, Read};

use postigo_message::Scanner;
use postigo_smtp::client::{ContentFacts, ContentScanner, Conversion, ConversionPlanner, Unconvertible};
use postigo_store::{QueuedEnvelope, Spool, SpoolContent};

/// A message of at most so many octets is read once and kept.
const KEPT: u64 = 64 << 10;

/// Larger ones are read in pieces of this size, each time anew.
const PIECE: usize = 64 << 10;

/// The content: fields that are added for this delivery, then what lies in the spool.
pub(crate) struct Body {
    added: Vec<u8>,
    spool: Spool,
    envelope: QueuedEnvelope,
    /// All of it, if it is small.
    kept: Option<Vec<u8>>,
    /// Where the reading is, if it is not.
    open: Option<SpoolContent>,
    piece: Vec<u8>,
    place: Place,
}

/// What is read next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Added,
    Stored,
    End,
}

impl Body {
    /// `added` are complete fields, or nothing.
    pub async fn open(added: Vec<u8>, spool: Spool, envelope: QueuedEnvelope) -> io::Result<Self> {
        let (reader, about) = (spool.clone(), envelope.clone());
        let read = move || {
            let mut content = reader.content(&about).map_err(io::Error::other)?;
            if content.octets() > KEPT {
                return Ok((None, Some(content)));
            }
            let mut kept = Vec::new();
            content.read_to_end(&mut kept)?;
            Ok((Some(kept), None))
        };
        let (kept, open) = blocking(read).await?;
        Ok(Self { added, spool, envelope, kept, open, piece: Vec::new(), place: Place::Added })
    }

    async fn content(&self) -> io::Result<SpoolContent> {
        let (spool, envelope) = (self.spool.clone(), self.envelope.clone());
        blocking(move || spool.content(&envelope).map_err(io::Error::other)).await
    }

    /// Goes back to the beginning.
    pub async fn rewind(&mut self) -> io::Result<()> {
        self.place = Place::Added;
        if self.kept.is_none() {
            self.open = Some(self.content().await?);
        }
        Ok(())
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> io::Result<Option<&[u8]>> {
        if self.place == Place::Added {
            self.place = Place::Stored;
            if !self.added.is_empty() {
                return Ok(Some(&self.added));
            }
        }
        if self.place == Place::End {
            return Ok(None);
        }
        if let Some(kept) = &self.kept {
            self.place = Place::End;
            return Ok(Some(kept));
        }
        let Some(mut content) = self.open.take() else { return Ok(None) };
        let mut piece = std::mem::take(&mut self.piece);
        let read = move || {
            piece.resize(PIECE, 0);
            let octets = content.read(&mut piece)?;
            piece.truncate(octets);
            Ok((content, piece))
        };
        let (content, piece) = blocking(read).await?;
        (self.open, self.piece) = (Some(content), piece);
        Ok((!self.piece.is_empty()).then_some(&self.piece))
    }

    /// What has to be known before it is offered. Leaves it at the beginning.
    pub async fn facts(&mut self) -> io::Result<ContentFacts> {
        self.rewind().await?;
        let mut scanner = ContentScanner::new();
        while let Some(piece) = self.next().await? {
            scanner.feed(piece);
        }
        self.rewind().await?;
        Ok(scanner.finish())
    }

    /// How it can be made 7-bit. Leaves it at the beginning.
    pub async fn conversion(&mut self) -> io::Result<Result<Conversion, Unconvertible>> {
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

/// Runs what waits for the disk where it may.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
