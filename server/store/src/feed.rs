//! The change feed: what happened in which mailbox, for IDLE and for live views.

use crate::{AccountId, MailboxId, ModSeq, Uid};

/// One change of one mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The account.
    pub account: AccountId,
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The mailbox's highest mod-sequence after the change; a receiver that has seen it can skip the change.
    pub mod_seq: ModSeq,
    /// What happened.
    pub kind: ChangeKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A new message: delivered, appended, copied, moved here, or put there by another program.
    Added {
        /// Its UID.
        uid: Uid,
    },
    /// Flags or keywords of some messages changed; `AccountMail::changes_since` says which.
    Flags,
    /// Messages are gone; `AccountMail::changes_since` says which.
    Vanished,
    /// The mailbox was created or renamed, its subscription changed, or its UIDVALIDITY is new.
    Mailbox,
    /// The mailbox was deleted.
    Deleted,
}

/// What a subscriber gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A change.
    Change(Change),
    /// The subscriber was too slow and changes were left out: ask `changes_since` of each mailbox it cares about.
    Missed,
}

/// A subscription to the changes of one account or of all; ends when dropped.
pub struct Subscription {}

impl Subscription {
    /// The next notice; `None` when the store has closed. Cancel-safe.
    pub async fn next(&mut self) -> Option<Notice> {
        todo!()
    }
}
