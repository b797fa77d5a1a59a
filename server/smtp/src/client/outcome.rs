//! What became of a recipient, or of a session, and why.

use super::content::Unconvertible;
use super::reply_reader::ReplyFault;
use crate::reply::{EnhancedCode, Reply};
use postigo_sasl::ClientFailure;
use std::fmt;

/// What became of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The server has taken over the message for it (2yz after the content).
    Delivered,
    /// Not now; to be tried again.
    Deferred,
    /// Never; the sender is to be told.
    Failed,
}

/// What was going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The connection. For the driver's own outcomes; a session begins after it.
    Connect,
    /// The wait for the greeting.
    Greeting,
    /// EHLO or HELO.
    Hello,
    /// STARTTLS and the handshake.
    StartTls,
    /// AUTH.
    Auth,
    /// Between two messages.
    Ready,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA.
    Data,
    /// The content is being sent.
    Content,
    /// The content is sent, its reply is awaited.
    EndOfContent,
    /// RSET.
    Reset,
    /// QUIT.
    Quit,
}

impl Stage {
    /// As in `(in reply to ... command)` of Postfix's log.
    pub fn command(self) -> &'static str {
        match self {
            Self::Connect | Self::Greeting | Self::Ready => "connect",
            Self::Hello => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL FROM",
            Self::Rcpt => "RCPT TO",
            Self::Data => "DATA",
            Self::Content => "message content",
            Self::EndOfContent => "end of DATA",
            Self::Reset => "RSET",
            Self::Quit => "QUIT",
        }
    }
}

/// As after `while` in Postfix's log.
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Greeting => "receiving the initial server greeting",
            Self::Hello => "performing the EHLO handshake",
            Self::StartTls => "performing the TLS handshake",
            Self::Auth => "performing SASL authentication",
            Self::Ready => "waiting for the next message",
            Self::Mail => "sending MAIL FROM",
            Self::Rcpt => "sending RCPT TO",
            Self::Data => "receiving the DATA reply",
            Self::Content => "sending message body",
            Self::EndOfContent => "sending end of data -- message may be sent more than once",
            Self::Reset => "sending RSET",
            Self::Quit => "sending QUIT",
        })
    }
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The server said so.
    Reply(Reply),
    /// The connection broke.
    Lost,
    /// The server was silent for longer than [`Session::patience`](super::Session::patience).
    TimedOut,
    /// The server does not speak SMTP as we know it.
    Protocol(ReplyFault),
    /// TLS is required and not offered.
    TlsNotOffered,
    /// TLS is required and refused, with this reply to STARTTLS.
    TlsRefused(Reply),
    /// The handshake failed; the driver's reason, for the operator.
    TlsFailed(String),
    /// We have a password and the server offers no AUTH.
    AuthNotOffered,
    /// It offers no mechanism that we know or may use here; passwords in clear need TLS.
    NoMechanism,
    /// User name or password are wrong (535).
    WrongPassword(Reply),
    /// AUTH was refused for another reason.
    AuthRefused(Reply),
    /// The exchange failed on our side; among others, the server did not prove that it knows the password.
    AuthFailed(ClientFailure),
    /// The message is larger than the server's limit in octets (RFC 1870 §6.1); it was not sent.
    TooLarge(u64),
    /// The message or an address needs SMTPUTF8 (RFC 6531), which the server does not offer.
    SmtpUtf8NotOffered,
    /// The sender demands REQUIRETLS (RFC 8689) and the connection is not encrypted or the server does not offer it.
    RequireTlsNotOffered,
    /// The server takes 7-bit content only, and the message cannot be made so.
    Unconvertible(Unconvertible),
    /// Nothing is wrong with the recipient: the connection was used up or lost before anything was said of it. Another
    /// connection may be opened at once.
    AnotherConnection,
    /// The driver could not read the content, or ended the session: our own side.
    Cancelled,
}

/// A status with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What became of it. For a session that never was ready, what becomes of its recipients if no other host is left.
    pub status: Status,
    /// During what.
    pub stage: Stage,
    /// Why.
    pub cause: Cause,
}

impl Outcome {
    pub(super) fn deferred(stage: Stage, cause: Cause) -> Self {
        Self { status: Status::Deferred, stage, cause }
    }

    pub(super) fn failed(stage: Stage, cause: Cause) -> Self {
        Self { status: Status::Failed, stage, cause }
    }

