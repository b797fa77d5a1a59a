//! The MIME tree of a message, with everything BODYSTRUCTURE needs.

use crate::envelope::ImapEnvelope;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Octets of the served message from `start` up to but not including `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First octet.
    #[serde(rename = "s")]
    pub start: u64,
    /// After the last octet; never before `start`.
    #[serde(rename = "e")]
    pub end: u64,
}

impl Span {
    /// How many octets it covers.
    pub const fn octets(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers none.
    pub const fn is_empty(self) -> bool {
        self.octets() == 0
    }

    /// At most `octets` of it, beginning at its octet `offset`: the partial of `BODY[]<offset.octets>`.
    pub fn part(self, offset: u64, octets: u64) -> Self {
        let start = self.start.saturating_add(offset).min(self.end);
        Self { start, end: start.saturating_add(octets).min(self.end) }
    }

    /// The range in a slice that holds the whole message; `None` if it does not fit this machine's memory.
    pub fn range(self) -> Option<Range<usize>> {
        Some(usize::try_from(self.start).ok()?..usize::try_from(self.end).ok()?)
    }
}

/// A message's MIME tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Structure {
    /// Octets of the served message: RFC822.SIZE.
    #[serde(rename = "o")]
    pub octets: u64,
    /// True if the file has bare LF: its own offsets differ then, and it is served through [`crate::ToCrlf`].
    #[serde(rename = "l", default, skip_serializing_if = "is_false")]
    pub bare_line_feeds: bool,
    /// The message itself: its header, and its body with the parts.
    #[serde(rename = "r")]
    pub root: Part,
}

/// A part. Names and types are in lower case, values as written: RFC 2231 and encoded words are not decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its header with the blank line.
    #[serde(rename = "h")]
    pub header: Span,
    /// Its body, still transfer-encoded, without the line end that belongs to the next boundary.
    #[serde(rename = "b")]
    pub body: Span,
    /// Line ends in the body.
    #[serde(rename = "n")]
    pub lines: u64,
    /// `text`, `multipart`, ...
    #[serde(rename = "t")]
    pub media_type: String,
    /// `plain`, `mixed`, ...
    #[serde(rename = "u")]
    pub subtype: String,
    /// Parameters of Content-Type, in order.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Content-ID.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Content-Description.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Content-Transfer-Encoding; `7bit` if the field is missing (RFC 2045 §6.1).
    #[serde(rename = "e")]
    pub encoding: String,
    /// Content-MD5.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub md5: Option<String>,
    /// Content-Disposition.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// Content-Language.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<String>,
    /// Content-Location.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// What the body is.
    #[serde(rename = "c", default, skip_serializing_if = "is_leaf")]
    pub content: Content,
}

/// What a body consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Octets.
    #[default]
    #[serde(rename = "l")]
    Leaf,
    /// Parts; never none.
    #[serde(rename = "p")]
    Multipart(Vec<Part>),
    /// A message (`message/rfc822`).
    #[serde(rename = "m")]
    Message(Box<NestedMessage>),
}

/// The message in a message/rfc822 part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NestedMessage {
    /// Its ENVELOPE.
    #[serde(rename = "e")]
    pub envelope: ImapEnvelope,
    /// Its header and body.
    #[serde(rename = "r")]
    pub root: Part,
}

/// A parameter of Content-Type or Content-Disposition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// In lower case.
    #[serde(rename = "n")]
    pub name: String,
    /// Without quotes.
    #[serde(rename = "v")]
    pub value: String,
}

/// Content-Disposition (RFC 2183).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// `inline`, `attachment`, ...; in lower case.
    #[serde(rename = "k")]
    pub kind: String,
    /// In order.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
}

impl Part {
    /// Whether it is of this type, both names in lower case.
    pub fn is(&self, media_type: &str, subtype: &str) -> bool {
        self.media_type == media_type && self.subtype == subtype
    }

    /// Whether a person would call it an attachment: marked as one, or a named or non-text leaf that is not marked inline.
    pub fn is_attachment(&self) -> bool {
        match (&self.content, &self.disposition) {
            (Content::Multipart(_), _) => false,
            (_, Some(disposition)) if disposition.kind == "attachment" => true,
            (_, Some(disposition)) if disposition.kind == "inline" => false,
            (Content::Message(_), _) => true,
            (Content::Leaf, _) => {
                let is_named = self.parameters.iter().any(|parameter| parameter.name.starts_with("name"));
                // A part with an id is shown by the HTML part that names it.
                is_named && self.id.is_none() || self.media_type != "text" && self.id.is_none()
            }
        }
    }
}

impl Structure {
    /// Whether some part is an attachment. Parts of nested messages do not count: the nested message is one itself.
    pub fn has_attachment(&self) -> bool {
        fn any(part: &Part) -> bool {
            match &part.content {
                Content::Multipart(parts) => parts.iter().any(any),
                _ => part.is_attachment(),
            }
        }
        match &self.root.content {
            // A message that is one PDF has an attachment, too.
            Content::Multipart(_) | Content::Message(_) => any(&self.root),
            Content::Leaf => self.root.media_type != "text" && self.root.is_attachment(),
        }
    }

    /// All text leaves in order, those of nested messages included: where SEARCH BODY looks.
    pub fn text_parts(&self) -> Vec<&Part> {
        fn collect<'a>(part: &'a Part, found: &mut Vec<&'a Part>) {
            match &part.content {
                Content::Multipart(parts) => parts.iter().for_each(|part| collect(part, found)),
                Content::Message(message) => collect(&message.root, found),
                Content::Leaf if part.media_type == "text" => found.push(part),
                Content::Leaf => {}
            }
        }
        let mut found = Vec::new();
        collect(&self.root, &mut found);
        found
    }
}

// serde hands the field over by reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_leaf(content: &Content) -> bool {
    *content == Content::Leaf
}
