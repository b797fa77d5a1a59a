//! A message as it is read: text, header, parts, source, files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::{
    AddressList, Header, HeaderForm, MessageRef as ParsedRef, PartKind, html_to_text, text_to_html,
};
use postigo_api::{
    Error, File, HeaderField, Message, MessageHtml, MessageHtmlRef, MessagePartRef, MessageRef,
    MessageSource, MessageSourceRef, Person,
};

use crate::failure::{bad_request, internal};
use crate::fetched::{Fetched, fetch_one, parse, size};
use crate::html::{self, Pictures};
use crate::imap::stream::octets;
use crate::part::{self, Part};
use crate::{Client, filename, preview};

/// Octets of the text that is shown.
const TEXT_LIMIT: usize = 1024 * 1024;
/// Octets of HTML that is shown; more than any reader scrolls through.
const HTML_LIMIT: usize = 2 * 1024 * 1024;
/// Pieces of the source when no size is asked for, and at most.
const USUAL_PIECE: u32 = 256 * 1024;
const PIECE_LIMIT: u32 = 4 * 1024 * 1024;
/// Header fields that are listed.
const FIELDS_LIMIT: usize = 1000;

impl Client {
    /// Answers `mail.message`. Does not mark it as read.
    ///
    /// # Errors
    /// `mail.message_gone`, `mail.folder_unknown`, `mail.too_large` above 40 MiB, and those of the connection.
    pub async fn message(&self, asked: MessageRef) -> Result<Message, Error> {
        let fetched = self.fetched(&asked).await?;
        aside(move || shown(fetched)).await
    }

    /// Answers `mail.html`. A message without HTML gives its text as HTML.
    ///
    /// # Errors
    /// As [`Client::message`].
    pub async fn html(&self, asked: MessageHtmlRef) -> Result<MessageHtml, Error> {
        let MessageHtmlRef { account, folder, uid, remote } = asked;
        let raw = self.raw(&MessageRef { account, folder, uid }).await?;
        aside(move || {
            let parsed = parse(&raw);
            let root = parsed.root();
            let source = source_html(root).unwrap_or_else(|| text_to_html(&text(root)));
            html::document(&source, &Pictures::of(root), remote)
        })
        .await
    }

    /// Answers `mail.source`. Of a message that is not in memory only the piece is fetched, so messages of any size can be
    /// read.
    ///
    /// # Errors
    /// `mail.message_gone`, `mail.folder_unknown`, and those of the connection.
    pub async fn source(&self, asked: MessageSourceRef) -> Result<MessageSource, Error> {
        let MessageSourceRef { account, folder, uid, offset, limit } = asked;
        let limit = if limit == 0 { USUAL_PIECE } else { limit.clamp(4, PIECE_LIMIT) };
        let message = MessageRef { account, folder, uid };
        let mut lease = self.open(&message.account, &message.folder, false).await?;
        let key = self.key(&mut lease, &message).await?;
        let kept = self.cached().get(&key);
        if let Some(raw) = kept {
            let from = usize::try_from(offset).unwrap_or(usize::MAX).min(raw.len());
            let piece = raw.get(from..).unwrap_or_default();
            let length = usize::try_from(limit).unwrap_or(usize::MAX).min(piece.len());
            return Ok(piece_of(piece.get(..length).unwrap_or_default(), offset, octets(&raw)));
        }
        let whole = size(&mut lease, uid).await?;
        // RFC 3501 §9: an octet's number has 32 bits.
        let Ok(from) = u32::try_from(offset) else { return Err(bad_request("offset beyond 4 GiB")) };
        if offset >= whole {
            return Ok(piece_of(b"", offset, whole));
        }
        let mut fetch = fetch_one(&mut lease, uid, &format!("UID BODY.PEEK[]<{from}.{limit}>")).await?;
        let piece = fetch.take_octets("BODY[]").unwrap_or_default();
        Ok(piece_of(&piece, offset, whole))
    }

    /// Answers `mail.part`; without a part's number, the whole message.
    ///
    /// # Errors
    /// `request.bad` if the message has no such part, else as [`Client::message`].
    pub async fn part(&self, asked: MessagePartRef) -> Result<File, Error> {
        let MessagePartRef { account, folder, uid, part: section } = asked;
        let raw = self.raw(&MessageRef { account, folder, uid }).await?;
        if section.is_empty() {
            // As BODY[] in IMAP (RFC 3501 §6.4.5).
            let (name, media_type) = ("message.eml".to_owned(), "message/rfc822".to_owned());
            return Ok(File { name, media_type, base64: STANDARD.encode(&*raw) });
        }
        let parsed = parse(&raw);
        file(parsed.root(), &section).ok_or_else(|| bad_request("the message has no such part"))
    }
}

