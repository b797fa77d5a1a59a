//! The open sessions: what they have said so far and what is known of them.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use postigo_api::{LocalUser, Micros, SECRET, Service, Session, SessionResult, SessionSummary, SessionTls};

use crate::event::{Event, Queued, Refusal};
use crate::trace::{Trace, now};
use crate::transcript::{Kind, Transcript};

/// A session's queue ids are kept up to this many.
const QUEUE_IDS: usize = 20;

/// What is known of a session, and what was said in it.
#[derive(Debug)]
pub(crate) struct Live {
    pub session: Session,
    pub transcript: Transcript,
    distrusted: bool,
    tls_failed: bool,
}

/// A driver's handle on the trace of its session. Dropping it ends the session as lost.
#[derive(Debug)]
pub struct SessionTrace {
    trace: Trace,
    live: Arc<Mutex<Live>>,
    id: i64,
    opened: Micros,
    service: Service,
    peer: String,
    /// Whether the log has this session's beginning, and so wants its end.
    announced: bool,
    closed: bool,
}

/// Whose session it is.
pub(crate) enum Client {
    At(SocketAddr),
    User(LocalUser),
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client said goodbye.
    Client,
    /// We closed it: too many errors, too many sessions.
    Server,
    /// It said nothing for too long.
    Timeout,
    /// The connection broke.
    Lost,
    /// The server stops.
    Shutdown,
}

impl Ending {
    const fn code(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Lost => "lost",
            Self::Shutdown => "shutdown",
        }
    }
}

impl SessionTrace {
    pub(crate) fn open(trace: Trace, id: i64, service: Service, port: u16, client: Client) -> Self {
        let opened = now();
        let (peer, label, local_user) = match client {
            Client::At(peer) => (peer.ip().to_string(), client_label(peer), None),
            Client::User(user) => (user.to_string(), user.to_string(), Some(user)),
        };
        let session = Session {
            id,
            opened,
            closed: None,
            service,
            port,
            peer,
            local_user,
            client_name: None,
            tls: None,
            user: None,
            mechanism: None,
            result: SessionResult::Open,
            did: SessionSummary::default(),
            queue_ids: Vec::new(),
        };
        let live = Live { session, transcript: Transcript::default(), distrusted: false, tls_failed: false };
        let this = Self {
            trace,
            live: Arc::new(Mutex::new(live)),
            id,
            opened,
            service,
            peer: label,
            announced: matches!(
                service,
                Service::Smtp | Service::Submission | Service::Submissions | Service::Local
            ),
            closed: false,
        };
        this.trace.register(id, Arc::clone(&this.live));
        if this.announced {
            this.event(None, Event::Connected { service, client: this.peer.clone() });
        }
        this.touched();
        this
    }

    /// The session's number.
    pub const fn id(&self) -> i64 {
        self.id
    }

    /// The peer as Postfix writes it, `localhost[127.0.0.1]`, or `local user luis (uid 1000)`.
    pub fn client(&self) -> &str {
        &self.peer
    }

    /// A line from the client, without its end; what lies in `secrets` is masked before it is kept.
    pub fn client_line(&self, line: &[u8], secrets: &[Range<usize>]) {
        if secrets.is_empty() {
            return self.say(Kind::Client, line);
        }
        let mut shown = Vec::with_capacity(line.len());
        let mut from = 0;
        for secret in secrets {
            let start = secret.start.clamp(from, line.len());
            shown.extend_from_slice(&line[from..start]);
            shown.extend_from_slice(SECRET.as_bytes());
            from = secret.end.clamp(start, line.len());
        }
        shown.extend_from_slice(&line[from..]);
        self.say(Kind::Client, &shown);
    }

