//! The mail of one account: mailboxes, messages, flags, changes.

use crate::placeholder::{ImapEnvelope, Structure};
use crate::{
    AccountId, Flags, MailboxId, MailboxName, ModSeq, Result, SpecialUse, Uid, UidRange, UidValidity,
};
use jiff::Timestamp;
use std::fs::File;

/// A mailbox as LIST shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxInfo {
    /// Its id.
    pub id: MailboxId,
    /// Its name.
    pub name: MailboxName,
    /// What it is for.
    pub special_use: Option<SpecialUse>,
    /// True if the user subscribed to it.
    pub subscribed: bool,
}

/// The numbers of a mailbox (RFC 3501 §6.3.10, RFC 7162 §3.1.2, RFC 8438).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxStatus {
    /// UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// The next UID that will be given.
    pub uid_next: Uid,
    /// The mod-sequence of the last change.
    pub highest_mod_seq: ModSeq,
    /// Number of messages.
    pub messages: u64,
    /// Messages no session has seen yet (they lie in `new`).
    pub recent: u64,
    /// Messages without `\Seen`.
    pub unseen: u64,
    /// Messages with `\Deleted`.
    pub deleted: u64,
    /// Octets of all messages, as served (with CRLF).
    pub octets: u64,
}

/// What an account has in all its mailboxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages.
    pub messages: u64,
    /// Messages without `\Seen`.
    pub unseen: u64,
    /// Octets, as served (with CRLF).
    pub octets: u64,
}

/// How a mailbox is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// SELECT: recent messages are claimed, that is, moved from `new` to `cur`.
    ReadWrite,
    /// EXAMINE: nothing changes.
    ReadOnly,
}

/// A mailbox at the moment it was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its numbers, from before recent messages were claimed.
    pub status: MailboxStatus,
    /// UIDs of all messages, ascending: their positions are the sequence numbers.
    pub uids: Vec<Uid>,
    /// UIDs of the recent messages, ascending.
    pub recent: Vec<Uid>,
    /// The lowest UID without `\Seen`.
    pub first_unseen: Option<Uid>,
    /// Keywords known in the mailbox, for `FLAGS` and `PERMANENTFLAGS`.
    pub keywords: Vec<String>,
}

/// What changes most often about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageState {
    /// UID.
    pub uid: Uid,
    /// System flags.
    pub flags: Flags,
    /// Keywords, in the order the mailbox learned them.
    pub keywords: Vec<String>,
    /// The mod-sequence of its last change.
    pub mod_seq: ModSeq,
}

/// What the index knows of a message without opening its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageInfo {
    /// UID, flags, keywords, mod-sequence.
    pub state: MessageState,
    /// Size as served (with CRLF): RFC822.SIZE.
    pub octets: u64,
    /// INTERNALDATE, to the second.
    pub internal_date: Timestamp,
}

/// Envelope and structure of a message, read from its file the first time and cached in the index.
#[derive(Clone, Debug)]
pub struct MessageParts {
    /// UID.
    pub uid: Uid,
    /// ENVELOPE.
    pub envelope: ImapEnvelope,
    /// BODYSTRUCTURE, with offsets into the file.
    pub structure: Structure,
}

/// STORE's three forms (RFC 3501 §6.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagAction {
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
    /// `FLAGS`
    Replace,
}

/// A change of flags and keywords.
#[derive(Clone, Debug)]
pub struct FlagChange {
    /// Add, remove or replace.
    pub action: FlagAction,
    /// System flags.
    pub flags: Flags,
    /// Keywords; compared without case, kept as first written.
    pub keywords: Vec<String>,
    /// UNCHANGEDSINCE (RFC 7162 §3.1.3): leave messages alone that changed later than this.
    pub unless_changed_since: Option<ModSeq>,
}

/// What became of a [`FlagChange`].
#[derive(Clone, Debug, Default)]
pub struct FlagOutcome {
    /// The state after the change of all messages it was applied to, ascending; also of those it made no difference to.
    pub states: Vec<MessageState>,
    /// Messages left alone because they changed later than `unless_changed_since`: `[MODIFIED ...]`.
    pub modified: Vec<Uid>,
}

