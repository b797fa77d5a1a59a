//! Mailboxes: list, create, delete, rename, subscribe.

use super::transfer::Kind;
use super::{AccountMail, Inner, MailboxInfo, Totals};
use crate::feed::ChangeKind;
use crate::index::MailboxRow;
use crate::maildir::{Folder, subscriptions};
use crate::{Code, Error, MailboxName, Result, SpecialUse, UidRange};
use std::fs;
use std::io;
use std::path::PathBuf;

/// A folder that is being deleted has this prefix, under which no program looks for mail.
const DELETING: &str = "deleting-";

impl AccountMail {
    /// All mailboxes, INBOX first, then by name. Folders that other programs made are included.
    pub fn list(&self) -> Result<Vec<MailboxInfo>> {
        self.with(|inner| {
            inner.match_folders()?;
            let subscribed = subscriptions::read(&inner.maildir)?;
            Ok(inner.index.mailboxes()?.iter().map(|row| info(row, &subscribed)).collect())
        })
    }

    /// Subscribed names, also of mailboxes that do not exist (RFC 3501 §6.3.9), sorted.
    pub fn subscriptions(&self) -> Result<Vec<MailboxName>> {
        self.with(|inner| subscriptions::read(&inner.maildir))
    }

    /// A mailbox by name; `None` if there is none.
    pub fn find(&self, name: &MailboxName) -> Result<Option<MailboxInfo>> {
        self.with(|inner| {
            if inner.index.mailbox_by_name(name)?.is_none_or(|row| !inner.folder(&row).exists()) {
                inner.match_folders()?;
            }
            let subscribed = subscriptions::read(&inner.maildir)?;
            Ok(inner.index.mailbox_by_name(name)?.map(|row| info(&row, &subscribed)))
        })
    }

    /// Creates a mailbox. Parents are not created: they are shown as names without a mailbox.
    /// Errors: [`Code::MailboxExists`].
    pub fn create(&self, name: &MailboxName, special_use: Option<SpecialUse>) -> Result<MailboxInfo> {
        self.with(|inner| {
            let row = inner.create(name, special_use)?;
            let subscribed = subscriptions::read(&inner.maildir)?;
            Ok(info(&row, &subscribed))
        })
    }

    /// Deletes a mailbox with its messages; mailboxes below it stay (RFC 3501 §6.3.4).
    /// Errors: [`Code::MailboxProtected`], [`Code::MailboxUnknown`].
    pub fn delete(&self, name: &MailboxName) -> Result<()> {
        self.with(|inner| inner.delete(name))
    }

    /// Renames a mailbox and those below it; subscriptions follow. Renaming INBOX moves its messages to a new mailbox
    /// (RFC 3501 §6.3.5).
    /// Errors: [`Code::MailboxUnknown`], [`Code::MailboxExists`], [`Code::BadMailboxName`].
    pub fn rename(&self, from: &MailboxName, to: &MailboxName) -> Result<()> {
        self.with(|inner| inner.rename(from, to))
    }

    /// Subscribes to a name or ends the subscription; the mailbox need not exist.
    pub fn subscribe(&self, name: &MailboxName, subscribed: bool) -> Result<()> {
        self.with(|inner| {
            let one = std::slice::from_ref(name);
            let (add, remove) = if subscribed { (one, &[][..]) } else { (&[][..], one) };
            subscriptions::change(&inner.maildir, add, remove)?;
            if let Some(row) = inner.index.mailbox_by_name(name)? {
                inner.note_mailbox(&row);
            }
            Ok(())
        })
    }

    /// The sums over all mailboxes, from the index's counters: no look at the folders.
    pub fn totals(&self) -> Result<Totals> {
        self.with(|inner| {
            Ok(inner.index.mailboxes()?.iter().fold(Totals::default(), |sum, row| Totals {
                messages: sum.messages + row.status.messages,
                unseen: sum.unseen + row.status.unseen,
                octets: sum.octets + row.status.octets,
            }))
        })
    }

    /// Creates the mailboxes that a new account starts with, and subscribes to them.
    pub(crate) fn create_standard_mailboxes(&self) -> Result<()> {
        self.with(|inner| {
            let mut names = vec![MailboxName::inbox()];
            for special_use in SpecialUse::ALL {
                let name = MailboxName::parse(special_use.default_name())?;
                if inner.index.mailbox_by_name(&name)?.is_none() {
                    inner.create(&name, Some(special_use))?;
                }
                names.push(name);
            }
            subscriptions::change(&inner.maildir, &names, &[])
        })
    }
}

