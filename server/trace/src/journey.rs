//! The journey of a message, told from its entries.

use std::collections::BTreeMap;

use postigo_api::{
    Journey, JourneyStep, Micros, Outcome, Said, Service, Session, SessionDetail, StepKind, TranscriptLine,
};

use crate::event::{Delivery, Entry, Event, Queued};
use crate::trace::{Error, Trace};

impl Trace {
    /// How the message with this queue id travelled; none when nothing is known of it (any more). Blocking.
    pub fn journey(&self, queue_id: &str) -> Result<Option<Journey>, Error> {
        let entries = self.entries_of(queue_id)?;
        let Some((entry, queued)) = entries.iter().find_map(|e| match &e.event {
            Event::Queued(queued) => Some((e, queued)),
            _ => None,
        }) else {
            return Ok(None);
        };
        let detail = match entry.session {
            Some(id) => self.session_detail(id, 0)?,
            None => None,
        };
        let session = detail.as_ref().map(|d| &d.session);
        let mut steps = vec![came(entry, queued, session), checked(entry, queued), accepted(entry, queued)];
        steps.extend(entries.iter().filter_map(|e| match &e.event {
            Event::Delivered(delivery) => Some(delivered(e, delivery)),
            _ => None,
        }));
        Ok(Some(Journey {
            queue_id: queue_id.to_owned(),
            message_id: queued.message_id.clone(),
            subject: queued.subject.clone(),
            outcome: outcome(&entries),
            steps,
            sessions: detail.map(|d| only_this_message(d, queued)).into_iter().collect(),
        }))
    }
}

fn outcome(entries: &[Entry]) -> Outcome {
    let failed = entries.iter().any(|e| matches!(&e.event, Event::Delivered(d) if d.failure.is_some()));
    let done = entries.iter().any(|e| matches!(e.event, Event::Removed));
    match (failed, done) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Delivered,
        (false, false) => Outcome::Running,
    }
}

fn came(entry: &Entry, queued: &Queued, session: Option<&Session>) -> JourneyStep {
    let submitted = queued.service != Service::Smtp || queued.sasl.is_some();
    let mut params = BTreeMap::from([("client".to_owned(), queued.client.clone())]);
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            params.insert(name.to_owned(), value);
        }
    };
    add("service", serde_json::to_value(queued.service).ok().and_then(|v| v.as_str().map(str::to_owned)));
    if let Some((mechanism, user)) = &queued.sasl {
        add("mechanism", Some(mechanism.clone()));
        add("user", Some(user.clone()));
    }
    if let Some(session) = session {
        add("peer", Some(session.peer.clone()));
        add("port", Some(session.port.to_string()));
        add("clientName", session.client_name.clone());
        add("tls", session.tls.as_ref().map(|tls| tls.version.clone()));
    }
    step(
        session.map_or(entry.at, |s| s.opened.min(entry.at)),
        if submitted { StepKind::Submitted } else { StepKind::Received },
        params,
        entry.session,
    )
}

fn checked(entry: &Entry, queued: &Queued) -> JourneyStep {
    let params = BTreeMap::from([
        ("reversePath".to_owned(), queued.reverse_path.clone()),
        ("recipients".to_owned(), queued.recipient_count.to_string()),
        ("octets".to_owned(), queued.octets.to_string()),
    ]);
    step(entry.at, StepKind::Checked, params, entry.session)
}

fn accepted(entry: &Entry, queued: &Queued) -> JourneyStep {
    let params = BTreeMap::from([
        ("reply".to_owned(), queued.reply.clone()),
        ("octets".to_owned(), queued.octets.to_string()),
    ]);
    step(entry.at, StepKind::Accepted, params, entry.session)
}

fn delivered(entry: &Entry, delivery: &Delivery) -> JourneyStep {
    let mut params = BTreeMap::from([("recipient".to_owned(), delivery.recipient.clone())]);
    let kind = if let Some(failure) = &delivery.failure {
        params.insert("reply".into(), failure.clone());
        StepKind::Failed
    } else {
        params.insert("mailbox".into(), delivery.mailbox.clone());
        params.insert("uid".into(), delivery.uid.to_string());
        params.insert("path".into(), delivery.path.clone());
        params.insert("delay".into(), delivery.delays.iter().sum::<f64>().to_string());
        StepKind::Delivered
    };
    let mut step = step(entry.at, kind, params, entry.session);
    step.ok = delivery.failure.is_none();
    step
}

fn step(at: Micros, kind: StepKind, params: BTreeMap<String, String>, session: Option<i64>) -> JourneyStep {
    JourneyStep { at, kind, params, session, ok: true }
}

/// A session that brought several messages tells, in the journey of one, only of that one: from its MAIL command to the
/// reply that accepted it, and all that came before the first MAIL.
fn only_this_message(mut detail: SessionDetail, queued: &Queued) -> SessionDetail {
    let is_mail = |line: &TranscriptLine| matches!(&line.said, Said::Client { text } if text.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case("MAIL ")));
    let is_reply =
        |line: &TranscriptLine| matches!(&line.said, Said::Server { text } if *text == queued.reply);
    let Some(end) = detail.lines.iter().position(is_reply) else { return detail };
    let Some(first) = detail.lines.iter().position(is_mail) else { return detail };
    let start = detail.lines[..end].iter().rposition(is_mail).unwrap_or(first);
    detail.lines.truncate(end + 1);
    detail.lines.drain(first..start);
    detail
}
