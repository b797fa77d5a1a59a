//! The journey of a message, told from its entries.

use std::collections::BTreeMap;

use postigo_api::{
    Journey, JourneyStep, Micros, Outcome, Said, Service, Session, SessionDetail, StepKind, TranscriptLine,
};

use crate::event::{Delivery, Entry, Event, NameLookup, Queued, Sent, SentStatus};
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
        let mut steps = if queued.client.is_empty() {
            // A report of ours: nobody brought it.
            Vec::new()
        } else {
            vec![came(entry, queued, session), checked(entry, queued), accepted(entry, queued)]
        };
        steps.extend(entries.iter().filter_map(|e| match &e.event {
            Event::Delivered(delivery) => Some(delivered(e, delivery)),
            Event::Sent(sent) => Some(handed_on(e, sent)),
            Event::Lookup(lookup) => Some(resolved(e, lookup)),
            Event::Reported { report, .. } => {
                let params = BTreeMap::from([("report".to_owned(), report.clone())]);
                Some(step(e.at, StepKind::Reported, params, e.session))
            }
            _ => None,
        }));
        let mut sessions: Vec<SessionDetail> =
            detail.map(|d| only_this_message(d, queued)).into_iter().collect();
        for id in outgoing(&entries) {
            sessions.extend(self.session_detail(id, 0)?);
        }
        Ok(Some(Journey {
            queue_id: queue_id.to_owned(),
            message_id: queued.message_id.clone(),
            subject: queued.subject.clone(),
            outcome: outcome(&entries),
            steps,
            sessions,
        }))
    }
}

fn outcome(entries: &[Entry]) -> Outcome {
    let failed = entries.iter().any(|e| match &e.event {
        Event::Delivered(delivery) => delivery.failure.is_some(),
        Event::Sent(sent) => sent.status == SentStatus::Bounced,
        _ => false,
    });
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
        add("localUser", session.local_user.as_ref().map(|user| user.name.clone()));
        add("uid", session.local_user.as_ref().map(|user| user.uid.to_string()));
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

fn handed_on(entry: &Entry, sent: &Sent) -> JourneyStep {
    let mut params = BTreeMap::from([
        ("recipient".to_owned(), sent.recipient.clone()),
        ("relay".to_owned(), sent.relay.clone()),
        ("reply".to_owned(), sent.text.clone()),
        ("delay".to_owned(), sent.delays.iter().sum::<f64>().to_string()),
    ]);
    if let Some(original) = &sent.original {
        params.insert("original".to_owned(), original.clone());
    }
    let kind = match sent.status {
        SentStatus::Sent => StepKind::Sent,
        SentStatus::Deferred => StepKind::Deferred,
        SentStatus::Bounced => StepKind::Failed,
    };
    let mut step = step(entry.at, kind, params, entry.session);
    step.ok = sent.status == SentStatus::Sent;
    step
}

fn resolved(entry: &Entry, lookup: &NameLookup) -> JourneyStep {
    let outcome = serde_json::to_value(lookup.outcome).ok().and_then(|v| v.as_str().map(str::to_owned));
    let params = BTreeMap::from([
        ("name".to_owned(), lookup.name.clone()),
        ("type".to_owned(), lookup.kind.clone()),
        ("outcome".to_owned(), outcome.unwrap_or_default()),
        ("answer".to_owned(), lookup.records.join(", ")),
        ("server".to_owned(), lookup.server.clone().unwrap_or_default()),
    ]);
    let mut step = step(entry.at, StepKind::Resolved, params, entry.session);
    step.ok = lookup.outcome == postigo_api::DnsOutcome::Found;
    step
}

/// The sessions in which it was handed on, or was to be: at most the last ten of them.
fn outgoing(entries: &[Entry]) -> Vec<i64> {
    let mut ids: Vec<i64> =
        entries.iter().filter(|e| matches!(e.event, Event::Sent(_))).filter_map(|e| e.session).collect();
    ids.dedup();
    ids.split_off(ids.len().saturating_sub(10))
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
