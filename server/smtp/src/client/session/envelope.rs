//! MAIL, RCPT and DATA, pipelined or one by one (RFC 5321 §3.3, RFC 2920 §3.1).

use super::delivery::Delivery;
use super::{Session, State};
use crate::client::capabilities::Capabilities;
use crate::client::command::Command;
use crate::client::content::ContentForm;
use crate::client::io::Output;
use crate::client::limits::PIPELINE_OCTETS;
use crate::client::outcome::{Outcome, Stage};
use crate::reply::{EnhancedCode, Reply};
use std::collections::VecDeque;

/// The commands of one transaction, and the replies that are awaited.
#[derive(Debug)]
pub(super) struct EnvelopeDialogue {
    unsent: VecDeque<Step>,
    /// Commands without a reply, in order, each with its octets.
    unanswered: VecDeque<(Step, usize)>,
    mail: MailReply,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Mail,
    Rcpt(usize),
    Data,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MailReply {
    Awaited,
    Accepted,
    Refused,
}

impl EnvelopeDialogue {
    pub(super) fn new(recipients: &[usize], form: ContentForm, verifies: bool) -> Self {
        let mut unsent: VecDeque<Step> = VecDeque::with_capacity(recipients.len() + 2);
        unsent.push_back(Step::Mail);
        unsent.extend(recipients.iter().map(|&index| Step::Rcpt(index)));
        // BDAT is followed by the content at once, so that it has to wait for all replies.
        if !verifies && !matches!(form, ContentForm::Chunk { .. }) {
            unsent.push_back(Step::Data);
        }
        Self { unsent, unanswered: VecDeque::new(), mail: MailReply::Awaited }
    }

    /// The command whose reply is awaited.
    pub(super) fn stage(&self) -> Stage {
        match self.unanswered.front() {
            Some((Step::Mail, _)) | None => Stage::Mail,
            Some((Step::Rcpt(_), _)) => Stage::Rcpt,
            Some((Step::Data, _)) => Stage::Data,
        }
    }

    /// Sends what may be sent now.
    pub(super) fn send(&mut self, delivery: &Delivery, offered: &Capabilities, out: &mut Vec<Output>) {
        let mut in_flight: usize = self.unanswered.iter().map(|(_, octets)| octets).sum();
        while let Some(&step) = self.unsent.front() {
            let may_send = self.unanswered.is_empty() || offered.pipelining && in_flight < PIPELINE_OCTETS;
            // With all replies at hand, DATA needs a recipient.
            let is_vain = step == Step::Data && self.unanswered.is_empty() && delivery.accepted.is_empty();
            if !may_send || is_vain {
                break;
            }
            self.unsent.pop_front();
            let command = match step {
                Step::Mail => Command::mail(&delivery.transaction, delivery.needs, offered, delivery.octets),
                Step::Rcpt(index) => {
                    Command::rcpt(&delivery.transaction.recipients[index], delivery.needs, offered)
                }
                Step::Data => Command::content(delivery.form),
            };
            let octets = command.octets().len();
            in_flight += octets;
            self.unanswered.push_back((step, octets));
            out.push(Output::Send(command));
        }
    }
}

impl Session {
    pub(super) fn envelope_reply(
        &mut self,
        mut delivery: Box<Delivery>,
        mut dialogue: EnvelopeDialogue,
        reply: Reply,
        out: &mut Vec<Output>,
    ) -> State {
        let step = dialogue.unanswered.front().map(|&(step, _)| step);
        let fits = match step {
            Some(Step::Data) => matches!(reply.code() / 100, 4 | 5) || reply.code() == 354,
            _ => matches!(reply.code() / 100, 2 | 4 | 5),
        };
        if !fits {
            return self.unexpected(State::Envelope(delivery, dialogue), &reply, out);
        }
        dialogue.unanswered.pop_front();
        match step {
            Some(Step::Mail) | None => self.mail_reply(&mut delivery, &mut dialogue, reply, out),
            Some(Step::Rcpt(index)) => rcpt_reply(&mut delivery, &dialogue, index, reply, out),
            Some(Step::Data) => return self.data_reply(delivery, &dialogue, reply, out),
        }
        dialogue.send(&delivery, &self.facts.capabilities, out);
        if dialogue.unanswered.is_empty() {
            return self.envelope_end(delivery, &dialogue, out);
        }
        State::Envelope(delivery, dialogue)
    }

