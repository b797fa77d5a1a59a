//! One delivery from the spool: what is still due is sent, and what became of it is written down.

use std::sync::Arc;

use jiff::Timestamp;
use postigo_api::{QueueFailure, QueueFailureKind};
use postigo_queue::retry::{Next, Waiting};
use postigo_queue::route::{Destination, Directory, Mail, NextHop, Outward, Refusal, Routes};
use postigo_queue::schedule::{DeliveryId, Key};
use postigo_smtp::client::{ContentFacts, Status, Transaction, TransactionRecipient};
use postigo_smtp::dsn::OriginalRecipient;
use postigo_smtp::{Address, Recipient, ReversePath};
use postigo_store::{
    AttemptOutcome, DueMessage, QueuedMessage, QueuedRecipient, RecipientChange, RecipientId, RecipientState,
    RecipientUpdate, Spool,
};
use postigo_trace::{Event, Sent, SentStatus};
use serde::{Deserialize, Serialize};

use super::intake::{Forwarded, LOCAL, NOWHERE, Notes, delivered_to, hold_until, notify, returned};
use super::reports::Told;
use super::runner::times;
use crate::context::Context;
use crate::flow::People;
use crate::outgoing::{Attempt, Job, Link};

/// What the scheduler started.
pub(super) struct Start {
    pub delivery: DeliveryId,
    pub destination: Key,
    pub queue_id: String,
    pub numbers: Vec<u32>,
}

/// How it ended.
pub(super) struct Finished {
    pub delivery: DeliveryId,
    pub destination: Key,
    /// Whether the destination answered; what had not to be tried counts as answered.
    pub answered: bool,
    pub link: Option<Box<Link>>,
    /// Why it did not.
    pub failure: Option<AttemptOutcome>,
    /// What waits for other destinations now.
    pub moved: Vec<(String, DueMessage)>,
}

/// What is to be done with a recipient whose time has come.
enum Way {
    /// Send it there.
    To(NextHop),
    /// Its configuration changed: it waits for another destination.
    Moved(String),
    /// It is for a mailbox here now.
    Local,
    /// It leads nowhere.
    Nowhere(Refusal),
    /// It is thrown away.
    Discard,
}

/// Recipients that go over one connection with one reverse-path.
struct Group {
    next_hop: NextHop,
    forwarded: Option<Forwarded>,
    recipients: Vec<QueuedRecipient>,
}

impl Start {
    /// The recipients it is about.
    pub fn ids(&self) -> Vec<RecipientId> {
        let id = |&number: &u32| RecipientId { queue_id: self.queue_id.clone(), number };
        self.numbers.iter().map(id).collect()
    }

    /// Delivers what is still to be delivered.
    pub async fn carry_out(self, context: &Arc<Context>, link: Option<Box<Link>>) -> Finished {
        let mut finished = Finished {
            delivery: self.delivery,
            destination: Key::clone(&self.destination),
            answered: true,
            link,
            failure: None,
            moved: Vec::new(),
        };
        let spool = context.store.spool().clone();
        let Some(message) = self.message(&spool).await else { return finished };
        let ids: Vec<RecipientId> = message.recipients.iter().map(|r| r.id.clone()).collect();
        spool.claim(&ids);
        if let Err(error) = self.deliver(context, &spool, message, &mut finished).await {
            tracing::error!(error = &error as &dyn std::error::Error, "a delivery could not be written down");
            spool.release(&ids);
        }
        finished
    }

    /// The message with those recipients that are due.
    async fn message(&self, spool: &Spool) -> Option<QueuedMessage> {
        let (reader, queue_id) = (spool.clone(), self.queue_id.clone());
        let read = tokio::task::spawn_blocking(move || reader.get(&queue_id)).await.ok()?;
        let mut message = read
            .inspect_err(|error| tracing::error!(error = error as &dyn std::error::Error, "the queue"))
            .ok()??;
        message.recipients.retain(|recipient| {
            self.numbers.contains(&recipient.id.number) && recipient.state == RecipientState::Waiting
        });
        (!message.recipients.is_empty()).then_some(message)
    }

