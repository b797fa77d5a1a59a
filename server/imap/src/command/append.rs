//! APPEND (RFC 3501 §6.3.11): everything before its message, which never is in the command's text.

use super::cursor::Cursor;
use super::date::date_time;
use super::store::flag_list;
use crate::error::BadCommand;
use crate::flags::Flags;
use jiff::Timestamp;

/// What precedes the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppendHead {
    pub mailbox: String,
    pub flags: Flags,
    pub date: Option<Timestamp>,
}

/// What an announced literal of an APPEND command is.
pub(crate) enum AppendLiteral {
    /// The mailbox name.
    Mailbox,
    /// The message.
    Message(AppendHead),
}

/// Reads an APPEND command up to the announcement of a literal at its end. `None` if it is another command.
pub(crate) fn announced(text: &[u8]) -> Option<Result<AppendLiteral, BadCommand>> {
    let mut cursor = Cursor::new(text);
    cursor.tag().ok()?;
    cursor.space().ok()?;
    if cursor.word().ok()? != "APPEND" {
        return None;
    }
    Some(arguments(&mut cursor))
}

fn arguments(cursor: &mut Cursor<'_>) -> Result<AppendLiteral, BadCommand> {
    cursor.space()?;
    if is_announcement(cursor) {
        return Ok(AppendLiteral::Mailbox);
    }
    let mailbox = cursor.mailbox()?;
    cursor.space()?;
    let mut head = AppendHead { mailbox, flags: Flags::default(), date: None };
    if cursor.peek() == Some(b'(') {
        head.flags = flag_list(cursor)?;
        cursor.space()?;
    }
    if cursor.peek() == Some(b'"') {
        head.date = Some(date_time(cursor)?);
        cursor.space()?;
    }
    if is_announcement(cursor) { Ok(AppendLiteral::Message(head)) } else { Err(BadCommand::Arguments) }
}

/// Whether nothing but `{n}` is left.
fn is_announcement(cursor: &Cursor<'_>) -> bool {
    let mut cursor = cursor.clone();
    let mut read = || {
        cursor.expect(b'{')?;
        cursor.number64()?;
        cursor.skip(b'+');
        cursor.expect(b'}')?;
        cursor.skip(b'\r');
        cursor.expect(b'\n')
    };
    read().is_ok() && cursor.is_at_end()
}
