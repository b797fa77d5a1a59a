//! The one way in: an accepted message, or a report of ours, goes to the mailboxes here and into the spool for elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use postigo_message::fields;
use postigo_queue::report::{Action, Reported};
use postigo_queue::route::{Destination, Mail, Refusal};
use postigo_queue::schedule::priority;
use postigo_smtp::{Address, Recipient, ReversePath, dsn, return_path};
use postigo_store::{
    AccountId, Delivered, Delivery, DeliveryRecipient, Incoming, Notify, Ret, SenderParameters, Settle,
    SpoolEntry, SpoolRecipient,
};
use postigo_trace::{Event, ReportKind};
use serde::{Deserialize, Serialize};

use super::success::{Successes, success};
use crate::context::Context;
use crate::flow::People;

/// The destination of recipients that lead nowhere while others of their message do not: they are reported.
pub(crate) const NOWHERE: &str = "error";

/// The destination of recipients with a mailbox here whose message is to be delivered later (RFC 4865).
pub(crate) const LOCAL: &str = "local";

/// A message on its way in.
pub(crate) struct Arrival {
    pub queue_id: String,
    pub reverse_path: ReversePath,
    pub recipients: Vec<ArrivalRecipient>,
    pub parameters: SenderParameters,
    /// Complete, with its CRLF.
    pub received_field: Vec<u8>,
    pub incoming: Incoming,
    pub received_at: Timestamp,
    /// Recipients of messages in the spool that this one is about.
    pub settles: Vec<Settle>,
}

/// One of its recipients, with what RCPT asked for.
#[derive(Debug, Clone)]
pub(crate) struct ArrivalRecipient {
    pub recipient: Recipient,
    pub notify: Option<Notify>,
    pub orcpt: Option<String>,
}

impl From<Recipient> for ArrivalRecipient {
    fn from(recipient: Recipient) -> Self {
        Self { recipient, notify: None, orcpt: None }
    }
}

/// A message that is on disk.
pub(crate) struct TakenIn {
    /// The copies in mailboxes here, with the addresses they were for.
    pub local: Vec<(String, Delivered)>,
    /// How many recipients wait in the spool.
    pub waiting: usize,
    /// The report on those that are delivered already, if the sender asked for one.
    pub report: Option<String>,
}

/// What the spool keeps for us beside its own: for each recipient what differs from the message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notes {
    /// By the recipient's number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub forwarded: BTreeMap<u32, Forwarded>,
    /// Recipients of the message, here and elsewhere.
    pub recipients: u32,
}

/// A recipient to whom somebody here sends the message on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Forwarded {
    /// The reverse-path it leaves with.
    pub reverse_path: String,
    /// Who sends it on: a Delivered-To field each.
    pub by: Vec<String>,
}

/// Where the recipients of a message lead, each place once.
#[derive(Default)]
struct Plan {
    local: Vec<(AccountId, String)>,
    waiting: Vec<SpoolRecipient>,
    notes: Notes,
    discarded: bool,
    /// Of whom the sender wants to be told at once.
    told: Vec<Reported>,
    /// Nothing is delivered before [`Self::begins`], which is in the future.
    is_held: bool,
    begins: Timestamp,
    expires: Timestamp,
}

impl Context {
    /// Takes a message in. It is in every mailbox and in the spool when this returns, or nowhere. None if nobody is left to
    /// whom it could go.
    pub async fn take_in(&self, arrival: Arrival) -> Result<Option<TakenIn>, postigo_store::Error> {
        let plan = self.plan(&arrival);
        if plan.local.is_empty() && plan.waiting.is_empty() {
            let nowhere = TakenIn { local: Vec::new(), waiting: 0, report: None };
            return Ok(plan.discarded.then_some(nowhere));
        }
        let waiting = plan.waiting.len();
        let told = Successes::of(&arrival, plan.told);
        let spool = (waiting > 0).then(|| SpoolEntry {
            reverse_path: arrival.reverse_path.to_string(),
            parameters: arrival.parameters,
            context: serde_json::to_string(&plan.notes).unwrap_or_default(),
            recipients: plan.waiting,
        });
        let recipients = plan.local.iter().map(|(account, address)| DeliveryRecipient {
            account: *account,
            delivered_to_field: delivered_to(address).into_bytes(),
        });
        let delivered = self
            .store
            .deliver(Delivery {
                queue_id: arrival.queue_id,
                recipients: recipients.collect(),
                spool,
                settles: arrival.settles,
                return_path_field: return_path(&arrival.reverse_path).into_bytes(),
                received_field: arrival.received_field,
                incoming: arrival.incoming,
                received_at: arrival.received_at,
            })
            .await?;
        let addresses = plan.local.into_iter().map(|(_, address)| address);
        let report = match told {
            Some(told) => Box::pin(self.report_success(told)).await,
            None => None,
        };
        Ok(Some(TakenIn { local: addresses.zip(delivered).collect(), waiting, report }))
    }

    /// Tells of the copies in mailboxes here, and that the message is gone when none waits. `delays` as Postfix has them.
    pub fn tell_local(&self, queue_id: &str, taken: TakenIn, delays: [f64; 4], session: Option<i64>) {
        for (recipient, delivered) in taken.local {
            let path = delivered.path.strip_prefix(self.store.data()).unwrap_or(&delivered.path);
            let delivery = postigo_trace::Delivery {
                recipient,
                delays,
                failure: None,
                mailbox: "INBOX".to_owned(),
                uid: delivered.uid.get(),
                path: path.display().to_string(),
            };
            self.trace.event_in(session, queue_id, Event::Delivered(Box::new(delivery)));
        }
        if let Some(report) = taken.report {
            self.trace.event_in(session, queue_id, Event::Reported { kind: ReportKind::Success, report });
        }
        if taken.waiting == 0 {
            self.trace.event_in(session, queue_id, Event::Removed);
        }
    }