    async fn deliver(
        &self,
        context: &Arc<Context>,
        spool: &Spool,
        message: QueuedMessage,
        finished: &mut Finished,
    ) -> Result<(), postigo_store::Error> {
        let notes: Notes = serde_json::from_str(&message.envelope.context).unwrap_or_default();
        let mut groups = Vec::<Group>::new();
        let mut ledger = Ledger::new(context, &message);
        for recipient in &message.recipients {
            let forwarded = notes.forwarded.get(&recipient.id.number).cloned();
            match way(context, &message, recipient, forwarded.as_ref(), &self.destination) {
                Way::To(next_hop) => add(&mut groups, next_hop, forwarded, recipient.clone()),
                Way::Moved(destination) => {
                    finished.moved.push((destination.clone(), due(recipient)));
                    ledger.moved(recipient, destination);
                }
                Way::Discard => ledger.done(recipient),
                Way::Local => ledger.local(recipient),
                Way::Nowhere(refusal) => ledger.refused(recipient, refusal),
            }
        }
        for group in groups {
            let link = finished.link.take();
            let delivered = send(context, spool, &message, &group, link).await?;
            finished.link = delivered.link;
            finished.answered = delivered.answered;
            for (recipient, attempt) in group.recipients.iter().zip(delivered.attempts) {
                if !finished.answered {
                    finished.failure = Some(outcome(&attempt));
                }
                ledger.tried(recipient, &attempt);
            }
        }
        ledger.write(spool).await
    }
}

fn due(recipient: &QueuedRecipient) -> DueMessage {
    let RecipientId { queue_id, number } = recipient.id.clone();
    DueMessage { queue_id, priority: recipient.priority, numbers: vec![number] }
}

fn add(groups: &mut Vec<Group>, next_hop: NextHop, forwarded: Option<Forwarded>, recipient: QueuedRecipient) {
    let same = groups.iter_mut().find(|g| g.forwarded == forwarded && g.next_hop.key() == next_hop.key());
    match same {
        Some(group) => group.recipients.push(recipient),
        None => groups.push(Group { next_hop, forwarded, recipients: vec![recipient] }),
    }
}

/// Asks routing again: what changed in the configuration counts for what is in the queue.
fn way(
    context: &Context,
    message: &QueuedMessage,
    recipient: &QueuedRecipient,
    forwarded: Option<&Forwarded>,
    destination: &Key,
) -> Way {
    let routes = context.routes.load();
    let Ok(address) = Address::parse_utf8(recipient.address.as_bytes()) else {
        return Way::Nowhere(unreadable(&recipient.address));
    };
    if &**destination == LOCAL && account(context, &address) {
        return Way::Local;
    }
    if matches!(&**destination, LOCAL | NOWHERE) {
        return resolved(context, &routes, message, address);
    }
    let reverse_path = reverse_path(forwarded.map_or(&message.envelope.reverse_path, |f| &f.reverse_path));
    match routes.next_hop(&address, &reverse_path, &mut Vec::new()) {
        Outward::To(next_hop) if next_hop.key() == **destination => Way::To(next_hop),
        Outward::To(next_hop) => Way::Moved(next_hop.key()),
        Outward::Error(refusal) => Way::Nowhere(refusal),
        Outward::Discard => Way::Discard,
    }
}

/// Whether an account has this address.
fn account(context: &Context, address: &Address) -> bool {
    let domain = address.domain().to_string();
    let found = Directory::account(&People(&context.store), address.local_part(), &domain);
    found.is_some_and(|account| account.enabled)
}

/// A recipient that led nowhere when the message came: where does it lead now?
fn resolved(context: &Context, routes: &Routes, message: &QueuedMessage, address: Address) -> Way {
    let reverse_path = reverse_path(&message.envelope.reverse_path);
    let mail = Mail { reverse_path: &reverse_path, delivered_to: &[], now: Timestamp::now() };
    let found = routes.resolve(&People(&context.store), &Recipient::Address(address), mail).destinations;
    match found.into_iter().next() {
        Some(Destination::Mailbox { .. }) => Way::Local,
        Some(Destination::Remote { next_hop, .. }) => Way::Moved(next_hop.key()),
        Some(Destination::Discard { .. }) => Way::Discard,
        Some(Destination::Error { refusal, .. }) => Way::Nowhere(refusal),
        None => Way::Nowhere(unreadable("")),
    }
}

fn unreadable(address: &str) -> Refusal {
    Refusal {
        code: 550,
        enhanced: postigo_smtp::EnhancedCode(5, 1, 3),
        text: format!("<{address}>: Recipient address rejected: not an address"),
    }
}

/// The reverse-path as the spool keeps it.
pub(super) fn reverse_path(text: &str) -> ReversePath {
    Address::parse_utf8(text.as_bytes()).map_or(ReversePath::Null, ReversePath::Address)
}

