//! Messages of a folder, newest first.

use std::collections::{BTreeMap, HashMap};

use postigo_api::{Error, Flags, MessagePage, MessageQuery, MessageRow};

use crate::failure::bad_request;
use crate::imap::command::{Command, uid_set};
use crate::imap::connection::Connection;
use crate::imap::envelope::{ImapEnvelope, internal_date};
use crate::imap::response::{Data, Fetch};
use crate::imap::structure;
use crate::imap::value::Value;
use crate::part::Part;
use crate::{Client, preview};

/// Rows of a page when none is asked for, and at most.
const USUAL_LIMIT: u32 = 100;
const PAGE_LIMIT: u32 = 500;
/// Octets of a search text.
const SEARCH_LIMIT: usize = 1000;
/// Octets of a text part that a preview is made from.
const PREVIEW_OCTETS: u32 = 2048;
/// Messages that one command may name.
pub(crate) const UIDS_LIMIT: usize = 1000;
/// What a row is made from.
pub(crate) const ROW_ITEMS: &str = "UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE";

impl Client {
    /// Answers `mail.list`. Order is the order of arrival.
    ///
    /// # Errors
    /// `mail.folder_unknown`, `request.bad` for a search text that no server takes, and those of the connection.
    pub async fn list(&self, query: MessageQuery) -> Result<MessagePage, Error> {
        let criteria = criteria(&query)?;
        let mut lease = self.pool.lease(&query.account, Some(&query.folder)).await?;
        let selected = lease.select(&query.folder, false).await?;
        let limit = if query.limit == 0 { USUAL_LIMIT } else { query.limit.min(PAGE_LIMIT) };
        let (total, set) = match criteria {
            None => (selected.exists, newest(selected.exists, query.offset, limit)),
            Some(criteria) => {
                let mut found = search(&mut lease, criteria).await?;
                found.sort_unstable_by(|a, b| b.cmp(a));
                let (offset, limit) = (to_usize(query.offset), to_usize(limit));
                let page: Vec<u32> = found.iter().skip(offset).take(limit).copied().collect();
                (
                    u32::try_from(found.len()).unwrap_or(u32::MAX),
                    Some(uid_set(&page)).filter(|s| !s.is_empty()),
                )
            }
        };
        let by_uid = query_filters(&query);
        let messages = match set {
            Some(set) => rows(&mut lease, by_uid, &set).await?,
            None => Vec::new(),
        };
        let unseen = search(&mut lease, Command::new("UID SEARCH UNSEEN")).await?.len();
        let unseen = u32::try_from(unseen).unwrap_or(u32::MAX);
        Ok(MessagePage { messages, total, unseen, uid_validity: selected.uid_validity })
    }
}

fn query_filters(query: &MessageQuery) -> bool {
    query.unseen || query.flagged || query.text.as_deref().is_some_and(|text| !text.trim().is_empty())
}

/// The search for what was asked; nothing when all messages are wanted.
fn criteria(query: &MessageQuery) -> Result<Option<Command>, Error> {
    if !query_filters(query) {
        return Ok(None);
    }
    let text = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.len() > SEARCH_LIMIT || text.contains(['\0', '\r', '\n'])) {
        return Err(bad_request("a search text has 1000 octets at most, on one line"));
    }
    // RFC 3501 §6.4.4: the charset is named only where it matters, as not every server knows any.
    let mut command = match text {
        Some(text) if !text.is_ascii() => Command::new("UID SEARCH CHARSET UTF-8"),
        _ => Command::new("UID SEARCH"),
    };
    if query.unseen {
        command = command.word("UNSEEN");
    }
    if query.flagged {
        command = command.word("FLAGGED");
    }
    if let Some(text) = text {
        command = command.word("TEXT").string(text.as_bytes());
    }
    Ok(Some(command))
}

/// UIDs that a search finds.
pub(crate) async fn search(connection: &mut Connection, command: Command) -> Result<Vec<u32>, Error> {
    let reply = connection.run(command).await?.ok()?;
    let found = reply.data.into_iter().filter_map(|data| match data {
        Data::Search(found) => Some(found),
        _ => None,
    });
    Ok(found.flatten().collect())
}

/// Sequence numbers of a page counted from the newest.
fn newest(exists: u32, offset: u32, limit: u32) -> Option<String> {
    let last = exists.checked_sub(offset).filter(|last| *last > 0)?;
    let first = last.saturating_sub(limit).saturating_add(1);
    Some(format!("{first}:{last}"))
}

