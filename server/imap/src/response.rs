//! Every status response that is sent: condition, code and text. No text is anywhere else.

use crate::error::BadCommand;
use crate::session::Refusal;

/// The condition of a status response (RFC 3501 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// OK
    Ok,
    /// NO
    No,
    /// BAD
    Bad,
}

impl Condition {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::No => "NO",
            Self::Bad => "BAD",
        }
    }
}

/// A status response: `OK [CODE] text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// OK, NO or BAD.
    pub condition: Condition,
    /// The code with its arguments, without brackets (RFC 5530 and others).
    pub code: Option<String>,
    /// For people, in English.
    pub text: &'static str,
}

impl Status {
    const fn new(condition: Condition, text: &'static str) -> Self {
        Self { condition, code: None, text }
    }

    pub(crate) const fn ok(text: &'static str) -> Self {
        Self::new(Condition::Ok, text)
    }

    fn no(code: &str, text: &'static str) -> Self {
        Self { condition: Condition::No, code: Some(code.to_owned()), text }
    }

    pub(crate) fn with_code(self, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    pub(crate) fn bad(bad: BadCommand) -> Self {
        match bad {
            BadCommand::Charset => Self::no("BADCHARSET (US-ASCII UTF-8)", "That charset is not supported"),
            _ => Self::new(Condition::Bad, bad.text()),
        }
    }

    pub(crate) const WRONG_STATE: Self =
        Self::new(Condition::Bad, "This command is not possible now; log in or select a mailbox first");
    pub(crate) const LOGGED_IN_ALREADY: Self = Self::new(Condition::Bad, "You are logged in already");
    pub(crate) const BEYOND: Self = Self::new(Condition::Bad, "There are not so many messages");
    pub(crate) const NO_TLS: Self = Self::new(Condition::Bad, "TLS is not available");
    pub(crate) const TLS_ALREADY: Self = Self::new(Condition::Bad, "TLS is established already");
    pub(crate) const CANCELLED: Self = Self::new(Condition::Bad, "Authentication cancelled");
    pub(crate) const NOT_BASE64: Self = Self::new(Condition::Bad, "That is not base64");
    pub(crate) const NOT_DONE: Self = Self::new(Condition::Bad, "DONE was expected");

    pub(crate) fn unknown_mechanism() -> Self {
        Self::no("CANNOT", "That mechanism is not offered")
    }

    /// RFC 5530 §3, PRIVACYREQUIRED.
    pub(crate) fn privacy_required() -> Self {
        Self::no("PRIVACYREQUIRED", "Passwords are taken only under TLS; use STARTTLS first")
    }

    pub(crate) fn authentication_failed() -> Self {
        Self::no("AUTHENTICATIONFAILED", "Wrong user name or password")
    }

    pub(crate) fn authorization_failed() -> Self {
        Self::no("AUTHORIZATIONFAILED", "Acting as another user is not allowed")
    }

    pub(crate) fn read_only() -> Self {
        Self::no("CANNOT", "The mailbox is open for reading only; use SELECT")
    }

    pub(crate) fn too_big() -> Self {
        Self::no("TOOBIG", "The message is larger than this server takes")
    }

    pub(crate) fn literal_too_big() -> Self {
        Self::new(Condition::Bad, "The argument is longer than this server reads").with_code("TOOBIG")
    }

    /// Messages that the client still counts are gone (RFC 5530 §3, EXPUNGEISSUED).
    pub(crate) fn some_gone(text: &'static str) -> Self {
        Self::ok(text).with_code("EXPUNGEISSUED")
    }

    pub(crate) fn refused(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchMailbox => Self::no("NONEXISTENT", "There is no such mailbox"),
            Refusal::TryCreate => Self::no("TRYCREATE", "There is no such mailbox; create it first"),
            Refusal::MailboxExists => Self::no("ALREADYEXISTS", "There is such a mailbox already"),
            Refusal::BadMailboxName => Self::no("CANNOT", "A mailbox cannot have that name"),
            Refusal::NotPossible => Self::no("CANNOT", "That cannot be done with this mailbox"),
            Refusal::OverQuota => Self::no("OVERQUOTA", "The mailbox is full"),
            Refusal::Limit => Self::no("LIMIT", "A limit of this server is reached"),
            Refusal::Unavailable => {
                Self::no("UNAVAILABLE", "That is not possible at the moment; try again later")
            }
            Refusal::ServerFault => {
                Self::no("SERVERBUG", "Something went wrong in the server; its log says what")
            }
        }
    }
}

/// Why the server ends the connection: `* BYE text`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bye {
    /// The client said LOGOUT.
    Logout,
    /// The client was silent for too long.
    Idle,
    /// The server stops.
    Shutdown,
    /// Too many failed log-ins.
    AuthenticationFailures,
    /// Too many bad commands in a row.
    BadCommands,
    /// A line or literal beyond the limits.
    TooLong,
    /// The selected mailbox was deleted or its UIDVALIDITY changed.
    MailboxGone,
    /// The account was deleted, switched off, or given another password.
    AccountChanged,
    /// A fault of our own program.
    Internal,
}

impl Bye {
    /// The text that is sent.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Logout => "Goodbye",
            Self::Idle => "Idle for too long",
            Self::Shutdown => "The server is stopping",
            Self::AuthenticationFailures => "Too many failed log-ins",
            Self::BadCommands => "Too many bad commands",
            Self::TooLong => "That is longer than this server reads",
            Self::MailboxGone => "The selected mailbox is gone",
            Self::AccountChanged => "Your account was closed or changed: log in again",
            Self::Internal => "Something went wrong in the server",
        }
    }
}