async fn send(
    context: &Arc<Context>,
    spool: &Spool,
    message: &QueuedMessage,
    group: &Group,
    link: Option<Box<Link>>,
) -> Result<crate::outgoing::Delivered, postigo_store::Error> {
    let parameters = &message.envelope.parameters;
    let from = group.forwarded.as_ref().map_or(&message.envelope.reverse_path, |f| &f.reverse_path);
    let recipients = group.recipients.iter().filter_map(transaction_recipient).collect();
    let by = group.forwarded.iter().flat_map(|forwarded| &forwarded.by);
    let job = Job {
        spool: spool.clone(),
        message: message.envelope.clone(),
        next_hop: group.next_hop.clone(),
        envelope: Transaction {
            reverse_path: reverse_path(from),
            recipients,
            content: ContentFacts::default(),
            smtp_utf8: parameters.smtputf8,
            require_tls: parameters.require_tls,
            returned: parameters.ret.map(returned),
            envelope_id: parameters.envid.clone(),
        },
        added: by.map(|address| delivered_to(address)).collect::<String>().into_bytes(),
    };
    Ok(context.agent().deliver(job, link).await)
}

fn transaction_recipient(recipient: &QueuedRecipient) -> Option<TransactionRecipient> {
    let address = Address::parse_utf8(recipient.address.as_bytes()).ok()?;
    Some(TransactionRecipient {
        recipient: Recipient::Address(address),
        notify: recipient.notify.map(notify),
        original: recipient.orcpt.as_ref().and_then(|orcpt| OriginalRecipient::parse(orcpt.as_bytes())),
    })
}

/// What an attempt came to, as the spool keeps it.
fn outcome(attempt: &Attempt) -> AttemptOutcome {
    let reply = attempt.said.reply();
    AttemptOutcome {
        at: Timestamp::now(),
        code: reply.map(postigo_smtp::Reply::code),
        enhanced: Some(attempt.said.dsn()),
        text: reply.map_or_else(|| attempt.said.text(), |reply| reply.text().replace('\n', " ")),
        host: (attempt.relay != "none").then(|| attempt.relay.clone()),
        context: Seen::of(attempt).to_json(),
    }
}

/// What a person wants to know of a failure besides.
#[derive(Serialize, Deserialize)]
struct Seen {
    kind: QueueFailureKind,
    session: Option<i64>,
    command: Option<String>,
}

impl Seen {
    fn of(attempt: &Attempt) -> Self {
        Self { kind: attempt.said.kind(), session: attempt.session, command: attempt.said.command() }
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// An outcome as it is shown.
pub(crate) fn failure_of(outcome: &AttemptOutcome) -> QueueFailure {
    let local = Seen { kind: QueueFailureKind::Local, session: None, command: None };
    let resting =
        || if outcome.context.is_empty() { Some(QueueFailureKind::DestinationResting) } else { None };
    let kind = resting();
    let seen: Seen = serde_json::from_str(&outcome.context).unwrap_or(local);
    let codes = [outcome.code.map(|code| code.to_string()), outcome.enhanced.clone()];
    let reply = outcome.code.is_some();
    let words = codes.into_iter().flatten().filter(|_| reply).chain([outcome.text.clone()]);
    QueueFailure {
        kind: kind.unwrap_or(seen.kind),
        at: outcome.at.as_microsecond(),
        host: outcome.host.clone(),
        text: words.collect::<Vec<_>>().join(" "),
        command: seen.command,
        session: seen.session,
    }
}

/// What a log line tells of an attempt besides its outcome.
struct Spoken<'a> {
    text: &'a str,
    relay: &'a str,
    session: Option<i64>,
    /// Seconds for connecting, and for delivering.
    took: [f64; 2],
    /// See [`Attempt::will_report`].
    will_report: bool,
}

/// What is to be written down of a delivery.
struct Ledger<'a> {
    context: &'a Arc<Context>,
    message: &'a QueuedMessage,
    updates: Vec<RecipientUpdate>,
    told: Vec<Told>,
    local: Vec<QueuedRecipient>,
    /// Addresses whose server says that there is none, with what it said.
    unknown: Vec<(String, String)>,
    now: Timestamp,
}

