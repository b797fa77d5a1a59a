//! Sessions, transcripts and journeys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Micros, Service};

/// A conversation with a peer, in one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// When it began.
    pub opened: Micros,
    /// When it ended.
    pub closed: Option<Micros>,
    /// Which service.
    pub service: Service,
    /// The port it came in on.
    pub port: u16,
    /// The peer's address; of a user of the system, `local user luis (uid 1000)`.
    pub peer: String,
    /// Which user of the system it is, where a program on this computer hands in mail by the socket for that.
    #[serde(default)]
    pub local_user: Option<LocalUser>,
    /// How the peer calls itself: the EHLO name, or the name of the IMAP client (ID, RFC 2971).
    pub client_name: Option<String>,
    /// How it is encrypted.
    pub tls: Option<SessionTls>,
    /// Who it is, once proved.
    pub user: Option<String>,
    /// The SASL mechanism that proved it.
    pub mechanism: Option<String>,
    /// How it ended.
    pub result: SessionResult,
    /// What it did.
    pub did: SessionSummary,
    /// Messages it brought; at most 20.
    pub queue_ids: Vec<String>,
}

/// A user of the system this server runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LocalUser {
    /// Its name; `unknown` when the system has none for the number.
    pub name: String,
    /// Its number.
    pub uid: u32,
}

impl std::fmt::Display for LocalUser {
    /// As the log has it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "local user {} (uid {})", self.name, self.uid)
    }
}

/// What a session did, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionSummary {
    /// Commands it gave.
    pub commands: u32,
    /// Messages accepted from it.
    pub messages: u32,
    /// Octets of these.
    pub octets: u64,
    /// Reverse-path of the last message.
    pub reverse_path: Option<String>,
    /// Recipients accepted; the last one's address.
    pub recipient: Option<String>,
    /// How many recipients.
    pub recipients: u32,
    /// Messages whose content it fetched.
    pub fetched: u32,
    /// The mailbox it has open, or had last.
    pub mailbox: Option<String>,
    /// It waits for new mail (IDLE).
    pub idle: bool,
    /// Wrong passwords.
    pub failed_logins: u32,
    /// The last reply that refused something.
    pub refusal: Option<String>,
}

/// How a session is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionTls {
    /// `TLSv1.3`.
    pub version: String,
    /// `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The name the client asked for (SNI).
    pub server_name: Option<String>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SessionResult {
    /// It goes on.
    Open,
    /// It brought a message that was accepted.
    Accepted,
    /// It did what it wanted and said goodbye.
    Done,
    /// Something it asked for was refused, and nothing accepted.
    Refused,
    /// It could not prove who it is.
    WrongPassword,
    /// The peer does not trust our certificate.
    NotTrusted,
    /// The handshake failed otherwise.
    TlsFailed,
    /// It said nothing for too long.
    TimedOut,
    /// The connection broke.
    Lost,
}

/// Which sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionQuery {
    /// Only these services.
    pub services: Vec<Service>,
    /// Only those that were refused something, or did not get through.
    pub refused: bool,
    /// Only those whose peer, name, user or addresses contain this.
    pub text: Option<String>,
    /// Only sessions with a smaller id.
    pub before: Option<i64>,
    /// At most so many; 0 is 200; 1000 at most.
    pub limit: u32,
}

/// Some sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionPage {
    /// Newest first.
    pub sessions: Vec<Session>,
    /// Whether there are older ones that match.
    pub more: bool,
    /// How many there are in all, without the filter.
    pub total: u32,
    /// How many of all were refused something.
    pub refused: u32,
}

/// Names a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionRef {
    /// Its number.
    pub id: i64,
    /// Only lines from this one on, counted from 0: for following an open session.
    #[serde(default)]
    pub from_line: u32,
}

/// A session with what was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionDetail {
    /// The line of the list.
    pub session: Session,
    /// What was said, in order.
    pub lines: Vec<TranscriptLine>,
    /// The number of the first of them.
    pub from_line: u32,
    /// More was said than is kept of one session.
    pub truncated: bool,
}

/// One line of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TranscriptLine {
    /// Microseconds since the session began.
    pub after: Micros,
    /// What it is.
    pub said: Said,
}

/// What a line of a transcript is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Said {
    /// A line of the client, without its end. Secrets are replaced by [`SECRET`] before they get anywhere.
    Client {
        /// At most 2000 characters.
        text: String,
    },
    /// A line of the server, without its end.
    Server {
        /// At most 2000 characters.
        text: String,
    },
    /// Content of a message, or another long literal, which is not kept here.
    Content {
        /// Who sent it.
        from_client: bool,
        /// How much.
        octets: u64,
    },
    /// From here on everything is encrypted.
    Tls(SessionTls),
    /// The handshake did not work.
    TlsFailed {
        /// What the library or the peer said.
        reason: String,
    },
    /// What this server found out or decided before it answered: what a name server or a next hop said, what an entry of a
    /// restriction list did.
    Found {
        /// Postfix's name of the setting that wanted it.
        setting: Option<String>,
        /// English, as the log.
        text: String,
    },
    /// The connection ended.
    Closed {
        /// Who ended it and why, as a code: `client`, `server`, `timeout`, `lost`, `shutdown`.
        by: String,
    },
}

/// Stands where a secret stood. Seven bullets whatever the length, so that not even that is told.
pub const SECRET: &str = "•••••••";

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It lies in every mailbox it was for.
    Delivered,
    /// Still on its way.
    Running,
    /// Not accepted.
    Refused,
    /// Accepted, but not delivered to everybody.
    Failed,
}

/// Names a message by our identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JourneyRef {
    /// Our identifier.
    pub queue_id: String,
}

/// How a message travelled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Journey {
    /// Our identifier.
    pub queue_id: String,
    /// The Message-ID field.
    pub message_id: Option<String>,
    /// The Subject field.
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// In order.
    pub steps: Vec<JourneyStep>,
    /// The sessions in which it was handed on, with their transcripts reduced to this message.
    pub sessions: Vec<SessionDetail>,
}

/// One step of a journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JourneyStep {
    /// When.
    pub at: Micros,
    /// Which words.
    pub kind: StepKind,
    /// What the words need.
    pub params: BTreeMap<String, String>,
    /// The session it happened in.
    pub session: Option<i64>,
    /// Whether it went well.
    pub ok: bool,
}

/// What can happen to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum StepKind {
    /// A user's program handed it in. Parameters: `client`, `peer`, `port`, `service`, and `tls`, `mechanism`, `user` when there;
    /// from a user of the system `localUser` and `uid` as well.
    Submitted,
    /// Another server or an unauthenticated program handed it in. Parameters as above.
    Received,
    /// It passed what is checked at the door. Parameters: `reversePath`, `recipients`, `octets`.
    Checked,
    /// It is on disk and synced; 250 was said. Parameters: `reply`, `octets`.
    Accepted,
    /// It lies in a mailbox. Parameters: `recipient`, `mailbox`, `uid`, `path`, `delay`.
    Delivered,
    /// It could not be delivered to somebody. Parameters: `recipient`, `reply`, and `relay` when another server said so.
    Failed,
    /// A name server was asked where it goes. Parameters: `name`, `type`, `outcome` (see [`crate::DnsOutcome`]), `answer`, `server`.
    Resolved,
    /// Another server has it. Parameters: `recipient`, `relay`, `reply`, `delay`, and `original` when an alias led there.
    Sent,
    /// It could not be delivered to somebody yet. Parameters: `recipient`, `relay`, `reply`.
    Deferred,
    /// Its sender was told that it was not delivered, or not yet. Parameters: `report`, the queue id of the message that tells.
    Reported,
}
