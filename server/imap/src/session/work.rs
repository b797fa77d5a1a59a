//! What a session is doing.

use super::auth::SaslWork;
use super::fetch::FetchWork;
use super::search::SearchWork;
use super::store::StoreWork;
use crate::command::{StatusItem, Tag};
use crate::frame::Literal;
use crate::response::Status;

/// Each state owns exactly the data that is valid in it. `Asked...` awaits an answer, the others the client.
#[derive(Debug)]
pub(super) enum Work {
    /// A command is awaited.
    Ready,
    /// The client's next response of AUTHENTICATE is awaited.
    Sasl(SaslWork),
    /// Octets of an appended message are awaited.
    Append {
        tag: Tag,
        left: u64,
    },
    /// The end of APPEND's line is awaited.
    AppendLine {
        tag: Tag,
    },
    /// A refused literal and the rest of its command are read and thrown away; then this is said.
    Discarding {
        tag: Option<Tag>,
        status: Status,
    },
    /// DONE is awaited, or a change.
    Idle {
        tag: Tag,
    },
    /// The TLS handshake.
    Handshake,
    /// It is over.
    Closed,
    /// An input is being handled; what comes next is not decided yet.
    Handling,

    AskedKeys(SaslWork),
    AskedSaslPassword(SaslWork),
    AskedLoginPassword {
        tag: Tag,
        user: String,
    },
    /// A question whose answer is `Done`; then this text is said.
    AskedDone {
        tag: Tag,
        text: &'static str,
    },
    AskedMailboxes {
        tag: Tag,
        pattern: String,
        only_subscribed: bool,
    },
    AskedStatus {
        tag: Tag,
        mailbox: String,
        items: Vec<StatusItem>,
    },
    AskedOpen {
        tag: Tag,
        mailbox: String,
        read_only: bool,
    },
    /// CLOSE expunges first.
    AskedClose {
        tag: Tag,
    },
    AskedAppend {
        tag: Tag,
        literal: Literal,
    },
    AskedAppendEnd {
        tag: Tag,
    },
    AskedExpunge {
        tag: Tag,
    },
    AskedTransfer {
        tag: Tag,
        moving: bool,
    },
    AskedFetch(Box<FetchWork>),
    AskedStore(StoreWork),
    AskedSearch(SearchWork),
    /// What changed in the mailbox; then the command ends.
    AskedChanges(Ending),
    /// What changed in the mailbox, in IDLE.
    AskedIdleChanges {
        tag: Tag,
    },
}

/// How a command ends.
#[derive(Debug)]
pub(super) struct Ending {
    pub tag: Tag,
    pub status: Status,
    pub expunges: Expunges,
    /// Whether it was a UID command: its FETCH responses tell UIDs.
    pub by_uid: bool,
}

/// Whether EXPUNGE responses may be sent at the end of a command (RFC 3501 §7.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expunges {
    Allowed,
    /// FETCH, STORE and SEARCH by sequence numbers.
    Held,
}

impl Work {
    pub fn wants_input(&self) -> bool {
        matches!(
            self,
            Self::Ready
                | Self::Sasl(_)
                | Self::Append { .. }
                | Self::AppendLine { .. }
                | Self::Discarding { .. }
                | Self::Idle { .. }
        )
    }

    /// The tag of the command that waits for an answer.
    pub fn asked_tag(&self) -> Option<Tag> {
        match self {
            Self::AskedKeys(work) | Self::AskedSaslPassword(work) => Some(work.tag().clone()),
            Self::AskedFetch(work) => Some(work.tag().clone()),
            Self::AskedStore(work) => Some(work.tag().clone()),
            Self::AskedSearch(work) => Some(work.tag().clone()),
            Self::AskedLoginPassword { tag, .. }
            | Self::AskedDone { tag, .. }
            | Self::AskedMailboxes { tag, .. }
            | Self::AskedStatus { tag, .. }
            | Self::AskedOpen { tag, .. }
            | Self::AskedClose { tag }
            | Self::AskedAppendEnd { tag }
            | Self::AskedExpunge { tag }
            | Self::AskedTransfer { tag, .. } => Some(tag.clone()),
            _ => None,
        }
    }
}