impl<'a> Ledger<'a> {
    fn new(context: &'a Arc<Context>, message: &'a QueuedMessage) -> Self {
        let now = Timestamp::now();
        let (updates, told, local, unknown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { context, message, updates, told, local, unknown, now }
    }

    fn change(&mut self, recipient: &QueuedRecipient, change: RecipientChange) {
        self.updates.push(RecipientUpdate { id: recipient.id.clone(), change });
    }

    fn done(&mut self, recipient: &QueuedRecipient) {
        self.change(recipient, RecipientChange::Done);
    }

    fn moved(&mut self, recipient: &QueuedRecipient, destination: String) {
        self.change(recipient, RecipientChange::Moved { destination, priority: recipient.priority });
    }

    fn local(&mut self, recipient: &QueuedRecipient) {
        self.local.push(recipient.clone());
    }

    fn refused(&mut self, recipient: &QueuedRecipient, refusal: Refusal) {
        let outcome = AttemptOutcome {
            at: self.now,
            code: Some(refusal.code),
            enhanced: Some(refusal.enhanced.to_string()),
            text: refusal.text.clone(),
            host: None,
            context: Seen { kind: QueueFailureKind::Refused, session: None, command: None }.to_json(),
        };
        let status = if refusal.is_permanent() { Status::Failed } else { Status::Deferred };
        let told =
            Spoken { text: &refusal.text, relay: "none", session: None, took: [0.0; 2], will_report: false };
        self.follow(recipient, status, &outcome, &told);
    }

    fn tried(&mut self, recipient: &QueuedRecipient, attempt: &Attempt) {
        let Attempt { said, relay, session, took, will_report } = attempt;
        if let Some(reply) = said.no_such_address() {
            self.unknown.push((recipient.address.clone(), reply));
        }
        let text = said.text();
        let (session, took, will_report) = (*session, *took, *will_report);
        let spoken = Spoken { text: &text, relay, session, took, will_report };
        self.follow(recipient, said.status(), &outcome(attempt), &spoken);
    }

    fn follow(
        &mut self,
        recipient: &QueuedRecipient,
        status: Status,
        outcome: &AttemptOutcome,
        spoken: &Spoken<'_>,
    ) {
        let Spoken { text, relay, session, took, will_report } = *spoken;
        let mut shown = match status {
            Status::Delivered => SentStatus::Sent,
            Status::Deferred => SentStatus::Deferred,
            Status::Failed => SentStatus::Bounced,
        };
        match status {
            Status::Delivered => {
                self.change(recipient, RecipientChange::Done);
                // RFC 3461 §5.2.2: whoever took it over with its parameters reports.
                if !will_report && recipient.notify.is_some_and(|notify| notify.success) {
                    self.told.push(Told::relayed(recipient, outcome));
                }
            }
            Status::Failed => self.told.push(Told::failed(recipient, outcome)),
            Status::Deferred => match self.next(recipient) {
                Next::Retry { at, warn } => {
                    let outcome = outcome.clone();
                    if warn {
                        self.told.push(Told::delayed(recipient, &outcome));
                    }
                    let priority = recipient.priority;
                    self.change(recipient, RecipientChange::Deferred { next_try: at, priority, outcome });
                }
                Next::GiveUp => {
                    shown = SentStatus::Bounced;
                    let reverse_path = self.message.envelope.reverse_path.clone();
                    self.context.trace.event_of(&recipient.id.queue_id, Event::Expired { reverse_path });
                    self.told.push(Told::failed(recipient, outcome));
                }
            },
        }
        let sent = Sent {
            recipient: recipient.address.clone(),
            original: recipient.original.clone(),
            relay: relay.to_owned(),
            delays: self.delays(recipient, took),
            status: shown,
            dsn: outcome.enhanced.clone().unwrap_or_default(),
            text: text.to_owned(),
        };
        self.context.trace.event_in(session, &recipient.id.queue_id, Event::Sent(Box::new(sent)));
    }

    fn next(&self, recipient: &QueuedRecipient) -> Next {
        let waiting = Waiting {
            arrived: hold_until(&self.message.envelope.parameters).unwrap_or(self.message.envelope.arrived),
            last_attempt: self.now,
            attempts: recipient.attempts.saturating_add(1),
            is_bounce: self.message.envelope.reverse_path.is_empty(),
            was_warned: recipient.is_warned,
        };
        times(&self.context.config.load()).after_failure(&waiting, self.now, fastrand::f64())
    }

    /// Seconds before this delivery, in it before a connection, connecting, delivering.
    fn delays(&self, recipient: &QueuedRecipient, took: [f64; 2]) -> [f64; 4] {
        let age = self.now.duration_since(self.message.envelope.arrived).as_secs_f64();
        let waited = self.now.duration_since(recipient.next_try.min(self.now)).as_secs_f64();
        [(age - waited).max(0.0), waited.max(0.0), took[0], took[1]]
    }

    /// What needs no report first; then the reports, each in one commit with the recipients it is about.
    async fn write(self, spool: &Spool) -> Result<(), postigo_store::Error> {
        let Self { context, message, updates, told, local, unknown, .. } = self;
        context.suppress(&message.envelope.queue_id, unknown).await;
        if !updates.is_empty() {
            spool.record(updates).await?;
        }
        for recipient in local {
            context.deliver_here(message, &recipient).await?;
        }
        if !told.is_empty() {
            context.report(message, told).await?;
        }
        Ok(())
    }
}
