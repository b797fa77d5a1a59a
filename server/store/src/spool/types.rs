//! What the spool answers, and what it is told.

use super::entry::{Notify, SenderParameters, micros};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::ops::RangeInclusive;

/// One recipient of one message in the spool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecipientId {
    /// The message.
    pub queue_id: String,
    /// The recipient's position in its [`super::SpoolEntry`], from 0.
    pub number: u32,
}

impl fmt::Display for RecipientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.queue_id, self.number)
    }
}

/// What holds for a message as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedEnvelope {
    /// The id the log knows it by.
    pub queue_id: String,
    /// When it was accepted.
    pub arrived: Timestamp,
    /// Size of the content with CRLF line ends, fields that were added here included.
    pub octets: u64,
    /// The reverse-path without angle brackets; empty for the null reverse-path.
    pub reverse_path: String,
    /// What MAIL FROM asked for.
    pub parameters: SenderParameters,
    /// As in [`super::SpoolEntry::context`].
    pub context: String,
    /// Segment and place of the journal record with the content, while there is no file.
    pub(crate) journal_at: Option<(u64, u64)>,
}

/// A message in the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// The envelope.
    pub envelope: QueuedEnvelope,
    /// Recipients that are left and not held.
    pub waiting: u32,
    /// Those of them that have a reason to wait: they were tried, or their destination was.
    pub deferred: u32,
    /// Recipients that are left and held.
    pub held: u32,
    /// The earliest `next_try` of those that are not held.
    pub next_try: Option<Timestamp>,
    /// The recipients that are left, or the first of them, by number.
    pub recipients: Vec<QueuedRecipient>,
}

/// Whether a recipient is tried when its time comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecipientState {
    /// Yes.
    Waiting,
    /// Not before somebody releases it.
    Held,
}

/// A recipient that is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedRecipient {
    /// Which one.
    pub id: RecipientId,
    /// The address it is delivered to.
    pub address: String,
    /// The address of RCPT TO, if it was another.
    pub original: Option<String>,
    /// NOTIFY (RFC 3461 §4.1).
    pub notify: Option<Notify>,
    /// ORCPT (RFC 3461 §4.2).
    pub orcpt: Option<String>,
    /// The key deliveries are grouped by.
    pub destination: String,
    /// Lower numbers are served first.
    pub priority: u8,
    /// Waiting or held.
    pub state: RecipientState,
    /// True while somebody is at it (see [`super::Spool::claim_due`]).
    pub is_claimed: bool,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before this time.
    pub next_try: Timestamp,
    /// When waiting has been long enough.
    pub expires: Timestamp,
    /// When it first failed.
    pub first_failure: Option<Timestamp>,
    /// What the last attempt came to.
    pub last: Option<AttemptOutcome>,
    /// True if the sender was told that it waits.
    pub is_warned: bool,
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptOutcome {
    /// When it ended.
    #[serde(with = "micros")]
    pub at: Timestamp,
    /// The peer's reply code, if it said one.
    pub code: Option<u16>,
    /// The enhanced status code (RFC 3463), the peer's or ours.
    pub enhanced: Option<String>,
    /// The peer's reply without its codes, or what went wrong in our words.
    pub text: String,
    /// Who was spoken with.
    pub host: Option<String>,
    /// What whoever shows it wants besides; the store does not look into it. JSON by convention.
    #[serde(default)]
    pub context: String,
}

/// Which recipients to claim.
#[derive(Clone, Debug)]
pub struct DueQuery<'a> {
    /// Those whose time has come by then.
    pub now: Timestamp,
    /// At most this many.
    pub limit: usize,
    /// At most this many of one destination.
    pub per_destination: usize,
    /// Only these priorities.
    pub priorities: RangeInclusive<u8>,
    /// Not these destinations.
    pub exclude: &'a HashSet<String>,
}

/// A claimed recipient, with its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The recipient.
    pub recipient: QueuedRecipient,
    /// Its message.
    pub envelope: QueuedEnvelope,
}

/// A destination for which something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDestination {
    /// Its key.
    pub destination: String,
    /// Whether some of it has been tried before.
    pub was_tried: bool,
}

/// What one message has for a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMessage {
    /// The message.
    pub queue_id: String,
    /// The priority of these recipients.
    pub priority: u8,
    /// Their numbers.
    pub numbers: Vec<u32>,
}

/// The content of a message, for a delivery: to be read from its beginning to its end, with CRLF line ends. It stays
/// readable when the message leaves the spool.
#[derive(Debug)]
pub struct SpoolContent {
    pub(super) source: ContentSource,
    pub(super) octets: u64,
}

