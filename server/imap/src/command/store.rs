//! STORE and UID STORE (RFC 3501 §6.4.6), and the flag lists of STORE and APPEND.

use super::Command;
use super::cursor::Cursor;
use crate::error::BadCommand;
use crate::flags::Flags;
use crate::session::FlagAction;

pub(super) fn parse(cursor: &mut Cursor<'_>, by_uid: bool) -> Result<Command, BadCommand> {
    cursor.space()?;
    let set = cursor.set()?;
    cursor.space()?;
    let action = if cursor.skip(b'+') {
        FlagAction::Add
    } else if cursor.skip(b'-') {
        FlagAction::Remove
    } else {
        FlagAction::Replace
    };
    let silent = match cursor.word()?.as_str() {
        "FLAGS" => false,
        "FLAGS.SILENT" => true,
        _ => return Err(BadCommand::Arguments),
    };
    cursor.space()?;
    let flags = if cursor.peek() == Some(b'(') { flag_list(cursor)? } else { bare_flags(cursor)? };
    Ok(Command::Store { by_uid, set, action, silent, flags })
}

/// `(\Seen $Forwarded)`, or `()`.
pub(super) fn flag_list(cursor: &mut Cursor<'_>) -> Result<Flags, BadCommand> {
    cursor.expect(b'(')?;
    let mut flags = Flags::default();
    if cursor.skip(b')') {
        return Ok(flags);
    }
    loop {
        flag(cursor, &mut flags)?;
        if cursor.skip(b')') {
            return Ok(flags);
        }
        cursor.space()?;
    }
}

/// Flags without parentheses, which STORE allows.
fn bare_flags(cursor: &mut Cursor<'_>) -> Result<Flags, BadCommand> {
    let mut flags = Flags::default();
    loop {
        flag(cursor, &mut flags)?;
        if !cursor.skip(b' ') {
            return Ok(flags);
        }
    }
}

fn flag(cursor: &mut Cursor<'_>, flags: &mut Flags) -> Result<(), BadCommand> {
    let name = if cursor.skip(b'\\') { format!("\\{}", cursor.atom()?) } else { cursor.atom()?.to_owned() };
    flags.add_named(&name).map_err(|_| BadCommand::Flag)
}
