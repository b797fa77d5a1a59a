//! What goes into a client session and what comes out.

use super::command::Command;
use super::content::{ContentForm, Unconvertible};
use super::outcome::Outcome;
use super::transaction::Transaction;
use crate::config::{Established, Tls};
use crate::frame::Line;
use crate::reply::Reply;
use postigo_sasl::ClientMechanism;

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// A line came. Only while [`Session::wants_line`](super::Session::wants_line).
    Line {
        /// What the decoder gave.
        line: Line<'a>,
        /// Whether the buffer holds octets after it; nothing may follow the reply to STARTTLS.
        followed: bool,
    },
    /// The handshake after `Output::StartTls` succeeded, with a certificate that is good enough.
    TlsEstablished(Established),
    /// It failed, or the certificate is not good enough; why, for the operator. The connection is dropped.
    TlsFailed(String),
    /// A message to deliver; only after `Output::Ready`.
    Deliver(Transaction),
    /// Recipients to ask about, by a transaction that ends before the content: those the server takes count as delivered.
    /// Only after `Output::Ready`.
    Verify(Transaction),
    /// The answer to `Output::PlanConversion`: how many octets the converted content will have, or why there is none.
    ConversionPlanned(Result<u64, Unconvertible>),
    /// The content is sent, to its end, after `Output::SendContent`.
    ContentSent,
    /// The content could not be read. The connection is dropped, because only its end could tell the server.
    ContentFailed,
    /// The server was silent, or took nothing, for [`Session::patience`](super::Session::patience).
    Timeout,
    /// The connection broke or the server closed it. All lines that came before are given first: they may say why.
    Lost,
    /// There is nothing more to deliver: says QUIT. At any other moment than after `Output::Ready`, it breaks off.
    End,
}

/// What the driver does. It carries out the outputs in order.
#[derive(Debug)]
pub enum Output {
    /// Append the octets to the unsent ones; send them before waiting for input, before `StartTls`, `SendContent` and
    /// `Close`.
    Send(Command),
    /// Throw away all unread input, do the handshake, then give `Input::TlsEstablished` or `TlsFailed`.
    StartTls,
    /// The server is ready for `Input::Deliver` or `Input::End`. [`Session::capabilities`](super::Session::capabilities)
    /// says what it offers. Until then, the connection may be kept; `Lost` and lines are to be given as they come.
    Ready,
    /// The content has to become 7-bit: find out how, by a [`ConversionPlanner`](super::ConversionPlanner), and give
    /// `Input::ConversionPlanned`.
    PlanConversion,
    /// Send the content from its beginning in this form, then give `Input::ContentSent`. It may come more than once for a
    /// message, if the server takes its recipients in several transactions.
    SendContent(ContentForm),
    /// The server has refused the content before its end: stop sending. `Close` follows.
    StopContent,
    /// What became of a recipient. Each gets exactly one outcome.
    Recipient {
        /// Its place in [`Transaction::recipients`].
        index: usize,
        /// What became of it.
        outcome: Outcome,
    },
    /// All recipients of the message have their outcomes. `Ready` follows if the connection can be used on.
    Delivered,
    /// Send what is unsent, as far as it goes without waiting, and close. Nothing comes after it.
    Close(End),
    /// Something for the trace and the log; nothing to do.
    Note(Note),
}

/// How a session ended. Recipients without an outcome got theirs before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// By QUIT, or the server closed a connection that was not in use.
    Done,
    /// With a failure. If there was no `Ready` before it, nothing was tried: other hosts should be, and if there is none,
    /// this is the outcome of the recipients.
    Failed(Outcome),
    /// The TLS handshake failed, and TLS is not required: connect again, with [`TlsUse::Never`](super::TlsUse).
    RetryWithoutTls(Outcome),
}

/// What the trace wants to know and cannot read off the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// EHLO was refused; HELO follows.
    HeloFallback(Reply),
    /// TLS was agreed after STARTTLS.
    TlsEstablished(Tls),
    /// STARTTLS was refused; the session goes on in clear.
    TlsRefused(Reply),
    /// The handshake failed, for this reason.
    TlsFailed(String),
    /// We are logged in.
    Authenticated {
        /// As whom.
        user: String,
        /// How.
        mechanism: ClientMechanism,
    },
    /// The server refused a mechanism; another may follow.
    MechanismRefused {
        /// Which.
        mechanism: ClientMechanism,
        /// How.
        reply: Reply,
    },
    /// These many recipients are left for another transaction on this connection.
    RecipientsLeft(usize),
    /// The server said something while it was not asked, and the connection ends.
    Unasked(Reply),
}
