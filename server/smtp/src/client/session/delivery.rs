//! A message on its way: which recipients are settled, and which are left for a further transaction.

use super::{Session, State, quit};
use crate::address::{Recipient, ReversePath};
use crate::client::command::{BodyKind, Needs};
use crate::client::content::{ContentForm, Unconvertible};
use crate::client::io::{Note, Output};
use crate::client::outcome::{Cause, Outcome, Stage};
use crate::client::session::envelope::EnvelopeDialogue;
use crate::client::transaction::Transaction;
use std::collections::{BTreeSet, VecDeque};

/// The message and what is left to do.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) transaction: Transaction,
    pub(super) needs: Needs,
    pub(super) form: ContentForm,
    /// The size that MAIL announces.
    pub(super) octets: u64,
    /// Recipients are only asked about: no content follows.
    pub(super) verifies: bool,
    /// Recipients without an outcome.
    open: BTreeSet<usize>,
    /// Those of them that are in no transaction yet.
    pub(super) later: VecDeque<usize>,
    /// Those that the server has accepted in this transaction.
    pub(super) accepted: Vec<usize>,
}

impl Delivery {
    /// Gives a recipient its outcome.
    pub(super) fn settle(&mut self, index: usize, outcome: Outcome, out: &mut Vec<Output>) {
        if self.open.remove(&index) {
            out.push(Output::Recipient { index, outcome });
        }
    }

    /// Gives all that have none their outcome.
    pub(super) fn settle_all(&mut self, outcome: &Outcome, out: &mut Vec<Output>) {
        for index in std::mem::take(&mut self.open) {
            out.push(Output::Recipient { index, outcome: outcome.clone() });
        }
        self.later.clear();
        self.accepted.clear();
    }

    /// Gives the accepted ones their outcome.
    pub(super) fn settle_accepted(&mut self, outcome: &Outcome, out: &mut Vec<Output>) {
        for index in std::mem::take(&mut self.accepted) {
            self.settle(index, outcome.clone(), out);
        }
    }
}

impl Session {
    /// Begins a message: first, whether this server can take it at all.
    pub(super) fn deliver(&mut self, transaction: Transaction, out: &mut Vec<Output>) -> State {
        self.begin(transaction, false, out)
    }

    /// Asks about recipients.
    pub(super) fn verify(&mut self, transaction: Transaction, out: &mut Vec<Output>) -> State {
        self.begin(transaction, true, out)
    }

    fn begin(&mut self, transaction: Transaction, verifies: bool, out: &mut Vec<Output>) -> State {
        let open: BTreeSet<usize> = (0..transaction.recipients.len()).collect();
        let later = open.iter().copied().collect();
        let facts = transaction.content;
        let mut delivery = Box::new(Delivery {
            transaction,
            needs: Needs { body: BodyKind::SevenBit, smtp_utf8: false },
            form: ContentForm::Lines,
            octets: facts.line_octets,
            verifies,
            open,
            later,
            accepted: Vec::new(),
        });
        if let Some(cause) = self.refusal(&delivery.transaction) {
            return self.refuse_all(delivery, cause, out);
        }
        delivery.needs.smtp_utf8 = self.settle_smtp_utf8(&mut delivery, out);
        if delivery.open.is_empty() {
            return self.next_round(delivery, out);
        }
        let offered = &self.facts.capabilities;
        match (facts.binary, facts.eight_bit) {
            (true, _) if offered.chunking && offered.binary_mime => {
                delivery.needs.body = BodyKind::Binary;
                delivery.form = ContentForm::Chunk { octets: facts.octets };
                delivery.octets = facts.octets;
            }
            // NUL and the like are no 8-bit text; encoded, they arrive unchanged.
            (true, _) => return plan(delivery, out),
            (false, true) if offered.eight_bit_mime => delivery.needs.body = BodyKind::EightBit,
            (false, true) => return plan(delivery, out),
            (false, false) => {}
        }
        self.check_size(delivery, out)
    }

    pub(super) fn planned(
        &mut self,
        mut delivery: Box<Delivery>,
        planned: Result<u64, Unconvertible>,
        out: &mut Vec<Output>,
    ) -> State {
        let facts = delivery.transaction.content;
        match planned {
            Ok(octets) => {
                delivery.form = ContentForm::ConvertedLines;
                delivery.octets = octets;
                self.check_size(delivery, out)
            }
            // Only NUL or a bare CR stands in the way, and the server takes 8 bits: DATA carries all but those.
            Err(_) if facts.binary && (self.facts.capabilities.eight_bit_mime || !facts.eight_bit) => {
                if facts.eight_bit {
                    delivery.needs.body = BodyKind::EightBit;
                }
                self.check_size(delivery, out)
            }
            Err(reason) => self.refuse_all(delivery, Cause::Unconvertible(reason), out),
        }
    }

