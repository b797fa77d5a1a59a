//! The queue: what waits to go elsewhere, why, and until when.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Micros;

/// Which messages of the queue. Filters that are not named let everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct QueueQuery {
    /// Only messages in this state.
    pub state: Option<QueueState>,
    /// Only those with this in their queue id, their sender or a recipient.
    pub text: Option<String>,
    /// Only those that come after this row, see [`QueuePage::next`].
    pub after: Option<String>,
    /// How many; 200 at most.
    pub limit: Option<u32>,
}

/// Messages of the queue, those with the nearest next try first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueuePage {
    /// Messages.
    pub rows: Vec<QueueRow>,
    /// How many there are in all, whatever was asked for.
    pub counts: QueueCounts,
    /// What to ask for the rows after these; none when these are the last.
    pub next: Option<String>,
}

/// How many messages are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueueCounts {
    /// On their way at this moment, or about to be: Postfix's active queue.
    pub active: u64,
    /// Waiting for their next try.
    pub deferred: u64,
    /// Waiting for the time that their sender chose.
    pub later: u64,
    /// Held by somebody.
    pub held: u64,
}

/// What a message in the queue does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum QueueState {
    /// On its way at this moment, or about to be.
    Active,
    /// Waiting for its next try.
    Deferred,
    /// Waiting for the time that its sender chose (RFC 4865), which is that of its first try.
    Later,
    /// Held by somebody.
    Held,
}

/// A message in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueueRow {
    /// Its queue id.
    pub queue_id: String,
    /// Reverse-path, empty for `<>`.
    pub sender: String,
    /// Recipients that are not done with; at most 3.
    pub recipients: Vec<String>,
    /// How many there are.
    pub recipient_count: u32,
    /// Size.
    pub octets: u64,
    /// When it was accepted.
    pub arrived: Micros,
    /// What it does.
    pub state: QueueState,
    /// Tries of the recipient with most of them.
    pub attempts: u32,
    /// When the next recipient is due.
    pub next_try: Option<Micros>,
    /// Why it waits: the newest failure of any recipient.
    pub why: Option<QueueFailure>,
}

/// Why a try did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueueFailure {
    /// Which words.
    pub kind: QueueFailureKind,
    /// When.
    pub at: Micros,
    /// The other server as `name[address]:port`, once there was one.
    pub host: Option<String>,
    /// What it said, or what the system said, in one line.
    pub text: String,
    /// The command it answered, as Postfix names it (`RCPT TO`), when it is a reply.
    pub command: Option<String>,
    /// The session in which it happened.
    pub session: Option<i64>,
}

/// The kinds of failure that differ in what a person can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum QueueFailureKind {
    /// The server said no for now (4yz).
    Refused,
    /// Greylisting: the server says no to whom it does not know yet.
    Greylisted,
    /// The recipient's mailbox is full.
    MailboxFull,
    /// The name server did not answer, or said that it has a fault.
    NameUnresolved,
    /// The server did not take the connection.
    Unreachable,
    /// It did not answer in time.
    TimedOut,
    /// It hung up.
    ConnectionLost,
    /// TLS is demanded here and did not come about.
    TlsFailed,
    /// User name and password were not taken.
    LoginRefused,
    /// The destination failed moments ago for another message; this one was not tried.
    DestinationResting,
    /// Something here: a full disk, a table that cannot be read.
    Local,
}

/// Names a message of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueRef {
    /// Its queue id.
    pub queue_id: String,
}

/// A message with all its recipients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueueMessage {
    /// As in the list.
    pub row: QueueRow,
    /// Everybody who is not done with.
    pub recipients: Vec<QueueRecipient>,
    /// When it goes back to its sender.
    pub expires: Micros,
    /// Its header, at most 16 KiB, with what is not UTF-8 replaced.
    pub header: String,
}

/// A recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueueRecipient {
    /// Its number within the message.
    pub number: u32,
    /// The address.
    pub address: String,
    /// The address that was written, when an alias or a forward led to this one.
    pub original: Option<String>,
    /// Where it goes: `lab.test`, `[relay.test]:587`.
    pub destination: String,
    /// What it does.
    pub state: QueueState,
    /// Tries so far.
    pub attempts: u32,
    /// When it is tried next.
    pub next_try: Option<Micros>,
    /// The last failure.
    pub why: Option<QueueFailure>,
    /// The last tries, oldest first; ten at most, and none in which it was not tried itself.
    pub tries: Vec<QueueFailure>,
}

/// Something to do with messages of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueAct {
    /// What.
    pub action: QueueAction,
    /// With which; none: with all of them. Those that left meanwhile are passed over; if all did, that is an error.
    pub queue_ids: Option<Vec<String>>,
}

/// What can be done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum QueueAction {
    /// Try now; what is held stays held, and what waits for the time its sender chose goes on waiting.
    Retry,
    /// Try now, whoever holds it and whatever time its sender chose. Messages have to be named.
    SendNow,
    /// Keep, and do not try.
    Hold,
    /// Undo hold.
    Release,
    /// Throw away without telling the sender.
    Delete,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueueActed {
    /// Messages that it changed.
    pub messages: u64,
}

/// Another address for a recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueEdit {
    /// The message.
    pub queue_id: String,
    /// The recipient's number.
    pub number: u32,
    /// Its new address.
    pub address: String,
}
