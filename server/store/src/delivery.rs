//! What is handed to the store for delivery, and what comes back.

use crate::{AccountId, Flags, Incoming, MailboxId, MailboxName, Settle, SpoolEntry, Uid, UidValidity};
use jiff::Timestamp;
use std::path::PathBuf;

/// A received message for local accounts, for the spool, or both: at least one recipient in all.
///
/// Each local recipient's file is `return_path_field`, then its own `delivered_to_field`, then `received_field`, then the content;
/// each field is complete with its CRLF, or empty. In the spool it is `received_field`, then the content, with CRLF line ends.
#[derive(Debug)]
pub struct Delivery {
    /// The queue id the log knows the message by. For the spool it must be one that [`crate::Spool::is_queue_id`] accepts
    /// and that no message in the spool has.
    pub queue_id: String,
    /// Who gets it; each account once. More than one entry for the same account is delivered once.
    pub recipients: Vec<DeliveryRecipient>,
    /// The recipients that have to wait for their delivery.
    pub spool: Option<SpoolEntry>,
    /// Recipients of messages in the spool that this delivery settles. If one of them is not there any more, the delivery fails.
    pub settles: Vec<Settle>,
    /// `Return-Path: <...>` CRLF (RFC 5321 §4.4).
    pub return_path_field: Vec<u8>,
    /// `Received: ...` CRLF, folded as needed (RFC 5321 §4.4), and other fields that all recipients get.
    pub received_field: Vec<u8>,
    /// The content as received.
    pub incoming: Incoming,
    /// Becomes the internal date (RFC 3501 §2.3.3).
    pub received_at: Timestamp,
}

/// One recipient of a [`Delivery`].
#[derive(Clone, Debug)]
pub struct DeliveryRecipient {
    /// The account that gets the message.
    pub account: AccountId,
    /// `Delivered-To: ...` CRLF, or empty.
    pub delivered_to_field: Vec<u8>,
}

/// A message that is durable and visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Whose it is.
    pub account: AccountId,
    /// The mailbox: INBOX.
    pub mailbox: MailboxId,
    /// Its number there.
    pub uid: Uid,
    /// The Maildir file at the moment of delivery; flags or another program may rename it.
    pub path: PathBuf,
    /// Size as served over IMAP or POP3 (with CRLF).
    pub octets: u64,
}

/// A message a client stores into a mailbox (RFC 3501 §6.3.11).
#[derive(Debug)]
pub struct Append {
    /// The mailbox; it must exist (the protocol answers `[TRYCREATE]` otherwise).
    pub mailbox: MailboxName,
    /// The content as received.
    pub incoming: Incoming,
    /// Initial system flags.
    pub flags: Flags,
    /// Initial keywords.
    pub keywords: Vec<String>,
    /// Internal date; `None` is now.
    pub internal_date: Option<Timestamp>,
}

/// An appended message, for `APPENDUID` (RFC 4315 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// Its UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// The number of the message.
    pub uid: Uid,
}