    /// What the server sends: any number of lines with their ends.
    pub fn server_lines(&self, octets: &[u8]) {
        for line in octets.split(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                self.say(Kind::Server, line);
            }
        }
    }

    /// Message content, or another long literal, passed; it is not kept.
    pub fn content(&self, from_client: bool, octets: u64) {
        let kind = if from_client { Kind::ClientContent } else { Kind::ServerContent };
        self.say(kind, octets.to_string().as_bytes());
    }

    /// What was found out or decided before an answer; `setting` is the Postfix name of the one that wanted it.
    pub fn found(&self, setting: Option<&str>, text: &str) {
        self.say(Kind::Found, format!("{}\n{text}", setting.unwrap_or_default()).as_bytes());
    }

    /// The handshake is done.
    pub fn tls(&self, tls: SessionTls) {
        if let Ok(json) = serde_json::to_vec(&tls) {
            self.say(Kind::Tls, &json);
        }
        self.event(
            None,
            Event::TlsStarted {
                service: self.service,
                client: self.peer.clone(),
                version: tls.version.clone(),
                cipher: tls.cipher.clone(),
            },
        );
        self.lock().session.tls = Some(tls);
        self.touched();
    }

    /// The handshake did not work; `distrusts` when the client said that it does not know our authority.
    pub fn tls_failed(&self, reason: &str, distrusts: bool) {
        self.say(Kind::TlsFailed, reason.as_bytes());
        self.event(
            None,
            Event::TlsFailed { service: self.service, client: self.peer.clone(), reason: reason.to_owned() },
        );
        let mut live = self.lock();
        live.tls_failed = true;
        live.distrusted = distrusts;
    }

    /// How the client calls itself.
    pub fn named(&self, name: &str) {
        self.lock().session.client_name = Some(name.chars().take(255).collect());
    }

    /// Somebody proved who they are.
    pub fn authenticated(&self, mechanism: &str, user: &str) {
        let tls = {
            let mut live = self.lock();
            live.session.user = Some(user.to_owned());
            live.session.mechanism = Some(mechanism.to_owned());
            live.session.tls.is_some()
        };
        if matches!(self.service, Service::Imap | Service::Imaps) {
            self.event(
                None,
                Event::LoggedIn {
                    service: self.service,
                    client: self.peer.clone(),
                    mechanism: mechanism.to_owned(),
                    user: user.to_owned(),
                    tls,
                },
            );
        }
        self.touched();
    }

    /// Somebody could not prove who they are.
    pub fn login_failed(&self, mechanism: &str, user: &str) {
        self.lock().session.did.failed_logins += 1;
        self.event(
            None,
            Event::LoginFailed {
                service: self.service,
                client: self.peer.clone(),
                mechanism: mechanism.to_owned(),
                user: user.to_owned(),
            },
        );
        self.touched();
    }

    /// Something was refused in an SMTP dialogue.
    pub fn refused(&self, refusal: Refusal) {
        {
            let mut live = self.lock();
            live.session.did.refusal = Some(refusal.reply.clone());
            if let Some(recipient) = &refusal.recipient {
                live.session.did.recipient.get_or_insert_with(|| recipient.clone());
            }
            if let Some(path) = &refusal.reverse_path {
                live.session.did.reverse_path = Some(path.clone());
            }
        }
        self.event(None, Event::Refused(refusal));
        self.touched();
    }

    /// A message was accepted.
    pub fn queued(&self, queue_id: &str, queued: Queued) {
        {
            let mut live = self.lock();
            let did = &mut live.session.did;
            did.messages += 1;
            did.octets += queued.octets;
            did.recipients += queued.recipient_count;
            did.reverse_path = Some(queued.reverse_path.clone());
            did.recipient = queued.recipients.last().cloned();
            if live.session.queue_ids.len() < QUEUE_IDS {
                live.session.queue_ids.push(queue_id.to_owned());
            }
        }
        self.event(Some(queue_id), Event::Queued(Box::new(queued)));
        self.touched();
    }

    /// Any other event of this session.
    pub fn event(&self, queue_id: Option<&str>, event: Event) {
        self.trace.push(Some(self.id), queue_id, event);
    }

    /// Changes the summary, e.g. counts a command or names the mailbox that was opened.
    pub fn did(&self, change: impl FnOnce(&mut SessionSummary)) {
        change(&mut self.lock().session.did);
    }

    /// Tells live views that the summary changed in a way worth showing.
    pub fn touched(&self) {
        if self.trace.watched() {
            let session = self.lock().session.clone();
            self.trace.touch(session);
        }
    }

    /// The end. `counts` are the commands as Postfix counts them in its disconnect line.
    pub fn close(mut self, ending: Ending, counts: &str) {
        self.end(ending, counts);
    }

    fn end(&mut self, ending: Ending, counts: &str) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        self.say(Kind::Closed, ending.code().as_bytes());
        if self.announced {
            let (service, client) = (self.service, self.peer.clone());
            self.event(None, Event::Disconnected { service, client, counts: counts.to_owned() });
        }
        {
            let mut live = self.lock();
            live.session.closed = Some(now());
            live.session.did.idle = false;
            live.session.result = result(&live, ending);
        }
        self.trace.ended(self.id, Arc::clone(&self.live));
    }

    fn say(&self, kind: Kind, text: &[u8]) {
        let limit = self.trace.transcript_limit();
        let after = now() - self.opened;
        self.lock().transcript.push(after, kind, text, limit);
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        lock(&self.live)
    }
}

impl Drop for SessionTrace {
    fn drop(&mut self) {
        self.end(Ending::Lost, "");
    }
}

/// What a panic elsewhere left behind is still a session worth showing.
pub(crate) fn lock(live: &Mutex<Live>) -> MutexGuard<'_, Live> {
    live.lock().unwrap_or_else(PoisonError::into_inner)
}

fn result(live: &Live, ending: Ending) -> SessionResult {
    let did = &live.session.did;
    if live.distrusted {
        SessionResult::NotTrusted
    } else if live.tls_failed {
        SessionResult::TlsFailed
    } else if did.messages > 0 {
        SessionResult::Accepted
    } else if did.failed_logins > 0 && live.session.user.is_none() {
        SessionResult::WrongPassword
    } else if did.refusal.is_some() {
        SessionResult::Refused
    } else {
        match ending {
            Ending::Timeout => SessionResult::TimedOut,
            Ending::Lost if live.session.user.is_none() => SessionResult::Lost,
            _ => SessionResult::Done,
        }
    }
}

/// `localhost[127.0.0.1]` or `unknown[192.0.2.1]`: names come from DNS, and nothing here asks it.
fn client_label(peer: SocketAddr) -> String {
    let ip = peer.ip().to_canonical();
    format!("{}[{ip}]", if ip.is_loopback() { "localhost" } else { "unknown" })
}
