//! The message as it goes over the wire (RFC 5322, MIME).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address as Mailbox;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_parser::MessageRef as ParsedRef;
use postigo_api::{Draft, Error, MessageRef};

use crate::failure::{bad_request, internal, too_large};
use crate::fetched::MESSAGE_LIMIT;
use crate::recipients::{Recipient, Recipients, address, one_line};
use crate::{AccountConfig, filename};

/// In a saved draft: which message it answers or passes on. Never in a message that is sent.
pub(crate) const ANSWERS: &str = "X-Postigo-Answers";
pub(crate) const FORWARDS: &str = "X-Postigo-Forwards";

/// Message-IDs that References keeps: the first, and the last before this message.
const REFERENCES_LIMIT: usize = 20;
/// Octets of a subject.
const SUBJECT_LIMIT: usize = 2000;
/// Files that can be attached.
const ATTACHMENTS_LIMIT: usize = 100;

/// What a message is an answer to (RFC 5322 §3.6.4).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Thread {
    pub in_reply_to: Option<String>,
    pub references: Vec<String>,
}

impl Thread {
    /// Of an answer to this message.
    pub fn after(original: ParsedRef<'_>) -> Self {
        let parent = original.message_id().filter(|id| is_id(id)).map(str::to_owned);
        let mut references: Vec<String> = match (original.references(), original.in_reply_to()) {
            (Some(known), _) => known.iter().map(str::to_owned).collect(),
            (None, Some(known)) if known.len() == 1 => known.iter().map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        references.retain(|id| is_id(id));
        references.extend(parent.clone());
        if references.len() > REFERENCES_LIMIT {
            let surplus = references.len() - REFERENCES_LIMIT;
            references.drain(1..=surplus);
        }
        Self { in_reply_to: parent, references }
    }
}

fn is_id(id: &str) -> bool {
    id.len() <= 500
        && id.contains('@')
        && id.chars().all(|char| char.is_ascii_graphic() && !"<>".contains(char))
}

/// A message that is ready.
#[derive(Debug)]
pub(crate) struct Built {
    /// Without brackets.
    pub message_id: String,
    /// With CRLF line ends.
    pub raw: Vec<u8>,
    /// The Bcc field; only the copy under Sent has it.
    bcc: Vec<u8>,
}

impl Built {
    /// The copy for the sender's own folder.
    pub fn own_copy(&self) -> Vec<u8> {
        [self.bcc.as_slice(), &self.raw].concat()
    }
}

/// Builds a message to be sent.
///
/// # Errors
/// `mail.too_large`, and `request.bad` for attachments that are not base64.
pub(crate) fn build(
    config: &AccountConfig,
    draft: &Draft,
    recipients: &Recipients,
    thread: &Thread,
) -> Result<Built, Error> {
    let (mut message, message_id) = begin(config, draft)?;
    for (name, list) in [("To", &recipients.to), ("Cc", &recipients.cc)] {
        if !list.is_empty() {
            message = message.header(name, mailboxes(list));
        }
    }
    message = threaded(message, thread);
    let raw = finish(message, draft)?;
    let mut bcc = Vec::new();
    if !recipients.bcc.is_empty() {
        let field = MessageBuilder::new().header("Bcc", mailboxes(&recipients.bcc));
        let written = field.text_body("").write_to_vec().map_err(|e| internal(&e))?;
        // The builder adds fields of its own; only the first field is wanted.
        bcc = first_field(&written);
    }
    Ok(Built { message_id, raw, bcc })
}

/// Builds a draft: addresses may be unfinished, Bcc and what it answers are kept in the header.
///
/// # Errors
/// As [`build`].
pub(crate) fn build_draft(config: &AccountConfig, draft: &Draft) -> Result<Built, Error> {
    let (mut message, message_id) = begin(config, draft)?;
    for (name, typed) in [("To", &draft.to), ("Cc", &draft.cc), ("Bcc", &draft.bcc)] {
        let read: Result<Vec<_>, Error> = typed.iter().map(|text| crate::recipients::parse(text)).collect();
        match read {
            Ok(read) if read.iter().all(Vec::is_empty) => {}
            Ok(read) => message = message.header(name, mailboxes(&read.concat())),
            // Not an address yet: kept as it was typed.
            Err(_) => message = message.header(name, Text::new(one_line(&typed.join(", ")))),
        }
    }
    for (name, about) in [(ANSWERS, &draft.answers), (FORWARDS, &draft.forwards)] {
        if let Some(about) = about {
            let written = serde_json::to_string(about).map_err(|e| internal(&e))?;
            message = message.header(name, Raw::new(STANDARD.encode(written)));
        }
    }
    Ok(Built { message_id, raw: finish(message, draft)?, bcc: Vec::new() })
}

/// What [`build_draft`] wrote of another message.
pub(crate) fn relation(draft: ParsedRef<'_>, name: &str) -> Option<MessageRef> {
    let field = draft.headers().get(name)?;
    let written: Vec<u8> = field.raw_value().iter().copied().filter(|o| !o.is_ascii_whitespace()).collect();
    serde_json::from_slice(&STANDARD.decode(written).ok()?).ok()
}

fn begin<'d>(config: &'d AccountConfig, draft: &'d Draft) -> Result<(MessageBuilder<'d>, String), Error> {
    let author = author(config)?;
    if draft.subject.len() > SUBJECT_LIMIT {
        return Err(bad_request("a subject has 2000 octets at most"));
    }
    let now = jiff::ZonedDateTime::now();
    let date = jiff::fmt::rfc2822::to_string(&now).map_err(|e| internal(&e))?;
    let unique = mail_builder::mime::make_boundary(".");
    let message_id = format!("{unique}@{}", author.address.domain());
    let message = MessageBuilder::new()
        .header("From", mailboxes(&[author]))
        .header("Date", Raw::new(date))
        .message_id(message_id.clone())
        .subject(one_line(&draft.subject))
        .header("User-Agent", Raw::new(concat!("Postigo/", env!("CARGO_PKG_VERSION"))));
    Ok((message, message_id))
}

