//! The client's session: what is awaited of the server, and what follows from its reply.

mod auth;
mod content;
mod delivery;
mod envelope;
mod hello;

use super::capabilities::Capabilities;
use super::command::Command;
use super::config::{Config, Connection};
use super::io::{End, Input, Note, Output};
use super::outcome::{Cause, Outcome, Stage};
use super::reply_reader::{ReplyFault, ReplyReader};
use crate::config::Tls;
use crate::frame::Line;
use crate::reply::Reply;
use auth::Authentication;
use delivery::Delivery;
use envelope::EnvelopeDialogue;
use postigo_sasl::{ChannelBinding, ClientMechanism, NonceSeed};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

/// One connection to a server.
#[derive(Debug)]
pub struct Session {
    config: Arc<Config>,
    peer_is_loopback: bool,
    nonce_seed: NonceSeed,
    exchanges: u64,
    facts: Facts,
    /// MAIL commands that the server has accepted.
    transactions: u32,
    /// Mechanisms that the server has refused.
    refused_mechanisms: Vec<ClientMechanism>,
    replies: ReplyReader,
    state: State,
}

/// What was learned of the server. TLS throws it away.
#[derive(Debug, Default)]
struct Facts {
    tls: Option<Tls>,
    binding: Option<ChannelBinding>,
    /// STARTTLS was refused, and TLS is not required.
    goes_in_clear: bool,
    capabilities: Capabilities,
}

/// Each state owns exactly the data that is valid in it.
#[derive(Debug)]
enum State {
    Greeting,
    Hello {
        extended: bool,
    },
    StartTls,
    Handshake,
    Authenticating(Authentication),
    /// A message is awaited from the driver.
    Ready,
    /// The driver finds out how to convert the content.
    Planning(Box<Delivery>),
    Envelope(Box<Delivery>, EnvelopeDialogue),
    /// The driver sends the content.
    Content(Box<Delivery>),
    EndOfContent(Box<Delivery>),
    /// A message without recipients and content was ended.
    EmptyContent(Box<Delivery>),
    Resetting(Box<Delivery>),
    Quitting,
    Closed,
}

impl Session {
    /// Begins a session; the greeting is awaited.
    pub fn start(config: Arc<Config>, connection: Connection) -> Self {
        let established = connection.tls;
        let (tls, binding) = match established {
            Some(established) => (Some(established.tls), established.binding),
            None => (None, None),
        };
        Self {
            config,
            peer_is_loopback: connection.peer_is_loopback,
            nonce_seed: connection.nonce_seed,
            exchanges: 0,
            facts: Facts { tls, binding, ..Facts::default() },
            transactions: 0,
            refused_mechanisms: Vec::new(),
            replies: ReplyReader::default(),
            state: State::Greeting,
        }
    }

    /// Takes an input and appends what is to be done, in order.
    pub fn handle(&mut self, input: Input<'_>, out: &mut Vec<Output>) {
        use State as S;
        self.state = match (mem::replace(&mut self.state, S::Closed), input) {
            (S::Closed, _) => S::Closed,
            (state, Input::Line { line, followed }) => self.line(state, line, followed, out),
            (S::Ready, Input::Deliver(transaction)) => self.deliver(transaction, out),
            (S::Ready, Input::Verify(transaction)) => self.verify(transaction, out),
            (S::Planning(delivery), Input::ConversionPlanned(planned)) => {
                self.planned(delivery, planned, out)
            }
            (S::Content(delivery), Input::ContentSent) => S::EndOfContent(delivery),
            (S::Handshake, Input::TlsEstablished(established)) => self.tls_established(established, out),
            (S::Handshake, Input::TlsFailed(reason)) => self.tls_failed(reason, out),
            (S::Ready, Input::End) => quit(out),
            (S::Ready | S::Quitting, Input::Lost | Input::Timeout | Input::End) => close(End::Done, out),
            (state, Input::Lost) => self.break_off(state, Cause::Lost, out),
            (state, Input::Timeout) => self.break_off(state, Cause::TimedOut, out),
            // Only a driver that mixed up its inputs gets to the rest of this arm; no peer can. Nothing is delivered.
            (state, _) => self.break_off(state, Cause::Cancelled, out),
        };
    }

    /// Whether lines are awaited. False while TLS is agreed and while the driver has to answer: it keeps its input in the
    /// buffer.
    pub fn wants_line(&self) -> bool {
        !matches!(self.state, State::Handshake | State::Planning(_) | State::Closed)
    }

    /// How long the driver may wait for the server before it gives `Input::Timeout`: for the next line, for the whole
    /// handshake, and while content is sent for the server to take the next block. `None` if it is not the server's turn.
    pub fn patience(&self) -> Option<Duration> {
        let times = &self.config.times;
        match &self.state {
            State::Greeting => Some(times.greeting),
            State::Hello { .. } | State::StartTls | State::Authenticating(_) => Some(times.hello),
            State::Handshake => Some(times.handshake),
            State::Envelope(_, dialogue) => Some(match dialogue.stage() {
                Stage::Mail => times.mail,
                Stage::Rcpt => times.rcpt,
                _ => times.data,
            }),
            State::Content(_) => Some(times.block),
            State::EndOfContent(_) | State::EmptyContent(_) => Some(times.end_of_content),
            State::Resetting(_) => Some(times.rset),
            State::Quitting => Some(times.quit),
            State::Ready | State::Planning(_) | State::Closed => None,
        }
    }

