//! The server's session: which command may come now, and what follows from it.

mod auth;
mod chunks;
mod content;
mod hello;
mod io;
mod others;
mod transaction;

pub use io::{Answer, Envelope, EnvelopeRecipient, Input, Note, Output, Question, Sender, Stage};

use crate::command::{ClientName, Command, Xclient};
use crate::config::{Config, Connection, Established, Service, Tls};
use crate::error::BadCommand;
use crate::frame::{ContentDecoder, Line};
use crate::limits::COMMAND_LINE_OCTETS;
use crate::received::Protocol;
use crate::reply::Reply;
use auth::Authentication;
use chunks::chunk_end;
use jiff::Timestamp;
use postigo_sasl::{ChannelBinding, NonceSeed};
use std::borrow::Cow;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

/// One connection of a client.
#[derive(Debug)]
pub struct Session {
    config: Arc<Config>,
    peer_is_loopback: bool,
    may_xclient: bool,
    since: Timestamp,
    nonce_seed: NonceSeed,
    exchanges: u64,
    facts: Facts,
    counters: Counters,
    /// The session ends with this reply as soon as nothing is under way.
    farewell: Option<Reply>,
    state: State,
}

/// What was learned from the client. STARTTLS throws it away.
#[derive(Debug, Default)]
struct Facts {
    tls: Option<Tls>,
    binding: Option<ChannelBinding>,
    client_name: Option<ClientName>,
    extended: bool,
    user: Option<String>,
}

impl Facts {
    fn under_tls(established: Established) -> Self {
        let Established { tls, binding } = established;
        Self { tls: Some(tls), binding, ..Self::default() }
    }
}

/// What is counted against the limits. STARTTLS does not reset it.
#[derive(Debug, Default)]
struct Counters {
    bad_commands: u32,
    idle_commands: u32,
    refused_recipients: u32,
    authentication_failures: u32,
    transactions: u32,
}

/// Each state owns exactly the data that is valid in it.
#[derive(Debug)]
enum State {
    /// A command is awaited; within a transaction there is an envelope.
    Idle(Option<Envelope>),
    /// The client's next response of an AUTH exchange is awaited.
    Authenticating(Authentication),
    AskedKeys(Authentication),
    AskedPassword(Authentication),
    AskedSender(Sender),
    AskedRecipient(Envelope, EnvelopeRecipient),
    /// Content is about to come: all of it, or a chunk of so many octets, perhaps the last.
    AskedData(Envelope, Option<(u64, bool)>),
    /// The driver reads the content; it has the envelope.
    ReadingContent,
    /// The driver reads a chunk of so many octets.
    ReadingChunk(u64),
    /// The driver throws a chunk away; then this is the reply, and this the transaction that is left.
    SkippingChunk(Reply, Option<Envelope>),
    /// The next chunk is awaited.
    BetweenChunks(ContentDecoder),
    AskedDelivery,
    AskedFlush,
    AskedXclient(Box<Xclient>),
    Handshake,
    Closed,
}

impl Session {
    /// Begins a session and greets the client.
    pub fn start(config: Arc<Config>, connection: Connection, out: &mut Vec<Output>) -> Self {
        out.push(Output::Send(Reply::greeting(&config.host)));
        Self {
            config,
            peer_is_loopback: connection.peer_is_loopback,
            may_xclient: connection.may_xclient,
            since: connection.since,
            nonce_seed: connection.nonce_seed,
            exchanges: 0,
            facts: connection.tls.map(Facts::under_tls).unwrap_or_default(),
            counters: Counters::default(),
            farewell: None,
            state: State::Idle(None),
        }
    }

    /// Takes an input and appends what is to be done, in order.
    pub fn handle(&mut self, input: Input<'_>, out: &mut Vec<Output>) {
        use State as S;
        self.state = match (mem::replace(&mut self.state, S::Closed), input) {
            (S::Closed, _) => S::Closed,
            (state, Input::Timeout) => self.time_out(&state, out),
            (state, Input::Shutdown) => {
                self.farewell = Some(Reply::SHUTTING_DOWN);
                state
            }
            (state, Input::AccountChanged) => {
                self.farewell = Some(Reply::ACCOUNT_CHANGED);
                state
            }
            (S::Idle(envelope), Input::Line { line, followed }) => {
                self.command(envelope, line, followed, out)
            }
            (S::Authenticating(auth), Input::Line { line, .. }) => self.auth_response(auth, line, out),
            (S::AskedKeys(auth), Input::Answer(answer)) => self.auth_keys(auth, answer, out),
            (S::AskedPassword(auth), Input::Answer(answer)) => self.auth_password(auth, answer, out),
            (S::AskedSender(sender), Input::Answer(answer)) => self.sender_answer(sender, answer, out),
            (S::AskedRecipient(envelope, recipient), Input::Answer(answer)) => {
                self.recipient_answer(envelope, recipient, answer, out)
            }
            (S::AskedData(envelope, chunk), Input::Answer(answer)) => {
                self.data_answer(envelope, chunk, answer, out)
            }
            (S::ReadingContent, Input::Content(end)) => self.content_end(end, out),
            (S::ReadingChunk(octets), Input::Chunk(decoder)) => chunk_end(decoder, octets, out),
            (S::ReadingChunk(_), Input::Content(end)) => self.chunks_end(end, out),
            (S::SkippingChunk(reply, envelope), Input::ChunkSkipped) => {
                self.refuse(Stage::Data, reply, envelope, out)
            }
            (S::BetweenChunks(decoder), Input::Line { line, followed }) => {
                self.command_between_chunks(decoder, line, followed, out)
            }
            (S::AskedDelivery, Input::Answer(answer)) => self.delivery_answer(answer, out),
            (S::AskedFlush, Input::Answer(answer)) => self.flush_answer(answer, out),
            (S::AskedXclient(claims), Input::Answer(answer)) => self.xclient_answer(*claims, answer, out),
            (S::Handshake, Input::TlsEstablished(established)) => self.tls_established(established, out),
            // Only a driver that ignored `wants_line` or mixed up its answers gets here; no peer can. Fail closed.
            _ => self.close_with(Reply::INTERNAL, out),
        };
        if self.wants_line()
            && let Some(farewell) = self.farewell.take()
        {
            self.state = self.close_with(farewell, out);
        }
    }

