//! The reply to the content, which decides about all accepted recipients.

use super::delivery::Delivery;
use super::{Session, State, close};
use crate::client::io::{End, Output};
use crate::client::outcome::{Cause, Outcome, Stage};
use crate::reply::Reply;

impl Session {
    pub(super) fn content_reply(
        &mut self,
        mut delivery: Box<Delivery>,
        reply: Reply,
        out: &mut Vec<Output>,
    ) -> State {
        if !matches!(reply.code() / 100, 2 | 4 | 5) {
            return self.unexpected(State::EndOfContent(delivery), &reply, out);
        }
        delivery.settle_accepted(&Outcome::of_reply(Stage::EndOfContent, reply), out);
        self.next_round(delivery, out)
    }

    /// A reply before the end of the content. A refusal counts; as only its end could tell the server where commands
    /// begin again, the connection is given up.
    pub(super) fn early_reply(
        &mut self,
        mut delivery: Box<Delivery>,
        reply: Reply,
        out: &mut Vec<Output>,
    ) -> State {
        if !matches!(reply.code() / 100, 4 | 5) {
            return self.unexpected(State::Content(delivery), &reply, out);
        }
        out.push(Output::StopContent);
        let outcome = Outcome::of_reply(Stage::Content, reply);
        delivery.settle_accepted(&outcome, out);
        delivery.settle_all(&Outcome::deferred(Stage::Mail, Cause::AnotherConnection), out);
        out.push(Output::Delivered);
        close(End::Failed(outcome), out)
    }
}