    /// By the class of a reply: 2yz, 5yz, or anything else (RFC 5321 §4.2.1).
    pub(super) fn of_reply(stage: Stage, reply: Reply) -> Self {
        let status = match reply.code() / 100 {
            2 => Status::Delivered,
            5 => Status::Failed,
            _ => Status::Deferred,
        };
        Self { status, stage, cause: Cause::Reply(reply) }
    }

    /// What the server said, if that is the reason.
    pub fn reply(&self) -> Option<&Reply> {
        match &self.cause {
            Cause::Reply(reply)
            | Cause::TlsRefused(reply)
            | Cause::WrongPassword(reply)
            | Cause::AuthRefused(reply) => Some(reply),
            _ => None,
        }
    }

    /// The enhanced code (RFC 3463): the server's own, or ours for what it did not say. Its class fits the status.
    pub fn enhanced(&self) -> EnhancedCode {
        let class = match self.status {
            Status::Delivered => 2,
            Status::Deferred => 4,
            Status::Failed => 5,
        };
        let (subject, detail) = match &self.cause {
            Cause::Lost | Cause::TimedOut | Cause::AnotherConnection => (4, 2),
            Cause::Protocol(_) => (5, 0),
            Cause::TlsNotOffered => (7, 4),
            Cause::TlsFailed(_) => (7, 5),
            Cause::AuthNotOffered | Cause::NoMechanism | Cause::AuthFailed(_) => (7, 0),
            Cause::TooLarge(_) => (3, 4),
            Cause::SmtpUtf8NotOffered => (6, 7),
            Cause::RequireTlsNotOffered => (7, 30),
            Cause::Unconvertible(_) => (6, 3),
            Cause::Cancelled => (3, 0),
            Cause::Reply(_) | Cause::TlsRefused(_) | Cause::WrongPassword(_) | Cause::AuthRefused(_) => {
                let code = self.reply().and_then(Reply::enhanced).unwrap_or(EnhancedCode(class, 0, 0));
                (code.1, code.2)
            }
        };
        EnhancedCode(class, subject, detail)
    }

    /// The text in brackets of a log line in Postfix's form, and the diagnosis of a bounce; `peer` as `name[address]`.
    pub fn describe(&self, peer: &str) -> String {
        let Self { stage, cause, .. } = self;
        match cause {
            Cause::Reply(reply) if self.status == Status::Delivered => reply.to_string(),
            Cause::Reply(reply) if matches!(stage, Stage::Greeting | Stage::Hello) => {
                format!("host {peer} refused to talk to me: {reply}")
            }
            Cause::Reply(reply) => {
                format!("host {peer} said: {reply} (in reply to {} command)", stage.command())
            }
            Cause::Lost => format!("lost connection with {peer} while {stage}"),
            Cause::TimedOut => format!("conversation with {peer} timed out while {stage}"),
            Cause::Protocol(fault) => format!("protocol error of {peer} while {stage}: {fault}"),
            Cause::TlsNotOffered => format!("TLS is required, but was not offered by host {peer}"),
            Cause::TlsRefused(reply) => {
                format!("TLS is required, but host {peer} refused to start TLS: {reply}")
            }
            Cause::TlsFailed(reason) => format!("cannot start TLS with {peer}: {reason}"),
            Cause::AuthNotOffered => format!("SASL authentication failed: server {peer} does not offer it"),
            Cause::NoMechanism => {
                format!("SASL authentication failed; server {peer} offers no usable mechanism")
            }
            Cause::WrongPassword(reply) | Cause::AuthRefused(reply) => {
                format!("SASL authentication failed; server {peer} said: {reply}")
            }
            Cause::AuthFailed(failure) => format!("SASL authentication failed; server {peer}: {failure}"),
            Cause::TooLarge(limit) => format!("message size exceeds size limit {limit} of server {peer}"),
            Cause::SmtpUtf8NotOffered => format!("SMTPUTF8 is required, but was not offered by host {peer}"),
            Cause::RequireTlsNotOffered => {
                format!("REQUIRETLS is required, but was not offered by host {peer}")
            }
            Cause::Unconvertible(reason) => {
                format!("host {peer} does not accept 8-bit content, and it cannot be converted: {reason}")
            }
            Cause::AnotherConnection => {
                format!("the connection with {peer} ended before this recipient's turn")
            }
            Cause::Cancelled => format!("delivery to {peer} was interrupted on this side"),
        }
    }
}
