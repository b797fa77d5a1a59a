//! ENVELOPE (RFC 3501 §7.4.2).

use super::Encoder;
use postigo_message::{EnvelopeAddress, ImapEnvelope};

pub(crate) fn envelope(out: &mut Encoder, envelope: &ImapEnvelope) {
    out.raw("(").nstring(envelope.date.as_ref()).raw(" ").nstring(envelope.subject.as_ref());
    let lists = [
        envelope.from.as_slice(),
        envelope.sender(),
        envelope.reply_to(),
        &envelope.to,
        &envelope.cc,
        &envelope.bcc,
    ];
    for list in lists {
        out.raw(" ");
        addresses(out, list);
    }
    out.raw(" ").nstring(envelope.in_reply_to.as_ref());
    out.raw(" ").nstring(envelope.message_id.as_ref()).raw(")");
}

fn addresses(out: &mut Encoder, list: &[EnvelopeAddress]) {
    if list.is_empty() {
        out.raw("NIL");
        return;
    }
    out.raw("(");
    for address in list {
        out.raw("(").nstring(address.name.as_ref());
        out.raw(" ").nstring(address.route.as_ref());
        out.raw(" ").nstring(address.mailbox.as_ref());
        out.raw(" ").nstring(address.host.as_ref()).raw(")");
    }
    out.raw(")");
}
