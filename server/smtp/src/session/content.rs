//! DATA, its content, and the reply that makes the message ours (RFC 5321 §4.1.1.4, §6.1).

use super::{Answer, Envelope, Note, Output, Question, Session, Stage, State};
use crate::command::Body;
use crate::frame::{ContentDecoder, ContentEnd, ContentFault};
use crate::reply::Reply;

impl Session {
    pub(super) fn data(&mut self, envelope: Envelope, followed: bool, out: &mut Vec<Output>) -> State {
        if envelope.recipients.is_empty() {
            return self.refuse(Stage::Data, Reply::NO_RECIPIENTS, Some(envelope), out);
        }
        if is_binary(&envelope) {
            return self.refuse(Stage::Data, Reply::BINARY_NEEDS_BDAT, Some(envelope), out);
        }
        if self.config.asks_data {
            out.push(Output::Ask(Question::Data { followed }));
            return State::AskedData(envelope, None);
        }
        self.start_content(envelope, out)
    }

    /// What the driver says to content, or to the first chunk of it.
    pub(super) fn data_answer(
        &mut self,
        envelope: Envelope,
        chunk: Option<(u64, bool)>,
        answer: Answer,
        out: &mut Vec<Output>,
    ) -> State {
        let reply = match (answer, chunk) {
            (Answer::Accept, None) => return self.start_content(envelope, out),
            (Answer::Accept, Some((octets, last))) => return self.first_chunk(envelope, octets, last, out),
            (Answer::Refuse(reply), _) => reply,
            (Answer::Unavailable, _) => Reply::TEMPORARY_FAILURE,
            _ => return self.close_with(Reply::INTERNAL, out),
        };
        if let Some((octets, _)) = chunk {
            return self.skip_chunk(octets, reply, Some(envelope), out);
        }
        let reverse_path = Some(envelope.sender.reverse_path.clone());
        out.push(Output::Note(Note::Refused {
            stage: Stage::Data,
            reply: reply.clone(),
            reverse_path,
            recipient: None,
        }));
        self.send_refusal(reply, Some(envelope), out)
    }

    fn start_content(&mut self, envelope: Envelope, out: &mut Vec<Output>) -> State {
        let config = &self.config;
        let decoder =
            ContentDecoder::new(config.bare_newlines, config.size_octets, config.limits.text_line_octets);
        out.push(Output::Send(Reply::START_CONTENT));
        out.push(Output::ReadContent { decoder, envelope: Some(envelope) });
        State::ReadingContent
    }

    pub(super) fn content_end(&mut self, end: ContentEnd, out: &mut Vec<Output>) -> State {
        let (fault, in_step) = match end {
            ContentEnd::Complete { octets } => {
                out.push(Output::Ask(Question::Deliver { octets }));
                return State::AskedDelivery;
            }
            // A client that sends bare newlines may see the end of its message, and so its next commands, elsewhere than
            // we do: nothing more is heard from it.
            ContentEnd::Faulty(fault) => (fault, fault != ContentFault::BareNewline),
            ContentEnd::Endless(fault) => (fault, false),
            ContentEnd::Chunk => return self.close_with(Reply::INTERNAL, out),
        };
        let reply = Reply::bad_content(fault, self.config.size_octets);
        out.push(Output::DiscardContent);
        if !in_step {
            return self.close_with(reply, out);
        }
        self.refuse_content(reply, out)
    }

    pub(super) fn delivery_answer(&mut self, answer: Answer, out: &mut Vec<Output>) -> State {
        match answer {
            Answer::Delivered { queue_id } => {
                self.counters.transactions += 1;
                self.counters.bad_commands = 0;
                self.counters.idle_commands = 0;
                out.push(Output::Send(Reply::queued(&queue_id)));
                State::Idle(None)
            }
            Answer::Refuse(reply) => self.refuse_content(reply, out),
            Answer::Unavailable => self.refuse_content(Reply::TEMPORARY_FAILURE, out),
            _ => self.close_with(Reply::INTERNAL, out),
        }
    }

    /// The transaction is over, successful or not.
    pub(super) fn refuse_content(&mut self, reply: Reply, out: &mut Vec<Output>) -> State {
        let stage = Stage::EndOfContent;
        out.push(Output::Note(Note::Refused {
            stage,
            reply: reply.clone(),
            reverse_path: None,
            recipient: None,
        }));
        self.counters.transactions += 1;
        self.send_refusal(reply, None, out)
    }
}

/// Whether the client said that the content has no lines.
pub(super) fn is_binary(envelope: &Envelope) -> bool {
    envelope.sender.parameters.body == Some(Body::BinaryMime)
}
