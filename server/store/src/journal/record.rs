//! The form of a journal record.
//!
//! ```text
//! magic u32 · generation u64 · body length u32 · CRC-32 of generation, length and body u32
//! body: meta length u32 · meta (JSON) · fields and content, with the lengths of meta
//! ```
//! All numbers are little-endian. The generation is that of the segment: when a segment is reused, what is left of older
//! records in it does not count. A record that is cut off or damaged ends the segment: nothing after it was promised.

use crate::incoming::Content;
use crate::mail::Arrival;
use crate::spool::{Settle, SpoolEntry, micros};
use crate::{AccountId, Flags, MailboxName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const MAGIC: u32 = 0x314A_5450; // "PTJ1"
pub(super) const HEADER: usize = 20;

/// No record is longer: content beyond `memory_octets` is not in the journal, and header fields are bounded by the protocols.
pub(crate) const MAX_RECORD_OCTETS: usize = 64 * 1024 * 1024;

/// A message on its way into mailboxes, into the spool, or both.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) queue_id: String,
    pub(crate) targets: Vec<Target>,
    pub(crate) spool: Option<Box<Spooled>>,
    /// Recipients of messages in the spool that this one settles.
    pub(crate) settles: Vec<Settle>,
    /// Before a target's own field.
    pub(crate) first_field: Vec<u8>,
    /// After a target's own field; before the content in the spool.
    pub(crate) last_field: Vec<u8>,
    pub(crate) content: Content,
    pub(crate) internal_date: i64,
    pub(crate) is_dated: bool,
}

/// How the message lies in the spool.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Spooled {
    /// Names this copy, as a base names that in a mailbox.
    pub(crate) base: String,
    pub(crate) entry: SpoolEntry,
    #[serde(with = "micros")]
    pub(crate) arrived: Timestamp,
    /// With CRLF line ends, and the last field.
    pub(crate) octets: u64,
    /// False if the content has bare line feeds.
    pub(crate) is_crlf: bool,
}

/// One mailbox that gets the message.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) account: AccountId,
    pub(crate) mailbox: MailboxName,
    pub(crate) base: String,
    pub(crate) field: Vec<u8>,
    pub(crate) octets: u64,
    pub(crate) flags: Flags,
    pub(crate) keywords: Vec<String>,
}

impl Message {
    /// The names of all its copies.
    pub(crate) fn bases(&self) -> impl Iterator<Item = &String> {
        self.targets.iter().map(|target| &target.base).chain(self.spool.iter().map(|spooled| &spooled.base))
    }

    /// True if the spool has a part in it.
    pub(crate) fn is_for_spool(&self) -> bool {
        self.spool.is_some() || !self.settles.is_empty()
    }

    /// What arrives in one mailbox.
    pub(crate) fn arrival<'a>(&'a self, target: &'a Target) -> Arrival<'a> {
        Arrival {
            base: &target.base,
            mailbox: &target.mailbox,
            flags: target.flags,
            keywords: &target.keywords,
            internal_date: self.internal_date,
            is_dated: self.is_dated,
            octets: target.octets,
            fields: [&self.first_field, &target.field, &self.last_field],
            content: &self.content,
        }
    }
}

/// What a record says.
#[derive(Debug)]
pub(crate) enum Entry {
    /// Place this message.
    Place(Message),
    /// The message with these bases was not accepted after all.
    Cancel(Vec<String>),
}

/// What of [`Content`] a record holds when it is read back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StoredContent {
    Inline(Vec<u8>),
    /// Name of a file in `DATA/incoming`.
    File(String),
}

/// A record as recovery reads it. The message's own content is empty; what it had is in the second place.
#[derive(Debug)]
pub(crate) enum Recovered {
    Place(Message, StoredContent),
    Cancel(Vec<String>),
}

#[derive(Serialize, Deserialize)]
enum Meta {
    Place {
        queue_id: String,
        internal_date: i64,
        is_dated: bool,
        first_field: usize,
        last_field: usize,
        /// Length of the content in the record, if it is there.
        inline: Option<usize>,
        file: Option<String>,
        targets: Vec<TargetMeta>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spool: Option<Box<Spooled>>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        settles: Vec<Settle>,
    },
    Cancel {
        bases: Vec<String>,
    },
}

#[derive(Serialize, Deserialize)]
struct TargetMeta {
    account: AccountId,
    mailbox: String,
    base: String,
    field: usize,
    octets: u64,
    flags: Flags,
    keywords: Vec<String>,
}

