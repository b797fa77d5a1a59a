//! COPY and MOVE.

use super::flags::keyword_names;
use super::scan::LETTERED;
use super::{AccountMail, CopyOutcome, Inner};
use crate::feed::ChangeKind;
use crate::incoming::sync_folder;
use crate::index::{MailboxRow, MessageRow};
use crate::maildir::{Finder, Info, Place};
use crate::{MailboxId, Result, Uid, UidRange};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

impl AccountMail {
    /// Copies messages with their flags, keywords and dates; all or none (RFC 3501 §6.4.7). The same file on disk where
    /// the file system has hard links.
    pub fn copy(&self, from: MailboxId, uids: &[UidRange], to: MailboxId) -> Result<CopyOutcome> {
        self.with(|inner| inner.transfer(from, uids, to, Kind::Copy))
    }

    /// Moves messages (RFC 6851): each is in one of the two mailboxes at any instant, never in none. Within one mailbox
    /// they get new UIDs (RFC 6851 §3.3).
    pub fn move_to(&self, from: MailboxId, uids: &[UidRange], to: MailboxId) -> Result<CopyOutcome> {
        self.with(|inner| inner.transfer(from, uids, to, Kind::Move))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Copy,
    Move,
}

impl Inner {
    pub(super) fn transfer(
        &mut self,
        from: MailboxId,
        uids: &[UidRange],
        to: MailboxId,
        kind: Kind,
    ) -> Result<CopyOutcome> {
        let mut source = self.index.mailbox(from)?;
        let mut target = self.index.mailbox(to)?;
        let messages = self.rows(from, uids, usize::MAX)?;
        let folder = self.folder(&source);
        let mut finder = Finder::new(&folder);
        let mut done = Done::default();
        let transaction = self.index.transaction()?;
        let outcome = (|| {
            let mut pairs = Vec::with_capacity(messages.len());
            let names = self.index.keywords(from)?;
            for message in &messages {
                let keywords = keyword_names(message.keywords, &names);
                let Some(copy) =
                    self.transfer_file(&mut finder, &mut target, message, &keywords, kind, &mut done)?
                else {
                    // The file is gone; the next look at the folder notices.
                    source.modified = [0, 0];
                    continue;
                };
                self.index.insert_message(to, &copy)?;
                pairs.push((message.uid, copy.uid));
            }
            if kind == Kind::Copy && !pairs.is_empty() {
                // A client that copies and then expunges must not lose the message to a power loss in between: not every
                // file system writes the new name before the removal of the old one.
                sync_folder(&self.folder(&target).part(false))?;
            }
            self.index.save_mailbox(&target)?;
            if kind == Kind::Move {
                if from == to {
                    source = target.clone();
                }
                self.forget_moved(&mut source, &messages, &pairs)?;
                if from == to {
                    target = source.clone();
                }
            }
            transaction.commit()?;
            Ok(pairs)
        })();
        match outcome {
            Ok(uids) => {
                for (_, uid) in &uids {
                    self.note(&target, ChangeKind::Added { uid: *uid });
                }
                if kind == Kind::Move && !uids.is_empty() {
                    self.note(&source, ChangeKind::Vanished);
                }
                Ok(CopyOutcome { uid_validity: target.status.uid_validity, uids })
            }
            Err(error) => {
                done.undo();
                Err(error)
            }
        }
    }

    /// Links or renames one file; the row for it is not yet in the index.
    fn transfer_file(
        &self,
        finder: &mut Finder<'_>,
        target: &mut MailboxRow,
        message: &MessageRow,
        keywords: &[String],
        kind: Kind,
        done: &mut Done,
    ) -> Result<Option<MessageRow>> {
        let to = self.folder(target);
        let Some(place) = finder.find(&message.base, &message.place)? else { return Ok(None) };
        let old_path = finder.folder().file(&message.base, &place);
        let keywords = self.lasting_keyword_bits(&to, target, keywords)?;
        let others = Info::parse(place.info.as_deref()).others;
        let info = Info { flags: message.flags, keywords: keywords & LETTERED, others };
        let copy = MessageRow {
            uid: target.take_uid()?,
            // A base names one message. A moved one keeps it, unless it stays in the mailbox, where the old UID and the
            // new one must not share it.
            base: if kind == Kind::Move && finder.folder().path() != to.path() {
                message.base.clone()
            } else {
                let disk = fs::metadata(&old_path)?.len();
                self.names.next(jiff::Timestamp::now(), disk, message.octets)
            },
            place: Place { in_new: false, info: Some(info.format()) },
            flags: message.flags,
            keywords,
            mod_seq: target.take_mod_seq(),
            octets: message.octets,
            internal_date: message.internal_date,
        };
        let new_path = to.file(&copy.base, &copy.place);
        match kind {
            Kind::Move => {
                fs::rename(&old_path, &new_path)?;
                done.moved.push((old_path, new_path));
            }
            Kind::Copy => {
                link_or_copy(&old_path, &new_path, &self.maildir.join("tmp").join(&copy.base))?;
                done.created.push(new_path);
            }
        }
        target.count_in(&copy);
        Ok(Some(copy))
    }

    fn forget_moved(
        &self,
        source: &mut MailboxRow,
        messages: &[MessageRow],
        pairs: &[(Uid, Uid)],
    ) -> Result<()> {
        let mut mod_seq = None;
        for message in messages.iter().filter(|message| pairs.iter().any(|(uid, _)| *uid == message.uid)) {
            let mod_seq = *mod_seq.get_or_insert_with(|| source.take_mod_seq());
            source.count_out(message);
            self.index.remove_message(source, message, mod_seq)?;
        }
        self.index.save_mailbox(source)
    }
}

/// What was done to files, to be undone if the rest fails.
#[derive(Default)]
struct Done {
    created: Vec<PathBuf>,
    moved: Vec<(PathBuf, PathBuf)>,
}

impl Done {
    fn undo(self) {
        for path in self.created {
            let _ = fs::remove_file(path);
        }
        for (old, new) in self.moved {
            let _ = fs::rename(new, old);
        }
    }
}

/// A hard link, or a copy where the file system has none. Either way the new name appears with all of its content.
fn link_or_copy(old: &Path, new: &Path, temporary: &Path) -> io::Result<()> {
    if fs::hard_link(old, new).is_ok() {
        return Ok(());
    }
    let copy = || -> io::Result<()> {
        fs::copy(old, temporary)?;
        let file = fs::OpenOptions::new().write(true).open(temporary)?;
        file.set_modified(fs::metadata(old)?.modified()?)?;
        file.sync_data()?;
        fs::rename(temporary, new)
    };
    copy().inspect_err(|_| {
        let _ = fs::remove_file(temporary);
    })
}
