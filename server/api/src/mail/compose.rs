//! Writing messages.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{File, MessageRef};

/// What to begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Compose {
    /// Who writes, see [`crate::MailAccount::id`].
    pub account: String,
    /// What kind of message.
    pub kind: ComposeKind,
    /// The line before quoted text, in the user's language, with `{name}` and `{date}` filled in by the caller.
    #[serde(default)]
    pub attribution: Option<String>,
}

/// What kind of message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "message", rename_all = "camelCase")]
pub enum ComposeKind {
    /// A new one.
    New,
    /// An answer to the author.
    Reply(MessageRef),
    /// An answer to all.
    ReplyAll(MessageRef),
    /// Passing it on, attachments included.
    Forward(MessageRef),
    /// Going on with one saved under Drafts.
    Draft(MessageRef),
}

/// A message being written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// Addresses as typed: `Ana <ana@lab.test>` or bare.
    pub to: Vec<String>,
    /// As above.
    pub cc: Vec<String>,
    /// As above.
    pub bcc: Vec<String>,
    /// The Subject field.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Attached files.
    pub attachments: Vec<File>,
    /// The message this one answers.
    #[serde(default)]
    pub answers: Option<MessageRef>,
    /// The message this one passes on.
    #[serde(default)]
    pub forwards: Option<MessageRef>,
    /// Where it was saved, so that the old version can be removed.
    #[serde(default)]
    pub saved_as: Option<MessageRef>,
}

/// A message with who writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Outgoing {
    /// Who writes, see [`crate::MailAccount::id`].
    pub account: String,
    /// What.
    pub draft: Draft,
    /// When it is to be sent, as RFC 3339 has it; none: now. Until then it waits at the server (RFC 4865). Not for drafts that are
    /// saved.
    #[serde(default)]
    #[ts(optional)]
    pub send_at: Option<String>,
}

/// A message that was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// The server's last reply.
    pub reply: String,
    /// Our identifier, when the server was this one.
    pub queue_id: Option<String>,
    /// When the server sends it, as it was asked for; none: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub send_at: Option<String>,
}

/// A draft that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SavedDraft {
    /// Where it lies now.
    pub saved_as: MessageRef,
}

/// Asks where mail would go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RouteQuery {
    /// Who writes, see [`crate::MailAccount::id`].
    pub account: String,
    /// Addresses as typed, at most 100.
    pub addresses: Vec<String>,
}

/// Where mail to one address would go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RouteAnswer {
    /// As asked.
    pub typed: String,
    /// The address in it.
    pub address: Option<String>,
    /// Where it would go.
    pub route: Route,
}

/// Where mail would go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Route {
    /// Into a mailbox of this server.
    Mailbox {
        /// The account.
        account: String,
    },
    /// The address stands for several others.
    Several {
        /// How many of them are mailboxes of this server.
        mailboxes: u32,
        /// How many are elsewhere.
        elsewhere: u32,
    },
    /// The domain is ours, the user does not exist.
    UnknownUser,
    /// The account exists but is switched off.
    Disabled,
    /// To another server, by the queue.
    OtherServer {
        /// Its domain.
        domain: String,
        /// The server that takes it on the way (`relayhost`, `transport_maps`), as `[host]:port`; none: the domain's own, by its MX.
        through: Option<String>,
    },
    /// The server will refuse it for another reason.
    Refused {
        /// Its reply.
        reply: String,
    },
    /// It is thrown away, and nobody is told (`discard:`).
    Discard,
    /// The account is of another server, which decides.
    TheirDecision,
    /// Not an address.
    Invalid,
}
