//! Segments: preallocated files that records are appended to, and that are used again.
//!
//! A segment begins with a page that holds its generation, 0 if it is empty. Appending to blocks that were written before
//! changes no metadata, so `fdatasync` writes the data and nothing else; that is why segments are filled with zeros first
//! and are not deleted after use.

use super::checkpoint::{Quiet, QuietSegment};
use super::record::{HEADER, MAX_RECORD_OCTETS, Message, Recovered, StoredContent, body_length, decode};
use crate::incoming::{Content, SpillFile, sync_folder};
use crate::lock::create_private_folder;
use crate::maildir::create_private_file;
use crate::{Result, StoreOptions};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Records begin after one page.
pub(super) const FIRST: u64 = 4096;
const MAGIC: [u8; 8] = *b"PTSEG\0\0\x01";
/// A segment grows by this much at a time, so that a small server has a small journal.
const GROWTH: u64 = 4 * 1024 * 1024;
const RUNNING: &str = "running";

/// One file of the journal.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    /// Octets that have been written before, at least with zeros.
    filled: Mutex<u64>,
}

/// A segment in use, shared by the writer and everything that is not yet applied. When the last of them is done, the
/// segment goes to the checkpoint.
pub(crate) struct InUse {
    pub(super) segment: Arc<Segment>,
    pub(super) generation: u64,
    /// Contents that the records refer to; they are removed after the checkpoint.
    pub(super) spilled: Mutex<Vec<Arc<SpillFile>>>,
    /// What was written, where the system cannot sync everything at once.
    pub(super) touched: Mutex<Vec<PathBuf>>,
    pub(super) quiet: Sender<Quiet>,
}

/// Reads single records of one use of a segment, as long as that lasts.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    segment: Arc<Segment>,
    pub(crate) generation: u64,
}

impl Records {
    /// The message of the record that begins at an octet; `None` if the use has ended.
    pub(crate) fn message(&self, at: u64) -> io::Result<Option<Message>> {
        self.segment.message(self.generation, at)
    }
}

impl InUse {
    /// The records of this use of the segment.
    pub(crate) fn records(&self) -> Records {
        Records { segment: self.segment.clone(), generation: self.generation }
    }

    /// Notes files and folders that the checkpoint must make durable.
    #[cfg_attr(target_os = "linux", expect(dead_code, reason = "Linux syncs the file system as a whole"))]
    pub(crate) fn touch(&self, paths: impl IntoIterator<Item = PathBuf>) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let take =
            |list: &Mutex<_>| std::mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner));
        let spilled = std::mem::take(&mut *self.spilled.lock().unwrap_or_else(PoisonError::into_inner));
        let touched = take(&self.touched);
        // The checkpoint thread outlives every user of a segment.
        let segment = self.segment.clone();
        let quiet = QuietSegment { segment, generation: self.generation, spilled, touched };
        let _ = self.quiet.send(Quiet::Segment(quiet));
    }
}

impl Segment {
    fn open(path: &Path) -> Result<Self> {
        let file = if path.exists() {
            OpenOptions::new().read(true).write(true).open(path)?
        } else {
            drop(create_private_file(path)?);
            OpenOptions::new().read(true).write(true).open(path)?
        };
        let filled = file.metadata()?.len();
        Ok(Self { file, filled: Mutex::new(filled) })
    }

    /// The generation of the records in it; 0 if it is empty.
    fn generation(&self) -> io::Result<u64> {
        let mut page = [0; 20];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        if let Err(error) = file.read_exact(&mut page) {
            return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(0) } else { Err(error) };
        }
        let (head, crc) = page.split_at(16);
        let is_whole = head[..8] == MAGIC && crc == crc32fast::hash(head).to_le_bytes();
        let generation = head[8..].try_into().map(u64::from_le_bytes).unwrap_or(0);
        Ok(if is_whole { generation } else { 0 })
    }

    /// Begins or, with 0, ends the use of the segment. Not synced.
    pub(super) fn set_generation(&self, generation: u64) -> io::Result<()> {
        let mut page = Vec::with_capacity(20);
        page.extend_from_slice(&MAGIC);
        page.extend_from_slice(&generation.to_le_bytes());
        page.extend_from_slice(&crc32fast::hash(&page).to_le_bytes());
        self.fill(FIRST)?;
        write_all_at(&self.file, &page, 0)
    }

    /// Writes records. The space is written before, so a full disk is noticed before any record is there.
    pub(super) fn write(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.fill(at + bytes.len() as u64)?;
        write_all_at(&self.file, bytes, at)
    }

    fn fill(&self, end: u64) -> io::Result<()> {
        const ZEROS: &[u8] = &[0; 64 * 1024];
        let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        if *filled >= end {
            return Ok(());
        }
        let target = end.next_multiple_of(GROWTH);
        while *filled < target {
            let octets = (target - *filled).min(ZEROS.len() as u64);
            write_all_at(&self.file, ZEROS.split_at(usize::try_from(octets).unwrap_or(0)).0, *filled)?;
            *filled += octets;
        }
        Ok(())
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// The message of one record, with its content if that is in the record. `None` if the segment is used anew.
    pub(super) fn message(&self, generation: u64, at: u64) -> io::Result<Option<Message>> {
        let mut record = vec![0; HEADER];
        read_exact_at(&self.file, &mut record, at)?;
        let Some(length) = body_length(&record).filter(|length| *length <= MAX_RECORD_OCTETS) else {
            return Ok(None);
        };
        record.resize(HEADER + length, 0);
        match read_exact_at(&self.file, &mut record[HEADER..], at + HEADER as u64) {
            // The length was being overwritten.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        Ok(match decode(&record, generation) {
            Some((Recovered::Place(message, StoredContent::Inline(bytes)), _)) => {
                Some(Message { content: Content::Memory(bytes), ..message })
            }
            _ => None,
        })
    }

    /// The records of the segment in order, up to the first that is not complete.
    pub(super) fn records(
        &self,
        generation: u64,
        mut visit: impl FnMut(Recovered) -> Result<()>,
    ) -> Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(FIRST))?;
        let mut reader = BufReader::with_capacity(256 * 1024, file);
        loop {
            let mut record = vec![0; HEADER];
            if reader.read_exact(&mut record).is_err() {
                return Ok(());
            }
            let Some(length) = body_length(&record).filter(|length| *length <= MAX_RECORD_OCTETS) else {
                return Ok(());
            };
            (&mut reader).take(length as u64).read_to_end(&mut record)?;
            let Some((entry, _)) = decode(&record, generation) else { return Ok(()) };
            visit(entry)?;
        }
    }
}

