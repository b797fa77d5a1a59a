//! Sections of a message, `BODY[1.2.HEADER]` (RFC 3501 §6.4.5).

use crate::header::FieldChoice;
use crate::limits::SECTION_NUMBERS;
use crate::structure::{Content, Part, Span, Structure};
use thiserror::Error;

/// A section: the numbers of a part, and what of it is wanted. Everything is the whole part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Section {
    path: Vec<u32>,
    text: Option<SectionText>,
}

/// What of a part or message is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SectionText {
    /// The header of the message, with its blank line.
    Header,
    /// Fields of that header.
    HeaderFields(FieldChoice, Vec<String>),
    /// The body of the message.
    Text,
    /// The part's own header.
    Mime,
}

/// Where the octets of a section come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionSource<'a> {
    /// These octets of the served message.
    Octets(Span),
    /// These fields of the header block there, made with [`select_fields`](crate::select_fields).
    Fields {
        /// The header block.
        header: Span,
        /// Which of them.
        choice: FieldChoice,
        /// Their names.
        names: &'a [String],
    },
}

/// Numbers and text do not form a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("bad section")]
pub struct BadSection;

impl Section {
    /// Makes a section. Refused: a zero, more than [`SECTION_NUMBERS`] numbers, MIME without a number (RFC 3501 §6.4.5).
    pub fn new(path: Vec<u32>, text: Option<SectionText>) -> Result<Self, BadSection> {
        let is_bad = path.contains(&0)
            || path.len() > SECTION_NUMBERS
            || path.is_empty() && text == Some(SectionText::Mime);
        if is_bad { Err(BadSection) } else { Ok(Self { path, text }) }
    }

    /// The part's numbers; empty for the message itself.
    pub fn path(&self) -> &[u32] {
        &self.path
    }

    /// What of it is wanted; `None` is all.
    pub fn text(&self) -> Option<&SectionText> {
        self.text.as_ref()
    }

    /// Whether this is the whole message, for which no structure is needed.
    pub fn is_everything(&self) -> bool {
        self.path.is_empty() && self.text.is_none()
    }

    /// Finds the section in a message; `None` if the message has no such part.
    pub fn find<'a>(&'a self, structure: &Structure) -> Option<SectionSource<'a>> {
        if self.is_everything() {
            return Some(SectionSource::Octets(Span { start: 0, end: structure.octets }));
        }
        if self.path.is_empty() {
            return self.of_message(&structure.root);
        }
        let part = structure.part(&self.path)?;
        match (&self.text, &part.content) {
            (None, _) => Some(SectionSource::Octets(part.body)),
            (Some(SectionText::Mime), _) => Some(SectionSource::Octets(part.header)),
            // HEADER and TEXT after a number are those of the message in a message/rfc822 part.
            (Some(_), Content::Message(message)) => self.of_message(&message.root),
            (Some(_), _) => None,
        }
    }

    fn of_message<'a>(&'a self, root: &Part) -> Option<SectionSource<'a>> {
        match self.text.as_ref()? {
            SectionText::Header => Some(SectionSource::Octets(root.header)),
            SectionText::Text => Some(SectionSource::Octets(root.body)),
            SectionText::HeaderFields(choice, names) => {
                Some(SectionSource::Fields { header: root.header, choice: *choice, names })
            }
            SectionText::Mime => None,
        }
    }
}

impl Structure {
    /// The part with these numbers. In a message that is no multipart, 1 is its body (RFC 3501 §6.4.5).
    pub fn part(&self, path: &[u32]) -> Option<&Part> {
        let (first, rest) = path.split_first()?;
        let mut part = in_message(&self.root, *first)?;
        for number in rest {
            part = match &part.content {
                Content::Multipart(parts) => numbered(parts, *number)?,
                Content::Message(message) => in_message(&message.root, *number)?,
                Content::Leaf => return None,
            };
        }
        Some(part)
    }
}

fn in_message(root: &Part, number: u32) -> Option<&Part> {
    match &root.content {
        Content::Multipart(parts) => numbered(parts, number),
        Content::Leaf | Content::Message(_) => (number == 1).then_some(root),
    }
}

fn numbered(parts: &[Part], number: u32) -> Option<&Part> {
    parts.get(usize::try_from(number).ok()?.checked_sub(1)?)
}