/// Appends a record to `out`. `None`, and `out` as before, if it would be longer than [`MAX_RECORD_OCTETS`].
pub(crate) fn encode(entry: &Entry, generation: u64, out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER + 4]);
    let written = encode_body(entry, out).and_then(|meta_length| {
        let body_length = out.len() - start - HEADER;
        let length = u32::try_from(body_length).ok().filter(|_| body_length <= MAX_RECORD_OCTETS)?;
        out[start + HEADER..start + HEADER + 4].copy_from_slice(&meta_length.to_le_bytes());
        let crc = checksum(generation, length, &out[start + HEADER..]);
        let header = &mut out[start..start + HEADER];
        header[0..4].copy_from_slice(&MAGIC.to_le_bytes());
        header[4..12].copy_from_slice(&generation.to_le_bytes());
        header[12..16].copy_from_slice(&length.to_le_bytes());
        header[16..20].copy_from_slice(&crc.to_le_bytes());
        Some(())
    });
    if written.is_none() {
        out.truncate(start);
    }
    written
}

/// Appends meta and data; returns the length of meta.
fn encode_body(entry: &Entry, out: &mut Vec<u8>) -> Option<u32> {
    let before = out.len();
    let meta = match entry {
        Entry::Cancel(bases) => Meta::Cancel { bases: bases.clone() },
        Entry::Place(message) => Meta::Place {
            queue_id: message.queue_id.clone(),
            internal_date: message.internal_date,
            is_dated: message.is_dated,
            first_field: message.first_field.len(),
            last_field: message.last_field.len(),
            inline: match &message.content {
                Content::Memory(bytes) => Some(bytes.len()),
                Content::File(_) => None,
            },
            file: match &message.content {
                Content::Memory(_) => None,
                Content::File(file) => Some(file.name.clone()),
            },
            targets: message.targets.iter().map(TargetMeta::of).collect(),
            spool: message.spool.clone(),
            settles: message.settles.clone(),
        },
    };
    serde_json::to_writer(&mut *out, &meta).ok()?;
    let meta_length = u32::try_from(out.len() - before).ok()?;
    if let Entry::Place(message) = entry {
        out.extend_from_slice(&message.first_field);
        out.extend_from_slice(&message.last_field);
        message.targets.iter().for_each(|target| out.extend_from_slice(&target.field));
        if let Content::Memory(bytes) = &message.content {
            out.extend_from_slice(bytes);
        }
    }
    Some(meta_length)
}

impl TargetMeta {
    fn of(target: &Target) -> Self {
        Self {
            account: target.account,
            mailbox: target.mailbox.as_str().to_owned(),
            base: target.base.clone(),
            field: target.field.len(),
            octets: target.octets,
            flags: target.flags,
            keywords: target.keywords.clone(),
        }
    }
}

/// Reads the record at the beginning of `bytes` and says how long it is. `None` if no complete record of this generation
/// is there: the end of the segment.
pub(crate) fn decode(bytes: &[u8], generation: u64) -> Option<(Recovered, usize)> {
    let header = bytes.get(..HEADER)?;
    let length = u32_at(header, 12)?;
    let body = bytes.get(HEADER..HEADER.checked_add(body_length(header)?)?)?;
    let is_ours = u32_at(header, 0)? == MAGIC
        && header[4..12] == generation.to_le_bytes()
        && u32_at(header, 16)? == checksum(generation, length, body);
    if !is_ours {
        return None;
    }
    Some((decode_body(body)?, HEADER + body.len()))
}

/// The length of the body that follows a header.
pub(super) fn body_length(header: &[u8]) -> Option<usize> {
    usize::try_from(u32_at(header, 12)?).ok()
}

