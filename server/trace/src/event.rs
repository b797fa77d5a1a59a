//! What can happen.

use postigo_api::{Micros, Service};
use serde::{Deserialize, Serialize};

/// An event, when it was, and what it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Grows with each entry.
    pub id: i64,
    /// When.
    pub at: Micros,
    /// The session it happened in.
    pub session: Option<i64>,
    /// The message it is about.
    pub queue_id: Option<String>,
    /// What.
    pub event: Event,
}

/// Where in the dialogue something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Before a command.
    Connect,
    /// HELO or EHLO.
    Helo,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, before content.
    Data,
    /// After content.
    EndOfMessage,
}

impl Stage {
    /// As Postfix writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "CONNECT",
            Self::Helo => "HELO",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::EndOfMessage => "END-OF-MESSAGE",
        }
    }
}

/// A refusal during an SMTP dialogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// Where in the dialogue.
    pub stage: Stage,
    /// `name[address]` of the client.
    pub client: String,
    /// The whole reply, `554 5.7.1 <...>: Relay access denied`.
    pub reply: String,
    /// Reverse-path, when it was given.
    pub reverse_path: Option<String>,
    /// The recipient it was about.
    pub recipient: Option<String>,
    /// `SMTP` or `ESMTP`.
    pub protocol: String,
    /// What the client calls itself.
    pub client_name: Option<String>,
}

/// A message that was accepted: on disk and synced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queued {
    /// `name[address]` of the client; empty for a report of this server.
    pub client: String,
    /// The service it came in on.
    pub service: Service,
    /// Mechanism and user, if authenticated.
    pub sasl: Option<(String, String)>,
    /// The Message-ID field, without brackets.
    pub message_id: Option<String>,
    /// The Subject field, decoded; at most 200 characters.
    pub subject: Option<String>,
    /// Reverse-path, empty for `<>`.
    pub reverse_path: String,
    /// Recipients; at most 5 of them.
    pub recipients: Vec<String>,
    /// How many there are in all.
    pub recipient_count: u32,
    /// Size.
    pub octets: u64,
    /// The reply that was given for it.
    pub reply: String,
}

/// A message put into a mailbox here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The address it was for.
    pub recipient: String,
    /// Seconds: before the queue, in the queue, connecting, delivering. As `delays=` of Postfix.
    pub delays: [f64; 4],
    /// Why not, when it failed; the enhanced code comes first.
    pub failure: Option<String>,
    /// The mailbox.
    pub mailbox: String,
    /// Its number there.
    pub uid: u32,
    /// Its file, relative to the data folder.
    pub path: String,
}

/// A try to hand a message to another server, for one recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// The address it is for.
    pub recipient: String,
    /// The address that an alias or a forward made it from.
    pub original: Option<String>,
    /// The other server as `name[address]:port`; `none` when there was no connection.
    pub relay: String,
    /// Seconds: before the queue, in the queue, connecting, delivering. As `delays=` of Postfix.
    pub delays: [f64; 4],
    /// How it ended.
    pub status: SentStatus,
    /// The enhanced code (RFC 3463).
    pub dsn: String,
    /// The reply, or what went wrong, in one line.
    pub text: String,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SentStatus {
    /// The other server has it.
    Sent,
    /// It will be tried again.
    Deferred,
    /// It will not.
    Bounced,
}

impl SentStatus {
    /// As Postfix writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
        }
    }
}

/// A question to a name server, with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NameLookup {
    /// The name that was asked for.
    pub name: String,
    /// The type of record.
    pub kind: String,
    /// What came of it.
    pub outcome: postigo_api::DnsOutcome,
    /// Records; at most 10.
    pub records: Vec<String>,
    /// Who answered.
    pub server: Option<String>,
    /// How long it took, microseconds.
    pub took: Micros,
    /// Whether the answer was still known.
    pub from_cache: bool,
    /// Whether the server says that it checked the signatures (AD).
    pub authenticated: bool,
}

/// What a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportKind {
    /// It was not delivered.
    Failure,
    /// It is not delivered yet.
    Delay,
    /// It was delivered.
    Success,
}

/// What somebody did with a message of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueDeed {
    /// It is kept and not tried.
    Held,
    /// It is tried again.
    Released,
    /// It is tried now.
    Retried,
    /// It was thrown away.
    Deleted,
}

/// Everything that is logged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event")]
#[expect(missing_docs, reason = "the fields are named as the log line names them")]
pub enum Event {
    /// A client connected.
    Connected { service: Service, client: String },
    /// It is gone. `counts` are its commands as Postfix counts them: `ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4`.
    Disconnected { service: Service, client: String, counts: String },
    /// A handshake worked.
    TlsStarted { service: Service, client: String, version: String, cipher: String },
    /// A handshake did not work.
    TlsFailed { service: Service, client: String, reason: String },
    /// Somebody proved who they are on a service where that is the point (IMAP).
    LoggedIn { service: Service, client: String, mechanism: String, user: String, tls: bool },
    /// Somebody could not prove who they are.
    LoginFailed { service: Service, client: String, mechanism: String, user: String },
    /// Something was refused in an SMTP dialogue.
    Refused(Refusal),
    /// Something would have been refused (`warn_if_reject`).
    Warned(Refusal),
    /// A message was accepted.
    Queued(Box<Queued>),
    /// It lies in a mailbox, or could not be put there.
    Delivered(Box<Delivery>),
    /// It was handed to another server, or was not.
    Sent(Box<Sent>),
    /// A name server was asked where it goes.
    Lookup(Box<NameLookup>),
    /// Its sender was told of a failure or a delay, by the message `report`.
    Reported { kind: ReportKind, report: String },
    /// Its time in the queue is over.
    Expired { reverse_path: String },
    /// Somebody did something with it in the queue.
    Queue(QueueDeed),
    /// Every recipient is done with.
    Removed,
    /// The server began to work.
    Started { version: String },
    /// The server ended its work.
    Stopped,
    /// The configuration was read again.
    Reloaded,
    /// A listener is open.
    ListenerOpened { service: Service, address: String },
    /// A listener could not be opened.
    ListenerFailed { service: Service, address: String, reason: String },
    /// After a crash: so many messages were taken from the journal.
    Recovered { messages: u64 },
    /// An account was added, changed or deleted.
    AccountChanged { address: String, change: String },
    /// So many entries were left out here: too many came at once, or the database did not take them.
    LeftOut { entries: u64 },
    /// Something of ours does not work as it should.
    Fault { service: Option<Service>, text: String },
}
