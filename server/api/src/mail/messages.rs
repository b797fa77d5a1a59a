//! Messages as the client shows them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Micros;

/// Which messages of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageQuery {
    /// See [`crate::MailAccount::id`].
    pub account: String,
    /// See [`crate::Folder::name`].
    pub folder: String,
    /// Only messages with this in header or text.
    #[serde(default)]
    pub text: Option<String>,
    /// Only unseen ones.
    #[serde(default)]
    pub unseen: bool,
    /// Only flagged ones.
    #[serde(default)]
    pub flagged: bool,
    /// How many of the newest to pass over.
    #[serde(default)]
    pub offset: u32,
    /// At most so many; 0 is 100; 500 at most.
    #[serde(default)]
    pub limit: u32,
}

/// Some messages of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessagePage {
    /// Newest first.
    pub messages: Vec<MessageRow>,
    /// How many match.
    pub total: u32,
    /// Unseen messages in the folder.
    pub unseen: u32,
    /// When it changes, all UIDs known so far mean nothing (RFC 3501 §2.3.1.1).
    pub uid_validity: u32,
}

/// A message in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageRow {
    /// Its number in the folder.
    pub uid: u32,
    /// First author.
    pub from: Option<Person>,
    /// Recipients, at most 10.
    pub to: Vec<Person>,
    /// The Subject field, decoded.
    pub subject: String,
    /// The Date field, or when it arrived.
    pub date: Micros,
    /// Its flags.
    pub flags: Flags,
    /// Its size.
    pub octets: u64,
    /// Whether a file is attached.
    pub has_attachment: bool,
    /// How its text begins, at most 200 characters.
    pub preview: String,
}

/// A name with an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Display name, may be empty.
    pub name: String,
    /// Address.
    pub address: String,
}

/// Flags of a message (RFC 3501 §2.3.2, and `$Forwarded`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Flags {
    /// Read.
    pub seen: bool,
    /// Replied to.
    pub answered: bool,
    /// Starred.
    pub flagged: bool,
    /// Unfinished.
    pub draft: bool,
    /// Passed on.
    pub forwarded: bool,
}

/// Names a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageRef {
    /// See [`crate::MailAccount::id`].
    pub account: String,
    /// See [`crate::Folder::name`].
    pub folder: String,
    /// See [`MessageRow::uid`].
    pub uid: u32,
}

/// Names some messages of one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageRefs {
    /// See [`crate::MailAccount::id`].
    pub account: String,
    /// See [`crate::Folder::name`].
    pub folder: String,
    /// At most 1000.
    pub uids: Vec<u32>,
}

/// Messages and where they shall go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageMove {
    /// Which messages.
    pub messages: MessageRefs,
    /// The other folder's name.
    pub to: String,
}

/// Where moved messages lie now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    /// Their [`MessageRow::uid`]s in the other folder. Empty for messages that are gone for good, and where the server tells
    /// no numbers (it has no UIDPLUS, RFC 4315). Messages that were gone already are missing.
    pub uids: Vec<u32>,
}

/// Messages and how their flags change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FlagChange {
    /// Which messages.
    pub messages: MessageRefs,
    /// Set read or unread.
    #[serde(default)]
    pub seen: Option<bool>,
    /// Set or take the star.
    #[serde(default)]
    pub flagged: Option<bool>,
}

/// A message, parsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The line of the list.
    pub row: MessageRow,
    /// All recipients of the To field.
    pub to: Vec<Person>,
    /// The Cc field.
    pub cc: Vec<Person>,
    /// The Bcc field, in drafts and sent messages.
    pub bcc: Vec<Person>,
    /// The Reply-To field.
    pub reply_to: Vec<Person>,
    /// The Message-ID field, without brackets.
    pub message_id: Option<String>,
    /// The text to show: the plain part, or the HTML part as text. At most 1 MiB.
    pub text: String,
    /// Whether there is HTML, see `mail.html`.
    pub has_html: bool,
    /// Whether the HTML refers to something on the network.
    pub has_remote: bool,
    /// Files attached, without those shown inside the HTML.
    pub attachments: Vec<Attachment>,
    /// All fields in order, decoded where they are encoded.
    pub headers: Vec<HeaderField>,
    /// The parts, as a tree.
    pub parts: MimePart,
    /// Our identifier of its journey to this server, when this server received it.
    pub queue_id: Option<String>,
}

/// A field of the header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HeaderField {
    /// As written.
    pub name: String,
    /// Unfolded; encoded words decoded.
    pub value: String,
    /// Unfolded, as written; only when it differs.
    pub raw: Option<String>,
}

/// A file in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// IMAP section, `1.2`.
    pub part: String,
    /// Its name, made safe for a file.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size, decoded.
    pub octets: u64,
}

/// A node of the MIME tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MimePart {
    /// IMAP section, `1.2`; empty at the top.
    pub part: String,
    /// Media type.
    pub media_type: String,
    /// Charset, where it has one.
    pub charset: Option<String>,
    /// Content-Transfer-Encoding, where it has one.
    pub encoding: Option<String>,
    /// `inline` or `attachment`.
    pub disposition: Option<String>,
    /// Name of the file.
    pub name: Option<String>,
    /// Size as transferred.
    pub octets: u64,
    /// What is inside.
    pub children: Vec<MimePart>,
}

/// Asks for the HTML of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageHtmlRef {
    /// See [`crate::MailAccount::id`].
    pub account: String,
    /// See [`crate::Folder::name`].
    pub folder: String,
    /// See [`MessageRow::uid`].
    pub uid: u32,
    /// Whether the reader asked for what lies on the network.
    #[serde(default)]
    pub remote: bool,
}

/// HTML that may be shown in a frame of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageHtml {
    /// A whole document, made safe; inline images are data URLs.
    pub html: String,
    /// The Content-Security-Policy it must be served with.
    pub policy: String,
}

/// Asks for a piece of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageSourceRef {
    /// See [`crate::MailAccount::id`].
    pub account: String,
    /// See [`crate::Folder::name`].
    pub folder: String,
    /// See [`MessageRow::uid`].
    pub uid: u32,
    /// From this octet on.
    #[serde(default)]
    pub offset: u64,
    /// At most so many; 0 is 256 KiB; 4 MiB at most.
    #[serde(default)]
    pub limit: u32,
}

/// A piece of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageSource {
    /// Octets that are not UTF-8 are shown as U+FFFD.
    pub text: String,
    /// Where the next piece begins.
    pub next_offset: Option<u64>,
    /// Size of the whole.
    pub octets: u64,
}

/// Asks for a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessagePartRef {
    /// See [`crate::MailAccount::id`].
    pub account: String,
    /// See [`crate::Folder::name`].
    pub folder: String,
    /// See [`MessageRow::uid`].
    pub uid: u32,
    /// See [`Attachment::part`]. Empty for the whole message, octet by octet as it came.
    pub part: String,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its content, base64.
    pub base64: String,
}
