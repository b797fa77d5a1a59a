//! Flags and keywords.

use super::scan::LETTERED;
use super::{AccountMail, BATCH, FlagAction, FlagChange, FlagOutcome, Inner};
use crate::feed::ChangeKind;
use crate::index::{MailboxRow, MessageRow};
use crate::maildir::{Finder, Folder, Info, LETTERED_KEYWORDS, Place, keywords};
use crate::{Code, Error, Flags, MailboxId, MessageState, ModSeq, Result, UidRange};
use std::collections::BTreeMap;
use std::fs;

/// One bit each in the index.
const MAX_KEYWORDS: u32 = 64;

impl AccountMail {
    /// Changes flags and keywords; UIDs that are gone are left out.
    /// Errors: [`Code::BadKeyword`], [`Code::TooManyKeywords`].
    pub fn set_flags(
        &self,
        mailbox: MailboxId,
        uids: &[UidRange],
        change: &FlagChange,
    ) -> Result<FlagOutcome> {
        self.with(|inner| inner.set_flags(mailbox, uids, change))
    }
}

impl Inner {
    fn set_flags(
        &mut self,
        mailbox: MailboxId,
        uids: &[UidRange],
        change: &FlagChange,
    ) -> Result<FlagOutcome> {
        let mut row = self.index.mailbox(mailbox)?;
        let folder = self.folder(&row);
        let mut finder = Finder::new(&folder);
        let mut outcome = FlagOutcome::default();
        let mut mod_seq = None;
        let transaction = self.index.transaction()?;
        let bits = match change.action {
            // A keyword that the mailbox does not know cannot be removed from a message.
            FlagAction::Remove => known_bits(&self.index.keywords(mailbox)?, &change.keywords),
            FlagAction::Add | FlagAction::Replace => self.keyword_bits(&folder, &row, &change.keywords)?,
        };
        let names = self.index.keywords(mailbox)?;
        self.each_message(mailbox, uids, |message| {
            if change.unless_changed_since.is_some_and(|since| message.mod_seq > since) {
                outcome.modified.push(message.uid);
                return Ok(());
            }
            let (flags, keywords) = match change.action {
                FlagAction::Add => (message.flags | change.flags, message.keywords | bits),
                FlagAction::Remove => (message.flags - change.flags, message.keywords & !bits),
                FlagAction::Replace => (change.flags, bits),
            };
            match self.write_flags(&mut finder, &mut row, message, flags, keywords, &mut mod_seq)? {
                Some(message) => outcome.states.push(state(&message, &names)),
                // The file is gone; the next look at the folder notices.
                None => row.modified = [0, 0],
            }
            Ok(())
        })?;
        self.index.save_mailbox(&row)?;
        transaction.commit()?;
        if mod_seq.is_some() {
            self.note(&row, ChangeKind::Flags);
        }
        Ok(outcome)
    }

    /// Sets the flags of one message in its file name and in the index; `None` if the file is gone.
    fn write_flags(
        &self,
        finder: &mut Finder<'_>,
        row: &mut MailboxRow,
        mut message: MessageRow,
        flags: Flags,
        keywords: u64,
        mod_seq: &mut Option<ModSeq>,
    ) -> Result<Option<MessageRow>> {
        if (flags, keywords) == (message.flags, message.keywords) {
            return Ok(Some(message));
        }
        let Some(place) = finder.find(&message.base, &message.place)? else { return Ok(None) };
        let others = Info::parse(place.info.as_deref()).others;
        let info = Info { flags, keywords: keywords & LETTERED, others };
        let wanted = Place { in_new: false, info: Some(info.format()) };
        if wanted != place {
            let folder = finder.folder();
            fs::rename(folder.file(&message.base, &place), folder.file(&message.base, &wanted))?;
        }
        row.count_out(&message);
        (message.place, message.flags, message.keywords) = (wanted, flags, keywords);
        message.mod_seq = *mod_seq.get_or_insert_with(|| row.take_mod_seq());
        row.count_in(&message);
        self.index.update_message(row.id, &message)?;
        Ok(Some(message))
    }