/// Parsing a large message takes a while; the runtime's threads have others to serve.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|e| internal(&e))
}

fn shown(fetched: Fetched) -> Message {
    let parsed = parse(&fetched.raw);
    let root = parsed.root();
    let parts = Part::of(root);
    let mut row = fetched.row;
    let text = text(root);
    row.preview = preview::of_text(&text);
    let html = source_html(root);
    Message {
        row,
        to: people(root.to()),
        cc: people(root.cc()),
        bcc: people(root.bcc()),
        reply_to: people(root.reply_to()),
        message_id: root.message_id().map(str::to_owned),
        text,
        has_html: html.is_some(),
        has_remote: html.is_some_and(|html| html::has_remote(&html)),
        attachments: parts.attached().into_iter().map(Part::to_attachment).collect(),
        headers: root.headers().iter().take(FIELDS_LIMIT).map(header).collect(),
        parts: parts.to_api(),
        queue_id: queue_id(root),
    }
}

/// A part as a file.
pub(crate) fn file(root: ParsedRef<'_>, section: &str) -> Option<File> {
    let found = part::find(root, section)?;
    let described = part::describe(found, section);
    let content = match found.kind() {
        PartKind::Message(_) | PartKind::Multipart => STANDARD.encode(found.raw_body()),
        _ => STANDARD.encode(found.decoded()),
    };
    Some(File { name: filename::of(&described), media_type: described.media_type, base64: content })
}

/// The piece, cut where a character ends if there is more.
fn piece_of(piece: &[u8], offset: u64, whole: u64) -> MessageSource {
    let is_last = offset.saturating_add(octets(piece)) >= whole;
    let mut kept = piece;
    if !is_last {
        // At most three octets of a UTF-8 character can wait for its last one.
        let cut = piece.iter().rev().take(3).position(|octet| *octet >= 0xC0);
        if let Some(back) = cut.map(|back| back + 1)
            && let Some(at) = piece.len().checked_sub(back)
            && at > 0
            && matches!(std::str::from_utf8(piece.get(at..).unwrap_or_default()), Err(e) if e.error_len().is_none())
        {
            kept = piece.get(..at).unwrap_or_default();
        }
    }
    let next = offset.saturating_add(octets(kept));
    MessageSource {
        text: String::from_utf8_lossy(kept).into_owned(),
        next_offset: (next < whole && !kept.is_empty()).then_some(next),
        octets: whole,
    }
}

/// The text to read: plain parts as they are, HTML ones as text.
pub(crate) fn text(root: ParsedRef<'_>) -> String {
    let mut out = String::new();
    for part in root.text_body() {
        let Some(text) = part.text() else { continue };
        let text = match part.kind() {
            PartKind::Html => html_to_text(&text),
            PartKind::Text => text.into_owned(),
            _ => continue,
        };
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&text.replace("\r\n", "\n"));
        if out.len() > TEXT_LIMIT {
            break;
        }
    }
    out.truncate(out.floor_char_boundary(TEXT_LIMIT));
    out
}

/// The HTML as written, parts of plain text between it made HTML. Nothing if the message has no HTML.
fn source_html(root: ParsedRef<'_>) -> Option<String> {
    let mut out = String::new();
    let mut is_html = false;
    for part in root.html_body() {
        let Some(text) = part.text() else { continue };
        match part.kind() {
            PartKind::Html => {
                is_html = true;
                out.push_str(&text);
            }
            PartKind::Text => out.push_str(&text_to_html(&text)),
            _ => {}
        }
    }
    out.truncate(out.floor_char_boundary(HTML_LIMIT));
    is_html.then_some(out)
}

pub(crate) fn people(list: Option<AddressList<'_>>) -> Vec<Person> {
    let mailboxes = list.into_iter().flat_map(|list| list.mailboxes());
    let people = mailboxes.map(|mailbox| Person {
        name: mailbox.name().unwrap_or_default().to_owned(),
        address: mailbox.address().unwrap_or_default().to_owned(),
    });
    people.filter(|person| !person.address.is_empty() || !person.name.is_empty()).take(1000).collect()
}

fn header(header: Header<'_>) -> HeaderField {
    let raw = unfolded(header.raw_value());
    let parsed = HeaderForm::Text.parse(header.raw_value());
    let value = if raw.contains("=?") {
        parsed.value().as_text().map(|text| text.trim().to_owned()).unwrap_or_else(|| raw.clone())
    } else {
        raw.clone()
    };
    let raw = (raw != value).then_some(raw);
    HeaderField { name: header.raw_name().to_owned(), value, raw }
}