impl Inner {
    fn create(&mut self, name: &MailboxName, special_use: Option<SpecialUse>) -> Result<MailboxRow> {
        self.match_folders()?;
        if self.index.mailbox_by_name(name)?.is_some() {
            return Err(Error::about(Code::MailboxExists, name.as_str()));
        }
        Folder::new(&self.maildir, name).create(name.is_inbox())?;
        let transaction = self.index.transaction()?;
        let row = self.index.insert_mailbox(name, special_use)?;
        transaction.commit()?;
        self.note_mailbox(&row);
        Ok(row)
    }

    fn delete(&mut self, name: &MailboxName) -> Result<()> {
        if name.is_inbox() {
            return Err(Error::about(Code::MailboxProtected, name.as_str()));
        }
        let row = self.by_name(name)?;
        let doomed =
            self.maildir.join(format!("{DELETING}{}", self.names.next(jiff::Timestamp::now(), 0, 0)));
        match fs::rename(self.folder(&row).path(), &doomed) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let transaction = self.index.transaction()?;
        self.index.remove_mailbox(&row)?;
        transaction.commit()?;
        self.note(&row, ChangeKind::Deleted);
        // From here on it is deleted; what a crash leaves, the next opening removes.
        self.finish_deletions()
    }

    /// Removes folders whose deletion was begun.
    pub(super) fn finish_deletions(&self) -> Result<()> {
        for entry in fs::read_dir(&self.maildir)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(DELETING)) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    fn rename(&mut self, from: &MailboxName, to: &MailboxName) -> Result<()> {
        self.match_folders()?;
        let row = self.by_name(from)?;
        if self.index.mailbox_by_name(to)?.is_some() {
            return Err(Error::about(Code::MailboxExists, to.as_str()));
        }
        if from.is_inbox() {
            let target = self.create(to, None)?;
            return self.transfer(row.id, &[UidRange::ALL], target.id, Kind::Move).map(drop);
        }
        if to.below(from).is_some() {
            // It would become its own parent.
            return Err(Error::about(Code::BadMailboxName, to.as_str()));
        }
        let plan = self.plan_rename(from, to)?;
        self.rename_folders(&plan)?;
        let transaction = self.index.transaction()?;
        let mut renamed = Vec::new();
        for (row, name) in plan {
            let old = row.name.clone();
            let row = MailboxRow { name, ..row };
            self.index.save_mailbox(&row)?;
            renamed.push((old, row));
        }
        transaction.commit()?;
        self.move_subscriptions(&renamed)?;
        for (_, row) in renamed {
            self.note_mailbox(&row);
        }
        Ok(())
    }

    /// The mailbox and those below it with their new names, none of which may be taken.
    fn plan_rename(&self, from: &MailboxName, to: &MailboxName) -> Result<Vec<(MailboxRow, MailboxName)>> {
        let rows = self.index.mailboxes()?;
        let mut plan = Vec::new();
        for row in &rows {
            let name = match row.name.below(from) {
                Some(rest) => to.join(rest)?,
                None if row.name == *from => to.clone(),
                None => continue,
            };
            if rows.iter().any(|other| other.name == name) {
                return Err(Error::about(Code::MailboxExists, name.as_str()));
            }
            plan.push((row.clone(), name));
        }
        Ok(plan)
    }

    /// Renames all folders, or none.
    fn rename_folders(&self, plan: &[(MailboxRow, MailboxName)]) -> Result<()> {
        let mut done: Vec<(PathBuf, PathBuf)> = Vec::new();
        for (row, name) in plan {
            let (old, new) =
                (self.folder(row).path().to_owned(), Folder::new(&self.maildir, name).path().to_owned());
            if let Err(error) = fs::rename(&old, &new) {
                for (old, new) in done {
                    let _ = fs::rename(new, old);
                }
                return Err(error.into());
            }
            done.push((old, new));
        }
        Ok(())
    }

    fn move_subscriptions(&self, renamed: &[(MailboxName, MailboxRow)]) -> Result<()> {
        let subscribed = subscriptions::read(&self.maildir)?;
        let (remove, add): (Vec<_>, Vec<_>) = renamed
            .iter()
            .filter(|(old, _)| subscribed.contains(old))
            .map(|(old, row)| (old.clone(), row.name.clone()))
            .unzip();
        subscriptions::change(&self.maildir, &add, &remove)
    }
}

fn info(row: &MailboxRow, subscribed: &[MailboxName]) -> MailboxInfo {
    MailboxInfo {
        id: row.id,
        name: row.name.clone(),
        special_use: row.special_use,
        subscribed: subscribed.contains(&row.name),
    }
}