    fn mail_reply(
        &mut self,
        delivery: &mut Delivery,
        dialogue: &mut EnvelopeDialogue,
        reply: Reply,
        out: &mut Vec<Output>,
    ) {
        if reply.is_success() {
            self.transactions += 1;
            dialogue.mail = MailReply::Accepted;
            return;
        }
        // The replies to what was pipelined after it say nothing new.
        dialogue.mail = MailReply::Refused;
        dialogue.unsent.clear();
        delivery.settle_all(&Outcome::of_reply(Stage::Mail, reply), out);
    }

    /// All commands that were sent have their replies, and none of them was DATA.
    fn envelope_end(
        &mut self,
        delivery: Box<Delivery>,
        dialogue: &EnvelopeDialogue,
        out: &mut Vec<Output>,
    ) -> State {
        if let (ContentForm::Chunk { .. }, false) = (delivery.form, delivery.accepted.is_empty()) {
            out.push(Output::Send(Command::content(delivery.form)));
            out.push(Output::SendContent(delivery.form));
            return State::Content(delivery);
        }
        self.leave_transaction(delivery, dialogue, out)
    }

    /// Ends a transaction without content.
    fn leave_transaction(
        &mut self,
        delivery: Box<Delivery>,
        dialogue: &EnvelopeDialogue,
        out: &mut Vec<Output>,
    ) -> State {
        if dialogue.mail == MailReply::Refused {
            return self.next_round(delivery, out);
        }
        out.push(Output::Send(Command::new("RSET")));
        State::Resetting(delivery)
    }

    fn data_reply(
        &mut self,
        mut delivery: Box<Delivery>,
        dialogue: &EnvelopeDialogue,
        reply: Reply,
        out: &mut Vec<Output>,
    ) -> State {
        if reply.code() != 354 {
            // If there is no accepted recipient, that is what the server complains of.
            delivery.settle_accepted(&Outcome::of_reply(Stage::Data, reply), out);
            return self.leave_transaction(delivery, dialogue, out);
        }
        if delivery.accepted.is_empty() {
            // RFC 2920 §3.1: DATA was pipelined, and a server that takes it although it took no recipient wants an end.
            out.push(Output::Send(Command::new(".")));
            return State::EmptyContent(delivery);
        }
        out.push(Output::SendContent(delivery.form));
        State::Content(delivery)
    }
}

fn rcpt_reply(
    delivery: &mut Delivery,
    dialogue: &EnvelopeDialogue,
    index: usize,
    reply: Reply,
    out: &mut Vec<Output>,
) {
    if dialogue.mail == MailReply::Refused {
        return;
    }
    if reply.is_success() && delivery.verifies {
        delivery.settle(index, Outcome::of_reply(Stage::Rcpt, reply), out);
    } else if reply.is_success() {
        delivery.accepted.push(index);
    } else if is_too_many(&reply) && !delivery.accepted.is_empty() {
        // Each transaction delivers to some, so that this comes to an end.
        delivery.later.push_back(index);
    } else {
        delivery.settle(index, Outcome::of_reply(Stage::Rcpt, reply), out);
    }
}

/// Too many recipients: 452, in old servers 552 (RFC 5321 §4.5.3.1.10), both of which mean other things, too.
fn is_too_many(reply: &Reply) -> bool {
    let says_so = || reply.text().to_ascii_lowercase().contains("too many recipients");
    match (reply.code(), reply.enhanced()) {
        (450..=452 | 552, Some(EnhancedCode(_, 5, 3))) => true,
        (452, None) => true,
        (450..=452 | 552, _) => says_so(),
        _ => false,
    }
}
