//! Reading, searching and removing messages.

use super::flags::{merge, number_of, state};
use super::{AccountMail, BATCH, Inner, MessageInfo, MessageState, Query};
use crate::feed::ChangeKind;
use crate::index::MessageRow;
use crate::maildir::{Finder, open_message};
use crate::{Code, Error, Flags, MailboxId, Result, Uid, UidRange};
use jiff::Timestamp;
use std::fs::{self, File};
use std::io;

impl AccountMail {
    /// States of the messages in these ranges, ascending, at most `limit`; the next batch begins after the last UID returned.
    pub fn states(&self, mailbox: MailboxId, uids: &[UidRange], limit: usize) -> Result<Vec<MessageState>> {
        self.with(|inner| {
            let names = inner.index.keywords(mailbox)?;
            Ok(inner.rows(mailbox, uids, limit)?.iter().map(|row| state(row, &names)).collect())
        })
    }

    /// As [`AccountMail::states`], with size and date.
    pub fn infos(&self, mailbox: MailboxId, uids: &[UidRange], limit: usize) -> Result<Vec<MessageInfo>> {
        self.with(|inner| {
            let names = inner.index.keywords(mailbox)?;
            let info = |row: &MessageRow| MessageInfo {
                state: state(row, &names),
                octets: row.octets,
                internal_date: Timestamp::from_second(row.internal_date).unwrap_or(Timestamp::UNIX_EPOCH),
            };
            Ok(inner.rows(mailbox, uids, limit)?.iter().map(info).collect())
        })
    }

    /// Opens a message's file for reading. The open file stays readable when the message is renamed or expunged.
    /// Errors: [`Code::MessageGone`].
    pub fn file(&self, mailbox: MailboxId, uid: Uid) -> Result<File> {
        self.with(|inner| inner.file(mailbox, uid))
    }

    /// Removes the messages in these ranges that have `\Deleted` (RFC 4315 §2.1; EXPUNGE passes [`UidRange::ALL`]).
    /// Returns the UIDs removed, ascending.
    pub fn expunge(&self, mailbox: MailboxId, uids: &[UidRange]) -> Result<Vec<Uid>> {
        self.with(|inner| {
            let mut removed = Vec::new();
            for range in merge(uids) {
                removed.append(
                    &mut inner.remove_range(mailbox, range, |row| row.flags.contains(Flags::DELETED))?,
                );
            }
            Ok(removed)
        })
    }

    /// UIDs of the messages that match, ascending.
    pub fn search(&self, mailbox: MailboxId, query: &Query) -> Result<Vec<Uid>> {
        self.with(|inner| {
            inner.index.mailbox(mailbox)?;
            let names = inner.index.keywords(mailbox)?;
            let bit = |keyword: &Option<String>| match keyword {
                Some(name) => number_of(&names, name).map(|number| 1_u64 << number),
                None => Some(0),
            };
            // No message has a keyword that the mailbox does not know.
            let Some(with) = bit(&query.keyword) else { return Ok(Vec::new()) };
            let without = bit(&query.without_keyword).unwrap_or(0);
            inner.index.search(mailbox, query, with, without)
        })
    }
}

impl Inner {
    /// Rows of ranges, ascending, at most `limit`.
    pub(super) fn rows(
        &self,
        mailbox: MailboxId,
        uids: &[UidRange],
        limit: usize,
    ) -> Result<Vec<MessageRow>> {
        self.index.mailbox(mailbox)?;
        let mut rows = Vec::new();
        for range in merge(uids) {
            if rows.len() >= limit {
                break;
            }
            rows.append(&mut self.index.messages(mailbox, range, limit - rows.len())?);
        }
        Ok(rows)
    }

    pub(super) fn file(&self, mailbox: MailboxId, uid: Uid) -> Result<File> {
        let folder = self.folder(&self.index.mailbox(mailbox)?);
        let rows = self.index.messages(mailbox, uid.into(), 1)?;
        let message = rows.first().ok_or_else(|| Error::new(Code::MessageGone))?;
        match open_message(&folder.file(&message.base, &message.place)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return Ok(other?),
        }
        let found = Finder::new(&folder).find(&message.base, &message.place)?;
        let place = found.ok_or_else(|| Error::new(Code::MessageGone))?;
        Ok(open_message(&folder.file(&message.base, &place))?)
    }

    /// Removes the messages of a range that `choose` picks.
    pub(super) fn remove_range(
        &mut self,
        mailbox: MailboxId,
        range: UidRange,
        choose: impl Fn(&MessageRow) -> bool,
    ) -> Result<Vec<Uid>> {
        let mut row = self.index.mailbox(mailbox)?;
        let folder = self.folder(&row);
        let mut finder = Finder::new(&folder);
        let (mut removed, mut mod_seq) = (Vec::new(), None);
        let transaction = self.index.transaction()?;
        let mut chosen = Vec::with_capacity(BATCH);
        self.each_message(mailbox, &[range], |message| {
            if choose(&message) {
                chosen.push(message);
            }
            Ok(())
        })?;
        for message in chosen {
            if let Some(place) = finder.find(&message.base, &message.place)? {
                match fs::remove_file(folder.file(&message.base, &place)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                    _ => {}
                }
            }
            let mod_seq = *mod_seq.get_or_insert_with(|| row.take_mod_seq());
            row.count_out(&message);
            self.index.remove_message(&row, &message, mod_seq)?;
            removed.push(message.uid);
        }
        self.index.save_mailbox(&row)?;
        transaction.commit()?;
        if mod_seq.is_some() {
            self.note(&row, ChangeKind::Vanished);
        }
        Ok(removed)
    }
}
