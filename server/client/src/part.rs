//! The tree of parts of a message (RFC 2045, RFC 2046), whether a server described it or we parsed it.

use mail_parser::{MessagePart, MessageRef};
use postigo_api::{Attachment, MimePart};

use crate::filename;

/// A part, with what is inside.
#[derive(Debug, Default, Clone)]
pub(crate) struct Part {
    /// IMAP section (RFC 3501 §6.4.5); empty at the top.
    pub section: String,
    /// Lower case.
    pub media_type: String,
    pub charset: Option<String>,
    pub encoding: Option<String>,
    pub disposition: Option<String>,
    pub name: Option<String>,
    pub content_id: Option<String>,
    /// As transferred.
    pub octets: u64,
    /// As a file; 0 when only the structure is known.
    pub decoded_octets: u64,
    pub children: Vec<Part>,
}

impl Part {
    /// Of a parsed message.
    pub fn of(message: MessageRef<'_>) -> Self {
        let mut root = from_parsed(message.root_part(), "");
        root.octets = length(message.raw());
        root
    }

    /// Whether it only holds others together.
    pub fn is_multipart(&self) -> bool {
        self.media_type.starts_with("multipart/")
    }

    /// The files of the message: what is neither its text nor a picture in it. Nothing inside an attached message.
    pub fn attached(&self) -> Vec<&Part> {
        let mut found = Vec::new();
        self.collect_attached(false, &mut found);
        found
    }

    fn collect_attached<'p>(&'p self, in_related: bool, found: &mut Vec<&'p Part>) {
        if self.is_multipart() {
            let related = self.media_type == "multipart/related";
            for child in &self.children {
                child.collect_attached(related, found);
            }
        } else if self.is_attached(in_related) {
            found.push(self);
        }
    }

    fn is_attached(&self, in_related: bool) -> bool {
        if self.disposition.as_deref() == Some("attachment") {
            return true;
        }
        let is_text = matches!(self.media_type.as_str(), "text/plain" | "text/html");
        // RFC 2387: what the HTML in multipart/related shows by its Content-ID.
        let is_picture = in_related && self.content_id.is_some() && self.media_type.starts_with("image/");
        !(is_picture || is_text && self.name.is_none())
    }

    /// The first part with text to read; in an alternative the plainest comes first (RFC 2046 §5.1.4).
    pub fn first_text(&self) -> Option<&Part> {
        if self.is_multipart() {
            let mut texts = self.children.iter().filter_map(Part::first_text);
            return texts.next();
        }
        let is_text = matches!(self.media_type.as_str(), "text/plain" | "text/html");
        (is_text && self.disposition.as_deref() != Some("attachment")).then_some(self)
    }

    /// As the attachments are listed.
    pub fn to_attachment(&self) -> Attachment {
        Attachment {
            part: if self.section.is_empty() { "1".to_owned() } else { self.section.clone() },
            name: filename::of(self),
            media_type: self.media_type.clone(),
            octets: self.decoded_octets,
        }
    }

    /// As the MIME tree shows it.
    pub fn to_api(&self) -> MimePart {
        MimePart {
            part: self.section.clone(),
            media_type: self.media_type.clone(),
            charset: self.charset.clone(),
            encoding: self.encoding.clone(),
            disposition: self.disposition.clone(),
            name: self.name.clone(),
            octets: self.octets,
            children: self.children.iter().map(Part::to_api).collect(),
        }
    }
}

/// The part with this section. `1` is also the whole of a message without parts.
pub(crate) fn find<'m>(message: MessageRef<'m>, section: &str) -> Option<MessagePart<'m>> {
    let root = message.root_part();
    if section.is_empty() || (section == "1" && !root.is_multipart()) {
        return Some(root);
    }
    let mut found = None;
    walk_parsed(root, "", &mut |part, at| {
        if at == section && found.is_none() {
            found = Some(part);
        }
    });
    found
}

fn walk_parsed<'m>(part: MessagePart<'m>, section: &str, visit: &mut dyn FnMut(MessagePart<'m>, &str)) {
    visit(part, section);
    for (child, section) in children(part, section) {
        walk_parsed(child, &section, visit);
    }
}

/// The parser goes 64 levels deep at most, so following it does too.
fn children<'m>(part: MessagePart<'m>, section: &str) -> Vec<(MessagePart<'m>, String)> {
    if let Some(nested) = part.nested() {
        let root = nested.root_part();
        // A message that is the whole of another is that one's part 1.
        let section = if section.is_empty() { "1" } else { section };
        let end = if root.is_multipart() { "TEXT" } else { "1" };
        return vec![(root, format!("{section}.{end}"))];
    }
    let prefix = section.strip_suffix(".TEXT").unwrap_or(section);
    let numbered = part.children().enumerate().map(|(index, child)| {
        let number = index + 1;
        (child, if prefix.is_empty() { number.to_string() } else { format!("{prefix}.{number}") })
    });
    numbered.collect()
}

fn from_parsed(part: MessagePart<'_>, section: &str) -> Part {
    let inside = children(part, section).into_iter();
    let children = inside.map(|(child, section)| from_parsed(child, &section)).collect();
    Part { children, ..describe(part, section) }
}

/// A part by itself, without what is inside.
pub(crate) fn describe(part: MessagePart<'_>, section: &str) -> Part {
    let content_type = part.content_type();
    let media_type = match content_type {
        Some(known) => match known.subtype() {
            Some(subtype) => format!("{}/{subtype}", known.ctype()),
            None => known.ctype().to_owned(),
        },
        // RFC 2045 §5.2.
        None => "text/plain".to_owned(),
    };
    Part {
        section: section.to_owned(),
        media_type: media_type.to_ascii_lowercase(),
        charset: content_type.and_then(|known| known.attribute("charset")).map(str::to_owned),
        encoding: part.content_transfer_encoding().map(|encoding| encoding.trim().to_ascii_lowercase()),
        disposition: part.content_disposition().map(|kind| kind.ctype().to_ascii_lowercase()),
        name: part.attachment_name().map(str::to_owned),
        content_id: part.content_id().map(str::to_owned),
        octets: length(part.raw_body()),
        decoded_octets: u64::try_from(part.decoded_len()).unwrap_or(u64::MAX),
        children: Vec::new(),
    }
}

fn length(octets: &[u8]) -> u64 {
    u64::try_from(octets.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
impl Part {
    /// Section and media type of every part, from the top.
    pub fn outline(&self) -> Vec<(String, String)> {
        let inside = self.children.iter().flat_map(Part::outline);
        std::iter::once((self.section.clone(), self.media_type.clone())).chain(inside).collect()
    }
}
