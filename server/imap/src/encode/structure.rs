//! BODY and BODYSTRUCTURE (RFC 3501 §7.4.2).

use super::{Encoder, envelope};
use postigo_message::{Content, Parameter, Part};

/// Writes a part with its parts; `extended` is BODYSTRUCTURE.
pub(crate) fn structure(out: &mut Encoder, part: &Part, extended: bool) {
    out.raw("(");
    match &part.content {
        Content::Multipart(parts) => multipart(out, part, parts, extended),
        Content::Message(_) | Content::Leaf => single(out, part, extended),
    }
    out.raw(")");
}

fn multipart(out: &mut Encoder, part: &Part, parts: &[Part], extended: bool) {
    for child in parts {
        structure(out, child, extended);
    }
    out.raw(" ").string(&part.subtype);
    if extended {
        out.raw(" ");
        parameters(out, &part.parameters);
        common_extension(out, part);
    }
}

fn single(out: &mut Encoder, part: &Part, extended: bool) {
    out.string(&part.media_type).raw(" ").string(&part.subtype).raw(" ");
    if part.is("text", "plain") && part.parameters.is_empty() {
        // RFC 2045 §5.2: what a text without a charset is in.
        out.raw("(\"charset\" \"us-ascii\")");
    } else {
        parameters(out, &part.parameters);
    }
    out.raw(" ").nstring(part.id.as_ref());
    out.raw(" ").nstring(part.description.as_ref());
    out.raw(" ").string(&part.encoding);
    out.raw(" ").display(part.body.octets());
    match &part.content {
        Content::Message(message) => {
            out.raw(" ");
            envelope(out, &message.envelope);
            out.raw(" ");
            structure(out, &message.root, extended);
            out.raw(" ").display(part.lines);
        }
        _ if part.media_type == "text" => {
            out.raw(" ").display(part.lines);
        }
        _ => {}
    }
    if extended {
        out.raw(" ").nstring(part.md5.as_ref());
        common_extension(out, part);
    }
}

/// Disposition, language and location.
fn common_extension(out: &mut Encoder, part: &Part) {
    match &part.disposition {
        None => {
            out.raw(" NIL");
        }
        Some(disposition) => {
            out.raw(" (").string(&disposition.kind).raw(" ");
            parameters(out, &disposition.parameters);
            out.raw(")");
        }
    }
    match part.language.as_slice() {
        [] => out.raw(" NIL"),
        [one] => out.raw(" ").string(one),
        many => {
            out.raw(" (").separated(many, |out, tag| {
                out.string(tag);
            });
            out.raw(")")
        }
    };
    out.raw(" ").nstring(part.location.as_ref());
}

fn parameters(out: &mut Encoder, list: &[Parameter]) {
    if list.is_empty() {
        out.raw("NIL");
        return;
    }
    out.raw("(").separated(list, |out, parameter| {
        out.string(&parameter.name).raw(" ").string(&parameter.value);
    });
    out.raw(")");
}
