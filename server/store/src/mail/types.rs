//! What the mail of an account is described with.

use crate::{Flags, MailboxId, MailboxName, ModSeq, SpecialUse, Uid, UidRange, UidValidity};
use jiff::Timestamp;
use postigo_message::{ImapEnvelope, Structure};

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
    /// BODYSTRUCTURE, with offsets into the message as served (with CRLF).
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