/// The result of COPY or MOVE, for COPYUID (RFC 4315 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyOutcome {
    /// UIDVALIDITY of the target mailbox.
    pub uid_validity: UidValidity,
    /// Old and new UIDs, ascending in both.
    pub uids: Vec<(Uid, Uid)>,
}

/// What happened in a mailbox after a mod-sequence (RFC 7162 §3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// Messages that are new or whose flags changed, ascending.
    pub changed: Vec<MessageState>,
    /// UIDs that are gone, ascending. May name UIDs the asker never saw.
    pub vanished: Vec<Uid>,
    /// False if the mod-sequence is older than the memory of expunged UIDs: compare with the UID list instead.
    pub complete: bool,
    /// The mailbox's mod-sequence now: ask from here next time.
    pub highest_mod_seq: ModSeq,
}

/// A search by what the index knows; all conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only these UIDs; empty is all.
    pub uids: Vec<UidRange>,
    /// All these flags are set.
    pub with: Flags,
    /// None of these flags is set.
    pub without: Flags,
    /// This keyword is set.
    pub keyword: Option<String>,
    /// This keyword is not set.
    pub without_keyword: Option<String>,
    /// Internal date at or after this.
    pub since: Option<Timestamp>,
    /// Internal date before this.
    pub before: Option<Timestamp>,
    /// More octets than this.
    pub larger: Option<u64>,
    /// Fewer octets than this.
    pub smaller: Option<u64>,
    /// Mod-sequence at least this.
    pub mod_seq: Option<ModSeq>,
}

/// The mail of one account. All methods block on disk and SQLite, and those of one account run one after another.
///
/// A mailbox that is gone (deleted by another session or program) is [`crate::Code::MailboxUnknown`].
pub struct AccountMail {}

/// Mailboxes.
impl AccountMail {
    /// Whose mail this is.
    pub fn account(&self) -> AccountId {
        todo!()
    }

    /// All mailboxes, INBOX first, then by name. Folders that other programs made are included.
    pub fn list(&self) -> Result<Vec<MailboxInfo>> {
        todo!()
    }

    /// Subscribed names, also of mailboxes that do not exist (RFC 3501 §6.3.9), sorted.
    pub fn subscriptions(&self) -> Result<Vec<MailboxName>> {
        todo!()
    }

    /// A mailbox by name; `None` if there is none.
    pub fn find(&self, name: &MailboxName) -> Result<Option<MailboxInfo>> {
        let _ = name;
        todo!()
    }

    /// Creates a mailbox. Parents are not created: they are shown as names without a mailbox.
    /// Errors: [`crate::Code::MailboxExists`].
    pub fn create(&self, name: &MailboxName, special_use: Option<SpecialUse>) -> Result<MailboxInfo> {
        let _ = (name, special_use);
        todo!()
    }

    /// Deletes a mailbox with its messages; mailboxes below it stay (RFC 3501 §6.3.4).
    /// Errors: [`crate::Code::MailboxProtected`], [`crate::Code::MailboxUnknown`].
    pub fn delete(&self, name: &MailboxName) -> Result<()> {
        let _ = name;
        todo!()
    }

    /// Renames a mailbox and those below it. Renaming INBOX moves its messages to a new mailbox (RFC 3501 §6.3.5).
    /// Errors: [`crate::Code::MailboxUnknown`], [`crate::Code::MailboxExists`], [`crate::Code::BadMailboxName`].
    pub fn rename(&self, from: &MailboxName, to: &MailboxName) -> Result<()> {
        let _ = (from, to);
        todo!()
    }

    /// Subscribes to a name or ends the subscription; the mailbox need not exist.
    pub fn subscribe(&self, name: &MailboxName, subscribed: bool) -> Result<()> {
        let _ = (name, subscribed);
        todo!()
    }

    /// The numbers of a mailbox, after a look for foreign changes.
    pub fn status(&self, mailbox: MailboxId) -> Result<MailboxStatus> {
        let _ = mailbox;
        todo!()
    }

