//! Content while it is received: in memory while small, in a file of `DATA/incoming` beyond that.

use crate::maildir::create_private_file;
use crate::{Code, Error, Result};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Collects the content of one message. Dropping it before delivery removes what was spilled.
#[derive(Debug)]
pub struct Incoming {
    folder: Arc<Path>,
    name: String,
    memory_octets: usize,
    /// All of a small content; the beginning of a spilled one.
    head: Vec<u8>,
    spill: Option<Spill>,
    count: Count,
    /// True while a write to the spill file is under way, and for ever if that write failed or its future was dropped.
    broken: bool,
}

#[derive(Debug)]
struct Spill {
    file: Arc<SpillFile>,
    pending: Vec<u8>,
}

/// A complete content, ready for the journal.
#[derive(Debug)]
pub(crate) enum Content {
    Memory(Vec<u8>),
    /// Synced, with its folder.
    File(Arc<SpillFile>),
}

impl Content {
    /// True for a message without any content; a spilled one has some.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Memory(bytes) if bytes.is_empty())
    }
}

/// A file of `DATA/incoming`, removed when the last user is done with it.
#[derive(Debug)]
pub(crate) struct SpillFile {
    file: File,
    path: PathBuf,
    pub(crate) name: String,
    is_kept: bool,
}

/// Octets, and what they would be with CRLF line ends.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) octets: u64,
    bare_line_feeds: u64,
    last: u8,
}

impl Count {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for at in memchr::memchr_iter(b'\n', bytes) {
            let before = if at == 0 { self.last } else { bytes[at - 1] };
            self.bare_line_feeds += u64::from(before != b'\r');
        }
        self.octets += bytes.len() as u64;
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    pub(crate) fn octets_with_crlf(&self) -> u64 {
        self.octets + self.bare_line_feeds
    }
}

impl SpillFile {
    fn create(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        Ok(Self { file: create_private_file(&path)?, path, name: name.to_owned(), is_kept: false })
    }

    /// Opens a file that recovery found.
    pub(crate) fn reopen(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        Ok(Self { file: File::open(&path)?, path, name: name.to_owned(), is_kept: false })
    }

    /// Leaves the file in its place when this goes away.
    pub(crate) fn keep(mut self) -> Self {
        self.is_kept = true;
        self
    }

    /// A new reader from the beginning.
    pub(crate) fn reader(&self) -> std::io::Result<File> {
        File::open(&self.path)
    }
}

impl Drop for SpillFile {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "a received content could not be removed");
        }
    }
}

impl Incoming {
    pub(crate) fn new(folder: Arc<Path>, name: String, memory_octets: usize) -> Self {
        Self {
            folder,
            name,
            memory_octets,
            head: Vec::new(),
            spill: None,
            count: Count::default(),
            broken: false,
        }
    }

    /// Appends a piece of content. Memory stays bounded by twice the store's `memory_octets` plus this piece.
    ///
    /// Errors: [`Code::StoreFull`] or [`Code::Io`] when the spill file cannot grow; the collection is then useless, every
    /// later call fails, and it can only be dropped. The same holds when this future is dropped before it is done.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if self.broken {
            return Err(Error::new(Code::Io));
        }
        self.count.add(bytes);
        let Some(spill) = &mut self.spill else {
            if self.head.len() + bytes.len() <= self.memory_octets {
                self.head.extend_from_slice(bytes);
                return Ok(());
            }
            return self.start_spill(bytes).await;
        };
        spill.pending.extend_from_slice(bytes);
        if spill.pending.len() < self.memory_octets { Ok(()) } else { self.flush(false).await }
    }

    async fn start_spill(&mut self, bytes: &[u8]) -> Result<()> {
        self.broken = true;
        let (folder, name) = (self.folder.clone(), self.name.clone());
        let file = blocking(move || SpillFile::create(&folder, &name)).await?;
        let mut pending = Vec::with_capacity(self.head.len() + bytes.len());
        pending.extend_from_slice(&self.head);
        pending.extend_from_slice(bytes);
        self.spill = Some(Spill { file: Arc::new(file), pending });
        self.flush(false).await
    }

    async fn flush(&mut self, sync: bool) -> Result<()> {
        let Some(spill) = &mut self.spill else { return Ok(()) };
        self.broken = true;
        let (file, mut pending) = (spill.file.clone(), std::mem::take(&mut spill.pending));
        let folder = self.folder.clone();
        spill.pending = blocking(move || {
            (&file.file).write_all(&pending)?;
            if sync {
                file.file.sync_data()?;
                sync_folder(&folder)?;
            }
            pending.clear();
            Ok(pending)
        })
        .await?;
        self.broken = false;
        Ok(())
    }

    /// Octets collected so far.
    pub fn octets(&self) -> u64 {
        self.count.octets
    }

    /// The first octets of the content (at most the store's `memory_octets`): enough for the header of nearly every message.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    pub(crate) fn count(&self) -> Count {
        self.count
    }

    /// Ends the collection; what was spilled is synced.
    pub(crate) async fn finish(mut self) -> Result<Content> {
        if self.broken {
            return Err(Error::new(Code::Io));
        }
        self.flush(true).await?;
        Ok(match self.spill {
            Some(spill) => Content::File(spill.file),
            None => Content::Memory(self.head),
        })
    }
}

/// Makes new names of a folder durable. Windows cannot sync a folder; its file system keeps names in its own journal.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Runs disk work off the runtime's threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::because(Code::Closed, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_line_feeds_are_counted_across_pieces() {
        for (pieces, octets) in [
            (&["a\r\n", "b\r\n"][..], 6),
            (&["a\r", "\nb"], 4),
            (&["a\n", "\nb\r\n"], 8),
            (&["\n"], 2),
            (&["", "\r", "", "\n"], 2),
        ] {
            let mut count = Count::default();
            pieces.iter().for_each(|piece| count.add(piece.as_bytes()));
            assert_eq!(count.octets_with_crlf(), octets, "{pieces:?}");
        }
    }

    #[tokio::test]
    async fn big_content_goes_to_a_file_that_a_drop_removes() {
        let folder = tempfile::tempdir().unwrap();
        let collect = || async {
            let mut incoming = Incoming::new(folder.path().into(), "one".into(), 100);
            for _ in 0..50 {
                incoming.write(b"0123456789").await.unwrap();
                assert!(incoming.head.len() <= 100);
            }
            incoming
        };
        let incoming = collect().await;
        assert_eq!((incoming.octets(), incoming.head()), (500, &b"0123456789".repeat(10)[..]));
        assert!(folder.path().join("one").exists());
        drop(incoming);
        assert!(!folder.path().join("one").exists());

        let Content::File(file) = collect().await.finish().await.unwrap() else { panic!("in memory") };
        assert_eq!(fs::read(folder.path().join(&file.name)).unwrap(), b"0123456789".repeat(50));
    }
}
