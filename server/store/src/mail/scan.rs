//! Finding what other programs did to a folder.

use super::{BATCH, Inner};
use crate::feed::ChangeKind;
use crate::incoming::Count;
use crate::index::{MailboxRow, MessageRow};
use crate::maildir::{
    Folder, Info, LETTERED_KEYWORDS, Place, keywords, open_message, stated_size, stated_time, subfolders,
};
use crate::{Code, Error, MailboxId, MailboxName, ModSeq, Result, SpecialUse, Uid, UidRange};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

/// A folder that changed less than this long ago may change again without a new modification time: the clock of file
/// systems is coarse (4 ms on Linux, 2 s on FAT). Its times are not trusted then, and the next look reads it again.
const SETTLED_NANOSECONDS: i64 = 2_000_000_000;

/// Keyword bits that are letters in the file name.
pub(super) const LETTERED: u64 = (1 << LETTERED_KEYWORDS) - 1;

impl Inner {
    /// Adds rows for folders that appeared and removes those of folders that went away.
    pub(super) fn match_folders(&mut self) -> Result<()> {
        if !Folder::new(&self.maildir, &MailboxName::inbox()).exists() {
            // A Maildir that is not there (an unmounted disk) is a failure and not an empty account.
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        }
        let mut on_disk = subfolders(&self.maildir)?;
        on_disk.push(MailboxName::inbox());
        let known = self.index.mailboxes()?;
        for row in known.iter().filter(|row| !on_disk.contains(&row.name)) {
            let transaction = self.index.transaction()?;
            self.index.remove_mailbox(row)?;
            transaction.commit()?;
            self.note(row, ChangeKind::Deleted);
        }
        for name in on_disk.iter().filter(|name| !known.iter().any(|row| row.name == **name)) {
            let special_use = SpecialUse::of_default_name(name.as_str())
                .filter(|special_use| !known.iter().any(|row| row.special_use == Some(*special_use)));
            let transaction = self.index.transaction()?;
            let row = self.index.insert_mailbox(name, special_use)?;
            transaction.commit()?;
            self.note(&row, ChangeKind::Mailbox);
        }
        Ok(())
    }

    /// The mailbox, after a look for foreign changes: cheap if the folder's times say that there are none.
    pub(super) fn refresh(&mut self, mailbox: MailboxId) -> Result<MailboxRow> {
        let row = self.index.mailbox(mailbox)?;
        let folder = self.folder(&row);
        if !folder.exists() {
            self.match_folders()?;
            return Err(Error::about(Code::MailboxUnknown, row.name.as_str()));
        }
        let modified = [folder.modified(true)?, folder.modified(false)?];
        if modified == row.modified { Ok(row) } else { self.scan(row) }
    }

