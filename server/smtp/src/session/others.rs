//! ETRN (RFC 1985) and XCLIENT: what other servers and proxies ask of us.

use super::{Answer, Facts, Output, Question, Session, Stage, State};
use crate::command::{Claimed, Node, Xclient};
use crate::config::Service;
use crate::error::BadCommand;
use crate::reply::Reply;

impl Session {
    pub(super) fn etrn(&mut self, node: Node, out: &mut Vec<Output>) -> State {
        let refusal = match self.facts.client_name {
            None => Reply::NO_HELLO,
            _ if self.config.service != Service::Mta => BadCommand::Unknown.into(),
            _ if self.must_encrypt() => Reply::MUST_STARTTLS,
            _ => {
                self.counters.idle_commands += 1;
                if self.counters.idle_commands > self.config.limits.idle_commands {
                    return self.close_with(Reply::TOO_MANY_IDLE_COMMANDS, out);
                }
                out.push(Output::Ask(Question::Flush(node)));
                return State::AskedFlush;
            }
        };
        self.refuse(Stage::Command, refusal, None, out)
    }

    pub(super) fn flush_answer(&mut self, answer: Answer, out: &mut Vec<Output>) -> State {
        match answer {
            Answer::Accept => {
                out.push(Output::Send(Reply::QUEUE_STARTED));
                State::Idle(None)
            }
            Answer::Refuse(reply) => self.refuse(Stage::Command, reply, None, out),
            Answer::Unavailable => self.refuse(Stage::Command, Reply::ETRN_UNAVAILABLE, None, out),
            _ => self.close_with(Reply::INTERNAL, out),
        }
    }

    pub(super) fn xclient(&mut self, claims: Box<Xclient>, out: &mut Vec<Output>) -> State {
        if !self.may_xclient {
            return self.refuse(Stage::Command, Reply::XCLIENT_DENIED, None, out);
        }
        out.push(Output::Ask(Question::Xclient(claims.clone())));
        State::AskedXclient(claims)
    }

    /// As Postfix does: what the client had said before is forgotten, what the proxy says of it stands, and there is a new
    /// greeting. Whether passwords may be sent is a matter of the connection there is, and stays.
    pub(super) fn xclient_answer(&mut self, claims: Xclient, answer: Answer, out: &mut Vec<Output>) -> State {
        match answer {
            Answer::Accept => {
                self.facts = Facts {
                    tls: self.facts.tls.take(),
                    binding: self.facts.binding.take(),
                    client_name: claims.client_name.and_then(Claimed::known),
                    extended: claims.extended.and_then(Claimed::known).unwrap_or_default(),
                    user: claims.login.and_then(Claimed::known),
                };
                self.idle_command(Reply::greeting(&self.config.host), None, out)
            }
            Answer::Refuse(reply) => self.refuse(Stage::Command, reply, None, out),
            Answer::Unavailable => self.refuse(Stage::Command, Reply::TEMPORARY_FAILURE, None, out),
            _ => self.close_with(Reply::INTERNAL, out),
        }
    }
}
