//! One account's mbox, and how it is kept equal to INBOX.

use super::compare::{Found, match_entries, merge_flags};
use super::export::{copy, copy_with_flags, write_stored};
use super::format::{Digest, Header, Kind, digest_of, unquoted};
use super::lines::Lines;
use super::lock::{Locked, Place};
use super::rewrite::{create_side, end_with_blank_line, finish, rewrite};
use super::scan::scan;
use super::state::{Known, Stamp, State};
use crate::accounts::Home;
use crate::mail::AccountMail;
use crate::{
    Access, AccountId, Append, Code, Error, FlagAction, FlagChange, Flags, MailboxId, MailboxName, ModSeq,
    Result, Store, Uid, UidRange,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// States read at a time.
const BATCH: usize = 500;

/// One account's mbox.
pub(super) struct Mirror {
    account: AccountId,
    place: Place,
    side: PathBuf,
    state: State,
    /// INBOX is compared from here on; `None` compares all of it, once in a run.
    since: Option<ModSeq>,
}

/// What INBOX has to say.
struct Inbox {
    mail: Arc<AccountMail>,
    id: MailboxId,
    /// Flags of those that are new or changed.
    changed: BTreeMap<Uid, Flags>,
    vanished: BTreeSet<Uid>,
    highest: ModSeq,
}

impl Mirror {
    /// `None` if the account has no mbox.
    pub(super) fn open(account: AccountId, home: &Home) -> Result<Option<Self>> {
        let Some((path, user)) = home.mbox() else { return Ok(None) };
        let place = Place::find(path, user)?;
        crate::lock::create_private_folder(&home.folder)?;
        let state = State::open(&home.folder.join("mbox.db"))?;
        Ok(Some(Self { account, place, side: home.folder.join("mbox.rewrite"), state, since: None }))
    }

    /// True if another program has changed the file, or it is gone. Cheap.
    pub(super) fn is_touched(&self) -> Result<bool> {
        match fs::symlink_metadata(&self.place.path) {
            Ok(meta) => Ok(Stamp::of(&meta) != self.state.stamp()?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes both sides equal. What was imported is durable when this returns.
    ///
    /// Errors: [`Code::MailboxLocked`] if somebody has the file locked: nothing was done, and it is to be tried again.
    pub(super) async fn sync(&mut self, store: &Store) -> Result<()> {
        let inbox = self.ask_inbox(store)?;
        let is_interrupted = self.state.rewrite()?.is_some();
        let touched = self.is_touched()? || is_interrupted;
        if touched || self.has_to_learn(&inbox)? {
            let highest = inbox.highest;
            self.sync_locked(store, inbox).await?;
            self.since = Some(highest);
        } else {
            self.since = Some(inbox.highest);
        }
        Ok(())
    }

    fn ask_inbox(&mut self, store: &Store) -> Result<Inbox> {
        let mail = store.mail(self.account)?;
        let name = MailboxName::inbox();
        let found = mail.find(&name)?.ok_or_else(|| Error::about(Code::MailboxUnknown, name.as_str()))?;
        let opened = mail.open(found.id, Access::ReadOnly)?;
        if self.state.uid_validity()? != i64::from(opened.status.uid_validity.get()) {
            // The index was built anew: what was in common is found again by what the messages are.
            self.state.forget()?;
            self.state.set_uid_validity(opened.status.uid_validity)?;
            self.since = None;
        }
        let mut inbox = Inbox {
            id: found.id,
            changed: BTreeMap::new(),
            vanished: BTreeSet::new(),
            highest: opened.status.highest_mod_seq,
            mail,
        };
        let changes = match self.since {
            Some(since) => {
                Some(inbox.mail.changes_since(found.id, since)?).filter(|changes| changes.complete)
            }
            None => None,
        };
        match changes {
            Some(changes) => {
                inbox.changed = changes.changed.into_iter().map(|state| (state.uid, state.flags)).collect();
                inbox.vanished = changes.vanished.into_iter().collect();
                inbox.highest = changes.highest_mod_seq;
            }
            None => {
                inbox.changed = all_flags(&inbox.mail, found.id)?;
                let known = self.state.all()?;
                inbox.vanished = known.into_keys().filter(|uid| !inbox.changed.contains_key(uid)).collect();
            }
        }
        Ok(inbox)
    }

    /// True if INBOX has what the file has not.
    fn has_to_learn(&self, inbox: &Inbox) -> Result<bool> {
        for (uid, flags) in &inbox.changed {
            if self.state.get(*uid)?.is_none_or(|known| known.flags != *flags) {
                return Ok(true);
            }
        }
        for uid in &inbox.vanished {
            if self.state.get(*uid)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn sync_locked(&self, store: &Store, mut inbox: Inbox) -> Result<()> {
        let locked = self.place.lock()?;
        let file = &locked.file;
        if locked.is_new {
            inbox.changed = all_flags(&inbox.mail, inbox.id)?;
        }
        let inbox = &inbox;
        finish(file, &self.side, &self.state)?;
        let seen = Stamp::of(&file.metadata()?);
        let is_touched = locked.is_new || seen != self.state.stamp()?;
        let mut flags = BTreeMap::new();
        for (uid, now) in &inbox.changed {
            if let Some(known) = self.state.get(*uid)?
                && known.flags != *now
            {
                flags.insert(*uid, *now);
            }
        }
        let has_gone = inbox.vanished.iter().map(|uid| self.state.get(*uid)).collect::<Result<Vec<_>>>()?;
        let is_written = if is_touched || !flags.is_empty() || has_gone.iter().any(Option::is_some) {
            self.compare(store, inbox, &locked, seen, flags).await?
        } else {
            let fresh = self.fresh(inbox)?;
            self.append(inbox, file, &fresh)?
        };
        // Without a change of ours it is what was read: a later one, by a program without locks, is still to be looked at.
        self.state.set_stamp(if is_written { Stamp::of(&file.metadata()?) } else { seen })
    }

    /// Messages of INBOX that were never in the file.
    fn fresh(&self, inbox: &Inbox) -> Result<Vec<(Uid, Flags)>> {
        let mut fresh = Vec::new();
        for (uid, flags) in &inbox.changed {
            if self.state.get(*uid)?.is_none() {
                fresh.push((*uid, *flags));
            }
        }
        Ok(fresh)
    }

    /// Compares everything; true if the file was written. `flags` are those of INBOX that changed.
    ///
    /// Errors: [`Code::MailboxLocked`] if the file is not as `seen` any more: editors write without locks, and half of what they write
    /// would look as if the rest had been deleted.
    async fn compare(
        &self,
        store: &Store,
        inbox: &Inbox,
        locked: &Locked<'_>,
        seen: Stamp,
        mut flags: BTreeMap<Uid, Flags>,
    ) -> Result<bool> {
        let file = &locked.file;
        let mut known = self.state.all()?;
        let mut found: Vec<Found> = scan(file)?.into_iter().map(|entry| Found { entry, uid: None }).collect();
        if Stamp::of(&file.metadata()?) != seen {
            return Err(Error::about(Code::MailboxLocked, self.place.path.display().to_string()));
        }
        let digests = known.iter().map(|(uid, known)| (*uid, known.digest)).collect();
        let missing = match_entries(&mut found, &digests);
        self.match_fresh(inbox, &mut found)?;
        for one in found.iter_mut().filter(|one| one.uid.is_none()) {
            one.uid = Some(self.import(store, file, one).await?);
        }
        // Also of what was imported: should this not be noted any more, it is found to be in both.
        let transaction = self.state.transaction()?;
        for one in &found {
            let new = Known { digest: one.entry.digest, flags: one.entry.flags };
            if let Some(uid) = one.uid.filter(|uid| !known.contains_key(uid)) {
                self.state.put(uid, new)?;
                known.insert(uid, new);
            }
        }
        for uid in missing {
            if !locked.is_new {
                // Somebody deleted it in the file, or moved it elsewhere.
                inbox.mail.withdraw(inbox.id, uid)?;
            }
            // A file that is not there says nothing about its messages: all go into the new one.
            self.state.remove(uid)?;
            known.remove(&uid);
        }
        transaction.commit()?;
        self.take_flags(inbox, &found, &known, &mut flags)?;
        self.write_back(inbox, file, &found, &flags)
    }

    /// After a crash, messages may be in both although that was not noted.
    fn match_fresh(&self, inbox: &Inbox, found: &mut [Found]) -> Result<()> {
        if found.iter().all(|one| one.uid.is_some()) {
            return Ok(());
        }
        let mut digests: BTreeMap<Uid, Digest> = BTreeMap::new();
        for (uid, _) in self.fresh(inbox)? {
            if let Some(message) = present(inbox.mail.file(inbox.id, uid))? {
                digests.insert(uid, digest_of(BufReader::with_capacity(64 * 1024, message))?);
            }
        }
        match_entries(found, &digests);
        Ok(())
    }

    /// Takes a message of the file into INBOX.
    async fn import(&self, store: &Store, mut file: &File, one: &Found) -> Result<Uid> {
        let mut incoming = store.incoming();
        file.seek(SeekFrom::Start(one.entry.start))?;
        let input = BufReader::with_capacity(64 * 1024, file.take(one.entry.end - one.entry.start));
        let (mut lines, mut header, mut blank) = (Lines::new(input, 0), Header::default(), 0_u64);
        // The `From ` line is not part of the message.
        lines.next()?;
        while let Some(piece) = lines.next()? {
            match header.kind(&piece) {
                Kind::AboutTheFile => {}
                // Empty lines at the end belong to the file.
                Kind::Body if piece.is_blank() => blank += 1,
                Kind::Header | Kind::EndOfHeader | Kind::Body => {
                    for _ in 0..std::mem::take(&mut blank) {
                        incoming.write(b"\r\n").await?;
                    }
                    let line = unquoted(&piece);
                    match line.strip_suffix(b"\n").filter(|line| !line.ends_with(b"\r")) {
                        Some(line) => {
                            incoming.write(line).await?;
                            incoming.write(b"\r\n").await?;
                        }
                        None => incoming.write(line).await?,
                    }
                }
            }
        }
        if !header.is_over() {
            incoming.write(b"\r\n").await?;
        }
        let internal_date = one.entry.date.and_then(|date| Timestamp::from_second(date).ok());
        let append = Append {
            mailbox: MailboxName::inbox(),
            incoming,
            flags: one.entry.flags,
            keywords: Vec::new(),
            internal_date,
        };
        Ok(store.append(self.account, append).await?.uid)
    }

    /// Takes the flags that changed in the file into INBOX; `flags` are then those that the file is to have.
    fn take_flags(
        &self,
        inbox: &Inbox,
        found: &[Found],
        known: &BTreeMap<Uid, Known>,
        flags: &mut BTreeMap<Uid, Flags>,
    ) -> Result<()> {
        for one in found {
            let Some((uid, was)) = one.uid.and_then(|uid| Some((uid, known.get(&uid)?))) else { continue };
            let now = *flags.get(&uid).unwrap_or(&was.flags);
            let wanted = merge_flags(was, one.entry.flags, now);
            if wanted != now {
                for (action, changed) in [(FlagAction::Add, wanted - now), (FlagAction::Remove, now - wanted)]
                {
                    let change = FlagChange {
                        action,
                        flags: changed,
                        keywords: Vec::new(),
                        unless_changed_since: None,
                    };
                    if !changed.is_empty() {
                        inbox.mail.set_flags(inbox.id, &[UidRange::one(uid)], &change)?;
                    }
                }
            }
            if wanted == one.entry.flags {
                flags.remove(&uid);
                if wanted != was.flags {
                    self.state.put(uid, Known { flags: wanted, ..*was })?;
                }
            } else {
                flags.insert(uid, wanted);
            }
        }
        Ok(())
    }

    /// Brings the file in line with INBOX; true if it was written. From the first message that changes, it is written anew.
    fn write_back(
        &self,
        inbox: &Inbox,
        file: &File,
        found: &[Found],
        flags: &BTreeMap<Uid, Flags>,
    ) -> Result<bool> {
        let is_gone = |one: &Found| one.uid.is_some_and(|uid| inbox.vanished.contains(&uid));
        let changes = |one: &Found| is_gone(one) || one.uid.is_some_and(|uid| flags.contains_key(&uid));
        let fresh = self.fresh(inbox)?;
        let Some(first) = found.iter().position(changes) else {
            return self.append(inbox, file, &fresh);
        };
        let side = create_side(&self.side)?;
        let mut out = BufWriter::with_capacity(64 * 1024, &side);
        let mut now_known: Vec<(Uid, Option<Known>)> = Vec::new();
        for one in found.iter().skip(first) {
            let new_flags = one.uid.and_then(|uid| Some((uid, *flags.get(&uid)?)));
            match new_flags {
                _ if is_gone(one) => now_known.extend(one.uid.map(|uid| (uid, None))),
                Some((uid, flags)) => {
                    copy_with_flags(file, one, flags, &mut out)?;
                    now_known.push((uid, Some(Known { digest: one.entry.digest, flags })));
                }
                None => copy(file, one, &mut out)?,
            }
        }
        out.flush()?;
        drop(out);
        // The last message of a file may lack its end.
        end_with_blank_line(&side)?;
        let from = found.get(first).map_or(0, |one| one.entry.start);
        now_known.extend(self.write_all_fresh(inbox, &fresh, &side)?);
        self.replace(file, &side, from, now_known)?;
        Ok(true)
    }

    fn append(&self, inbox: &Inbox, file: &File, fresh: &[(Uid, Flags)]) -> Result<bool> {
        if fresh.is_empty() {
            return Ok(false);
        }
        let side = create_side(&self.side)?;
        let now_known = self.write_all_fresh(inbox, fresh, &side)?;
        let from = end_with_blank_line(file)?;
        self.replace(file, &side, from, now_known)?;
        Ok(true)
    }

    fn write_all_fresh(
        &self,
        inbox: &Inbox,
        fresh: &[(Uid, Flags)],
        side: &File,
    ) -> Result<Vec<(Uid, Option<Known>)>> {
        let mut out = BufWriter::with_capacity(64 * 1024, side);
        let mut written = Vec::with_capacity(fresh.len());
        for (uid, flags) in fresh {
            written.extend(self.write_fresh(inbox, *uid, *flags, &mut out)?);
        }
        out.flush()?;
        Ok(written)
    }

    fn replace(
        &self,
        file: &File,
        side: &File,
        from: u64,
        now_known: Vec<(Uid, Option<Known>)>,
    ) -> Result<()> {
        rewrite(file, side, &self.side, from, &self.state)?;
        fs::remove_file(&self.side)?;
        let transaction = self.state.transaction()?;
        for (uid, known) in now_known {
            match known {
                Some(known) => self.state.put(uid, known)?,
                None => self.state.remove(uid)?,
            }
        }
        Ok(transaction.commit()?)
    }

    /// `None` if the message has just gone.
    fn write_fresh(
        &self,
        inbox: &Inbox,
        uid: Uid,
        flags: Flags,
        out: &mut impl io::Write,
    ) -> Result<Option<(Uid, Option<Known>)>> {
        let Some(message) = present(inbox.mail.file(inbox.id, uid))? else { return Ok(None) };
        let info = inbox.mail.infos(inbox.id, &[UidRange::one(uid)], 1)?;
        let date = info.first().map_or_else(Timestamp::now, |info| info.internal_date);
        let digest = write_stored(message, date, flags, out)?;
        Ok(Some((uid, Some(Known { digest, flags }))))
    }
}

/// The flags of all messages.
fn all_flags(mail: &AccountMail, inbox: MailboxId) -> Result<BTreeMap<Uid, Flags>> {
    let mut all = BTreeMap::new();
    let mut next = Uid::MIN;
    loop {
        let states = mail.states(inbox, &[UidRange { first: next, last: Uid::MAX }], BATCH)?;
        let Some(after) = states.last().and_then(|state| Uid::new(state.uid.get().checked_add(1)?)) else {
            return Ok(all);
        };
        all.extend(states.into_iter().map(|state| (state.uid, state.flags)));
        next = after;
    }
}

/// `None` for a message that is gone.
fn present(message: Result<File>) -> Result<Option<File>> {
    match message {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.code() == Code::MessageGone => Ok(None),
        Err(error) => Err(error),
    }
}