    /// The sums over all mailboxes, from the index's counters: no look at the folders.
    pub fn totals(&self) -> Result<Totals> {
        todo!()
    }
}

/// Messages.
impl AccountMail {
    /// Opens a mailbox: looks for foreign changes, then returns its UIDs.
    pub fn open(&self, mailbox: MailboxId, access: Access) -> Result<Opened> {
        let _ = (mailbox, access);
        todo!()
    }

    /// Claims what became recent since the mailbox was opened; for a session that has it open read-write.
    pub fn claim_recent(&self, mailbox: MailboxId) -> Result<Vec<Uid>> {
        let _ = mailbox;
        todo!()
    }

    /// States of the messages in these ranges, ascending, at most `limit`; the next batch begins after the last UID returned.
    pub fn states(&self, mailbox: MailboxId, uids: &[UidRange], limit: usize) -> Result<Vec<MessageState>> {
        let _ = (mailbox, uids, limit);
        todo!()
    }

    /// As [`AccountMail::states`], with size and date.
    pub fn infos(&self, mailbox: MailboxId, uids: &[UidRange], limit: usize) -> Result<Vec<MessageInfo>> {
        let _ = (mailbox, uids, limit);
        todo!()
    }

    /// Envelope and structure of the messages in these ranges, ascending, at most `limit`. Messages whose file is gone are left out.
    pub fn parts(&self, mailbox: MailboxId, uids: &[UidRange], limit: usize) -> Result<Vec<MessageParts>> {
        let _ = (mailbox, uids, limit);
        todo!()
    }

    /// Opens a message's file for reading. The open file stays readable when the message is renamed or expunged.
    /// Errors: [`crate::Code::MessageGone`].
    pub fn file(&self, mailbox: MailboxId, uid: Uid) -> Result<File> {
        let _ = (mailbox, uid);
        todo!()
    }

    /// Changes flags and keywords; UIDs that are gone are left out.
    /// Errors: [`crate::Code::BadKeyword`], [`crate::Code::TooManyKeywords`].
    pub fn set_flags(
        &self,
        mailbox: MailboxId,
        uids: &[UidRange],
        change: &FlagChange,
    ) -> Result<FlagOutcome> {
        let _ = (mailbox, uids, change);
        todo!()
    }

    /// Copies messages with their flags, keywords and dates; all or none (RFC 3501 §6.4.7). The same file on disk where
    /// the file system has hard links.
    pub fn copy(&self, from: MailboxId, uids: &[UidRange], to: MailboxId) -> Result<CopyOutcome> {
        let _ = (from, uids, to);
        todo!()
    }

    /// Moves messages (RFC 6851): each is in one of the two mailboxes at any instant, never in none.
    pub fn move_to(&self, from: MailboxId, uids: &[UidRange], to: MailboxId) -> Result<CopyOutcome> {
        let _ = (from, uids, to);
        todo!()
    }

    /// Removes the messages in these ranges that have `\Deleted` (RFC 4315 §2.1; EXPUNGE passes [`UidRange::ALL`]).
    /// Returns the UIDs removed, ascending.
    pub fn expunge(&self, mailbox: MailboxId, uids: &[UidRange]) -> Result<Vec<Uid>> {
        let _ = (mailbox, uids);
        todo!()
    }

    /// UIDs of the messages that match, ascending.
    pub fn search(&self, mailbox: MailboxId, query: &Query) -> Result<Vec<Uid>> {
        let _ = (mailbox, query);
        todo!()
    }

    /// What changed after a mod-sequence.
    pub fn changes_since(&self, mailbox: MailboxId, since: ModSeq) -> Result<Changes> {
        let _ = (mailbox, since);
        todo!()
    }

    /// Looks for foreign changes if the folders' times say that there may be some; changes go to the feed.
    pub fn poll(&self, mailbox: MailboxId) -> Result<()> {
        let _ = mailbox;
        todo!()
    }

    /// Throws the index away and builds it from the files: every mailbox gets a new UIDVALIDITY.
    pub fn rebuild(&self) -> Result<()> {
        todo!()
    }
}
