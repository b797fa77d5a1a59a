//! The part of a search that reads messages.

use crate::limits::{HEADER_OCTETS, SEARCHED_PART_OCTETS};
use jiff::civil::Date;
use postigo_message::{Content, ParsedMessage, Part, Span, decoded_field, fields, part_text};
use std::io;
use std::sync::Arc;

/// A message's file, as a search reads it.
pub trait SearchContent {
    /// Envelope and structure.
    fn parsed(&mut self) -> io::Result<Arc<ParsedMessage>>;

    /// Octets of the served message (with CRLF); fewer if it has become shorter.
    fn read(&mut self, span: Span) -> io::Result<Vec<u8>>;
}

/// Where a text is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// BODY: the text parts.
    Body,
    /// TEXT: the header as well.
    All,
}

/// Reads what is needed of a message, and the header only once.
pub(super) struct Reader<'a> {
    content: &'a mut dyn SearchContent,
    header: Option<Vec<u8>>,
}

impl<'a> Reader<'a> {
    pub fn new(content: &'a mut dyn SearchContent) -> Self {
        Self { content, header: None }
    }

    fn header(&mut self) -> io::Result<&[u8]> {
        if self.header.is_none() {
            let span = self.content.parsed()?.structure.root.header;
            self.header = Some(self.content.read(span.part(0, HEADER_OCTETS))?);
        }
        Ok(self.header.as_deref().unwrap_or_default())
    }

    /// Whether a field of this name contains the text; with an empty text, whether there is one.
    pub fn field_contains(&mut self, name: &str, text: &str) -> io::Result<bool> {
        let header = self.header()?;
        let mut named = fields(header).filter(|field| field.is(name.as_bytes()));
        Ok(named.any(|field| decoded_field(field.value).to_lowercase().contains(text)))
    }

    /// The day of the Date field, in the zone it is written in (RFC 3501 §6.4.4: "disregarding time and timezone").
    pub fn sent(&mut self) -> io::Result<Option<Date>> {
        let parsed = self.content.parsed()?;
        Ok(parsed.envelope.date.as_deref().and_then(sent_date))
    }

    pub fn text_contains(&mut self, looked: Looked, text: &str) -> io::Result<bool> {
        if looked == Looked::All {
            let header = self.header()?;
            let in_field = |field: postigo_message::Field<'_>| {
                let line = format!("{}: {}", String::from_utf8_lossy(field.name), decoded_field(field.value));
                line.to_lowercase().contains(text)
            };
            if fields(header).any(in_field) {
                return Ok(true);
            }
        }
        let parsed = self.content.parsed()?;
        self.part_contains(&parsed.structure.root, text)
    }

    fn part_contains(&mut self, part: &Part, text: &str) -> io::Result<bool> {
        match &part.content {
            Content::Multipart(parts) => {
                for part in parts {
                    if self.part_contains(part, text)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Content::Message(message) => self.part_contains(&message.root, text),
            Content::Leaf if part.media_type == "text" => {
                let header = self.content.read(part.header.part(0, HEADER_OCTETS))?;
                let body = self.content.read(part.body.part(0, SEARCHED_PART_OCTETS))?;
                Ok(part_text(&header, &body).is_some_and(|found| found.to_lowercase().contains(text)))
            }
            Content::Leaf => Ok(false),
        }
    }
}

/// The day in a Date field: `[Tue, ]24 Nov 2026 ...`.
fn sent_date(field: &str) -> Option<Date> {
    let after_weekday = field.split_once(',').map_or(field, |(_, date)| date);
    let mut words = after_weekday.split_whitespace();
    let day = words.next()?.parse().ok()?;
    let month = words.next()?.get(..3)?.to_owned();
    let month = crate::command::MONTHS.iter().position(|known| known.eq_ignore_ascii_case(&month))?;
    let year: i16 = words.next()?.parse().ok()?;
    // RFC 5322 §4.3: years of two and three digits.
    let year = match year {
        0..=49 => year + 2000,
        50..=999 => year + 1900,
        _ => year,
    };
    Date::new(year, i8::try_from(month + 1).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use super::sent_date;

    #[test]
    fn the_day_of_a_date_field_is_found() {
        for (field, expected) in [
            ("Tue, 24 Nov 2026 23:59:00 -0800", Some("2026-11-24")),
            ("1 feb 99 00:00 GMT", Some("1999-02-01")),
            ("Mon, 1 January 2026 00:00", Some("2026-01-01")),
            ("yesterday", None),
            ("31 Feb 2026", None),
            ("", None),
        ] {
            assert_eq!(sent_date(field).map(|date| date.to_string()).as_deref(), expected, "{field}");
        }
    }
}
