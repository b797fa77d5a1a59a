//! ENVELOPE (RFC 3501 §7.4.2).

use crate::address::{EnvelopeAddress, parse_addresses};
use crate::header::fields;
use serde::{Deserialize, Serialize};

/// What ENVELOPE says of a message. Texts are unfolded and otherwise as written: encoded words are not decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImapEnvelope {
    /// Date, as text.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Subject.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// From.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<EnvelopeAddress>,
    /// Sender, if it is there and not empty; see [`Self::sender`].
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub own_sender: Vec<EnvelopeAddress>,
    /// Reply-To, if it is there and not empty; see [`Self::reply_to`].
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub own_reply_to: Vec<EnvelopeAddress>,
    /// To.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<EnvelopeAddress>,
    /// Cc.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<EnvelopeAddress>,
    /// Bcc.
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    pub bcc: Vec<EnvelopeAddress>,
    /// In-Reply-To.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// Message-ID.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

impl ImapEnvelope {
    /// Reads the header block of a message.
    pub(crate) fn parse(block: &[u8]) -> Self {
        let mut envelope = Self::default();
        for field in fields(block) {
            let name = field.name.to_ascii_lowercase();
            // The first field counts where RFC 5322 §3.6 allows only one; address lists are joined.
            let text = |place: &mut Option<String>| {
                place.get_or_insert_with(|| field.unfolded());
            };
            let addresses =
                |place: &mut Vec<EnvelopeAddress>| place.append(&mut parse_addresses(&field.unfolded()));
            match name.as_slice() {
                b"date" => text(&mut envelope.date),
                b"subject" => text(&mut envelope.subject),
                b"in-reply-to" => text(&mut envelope.in_reply_to),
                b"message-id" => text(&mut envelope.message_id),
                b"from" => addresses(&mut envelope.from),
                b"sender" => addresses(&mut envelope.own_sender),
                b"reply-to" => addresses(&mut envelope.own_reply_to),
                b"to" => addresses(&mut envelope.to),
                b"cc" => addresses(&mut envelope.cc),
                b"bcc" => addresses(&mut envelope.bcc),
                _ => {}
            }
        }
        envelope
    }

    /// Sender, or From where it is missing (RFC 3501 §7.4.2).
    pub fn sender(&self) -> &[EnvelopeAddress] {
        if self.own_sender.is_empty() { &self.from } else { &self.own_sender }
    }

    /// Reply-To, or From where it is missing (RFC 3501 §7.4.2).
    pub fn reply_to(&self) -> &[EnvelopeAddress] {
        if self.own_reply_to.is_empty() { &self.from } else { &self.own_reply_to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sender_and_reply_to_default_to_from() {
        let envelope = ImapEnvelope::parse(b"From: a@x\r\nSender: \r\nReply-To: b@y\r\n\r\n");
        assert_eq!(envelope.sender(), envelope.from);
        assert_eq!(envelope.reply_to()[0].mailbox.as_deref(), Some("b"));
    }

    #[test]
    fn texts_are_unfolded_and_absent_is_not_empty() {
        let envelope = ImapEnvelope::parse(b"Subject: a\r\n b\r\nSUBJECT: second\r\nDate:\r\n\r\n");
        assert_eq!(envelope.subject.as_deref(), Some("a b"));
        assert_eq!(envelope.date.as_deref(), Some(""));
        assert_eq!(envelope.message_id, None);
    }
}