    /// Reads the folder and brings the index in line with it.
    pub(super) fn scan(&mut self, mut row: MailboxRow) -> Result<MailboxRow> {
        let folder = self.folder(&row);
        let now = i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX);
        let modified = [folder.modified(true)?, folder.modified(false)?];
        let mut found = folder.messages()?;
        let before = row.clone();
        let transaction_changes = {
            let transaction = self.index.transaction()?;
            self.learn_keywords(&folder, &row)?;
            let flags_changed = self.match_known(&folder, &mut row, &mut found)?;
            let added = self.add_found(&folder, &mut row, found)?;
            row.modified = modified.map(|time| if now - time > SETTLED_NANOSECONDS { time } else { 0 });
            self.index.save_mailbox(&row)?;
            transaction.commit()?;
            (flags_changed, added)
        };
        let ((flags, vanished), added) = transaction_changes;
        for uid in added {
            self.note(&row, ChangeKind::Added { uid });
        }
        if flags {
            self.note(&row, ChangeKind::Flags);
        }
        if vanished {
            self.note(&row, ChangeKind::Vanished);
        }
        debug_assert!(row.status.highest_mod_seq >= before.status.highest_mod_seq, "mod-sequences only grow");
        Ok(row)
    }

    /// Takes over what `dovecot-keywords` says; where it contradicts us it is right, since it names the letters on disk.
    pub(super) fn learn_keywords(&self, folder: &Folder, row: &MailboxRow) -> Result<BTreeMap<u32, String>> {
        let mut known = self.index.keywords(row.id)?;
        for (number, name) in keywords::read(folder.path())? {
            if known.get(&number) != Some(&name) {
                self.index.set_keyword(row.id, number, &name)?;
                known.insert(number, name);
            }
        }
        Ok(known)
    }

    /// Updates the known messages and takes them out of `found`. Returns whether flags changed and whether any are gone.
    fn match_known(
        &self,
        folder: &Folder,
        row: &mut MailboxRow,
        found: &mut HashMap<String, Place>,
    ) -> Result<(bool, bool)> {
        let (mut mod_seq, mut flags_changed, mut missing) = (None, false, Vec::new());
        let mut next = Uid::MIN;
        loop {
            let batch = self.index.messages(row.id, UidRange { first: next, last: Uid::MAX }, BATCH)?;
            let Some(last) = batch.last().map(|message| message.uid) else { break };
            for message in batch {
                match found.remove(&message.base) {
                    Some(place) => flags_changed |= self.follow_file(row, message, place, &mut mod_seq)?,
                    None => missing.push(message),
                }
            }
            let Some(after) = last.0.checked_add(1) else { break };
            next = Uid(after);
        }
        if missing.is_empty() {
            return Ok((flags_changed, false));
        }
        // A file that was renamed while the folder was read may have been seen under neither name: look again.
        let mut again = folder.messages()?;
        let mut vanished = false;
        for message in missing {
            if let Some(place) = again.remove(&message.base) {
                flags_changed |= self.follow_file(row, message, place, &mut mod_seq)?;
            } else {
                let mod_seq = *mod_seq.get_or_insert_with(|| row.take_mod_seq());
                row.count_out(&message);
                self.index.remove_message(row, &message, mod_seq)?;
                vanished = true;
            }
        }
        Ok((flags_changed, vanished))
    }

    /// Takes over a known message's place and flags; true if the flags are others.
    fn follow_file(
        &self,
        row: &mut MailboxRow,
        mut message: MessageRow,
        place: Place,
        mod_seq: &mut Option<ModSeq>,
    ) -> Result<bool> {
        if message.place == place {
            return Ok(false);
        }
        row.count_out(&message);
        let info = Info::parse(place.info.as_deref());
        let keywords = (message.keywords & !LETTERED) | info.keywords;
        let flags_changed = (info.flags, keywords) != (message.flags, message.keywords);
        (message.place, message.flags, message.keywords) = (place, info.flags, keywords);
        if flags_changed {
            message.mod_seq = *mod_seq.get_or_insert_with(|| row.take_mod_seq());
        }
        row.count_in(&message);
        self.index.update_message(row.id, &message)?;
        Ok(flags_changed)
    }

    /// Gives UIDs to files that are new, in the order of their delivery.
    fn add_found(
        &self,
        folder: &Folder,
        row: &mut MailboxRow,
        found: HashMap<String, Place>,
    ) -> Result<Vec<Uid>> {
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_cached_key(|(base, _)| (stated_time(base), base.clone()));
        let mut added = Vec::new();
        let mut mod_seq = None;
        for (base, place) in found {
            let path = folder.file(&base, &place);
            let (octets, internal_date) = match measure(&path, &base) {
                Ok(measures) => measures,
                // It went away, or it is no file; if it comes back, the next look finds it.
                Err(error) => {
                    tracing::debug!(%error, path = %path.display(), "a file in a Maildir is left out");
                    continue;
                }
            };
            let info = Info::parse(place.info.as_deref());
            let message = MessageRow {
                uid: row.take_uid()?,
                base,
                place,
                flags: info.flags,
                keywords: info.keywords,
                mod_seq: *mod_seq.get_or_insert_with(|| row.take_mod_seq()),
                octets,
                internal_date,
            };
            row.count_in(&message);
            self.index.insert_message(row.id, &message)?;
            added.push(message.uid);
        }
        Ok(added)
    }
}

/// Octets with CRLF line ends, as the name states them or counted in the file; and the file's time in seconds.
fn measure(path: &std::path::Path, base: &str) -> io::Result<(u64, i64)> {
    let meta = std::fs::symlink_metadata(path)?;
    if !meta.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let modified = jiff::Timestamp::try_from(meta.modified()?).map_err(io::Error::other)?.as_second();
    // A stated size is only believed together with the size on disk; a file may have been edited in place.
    if let (Some(octets), Some(disk)) = (stated_size(base, 'W'), stated_size(base, 'S'))
        && disk == meta.len()
    {
        return Ok((octets, modified));
    }
    let mut file = open_message(path)?;
    let (mut count, mut buffer) = (Count::default(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((count.octets_with_crlf(), modified)),
            read => count.add(&buffer[..read]),
        }
    }
}
