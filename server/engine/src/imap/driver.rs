//! The loop around a session: octets in, outputs carried out in order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use postigo_api::Service;
use postigo_imap::{
    self as imap, Answer, Appended, Bye, Method, Note, Output, Question, Refusal, Session, Uid,
};
use postigo_message::Span;
use postigo_store::{AccountMail, Append, Incoming, MailboxName, Notice, Subscription};
use postigo_trace::{Ending, SessionTrace};

use super::content::next_piece;
use super::convert;
use super::questions::{self, Answered, Selected};
use crate::connection::Connection;
use crate::context::Context;
use crate::login::Login;

/// Responses are sent when so much has gathered, even in the middle of a command.
const RESPONSES: usize = 32 << 10;

/// A client's session with all that belongs to it.
pub(super) struct Driver<'a> {
    context: &'a Arc<Context>,
    connection: &'a mut Connection,
    trace: &'a SessionTrace,
    login: Login,
    mail: Option<Arc<AccountMail>>,
    selected: Option<Selected>,
    /// Changes of the account, while a mailbox is selected.
    changes: Option<Subscription>,
    append: Option<Appending>,
    unsent: Vec<u8>,
    ending: Option<Ending>,
}

/// A message that is being appended.
struct Appending {
    mailbox: MailboxName,
    flags: imap::Flags,
    date: Option<jiff::Timestamp>,
    incoming: Incoming,
    failed: Option<Refusal>,
}

