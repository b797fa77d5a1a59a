//! MAIL and RCPT (RFC 5321 §3.3).

use super::{Answer, Envelope, EnvelopeRecipient, Note, Output, Question, Sender, Session, Stage, State};
use crate::address::Address;
use crate::command::Hold;
use crate::config::Service;
use crate::error::{BadAddress, BadCommand};
use crate::reply::Reply;

impl Session {
    pub(super) fn mail(&mut self, sender: Sender, out: &mut Vec<Output>) -> State {
        if self.counters.transactions >= self.config.limits.transactions {
            return self.close_with(Reply::TOO_MANY_TRANSACTIONS, out);
        }
        if let Some(refusal) = self.mail_refusal(&sender) {
            return self.refuse(Stage::Mail, refusal, None, out);
        }
        out.push(Output::Ask(Question::Sender(sender.clone())));
        State::AskedSender(sender)
    }

    fn mail_refusal(&self, sender: &Sender) -> Option<Reply> {
        let submission = self.config.service == Service::Submission;
        match self.facts.client_name {
            None => Some(Reply::NO_HELLO),
            _ if self.must_encrypt() => Some(Reply::MUST_STARTTLS),
            _ if submission && self.facts.user.is_none() => Some(Reply::AUTHENTICATION_REQUIRED),
            _ if sender.parameters.require_tls && self.facts.tls.is_none() => {
                Some(Reply::REQUIRETLS_NEEDS_TLS)
            }
            _ if sender.parameters.hold.is_some() && self.latest_release().is_none() => {
                Some(BadCommand::UnknownParameter.into())
            }
            _ if sender.parameters.hold.is_some_and(|hold| self.is_too_long(hold)) => {
                Some(Reply::HELD_TOO_LONG)
            }
            // RFC 1870 §6.1: better now than after the content has been sent.
            _ if sender.parameters.size.is_some_and(|octets| octets > self.config.size_octets) => {
                Some(Reply::too_big(self.config.size_octets))
            }
            _ => None,
        }
    }

    fn is_too_long(&self, hold: Hold) -> bool {
        match hold {
            Hold::For(seconds) => seconds > self.config.longest_hold,
            Hold::Until(time) => self.latest_release().is_none_or(|latest| time > latest),
        }
    }

    pub(super) fn sender_answer(&mut self, sender: Sender, answer: Answer, out: &mut Vec<Output>) -> State {
        let reply = match answer {
            Answer::Accept => {
                out.push(Output::Send(Reply::SENDER_OK));
                return State::Idle(Some(Envelope { sender, recipients: Vec::new() }));
            }
            Answer::Refuse(reply) => reply,
            Answer::Unavailable => Reply::TEMPORARY_FAILURE,
            _ => return self.close_with(Reply::INTERNAL, out),
        };
        let reverse_path = Some(sender.reverse_path);
        out.push(Output::Note(Note::Refused {
            stage: Stage::Mail,
            reply: reply.clone(),
            reverse_path,
            recipient: None,
        }));
        self.send_refusal(reply, None, out)
    }

    pub(super) fn rcpt(
        &mut self,
        envelope: Envelope,
        recipient: EnvelopeRecipient,
        out: &mut Vec<Output>,
    ) -> State {
        let is_ascii = recipient.recipient.address().is_none_or(Address::is_ascii);
        if !is_ascii && !envelope.sender.parameters.smtp_utf8 {
            let reply = BadCommand::Recipient(BadAddress::NonAscii).into();
            return self.refuse(Stage::Rcpt, reply, Some(envelope), out);
        }
        if envelope.recipients.len() >= self.config.limits.recipients {
            // Not a fault of the client: it sends the others in the next message (RFC 5321 §4.5.3.1.10).
            return self.refuse_recipient(envelope, recipient, Reply::TOO_MANY_RECIPIENTS, out);
        }
        out.push(Output::Ask(Question::Recipient(recipient.recipient.clone())));
        State::AskedRecipient(envelope, recipient)
    }

    pub(super) fn recipient_answer(
        &mut self,
        mut envelope: Envelope,
        recipient: EnvelopeRecipient,
        answer: Answer,
        out: &mut Vec<Output>,
    ) -> State {
        match answer {
            Answer::Accept => {
                envelope.recipients.push(recipient);
                out.push(Output::Send(Reply::RECIPIENT_OK));
                State::Idle(Some(envelope))
            }
            Answer::Refuse(reply) => {
                self.counters.refused_recipients += 1;
                if self.counters.refused_recipients >= self.config.limits.refused_recipients {
                    return self.close_with(Reply::TOO_MANY_REFUSED, out);
                }
                self.refuse_recipient(envelope, recipient, reply, out)
            }
            Answer::Unavailable => self.refuse_recipient(envelope, recipient, Reply::TEMPORARY_FAILURE, out),
            _ => self.close_with(Reply::INTERNAL, out),
        }
    }

    /// A refused recipient leaves the transaction as it is (RFC 5321 §3.3).
    fn refuse_recipient(
        &mut self,
        envelope: Envelope,
        recipient: EnvelopeRecipient,
        reply: Reply,
        out: &mut Vec<Output>,
    ) -> State {
        out.push(Output::Note(Note::Refused {
            stage: Stage::Rcpt,
            reply: reply.clone(),
            reverse_path: Some(envelope.sender.reverse_path.clone()),
            recipient: Some(recipient.recipient),
        }));
        self.send_refusal(reply, Some(envelope), out)
    }

    /// Sends a reply that an answer gave; it may be one that closes.
    pub(super) fn send_refusal(
        &self,
        reply: Reply,
        envelope: Option<Envelope>,
        out: &mut Vec<Output>,
    ) -> State {
        if reply.closes() {
            return self.close_with(reply, out);
        }
        out.push(Output::Send(reply));
        State::Idle(envelope)
    }
}
