//! What goes into a session and what comes out.

use crate::address::{Recipient, ReversePath};
use crate::command::{ClientName, MailParameters, Node, RcptParameters, Xclient};
use crate::config::{Established, Tls};
use crate::frame::{ContentDecoder, ContentEnd, Line};
use crate::reply::Reply;
use postigo_sasl::{Failure, KeyKind, Keys, Mechanism, Password};
use std::fmt;

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// A line came. Only while [`Session::wants_line`](super::Session::wants_line).
    Line {
        /// What the decoder gave.
        line: Line<'a>,
        /// Whether the buffer holds octets after it; STARTTLS must be the last.
        followed: bool,
    },
    /// The content is over, after `Output::ReadContent`.
    Content(ContentEnd),
    /// A chunk of it is over (`ContentEnd::Chunk`): the decoder, for the next one.
    Chunk(ContentDecoder),
    /// The octets of `Output::SkipChunk` are gone.
    ChunkSkipped,
    /// The answer to the last `Output::Ask`.
    Answer(Answer),
    /// The handshake after `Output::StartTls` succeeded. If it fails, the driver drops the connection and the session.
    TlsEstablished(Established),
    /// The peer was silent for [`Session::patience`](super::Session::patience).
    Timeout,
    /// The server stops. The session ends now, or once a message that is under way has its reply.
    Shutdown,
    /// The account the client logged in to was deleted, switched off, or given another password. The session ends as it
    /// does on `Shutdown`.
    AccountChanged,
}

/// What the driver does. It carries out the outputs in order.
#[derive(Debug)]
pub enum Output {
    /// Append the reply to the unsent ones; send them before waiting for input, before `StartTls` and before `Close`.
    Send(Reply),
    /// Find the answer and give it as `Input::Answer`.
    Ask(Question),
    /// Send the replies, then feed the decoder from the buffer and the socket, store the data it gives, and give its end
    /// as `Input::Content`, or the decoder itself as `Input::Chunk`.
    ReadContent {
        /// Finds the end and the data.
        decoder: ContentDecoder,
        /// For whom the content is. None: it goes on with the message of the last chunk.
        envelope: Option<Envelope>,
    },
    /// Send the replies, throw away so many octets of the buffer and the socket, and give `Input::ChunkSkipped`.
    SkipChunk {
        /// How many; the session does not let it be more than can be borne.
        octets: u64,
    },
    /// Throw away what was stored of the content.
    DiscardContent,
    /// Send the replies, throw away the input buffer, do the handshake, then give `Input::TlsEstablished`.
    StartTls,
    /// Send the replies and close. Nothing comes after it.
    Close,
    /// Something for the trace and the log; nothing to do.
    Note(Note),
}

/// What the session has to know from outside. One question is open at a time.
#[derive(Debug)]
pub enum Question {
    /// What is known of a user's password: `Answer::Keys`.
    Keys {
        /// The name as the client wrote it.
        user: String,
        /// What is needed.
        kind: KeyKind,
    },
    /// Whether this is the user's password: `Answer::Password`. Slow: to be checked off the runtime's threads.
    Password {
        /// The name as the client wrote it.
        user: String,
        /// What the client sent.
        password: Password,
    },
    /// Whether this client may send as this sender: `Answer::Accept` or `Refuse`.
    Sender(Sender),
    /// Whether this recipient is taken: `Answer::Accept` or `Refuse`.
    Recipient(Recipient),
    /// Content is about to come: `Answer::Accept` or `Refuse`. Asked only if [`Config::asks_data`](crate::Config) says so.
    Data {
        /// Whether the client did not wait for the answer to DATA, as it must (RFC 2920 §3.1).
        followed: bool,
    },
    /// Whether this client may have the queue run for a domain, and whether it runs: `Answer::Accept` or `Refuse`.
    Flush(Node),
    /// The client speaks for another from now on: `Answer::Accept`, or `Refuse` if there is no account of its login.
    /// After a STARTTLS it speaks for itself again.
    Xclient(Box<Xclient>),
    /// The content is complete; make it safe: `Answer::Delivered` once it is on disk and synced, or `Refuse`.
    Deliver {
        /// Its size as stored.
        octets: u64,
    },
}

/// The driver's answer.
#[derive(Debug)]
pub enum Answer {
    /// To `Question::Keys`: the keys, or `None` if there is no such user, it may not log in, or has none of this kind.
    Keys(Option<Keys>),
    /// To `Question::Password`.
    Password(bool),
    /// To `Question::Sender`, `Recipient`, `Flush` and `Xclient`.
    Accept,
    /// To `Question::Deliver`: the message is ours.
    Delivered {
        /// The identifier of the message here.
        queue_id: String,
    },
    /// To `Question::Sender`, `Recipient` and `Deliver`: this reply of the table (4yz or 5yz). After a 421 the session
    /// closes.
    Refuse(Reply),
    /// To any question: it cannot be found out now.
    Unavailable,
}

/// What MAIL said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Where bounces go.
    pub reverse_path: ReversePath,
    /// The rest.
    pub parameters: MailParameters,
}

/// The sender and the accepted recipients of a message; as accepted, not without duplicates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What MAIL said.
    pub sender: Sender,
    /// In the order of RCPT.
    pub recipients: Vec<EnvelopeRecipient>,
}

/// What RCPT said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvelopeRecipient {
    /// For whom.
    pub recipient: Recipient,
    /// The rest.
    pub parameters: RcptParameters,
}

/// What the trace wants to know and cannot read off the replies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The client named itself.
    Hello {
        /// As what.
        client_name: ClientName,
        /// Whether by EHLO.
        extended: bool,
    },
    /// TLS was agreed after STARTTLS.
    TlsEstablished(Tls),
    /// The client showed who it is.
    Authenticated {
        /// The name as the client wrote it.
        user: String,
        /// How.
        mechanism: Mechanism,
    },
    /// The client failed to show it.
    AuthenticationFailed {
        /// The name, if it came so far.
        user: Option<String>,
        /// How it tried.
        mechanism: Mechanism,
        /// Why, for the log only.
        failure: Failure,
    },
    /// A command was refused, by the session's rules or by an answer.
    Refused {
        /// At which command.
        stage: Stage,
        /// How.
        reply: Reply,
        /// The sender, if there is one by then.
        reverse_path: Option<ReversePath>,
        /// The recipient, if it is about one.
        recipient: Option<Recipient>,
    },
    /// The client said QUIT.
    Quit,
    /// The session ends from our side, with this reply.
    Closed(Reply),
}

/// The command at which something was refused, named as Postfix logs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// EHLO and HELO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA.
    Data,
    /// The end of the content.
    EndOfContent,
    /// Another command, or none at all.
    Command,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hello => "HELO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::EndOfContent => "END-OF-MESSAGE",
            Self::Command => "UNKNOWN",
        })
    }
}