    /// Whether a line is awaited. False while a question is open, content is read or TLS is agreed: the driver keeps
    /// pipelined input in its buffer.
    pub fn wants_line(&self) -> bool {
        matches!(self.state, State::Idle(_) | State::BetweenChunks(_) | State::Authenticating(_))
    }

    /// How long the driver may wait for the peer before it gives `Input::Timeout`: for the next line, for the next octets
    /// of content, for the whole handshake. `None` if it is not the peer's turn.
    pub fn patience(&self) -> Option<Duration> {
        let limits = &self.config.limits;
        match self.state {
            State::Idle(_) | State::BetweenChunks(_) | State::Authenticating(_) => Some(limits.command_time),
            State::ReadingContent | State::ReadingChunk(_) | State::SkippingChunk(..) => {
                Some(limits.content_time)
            }
            State::Handshake => Some(limits.handshake_time),
            State::AskedKeys(_)
            | State::AskedPassword(_)
            | State::AskedSender(_)
            | State::AskedRecipient(..)
            | State::AskedData(..)
            | State::AskedDelivery
            | State::AskedFlush
            | State::AskedXclient(_)
            | State::Closed => None,
        }
    }

    /// What the client calls itself, once it has said EHLO or HELO.
    pub fn client_name(&self) -> Option<&ClientName> {
        self.facts.client_name.as_ref()
    }

    /// The user who authenticated, as the client wrote the name.
    pub fn user(&self) -> Option<&str> {
        self.facts.user.as_deref()
    }

    /// The TLS of the connection.
    pub fn tls(&self) -> Option<&Tls> {
        self.facts.tls.as_ref()
    }

    /// The protocol for the Received field.
    pub fn protocol(&self) -> Protocol {
        Protocol::of(self.facts.extended, self.facts.tls.is_some(), self.facts.user.is_some())
    }

