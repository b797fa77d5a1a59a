//! FETCH and UID FETCH (RFC 3501 §6.4.5).

use super::Command;
use super::cursor::Cursor;
use crate::error::BadCommand;
use crate::limits::FETCH_ITEMS;
use postigo_message::{FieldChoice, Section, SectionText};

/// What FETCH is to tell of each message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FetchItem {
    Uid,
    Flags,
    InternalDate,
    Size,
    Envelope,
    /// BODY without a section.
    Body,
    BodyStructure,
    Section(FetchSection),
}

/// A section of a message, and how the client asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FetchSection {
    pub section: Section,
    /// First octet and number of octets.
    pub partial: Option<(u64, u64)>,
    /// Whether `\Seen` is left alone.
    pub peek: bool,
    /// The name in the response, where it is not `BODY[...]`.
    pub old_name: Option<&'static str>,
}

impl FetchItem {
    fn old(name: &'static str, text: Option<SectionText>, peek: bool) -> Result<Self, BadCommand> {
        let section = Section::new(Vec::new(), text).map_err(|_| BadCommand::Section)?;
        Ok(Self::Section(FetchSection { section, partial: None, peek, old_name: Some(name) }))
    }
}

pub(super) fn parse(cursor: &mut Cursor<'_>, by_uid: bool) -> Result<Command, BadCommand> {
    cursor.space()?;
    let set = cursor.set()?;
    cursor.space()?;
    let mut items = if cursor.peek() == Some(b'(') { cursor.list(item)? } else { macro_or_item(cursor)? };
    if items.len() > FETCH_ITEMS {
        return Err(BadCommand::Arguments);
    }
    // UID FETCH always tells the UID (RFC 3501 §6.4.8).
    if by_uid && !items.contains(&FetchItem::Uid) {
        items.insert(0, FetchItem::Uid);
    }
    Ok(Command::Fetch { by_uid, set, items })
}

fn macro_or_item(cursor: &mut Cursor<'_>) -> Result<Vec<FetchItem>, BadCommand> {
    use FetchItem::{Body, Envelope, Flags, InternalDate, Size};
    let mut after = cursor.clone();
    let items = match after.word()?.as_str() {
        "FAST" => vec![Flags, InternalDate, Size],
        "ALL" => vec![Flags, InternalDate, Size, Envelope],
        "FULL" => vec![Flags, InternalDate, Size, Envelope, Body],
        _ => return Ok(vec![item(cursor)?]),
    };
    *cursor = after;
    Ok(items)
}

fn item(cursor: &mut Cursor<'_>) -> Result<FetchItem, BadCommand> {
    Ok(match cursor.word()?.as_str() {
        "UID" => FetchItem::Uid,
        "FLAGS" => FetchItem::Flags,
        "INTERNALDATE" => FetchItem::InternalDate,
        "RFC822.SIZE" => FetchItem::Size,
        "ENVELOPE" => FetchItem::Envelope,
        "BODYSTRUCTURE" => FetchItem::BodyStructure,
        "BODY" if cursor.peek() != Some(b'[') => FetchItem::Body,
        "BODY" => section(cursor, false)?,
        "BODY.PEEK" => section(cursor, true)?,
        "RFC822" => FetchItem::old("RFC822", None, false)?,
        // RFC 3501 §6.4.5: RFC822.HEADER is BODY.PEEK[HEADER].
        "RFC822.HEADER" => FetchItem::old("RFC822.HEADER", Some(SectionText::Header), true)?,
        "RFC822.TEXT" => FetchItem::old("RFC822.TEXT", Some(SectionText::Text), false)?,
        _ => return Err(BadCommand::Arguments),
    })
}

fn section(cursor: &mut Cursor<'_>, peek: bool) -> Result<FetchItem, BadCommand> {
    cursor.expect(b'[')?;
    let mut path = Vec::new();
    let mut text = None;
    // Numbers and the text are separated by dots, which `word` runs through.
    if cursor.peek() != Some(b']') {
        let words = cursor.word().map_err(|_| BadCommand::Section)?;
        let mut rest = words.as_str();
        while rest.starts_with(|c: char| c.is_ascii_digit()) {
            let (number, after) = rest.split_once('.').unwrap_or((rest, ""));
            path.push(number.parse().map_err(|_| BadCommand::Section)?);
            if after.is_empty() && rest.ends_with('.') {
                return Err(BadCommand::Section);
            }
            rest = after;
        }
        text = section_text(rest, cursor)?;
    }
    cursor.expect(b']').map_err(|_| BadCommand::Section)?;
    let section = Section::new(path, text).map_err(|_| BadCommand::Section)?;
    let partial = partial(cursor)?;
    Ok(FetchItem::Section(FetchSection { section, partial, peek, old_name: None }))
}

fn section_text(name: &str, cursor: &mut Cursor<'_>) -> Result<Option<SectionText>, BadCommand> {
    let choice = match name {
        "" => return Ok(None),
        "HEADER" => return Ok(Some(SectionText::Header)),
        "TEXT" => return Ok(Some(SectionText::Text)),
        "MIME" => return Ok(Some(SectionText::Mime)),
        "HEADER.FIELDS" => FieldChoice::Named,
        "HEADER.FIELDS.NOT" => FieldChoice::NotNamed,
        _ => return Err(BadCommand::Section),
    };
    cursor.space()?;
    let names = cursor.list(|cursor| {
        let name = cursor.text()?;
        // RFC 5322 §2.2: printable ASCII without a colon.
        let is_name = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic() && octet != b':');
        if is_name { Ok(name) } else { Err(BadCommand::Section) }
    })?;
    Ok(Some(SectionText::HeaderFields(choice, names)))
}

/// `<origin.octets>`
fn partial(cursor: &mut Cursor<'_>) -> Result<Option<(u64, u64)>, BadCommand> {
    if !cursor.skip(b'<') {
        return Ok(None);
    }
    let offset = cursor.number64()?;
    cursor.expect(b'.')?;
    let octets = cursor.number64()?;
    cursor.expect(b'>')?;
    if octets == 0 { Err(BadCommand::Arguments) } else { Ok(Some((offset, octets))) }
}