    /// What the server offers, as said after TLS if there is TLS.
    pub fn capabilities(&self) -> &Capabilities {
        &self.facts.capabilities
    }

    /// The TLS of the connection.
    pub fn tls(&self) -> Option<&Tls> {
        self.facts.tls.as_ref()
    }

    fn line(&mut self, state: State, line: Line<'_>, followed: bool, out: &mut Vec<Output>) -> State {
        match self.replies.line(line) {
            Ok(None) => state,
            Ok(Some(reply)) => self.reply(state, reply, followed, out),
            Err(_) if matches!(state, State::Quitting) => close(End::Done, out),
            Err(fault) => self.break_off(state, Cause::Protocol(fault), out),
        }
    }

    fn reply(&mut self, state: State, reply: Reply, followed: bool, out: &mut Vec<Output>) -> State {
        match state {
            State::Quitting => close(End::Done, out),
            // Mostly a 421, because nothing was delivered for some time (RFC 5321 §3.8).
            State::Ready => {
                out.push(Output::Note(Note::Unasked(reply)));
                close(End::Done, out)
            }
            // The server closes; whatever was under way is not done.
            state if reply.closes() => self.break_off(state, Cause::Reply(reply), out),
            State::Greeting => self.greeted(reply, out),
            State::Hello { extended } => self.hello_reply(extended, reply, out),
            State::StartTls => self.start_tls_reply(reply, followed, out),
            State::Authenticating(auth) => self.auth_reply(auth, reply, out),
            State::Envelope(delivery, dialogue) => self.envelope_reply(delivery, dialogue, reply, out),
            State::Content(delivery) => self.early_reply(delivery, reply, out),
            State::EndOfContent(delivery) => self.content_reply(delivery, reply, out),
            State::EmptyContent(delivery) | State::Resetting(delivery) => self.next_round(delivery, out),
            // No line is awaited in these.
            state @ (State::Handshake | State::Planning(_) | State::Closed) => {
                self.break_off(state, Cause::Protocol(ReplyFault::Unasked), out)
            }
        }
    }

    /// The session cannot go on. Recipients without an outcome are deferred.
    fn break_off(&self, state: State, cause: Cause, out: &mut Vec<Output>) -> State {
        let stage = stage(&state);
        if let State::Content(_) = state {
            out.push(Output::StopContent);
        }
        // A server may close a connection that it kept open for the last message; it has not said a word of this one.
        let is_stale = stage == Stage::Mail && self.transactions > 0;
        let recipient_cause = match &cause {
            Cause::Lost => is_stale.then_some(Cause::AnotherConnection),
            Cause::Reply(reply) if reply.closes() => is_stale.then_some(Cause::AnotherConnection),
            _ => None,
        };
        let outcome = Outcome::deferred(stage, cause);
        if let State::Planning(mut delivery)
        | State::Envelope(mut delivery, _)
        | State::Content(mut delivery)
        | State::EndOfContent(mut delivery)
        | State::EmptyContent(mut delivery)
        | State::Resetting(mut delivery) = state
        {
            let told = recipient_cause.map_or(outcome.clone(), |cause| Outcome::deferred(stage, cause));
            delivery.settle_all(&told, out);
            out.push(Output::Delivered);
        }
        close(End::Failed(outcome), out)
    }

    /// Ends a session that has no message, with a failure: politely, but without waiting.
    #[expect(clippy::unused_self, reason = "reads like the other steps, and always from one")]
    fn give_up(&self, outcome: Outcome, out: &mut Vec<Output>) -> State {
        out.push(Output::Send(Command::new("QUIT")));
        close(End::Failed(outcome), out)
    }
}

/// What is going on in a state.
fn stage(state: &State) -> Stage {
    match state {
        State::Greeting => Stage::Greeting,
        State::Hello { .. } => Stage::Hello,
        State::StartTls | State::Handshake => Stage::StartTls,
        State::Authenticating(_) => Stage::Auth,
        State::Ready | State::Closed => Stage::Ready,
        State::Planning(_) => Stage::Mail,
        State::Envelope(_, dialogue) => dialogue.stage(),
        State::Content(_) => Stage::Content,
        State::EndOfContent(_) | State::EmptyContent(_) => Stage::EndOfContent,
        State::Resetting(_) => Stage::Reset,
        State::Quitting => Stage::Quit,
    }
}

fn quit(out: &mut Vec<Output>) -> State {
    out.push(Output::Send(Command::new("QUIT")));
    State::Quitting
}

fn close(end: End, out: &mut Vec<Output>) -> State {
    out.push(Output::Close(end));
    State::Closed
}
