//! The loop around a session: octets in, outputs carried out in order.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use postigo_api::Service;
use postigo_policy::ListName;
use postigo_smtp::{
    self as smtp, Answer, Content, ContentDecoder, ContentEnd, Envelope, Input, Line, LineDecoder, Note,
    Output, Question, Reply, Session,
};
use postigo_trace::{Ending, Refusal, SessionTrace};

use super::command_counts::CommandCounts;
use super::deliver::{Accepted, Message};
use super::established;
use super::policy::{Gate, Peer};
use super::xclient::Proxied;
use crate::config::Config;
use crate::connection::Connection;
use crate::context::Context;
use crate::login::Login;
use crate::rates::Client;

/// Replies are sent when so much has gathered, even while a client still pipelines.
const REPLIES: usize = 16 << 10;

/// Octets of content a second that keep a session going, as Postfix's `smtpd_min_data_rate`.
const MIN_DATA_RATE: u32 = 500;

/// A client's session with all that belongs to it.
pub(super) struct Driver<'a> {
    pub context: &'a Arc<Context>,
    pub config: Arc<Config>,
    pub connection: &'a mut Connection,
    pub trace: &'a SessionTrace,
    pub service: Service,
    /// None only before [`Self::run`].
    pub session: Option<Session>,
    pub login: Login,
    /// The message under way, or why its content could not be stored.
    pub message: Option<Result<Message, postigo_store::Error>>,
    pub accepted: Option<Accepted>,
    pub gate: Gate,
    /// Whom a proxy speaks for (XCLIENT).
    pub proxied: Option<Proxied>,
    /// Replies that refused something since the last message.
    errors: u32,
    /// When the command that is awaited must have come.
    command_due: Option<Instant>,
    replies: Vec<u8>,
    counts: CommandCounts,
    ending: Option<Ending>,
}

/// Why the loop ends.
enum End {
    /// The session closed, or the peer did.
    Closed,
    /// The connection broke.
    Broken,
}

impl From<io::Error> for End {
    /// Why is of no use to anybody: peers hang up as they like.
    fn from(_: io::Error) -> Self {
        Self::Broken
    }
}

impl<'a> Driver<'a> {
    pub fn new(
        context: &'a Arc<Context>,
        config: Arc<Config>,
        connection: &'a mut Connection,
        trace: &'a SessionTrace,
        service: Service,
    ) -> Self {
        Self {
            login: Login::new(context, service, connection),
            context,
            config,
            connection,
            trace,
            service,
            session: None,
            message: None,
            accepted: None,
            gate: Gate::default(),
            proxied: None,
            errors: 0,
            command_due: None,
            replies: Vec::new(),
            counts: CommandCounts::default(),
            ending: None,
        }
    }

    /// Serves the client to its end.
    pub async fn run(mut self, settings: Arc<smtp::Config>, about: smtp::Connection) -> (Ending, String) {
        let mut outputs = Vec::new();
        let session = Session::start(settings, about, &mut outputs);
        self.session = Some(session);
        let ending = match self.serve(outputs).await {
            End::Closed => self.ending.unwrap_or(Ending::Lost),
            End::Broken => Ending::Lost,
        };
        (ending, self.counts.to_string())
    }

    async fn serve(&mut self, mut outputs: Vec<Output>) -> End {
        let mut lines = LineDecoder::new();
        loop {
            if let Err(end) = self.carry_out(&mut outputs).await {
                return end;
            }
            if self.take_line(&mut lines, &mut outputs) {
                continue;
            }
            if let Err(end) = self.wait(&mut outputs).await {
                return end;
            }
        }
    }

    fn handle(&mut self, input: Input<'_>, outputs: &mut Vec<Output>) {
        if let Some(session) = &mut self.session {
            session.handle(input, outputs);
        }
    }

    /// Gives the session the next line of the buffer, if there is a whole one.
    fn take_line(&mut self, lines: &mut LineDecoder, outputs: &mut Vec<Output>) -> bool {
        // Taken out, so that a line can be borrowed from it while the session works.
        let mut buffer = self.connection.input().split();
        let (used, line) = lines.next(&buffer);
        let followed = buffer.len() > used;
        let found = line.is_some();
        if line.is_some() {
            self.command_due = None;
        }
        if let (Some(line), Some(session)) = (line, &mut self.session) {
            if let Line::Complete(text) = line {
                self.counts.command(text);
                self.trace.client_line(&session.masked(text), &[]);
            } else {
                self.trace.client_line("(a line that breaks the rules)".as_bytes(), &[]);
            }
            self.trace.did(|did| did.commands += 1);
            session.handle(Input::Line { line, followed }, outputs);
        }
        let _ = buffer.split_to(used);
        // Nothing was read meanwhile, so this gives the same buffer back without copying.
        *self.connection.input() = buffer;
        found
    }

