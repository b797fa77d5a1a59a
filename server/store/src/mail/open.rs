//! Opening a mailbox, and what "recent" means: lying in `new`.

use super::{Access, AccountMail, Inner, MailboxStatus, Opened};
use crate::feed::ChangeKind;
use crate::index::MailboxRow;
use crate::maildir::Place;
use crate::{MailboxId, Result, Uid};
use std::fs;

impl AccountMail {
    /// Opens a mailbox: looks for foreign changes, then returns its UIDs.
    pub fn open(&self, mailbox: MailboxId, access: Access) -> Result<Opened> {
        self.with(|inner| inner.open(mailbox, access))
    }

    /// Claims what became recent since the mailbox was opened; for a session that has it open read-write.
    pub fn claim_recent(&self, mailbox: MailboxId) -> Result<Vec<Uid>> {
        self.with(|inner| {
            let row = inner.index.mailbox(mailbox)?;
            inner.claim_recent(row)
        })
    }

    /// The numbers of a mailbox, after a look for foreign changes.
    pub fn status(&self, mailbox: MailboxId) -> Result<MailboxStatus> {
        self.with(|inner| Ok(inner.refresh(mailbox)?.status))
    }

    /// Looks for foreign changes if the folders' times say that there may be some; changes go to the feed.
    pub fn poll(&self, mailbox: MailboxId) -> Result<()> {
        self.with(|inner| inner.refresh(mailbox).map(drop))
    }

    /// Looks for foreign changes in all mailboxes.
    pub(crate) fn poll_all(&self) -> Result<()> {
        self.with(|inner| {
            inner.match_folders()?;
            inner.index.mailboxes()?.iter().try_for_each(|row| inner.refresh(row.id).map(drop))
        })
    }
}

impl Inner {
    fn open(&mut self, mailbox: MailboxId, access: Access) -> Result<Opened> {
        let row = self.refresh(mailbox)?;
        let mut opened = Opened {
            status: row.status,
            uids: self.index.uids(mailbox)?,
            recent: Vec::new(),
            first_unseen: self.index.first_unseen(mailbox)?,
            keywords: self.index.keywords(mailbox)?.into_values().collect(),
        };
        opened.recent = match access {
            Access::ReadWrite => self.claim_recent(row)?,
            Access::ReadOnly => self.index.recent(mailbox)?.into_iter().map(|message| message.uid).collect(),
        };
        Ok(opened)
    }

    /// Moves the files of `new` to `cur`. No mod-sequence is taken: `\Recent` is no state of the message (RFC 7162 §3.1).
    fn claim_recent(&mut self, mut row: MailboxRow) -> Result<Vec<Uid>> {
        if row.status.recent == 0 {
            return Ok(Vec::new());
        }
        let folder = self.folder(&row);
        let mut claimed = Vec::new();
        let transaction = self.index.transaction()?;
        for mut message in self.index.recent(row.id)? {
            let info = message.place.info.clone().unwrap_or_else(|| "2,".to_owned());
            let wanted = Place { in_new: false, info: Some(info) };
            match fs::rename(folder.file(&message.base, &message.place), folder.file(&message.base, &wanted))
            {
                Ok(()) => {}
                // Another program was faster, or removed it; the next look at the folder finds out.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    row.modified = [0, 0];
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            row.count_out(&message);
            message.place = wanted;
            row.count_in(&message);
            self.index.update_message(row.id, &message)?;
            claimed.push(message.uid);
        }
        self.index.save_mailbox(&row)?;
        transaction.commit()?;
        // Nothing to publish: no other session shows \Recent for them, and their state is what it was.
        Ok(claimed)
    }

    /// A file of a watched folder was touched. If the index says the same as the file, it was our own doing.
    pub(super) fn follow_event(
        &mut self,
        mailbox: MailboxId,
        base: &str,
        name: &str,
        in_new: bool,
    ) -> Result<()> {
        let row = self.index.mailbox(mailbox)?;
        let is_there = self.folder(&row).part(in_new).join(name).exists();
        let known = self.index.message_by_base(base)?.filter(|(known, _)| *known == mailbox);
        let is_known = known.is_some_and(|(_, message)| {
            message.place.in_new == in_new
                && crate::maildir::join(base, message.place.info.as_deref()) == name
        });
        if is_there == is_known { Ok(()) } else { self.scan(row).map(drop) }
    }

    pub(super) fn note_mailbox(&mut self, row: &MailboxRow) {
        self.note(row, ChangeKind::Mailbox);
    }
}
