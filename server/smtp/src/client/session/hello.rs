//! The greeting, EHLO, HELO and STARTTLS.

use super::{Facts, Session, State, close};
use crate::client::capabilities::Capabilities;
use crate::client::command::Command;
use crate::client::config::TlsUse;
use crate::client::io::{End, Note, Output};
use crate::client::outcome::{Cause, Outcome, Stage};
use crate::client::reply_reader::ReplyFault;
use crate::config::Established;
use crate::reply::Reply;

impl Session {
    pub(super) fn greeted(&mut self, reply: Reply, out: &mut Vec<Output>) -> State {
        if self.config.tls == TlsUse::Implicit && self.facts.tls.is_none() {
            // A driver that forgot the handshake: rather no mail than mail in clear.
            return self.give_up(Outcome::deferred(Stage::Greeting, Cause::TlsNotOffered), out);
        }
        match reply.code() / 100 {
            2 => self.say_hello(out),
            // RFC 5321 §3.1: a 554 greeting still wants to hear QUIT.
            // As Postfix with smtp_skip_5xx_greeting: a host that greets with 5yz says nothing of a recipient. It may have a bad
            // day, and another one of the domain take the mail.
            4 | 5 => self.give_up(Outcome::deferred(Stage::Greeting, Cause::Reply(reply)), out),
            _ => self.unexpected(State::Greeting, &reply, out),
        }
    }

    fn say_hello(&self, out: &mut Vec<Output>) -> State {
        out.push(Output::Send(Command::new(&format!("EHLO {}", self.config.client_name))));
        State::Hello { extended: true }
    }

    pub(super) fn hello_reply(&mut self, extended: bool, reply: Reply, out: &mut Vec<Output>) -> State {
        match reply.code() / 100 {
            2 => {
                self.facts.capabilities =
                    if extended { Capabilities::parse(&reply) } else { Capabilities::default() };
                self.after_hello(out)
            }
            // RFC 5321 §3.2: an old server that does not know EHLO. Where TLS is due or a log-in, HELO leads nowhere.
            5 if extended && !self.needs_extensions() => {
                out.push(Output::Note(Note::HeloFallback(reply)));
                out.push(Output::Send(Command::new(&format!("HELO {}", self.config.client_name))));
                State::Hello { extended: false }
            }
            4 | 5 => self.give_up(Outcome::of_reply(Stage::Hello, reply), out),
            _ => self.unexpected(State::Hello { extended }, &reply, out),
        }
    }

    fn needs_extensions(&self) -> bool {
        self.config.tls == TlsUse::Required && self.facts.tls.is_none() || self.config.credentials.is_some()
    }

    fn after_hello(&mut self, out: &mut Vec<Output>) -> State {
        let offered = self.facts.capabilities.start_tls;
        if self.facts.tls.is_none() && !self.facts.goes_in_clear {
            match self.config.tls {
                TlsUse::IfOffered | TlsUse::Required if offered => {
                    out.push(Output::Send(Command::new("STARTTLS")));
                    return State::StartTls;
                }
                TlsUse::Required => {
                    return self.give_up(Outcome::deferred(Stage::StartTls, Cause::TlsNotOffered), out);
                }
                TlsUse::Never | TlsUse::IfOffered | TlsUse::Implicit => {}
            }
        }
        self.authenticate(out)
    }

    pub(super) fn start_tls_reply(&mut self, reply: Reply, followed: bool, out: &mut Vec<Output>) -> State {
        match reply.code() {
            220 if followed => {
                self.break_off(State::StartTls, Cause::Protocol(ReplyFault::InjectedBeforeTls), out)
            }
            220 => {
                out.push(Output::StartTls);
                State::Handshake
            }
            400..=599 if self.config.tls == TlsUse::IfOffered => {
                out.push(Output::Note(Note::TlsRefused(reply)));
                self.facts.goes_in_clear = true;
                self.authenticate(out)
            }
            400..=599 => self.give_up(Outcome::deferred(Stage::StartTls, Cause::TlsRefused(reply)), out),
            _ => self.unexpected(State::StartTls, &reply, out),
        }
    }

    /// RFC 3207 §4.2: the client forgets what it learned before, and says EHLO again.
    pub(super) fn tls_established(&mut self, established: Established, out: &mut Vec<Output>) -> State {
        let Established { tls, binding } = established;
        out.push(Output::Note(Note::TlsEstablished(tls.clone())));
        self.facts = Facts { tls: Some(tls), binding, ..Facts::default() };
        self.say_hello(out)
    }

    pub(super) fn tls_failed(&self, reason: String, out: &mut Vec<Output>) -> State {
        out.push(Output::Note(Note::TlsFailed(reason.clone())));
        let outcome = Outcome::deferred(Stage::StartTls, Cause::TlsFailed(reason));
        let end = match self.config.tls {
            TlsUse::IfOffered => End::RetryWithoutTls(outcome),
            _ => End::Failed(outcome),
        };
        close(end, out)
    }

    /// A reply whose code does not answer what was asked.
    pub(super) fn unexpected(&self, state: State, reply: &Reply, out: &mut Vec<Output>) -> State {
        self.break_off(state, Cause::Protocol(ReplyFault::Unexpected(reply.code())), out)
    }
}
