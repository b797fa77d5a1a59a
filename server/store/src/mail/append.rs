//! New messages: their files and rows. Durability is the journal's matter.

use super::scan::LETTERED;
use super::{AccountMail, Inner};
use crate::feed::ChangeKind;
use crate::incoming::Content;
use crate::index::{MailboxRow, MessageRow};
use crate::maildir::{Info, Place, create_private_file};
use crate::{AccountId, Code, Error, Flags, MailboxId, MailboxName, Result, Uid, UidValidity};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A message that arrives in one mailbox.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) base: &'a str,
    pub(crate) mailbox: &'a MailboxName,
    pub(crate) flags: Flags,
    pub(crate) keywords: &'a [String],
    /// Seconds since 1970.
    pub(crate) internal_date: i64,
    /// True if the file's time must be set, since the date is not now.
    pub(crate) is_dated: bool,
    /// Size with CRLF line ends.
    pub(crate) octets: u64,
    /// Fields before the content, in order.
    pub(crate) fields: [&'a [u8]; 3],
    pub(crate) content: &'a Content,
}

/// Where an arrival came to lie.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) account: AccountId,
    pub(crate) mailbox: MailboxId,
    pub(crate) uid_validity: UidValidity,
    pub(crate) uid: Uid,
    pub(crate) path: PathBuf,
    pub(crate) octets: u64,
}

impl AccountMail {
    /// Places messages, all in one transaction. Each result is for the arrival at the same position.
    ///
    /// A message without flags goes to `new`, as the Maildir specification has it for deliveries; one with flags to `cur`.
    pub(crate) fn place(&self, arrivals: &[Arrival<'_>]) -> Vec<Result<Placed>> {
        // The slow part, writing the files, needs no lock: nobody looks into `tmp`.
        let written: Vec<Result<PathBuf>> =
            arrivals.iter().map(|arrival| self.write_temporary(arrival)).collect();
        let outcome = self.with(|inner| inner.place(self.account, arrivals, &written));
        let remove = |path: &PathBuf| {
            // Gone already if it was renamed before the transaction failed.
            let _ = self.assume().map(|_assumed| fs::remove_file(path));
        };
        match outcome {
            Ok(placed) => placed
                .into_iter()
                .zip(written)
                .map(|(placed, written)| {
                    let temporary = written?;
                    placed.inspect_err(|_| remove(&temporary))
                })
                .collect(),
            Err(error) => {
                written.iter().flatten().for_each(remove);
                let code = error.code();
                let mut first = Some(error);
                written.into_iter().map(|_| Err(first.take().unwrap_or_else(|| Error::new(code)))).collect()
            }
        }
    }

    fn write_temporary(&self, arrival: &Arrival<'_>) -> Result<PathBuf> {
        let path = self.maildir.join("tmp").join(arrival.base);
        self.write_message(&path, arrival)?;
        Ok(path)
    }

    /// Writes fields and content to a new file, which is gone again if that fails.
    pub(super) fn write_message(&self, path: &Path, arrival: &Arrival<'_>) -> Result<()> {
        // The content is ours to read, and not the owner's.
        let spilled = match arrival.content {
            Content::Memory(_) => None,
            Content::File(spilled) => Some(spilled.reader()?),
        };
        let _assumed = self.assume()?;
        write_message(path, arrival, spilled).map_err(|error| {
            let _ = fs::remove_file(path);
            Error::from(error)
        })
    }

    /// Takes back a message whose delivery failed elsewhere.
    pub(crate) fn withdraw(&self, mailbox: MailboxId, uid: Uid) -> Result<()> {
        self.with(|inner| inner.remove_range(mailbox, uid.into(), |_| true).map(drop))
    }
}

impl Inner {
    fn place(
        &mut self,
        account: AccountId,
        arrivals: &[Arrival<'_>],
        written: &[Result<PathBuf>],
    ) -> Result<Vec<Result<Placed>>> {
        let mut rows: Vec<MailboxRow> = Vec::new();
        let mut visible = Vec::new();
        let mut results = Vec::with_capacity(arrivals.len());
        let mut added = Vec::new();
        let transaction = self.index.transaction()?;
        let outcome = (|| {
            for (arrival, written) in arrivals.iter().zip(written) {
                let Ok(temporary) = written else {
                    // The caller has the error itself.
                    results.push(Err(Error::new(Code::Io)));
                    continue;
                };
                let Some(row) = self.cached_row(&mut rows, arrival.mailbox)? else {
                    results.push(Err(Error::about(Code::MailboxUnknown, arrival.mailbox.as_str())));
                    continue;
                };
                let placed = self.place_one(account, row, arrival, temporary, &mut visible)?;
                added.push((row.clone(), placed.uid));
                results.push(Ok(placed));
            }
            for row in &rows {
                self.index.save_mailbox(row)?;
            }
            Ok(transaction.commit()?)
        })();
        if let Err(error) = outcome {
            for (temporary, path) in visible {
                let _ = fs::rename(path, temporary);
            }
            return Err(error);
        }
        for (row, uid) in added {
            self.note(&row, ChangeKind::Added { uid });
        }
        Ok(results)
    }

    /// The row of a mailbox, read once per batch; `None` if there is no such mailbox.
    fn cached_row<'a>(
        &self,
        rows: &'a mut Vec<MailboxRow>,
        name: &MailboxName,
    ) -> Result<Option<&'a mut MailboxRow>> {
        if !rows.iter().any(|row| row.name == *name) {
            match self.index.mailbox_by_name(name)? {
                Some(row) => rows.push(row),
                None => return Ok(None),
            }
        }
        Ok(rows.iter_mut().find(|row| row.name == *name))
    }

