//! Recovery: places what the last run promised and may not have finished.
//!
//! Replaying is idempotent; how it is for the spool, see [`crate::spool`]. A message is left alone if its file is in any folder of the account, or if the index knows that
//! it was there and went away. After a killed run a file that the index knows and that is missing was removed by another
//! program, since files are written first; after power loss it may never have reached the disk, and is written again.

use super::record::{Message, Recovered, StoredContent, Target};
use super::segment::{LastRun, used_segments};
use crate::incoming::{Content, SpillFile, sync_folder};
use crate::mail::Presence;
use crate::mails::Mails;
use crate::relocate;
use crate::spool::Recovering;
use crate::{AccountId, Code, MailboxName, Result};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
#[cfg(target_os = "linux")]
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What recovery found and did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Recovery {
    /// Messages found in the journal, once for each mailbox.
    pub(crate) found: usize,
    /// Those that had to be written.
    pub(crate) placed: usize,
    /// Messages of the spool that had to be written.
    pub(crate) spooled: usize,
    /// Messages of the spool that had a file only.
    pub(crate) adopted: usize,
    /// Messages of the spool that had no file any more.
    pub(crate) dropped: usize,
}

/// Replays the journal in `folder` and leaves it empty; also removes what is left in `incoming`.
pub(crate) fn recover(
    folder: &Path,
    incoming: &Path,
    mail_root: &Path,
    mails: &Mails,
    spool: &Recovering,
    last: LastRun,
) -> Result<Recovery> {
    let segments = used_segments(folder)?;
    let mut cancelled = HashSet::new();
    for (generation, segment) in &segments {
        segment.records(*generation, |entry| {
            if let Recovered::Cancel(bases) = entry {
                cancelled.extend(bases);
            }
            Ok(())
        })?;
    }
    let mut replay = Replay {
        incoming,
        mails,
        spool,
        last,
        files: HashMap::new(),
        used: BTreeMap::new(),
        done: Recovery { adopted: spool.adopt_files()?, ..Recovery::default() },
    };
    for (generation, segment) in &segments {
        segment.records(*generation, |entry| match entry {
            Recovered::Place(message, content) => replay.message(message, content, *generation, &cancelled),
            Recovered::Cancel(_) => Ok(()),
        })?;
    }
    for account in replay.used.keys() {
        mails.get(*account)?.rescan_all()?;
    }
    replay.done.dropped = spool.drop_rows_without_files()?;
    spool.forget_finished()?;
    let done = replay.finish(mail_root)?;
    for (_, segment) in &segments {
        segment.set_generation(0)?;
        segment.sync()?;
    }
    for entry in fs::read_dir(incoming)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(done)
}

struct Replay<'a> {
    incoming: &'a Path,
    mails: &'a Mails,
    spool: &'a Recovering,
    last: LastRun,
    /// The message files of the accounts met so far, by base.
    files: HashMap<AccountId, HashMap<String, PathBuf>>,
    /// Folders that must be durable before the journal is emptied.
    used: BTreeMap<AccountId, ()>,
    done: Recovery,
}

impl Replay<'_> {
    fn message(
        &mut self,
        mut message: Message,
        content: StoredContent,
        generation: u64,
        cancelled: &HashSet<String>,
    ) -> Result<()> {
        if message.bases().any(|base| cancelled.contains(base)) {
            return Ok(());
        }
        message.content = match content {
            StoredContent::Inline(bytes) => Content::Memory(bytes),
            StoredContent::File(name) => match SpillFile::reopen(self.incoming, &name) {
                Ok(file) => Content::File(Arc::new(file.keep())),
                Err(error) => {
                    // Contents are removed after their checkpoint: this record was applied and made durable.
                    tracing::debug!(cause = ?error, queue_id = message.queue_id, "a journaled content is no longer there");
                    return Ok(());
                }
            },
        };
        for target in &message.targets {
            self.target(&message, target)?;
        }
        self.done.spooled += usize::from(self.spool.replay(&message, generation)?);
        Ok(())
    }

    fn target(&mut self, message: &Message, target: &Target) -> Result<()> {
        self.done.found += 1;
        let mail = match self.mails.get(target.account) {
            Ok(mail) => mail,
            // The account was deleted after the delivery.
            Err(error) if error.code() == Code::AccountUnknown => return Ok(()),
            Err(error) => match self.mails.home(target.account) {
                // Whatever is wrong with one person's home must not keep the server from starting.
                Some(home) if home.maildir_user().is_some() => {
                    tracing::warn!(cause = ?error, account = %target.account, "a home cannot be reached; a message waits in the data folder");
                    self.done.placed += 1;
                    return relocate::keep_aside(&home, &message.arrival(target));
                }
                _ => return Err(error),
            },
        };
        self.used.insert(target.account, ());
        let files = match self.files.entry(target.account) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(unknown) => unknown.insert(mail.all_files()?),
        };
        let mut arrival = message.arrival(target);
        let power_loss = self.last == LastRun::PowerLoss;
        let rewrite = match (files.get(&target.base), mail.presence(&target.base)?) {
            (Some(path), _) if power_loss && !mail.has_content(path, &arrival)? => Some(path.clone()),
            (Some(_), _) | (None, Presence::Vanished) => return Ok(()),
            (None, Presence::Known(path)) if power_loss => Some(path),
            (None, Presence::Known(_)) => return Ok(()),
            (None, Presence::Unknown) => None,
        };
        self.done.placed += 1;
        let path = match rewrite {
            Some(path) => {
                mail.write_again(&path, &arrival)?;
                path
            }
            None => {
                // The mailbox of an appended message may have been deleted or renamed; it is not lost with it.
                let inbox = MailboxName::inbox();
                if mail.find(arrival.mailbox)?.is_none() {
                    arrival.mailbox = &inbox;
                }
                mail.place(&[arrival])
                    .into_iter()
                    .next()
                    .transpose()?
                    .map(|placed| placed.path)
                    .unwrap_or_default()
            }
        };
        files.insert(target.base.clone(), path);
        Ok(())
    }

    /// Makes durable what was written; the segments are emptied after this.
    fn finish(self, mail_root: &Path) -> Result<Recovery> {
        #[cfg(target_os = "linux")]
        {
            use super::checkpoint::{elsewhere, sync_file_systems};
            sync_file_systems(&[File::open(mail_root)?, File::open(self.spool.root())?])?;
            sync_file_systems(&elsewhere(self.mails)?)?;
        }
        #[cfg(not(target_os = "linux"))]
        self.spool.sync()?;
        #[cfg(not(target_os = "linux"))]
        for path in self.files.values().flat_map(HashMap::values) {
            match fs::OpenOptions::new().append(true).open(path) {
                Ok(file) => file.sync_all()?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            path.parent().map_or(Ok(()), sync_folder)?;
        }
        sync_folder(mail_root)?;
        Ok(self.done)
    }
}