#[derive(Debug)]
pub(super) enum ContentSource {
    /// A message that arrived just now and is small.
    Memory(Cursor<Vec<u8>>),
    File(File),
}

impl SpoolContent {
    /// How long it is.
    pub fn octets(&self) -> u64 {
        self.octets
    }
}

impl Read for SpoolContent {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.source {
            ContentSource::Memory(bytes) => bytes.read(buffer),
            ContentSource::File(file) => file.read(buffer),
        }
    }
}

/// What became of a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientUpdate {
    /// Which one.
    pub id: RecipientId,
    /// What became of it.
    pub change: RecipientChange,
}

/// See [`RecipientUpdate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipientChange {
    /// It is done with: the peer took it, or nobody needs a report. The message goes with its last recipient.
    Done,
    /// It was tried, and shall be tried again.
    Deferred {
        /// When.
        next_try: Timestamp,
        /// With which priority.
        priority: u8,
        /// What the attempt came to.
        outcome: AttemptOutcome,
    },
    /// Routing chose anew; it was not tried.
    Moved {
        /// The new key.
        destination: String,
        /// The new priority.
        priority: u8,
    },
}

/// Which recipients an [`Action`] is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All that are left of these messages.
    Messages(Vec<String>),
    /// These.
    Recipients(Vec<RecipientId>),
    /// All that are left of the messages that match.
    Matching(Filter),
}

/// What a person may do to what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Do not try until released.
    Hold,
    /// Try again when the time comes.
    Release,
    /// Their time is now. Held ones stay held, and so do those whose sender's time has not come (RFC 4865).
    RetryNow(Timestamp),
    /// Their time is now, whoever holds them.
    SendNow(Timestamp),
    /// They have waited long enough; they become due, so that whoever schedules sees it. Held ones are released.
    Expire(Timestamp),
    /// Remove them without any report.
    Delete,
}

/// What an [`Action`] came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// Messages of the selection that were there.
    pub found: usize,
    /// Those of them that are different now.
    pub messages: usize,
    /// Recipients that are different now.
    pub recipients: usize,
}

impl Acted {
    pub(super) fn add(&mut self, other: Self) {
        self.found += other.found;
        self.messages += other.messages;
        self.recipients += other.recipients;
    }
}

/// A change by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditRecipient {
    /// The new address.
    pub address: String,
    /// The key that routing chose for it.
    pub destination: String,
    /// When it is tried.
    pub next_try: Timestamp,
}

/// Which messages to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those with a recipient in this condition.
    pub condition: Option<Condition>,
    /// Only those with a recipient of this destination.
    pub destination: Option<String>,
    /// Only those whose queue id, reverse-path, or a recipient's address has this in it, without case.
    pub text: String,
}

/// See [`Filter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Not held.
    Waiting,
    /// Not held, and with a reason to wait.
    Deferred,
    /// Held.
    Held,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By arrival.
    #[default]
    Arrived,
    /// By the next attempt; held ones last.
    NextTry,
    /// By size.
    Octets,
    /// By reverse-path.
    ReversePath,
}

/// What to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Which messages.
    pub filter: Filter,
    /// Their order.
    pub order: Order,
    /// The order backwards.
    pub descending: bool,
    /// Go on after this point of the same list.
    pub after: Option<ListCursor>,
    /// At most this many messages.
    pub limit: usize,
    /// At most this many recipients of each.
    pub recipients: usize,
}

/// A point in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCursor {
    pub(crate) key: CursorKey,
    pub(crate) queue_id: String,
}

/// The value of what the list is ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum CursorKey {
    Number(i64),
    Text(String),
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The messages; with a filter there may be few or none although there are more.
    pub messages: Vec<QueuedMessage>,
    /// Where to go on; `None` at the end.
    pub next: Option<ListCursor>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages.
    pub messages: u64,
    /// Their size.
    pub octets: u64,
    /// Recipients.
    pub recipients: RecipientCounts,
    /// Recipients somebody is at.
    pub claimed: u64,
}

/// Recipients by condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecipientCounts {
    /// Not held.
    pub waiting: u64,
    /// Those of them that have a reason to wait.
    pub deferred: u64,
    /// Held.
    pub held: u64,
}

/// A destination for which nothing goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When something for it failed first that still waits.
    pub since: Timestamp,
    /// Why what waits for it does: some of the reasons, each as the last attempt left it.
    pub reasons: Vec<AttemptOutcome>,
}

/// What waits for one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationCounts {
    /// The key.
    pub destination: String,
    /// How many.
    pub recipients: RecipientCounts,
    /// The earliest `next_try` of those that are not held.
    pub next_try: Option<Timestamp>,
}