    /// Makes one file visible, which is noted in `visible` as it must be taken back on an error, and adds its row.
    fn place_one(
        &self,
        account: AccountId,
        row: &mut MailboxRow,
        arrival: &Arrival<'_>,
        temporary: &Path,
        visible: &mut Vec<(PathBuf, PathBuf)>,
    ) -> Result<Placed> {
        let folder = self.folder(row);
        let keywords = self.lasting_keyword_bits(&folder, row, arrival.keywords)?;
        let place = if arrival.flags.is_empty() && keywords == 0 {
            Place { in_new: true, info: None }
        } else {
            let info = Info { flags: arrival.flags, keywords: keywords & LETTERED, ..Info::default() };
            Place { in_new: false, info: Some(info.format()) }
        };
        let path = folder.file(arrival.base, &place);
        visible.push((temporary.to_owned(), path.clone()));
        fs::rename(temporary, &path)?;
        let message = MessageRow {
            uid: row.take_uid()?,
            base: arrival.base.to_owned(),
            place,
            flags: arrival.flags,
            keywords,
            mod_seq: row.take_mod_seq(),
            octets: arrival.octets,
            internal_date: arrival.internal_date,
        };
        row.count_in(&message);
        self.index.insert_message(row.id, &message)?;
        Ok(Placed {
            account,
            mailbox: row.id,
            uid_validity: row.status.uid_validity,
            uid: message.uid,
            path,
            octets: message.octets,
        })
    }
}

/// Writes fields and content to a new file. A file of that name in `tmp` is the remains of a run that was killed.
pub(crate) fn write_message(path: &Path, arrival: &Arrival<'_>, spilled: Option<File>) -> io::Result<()> {
    let mut file = match create_private_file(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            create_private_file(path)?
        }
        other => other?,
    };
    let mut fields = arrival.fields.concat();
    if let Content::Memory(bytes) = arrival.content {
        // One write: a system call costs more than the copy.
        fields.extend_from_slice(bytes);
    }
    file.write_all(&fields)?;
    if let Some(mut spilled) = spilled {
        io::copy(&mut spilled, &mut file)?;
    }
    if arrival.is_dated { set_time(&file, arrival.internal_date) } else { Ok(()) }
}

/// The internal date survives a lost index as the file's time.
fn set_time(file: &File, seconds: i64) -> io::Result<()> {
    let offset = Duration::from_secs(seconds.unsigned_abs());
    let time = if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(offset)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(offset)
    };
    time.map_or(Ok(()), |time| file.set_modified(time))
}
