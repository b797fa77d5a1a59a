//! Commands and their grammar (RFC 3501 §9). Which command may come when is the session's business.

mod append;
mod cursor;
mod date;
mod fetch;
mod mailbox;
mod search;
mod set;
mod store;

use crate::error::BadCommand;
use crate::flags::Flags;
use crate::limits::{ID_OCTETS, ID_PAIRS, TAG_OCTETS};
use crate::search::Key;
use crate::session::FlagAction;
pub(crate) use append::{AppendHead, AppendLiteral, announced as append_announced};
pub(crate) use cursor::Cursor;
pub(crate) use date::MONTHS;
pub(crate) use fetch::{FetchItem, FetchSection};
pub(crate) use mailbox::StatusItem;
pub(crate) use set::SequenceSet;
use std::fmt;

/// A command's tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag(String);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Capability,
    Noop,
    Logout,
    StartTls,
    /// `initial` is in base64, `=` for an empty one (RFC 4959 §3).
    Authenticate {
        mechanism: String,
        initial: Option<Vec<u8>>,
    },
    Login {
        user: Vec<u8>,
        password: Secret,
    },
    /// Pairs of name and value.
    Id(Vec<(String, Option<String>)>),
    Select {
        mailbox: String,
        read_only: bool,
    },
    Create(String),
    Delete(String),
    Rename {
        from: String,
        to: String,
    },
    Subscribe {
        mailbox: String,
        subscribed: bool,
    },
    /// Both in modified UTF-7.
    List {
        reference: String,
        pattern: String,
        only_subscribed: bool,
    },
    Status {
        mailbox: String,
        items: Vec<StatusItem>,
    },
    Namespace,
    Idle,
    Check,
    Close,
    Unselect,
    /// `None` is all messages.
    Expunge(Option<SequenceSet>),
    Search {
        by_uid: bool,
        key: Key,
    },
    Fetch {
        by_uid: bool,
        set: SequenceSet,
        items: Vec<FetchItem>,
    },
    Store {
        by_uid: bool,
        set: SequenceSet,
        action: FlagAction,
        silent: bool,
        flags: Flags,
    },
    /// COPY, or MOVE.
    Transfer {
        by_uid: bool,
        set: SequenceSet,
        mailbox: String,
        moving: bool,
    },
}

impl Command {
    /// Its name, for notes.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Capability => "CAPABILITY",
            Self::Noop => "NOOP",
            Self::Logout => "LOGOUT",
            Self::StartTls => "STARTTLS",
            Self::Authenticate { .. } => "AUTHENTICATE",
            Self::Login { .. } => "LOGIN",
            Self::Id(_) => "ID",
            Self::Select { read_only: false, .. } => "SELECT",
            Self::Select { read_only: true, .. } => "EXAMINE",
            Self::Create(_) => "CREATE",
            Self::Delete(_) => "DELETE",
            Self::Rename { .. } => "RENAME",
            Self::Subscribe { subscribed: true, .. } => "SUBSCRIBE",
            Self::Subscribe { subscribed: false, .. } => "UNSUBSCRIBE",
            Self::List { only_subscribed: false, .. } => "LIST",
            Self::List { only_subscribed: true, .. } => "LSUB",
            Self::Status { .. } => "STATUS",
            Self::Namespace => "NAMESPACE",
            Self::Idle => "IDLE",
            Self::Check => "CHECK",
            Self::Close => "CLOSE",
            Self::Unselect => "UNSELECT",
            Self::Expunge(_) => "EXPUNGE",
            Self::Search { .. } => "SEARCH",
            Self::Fetch { .. } => "FETCH",
            Self::Store { .. } => "STORE",
            Self::Transfer { moving: false, .. } => "COPY",
            Self::Transfer { moving: true, .. } => "MOVE",
        }
    }
}

/// A password, as sent. Not in any `Debug` text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Reads the tag at the beginning of a command, as far as there is one.
pub(crate) fn parse_tag(text: &[u8]) -> Option<Tag> {
    let tag = Cursor::new(text).tag().ok()?;
    (tag.len() <= TAG_OCTETS).then(|| Tag(tag.to_owned()))
}

