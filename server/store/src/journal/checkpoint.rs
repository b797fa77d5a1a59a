//! The checkpoint thread: makes what was applied durable, and gives the segments back.

use super::Input;
use super::segment::{Pool, Segment};
use crate::Result;
use crate::incoming::SpillFile;
use crate::mails::Mails;
use crate::spool::Spool;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::WeakSender;

/// An index's write-ahead log above this size is moved into its database.
const MAX_WAL_OCTETS: u64 = 1024 * 1024;

/// What the checkpoint thread is told.
pub(crate) enum Quiet {
    /// A segment became active.
    Began(u64),
    /// Everything in a segment is applied, and nothing is added any more.
    Segment(QuietSegment),
}

/// A segment whose messages are placed, and what has to do with them.
pub(crate) struct QuietSegment {
    pub(super) segment: Arc<Segment>,
    pub(super) generation: u64,
    pub(super) spilled: Vec<Arc<SpillFile>>,
    pub(super) touched: Vec<PathBuf>,
}

/// State of the checkpoint thread.
pub(super) struct Checkpointer {
    /// Folders on all file systems that hold mail.
    roots: Vec<File>,
    pool: Arc<Pool>,
    mails: Arc<Mails>,
    spool: Spool,
    journal: WeakSender<Input>,
    interval: Duration,
    /// The active segment's generation, and when it must be closed.
    due: Option<(u64, Instant)>,
    waiting: Vec<QuietSegment>,
}

impl Checkpointer {
    pub(super) fn new(
        mail_root: &Path,
        pool: Arc<Pool>,
        mails: Arc<Mails>,
        spool: Spool,
        journal: WeakSender<Input>,
        interval: Duration,
    ) -> Result<Self> {
        let roots = vec![File::open(mail_root)?, File::open(spool.root())?];
        Ok(Self { roots, pool, mails, spool, journal, interval, due: None, waiting: Vec::new() })
    }

    /// Runs until the writer and all users of segments are gone.
    pub(super) fn run(mut self, events: &Receiver<Quiet>) {
        loop {
            let event = match self.due {
                Some((_, at)) => events.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(event) => {
                    self.take(event);
                    while let Ok(event) = events.try_recv() {
                        self.take(event);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.ask_for_rotation(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.checkpoint();
        }
        self.mails.checkpoint(0);
    }

    fn take(&mut self, event: Quiet) {
        match event {
            Quiet::Began(generation) => self.due = Some((generation, Instant::now() + self.interval)),
            Quiet::Segment(segment) => self.waiting.push(segment),
        }
    }

    /// The writer is asked, not made to wait: if its queue is full it is busy and closes the segment itself before long.
    fn ask_for_rotation(&mut self) {
        let Some((generation, _)) = self.due.take() else { return };
        let asked =
            self.journal.upgrade().is_none_or(|journal| journal.try_send(Input::Rotate(generation)).is_ok());
        if !asked {
            self.due = Some((generation, Instant::now() + self.interval));
        }
    }

    fn checkpoint(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if let Err(error) = self.file_messages() {
            tracing::error!(cause = ?error, "queued messages could not be written; their journal is kept");
            return;
        }
        if let Err(error) = self.sync_everything() {
            // The segments keep their records; the next checkpoint tries again.
            tracing::error!(%error, "mail could not be made durable; its journal is kept");
            return;
        }
        let mut released = Vec::with_capacity(self.waiting.len());
        for QuietSegment { segment, generation, spilled, .. } in self.waiting.drain(..) {
            match self.pool.give_back(segment) {
                Ok(()) => released.push(generation),
                Err(error) => tracing::error!(%error, "a journal segment could not be emptied"),
            }
            // Removes the contents from `incoming`.
            drop(spilled);
        }
        self.spool.released(released);
        self.mails.checkpoint(MAX_WAL_OCTETS);
    }

    /// Messages of the spool whose content is only in these segments get their files.
    fn file_messages(&mut self) -> Result<()> {
        for segment in &mut self.waiting {
            let files = self.spool.file_messages(segment.generation)?;
            segment.touched.extend(files.iter().filter_map(|file| file.parent()).map(PathBuf::from));
            segment.touched.extend(files);
        }
        Ok(())
    }

    /// One call for each file system. It also writes what others left unwritten there, which can take long on a
    /// busy machine; deliveries go on meanwhile in the next segment.
    #[cfg(target_os = "linux")]
    fn sync_everything(&self) -> io::Result<()> {
        sync_file_systems(&self.roots)?;
        sync_file_systems(&elsewhere(&self.mails)?)
    }

    /// Syncs file by file, folder by folder. What is gone needs no sync.
    #[cfg(not(target_os = "linux"))]
    fn sync_everything(&self) -> io::Result<()> {
        let mut paths: Vec<&PathBuf> = self.waiting.iter().flat_map(|segment| &segment.touched).collect();
        paths.sort();
        paths.dedup();
        for path in paths {
            if path.is_dir() {
                crate::incoming::sync_folder(path)?;
                continue;
            }
            match std::fs::OpenOptions::new().append(true).open(path) {
                Ok(file) => file.sync_all()?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        self.roots.iter().try_for_each(File::sync_all)
    }
}

/// Maildirs outside the data folder. One that is not there has nothing to sync.
#[cfg(target_os = "linux")]
pub(super) fn elsewhere(mails: &Mails) -> io::Result<Vec<File>> {
    let mut folders = Vec::new();
    for path in mails.maildirs_elsewhere() {
        match File::open(path) {
            Ok(folder) => folders.push(folder),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(folders)
}

/// Syncs the file systems that the folders are on, each once.
#[cfg(target_os = "linux")]
pub(super) fn sync_file_systems(folders: &[File]) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let mut synced = Vec::new();
    for folder in folders {
        let device = folder.metadata()?.dev();
        if !synced.contains(&device) {
            rustix::fs::syncfs(folder)?;
            synced.push(device);
        }
    }
    Ok(())
}
