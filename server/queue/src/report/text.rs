//! The report for people: Spanish, then English.

use super::status::ascii;
use super::words::{Words, explain};
use super::{Action, Kind, Report, Reported, written};
use std::fmt::Write as _;

/// Recipients that the text speaks of; the part for programs has them all.
const LISTED: usize = 20;

pub(super) fn write(report: &Report<'_>, kind: Kind, recipients: &[&Reported]) -> String {
    let mut text = String::new();
    for (language, rule) in [(0, ""), (1, "----------------------------------------\n\n")] {
        text.push_str(rule);
        write_in(language, report, kind, recipients, &mut text);
    }
    text
}

fn write_in(language: usize, report: &Report<'_>, kind: Kind, recipients: &[&Reported], text: &mut String) {
    let in_language = |words: Words| words[language];
    let mut add = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    let arrived = written(report.original.arrived);
    add(&format!("{} {}.\n", in_language(WRITTEN_BY), report.host));
    add(&in_language(opening(kind)).replace("{arrived}", &arrived));
    for reported in recipients.iter().take(LISTED) {
        add(&format!("\n  <{}>", reported.recipient));
        about_recipient(language, reported, &mut add);
    }
    if let Some(more) = recipients.len().checked_sub(LISTED).filter(|more| *more > 0) {
        add(&format!("\n  {}", in_language(AND_MORE).replace("{count}", &more.to_string())));
    }
    add(&format!("\n{}\n", in_language(closing(kind)).replace("{queue_id}", report.original.queue_id)));
}

fn about_recipient(language: usize, reported: &Reported, add: &mut impl FnMut(&str)) {
    let in_language = |words: Words| words[language];
    let done = match reported.action {
        Action::Failed | Action::Delayed { .. } => None,
        Action::Delivered => Some(DELIVERED),
        Action::Relayed => Some(RELAYED),
        Action::Expanded => Some(EXPANDED),
    };
    if let Some(done) = done {
        return add(&format!("    {}", in_language(done)));
    }
    let explanation = explain(reported.status);
    add(&format!("    {}", in_language(explanation.what)));
    match (&reported.reply, &reported.cause) {
        (Some(reply), _) => {
            let mut line = String::new();
            // Writing to a String does not fail.
            let _ =
                write!(line, "    {} {}: {}", in_language(REPLIED), ascii(&reply.host), ascii(&reply.text));
            add(&line);
        }
        (None, Some(cause)) => add(&format!("    {}: {}", in_language(DETAIL), ascii(cause))),
        (None, None) => {}
    }
    match reported.action {
        Action::Delayed { until } => {
            add(&format!("    {}", in_language(RETRIED_UNTIL).replace("{until}", &written(until))));
        }
        _ => add(&format!("    {} {}", in_language(WHAT_TO_DO), in_language(explanation.advice))),
    }
}

const WRITTEN_BY: Words =
    ["Este mensaje lo ha escrito el servidor de correo", "This message was written by the mail server"];
const REPLIED: Words = ["Respondió", "Reply of"];
const DETAIL: Words = ["Detalle", "Detail"];
const WHAT_TO_DO: Words = ["Qué puede hacer:", "What you can do:"];
const DELIVERED: Words = ["Está en su buzón.", "It is in the mailbox."];
const RELAYED: Words = [
    "Se entregó al siguiente servidor, que no avisará cuando llegue.",
    "It was handed to the next server, which will not report when it arrives.",
];
const EXPANDED: Words = [
    "Es una lista o un reenvío: se envió a sus miembros.",
    "It is a list or a forward: it was sent on to its members.",
];
const RETRIED_UNTIL: Words = ["Se seguirá intentando hasta el {until}.", "It will be tried until {until}."];
const AND_MORE: Words =
    ["... y {count} más (en la parte siguiente).", "... and {count} more (in the next part)."];

fn opening(kind: Kind) -> Words {
    match kind {
        Kind::Failure => [
            "Su mensaje del {arrived} no se ha podido entregar a:",
            "Your message of {arrived} could not be delivered to:",
        ],
        Kind::Delay => [
            "Su mensaje del {arrived} todavía no se ha podido entregar a estas direcciones. Se sigue intentando; no hace falta enviarlo otra vez:",
            "Your message of {arrived} could not be delivered to these addresses yet. It is still being tried; there is no need to send it again:",
        ],
        Kind::Success => ["Su mensaje del {arrived} ha llegado:", "Your message of {arrived} has arrived:"],
    }
}

fn closing(kind: Kind) -> Words {
    match kind {
        Kind::Failure => [
            "El mensaje, o su cabecera, va adjunto. Para quien administra el correo: identificador {queue_id}.",
            "The message, or its header, is attached. For whoever runs the mail: queue id {queue_id}.",
        ],
        Kind::Delay | Kind::Success => [
            "La cabecera del mensaje va adjunta. Para quien administra el correo: identificador {queue_id}.",
            "The header of the message is attached. For whoever runs the mail: queue id {queue_id}.",
        ],
    }
}
