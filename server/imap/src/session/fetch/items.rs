//! The items of one message's FETCH response.

use crate::command::{FetchItem, FetchSection};
use crate::encode::{Encoder, envelope, structure};
use crate::limits::HEADER_OCTETS;
use crate::number::SeqNum;
use crate::session::io::{Message, Wanted};
use crate::session::out::Out;
use postigo_message::{FieldChoice, SectionSource, SectionText, Span, select_fields};

/// What the items need beside flags, date and size.
pub(super) fn wanted(items: &[FetchItem]) -> Wanted {
    let mut wanted = Wanted::default();
    for item in items {
        match item {
            FetchItem::Envelope | FetchItem::Body | FetchItem::BodyStructure => wanted.parsed = true,
            FetchItem::Section(section) if !section.section.is_everything() => match root_fields(section) {
                Some(_) => wanted.header = true,
                None => wanted.parsed = true,
            },
            _ => {}
        }
    }
    wanted
}

/// The fields of the message's own header, for which its block is enough.
fn root_fields(section: &FetchSection) -> Option<(FieldChoice, &[String])> {
    match section.section.text() {
        Some(SectionText::HeaderFields(choice, names)) if section.section.path().is_empty() => {
            Some((*choice, names))
        }
        _ => None,
    }
}

/// The first item whose octets have to be asked for: its number, and which octets.
pub(super) fn first_missing(
    items: &[FetchItem],
    pieces: &[(usize, Vec<u8>)],
    message: &Message,
) -> Option<(usize, Span)> {
    items.iter().enumerate().find_map(|(number, item)| {
        let FetchItem::Section(section) = item else { return None };
        if root_fields(section).is_some() || pieces.iter().any(|(known, _)| *known == number) {
            return None;
        }
        match section.section.find(&message.parsed.as_ref()?.structure)? {
            SectionSource::Fields { header, .. } => Some((number, header.part(0, HEADER_OCTETS))),
            SectionSource::Octets(_) => None,
        }
    })
}

/// Writes one message.
pub(super) struct MessageWriter<'a> {
    pub message: &'a Message,
    pub is_recent: bool,
    pub pieces: &'a [(usize, Vec<u8>)],
}

impl MessageWriter<'_> {
    /// Writes the whole response. If reading has changed the flags, they are told even if nobody asked (RFC 3501 §6.4.5).
    pub fn write(&self, seq: SeqNum, items: &[FetchItem], flags_changed: bool, out: &mut Out<'_>) {
        out.text().display(format_args!("* {seq} FETCH ("));
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                out.text().raw(" ");
            }
            self.item(number, item, out);
        }
        if flags_changed && !items.contains(&FetchItem::Flags) {
            out.text().raw(" ");
            self.flags(out.text());
        }
        out.text().raw(")").crlf();
    }

    fn flags(&self, text: &mut Encoder) {
        text.raw("FLAGS ").flags(&self.message.state.flags, self.is_recent);
    }

    fn item(&self, number: usize, item: &FetchItem, out: &mut Out<'_>) {
        let text = out.text();
        let parsed = self.message.parsed.as_deref();
        match item {
            FetchItem::Uid => {
                text.display(format_args!("UID {}", self.message.state.uid));
            }
            FetchItem::Flags => self.flags(text),
            FetchItem::InternalDate => {
                text.raw("INTERNALDATE ").date_time(self.message.internal_date);
            }
            FetchItem::Size => {
                text.display(format_args!("RFC822.SIZE {}", self.message.octets));
            }
            FetchItem::Envelope => {
                text.raw("ENVELOPE ");
                match parsed {
                    Some(parsed) => envelope(text, &parsed.envelope),
                    None => envelope(text, &postigo_message::ImapEnvelope::default()),
                }
            }
            FetchItem::Body | FetchItem::BodyStructure => {
                let extended = *item == FetchItem::BodyStructure;
                text.raw(if extended { "BODYSTRUCTURE " } else { "BODY " });
                match parsed {
                    Some(parsed) => structure(text, &parsed.structure.root, extended),
                    None => {
                        text.raw("NIL");
                    }
                }
            }
            FetchItem::Section(section) => self.section(number, section, out),
        }
    }

    fn section(&self, number: usize, section: &FetchSection, out: &mut Out<'_>) {
        name(section, out.text());
        out.text().raw(" ");
        if section.section.is_everything() {
            return self.octets(Span { start: 0, end: self.message.octets }, section.partial, out);
        }
        if let Some((choice, names)) = root_fields(section) {
            let header = self.message.header.as_deref().unwrap_or_default();
            return fields(header, choice, names, section.partial, out);
        }
        let structure = self.message.parsed.as_ref().map(|parsed| &parsed.structure);
        match structure.and_then(|structure| section.section.find(structure)) {
            Some(SectionSource::Octets(span)) => self.octets(span, section.partial, out),
            Some(SectionSource::Fields { choice, names, .. }) => {
                let piece = self.pieces.iter().find(|(known, _)| *known == number);
                let header = piece.map_or(&[][..], |(_, octets)| octets);
                fields(header, choice, names, section.partial, out);
            }
            // There is no such part.
            None => {
                out.text().raw("NIL");
            }
        }
    }

    /// A literal whose octets the driver copies from the file.
    fn octets(&self, span: Span, partial: Option<(u64, u64)>, out: &mut Out<'_>) {
        let span = match partial {
            Some((offset, octets)) => span.part(offset, octets),
            None => span,
        };
        out.text().display(format_args!("{{{}}}\r\n", span.octets()));
        out.content(self.message.state.uid, span);
    }
}

fn fields(
    header: &[u8],
    choice: FieldChoice,
    names: &[String],
    partial: Option<(u64, u64)>,
    out: &mut Out<'_>,
) {
    let chosen = select_fields(header, choice, names);
    let whole = Span { start: 0, end: chosen.len() as u64 };
    let span = partial.map_or(whole, |(offset, octets)| whole.part(offset, octets));
    let octets = span.range().and_then(|range| chosen.get(range)).unwrap_or_default();
    out.text().display(format_args!("{{{}}}\r\n", octets.len())).raw(octets);
}

/// The name of a section as the client asked for it: `BODY[1.HEADER.FIELDS (To)]<0>`.
fn name(section: &FetchSection, text: &mut Encoder) {
    if let Some(old) = section.old_name {
        text.raw(old);
        return;
    }
    text.raw("BODY[");
    for (at, number) in section.section.path().iter().enumerate() {
        if at > 0 {
            text.raw(".");
        }
        text.display(number);
    }
    if let Some(what) = section.section.text() {
        if !section.section.path().is_empty() {
            text.raw(".");
        }
        match what {
            SectionText::Header => {
                text.raw("HEADER");
            }
            SectionText::Text => {
                text.raw("TEXT");
            }
            SectionText::Mime => {
                text.raw("MIME");
            }
            SectionText::HeaderFields(choice, names) => {
                text.raw(match choice {
                    FieldChoice::Named => "HEADER.FIELDS (",
                    FieldChoice::NotNamed => "HEADER.FIELDS.NOT (",
                });
                text.separated(names, |text, name| {
                    text.field_name(name);
                });
                text.raw(")");
            }
        }
    }
    text.raw("]");
    if let Some((offset, _)) = section.partial {
        text.display(format_args!("<{offset}>"));
    }
}
