//! What a session asks for, and what it is answered.

use crate::flags::Flags;
use crate::number::{ModSeq, Uid, UidRange, UidValidity};
use crate::response::Bye;
use crate::search::{SearchFacts, SearchProgram};
use bytes::Bytes;
use jiff::Timestamp;
use postigo_message::{ParsedMessage, Span};
use postigo_sasl::{Failure, KeyKind, Keys, Mechanism, Password};
use std::ops::Range;
use std::sync::Arc;

/// What the driver does. It carries out the outputs in order.
#[derive(Debug)]
pub enum Output {
    /// Append these octets to the unsent ones; send them before waiting for input or for a question that may take long,
    /// before `StartTls` and before `Close`.
    Send(Vec<u8>),
    /// Send these octets of a message of the selected mailbox, as served (with CRLF). Exactly so many were announced: if the
    /// file has become shorter, the connection must be dropped.
    Content {
        /// The message.
        uid: Uid,
        /// Which octets.
        span: Span,
    },
    /// Find the answer and give it to [`Session::answer`](super::Session::answer). Nothing comes after it.
    Ask(Question),
    /// Octets of the message that is being appended, as sent.
    AppendData(Bytes),
    /// Throw away what was appended: the command turned out to be bad.
    AppendAborted,
    /// Send everything, throw away the input buffer, do the handshake, then call
    /// [`Session::tls_established`](super::Session::tls_established). Nothing comes after it.
    StartTls,
    /// Send everything and close. Nothing comes after it.
    Close,
    /// A line (or a literal that is part of a command) came from the client: for the transcript.
    Heard {
        /// The octets without the line end.
        line: Vec<u8>,
        /// What of it nobody may see.
        secrets: Vec<Range<usize>>,
    },
    /// Something for the trace and the log; nothing to do.
    Note(Note),
}