/// The session closed, or the connection broke: nothing more can be said.
struct End;

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl<'a> Driver<'a> {
    pub fn new(
        context: &'a Arc<Context>,
        connection: &'a mut Connection,
        trace: &'a SessionTrace,
        service: Service,
    ) -> Self {
        Self {
            login: Login::new(context, service, connection),
            context,
            connection,
            trace,
            mail: None,
            selected: None,
            changes: None,
            append: None,
            unsent: Vec::new(),
            ending: None,
        }
    }

    /// Serves the client to its end.
    pub async fn run(mut self, settings: Arc<imap::Config>, about: imap::Connection) -> Ending {
        let mut outputs = Vec::new();
        let mut session = Session::start(settings, about, &mut outputs);
        loop {
            if self.carry_out(&mut session, &mut outputs).await.is_err() {
                break;
            }
            if session.read(self.connection.input(), &mut outputs) {
                continue;
            }
            if self.wait(&mut session, &mut outputs).await.is_err() {
                break;
            }
        }
        self.ending.unwrap_or(Ending::Lost)
    }

    /// Sends what is unsent and waits for the peer, a change, the end of its account, its time limit, or for the server to stop.
    async fn wait(&mut self, session: &mut Session, outputs: &mut Vec<Output>) -> Result<(), End> {
        self.flush().await?;
        let patience = session.patience().unwrap_or(Duration::from_secs(60));
        let stopping = self.context.stopping.clone();
        tokio::select! {
            read = self.connection.read(patience) => match read {
                Ok(0) => return Err(End),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => session.timeout(outputs),
                Err(error) => return Err(error.into()),
            },
            () = changed(&mut self.changes, self.selected) => session.mailbox_changed(outputs),
            () = self.login.revoked() => session.account_changed(outputs),
            () = stopping.cancelled(), if self.ending.is_none() => {
                self.ending = Some(Ending::Shutdown);
                session.shutdown(outputs);
            }
        }
        Ok(())
    }

    /// Carries out outputs in order; answering a question appends more.
    async fn carry_out(&mut self, session: &mut Session, outputs: &mut Vec<Output>) -> Result<(), End> {
        while !outputs.is_empty() {
            for output in std::mem::take(outputs) {
                match output {
                    Output::Send(octets) => self.send(&octets).await?,
                    Output::Content { uid, span } => self.send_content(uid, span).await?,
                    Output::Ask(question) => {
                        let answer = self.answer(question).await;
                        session.answer(answer, outputs);
                    }
                    Output::AppendData(octets) => self.append_data(&octets).await,
                    Output::AppendAborted => self.append = None,
                    Output::StartTls => self.start_tls(session).await?,
                    Output::Close => {
                        self.flush().await?;
                        return Err(End);
                    }
                    Output::Heard { line, secrets } => self.heard(&line, &secrets),
                    Output::Note(note) => self.note(note).await,
                }
            }
        }
        Ok(())
    }

    async fn send(&mut self, octets: &[u8]) -> Result<(), End> {
        self.unsent.extend_from_slice(octets);
        if self.unsent.len() > RESPONSES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), End> {
        if !self.unsent.is_empty() {
            self.trace.server_lines(&self.unsent);
            self.connection.write(&self.unsent).await?;
            self.unsent.clear();
        }
        Ok(())
    }

    /// Sends octets of a message in pieces, so that its size costs no memory.
    async fn send_content(&mut self, uid: Uid, span: Span) -> Result<(), End> {
        self.flush().await?;
        self.trace.content(false, span.octets());
        self.trace.did(|did| did.fetched += 1);
        let (Some(mail), Some(selected)) = (self.mail.clone(), self.selected) else { return Err(End) };
        let opened = blocking(move || questions::serve(&mail, selected.mailbox, uid, span)).await?;
        // So many octets were announced: a client that got fewer would take what follows for content.
        let Ok(Some(mut served)) = opened else { return Err(End) };
        let mut left = span.octets();
        while left > 0 {
            let (piece, rest) = blocking(move || next_piece(served)).await?;
            served = rest;
            let piece = piece?;
            if piece.is_empty() {
                return Err(End);
            }
            left = left.saturating_sub(piece.len() as u64);
            self.connection.write(&piece).await?;
        }
        Ok(())
    }

    async fn answer(&mut self, question: Question) -> Answer {
        match question {
            Question::Keys { user, kind } => Answer::Keys(self.login.keys(&user, kind)),
            Question::Password { user, password } => {
                Answer::Password(self.login.check(&user, password).await)
            }
            Question::Append { mailbox, flags, date, .. } => self.begin_append(mailbox, flags, date).await,
            Question::AppendEnd => self.end_append().await,
            question => self.ask_store(question).await,
        }
    }

    async fn ask_store(&mut self, question: Question) -> Answer {
        let Some(mail) = self.mail().await else { return Answer::Refused(Refusal::Unavailable) };
        let selected = self.selected;
        let opens = matches!(question, Question::Open { .. });
        let asked = blocking(move || questions::answer(&mail, selected, question)).await;
        let Ok(Answered { answer, selected }) = asked else { return Answer::Refused(Refusal::ServerFault) };
        if opens {
            self.selected = selected;
            if let (Some(_), None, Some(account)) = (selected, &self.changes, self.login.account()) {
                self.changes = Some(self.context.store.subscribe(account.id));
            }
        }
        answer
    }

    /// The mail of whoever logged in, opened once. Nothing for somebody whose account has changed since: a client that
    /// pipelines is never waited for, so it is asked here as well.
    async fn mail(&mut self) -> Option<Arc<AccountMail>> {
        if !self.login.holds() {
            return None;
        }
        if self.mail.is_none() {
            let (store, id) = (self.context.store.clone(), self.login.account()?.id);
            match blocking(move || store.mail(id)).await.ok()? {
                Ok(mail) => self.mail = Some(mail),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "mail cannot be opened");
                    return None;
                }
            }
        }
        self.mail.clone()
    }

    async fn begin_append(
        &mut self,
        name: String,
        flags: imap::Flags,
        date: Option<jiff::Timestamp>,
    ) -> Answer {
        let Some(mail) = self.mail().await else { return Answer::Refused(Refusal::Unavailable) };
        match blocking(move || questions::append_target(&mail, &name)).await {
            Ok(Ok(mailbox)) => {
                let incoming = self.context.store.incoming();
                self.append = Some(Appending { mailbox, flags, date, incoming, failed: None });
                Answer::Done
            }
            Ok(Err(refusal)) => Answer::Refused(refusal),
            Err(End) => Answer::Refused(Refusal::ServerFault),
        }
    }

    async fn append_data(&mut self, octets: &[u8]) {
        // After a full disk the rest is read and thrown away: the client hears of it at the end.
        if let Some(append) = self.append.as_mut().filter(|append| append.failed.is_none())
            && let Err(error) = append.incoming.write(octets).await
        {
            append.failed = Some(convert::refusal(&error));
        }
    }

    async fn end_append(&mut self) -> Answer {
        let (Some(append), Some(account)) = (self.append.take(), self.login.account()) else {
            return Answer::Refused(Refusal::ServerFault);
        };
        if let Some(refusal) = append.failed {
            return Answer::Refused(refusal);
        }
        let stored = Append {
            mailbox: append.mailbox,
            incoming: append.incoming,
            flags: convert::flags_back(&append.flags),
            keywords: append.flags.keywords().to_vec(),
            internal_date: append.date,
        };
        match self.context.store.append(account.id, stored).await {
            Ok(done) => match (convert::validity(done.uid_validity), Uid::new(done.uid.get())) {
                (Some(uid_validity), Some(uid)) => Answer::Appended(Appended { uid_validity, uid }),
                _ => Answer::Refused(Refusal::ServerFault),
            },
            Err(error) => Answer::Refused(convert::refusal(&error)),
        }
    }

    async fn start_tls(&mut self, session: &mut Session) -> Result<(), End> {
        self.flush().await?;
        self.login.forget();
        match self.connection.start_tls(self.context.tls.load_full()).await {
            Ok(tls) => {
                self.trace.tls(tls);
                session.tls_established(self.connection.binding());
                Ok(())
            }
            Err(failed) => {
                self.trace.tls_failed(&failed.reason, failed.distrusts);
                Err(End)
            }
        }
    }

    fn heard(&self, line: &[u8], secrets: &[std::ops::Range<usize>]) {
        self.trace.client_line(line, secrets);
        let idle = line.split(|&b| b == b' ').nth(1).is_some_and(|verb| verb.eq_ignore_ascii_case(b"IDLE"));
        let mut told = false;
        self.trace.did(|did| {
            did.commands += 1;
            told = did.idle != idle;
            did.idle = idle;
        });
        if told {
            self.trace.touched();
        }
    }

    async fn note(&mut self, note: Note) {
        match note {
            Note::Authenticated { method, .. } => {
                self.login.succeeded(self.trace, name(method), None);
            }
            Note::AuthenticationFailed { user, method, .. } => {
                self.login.failed(self.trace, name(method), user.as_deref()).await;
            }
            Note::Selected { mailbox, .. } => {
                self.trace.did(|did| did.mailbox = Some(mailbox));
                self.trace.touched();
            }
            Note::Deselected => (self.selected, self.changes) = (None, None),
            Note::ClientId(pairs) => {
                let find = |wanted: &str| {
                    let pair = pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
                    pair.and_then(|(_, value)| value.clone())
                };
                if let Some(program) = find("name") {
                    let version = find("version").map(|v| format!(" {v}")).unwrap_or_default();
                    self.trace.named(&format!("{program}{version}"));
                    self.trace.touched();
                }
            }
            // The transcript has it; most refusals in IMAP are questions, as whether a mailbox is there.
            Note::Refused { .. } => {}
            Note::Closed(bye) => {
                self.ending.get_or_insert(match bye {
                    Bye::Logout => Ending::Client,
                    Bye::Idle => Ending::Timeout,
                    Bye::Shutdown => Ending::Shutdown,
                    _ => Ending::Server,
                });
            }
        }
    }
}

/// Returns when the selected mailbox has changed, or may have.
async fn changed(changes: &mut Option<Subscription>, selected: Option<Selected>) {
    let (Some(subscription), Some(selected)) = (changes.as_mut(), selected) else {
        return std::future::pending().await;
    };
    loop {
        match subscription.next().await {
            Some(Notice::Change(change)) if change.mailbox != selected.mailbox => {}
            Some(_) => return,
            // The store closes; the server's stop follows.
            None => return std::future::pending().await,
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, End> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a task of a session ended unexpectedly");
        End
    })
}

fn name(method: Method) -> &'static str {
    match method {
        Method::Login => "LOGIN",
        Method::Sasl(mechanism) => mechanism.name(),
    }
}
