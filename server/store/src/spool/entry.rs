//! What is handed over to wait: the envelope of a message (RFC 5321 §2.3.1) with all that its later deliveries and reports need.
//!
//! It is written as JSON into the journal and in front of the message's file, so a field may be added, with a default, but
//! never change its meaning.

use super::types::RecipientId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The envelope of a message that shall wait in the spool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpoolEntry {
    /// The reverse-path without its angle brackets; empty for the null reverse-path (RFC 5321 §4.5.5).
    pub reverse_path: String,
    /// What MAIL FROM asked for.
    pub parameters: SenderParameters,
    /// What logs and reports will want to know of the client; the store does not look into it. JSON by convention.
    pub context: String,
    /// Who shall get it; at least one. Their numbers are their positions here, from 0.
    pub recipients: Vec<SpoolRecipient>,
}

/// Parameters of MAIL FROM that matter until the message has left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderParameters {
    /// RET (RFC 3461 §4.3).
    pub ret: Option<Ret>,
    /// ENVID, not encoded (RFC 3461 §4.4).
    pub envid: Option<String>,
    /// BODY (RFC 6152, RFC 3030).
    pub body: Body,
    /// SMTPUTF8 (RFC 6531 §3.4): the envelope or the header needs a peer that can.
    pub smtputf8: bool,
    /// REQUIRETLS (RFC 8689 §2).
    pub require_tls: bool,
    /// HOLDUNTIL (RFC 4865 §4), in microseconds since 1970; none once a person sent it before. It says why the message
    /// waits; when it is tried is for the recipients' `next_try` to say.
    pub hold_until: Option<i64>,
}

/// How much of the message a failure report returns (RFC 3461 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ret {
    /// The whole message.
    Full,
    /// Its header.
    Headers,
}

/// What octets the content has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// ASCII lines.
    #[default]
    SevenBit,
    /// Lines with octets above 127.
    EightBit,
    /// Anything (BINARYMIME).
    Binary,
}

/// When the sender wants a report (RFC 3461 §4.1); nothing is true for `NEVER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notify {
    /// When it is delivered.
    pub success: bool,
    /// When it cannot be delivered.
    pub failure: bool,
    /// When it waits for long.
    pub delay: bool,
}

/// One recipient that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpoolRecipient {
    /// The address it is delivered to, `local@domain`.
    pub address: String,
    /// The address of RCPT TO, if an alias or a rewrite made another of it.
    pub original: Option<String>,
    /// NOTIFY; `None` if it was not given, which asks for failures and leaves delays to us (RFC 3461 §5.2.1).
    pub notify: Option<Notify>,
    /// ORCPT as it was given, type and xtext (RFC 3461 §4.2).
    pub orcpt: Option<String>,
    /// The key deliveries are grouped by: next hop, domain, or whatever routing chose.
    pub destination: String,
    /// Lower numbers are served first.
    pub priority: u8,
    /// Not before this time.
    #[serde(with = "micros")]
    pub next_try: Timestamp,
    /// When waiting has been long enough. The store only keeps it.
    #[serde(with = "micros")]
    pub expires: Timestamp,
    /// True: it waits until somebody releases it.
    pub held: bool,
}

/// A recipient of a message in the spool that a delivery deals with: the effect and the delivery are one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settle {
    /// Which recipient.
    pub id: RecipientId,
    /// What becomes of it.
    pub effect: SettleEffect,
}

/// What a delivery does to a recipient in the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettleEffect {
    /// It is done with: delivered by this delivery, or reported by it. The message goes with its last recipient.
    Remove,
    /// This delivery is the warning that it waits for long; it goes on waiting.
    Warned,
}

/// Timestamps as microseconds since 1970.
pub(crate) mod micros {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.as_microsecond())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_microsecond(i64::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
