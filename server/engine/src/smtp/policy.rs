//! Who may send to whom. The journey of a message begins here; nothing is stored for somebody who is refused.

mod lookups;
mod reason;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use postigo_api::Service;
use postigo_dns::Resolver;
use postigo_policy::{Answers, Decision, Destination, Effect, Facts, ListName, Restrictions};
use postigo_queue::route::{self, Mail, Routes, Step, Verdict};
use postigo_smtp::{Answer, Recipient, Reply, ReversePath, Sender};
use postigo_store::{Account, Store};
use postigo_trace::{Event, Refusal, SessionTrace, Stage};

use super::verifier::Verifier;
use crate::config::Config;
use crate::context::Context;
use crate::flow::People;
use crate::outgoing::Agent;
use crate::queue::reply;
use crate::rates::{Client, Deed};
pub(crate) use lookups::Told;
pub(crate) use reason::Reason;

/// What decides, as it is now.
pub(crate) struct Rules {
    pub store: Store,
    pub routes: Arc<Routes>,
    pub restrictions: Arc<Restrictions>,
    pub resolver: Resolver,
    pub verifier: Arc<Verifier>,
    /// Makes what asks next hops; few messages need it.
    pub agent: Box<dyn Fn() -> Agent + Send + Sync>,
}

/// About whom, and what.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub service: Service,
    pub client: IpAddr,
    pub user: Option<&'a Account>,
    /// What the client said in EHLO or HELO.
    pub hello: Option<&'a str>,
    pub reverse_path: &'a ReversePath,
    pub recipient: Option<&'a Recipient>,
    /// Whether the client sent more than it may before our answer.
    pub pipelined: bool,
}

/// What would happen to a recipient, and why.
pub(crate) struct Examined {
    /// None: it is taken.
    pub refusal: Option<Reply>,
    pub reasons: Vec<Reason>,
    /// Where it leads; none if the lists refused it.
    pub taken: Option<route::Decision>,
}

impl Rules {
    /// Judges by these lists. Finds out what they have to know.
    pub async fn judge(
        &self,
        lists: &[ListName],
        asked: &Asked<'_>,
        answers: &mut Answers,
        told: &mut Told,
    ) -> Decision {
        // Who hands in mail by the socket is judged by authorized_submit_users, and by no list: in Postfix, too, only smtpd has them.
        if asked.service == Service::Local {
            return Decision { refusal: None, steps: Vec::new() };
        }
        let user = asked.user.map(Account::address);
        let client = asked.client.to_canonical();
        let network = self.routes.trusts(client).map(ToString::to_string);
        let facts = Facts {
            client,
            network: network.as_deref(),
            user: user.as_deref(),
            hello: asked.hello,
            sender: Some(asked.reverse_path),
            recipient: asked.recipient,
            destination: asked.recipient.map_or(Destination::Ours, |to| destination(&self.routes, to)),
            delimiters: &self.routes.recipient_delimiter,
            pipelined: asked.pipelined,
        };
        loop {
            match self.restrictions.judge(lists, &facts, answers) {
                Ok(decision) => return decision,
                // Each question comes once, and the lists have an end.
                Err(question) => self.find(question, asked, answers, told).await,
            }
        }
    }

    /// Judges a recipient, and finds out where it leads.
    pub async fn examine(&self, asked: &Asked<'_>, answers: &mut Answers, told: &mut Told) -> Examined {
        let Some(recipient) = asked.recipient else {
            return Examined { refusal: None, reasons: Vec::new(), taken: None };
        };
        answers.next_recipient();
        let decision = self.judge(at_recipient(asked.service), asked, answers, told).await;
        let mut reasons = reason::of_lists(self, asked, &decision);
        if let Some(refusal) = decision.refusal {
            return Examined { refusal: Some(refusal), reasons, taken: None };
        }
        let mail = Mail { reverse_path: asked.reverse_path, delivered_to: &[], now: Timestamp::now() };
        let taken = self.routes.take(&People(&self.store), recipient, mail);
        // A list that was left before it came to the next hop did not ask it.
        let was_asked = answers.verification.is_some();
        let steps = taken.steps.iter().filter(|step| was_asked || !matches!(step, Step::CallAhead { .. }));
        reasons.extend(steps.cloned().map(Reason::Route));
        let refusal = match &taken.verdict {
            Verdict::Refuse(refusal) => Some(reply(refusal)),
            // The list that asks the next hop has been judged.
            Verdict::Accept | Verdict::CallAhead { .. } => None,
        };
        Examined { refusal, reasons, taken: Some(taken) }
    }
}

const fn at_recipient(service: Service) -> &'static [ListName] {
    match service {
        Service::Submission | Service::Submissions => &ListName::AT_SUBMITTED_RECIPIENT,
        _ => &ListName::AT_RECIPIENT,
    }
}

fn destination(routes: &Routes, recipient: &Recipient) -> Destination {
    match routes.relays(recipient) {
        None => Destination::Ours,
        Some(Step::RoutedAddress { .. }) => Destination::Routed,
        Some(_) => Destination::Foreign,
    }
}

/// The client of a session, as the gate needs it.
pub(super) struct Peer<'a> {
    pub context: &'a Arc<Context>,
    pub config: &'a Config,
    pub trace: &'a SessionTrace,
    pub service: Service,
    pub address: IpAddr,
    /// As whom limits count it.
    pub counted: Client,
    pub user: Option<&'a Account>,
    pub hello: Option<&'a str>,
}

