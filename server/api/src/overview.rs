//! The first page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Micros, Outcome};

/// The figures and what needs attention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Messages delivered to mailboxes since midnight, local time.
    pub received_today: u32,
    /// Messages submitted by users since midnight.
    pub sent_today: u32,
    /// Recipients, senders and sessions refused since midnight.
    pub refused_today: u32,
    /// Messages accepted in each of the last 24 hours, oldest first.
    pub hourly: Vec<u32>,
    /// Sessions open now.
    pub open_sessions: u32,
    /// Worst first.
    pub attention: Vec<Attention>,
    /// The last messages, newest first; at most 8.
    pub recent: Vec<JourneyRow>,
}

/// Something a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Attention {
    /// Which words.
    pub code: AttentionCode,
    /// Whether it is an error or a warning.
    pub severe: bool,
    /// What the words need.
    pub params: BTreeMap<String, String>,
}

/// What can need attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AttentionCode {
    /// A listener is closed that should be open. Parameters: `service`, `port`, `detail`.
    ListenerClosed,
    /// A client closed the handshake because it does not know our authority. Parameters: `client`, `times`, `session`.
    ClientDistrusts,
    /// Several wrong passwords from one place. Parameters: `client`, `user`, `times`, `session`.
    WrongPasswords,
    /// The certificate ends soon. Parameters: `name`, `days`.
    CertificateEnds,
    /// Less than 500 MB free. Parameters: `path`, `octets`.
    DiskAlmostFull,
    /// Nobody reads mail to postmaster (RFC 5321 §4.5.1).
    NoPostmaster,
    /// Strangers may send through this server. Parameters: `setting`, `value`.
    OpenRelay,
    /// Nothing goes out to a destination, for an hour or longer. Parameters: `destination`, `messages`, `since`.
    DestinationDown,
    /// Messages wait for longer than their senders expect. Parameters: `messages`, `since` (of the oldest).
    QueueOld,
    /// More messages wait than usual. Parameter: `messages`.
    QueueLong,
    /// The name servers do not answer. Parameters: `server`, `since`.
    NameServerSilent,
    /// The password of the relay host lies in a keyring that cannot be opened.
    RelayPasswordLocked,
    /// A mailbox file is not what INBOX is; its mail waits in the store. Parameters: `address`, `path`, `code` (an error code).
    MailboxFileBehind,
    /// Trace entries were left out because there were too many. Parameter: `count`.
    TraceBehind,
}

/// A message in one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JourneyRow {
    /// Our identifier. None when the message was refused before it got one.
    pub queue_id: Option<String>,
    /// The session that brought it.
    pub session: i64,
    /// When.
    pub at: Micros,
    /// The Subject field, decoded.
    pub subject: Option<String>,
    /// Reverse-path of the envelope, empty for `<>`.
    pub reverse_path: String,
    /// Recipients of the envelope; at most 5.
    pub recipients: Vec<String>,
    /// How many there are in all.
    pub recipient_count: u32,
    /// Peer as it calls itself, or its address.
    pub client: String,
    /// How it ended.
    pub outcome: Outcome,
}