/// What the session has to know from outside. One question is open at a time. Mailbox names are Unicode; `INBOX` is in
/// capitals. UIDs are those of the selected mailbox. Every question can be answered with [`Answer::Refused`].
#[derive(Debug)]
pub enum Question {
    /// What is known of a user's password: [`Answer::Keys`].
    Keys {
        /// The name as the client wrote it.
        user: String,
        /// What is needed.
        kind: KeyKind,
    },
    /// Whether this is the user's password: [`Answer::Password`]. Slow.
    Password {
        /// The name as the client wrote it.
        user: String,
        /// What the client sent.
        password: Password,
    },
    /// All mailboxes: [`Answer::Mailboxes`].
    Mailboxes,
    /// Create a mailbox: [`Answer::Done`].
    Create(String),
    /// Delete a mailbox: [`Answer::Done`].
    Delete(String),
    /// Rename a mailbox; INBOX is emptied into the new one instead (RFC 3501 §6.3.5): [`Answer::Done`].
    Rename {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Subscribe or unsubscribe: [`Answer::Done`].
    Subscribe {
        /// The mailbox, which need not exist.
        mailbox: String,
        /// Which of them.
        subscribed: bool,
    },
    /// The numbers of a mailbox: [`Answer::Status`].
    Status(String),
    /// Open a mailbox, which becomes the selected one: [`Answer::Opened`].
    Open {
        /// Its name.
        mailbox: String,
        /// EXAMINE: nothing may change.
        read_only: bool,
    },
    /// What changed in the selected mailbox: [`Answer::Changes`]. Refused with [`Refusal::NoSuchMailbox`] if it is gone.
    Changes {
        /// After this.
        since: ModSeq,
    },
    /// Messages, ascending: [`Answer::Messages`]. Those that are gone are left out.
    Messages {
        /// Which.
        uids: Vec<UidRange>,
        /// What of them is wanted beside flags, date and size.
        wanted: Wanted,
    },
    /// Octets of a served message: [`Answer::Octets`].
    Octets {
        /// The message.
        uid: Uid,
        /// Which octets; not more than [`limits::HEADER_OCTETS`](crate::limits::HEADER_OCTETS).
        span: Span,
    },
    /// Change flags: [`Answer::FlagsSet`].
    SetFlags {
        /// Of which messages.
        uids: Vec<UidRange>,
        /// How.
        action: FlagAction,
        /// Which flags.
        flags: Flags,
    },
    /// Remove messages with `\Deleted`: [`Answer::Expunged`].
    Expunge {
        /// Only these; `None` is all.
        uids: Option<Vec<UidRange>>,
    },
    /// Copy or move messages: [`Answer::Transferred`]. Refused with [`Refusal::TryCreate`] if there is no such target.
    Transfer {
        /// Which.
        uids: Vec<UidRange>,
        /// Where to.
        mailbox: String,
        /// Whether they leave this mailbox.
        moving: bool,
    },
    /// Which of these messages match: [`Answer::Found`]. To be found with [`SearchProgram::matches`].
    Search {
        /// What is searched for.
        program: Arc<SearchProgram>,
        /// Where.
        candidates: Vec<SearchFacts>,
    },
    /// A message is going to be appended: [`Answer::Done`], or refused ([`Refusal::TryCreate`] if there is no such mailbox).
    /// Its octets follow as [`Output::AppendData`].
    Append {
        /// Where to.
        mailbox: String,
        /// Its flags.
        flags: Flags,
        /// Its internal date; `None` is now.
        date: Option<Timestamp>,
        /// How many octets will follow.
        octets: u64,
    },
    /// The message is complete; make it safe: [`Answer::Appended`] once it is on disk and synced. If it is refused, nothing of
    /// it may stay.
    AppendEnd,
}

/// The driver's answer.
#[derive(Debug)]
pub enum Answer {
    /// To `Keys`: the keys, or `None` if there is no such user, it may not log in, or has none of this kind.
    Keys(Option<Keys>),
    /// To `Password`.
    Password(bool),
    /// It is done.
    Done,
    /// To `Mailboxes`.
    Mailboxes(Vec<MailboxEntry>),
    /// To `Status`.
    Status(MailboxStatus),
    /// To `Open`.
    Opened(Opened),
    /// To `Changes`.
    Changes(Changes),
    /// To `Messages`.
    Messages(Vec<Message>),
    /// To `Octets`; `None` if the message is gone.
    Octets(Option<Vec<u8>>),
    /// To `SetFlags`: the state of all messages it was applied to, ascending, also of those it made no difference to.
    FlagsSet(Vec<MessageState>),
    /// To `Expunge`: the UIDs removed.
    Expunged(Vec<Uid>),
    /// To `Transfer`.
    Transferred(Transferred),
    /// To `Search`.
    Found(Vec<Uid>),
    /// To `AppendEnd`.
    Appended(Appended),
    /// To any question: no.
    Refused(Refusal),
}

/// Why a question was answered with no. Each has its response code (RFC 5530).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `[NONEXISTENT]`
    NoSuchMailbox,
    /// `[TRYCREATE]`: the target of APPEND, COPY or MOVE does not exist.
    TryCreate,
    /// `[ALREADYEXISTS]`
    MailboxExists,
    /// `[CANNOT]`: such a name cannot be.
    BadMailboxName,
    /// `[CANNOT]`: INBOX cannot be deleted, and the like.
    NotPossible,
    /// `[OVERQUOTA]`
    OverQuota,
    /// `[LIMIT]`
    Limit,
    /// `[UNAVAILABLE]`: temporary.
    Unavailable,
    /// `[SERVERBUG]`: a fault that the operator has to see.
    ServerFault,
}

/// What is wanted of messages. Flags, internal date and size always are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Envelope and structure.
    pub parsed: bool,
    /// The message's header block, as served, at most [`limits::HEADER_OCTETS`](crate::limits::HEADER_OCTETS) of it.
    pub header: bool,
}

