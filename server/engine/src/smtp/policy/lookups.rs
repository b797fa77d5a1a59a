//! Finds out what a list has to know.

use std::net::IpAddr;

use jiff::Timestamp;
use postigo_dns::{Answer, Data, Kind, Lookup, MailHosts, Name, Question as NameQuestion, Reverse};
use postigo_policy::{
    Answered, Answers, ClientName, Listing, MailDomain, Question, SenderOwner, Verification,
};
use postigo_queue::route::{Destination, Mail, Routes, Verdict};
use postigo_smtp::{Address, Recipient, ReversePath};
use postigo_store::{Account, Store};
use postigo_trace::{Event, SessionTrace};

use super::{Asked, Rules};
use crate::flow::People;
use crate::outgoing::recorded;
use crate::queue::reply;

/// Octets of a list's reason that are passed on.
const REASON: usize = 300;

/// What was asked of others while judging, for the transcript and the trace.
#[derive(Default)]
pub(crate) struct Told {
    lookups: Vec<Lookup>,
    /// About next hops that were asked.
    verified: Vec<String>,
}

impl Told {
    /// Writes it down, in its order.
    pub fn write(self, trace: &SessionTrace) {
        for lookup in &self.lookups {
            trace.found(None, &in_words(lookup));
            trace.event(None, Event::Lookup(Box::new(recorded(lookup))));
        }
        for text in &self.verified {
            trace.found(Some("reject_unverified_recipient"), text);
        }
    }
}

/// `DNS 7.2.0.192.zen.test A: 127.0.0.2 (127.0.0.1:53, 3 ms)`
fn in_words(lookup: &Lookup) -> String {
    let records: Vec<_> = lookup.outcome.records().iter().take(5).map(|r| r.data.to_string()).collect();
    let found = if records.is_empty() { lookup.outcome.to_string() } else { records.join(", ") };
    let from = match &lookup.server {
        _ if lookup.from_cache => "known".to_owned(),
        Some(server) => format!("{server}, {} ms", lookup.took.as_millis()),
        None => format!("{} ms", lookup.took.as_millis()),
    };
    format!("DNS {} {}: {found} ({from})", lookup.question.name, lookup.question.kind)
}

impl Rules {
    /// Finds the answer to one question, and puts it where the lists look for it.
    pub(super) async fn find(
        &self,
        question: Question,
        asked: &Asked<'_>,
        answers: &mut Answers,
        told: &mut Told,
    ) {
        match question {
            Question::ClientName => {
                answers.client_name = Some(self.client_name(asked.client, told).await);
            }
            Question::MailDomain(domain) => {
                let found = self.mail_domain(&domain, told).await;
                answers.mail_domains.insert(domain, found);
            }
            Question::Listed(name) => {
                let found = self.listing(&name, told).await;
                answers.listings.insert(name, found);
            }
            Question::RecipientListed => {
                let verdict = asked.recipient.map(|recipient| self.taken(recipient, asked.reverse_path));
                let refusal = match verdict {
                    Some(Verdict::Refuse(refusal)) => Some(reply(&refusal)),
                    _ => None,
                };
                answers.recipient = Some(refusal);
            }
            Question::SenderListed => {
                let unknown = asked.reverse_path.address().is_some_and(|address| {
                    let recipient = Recipient::Address(address.clone());
                    self.routes.relays(&recipient).is_none()
                        && matches!(self.taken(&recipient, &ReversePath::Null), Verdict::Refuse(_))
                });
                answers.sender_listed = Some(!unknown);
            }
            Question::SenderOwner => {
                let address = asked.reverse_path.address();
                let owner = address.map_or(SenderOwner::Nobody, |address| {
                    sender_owner(&self.store, &self.routes, address, asked.user)
                });
                answers.sender_owner = Some(owner);
            }
            Question::Verify => answers.verification = Some(self.verify(asked, told).await),
        }
    }

    fn taken(&self, recipient: &Recipient, reverse_path: &ReversePath) -> Verdict {
        let mail = Mail { reverse_path, delivered_to: &[], now: Timestamp::now() };
        self.routes.take(&People(&self.store), recipient, mail).verdict
    }