/// What one session has been judged by so far.
#[derive(Default)]
pub(super) struct Gate {
    answers: Answers,
    /// Of the last MAIL; recipients are judged by it.
    reverse_path: Option<ReversePath>,
}

impl Gate {
    /// MAIL. An authenticated client sends as itself; what the lists say of other senders is asked at RCPT.
    pub fn sender(&mut self, peer: &Peer<'_>, sender: Sender) -> Answer {
        if self.exceeds(peer, Deed::Message) {
            return Answer::Refuse(Reply::too_much_mail_from(peer.trace.client()));
        }
        self.answers.next_message();
        let answer = owned(peer, &sender.reverse_path);
        self.reverse_path = Some(sender.reverse_path);
        answer
    }

    /// RCPT. Our people get mail from anybody; others from those who may send there.
    pub async fn recipient(&mut self, peer: &Peer<'_>, recipient: &Recipient) -> Answer {
        if self.exceeds(peer, Deed::Recipient) {
            return Answer::Refuse(Reply::too_many_recipients_from(peer.trace.client()));
        }
        let reverse_path = self.reverse_path.take().unwrap_or(ReversePath::Null);
        let asked = Asked { recipient: Some(recipient), ..asked(peer, &reverse_path) };
        let mut told = Told::default();
        let examined = peer.context.rules().examine(&asked, &mut self.answers, &mut told).await;
        told.write(peer.trace);
        for reason in &examined.reasons {
            if let Reason::List(step) = reason {
                write_step(peer, step, &asked);
            }
        }
        self.reverse_path = Some(reverse_path);
        examined.refusal.map_or(Answer::Accept, Answer::Refuse)
    }

    /// AUTH: whether this is one too many.
    pub fn login_refused(&self, peer: &Peer<'_>) -> bool {
        self.exceeds(peer, Deed::Login)
    }

    /// Lists that have no recipient to judge: before and after the content, and at ETRN.
    pub async fn judge(&mut self, peer: &Peer<'_>, lists: &[ListName], pipelined: bool) -> Option<Reply> {
        let restrictions = peer.context.restrictions.load_full();
        if lists.iter().all(|list| restrictions.entries(*list).is_empty()) {
            return None;
        }
        let rules = peer.context.rules();
        let reverse_path = self.reverse_path.take().unwrap_or(ReversePath::Null);
        let asked = Asked { pipelined, ..asked(peer, &reverse_path) };
        let mut told = Told::default();
        let decision = rules.judge(lists, &asked, &mut self.answers, &mut told).await;
        told.write(peer.trace);
        for step in &decision.steps {
            write_step(peer, step, &asked);
        }
        self.reverse_path = Some(reverse_path);
        decision.refusal
    }

    #[expect(clippy::unused_self, reason = "the counters are those of all sessions; the gate asks them")]
    fn exceeds(&self, peer: &Peer<'_>, deed: Deed) -> bool {
        peer.context.rates.exceeded(peer.config, peer.counted, deed, Instant::now())
    }
}

fn asked<'a>(peer: &Peer<'a>, reverse_path: &'a ReversePath) -> Asked<'a> {
    Asked {
        service: peer.service,
        client: peer.address,
        user: peer.user,
        hello: peer.hello,
        reverse_path,
        recipient: None,
        pipelined: false,
    }
}

/// An authenticated client sends as itself (RFC 6409 §6.1); from others any sender is taken, unless a list says otherwise.
fn owned(peer: &Peer<'_>, reverse_path: &ReversePath) -> Answer {
    let Some(user) = peer.user else { return Answer::Accept };
    let Some(address) = reverse_path.address() else {
        return Answer::Refuse(Reply::NULL_SENDER_NOT_OWNED);
    };
    let routes = peer.context.routes.load();
    match lookups::sender_owner(&peer.context.store, &routes, address, Some(user)) {
        postigo_policy::SenderOwner::Client => Answer::Accept,
        _ => Answer::Refuse(Reply::sender_not_owned(address, &user.address())),
    }
}

/// Tells the transcript what a list found; yeses are usual, and left out. A warning also goes to the log.
fn write_step(peer: &Peer<'_>, step: &postigo_policy::Step, asked: &Asked<'_>) {
    let (verb, said) = match &step.effect {
        Effect::Permits => return,
        Effect::Refuses(reply) => ("refuses", Some(reply)),
        Effect::Warns(reply) => ("would refuse", Some(reply)),
        Effect::Defers(reply) => ("refuses for now, unless another one refuses", Some(reply)),
        Effect::Softens => ("could not be asked: refusals are for now", None),
    };
    let said = said.map_or_else(String::new, |reply| format!(": {reply}"));
    peer.trace.found(Some(step.list.setting()), &format!("{} {verb}{said}", step.entry));
    if let Effect::Warns(reply) = &step.effect {
        let refusal = Refusal {
            stage: Stage::Rcpt,
            client: peer.trace.client().to_owned(),
            reply: reply.to_string(),
            reverse_path: Some(asked.reverse_path.to_string()),
            recipient: asked.recipient.map(ToString::to_string),
            protocol: "ESMTP".to_owned(),
            client_name: peer.hello.map(str::to_owned),
        };
        peer.trace.event(None, Event::Warned(refusal));
    }
}