/// A message of the selected mailbox.
#[derive(Clone, Debug)]
pub struct Message {
    /// UID, flags, mod-sequence.
    pub state: MessageState,
    /// RFC822.SIZE: octets as served.
    pub octets: u64,
    /// INTERNALDATE.
    pub internal_date: Timestamp,
    /// If [`Wanted::parsed`].
    pub parsed: Option<Arc<ParsedMessage>>,
    /// If [`Wanted::header`].
    pub header: Option<Vec<u8>>,
}

/// What changes most often about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageState {
    /// UID.
    pub uid: Uid,
    /// System flags and keywords.
    pub flags: Flags,
    /// The mod-sequence of its last change.
    pub mod_seq: ModSeq,
}

/// A mailbox, or a name that is only subscribed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxEntry {
    /// Its name.
    pub name: String,
    /// Whether there is such a mailbox.
    pub exists: bool,
    /// Whether the user subscribed to it.
    pub subscribed: bool,
    /// Its attribute of RFC 6154, as `\Sent`.
    pub special_use: Option<&'static str>,
}

/// The numbers of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxStatus {
    /// UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// UIDNEXT.
    pub uid_next: Uid,
    /// MESSAGES.
    pub messages: u64,
    /// RECENT.
    pub recent: u64,
    /// UNSEEN: how many.
    pub unseen: u64,
}

/// A mailbox at the moment it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// UIDNEXT.
    pub uid_next: Uid,
    /// The mod-sequence up to which all the rest is known.
    pub mod_seq: ModSeq,
    /// All messages.
    pub uids: Vec<Uid>,
    /// The recent ones.
    pub recent: Vec<Uid>,
    /// The first without `\Seen`.
    pub first_unseen: Option<Uid>,
    /// Keywords known in the mailbox.
    pub keywords: Vec<String>,
}

/// What happened in the selected mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// New messages, and those whose flags changed.
    pub changed: Vec<MessageState>,
    /// What is gone.
    pub vanished: Vanished,
    /// Messages that became recent for this session.
    pub recent: Vec<Uid>,
    /// The mailbox's mod-sequence now.
    pub mod_seq: ModSeq,
}

/// Messages that are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vanished {
    /// These; perhaps also some that the session never saw.
    These(Vec<Uid>),
    /// All but these: which ones exactly is forgotten. In any order.
    AllBut(Vec<Uid>),
}

/// The result of COPY or MOVE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transferred {
    /// UIDVALIDITY of the target.
    pub uid_validity: UidValidity,
    /// Old and new UIDs, ascending in both.
    pub uids: Vec<(Uid, Uid)>,
}

/// An appended message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// UIDVALIDITY of the mailbox.
    pub uid_validity: UidValidity,
    /// Its UID.
    pub uid: Uid,
}

/// How flags are changed (RFC 3501 §6.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagAction {
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
    /// `FLAGS`
    Replace,
}

/// How a client logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The command LOGIN.
    Login,
    /// AUTHENTICATE with a mechanism.
    Sasl(Mechanism),
}

/// What the trace wants to know and cannot read off the responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The client showed who it is.
    Authenticated {
        /// The name as the client wrote it.
        user: String,
        /// How.
        method: Method,
    },
    /// The client failed to show it.
    AuthenticationFailed {
        /// The name, if it came so far.
        user: Option<String>,
        /// How it tried.
        method: Method,
        /// Why, for the log only. `None`: passwords are not taken on this connection.
        failure: Option<Failure>,
    },
    /// A mailbox was selected.
    Selected {
        /// Its name.
        mailbox: String,
        /// Whether by EXAMINE.
        read_only: bool,
    },
    /// No mailbox is selected any more.
    Deselected,
    /// What the client says of itself (RFC 2971), names and values.
    ClientId(Vec<(String, Option<String>)>),
    /// A command was refused with NO or BAD.
    Refused {
        /// Its name in capitals, as far as it was understood.
        command: String,
        /// The response without the tag.
        response: String,
    },
    /// The session ends.
    Closed(Bye),
}
