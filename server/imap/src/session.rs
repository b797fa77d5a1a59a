//! The server's session: which command may come now, and what follows from it.

mod append;
mod auth;
mod fetch;
mod hello;
mod input;
mod io;
mod mailboxes;
mod messages;
mod out;
mod search;
mod selected;
mod store;
mod sync;
mod work;

pub use io::{
    Answer, Appended, Changes, FlagAction, MailboxEntry, MailboxStatus, Message, MessageState, Method, Note,
    Opened, Output, Question, Refusal, Transferred, Vanished, Wanted,
};

use crate::command::{Command, Tag};
use crate::config::{Config, Connection};
use crate::frame::Framer;
use crate::limits::{COMMAND_OCTETS, EARLY_COMMAND_OCTETS};
use crate::response::{Bye, Status};
use out::Out;
use postigo_sasl::{ChannelBinding, NonceSeed};
use selected::Selected;
use std::mem;
use std::sync::Arc;
use std::time::Duration;
use work::{Expunges, Work};

/// One connection of a client.
#[derive(Debug)]
pub struct Session {
    config: Arc<Config>,
    peer_is_loopback: bool,
    nonce_seed: NonceSeed,
    exchanges: u64,
    framer: Framer,
    /// How much of the framer's command is in the transcript already.
    heard: usize,
    is_tls: bool,
    /// What SCRAM can bind to.
    binding: Option<ChannelBinding>,
    /// Who logged in, as the client wrote the name.
    user: Option<String>,
    selected: Option<Selected>,
    /// The name of the command in progress, for notes.
    command: &'static str,
    authentication_failures: u32,
    bad_commands: u32,
    /// The server stops; the session ends as soon as nothing is under way.
    stopping: bool,
    work: Work,
}

impl Session {
    /// Begins a session and greets the client.
    pub fn start(config: Arc<Config>, connection: Connection, outputs: &mut Vec<Output>) -> Self {
        let session = Self {
            config,
            peer_is_loopback: connection.peer_is_loopback,
            nonce_seed: connection.nonce_seed,
            exchanges: 0,
            framer: Framer::default(),
            heard: 0,
            is_tls: connection.is_tls,
            binding: connection.binding,
            user: None,
            selected: None,
            command: "",
            authentication_failures: 0,
            bad_commands: 0,
            stopping: false,
            work: Work::Ready,
        };
        let mut out = Out::new(outputs);
        session.greet(&mut out);
        out.finish();
        session
    }

    /// Whether octets of the client are awaited. False while a question is open or TLS is agreed: the driver keeps
    /// pipelined input in its buffer.
    pub fn wants_input(&self) -> bool {
        self.work.wants_input()
    }

    /// How long the driver may wait for the peer before it calls [`Self::timeout`]; in [`Output::StartTls`], for the whole
    /// handshake. `None` if it is not the peer's turn.
    pub fn patience(&self) -> Option<Duration> {
        let limits = &self.config.limits;
        match &self.work {
            Work::Append { .. } | Work::AppendLine { .. } | Work::Discarding { .. } => {
                Some(limits.content_time)
            }
            Work::Handshake => Some(limits.handshake_time),
            work if !work.wants_input() => None,
            _ if self.user.is_some() => Some(limits.command_time),
            _ => Some(limits.early_time),
        }
    }

    /// The user who logged in, as the client wrote the name.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Whether the connection is encrypted.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// Whether the session is over.
    pub fn is_closed(&self) -> bool {
        matches!(self.work, Work::Closed)
    }

    /// The handshake after [`Output::StartTls`] succeeded. If it fails, the driver drops the connection and the session.
    /// `binding` is what SCRAM can bind to, if the driver has it.
    pub fn tls_established(&mut self, binding: Option<ChannelBinding>) {
        if matches!(self.work, Work::Handshake) {
            // RFC 3501 §6.2.1: nothing from before counts. The driver has thrown away its buffer, the framer is empty.
            (self.framer, self.heard, self.is_tls) = (Framer::default(), 0, true);
            self.binding = binding;
            self.work = Work::Ready;
        }
    }

    /// The selected mailbox changed, or may have. In IDLE the client is told at once, else at the end of a command.
    pub fn mailbox_changed(&mut self, outputs: &mut Vec<Output>) {
        let Some(selected) = &mut self.selected else { return };
        selected.changed = true;
        if matches!(self.work, Work::Idle { .. }) {
            let mut out = Out::new(outputs);
            self.idle_changes(&mut out);
            out.finish();
        }
    }

