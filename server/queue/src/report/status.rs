//! message/delivery-status: the report for programs (RFC 3464 §2).

use super::{Action, Report, Reported, written};
use postigo_message::build::field;
use postigo_smtp::Address;
use postigo_smtp::dsn::OriginalRecipient;

/// The longest reply that is passed on, in characters. Longer ones are cut off.
const REPLY_CHARS: usize = 2_000;

pub(super) fn write(report: &Report<'_>, recipients: &[&Reported]) -> String {
    let mut out = String::new();
    if let Some(envelope_id) = report.original.envelope_id {
        out.push_str(&field("Original-Envelope-Id", &ascii(envelope_id)));
    }
    out.push_str(&field("Reporting-MTA", &format!("dns; {}", report.host)));
    out.push_str(&field("X-Postigo-Queue-ID", report.original.queue_id));
    out.push_str(&field("Arrival-Date", &written(report.original.arrived)));
    for recipient in recipients {
        out.push_str("\r\n");
        write_recipient(recipient, &mut out);
    }
    out
}

fn write_recipient(reported: &Reported, out: &mut String) {
    let mut add = |name: &str, value: &str| out.push_str(&field(name, value));
    if let Some(original) = &reported.original {
        add("Original-Recipient", &original_recipient(original));
    }
    add("Final-Recipient", &final_recipient(&reported.recipient));
    add("Action", action_name(reported.action));
    add("Status", &reported.status.to_string());
    match (&reported.reply, &reported.cause) {
        (Some(reply), _) => {
            add("Remote-MTA", &format!("dns; {}", ascii(&reply.host)));
            add("Diagnostic-Code", &format!("smtp; {}", ascii(&reply.text)));
        }
        (None, Some(cause)) => add("Diagnostic-Code", &format!("X-Postigo; {}", ascii(cause))),
        (None, None) => {}
    }
    if let Some(last_attempt) = reported.last_attempt {
        add("Last-Attempt-Date", &written(last_attempt));
    }
    if let Action::Delayed { until } = reported.action {
        add("Will-Retry-Until", &written(until));
    }
}

fn action_name(action: Action) -> &'static str {
    match action {
        Action::Failed => "failed",
        Action::Delayed { .. } => "delayed",
        Action::Delivered => "delivered",
        Action::Relayed => "relayed",
        Action::Expanded => "expanded",
    }
}

fn final_recipient(address: &Address) -> String {
    let text = address.to_string();
    if text.is_ascii() { format!("rfc822; {text}") } else { format!("utf-8; {}", unicode_escaped(&text)) }
}

fn original_recipient(original: &OriginalRecipient) -> String {
    let address = match original.address.is_ascii() {
        true => ascii(&original.address),
        false => unicode_escaped(&original.address),
    };
    format!("{}; {address}", ascii(&original.address_type))
}

/// `utf-8-addr-unitext` within ASCII (RFC 6533 §3): this part keeps to ASCII.
fn unicode_escaped(text: &str) -> String {
    let escaped = |c: char| match c {
        '!'..='~' if c != '\\' => c.to_string(),
        _ => format!("\\x{{{:X}}}", u32::from(c)),
    };
    text.chars().map(escaped).collect()
}

/// What others wrote, as printable ASCII in one line.
pub(super) fn ascii(text: &str) -> String {
    let printable = |c: char| match c {
        ' '..='~' => c,
        c if c.is_whitespace() => ' ',
        _ => '?',
    };
    text.chars().take(REPLY_CHARS).map(printable).collect()
}