    /// Sends what is unsent and waits for the peer, the end of its account, its time limit, or for the server to stop.
    async fn wait(&mut self, outputs: &mut Vec<Output>) -> Result<(), End> {
        self.flush().await?;
        let patience = self.patience();
        // A whole command within its time: whoever sends a letter now and then would otherwise never be too slow.
        let due = *self.command_due.get_or_insert_with(|| Instant::now() + patience);
        let patience = due.saturating_duration_since(Instant::now());
        let context = Arc::clone(self.context);
        let read = tokio::select! {
            read = self.connection.read(patience) => read,
            () = context.stopping.cancelled(), if self.ending != Some(Ending::Shutdown) => {
                self.ending = Some(Ending::Shutdown);
                self.handle(Input::Shutdown, outputs);
                return Ok(());
            }
            () = self.login.revoked() => {
                self.handle(Input::AccountChanged, outputs);
                return Ok(());
            }
        };
        match read {
            Ok(0) => Err(End::Closed),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                self.ending = Some(Ending::Timeout);
                self.handle(Input::Timeout, outputs);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Carries out outputs in order; answering a question appends more.
    async fn carry_out(&mut self, outputs: &mut Vec<Output>) -> Result<(), End> {
        while !outputs.is_empty() {
            for output in std::mem::take(outputs) {
                match output {
                    Output::Send(reply) => self.send(&reply).await?,
                    Output::Ask(question) => {
                        let answer = self.answer(question).await;
                        self.handle(Input::Answer(answer), outputs);
                    }
                    Output::ReadContent { decoder, envelope } => {
                        let input = self.read_content(decoder, envelope).await?;
                        self.handle(input, outputs);
                    }
                    Output::SkipChunk { octets } => {
                        let input = self.skip_chunk(octets).await?;
                        self.handle(input, outputs);
                    }
                    Output::DiscardContent => self.message = None,
                    Output::StartTls => self.start_tls(outputs).await?,
                    Output::Close => {
                        self.flush().await?;
                        self.ending.get_or_insert(Ending::Server);
                        return Err(End::Closed);
                    }
                    Output::Note(note) => self.note(note).await,
                }
            }
        }
        Ok(())
    }

    async fn send(&mut self, reply: &Reply) -> Result<(), End> {
        self.slow_down(reply).await?;
        self.counts.reply(reply.code());
        if let Some(accepted) = self.accepted.take() {
            self.tell(accepted, text(reply));
        }
        reply.write_to(&mut self.replies);
        if self.replies.len() > REPLIES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Whoever makes many errors waits for each reply (`smtpd_soft_error_limit`, `smtpd_error_sleep_time`).
    async fn slow_down(&mut self, reply: &Reply) -> Result<(), End> {
        let limits = &self.config.client_limits;
        self.errors = match reply.code() / 100 {
            4 | 5 => self.errors.saturating_add(1),
            // A message was taken: that is no longer somebody who tries things out.
            _ if self.accepted.is_some() => 0,
            _ => self.errors,
        };
        if self.errors < limits.soft_errors || limits.error_sleep_seconds == 0 || reply.closes() {
            return Ok(());
        }
        let sleep = Duration::from_secs(limits.error_sleep_seconds.into());
        self.flush().await?;
        let stopping = self.context.stopping.clone();
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            () = stopping.cancelled() => {}
        }
        Ok(())
    }

    /// The client, as the gate needs it.
    fn peer(&self) -> Peer<'_> {
        Peer {
            context: self.context,
            config: &self.config,
            trace: self.trace,
            service: self.service,
            address: self.client_address(),
            counted: match self.connection.local_user() {
                Some(user) => Client::LocalUser(user.uid),
                None => self.client_address().into(),
            },
            user: self.login.account(),
            hello: self.session.as_ref().and_then(Session::client_name).map(|name| name.as_str()),
        }
    }

    async fn flush(&mut self) -> Result<(), End> {
        if !self.replies.is_empty() {
            self.trace.server_lines(&self.replies);
            self.connection.write(&self.replies).await?;
            self.replies.clear();
        }
        Ok(())
    }

    async fn answer(&mut self, question: Question) -> Answer {
        match question {
            Question::Keys { .. } | Question::Password { .. } if self.gate.login_refused(&self.peer()) => {
                Answer::Refuse(Reply::too_many_logins_from(self.trace.client()))
            }
            Question::Keys { user, kind } => Answer::Keys(self.login.keys(&user, kind)),
            Question::Password { user, password } => {
                Answer::Password(self.login.check(&user, password).await)
            }
            // A client that pipelines is never waited for, so it is asked here as well.
            Question::Sender(_) | Question::Recipient(_) | Question::Deliver { .. }
                if !self.login.holds() =>
            {
                Answer::Refuse(Reply::ACCOUNT_CHANGED)
            }
            Question::Sender(sender) => {
                let mut gate = std::mem::take(&mut self.gate);
                let answer = gate.sender(&self.peer(), sender);
                self.gate = gate;
                answer
            }
            Question::Recipient(recipient) => {
                let mut gate = std::mem::take(&mut self.gate);
                let answer = gate.recipient(&self.peer(), &recipient).await;
                self.gate = gate;
                answer
            }
            Question::Data { followed } => {
                let mut gate = std::mem::take(&mut self.gate);
                let refusal = gate.judge(&self.peer(), &[ListName::Data], followed).await;
                self.gate = gate;
                refusal.map_or(Answer::Accept, Answer::Refuse)
            }
            Question::Flush(node) => {
                let mut gate = std::mem::take(&mut self.gate);
                let refusal = gate.judge(&self.peer(), &ListName::AT_ETRN, false).await;
                self.gate = gate;
                if let Some(reply) = refusal {
                    return Answer::Refuse(reply);
                }
                let trusts =
                    self.context.routes.load().trusts(self.client_address().to_canonical()).is_some();
                let is_local = self.connection.local_user().is_some();
                match trusts || is_local || self.login.account().is_some() {
                    true => self.context.try_now(&node).await,
                    false => Answer::Refuse(Reply::ETRN_DENIED),
                }
            }
            Question::Xclient(claims) => self.xclient(*claims),
            Question::Deliver { octets } => {
                let mut gate = std::mem::take(&mut self.gate);
                let refusal = gate.judge(&self.peer(), &[ListName::EndOfData], false).await;
                self.gate = gate;
                match refusal {
                    Some(reply) => {
                        self.message = None;
                        Answer::Refuse(reply)
                    }
                    None => self.deliver(octets).await,
                }
            }
        }
    }

    /// Takes content off the connection, that of a new message or a further chunk, and stores it piece by piece.
    async fn read_content(
        &mut self,
        mut decoder: ContentDecoder,
        envelope: Option<Envelope>,
    ) -> Result<Input<'static>, End> {
        self.flush().await?;
        if let Some(envelope) = envelope {
            let incoming = self.context.store.incoming();
            self.message = Some(Ok(Message { envelope, incoming, begun: Instant::now() }));
        }
        let (mut octets, mut due) = (0, Instant::now() + self.patience());
        loop {
            let (used, content) = decoder.next(self.connection.input());
            let end = match content {
                Content::Data(piece) => {
                    octets += piece.len() as u64;
                    // After a full disk the rest is read and thrown away: the client gets its reply at the end.
                    if let Some(Ok(message)) = &mut self.message
                        && let Err(error) = message.incoming.write(piece).await
                    {
                        self.message = Some(Err(error));
                    }
                    None
                }
                Content::NeedInput => {
                    let _ = self.connection.input().split_to(used);
                    if let Some(input) = self.read_more(&mut due).await? {
                        return Ok(input);
                    }
                    continue;
                }
                Content::End(end) => Some(end),
            };
            let _ = self.connection.input().split_to(used);
            if let Some(end) = end {
                self.trace.content(true, octets);
                return Ok(match end {
                    ContentEnd::Chunk => Input::Chunk(decoder),
                    end => Input::Content(end),
                });
            }
        }
    }