    /// The peer was silent for [`Self::patience`].
    pub fn timeout(&mut self, outputs: &mut Vec<Output>) {
        self.end(Bye::Idle, outputs);
    }

    /// The server stops: the session ends now, or when the command in progress has its response.
    pub fn shutdown(&mut self, outputs: &mut Vec<Output>) {
        self.stopping = true;
        self.end_if_stopping(outputs);
    }

    /// The account of the client was deleted, switched off, or given another password: the session ends now. A server may
    /// say goodbye at any moment (RFC 3501 §7.1.5).
    pub fn account_changed(&mut self, outputs: &mut Vec<Output>) {
        self.end(Bye::AccountChanged, outputs);
    }

    fn end_if_stopping(&mut self, outputs: &mut Vec<Output>) {
        if self.stopping && matches!(self.work, Work::Ready | Work::Idle { .. } | Work::Sasl(_)) {
            self.end(Bye::Shutdown, outputs);
        }
    }

    fn end(&mut self, bye: Bye, outputs: &mut Vec<Output>) {
        let mut out = Out::new(outputs);
        self.bye(bye, &mut out);
        out.finish();
    }

    /// Says goodbye and closes.
    fn bye(&mut self, bye: Bye, out: &mut Out<'_>) {
        match mem::replace(&mut self.work, Work::Closed) {
            Work::Closed => return,
            Work::Append { .. } | Work::AppendLine { .. } => out.push(Output::AppendAborted),
            _ => {}
        }
        out.text().raw("* BYE ").raw(bye.text()).crlf();
        out.note(Note::Closed(bye));
        out.push(Output::Close);
    }

    /// How many octets a command may have now.
    fn command_limit(&self) -> usize {
        if self.user.is_some() { COMMAND_OCTETS } else { EARLY_COMMAND_OCTETS }
    }

    /// Whether a password may be sent in clear.
    fn is_private(&self) -> bool {
        self.is_tls || self.peer_is_loopback
    }

    /// Runs a command. RFC 3501 §3 says in which state each is possible.
    fn run(&mut self, tag: Tag, command: Command, out: &mut Out<'_>) {
        self.command = command.name();
        match command {
            Command::Capability => self.capability(tag, out),
            Command::Noop => self.noop(tag, "Done", out),
            Command::Logout => self.logout(&tag, out),
            Command::Id(pairs) => self.id(tag, pairs, out),
            Command::StartTls => self.start_tls(tag, out),
            Command::Authenticate { mechanism, initial } => self.authenticate(tag, &mechanism, initial, out),
            Command::Login { user, password } => self.login(tag, user, password, out),
            command if self.user.is_some() => self.run_authenticated(tag, command, out),
            _ => self.refuse(tag, Status::WRONG_STATE, out),
        }
    }

    fn run_authenticated(&mut self, tag: Tag, command: Command, out: &mut Out<'_>) {
        match command {
            Command::Select { mailbox, read_only } => self.select(tag, mailbox, read_only, out),
            Command::Create(mailbox) => self.create(tag, mailbox, out),
            Command::Delete(mailbox) => self.ask_done(tag, Question::Delete(mailbox), "Deleted", out),
            Command::Rename { from, to } => self.ask_done(tag, Question::Rename { from, to }, "Renamed", out),
            Command::Subscribe { mailbox, subscribed } => {
                let text = if subscribed { "Subscribed" } else { "Unsubscribed" };
                self.ask_done(tag, Question::Subscribe { mailbox, subscribed }, text, out);
            }
            Command::List { reference, pattern, only_subscribed } => {
                self.list(tag, &reference, &pattern, only_subscribed, out);
            }
            Command::Status { mailbox, items } => {
                out.ask(Question::Status(mailbox.clone()));
                self.work = Work::AskedStatus { tag, mailbox, items };
            }
            Command::Namespace => self.namespace(tag, out),
            Command::Idle => self.idle(tag, out),
            command if self.selected.is_some() => self.run_selected(tag, command, out),
            _ => self.refuse(tag, Status::WRONG_STATE, out),
        }
    }