/// A field on one line (RFC 5322 §2.2.3).
fn unfolded(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).replace(['\r', '\n'], "").trim().to_owned()
}

/// The id in the topmost Received field, when it is one of ours: `by HOST (Postigo) with PROTOCOL id ID`.
fn queue_id(root: ParsedRef<'_>) -> Option<String> {
    let received = root.headers().get("Received")?;
    let field = unfolded(received.raw_value()).replace('\t', " ");
    let (_, by) = field.split_once(" by ").or_else(|| field.split_once("by "))?;
    let mut words = by.split_whitespace();
    words.next()?;
    if words.next()? != "(Postigo)" {
        return None;
    }
    words.find(|word| *word == "id")?;
    let id = words.next()?.trim_end_matches(';');
    let is_id = !id.is_empty() && id.len() <= 32 && id.chars().all(|char| char.is_ascii_alphanumeric());
    is_id.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_queue_id_is_found_and_no_other() {
        let with = |field: &str| {
            let raw = format!("Received: {field}\r\nSubject: x\r\n\r\n");
            queue_id(parse(raw.as_bytes()).root())
        };
        let ours = "from c (c [127.0.0.1])\r\n\tby mail.lab.test (Postigo) with ESMTPSA id 4XyZ1b2\r\n\tfor <luis@lab.test>; Tue, 24 Nov 2026 12:00:00 +0000";
        assert_eq!(with(ours).as_deref(), Some("4XyZ1b2"));
        assert_eq!(with("by mx.example (Postfix) with ESMTP id 1234; Tue, 24 Nov 2026 12:00:00 +0000"), None);
        assert_eq!(with("by mail.lab.test (Postigo)"), None);
    }

    #[test]
    fn pieces_end_between_characters() {
        let whole = "añ€x".as_bytes();
        let first = piece_of(&whole[..2], 0, 7);
        assert_eq!((first.text.as_str(), first.next_offset), ("a", Some(1)));
        let second = piece_of(&whole[1..5], 1, 7);
        assert_eq!((second.text.as_str(), second.next_offset), ("ñ", Some(3)));
        let last = piece_of(&whole[3..], 3, 7);
        assert_eq!((last.text.as_str(), last.next_offset), ("€x", None));
        assert_eq!(piece_of(b"\xff\xff\xff", 0, 9).next_offset, Some(3));
    }

    #[test]
    fn fields_are_decoded_and_keep_what_was_written() {
        let raw = b"Subject: =?utf-8?Q?ma=C3=B1ana?=\r\n a las 5\r\nX-Plain: a\r\n\tb\r\n\r\n";
        let parsed = parse(raw);
        let fields: Vec<_> = parsed.root().headers().iter().map(header).collect();
        assert_eq!(fields[0].value, "mañana a las 5");
        assert_eq!(fields[0].raw.as_deref(), Some("=?utf-8?Q?ma=C3=B1ana?= a las 5"));
        assert_eq!((fields[1].value.as_str(), &fields[1].raw), ("a\tb", &None));
    }

    #[test]
    fn parts_have_the_numbers_of_imap() {
        let raw = include_bytes!("../tests/messages/mixed.eml");
        let parsed = parse(raw);
        let tree = Part::of(parsed.root());
        let sections = tree.outline();
        let sections: Vec<_> = sections.iter().map(|(s, t)| (s.as_str(), t.as_str())).collect();
        let expected = [
            ("", "multipart/mixed"),
            ("1", "multipart/related"),
            ("1.1", "multipart/alternative"),
            ("1.1.1", "text/plain"),
            ("1.1.2", "text/html"),
            ("1.2", "image/png"),
            ("2", "message/rfc822"),
            ("2.TEXT", "multipart/mixed"),
            ("2.1", "text/plain"),
            ("2.2", "text/csv"),
            ("3", "application/pdf"),
        ];
        assert_eq!(sections, expected);
        let attached: Vec<_> = tree.attached().iter().map(|part| part.section.as_str()).collect();
        assert_eq!(attached, ["2", "3"]);
        let pdf = file(parsed.root(), "3").expect("part 3");
        assert_eq!((pdf.name.as_str(), pdf.media_type.as_str()), ("informe año.pdf", "application/pdf"));
        assert_eq!(STANDARD.decode(pdf.base64).expect("base64"), b"%PDF-1.4 nothing\n");
        assert_eq!(file(parsed.root(), "2.2").map(|csv| csv.name).as_deref(), Some("t.csv"));
        assert_eq!(file(parsed.root(), "9"), None);
    }
}