    /// Throws octets of the connection away.
    async fn skip_chunk(&mut self, octets: u64) -> Result<Input<'static>, End> {
        self.flush().await?;
        let (mut left, mut due) = (octets, Instant::now() + self.patience());
        loop {
            let input = self.connection.input();
            let used = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
            let _ = input.split_to(used);
            left -= used as u64;
            if left == 0 {
                self.trace.content(true, octets);
                return Ok(Input::ChunkSkipped);
            }
            if let Some(input) = self.read_more(&mut due).await? {
                return Ok(input);
            }
        }
    }

    /// Reads more content; gives what the session has to hear if there is none for too long, or too little of it.
    async fn read_more(&mut self, due: &mut Instant) -> Result<Option<Input<'static>>, End> {
        let patience = self.patience();
        let left = due.saturating_duration_since(Instant::now());
        match self.connection.read_content(left.min(patience)).await {
            Ok(0) => Err(End::Closed),
            Ok(octets) => {
                // Whoever sends well has all the time it needs; whoever trickles loses what it began with.
                let earned =
                    Duration::from_secs(1) * u32::try_from(octets).unwrap_or(u32::MAX) / MIN_DATA_RATE;
                *due = (*due + earned).min(Instant::now() + patience);
                Ok(None)
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                self.ending = Some(Ending::Timeout);
                Ok(Some(Input::Timeout))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How long the session waits for the peer.
    fn patience(&self) -> Duration {
        self.session.as_ref().and_then(Session::patience).unwrap_or(Duration::from_secs(60))
    }

    async fn start_tls(&mut self, outputs: &mut Vec<Output>) -> Result<(), End> {
        self.flush().await?;
        self.login.forget();
        // What a proxy said in clear anybody could have said (RFC 3207 §4.2).
        self.proxied = None;
        match self.connection.start_tls(self.context.tls.load_full()).await {
            Ok(tls) => {
                let established = established(self.connection, &tls);
                self.trace.tls(tls);
                self.handle(Input::TlsEstablished(established), outputs);
                Ok(())
            }
            Err(failed) => {
                self.trace.tls_failed(&failed.reason, failed.distrusts);
                self.ending = Some(Ending::Lost);
                Err(End::Closed)
            }
        }
    }

    async fn note(&mut self, note: Note) {
        match note {
            Note::Hello { client_name, .. } => self.trace.named(client_name.as_str()),
            Note::TlsEstablished(_) => {}
            Note::Authenticated { mechanism, .. } => {
                let client = self.session.as_ref().and_then(Session::client_name).map(|name| name.as_str());
                self.login.succeeded(self.trace, mechanism.name(), client);
            }
            Note::AuthenticationFailed { user, mechanism, .. } => {
                self.login.failed(self.trace, mechanism.name(), user.as_deref()).await;
            }
            Note::Refused { stage, reply, reverse_path, recipient } => {
                let Some(stage) = trace_stage(stage) else {
                    return self.trace.did(|did| did.refusal = Some(text(&reply)));
                };
                self.trace.refused(Refusal {
                    stage,
                    client: self.trace.client().to_owned(),
                    reply: text(&reply),
                    reverse_path: reverse_path.map(|path| path.to_string()),
                    recipient: recipient.map(|recipient| recipient.to_string()),
                    protocol: self.session.as_ref().map(|s| s.protocol().to_string()).unwrap_or_default(),
                    client_name: self
                        .session
                        .as_ref()
                        .and_then(Session::client_name)
                        .map(|name| name.as_str().to_owned()),
                });
            }
            Note::Quit => self.ending = Some(Ending::Client),
            Note::Closed(_) => {
                self.ending.get_or_insert(Ending::Server);
            }
        }
    }
}

/// The reply in one line, as the log has it.
fn text(reply: &Reply) -> String {
    let mut octets = Vec::new();
    reply.write_to(&mut octets);
    String::from_utf8_lossy(&octets).trim_end().replace("\r\n", " ")
}

/// The stages of which Postfix logs a reject; a wrong password or a mistyped command is none.
const fn trace_stage(stage: smtp::Stage) -> Option<postigo_trace::Stage> {
    use postigo_trace::Stage as Trace;
    match stage {
        smtp::Stage::Hello => Some(Trace::Helo),
        smtp::Stage::Mail => Some(Trace::Mail),
        smtp::Stage::Rcpt => Some(Trace::Rcpt),
        smtp::Stage::Data => Some(Trace::Data),
        smtp::Stage::EndOfContent => Some(Trace::EndOfMessage),
        smtp::Stage::StartTls | smtp::Stage::Auth | smtp::Stage::Command => None,
    }
}
