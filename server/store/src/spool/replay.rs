//! Recovery: what the spool must hold after a crash, from its files, its index and the journal.
//!
//! The index is the truth about recipients, the files about contents. Replaying a record does nothing to a message that the
//! index has, or remembers as finished; so a finished message does not come back while its record is left. After power loss
//! the index may have forgotten its last changes: then a record puts the message back, and records of local deliveries out
//! of the spool, which are replayed as well, take out of it again what they delivered.

use super::entry::Settle;
use super::file::Files;
use super::table::{NewMessage, Summary, Table};
use super::thread::{file_content, file_envelope, new_message, settle_one};
use crate::Result;
use crate::journal::{LastRun, Message};
use std::collections::{BTreeSet, HashSet};

/// Rows looked at in one go.
const BATCH: usize = 1000;

/// The spool while it is recovered.
#[derive(Debug)]
pub(crate) struct Recovering {
    pub(super) table: Table,
    pub(super) files: Files,
    /// The index is new although there may be messages.
    pub(super) is_new: bool,
    finished: HashSet<String>,
    last: LastRun,
}

impl Recovering {
    pub(super) fn new(table: Table, files: Files, is_new: bool, last: LastRun) -> Result<Self> {
        let finished = table.finished()?.into_iter().collect();
        Ok(Self { table, files, is_new, finished, last })
    }

    /// Adds messages that have a file and no row, and removes the files of those that are finished or are not whole; a
    /// journal record may still bring back the latter.
    pub(crate) fn adopt_files(&self) -> Result<usize> {
        if self.last == LastRun::Closed && !self.is_new {
            return Ok(0);
        }
        let mut adopted = 0;
        let transaction = self.table.transaction()?;
        self.files.for_each(|queue_ids| {
            for queue_id in queue_ids {
                if self.table.message(&queue_id)?.is_some() {
                    continue;
                }
                let found =
                    if self.finished.contains(&queue_id) { None } else { self.files.read(&queue_id)? };
                let Some(envelope) = found else {
                    self.files.remove(&queue_id)?;
                    continue;
                };
                adopted += 1;
                self.table.insert(&NewMessage {
                    queue_id: &queue_id,
                    generation: 0,
                    arrived: envelope.arrived,
                    octets: envelope.octets,
                    journal_at: None,
                    entry: &envelope.entry,
                })?;
            }
            Ok(())
        })?;
        transaction.commit()?;
        Ok(adopted)
    }

    /// Replays the spool's part of a record, and says whether a message had to be written.
    pub(crate) fn replay(&self, message: &Message, generation: u64) -> Result<bool> {
        let transaction = self.table.transaction()?;
        let is_written = self.replay_message(message, generation)?;
        let mut touched = BTreeSet::new();
        for settle in &message.settles {
            touched.extend(self.replay_settle(settle)?);
        }
        let mut finished = Vec::new();
        for row in touched {
            if let Some(Summary::Finished(queue_id)) = self.table.summarize(row)? {
                finished.push(queue_id);
            }
        }
        transaction.commit()?;
        for queue_id in finished {
            self.files.remove(&queue_id)?;
        }
        Ok(is_written)
    }

    fn replay_message(&self, message: &Message, generation: u64) -> Result<bool> {
        let Some(spooled) = &message.spool else { return Ok(false) };
        let known = self.table.message(&message.queue_id)?;
        // A file may be cut off: it was being written when the process was killed.
        let has_file = self.files.exists(&message.queue_id) && self.files.read(&message.queue_id)?.is_some();
        if self.finished.contains(&message.queue_id) {
            return Ok(false);
        }
        if let Some(row) = known
            && has_file
            && self.last != LastRun::PowerLoss
        {
            self.table.set_filed(row)?;
            return Ok(false);
        }
        // After power loss the file may be a part or a hole of what was written.
        self.files.write(&file_envelope(message, spooled), file_content(message, spooled))?;
        match known {
            Some(row) => {
                self.table.set_filed(row)?;
            }
            None => self.table.insert(&new_message(message, spooled, generation, None))?,
        }
        Ok(true)
    }

    fn replay_settle(&self, settle: &Settle) -> Result<Option<i64>> {
        // One that is not there was settled before the crash.
        let Some(row) = self.table.message_of(&settle.id)? else { return Ok(None) };
        settle_one(&self.table, row, settle)?;
        Ok(Some(row))
    }

    /// Takes out messages whose files are gone, after the replay.
    pub(crate) fn drop_rows_without_files(&self) -> Result<usize> {
        if self.last == LastRun::Closed {
            return Ok(0);
        }
        let (mut dropped, mut after) = (0, 0);
        let transaction = self.table.transaction()?;
        loop {
            let rows = self.table.messages_after(after, BATCH)?;
            let Some((last, _)) = rows.last() else { break };
            after = *last;
            for (row, queue_id) in rows {
                if !self.files.exists(&queue_id) {
                    dropped += 1;
                    tracing::error!(queue_id, "the file of a queued message is gone; the message is dropped");
                    self.table.finish(row)?;
                }
            }
        }
        transaction.commit()?;
        Ok(dropped)
    }

    /// The folder of files and index.
    #[cfg(target_os = "linux")]
    pub(crate) fn root(&self) -> &std::path::Path {
        self.files.root()
    }

    /// Syncs everything, file by file.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn sync(&self) -> Result<()> {
        let sync = |path: std::path::PathBuf| -> Result<()> {
            Ok(std::fs::OpenOptions::new().append(true).open(&path)?.sync_all()?)
        };
        self.files.for_each(|ids| ids.iter().try_for_each(|id| sync(self.files.path(id))))?;
        self.table.files().into_iter().filter(|path| path.exists()).try_for_each(sync)
    }

    /// After this the journal may be emptied, once what was written is synced.
    pub(crate) fn forget_finished(&self) -> Result<()> {
        let transaction = self.table.transaction()?;
        self.table.forget_finished(|_| false)?;
        Ok(transaction.commit()?)
    }
}
