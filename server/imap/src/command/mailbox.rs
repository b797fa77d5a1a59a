//! The commands about mailboxes (RFC 3501 §6.3).

use super::Command;
use super::cursor::Cursor;
use crate::error::BadCommand;

/// What STATUS is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusItem {
    Messages,
    Recent,
    UidNext,
    UidValidity,
    Unseen,
}

impl StatusItem {
    pub const ALL: [(&'static str, Self); 5] = [
        ("MESSAGES", Self::Messages),
        ("RECENT", Self::Recent),
        ("UIDNEXT", Self::UidNext),
        ("UIDVALIDITY", Self::UidValidity),
        ("UNSEEN", Self::Unseen),
    ];
}

pub(super) fn parse(name: &str, cursor: &mut Cursor<'_>) -> Result<Command, BadCommand> {
    let mut one = |make: fn(String) -> Command| {
        cursor.space()?;
        Ok(make(cursor.mailbox()?))
    };
    match name {
        "SELECT" => one(|mailbox| Command::Select { mailbox, read_only: false }),
        "EXAMINE" => one(|mailbox| Command::Select { mailbox, read_only: true }),
        "CREATE" => one(Command::Create),
        "DELETE" => one(Command::Delete),
        "SUBSCRIBE" => one(|mailbox| Command::Subscribe { mailbox, subscribed: true }),
        "UNSUBSCRIBE" => one(|mailbox| Command::Subscribe { mailbox, subscribed: false }),
        "RENAME" => {
            cursor.space()?;
            let from = cursor.mailbox()?;
            cursor.space()?;
            Ok(Command::Rename { from, to: cursor.mailbox()? })
        }
        "LIST" => list(cursor, false),
        "LSUB" => list(cursor, true),
        "STATUS" => {
            cursor.space()?;
            let mailbox = cursor.mailbox()?;
            cursor.space()?;
            Ok(Command::Status { mailbox, items: cursor.list(status_item)? })
        }
        _ => Err(BadCommand::Unknown),
    }
}

fn list(cursor: &mut Cursor<'_>, only_subscribed: bool) -> Result<Command, BadCommand> {
    cursor.space()?;
    // The reference is a `mailbox`, but may also be the beginning of a name: it is not decoded.
    let reference = cursor.text()?;
    cursor.space()?;
    Ok(Command::List { reference, pattern: cursor.list_mailbox()?, only_subscribed })
}

fn status_item(cursor: &mut Cursor<'_>) -> Result<StatusItem, BadCommand> {
    let name = cursor.word()?;
    let found = StatusItem::ALL.iter().find(|(known, _)| *known == name);
    found.map(|(_, item)| *item).ok_or(BadCommand::Arguments)
}