    /// RFC 1870 §6.1: better now than after the content has been sent.
    fn check_size(&mut self, delivery: Box<Delivery>, out: &mut Vec<Output>) -> State {
        match self.facts.capabilities.size_limit {
            Some(limit) if delivery.octets > limit => self.refuse_all(delivery, Cause::TooLarge(limit), out),
            _ => self.next_round(delivery, out),
        }
    }

    /// What stands in the way of the whole message.
    fn refusal(&self, transaction: &Transaction) -> Option<Cause> {
        let offered = &self.facts.capabilities;
        // RFC 8689 §4.2.1.
        if transaction.require_tls && !(offered.require_tls && self.facts.tls.is_some()) {
            return Some(Cause::RequireTlsNotOffered);
        }
        let sender_is_unwritable = match &transaction.reverse_path {
            ReversePath::Null => false,
            ReversePath::Address(address) => address.to_ascii().is_none(),
        };
        let has_utf8 = transaction.smtp_utf8 && transaction.content.eight_bit_header;
        ((sender_is_unwritable || has_utf8) && !offered.smtp_utf8).then_some(Cause::SmtpUtf8NotOffered)
    }

    /// Whether the transaction is to use SMTPUTF8. Recipients that need it where it is not offered are settled (RFC 6531
    /// §3.5); a domain can be written in A-labels instead.
    fn settle_smtp_utf8(&self, delivery: &mut Delivery, out: &mut Vec<Output>) -> bool {
        let Transaction { reverse_path, recipients, content, smtp_utf8, .. } = &delivery.transaction;
        if self.facts.capabilities.smtp_utf8 {
            let is_ascii = |recipient: &Recipient| recipient.address().is_none_or(crate::Address::is_ascii);
            return *smtp_utf8 && content.eight_bit_header
                || !reverse_path.address().is_none_or(crate::Address::is_ascii)
                || !recipients.iter().all(|to| is_ascii(&to.recipient));
        }
        let is_unwritable =
            |recipient: &Recipient| recipient.address().is_some_and(|address| address.to_ascii().is_none());
        let unwritable: Vec<usize> =
            (0..recipients.len()).filter(|&index| is_unwritable(&recipients[index].recipient)).collect();
        for index in unwritable {
            delivery.later.retain(|&later| later != index);
            delivery.settle(index, Outcome::failed(Stage::Rcpt, Cause::SmtpUtf8NotOffered), out);
        }
        false
    }

    fn refuse_all(&mut self, mut delivery: Box<Delivery>, cause: Cause, out: &mut Vec<Output>) -> State {
        delivery.settle_all(&Outcome::failed(Stage::Mail, cause), out);
        self.next_round(delivery, out)
    }

    /// Begins a transaction with the recipients that are left, or ends the message if there are none.
    pub(super) fn next_round(&mut self, mut delivery: Box<Delivery>, out: &mut Vec<Output>) -> State {
        let offered = &self.facts.capabilities;
        let is_used_up = offered.mail_max.is_some_and(|max| self.transactions >= max);
        if is_used_up {
            delivery.settle_all(&Outcome::deferred(Stage::Mail, Cause::AnotherConnection), out);
        }
        if delivery.open.is_empty() {
            out.push(Output::Delivered);
            if is_used_up {
                return quit(out);
            }
            out.push(Output::Ready);
            return State::Ready;
        }
        let count = offered.rcpt_max.unwrap_or(usize::MAX).min(delivery.later.len());
        let round: Vec<usize> = delivery.later.drain(..count).collect();
        if !delivery.later.is_empty() {
            out.push(Output::Note(Note::RecipientsLeft(delivery.later.len())));
        }
        let mut dialogue = EnvelopeDialogue::new(&round, delivery.form, delivery.verifies);
        dialogue.send(&delivery, offered, out);
        State::Envelope(delivery, dialogue)
    }
}

fn plan(delivery: Box<Delivery>, out: &mut Vec<Output>) -> State {
    out.push(Output::PlanConversion);
    State::Planning(delivery)
}