async fn rows(connection: &mut Connection, by_uid: bool, set: &str) -> Result<Vec<MessageRow>, Error> {
    let word = if by_uid { "UID FETCH" } else { "FETCH" };
    let command = Command::new(format!("{word} {set} ({ROW_ITEMS})"));
    let reply = connection.run(command).await?.ok()?;
    let mut found: BTreeMap<u32, (MessageRow, Part)> = BTreeMap::new();
    for data in reply.data {
        if let Data::Fetch(fetch) = data
            && let Some((row, part)) = row(&fetch)
        {
            found.insert(row.uid, (row, part));
        }
    }
    let mut previews = previews(connection, found.values()).await?;
    let rows = found.into_values().rev().map(|(mut row, _)| {
        row.preview = previews.remove(&row.uid).unwrap_or_default();
        row
    });
    Ok(rows.collect())
}

/// A row without its preview, and the structure. `None` for flags that came without being asked for.
pub(crate) fn row(fetch: &Fetch) -> Option<(MessageRow, Part)> {
    let envelope = ImapEnvelope::read(fetch.item("ENVELOPE")?);
    let part = structure::read(fetch.item("BODYSTRUCTURE")?);
    let arrived = fetch.item("INTERNALDATE").and_then(Value::octets).and_then(internal_date);
    let row = MessageRow {
        uid: fetch.uid()?,
        from: envelope.from,
        to: envelope.to,
        subject: envelope.subject,
        date: envelope.date.or(arrived).unwrap_or(0),
        flags: flags(fetch),
        octets: fetch.item("RFC822.SIZE").and_then(Value::number).unwrap_or(0),
        has_attachment: !part.attached().is_empty(),
        preview: String::new(),
    };
    Some((row, part))
}

/// RFC 3501 §2.3.2; `$Forwarded` is a keyword of the IANA registry (RFC 5788).
pub(crate) fn flags(fetch: &Fetch) -> Flags {
    let mut flags = Flags::default();
    for flag in fetch.item("FLAGS").map(Value::list).unwrap_or_default() {
        match flag.text().unwrap_or_default().to_ascii_lowercase().as_str() {
            "\\seen" => flags.seen = true,
            "\\answered" => flags.answered = true,
            "\\flagged" => flags.flagged = true,
            "\\draft" => flags.draft = true,
            "$forwarded" => flags.forwarded = true,
            _ => {}
        }
    }
    flags
}

/// How the texts begin: one FETCH for all messages whose first text has the same section.
async fn previews(
    connection: &mut Connection,
    found: impl Iterator<Item = &(MessageRow, Part)>,
) -> Result<HashMap<u32, String>, Error> {
    let mut by_section: BTreeMap<&str, Vec<(u32, &Part)>> = BTreeMap::new();
    for (row, part) in found {
        if let Some(text) = part.first_text() {
            by_section.entry(&text.section).or_default().push((row.uid, text));
        }
    }
    let mut previews = HashMap::new();
    for (section, texts) in by_section {
        let uids: Vec<u32> = texts.iter().map(|(uid, _)| *uid).collect();
        let parts: HashMap<u32, &Part> = texts.into_iter().collect();
        let item = format!("BODY[{section}]");
        let set = uid_set(&uids);
        let command = format!("UID FETCH {set} (UID BODY.PEEK[{section}]<0.{PREVIEW_OCTETS}>)");
        for data in connection.run(Command::new(command)).await?.ok()?.data {
            if let Data::Fetch(mut fetch) = data
                && let Some(uid) = fetch.uid()
                && let Some(part) = parts.get(&uid)
                && let Some(octets) = fetch.take_octets(&item)
            {
                previews.insert(uid, preview::of_part(part, &octets));
            }
        }
    }
    Ok(previews)
}

/// The UIDs as a set, when there are neither none nor too many.
pub(crate) fn checked_set(uids: &[u32]) -> Result<String, Error> {
    if uids.len() > UIDS_LIMIT {
        return Err(bad_request("1000 messages at most at a time"));
    }
    let set = uid_set(uids);
    if set.is_empty() { Err(bad_request("no message was named")) } else { Ok(set) }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_count_from_the_newest() {
        assert_eq!(newest(10, 0, 3).as_deref(), Some("8:10"));
        assert_eq!(newest(10, 9, 3).as_deref(), Some("1:1"));
        assert_eq!(newest(10, 10, 3), None);
        assert_eq!(newest(0, 0, 3), None);
        assert_eq!(newest(2, 0, 100).as_deref(), Some("1:2"));
    }
}