/// Who writes.
///
/// # Errors
/// `mail.address_invalid` when the account's own address cannot be used.
pub(crate) fn author(config: &AccountConfig) -> Result<Recipient, Error> {
    let address = address(&config.address).ok_or_else(|| {
        Error::new(postigo_api::Code::MailAddressInvalid, format!("{} is not an address", config.address))
            .with("address", &config.address)
    })?;
    Ok(Recipient { name: one_line(&config.display_name), address })
}

fn threaded<'d>(mut message: MessageBuilder<'d>, thread: &Thread) -> MessageBuilder<'d> {
    if let Some(parent) = &thread.in_reply_to {
        message = message.in_reply_to(parent.clone());
    }
    if !thread.references.is_empty() {
        message = message.references(thread.references.clone());
    }
    message
}

fn finish(mut message: MessageBuilder<'_>, draft: &Draft) -> Result<Vec<u8>, Error> {
    if draft.attachments.len() > ATTACHMENTS_LIMIT {
        return Err(bad_request("100 attachments at most"));
    }
    let encoded: usize = draft.attachments.iter().map(|file| file.base64.len()).sum();
    check_size(encoded.saturating_add(draft.text.len()))?;
    // One form of line ends, so that the encoder sees lines and no stray CR.
    let text = draft.text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    message = message.text_body(if text.ends_with('\n') { text } else { text + "\n" });
    for file in &draft.attachments {
        let content =
            STANDARD.decode(file.base64.trim()).map_err(|_| bad_request("an attachment is not base64"))?;
        let name = filename::safe(&file.name);
        let name = if name.is_empty() { "file".to_owned() } else { name };
        message = message.attachment(media_type(&file.media_type), name, content);
    }
    let raw = message.write_to_vec().map_err(|e| internal(&e))?;
    check_size(raw.len())?;
    Ok(raw)
}

fn check_size(octets: usize) -> Result<(), Error> {
    let octets = u64::try_from(octets).unwrap_or(u64::MAX);
    if octets > MESSAGE_LIMIT { Err(too_large(octets, MESSAGE_LIMIT)) } else { Ok(()) }
}

/// `type/subtype` of tokens (RFC 2045 §5.1). Composite types need a structure of their own, so a file of one is sent as octets.
fn media_type(asked: &str) -> String {
    let is_token = |text: &str| {
        !text.is_empty()
            && text.chars().all(|char| char.is_ascii_alphanumeric() || "!#$&-^_.+".contains(char))
    };
    match asked.trim().to_ascii_lowercase().split_once('/') {
        Some((kind, subtype))
            if is_token(kind) && is_token(subtype) && kind != "multipart" && kind != "message" =>
        {
            format!("{kind}/{subtype}")
        }
        _ => "application/octet-stream".to_owned(),
    }
}

fn mailboxes(list: &[Recipient]) -> HeaderType<'static> {
    let list = list.iter().map(|one| {
        let name = Some(one.name.clone()).filter(|name| !name.is_empty());
        Mailbox::new_address(name, one.address.to_string())
    });
    Mailbox::new_list(list.collect()).into()
}

/// The first field with its folded lines.
fn first_field(raw: &[u8]) -> Vec<u8> {
    let mut end = 0;
    for line in raw.split_inclusive(|octet| *octet == b'\n') {
        if end > 0 && !matches!(line.first(), Some(b' ' | b'\t')) {
            break;
        }
        end += line.len();
    }
    raw.get(..end).unwrap_or_default().to_vec()
}

#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