    async fn client_name(&self, client: IpAddr, told: &mut Told) -> ClientName {
        let traced = self.resolver.reverse(client).await;
        told.lookups.extend(traced.lookups);
        match traced.value {
            Reverse::Confirmed(name) => ClientName::Confirmed(name.to_string()),
            Reverse::Unconfirmed(_) => ClientName::Unconfirmed,
            Reverse::Nameless => ClientName::Nameless,
            Reverse::Failed(names) => ClientName::Failed { claimed: !names.is_empty() },
        }
    }

    /// An MX, or without one an address (RFC 5321 §5.1).
    async fn mail_domain(&self, domain: &str, told: &mut Told) -> MailDomain {
        let Ok(name) = Name::parse(domain) else { return MailDomain::Missing };
        let hosts = self.resolver.mail_hosts(&name).await;
        told.lookups.extend(hosts.lookups);
        match hosts.value {
            MailHosts::Hosts(_) => return MailDomain::Exists,
            MailHosts::Null => return MailDomain::TakesNone,
            MailHosts::NoDomain => return MailDomain::Missing,
            MailHosts::Failed => return MailDomain::Failed,
            MailHosts::Implicit => {}
        }
        let addresses = self.resolver.addresses(&name).await;
        told.lookups.extend(addresses.lookups);
        match addresses.value {
            Answer::Found(_) => MailDomain::Exists,
            Answer::Failed => MailDomain::Failed,
            Answer::NoData | Answer::NoDomain => MailDomain::Missing,
        }
    }

    /// The reason is asked for only when there is something to explain (RFC 5782 §2.1).
    async fn listing(&self, name: &str, told: &mut Told) -> Answered<Listing> {
        let Ok(name) = Name::parse(name) else { return Answered::Known(Listing::default()) };
        let lookup = self.resolver.lookup(NameQuestion::new(name.clone(), Kind::A)).await;
        let addresses: Vec<_> = lookup
            .outcome
            .records()
            .iter()
            .filter_map(|record| match record.data {
                Data::A(address) => Some(address),
                _ => None,
            })
            .collect();
        let failed = lookup.outcome.is_failure();
        told.lookups.push(lookup);
        if failed {
            return Answered::Failed;
        }
        let mut reason = String::new();
        if !addresses.is_empty() {
            let text = self.resolver.text(&name).await;
            let first = text.value.found().and_then(|texts| texts.first());
            reason = first
                .map(|text| String::from_utf8_lossy(text).chars().take(REASON).collect())
                .unwrap_or_default();
            told.lookups.extend(text.lookups);
        }
        Answered::Known(Listing { addresses, reason })
    }

    /// Only the next hop of a relay domain is asked; whether our own recipients exist, we know.
    async fn verify(&self, asked: &Asked<'_>, told: &mut Told) -> Verification {
        let Some(recipient) = asked.recipient else { return Verification::Deliverable };
        match self.taken(recipient, asked.reverse_path) {
            Verdict::Accept => Verification::Deliverable,
            Verdict::Refuse(refusal) => Verification::Undeliverable(refusal.to_string()),
            Verdict::CallAhead { next_hop, recipient } => {
                let answer = self.verifier.verify(&*self.agent, next_hop, recipient).await;
                told.verified.push(answer.in_words());
                answer.verification
            }
        }
    }
}

/// Whose address a sender is: an account's, or an alias that leads to it.
pub(super) fn sender_owner(
    store: &Store,
    routes: &Routes,
    address: &Address,
    user: Option<&Account>,
) -> SenderOwner {
    let mail = Mail { reverse_path: &ReversePath::Null, delivered_to: &[], now: Timestamp::now() };
    let recipient = Recipient::Address(address.clone());
    let owners = routes.resolve(&People(store), &recipient, mail).destinations;
    let mut accounts = owners.iter().filter_map(|owner| match owner {
        Destination::Mailbox { account, .. } => Some(account.0),
        _ => None,
    });
    match user {
        Some(user) if accounts.clone().any(|account| account == user.id.get()) => SenderOwner::Client,
        _ if accounts.next().is_some() => SenderOwner::Other,
        _ => SenderOwner::Nobody,
    }
}