/// The segments of a journal.
pub(super) struct Pool {
    folder: PathBuf,
    state: Mutex<State>,
    freed: Condvar,
    max_segments: usize,
    pub(super) segment_octets: u64,
}

struct State {
    free: Vec<Arc<Segment>>,
    count: usize,
    generation: u64,
}

impl Pool {
    /// All segments are empty: recovery saw to that.
    pub(super) fn open(folder: &Path, options: &StoreOptions) -> Result<Self> {
        let free = segments(folder)?;
        let generation = u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or(0);
        Ok(Self {
            folder: folder.to_owned(),
            state: Mutex::new(State { count: free.len(), free, generation }),
            freed: Condvar::new(),
            max_segments: options.max_segments.max(2),
            segment_octets: options.segment_octets.max(FIRST * 2),
        })
    }

    /// An empty segment and the generation it shall have; waits for a checkpoint if all are in use.
    pub(super) fn take(&self) -> Result<(Arc<Segment>, u64)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(segment) = state.free.pop() {
                state.generation += 1;
                return Ok((segment, state.generation));
            }
            if state.count < self.max_segments {
                let segment = Segment::open(&self.folder.join(format!("{}.log", state.count)))?;
                // The name must be durable before a record in it is.
                sync_folder(&self.folder)?;
                state.count += 1;
                state.generation += 1;
                return Ok((Arc::new(segment), state.generation));
            }
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes back a segment whose messages are durable elsewhere.
    pub(super) fn give_back(&self, segment: Arc<Segment>) -> io::Result<()> {
        segment.set_generation(0)?;
        segment.sync()?;
        self.return_unused(segment);
        Ok(())
    }

    /// Takes back a segment in which no record was written.
    pub(super) fn return_unused(&self, segment: Arc<Segment>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).free.push(segment);
        self.freed.notify_one();
    }

    pub(super) fn note_clean_end(folder: &Path) -> Result<()> {
        fs::remove_file(folder.join(RUNNING))
            .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
        Ok(sync_folder(folder)?)
    }
}

/// How the last run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastRun {
    /// It was closed, or there was none.
    Closed,
    /// The process ended, the system went on: what was written is there, synced or not.
    Killed,
    /// The system went down, or we cannot tell: only what was synced is there for sure.
    PowerLoss,
}

impl LastRun {
    /// Finds out.
    pub(crate) fn find(folder: &Path) -> Result<Self> {
        create_private_folder(folder)?;
        let boot = boot_id();
        match fs::read_to_string(folder.join(RUNNING)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Closed),
            Err(error) => Err(error.into()),
            Ok(text) if !boot.is_empty() && text == boot => Ok(Self::Killed),
            Ok(_) => Ok(Self::PowerLoss),
        }
    }

    /// Notes that a run has begun; it is durable before the first delivery. Not before recovery is done: if that is
    /// interrupted after a power loss, the next one must still know of the power loss.
    pub(crate) fn note_begin(folder: &Path) -> Result<()> {
        let path = folder.join(RUNNING);
        let mut file = File::create(&path)?;
        file.write_all(boot_id().as_bytes())?;
        file.sync_all()?;
        Ok(sync_folder(folder)?)
    }
}

/// Identifies the time since the system was started; empty where we cannot tell.
fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default()
}

/// The segments in a folder.
fn segments(folder: &Path) -> Result<Vec<Arc<Segment>>> {
    let mut found = Vec::new();
    for number in 0.. {
        let path = folder.join(format!("{number}.log"));
        if !path.exists() {
            break;
        }
        found.push(Arc::new(Segment::open(&path)?));
    }
    Ok(found)
}

/// The segments with records, oldest first.
pub(super) fn used_segments(folder: &Path) -> Result<Vec<(u64, Arc<Segment>)>> {
    let mut used = Vec::new();
    for segment in segments(folder)? {
        let generation = segment.generation()?;
        if generation > 0 {
            used.push((generation, segment));
        }
    }
    used.sort_by_key(|(generation, _)| *generation);
    Ok(used)
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}