    /// The line as a transcript may show it: without passwords and SCRAM proofs. To be asked before the line is handled.
    pub fn masked<'a>(&self, line: &'a [u8]) -> Cow<'a, [u8]> {
        auth::masked(line, matches!(self.state, State::Authenticating(_)))
    }

    /// Whether a password may be sent in clear.
    fn is_private(&self) -> bool {
        self.facts.tls.is_some() || self.peer_is_loopback
    }

    /// Whether the client has to encrypt before it does anything.
    fn must_encrypt(&self) -> bool {
        (self.config.service == Service::Submission && !self.is_private())
            || (self.config.tls_required && self.facts.tls.is_none())
    }

    /// Runs a command. RFC 5321 §4.1.4 is the order; most of it is in this match.
    fn command(
        &mut self,
        envelope: Option<Envelope>,
        line: Line<'_>,
        followed: bool,
        out: &mut Vec<Output>,
    ) -> State {
        let command = match read_command(line) {
            Ok(command) => command,
            Err(bad) => return self.bad_command(bad, envelope, out),
        };
        match (command, envelope) {
            (Command::Ehlo(name), _) => self.hello(name, true, out),
            (Command::Helo(name), _) => self.hello(name, false, out),
            (Command::StartTls, envelope) => self.start_tls(envelope, followed, out),
            (Command::Auth { mechanism, initial_response }, None) => {
                self.start_auth(mechanism, initial_response, out)
            }
            (Command::Auth { .. }, envelope) => {
                self.refuse(Stage::Auth, Reply::IN_TRANSACTION, envelope, out)
            }
            (Command::Mail(reverse_path, parameters), None) => {
                self.mail(Sender { reverse_path, parameters }, out)
            }
            (Command::Mail(..), envelope) => self.refuse(Stage::Mail, Reply::NESTED_MAIL, envelope, out),
            (Command::Rcpt(recipient, parameters), Some(envelope)) => {
                self.rcpt(envelope, EnvelopeRecipient { recipient, parameters }, out)
            }
            (Command::Rcpt(..), None) => self.refuse(Stage::Rcpt, Reply::NO_MAIL, None, out),
            (Command::Data, Some(envelope)) => self.data(envelope, followed, out),
            (Command::Data, None) => self.refuse(Stage::Data, Reply::NO_MAIL, None, out),
            (Command::Bdat { octets, last }, envelope) => self.bdat(envelope, octets, last, out),
            (Command::Rset, _) => self.idle_command(Reply::OK, None, out),
            (Command::Noop, envelope) => self.idle_command(Reply::OK, envelope, out),
            (Command::Vrfy, envelope) => self.idle_command(Reply::NOT_VERIFIED, envelope, out),
            (Command::Expn, envelope) => self.idle_command(Reply::NO_EXPN, envelope, out),
            (Command::Help, envelope) => self.idle_command(Reply::HELP, envelope, out),
            (Command::Etrn(node), None) => self.etrn(node, out),
            (Command::Xclient(claims), None) => self.xclient(claims, out),
            (Command::Etrn(_) | Command::Xclient(_), envelope) => {
                self.refuse(Stage::Command, Reply::IN_TRANSACTION, envelope, out)
            }
            (Command::Quit, _) => {
                out.extend([Output::Note(Note::Quit), Output::Send(Reply::BYE), Output::Close]);
                State::Closed
            }
        }
    }

    fn bad_command(&mut self, bad: BadCommand, envelope: Option<Envelope>, out: &mut Vec<Output>) -> State {
        let stage = match bad {
            BadCommand::Http => return self.close_with(Reply::NOT_HTTP, out),
            // Its chunk would be taken for commands.
            BadCommand::BdatSyntax => return self.close_with(bad.into(), out),
            BadCommand::ClientName => Stage::Hello,
            BadCommand::MailSyntax | BadCommand::Sender(_) => Stage::Mail,
            BadCommand::RcptSyntax | BadCommand::Recipient(_) => Stage::Rcpt,
            BadCommand::AuthSyntax => Stage::Auth,
            _ => Stage::Command,
        };
        self.refuse(stage, bad.into(), envelope, out)
    }

    /// A command that does nothing for a message: answers it, within a limit.
    fn idle_command(&mut self, reply: Reply, envelope: Option<Envelope>, out: &mut Vec<Output>) -> State {
        self.counters.idle_commands += 1;
        if self.counters.idle_commands > self.config.limits.idle_commands {
            return self.close_with(Reply::TOO_MANY_IDLE_COMMANDS, out);
        }
        out.push(Output::Send(reply));
        State::Idle(envelope)
    }

    /// Refuses a command that the client should not have sent, within a limit.
    fn refuse(
        &mut self,
        stage: Stage,
        reply: Reply,
        envelope: Option<Envelope>,
        out: &mut Vec<Output>,
    ) -> State {
        let reverse_path = envelope.as_ref().map(|envelope| envelope.sender.reverse_path.clone());
        out.push(Output::Note(Note::Refused { stage, reply: reply.clone(), reverse_path, recipient: None }));
        self.counters.bad_commands += 1;
        if self.counters.bad_commands >= self.config.limits.bad_commands {
            return self.close_with(Reply::TOO_MANY_ERRORS, out);
        }
        out.push(Output::Send(reply));
        State::Idle(envelope)
    }

    /// Ends the session from our side.
    #[expect(clippy::unused_self, reason = "reads like the other steps, and always from one")]
    fn close_with(&self, reply: Reply, out: &mut Vec<Output>) -> State {
        out.extend([Output::Note(Note::Closed(reply.clone())), Output::Send(reply), Output::Close]);
        State::Closed
    }

    fn time_out(&self, state: &State, out: &mut Vec<Output>) -> State {
        match state {
            State::Idle(_)
            | State::BetweenChunks(_)
            | State::Authenticating(_)
            | State::SkippingChunk(..) => self.close_with(Reply::IDLE, out),
            State::ReadingContent | State::ReadingChunk(_) => {
                out.push(Output::DiscardContent);
                self.close_with(Reply::IDLE, out)
            }
            // There is no telling in which of the two languages the peer would read a reply.
            State::Handshake => {
                out.push(Output::Close);
                State::Closed
            }
            // Our own side was too slow.
            _ => self.close_with(Reply::INTERNAL, out),
        }
    }
}

fn read_command(line: Line<'_>) -> Result<Command<'_>, BadCommand> {
    match line {
        Line::TooLong => Err(BadCommand::TooLong),
        Line::BareNewline => Err(BadCommand::BareNewline),
        Line::Complete(line) => match Command::parse(line)? {
            command @ Command::Auth { .. } => Ok(command),
            _ if line.len() + 2 > COMMAND_LINE_OCTETS => Err(BadCommand::TooLong),
            command => Ok(command),
        },
    }
}