    fn run_selected(&mut self, tag: Tag, command: Command, out: &mut Out<'_>) {
        match command {
            Command::Check => self.noop(tag, "Checked", out),
            Command::Close => self.close(tag, out),
            Command::Unselect => {
                self.deselect(out);
                self.conclude(&tag, &Status::ok("Unselected"), Expunges::Allowed, out);
            }
            Command::Expunge(set) => self.expunge(tag, set.as_ref(), out),
            Command::Search { by_uid, key } => self.search(tag, by_uid, key, out),
            Command::Fetch { by_uid, set, items } => self.fetch(tag, by_uid, &set, items, out),
            Command::Store { by_uid, set, action, silent, flags } => {
                self.store(store::StoreCommand { tag, by_uid, action, silent, flags }, &set, out);
            }
            Command::Transfer { by_uid, set, mailbox, moving } => {
                self.transfer(tag, by_uid, &set, mailbox, moving, out);
            }
            // All others were run before.
            _ => self.refuse(tag, Status::WRONG_STATE, out),
        }
    }

    /// Takes the answer to the last [`Output::Ask`].
    pub fn answer(&mut self, answer: Answer, outputs: &mut Vec<Output>) {
        let mut out = Out::new(outputs);
        self.take_answer(answer, &mut out);
        out.finish();
        self.end_if_stopping(outputs);
    }

    fn take_answer(&mut self, answer: Answer, out: &mut Out<'_>) {
        use Answer as A;
        use Work as W;
        match (mem::replace(&mut self.work, W::Handling), answer) {
            (W::Closed, _) => self.work = W::Closed,
            (W::AskedKeys(work), A::Keys(found)) => self.sasl_keys(work, found, out),
            (W::AskedSaslPassword(work), A::Password(correct)) => self.sasl_password(work, correct, out),
            (W::AskedLoginPassword { tag, user }, A::Password(correct)) => {
                self.login_answer(tag, user, correct, out);
            }
            (W::AskedDone { tag, text }, A::Done) => {
                self.finish(tag, Status::ok(text), Expunges::Allowed, false, out);
            }
            (W::AskedMailboxes { tag, pattern, only_subscribed }, A::Mailboxes(mailboxes)) => {
                self.listed(tag, mailboxes, &pattern, only_subscribed, out);
            }
            (W::AskedStatus { tag, mailbox, items }, A::Status(status)) => {
                self.status(tag, &mailbox, &items, status, out);
            }
            (W::AskedOpen { tag, mailbox, read_only }, A::Opened(opened)) => {
                self.opened(&tag, mailbox, read_only, opened, out);
            }
            (W::AskedClose { tag }, A::Expunged(_) | A::Refused(_)) => self.closed(&tag, out),
            (W::AskedAppend { tag, literal }, A::Done) => self.append_accepted(tag, literal, out),
            (W::AskedAppend { tag, literal }, A::Refused(refusal)) => {
                self.refuse_literal(Some(tag), Status::refused(refusal), literal, out);
            }
            (W::AskedAppendEnd { tag }, A::Appended(appended)) => self.appended(tag, appended, out),
            (W::AskedExpunge { tag }, A::Expunged(uids)) => self.expunged(tag, &uids, out),
            (W::AskedTransfer { tag, moving }, A::Transferred(done)) => {
                self.transferred(tag, moving, done, out)
            }
            (W::AskedFetch(work), answer @ (A::Messages(_) | A::FlagsSet(_) | A::Octets(_))) => {
                self.fetch_answer(work, answer, out);
            }
            (W::AskedStore(work), A::FlagsSet(states)) => self.flags_set(work, states, out),
            (W::AskedSearch(work), answer @ (A::Messages(_) | A::Found(_))) => {
                self.search_answer(work, answer, out);
            }
            (W::AskedChanges(ending), A::Changes(changes)) => self.changes(ending, changes, out),
            (W::AskedIdleChanges { tag }, A::Changes(changes)) => self.idle_changed(tag, changes, out),
            (W::AskedChanges(_) | W::AskedIdleChanges { .. }, A::Refused(_)) => {
                self.bye(Bye::MailboxGone, out)
            }
            (work, A::Refused(refusal)) => match work.asked_tag() {
                Some(tag) => self.refuse(tag, Status::refused(refusal), out),
                None => self.fail(out),
            },
            // Only a driver that mixed up its answers gets here; no peer can. Fail closed.
            _ => self.fail(out),
        }
    }

    fn fail(&mut self, out: &mut Out<'_>) {
        self.bye(Bye::Internal, out);
    }

    /// Ends a command with NO or BAD.
    fn refuse(&mut self, tag: Tag, status: Status, out: &mut Out<'_>) {
        self.finish(tag, status, Expunges::Allowed, false, out);
    }
}