/// Reads a whole command. Without a usable tag the answer is untagged.
pub(crate) fn parse(text: &[u8]) -> (Option<Tag>, Result<Command, BadCommand>) {
    let Some(tag) = parse_tag(text) else { return (None, Err(BadCommand::Tag)) };
    let mut cursor = Cursor::new(text);
    let command = cursor.tag().and_then(|_| cursor.space()).and_then(|()| command(&mut cursor));
    (Some(tag), command)
}

fn command(cursor: &mut Cursor<'_>) -> Result<Command, BadCommand> {
    let name = cursor.word().map_err(|_| BadCommand::Unknown)?;
    let command = if name == "UID" {
        cursor.space()?;
        let name = cursor.word()?;
        with_set(&name, cursor, true).ok_or(BadCommand::Unknown)??
    } else if let Some(command) = without_arguments(&name) {
        command
    } else if let Some(command) = with_set(&name, cursor, false) {
        command?
    } else {
        with_arguments(&name, cursor)?
    };
    cursor.end()?;
    Ok(command)
}

fn without_arguments(name: &str) -> Option<Command> {
    Some(match name {
        "CAPABILITY" => Command::Capability,
        "NOOP" => Command::Noop,
        "LOGOUT" => Command::Logout,
        "STARTTLS" => Command::StartTls,
        "NAMESPACE" => Command::Namespace,
        "IDLE" => Command::Idle,
        "CHECK" => Command::Check,
        "CLOSE" => Command::Close,
        "UNSELECT" => Command::Unselect,
        "EXPUNGE" => Command::Expunge(None),
        _ => return None,
    })
}

/// The commands that have a UID form. EXPUNGE takes a set only in that form (RFC 4315 §2.1).
fn with_set(name: &str, cursor: &mut Cursor<'_>, by_uid: bool) -> Option<Result<Command, BadCommand>> {
    Some(match name {
        "FETCH" => fetch::parse(cursor, by_uid),
        "STORE" => store::parse(cursor, by_uid),
        "SEARCH" => search::parse(cursor, by_uid),
        "COPY" => transfer(cursor, by_uid, false),
        "MOVE" => transfer(cursor, by_uid, true),
        "EXPUNGE" if by_uid => {
            cursor.space().and_then(|()| cursor.set()).map(|set| Command::Expunge(Some(set)))
        }
        _ => return None,
    })
}

fn with_arguments(name: &str, cursor: &mut Cursor<'_>) -> Result<Command, BadCommand> {
    match name {
        "AUTHENTICATE" => authenticate(cursor),
        "LOGIN" => login(cursor),
        "ID" => id(cursor),
        // Its message never gets here: see `append_announced`.
        "APPEND" => Err(BadCommand::Missing),
        _ => mailbox::parse(name, cursor),
    }
}

fn transfer(cursor: &mut Cursor<'_>, by_uid: bool, moving: bool) -> Result<Command, BadCommand> {
    cursor.space()?;
    let set = cursor.set()?;
    cursor.space()?;
    Ok(Command::Transfer { by_uid, set, mailbox: cursor.mailbox()?, moving })
}

fn authenticate(cursor: &mut Cursor<'_>) -> Result<Command, BadCommand> {
    cursor.space()?;
    let mechanism = cursor.atom()?.to_owned();
    let initial = if cursor.skip(b' ') { Some(cursor.astring()?) } else { None };
    Ok(Command::Authenticate { mechanism, initial })
}

fn login(cursor: &mut Cursor<'_>) -> Result<Command, BadCommand> {
    cursor.space()?;
    let user = cursor.astring()?;
    cursor.space()?;
    Ok(Command::Login { user, password: Secret(cursor.astring()?) })
}

/// ID (RFC 2971). What is too much is left out: it is for statistics.
fn id(cursor: &mut Cursor<'_>) -> Result<Command, BadCommand> {
    cursor.space()?;
    if !cursor.skip(b'(') {
        return match cursor.nstring()? {
            None => Ok(Command::Id(Vec::new())),
            Some(_) => Err(BadCommand::Arguments),
        };
    }
    let short = |octets: &[u8]| String::from_utf8_lossy(&octets[..octets.len().min(ID_OCTETS)]).into_owned();
    let mut pairs = Vec::new();
    while !cursor.skip(b')') {
        if !pairs.is_empty() {
            cursor.space()?;
        }
        let name = short(&cursor.string()?);
        cursor.space()?;
        pairs.push((name, cursor.nstring()?.as_deref().map(short)));
    }
    pairs.truncate(ID_PAIRS);
    Ok(Command::Id(pairs))
}