    fn plan(&self, arrival: &Arrival) -> Plan {
        let routes = self.routes.load();
        let delivered_to = delivered_to_of(arrival.incoming.head());
        let mail = Mail {
            reverse_path: &arrival.reverse_path,
            delivered_to: &delivered_to,
            now: arrival.received_at,
        };
        let is_report = arrival.reverse_path.address().is_none();
        let queue = &self.config.load().queue;
        let seconds = if is_report { queue.bounce_lifetime_seconds } else { queue.lifetime_seconds };
        let hold_until = hold_until(&arrival.parameters).filter(|until| *until > arrival.received_at);
        let begins = hold_until.unwrap_or(arrival.received_at);
        let expires = begins.checked_add(Duration::from_secs(u64::from(seconds))).unwrap_or(Timestamp::MAX);
        let mut plan = Plan { is_held: hold_until.is_some(), begins, expires, ..Plan::default() };
        for given in &arrival.recipients {
            let found = routes.resolve(&People(&self.store), &given.recipient, mail).destinations;
            let given = plan.split(given, found.len(), routes.main_domain());
            for destination in found {
                plan.add(&given, destination, &arrival.reverse_path);
            }
        }
        let all = plan.local.len() + plan.waiting.len();
        plan.notes.recipients = u32::try_from(all).unwrap_or(u32::MAX);
        let priority = priority(plan.notes.recipients);
        plan.waiting.iter_mut().for_each(|recipient| recipient.priority = priority);
        plan
    }
}

impl Plan {
    /// A recipient that is several, as the members of an alias: the sender is told that it was sent on, and nothing of
    /// their success, because it does not know them (RFC 3461 §5.2.7.3).
    fn split(&mut self, given: &ArrivalRecipient, places: usize, main_domain: &str) -> ArrivalRecipient {
        let mut split = given.clone();
        if places > 1
            && let Some(notify) = split.notify.as_mut().filter(|notify| notify.success)
        {
            notify.success = false;
            let postmaster = format!("postmaster@{main_domain}");
            let address = match &given.recipient {
                Recipient::Address(address) => Some(address.clone()),
                Recipient::Postmaster => Address::parse_utf8(postmaster.as_bytes()).ok(),
            };
            self.told.extend(address.map(|address| success(given, address, Action::Expanded)));
        }
        split
    }

    fn add(&mut self, given: &ArrivalRecipient, destination: Destination, reverse_path: &ReversePath) {
        let (address, key) = match destination {
            Destination::Mailbox { address, .. } if self.is_held => (address.to_string(), LOCAL.to_owned()),
            Destination::Mailbox { account, address, .. } => {
                if given.notify.is_some_and(|notify| notify.success) {
                    self.told.push(success(given, address.clone(), Action::Delivered));
                }
                let account = AccountId::new(account.0);
                if self.local.iter().all(|(known, _)| *known != account) {
                    self.local.push((account, address.to_string()));
                }
                return;
            }
            Destination::Discard { .. } => {
                self.discarded = true;
                return;
            }
            Destination::Error { recipient, .. } => (recipient.to_string(), NOWHERE.to_owned()),
            Destination::Remote { recipient, reverse_path: leaves_as, next_hop, forwarded_by } => {
                if leaves_as != *reverse_path || !forwarded_by.is_empty() {
                    let number = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
                    let by = forwarded_by.iter().map(ToString::to_string).collect();
                    let forwarded = Forwarded { reverse_path: leaves_as.to_string(), by };
                    self.notes.forwarded.insert(number, forwarded);
                }
                (recipient.to_string(), next_hop.key())
            }
        };
        let original = given.recipient.to_string();
        self.waiting.push(SpoolRecipient {
            original: (original != address).then_some(original),
            address,
            notify: given.notify,
            orcpt: given.orcpt.clone(),
            destination: key,
            priority: 0,
            next_try: self.begins,
            expires: self.expires,
            held: false,
        });
    }
}

/// Until when the sender holds a message back (RFC 4865).
pub(crate) fn hold_until(parameters: &SenderParameters) -> Option<Timestamp> {
    Timestamp::from_microsecond(parameters.hold_until?).ok()
}

/// NOTIFY as the protocol has it.
pub(super) const fn notify(notify: Notify) -> dsn::Notify {
    dsn::Notify { success: notify.success, failure: notify.failure, delay: notify.delay }
}

/// RET as the protocol has it.
pub(super) const fn returned(ret: Ret) -> dsn::Returned {
    match ret {
        Ret::Full => dsn::Returned::Full,
        Ret::Headers => dsn::Returned::Headers,
    }
}

/// The addresses of the Delivered-To fields of a header.
fn delivered_to_of(head: &[u8]) -> Vec<String> {
    fields(head).filter(|field| field.is(b"Delivered-To")).map(|field| field.unfolded()).collect()
}

/// `Delivered-To: address` CRLF.
pub(super) fn delivered_to(address: &str) -> String {
    format!("Delivered-To: {address}\r\n")
}

/// A refusal of routing as the reply to RCPT.
pub(crate) fn reply(refusal: &Refusal) -> postigo_smtp::Reply {
    postigo_smtp::Reply::of_routing(refusal.code, refusal.enhanced, &refusal.text)
}