    /// The bits of keywords, those that are new to the mailbox included.
    pub(super) fn keyword_bits(&self, folder: &Folder, row: &MailboxRow, names: &[String]) -> Result<u64> {
        if names.is_empty() {
            return Ok(0);
        }
        let mut known = self.learn_keywords(folder, row)?;
        let before = known.len();
        let mut bits = 0;
        for name in names {
            if !keywords::is_keyword(name) {
                return Err(Error::about(Code::BadKeyword, name.chars().take(80).collect::<String>()));
            }
            let number = match number_of(&known, name) {
                Some(number) => number,
                None => {
                    let free = (0..MAX_KEYWORDS).find(|number| !known.contains_key(number));
                    let number =
                        free.ok_or_else(|| Error::about(Code::TooManyKeywords, row.name.as_str()))?;
                    self.index.set_keyword(row.id, number, name)?;
                    known.insert(number, name.clone());
                    number
                }
            };
            bits |= 1 << number;
        }
        if known.len() > before && known.range(..LETTERED_KEYWORDS).next().is_some() {
            keywords::write(folder.path(), &known)?;
        }
        Ok(bits)
    }

    /// As [`Inner::keyword_bits`], but leaves out what cannot be kept: an appended message is not lost for a keyword.
    pub(super) fn lasting_keyword_bits(
        &self,
        folder: &Folder,
        row: &MailboxRow,
        names: &[String],
    ) -> Result<u64> {
        names.iter().try_fold(0, |bits, name| {
            match self.keyword_bits(folder, row, std::slice::from_ref(name)) {
                Ok(bit) => Ok(bits | bit),
                Err(error) if matches!(error.code(), Code::BadKeyword | Code::TooManyKeywords) => Ok(bits),
                Err(error) => Err(error),
            }
        })
    }

    /// Calls `visit` for the messages in ranges, ascending and each once, in batches.
    pub(super) fn each_message(
        &self,
        mailbox: MailboxId,
        uids: &[UidRange],
        mut visit: impl FnMut(MessageRow) -> Result<()>,
    ) -> Result<()> {
        for range in merge(uids) {
            let mut next = range.first;
            while next <= range.last {
                let batch =
                    self.index.messages(mailbox, UidRange { first: next, last: range.last }, BATCH)?;
                let Some(last) = batch.last().map(|message| message.uid) else { break };
                batch.into_iter().try_for_each(&mut visit)?;
                let Some(after) = last.get().checked_add(1) else { break };
                next = crate::Uid(after);
            }
        }
        Ok(())
    }
}

/// Sorts ranges and joins those that touch, so that no message is visited twice.
pub(super) fn merge(uids: &[UidRange]) -> Vec<UidRange> {
    let mut sorted: Vec<UidRange> = uids.iter().copied().filter(|range| range.first <= range.last).collect();
    sorted.sort_unstable_by_key(|range| range.first);
    let mut merged: Vec<UidRange> = Vec::with_capacity(sorted.len());
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.first.get() <= last.last.get().saturating_add(1) => {
                last.last = last.last.max(range.last)
            }
            _ => merged.push(range),
        }
    }
    merged
}

pub(super) fn state(message: &MessageRow, names: &BTreeMap<u32, String>) -> MessageState {
    MessageState {
        uid: message.uid,
        flags: message.flags,
        keywords: keyword_names(message.keywords, names),
        mod_seq: message.mod_seq,
    }
}

/// The names of keyword bits. A letter that `dovecot-keywords` does not explain has no name and is not shown.
pub(super) fn keyword_names(bits: u64, names: &BTreeMap<u32, String>) -> Vec<String> {
    names
        .iter()
        .filter(|(number, _)| **number < MAX_KEYWORDS && bits >> **number & 1 == 1)
        .map(|(_, name)| name.clone())
        .collect()
}

/// Keywords are compared without case, as RFC 3501 has it for all atoms of that kind.
pub(super) fn number_of(known: &BTreeMap<u32, String>, name: &str) -> Option<u32> {
    known.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(number, _)| *number)
}

fn known_bits(known: &BTreeMap<u32, String>, names: &[String]) -> u64 {
    names.iter().filter_map(|name| number_of(known, name)).fold(0, |bits, number| bits | 1 << number)
}

#[cfg(test)]
mod tests {
    use super::merge;
    use crate::{Uid, UidRange};

    #[test]
    fn ranges_are_sorted_and_joined() {
        let range = |first, last| UidRange { first: Uid(first), last: Uid(last) };
        let merged = merge(&[
            range(7, 9),
            range(1, 3),
            range(4, 5),
            range(8, 8),
            range(6, 2),
            range(u32::MAX, u32::MAX),
        ]);
        assert_eq!(merged, [range(1, 5), range(7, 9), range(u32::MAX, u32::MAX)]);
        assert_eq!(merge(&[UidRange::ALL, range(u32::MAX, u32::MAX)]), [UidRange::ALL]);
    }
}
