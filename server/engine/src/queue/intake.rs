//! The one way in: an accepted message, or a report of ours, goes to the mailboxes here and into the spool for elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use postigo_message::fields;
use postigo_queue::route::{Destination, Mail, Refusal};
use postigo_queue::schedule::priority;
use postigo_smtp::{Recipient, ReversePath, return_path};
use postigo_store::{
    AccountId, Delivered, Delivery, DeliveryRecipient, Incoming, Notify, SenderParameters, Settle,
    SpoolEntry, SpoolRecipient,
};
use postigo_trace::Event;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::flow::People;

/// The destination of recipients that lead nowhere while others of their message do not: they are reported.
pub(super) const NOWHERE: &str = "error";

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
}

impl Context {
    /// Takes a message in. It is in every mailbox and in the spool when this returns, or nowhere. None if nobody is left to
    /// whom it could go.
    pub async fn take_in(&self, arrival: Arrival) -> Result<Option<TakenIn>, postigo_store::Error> {
        let plan = self.plan(&arrival);
        if plan.local.is_empty() && plan.waiting.is_empty() {
            let nowhere = TakenIn { local: Vec::new(), waiting: 0 };
            return Ok(plan.discarded.then_some(nowhere));
        }
        let waiting = plan.waiting.len();
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
        Ok(Some(TakenIn { local: addresses.zip(delivered).collect(), waiting }))
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
        let expires = arrival.received_at + Duration::from_secs(u64::from(seconds));
        let mut plan = Plan::default();
        for given in &arrival.recipients {
            for destination in routes.resolve(&People(&self.store), &given.recipient, mail).destinations {
                plan.add(given, destination, &arrival.reverse_path, arrival.received_at, expires);
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
    fn add(
        &mut self,
        given: &ArrivalRecipient,
        destination: Destination,
        reverse_path: &ReversePath,
        now: Timestamp,
        expires: Timestamp,
    ) {
        let (address, key) = match destination {
            Destination::Mailbox { account, address, .. } => {
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
            next_try: now,
            expires,
            held: false,
        });
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
