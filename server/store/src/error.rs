//! What can go wrong in the store: a stable code, a text safe to show anyone, and a cause for the log.

use std::error::Error as StdError;
use std::{fmt, io};

/// `Result` of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What failed. The [`id`](Code::id) is the key of the user interface's explanation and is never renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// No space (or no quota) left on the disk; temporary. SMTP 452 4.3.1, IMAP `NO [UNAVAILABLE]`.
    StoreFull,
    /// The disk refused for another reason; temporary. SMTP 451 4.3.0.
    Io,
    /// A database or the journal contradicts itself.
    Corrupt,
    /// The store is closing or has closed; temporary.
    Closed,
    /// Another process serves this data folder; the subject is its process id.
    DataFolderInUse,
    /// The data folder was written by a newer version.
    TooNew,
    /// No such account.
    AccountUnknown,
    /// The address is already an account or an alias.
    AddressTaken,
    /// The local part is not allowed for an account (it becomes a folder name).
    BadLocalPart,
    /// The domain is not a valid domain name.
    BadDomain,
    /// No such mailbox.
    MailboxUnknown,
    /// A mailbox of that name exists.
    MailboxExists,
    /// The mailbox name is not allowed.
    BadMailboxName,
    /// INBOX cannot be deleted (RFC 3501 §6.3.4).
    MailboxProtected,
    /// The message was expunged, by us or by another program.
    MessageGone,
    /// The mailbox has 64 keywords already.
    TooManyKeywords,
    /// The keyword is empty, too long or has characters that are not allowed (RFC 3501 §9 `flag-keyword`).
    BadKeyword,
    /// The message is empty, too big for the store, or its delivery names no recipient.
    BadMessage,
    /// The recipient is not in the spool any more; the subject is its id.
    NotQueued,
    /// A message with this queue id is in the spool.
    QueueIdTaken,
    /// The system has no such user.
    UserUnknown,
    /// The server lacks the right to files of this user or in this folder: it does not run as root.
    NoRight,
    /// The path is not absolute, or leads through `..`.
    BadPath,
    /// The mail of another account lies there; the subject is its address.
    PathTaken,
    /// Another program keeps the mbox locked; temporary.
    MailboxLocked,
    /// The file is not an mbox that its user owns alone.
    NotMbox,
}

impl Code {
    /// Stable identifier, `store.*`.
    pub const fn id(self) -> &'static str {
        self.describe().0
    }

    const fn describe(self) -> (&'static str, &'static str) {
        match self {
            Self::StoreFull => ("store.full", "The disk is full"),
            Self::Io => ("store.io", "The mail store could not be read or written"),
            Self::Corrupt => ("store.corrupt", "The mail store is damaged"),
            Self::Closed => ("store.closed", "The mail store is shutting down"),
            Self::DataFolderInUse => ("store.in-use", "Another process serves this data folder"),
            Self::TooNew => ("store.too-new", "The data folder was written by a newer version"),
            Self::AccountUnknown => ("store.account-unknown", "There is no such account"),
            Self::AddressTaken => ("store.address-taken", "The address is already in use"),
            Self::BadLocalPart => ("store.bad-local-part", "This name cannot be used for an account"),
            Self::BadDomain => ("store.bad-domain", "This is not a valid domain name"),
            Self::MailboxUnknown => ("store.mailbox-unknown", "There is no such mailbox"),
            Self::MailboxExists => ("store.mailbox-exists", "The mailbox exists already"),
            Self::BadMailboxName => ("store.bad-mailbox-name", "This mailbox name is not allowed"),
            Self::MailboxProtected => ("store.mailbox-protected", "This mailbox cannot be deleted"),
            Self::MessageGone => ("store.message-gone", "The message is no longer there"),
            Self::TooManyKeywords => ("store.too-many-keywords", "The mailbox cannot take more keywords"),
            Self::BadKeyword => ("store.bad-keyword", "This keyword is not allowed"),
            Self::BadMessage => ("store.bad-message", "The message cannot be stored"),
            Self::NotQueued => ("store.not-queued", "The message has left the queue"),
            Self::UserUnknown => ("store.user-unknown", "The system has no such user"),
            Self::NoRight => {
                ("store.no-right", "The server has no right to this; it would have to run as root")
            }
            Self::BadPath => ("store.bad-path", "This path cannot be used"),
            Self::PathTaken => ("store.path-taken", "The mail of another account lies there"),
            Self::MailboxLocked => ("store.mailbox-locked", "Another program keeps the mailbox file locked"),
            Self::NotMbox => ("store.not-mbox", "This is no mailbox file that can be used"),
            Self::QueueIdTaken => ("store.queue-id-taken", "A message with this identifier is in the queue"),
        }
    }
}

/// An error of the store. `Display` prints the public text and the object it is about; the cause, which may name
/// paths, is only in [`source`](StdError::source).
#[derive(Debug)]
pub struct Error {
    code: Code,
    subject: String,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(code: Code) -> Self {
        Self { code, subject: String::new(), cause: None }
    }

    pub(crate) fn about(code: Code, subject: impl Into<String>) -> Self {
        Self { code, subject: subject.into(), cause: None }
    }

    pub(crate) fn because(code: Code, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { code, subject: String::new(), cause: Some(cause.into()) }
    }

    /// What failed.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The object the error is about (an address, a mailbox name, a process id); may be empty.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// True if the same request may succeed later: a protocol answers with a transient reply.
    pub fn is_temporary(&self) -> bool {
        matches!(self.code, Code::StoreFull | Code::Io | Code::Closed | Code::MailboxLocked)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.describe().1)?;
        if self.subject.is_empty() { Ok(()) } else { write!(f, ": {}", self.subject) }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::StoreFull,
            _ => Code::Io,
        };
        Self::because(code, error)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Sqlite;
        let code = match error.sqlite_error_code() {
            Some(Sqlite::DiskFull) => Code::StoreFull,
            Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => Code::Corrupt,
            _ => Code::Io,
        };
        Self::because(code, error)
    }
}