fn decode_body(body: &[u8]) -> Option<Recovered> {
    let mut rest = body.get(4..)?;
    let mut take = |length: usize| {
        let (taken, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(taken.to_vec())
    };
    let meta = take(usize::try_from(u32_at(body, 0)?).ok()?)?;
    let (message, inline, file) = match serde_json::from_slice(&meta).ok()? {
        Meta::Cancel { bases } => return Some(Recovered::Cancel(bases)),
        Meta::Place {
            queue_id,
            internal_date,
            is_dated,
            first_field,
            last_field,
            inline,
            file,
            targets,
            spool,
            settles,
        } => {
            let (first_field, last_field) = (take(first_field)?, take(last_field)?);
            let targets =
                targets.into_iter().map(|target| target.read(take(target.field)?)).collect::<Option<_>>()?;
            let content = Content::Memory(Vec::new());
            let message = Message {
                queue_id,
                targets,
                spool,
                settles,
                first_field,
                last_field,
                content,
                internal_date,
                is_dated,
            };
            (message, inline, file)
        }
    };
    let content = match (inline, file) {
        (Some(length), None) => StoredContent::Inline(take(length)?),
        (None, Some(name)) => StoredContent::File(name),
        _ => return None,
    };
    Some(Recovered::Place(message, content))
}

impl TargetMeta {
    fn read(&self, field: Vec<u8>) -> Option<Target> {
        Some(Target {
            account: self.account,
            mailbox: MailboxName::parse(&self.mailbox).ok()?,
            base: self.base.clone(),
            field,
            octets: self.octets,
            flags: self.flags,
            keywords: self.keywords.clone(),
        })
    }
}

fn checksum(generation: u64, length: u32, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&generation.to_le_bytes());
    hasher.update(&length.to_le_bytes());
    hasher.update(body);
    hasher.finalize()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(content: &[u8]) -> Entry {
        let target = |account, mailbox: &str| Target {
            account: AccountId(account),
            mailbox: MailboxName::parse(mailbox).unwrap(),
            base: format!("1.M2P3_{account}.host,S=1,W=1"),
            field: format!("Delivered-To: {account}\r\n").into_bytes(),
            octets: 7,
            flags: Flags::SEEN,
            keywords: vec!["$Junk".to_owned()],
        };
        Entry::Place(Message {
            queue_id: "4bX".to_owned(),
            targets: vec![target(1, "INBOX"), target(2, "Papelería")],
            spool: Some(Box::new(Spooled {
                base: "1.M2P3_3.host".to_owned(),
                entry: SpoolEntry {
                    reverse_path: "ana@lab.test".to_owned(),
                    parameters: crate::SenderParameters::default(),
                    context: "{}".to_owned(),
                    recipients: Vec::new(),
                },
                arrived: Timestamp::UNIX_EPOCH,
                octets: 20,
                is_crlf: true,
            })),
            settles: vec![Settle {
                id: crate::RecipientId { queue_id: "4bW".to_owned(), number: 3 },
                effect: crate::SettleEffect::Warned,
            }],
            first_field: b"Return-Path: <>\r\n".to_vec(),
            last_field: b"Received: x\r\n".to_vec(),
            content: Content::Memory(content.to_vec()),
            internal_date: -5,
            is_dated: true,
        })
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let mut bytes = b"before".to_vec();
        encode(&message(b"hello\0"), 7, &mut bytes).unwrap();
        let length = bytes.len() - 6;
        bytes.extend_from_slice(b"after");
        let (Recovered::Place(decoded, content), used) = decode(&bytes[6..], 7).unwrap() else {
            panic!("a cancel")
        };
        assert_eq!((content, used), (StoredContent::Inline(b"hello\0".to_vec()), length));
        let Entry::Place(mut original) = message(b"") else { panic!("a cancel") };
        original.content = Content::Memory(Vec::new());
        assert_eq!(format!("{decoded:?}"), format!("{original:?}"));
    }

    #[test]
    fn a_record_cut_or_changed_at_any_octet_is_no_record() {
        let mut bytes = Vec::new();
        encode(&message(b"hello"), 7, &mut bytes).unwrap();
        assert!(decode(&bytes, 8).is_none(), "of another generation");
        for at in 0..bytes.len() {
            assert!(decode(&bytes[..at], 7).is_none(), "cut at {at}");
            let mut zeroed = bytes.clone();
            zeroed[at..].fill(0);
            if zeroed != bytes {
                assert!(decode(&zeroed, 7).is_none(), "zeros from {at}");
            }
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert!(decode(&changed, 7).is_none(), "changed at {at}");
        }
    }

    #[test]
    fn a_cancellation_is_decoded() {
        let mut bytes = Vec::new();
        encode(&Entry::Cancel(vec!["a".to_owned(), "b".to_owned()]), 1, &mut bytes).unwrap();
        let Some((Recovered::Cancel(bases), used)) = decode(&bytes, 1) else { panic!("no cancel") };
        assert_eq!((bases, used), (vec!["a".to_owned(), "b".to_owned()], bytes.len()));
    }
}
