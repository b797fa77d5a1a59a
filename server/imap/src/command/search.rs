//! SEARCH and UID SEARCH (RFC 3501 §6.4.4).

use super::Command;
use super::cursor::Cursor;
use super::date::date;
use crate::error::BadCommand;
use crate::flags::SystemFlag;
use crate::limits::SEARCH_DEPTH;
use crate::search::Key;

pub(super) fn parse(cursor: &mut Cursor<'_>, by_uid: bool) -> Result<Command, BadCommand> {
    let mut charset = cursor.clone();
    if charset.skip(b' ') && charset.word().is_ok_and(|word| word == "CHARSET") {
        charset.space()?;
        let name = charset.text()?;
        // US-ASCII is UTF-8 as well, and the only texts we can compare are UTF-8.
        if !name.eq_ignore_ascii_case("UTF-8") && !name.eq_ignore_ascii_case("US-ASCII") {
            return Err(BadCommand::Charset);
        }
        *cursor = charset;
    }
    let mut keys = Vec::new();
    loop {
        cursor.space()?;
        keys.push(key(cursor, SEARCH_DEPTH)?);
        if cursor.end().is_ok() {
            return Ok(Command::Search { by_uid, key: Key::And(keys) });
        }
    }
}

fn key(cursor: &mut Cursor<'_>, depth: usize) -> Result<Key, BadCommand> {
    let depth = depth.checked_sub(1).ok_or(BadCommand::SearchDepth)?;
    match cursor.peek() {
        Some(b'(') => return Ok(Key::And(cursor.list(|cursor| key(cursor, depth))?)),
        Some(b'0'..=b'9' | b'*') => return Ok(Key::Sequence(cursor.set()?)),
        _ => {}
    }
    let name = cursor.word()?;
    if let Some(found) = simple(&name) {
        return Ok(found);
    }
    cursor.space()?;
    Ok(match name.as_str() {
        "NOT" => Key::Not(Box::new(key(cursor, depth)?)),
        "OR" => {
            let one = key(cursor, depth)?;
            cursor.space()?;
            Key::Or(Box::new(one), Box::new(key(cursor, depth)?))
        }
        "UID" => Key::Uid(cursor.set()?),
        "KEYWORD" => Key::Keyword(cursor.atom()?.to_owned()),
        "UNKEYWORD" => Key::Not(Box::new(Key::Keyword(cursor.atom()?.to_owned()))),
        "LARGER" => Key::Larger(u64::from(cursor.number()?)),
        "SMALLER" => Key::Smaller(u64::from(cursor.number()?)),
        "BEFORE" => Key::Before(date(cursor)?),
        "ON" => Key::On(date(cursor)?),
        "SINCE" => Key::Not(Box::new(Key::Before(date(cursor)?))),
        "SENTBEFORE" => Key::SentBefore(date(cursor)?),
        "SENTON" => Key::SentOn(date(cursor)?),
        "SENTSINCE" => Key::SentSince(date(cursor)?),
        "BCC" | "CC" | "FROM" | "SUBJECT" | "TO" => Key::header(&name, &cursor.text()?),
        "HEADER" => {
            let field = cursor.text()?;
            cursor.space()?;
            Key::header(&field, &cursor.text()?)
        }
        "BODY" => Key::Body(cursor.text()?.to_lowercase()),
        "TEXT" => Key::Text(cursor.text()?.to_lowercase()),
        _ => return Err(BadCommand::Arguments),
    })
}

/// The keys without an argument.
fn simple(name: &str) -> Option<Key> {
    let not = |key| Key::Not(Box::new(key));
    Some(match name {
        "ALL" => Key::And(Vec::new()),
        "ANSWERED" => Key::Flag(SystemFlag::Answered),
        "DELETED" => Key::Flag(SystemFlag::Deleted),
        "DRAFT" => Key::Flag(SystemFlag::Draft),
        "FLAGGED" => Key::Flag(SystemFlag::Flagged),
        "SEEN" => Key::Flag(SystemFlag::Seen),
        "UNANSWERED" => not(Key::Flag(SystemFlag::Answered)),
        "UNDELETED" => not(Key::Flag(SystemFlag::Deleted)),
        "UNDRAFT" => not(Key::Flag(SystemFlag::Draft)),
        "UNFLAGGED" => not(Key::Flag(SystemFlag::Flagged)),
        "UNSEEN" => not(Key::Flag(SystemFlag::Seen)),
        "RECENT" => Key::Recent,
        "OLD" => not(Key::Recent),
        "NEW" => Key::And(vec![Key::Recent, not(Key::Flag(SystemFlag::Seen))]),
        _ => return None,
    })
}
