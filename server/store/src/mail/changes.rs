//! What changed since a mod-sequence.

use super::flags::state;
use super::{AccountMail, Changes};
use crate::maildir::{FileName, MailboxName};
use crate::{MailboxId, ModSeq, Result};
use std::path::Path;

impl AccountMail {
    /// What changed after a mod-sequence.
    pub fn changes_since(&self, mailbox: MailboxId, since: ModSeq) -> Result<Changes> {
        self.with(|inner| {
            let row = inner.index.mailbox(mailbox)?;
            let names = inner.index.keywords(mailbox)?;
            let changed = inner.index.changed_since(mailbox, since)?;
            Ok(Changes {
                changed: changed.iter().map(|message| state(message, &names)).collect(),
                vanished: inner.index.vanished_since(mailbox, since)?,
                complete: since >= row.vanished_floor,
                highest_mod_seq: row.status.highest_mod_seq,
            })
        })
    }

    /// A watched path below the Maildir was touched: follows it if another program did it. True if a folder of a mailbox
    /// may have come or gone, so that other folders are to be watched.
    pub(crate) fn follow(&self, path: &Path) -> Result<bool> {
        let Ok(below) = path.strip_prefix(&self.maildir) else { return Ok(false) };
        let parts: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
        let (mailbox, part, name) = match parts[..] {
            [part @ ("new" | "cur"), name] => (MailboxName::inbox(), part, name),
            [folder, part @ ("new" | "cur"), name] => match MailboxName::from_folder(folder) {
                Some(mailbox) => (mailbox, part, name),
                None => return Ok(false),
            },
            [folder] if MailboxName::from_folder(folder).is_some() => {
                self.poll_all()?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        let Some(parsed) = FileName::parse(name) else { return Ok(false) };
        self.with(|inner| match inner.index.mailbox_by_name(&mailbox)? {
            Some(row) => inner.follow_event(row.id, parsed.base, name, part == "new"),
            None => Ok(()),
        })?;
        Ok(false)
    }

    /// The folders in which files of messages appear, and the Maildir itself, in which folders appear.
    pub(crate) fn watched_folders(&self) -> Result<Vec<std::path::PathBuf>> {
        self.with(|inner| {
            let mut folders = vec![self.maildir.clone()];
            for row in inner.index.mailboxes()? {
                let folder = inner.folder(&row);
                folders.extend([folder.part(true), folder.part(false)]);
            }
            Ok(folders)
        })
    }
}
