//! One delivery: a message to some recipients at one next hop, over a connection that is there or a new one.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use postigo_api::{ClientTimeouts, DnsOutcome, QueueFailureKind};
use postigo_dns::{Lookup, Outcome as Answer, Resolver};
use postigo_queue::route::{NextHop, TlsLevel};
use postigo_sasl::Credentials;
use postigo_smtp::EnhancedCode;
use postigo_smtp::client::{self, Cause, Outcome, Stage, Status, TlsUse, Transaction, TransactionRecipient};
use postigo_store::{QueuedEnvelope, Spool};
use postigo_trace::{Event, NameLookup, Trace};
use rustls::ClientConfig;

use super::body::Body;
use super::link::{Link, Opened, Way};
use super::targets::{self, NoTarget, Ourselves, Target};
use crate::names::NamesHealth;

/// Records of an answer that the trace keeps.
const RECORDS: usize = 10;

/// What all deliveries share.
#[derive(Clone)]
pub(crate) struct Agent {
    pub resolver: Resolver,
    pub trace: Trace,
    pub tls: Arc<ClientConfig>,
    pub ourselves: Ourselves,
    /// Is told what questions came to.
    pub names: Arc<NamesHealth>,
    /// How long hosts are waited for.
    pub timeouts: ClientTimeouts,
    /// For the next hop for which there are some.
    pub credentials: Option<Credentials>,
}

/// What is to be delivered.
pub(crate) struct Job {
    pub next_hop: NextHop,
    pub envelope: Transaction,
    /// Fields that are put in front of the content.
    pub added: Vec<u8>,
    pub spool: Spool,
    pub message: QueuedEnvelope,
}

/// What an attempt came to, for one recipient.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub said: Said,
    /// `name[address]:port`, or `none`.
    pub relay: String,
    /// The session in which it was said.
    pub session: Option<i64>,
    /// Seconds for connecting, and for delivering.
    pub took: [f64; 2],
    /// Whether the other server reports itself what the sender wants to know (RFC 3461 §5.2.2).
    pub will_report: bool,
}

/// Who said what.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// The other server, or what went wrong in talking with it; with `name[address]`.
    Peer(Outcome, String),
    /// No host was found.
    Nobody(NoTarget),
    /// The host did not take the connection.
    Unreachable { text: String, timed_out: bool },
}

/// How a test of a next hop ended.
pub(crate) struct Tried {
    pub works: bool,
    /// What was said last, or what went wrong.
    pub text: String,
    pub session: Option<i64>,
}

/// A delivery that was carried out.
pub(crate) struct Delivered {
    /// One for each recipient of the envelope, in its order.
    pub attempts: Vec<Attempt>,
    /// The connection, if it can be used on.
    pub link: Option<Box<Link>>,
    /// Whether any host answered commands.
    pub answered: bool,
}

impl Said {
    pub fn status(&self) -> Status {
        match self {
            Self::Peer(outcome, _) => outcome.status,
            Self::Nobody(none) if none.permanent => Status::Failed,
            Self::Nobody(_) | Self::Unreachable { .. } => Status::Deferred,
        }
    }

    /// RFC 3463.
    pub fn dsn(&self) -> String {
        match self {
            Self::Peer(outcome, _) => outcome.enhanced().to_string(),
            Self::Nobody(none) => none.dsn.to_owned(),
            Self::Unreachable { .. } => "4.4.1".to_owned(),
        }
    }

    /// As Postfix writes it in brackets behind `status=`.
    pub fn text(&self) -> String {
        match self {
            Self::Peer(outcome, peer) => outcome.describe(peer),
            Self::Nobody(none) => none.text.clone(),
            Self::Unreachable { text, .. } => text.clone(),
        }
    }

    /// The reply, if the other server said one.
    pub fn reply(&self) -> Option<&postigo_smtp::Reply> {
        match self {
            Self::Peer(outcome, _) => outcome.reply(),
            _ => None,
        }
    }

    /// The command that was answered, as Postfix names it, when it was a reply.
    pub fn command(&self) -> Option<String> {
        match self {
            Self::Peer(outcome, _) if outcome.reply().is_some() => Some(outcome.stage.command().to_owned()),
            _ => None,
        }
    }

    /// What the server said, when it said that there is no such address (RFC 3463 §3.2: 5.1.1, and 5.1.6, moved away).
    pub fn no_such_address(&self) -> Option<String> {
        let Self::Peer(outcome, _) = self else { return None };
        let gone = [EnhancedCode(5, 1, 1), EnhancedCode(5, 1, 6)].contains(&outcome.enhanced());
        let refused = outcome.status == Status::Failed && outcome.stage == Stage::Rcpt && gone;
        outcome.reply().filter(|_| refused).map(|reply| reply.to_string().trim().replace(['\r', '\n'], " "))
    }

    /// Which words a person gets.
    pub fn kind(&self) -> QueueFailureKind {
        match self {
            Self::Nobody(none) => none.kind,
            Self::Unreachable { timed_out: true, .. } => QueueFailureKind::TimedOut,
            Self::Unreachable { .. } => QueueFailureKind::Unreachable,
            Self::Peer(outcome, _) => kind_of(outcome),
        }
    }
}

fn kind_of(outcome: &Outcome) -> QueueFailureKind {
    match &outcome.cause {
        Cause::TimedOut => QueueFailureKind::TimedOut,
        Cause::Lost | Cause::AnotherConnection | Cause::Protocol(_) => QueueFailureKind::ConnectionLost,
        Cause::TlsNotOffered | Cause::TlsRefused(_) | Cause::TlsFailed(_) | Cause::RequireTlsNotOffered => {
            QueueFailureKind::TlsFailed
        }
        Cause::AuthNotOffered
        | Cause::NoMechanism
        | Cause::WrongPassword(_)
        | Cause::AuthRefused(_)
        | Cause::AuthFailed(_) => QueueFailureKind::LoginRefused,
        Cause::Cancelled => QueueFailureKind::Local,
        Cause::Reply(reply) => {
            let text = reply.to_string().to_ascii_lowercase();
            let enhanced = outcome.enhanced().to_string();
            if enhanced.ends_with(".2.2") {
                QueueFailureKind::MailboxFull
            } else if text.contains("greylist") || text.contains("graylist") {
                QueueFailureKind::Greylisted
            } else {
                QueueFailureKind::Refused
            }
        }
        Cause::TooLarge(_) | Cause::SmtpUtf8NotOffered | Cause::Unconvertible(_) => QueueFailureKind::Refused,
    }
}

/// The recipients that have no outcome yet, and the outcomes of the others.
struct Progress {
    attempts: Vec<Option<Attempt>>,
    answered: bool,
    link: Option<Box<Link>>,
}

impl Agent {
    /// Delivers, or finds out why not.
    pub async fn deliver(&self, job: Job, link: Option<Box<Link>>) -> Delivered {
        let count = job.envelope.recipients.len();
        let mut progress = Progress { attempts: vec![None; count], answered: false, link: None };
        let begun = Instant::now();
        let queue_id = job.message.queue_id.clone();
        let last = match Body::open(job.added, job.spool, job.message).await {
            Err(error) => unreadable(&error),
            Ok(mut body) => match body.facts().await {
                Err(error) => unreadable(&error),
                Ok(facts) => {
                    let envelope = Transaction { content: facts, ..job.envelope };
                    self.everywhere(&queue_id, &job.next_hop, &envelope, &mut body, link, &mut progress).await
                }
            },
        };
        let took = [begun.elapsed().as_secs_f64(), 0.0];
        let rest = Attempt { took, ..last };
        let attempts = progress.attempts.into_iter().map(|a| a.unwrap_or_else(|| rest.clone())).collect();
        Delivered { attempts, link: progress.link, answered: progress.answered }
    }

    /// Over the connection that is there, then over one to each host in turn, until every recipient has an outcome. Gives
    /// what those without one have to be told.
    async fn everywhere(
        &self,
        queue_id: &str,
        next_hop: &NextHop,
        envelope: &Transaction,
        body: &mut Body,
        link: Option<Box<Link>>,
        progress: &mut Progress,
    ) -> Attempt {
        match link {
            Some(link) if link.is_made(&self.way(next_hop)) => {
                self.over(link, envelope, body, 0.0, progress).await;
                if progress.is_complete() {
                    return nobody(&NoTarget::none());
                }
            }
            Some(outdated) => outdated.quit().await,
            None => {}
        }
        let found = targets::find(next_hop, &self.resolver, &self.ourselves, fastrand::shuffle).await;
        self.tell(queue_id, &found.lookups);
        let targets = match found.targets {
            Ok(targets) => targets,
            Err(none) => return nobody(&none),
        };
        let mut last = nobody(&NoTarget::none());
        for target in &targets {
            let begun = Instant::now();
            let way = self.way(next_hop);
            match Link::open(target, &way, &self.trace).await {
                Opened::Ready(link) => {
                    self.over(link, envelope, body, begun.elapsed().as_secs_f64(), progress).await;
                    if progress.is_complete() {
                        break;
                    }
                    last = attempt(Said::Peer(another_connection(), target.label()), target, None);
                }
                Opened::Failed(outcome, session) => {
                    progress.answered |= answered(&outcome);
                    last = attempt(Said::Peer(outcome, target.label()), target, session);
                }
                Opened::Unreachable(error) => last = unreachable(target, &error),
            }
        }
        last
    }

    /// Connects to a next hop, encrypts and logs in, as a delivery would, and says goodbye.
    pub async fn try_out(&self, next_hop: &NextHop) -> Tried {
        let found = targets::find(next_hop, &self.resolver, &self.ourselves, fastrand::shuffle).await;
        let targets = match found.targets {
            Ok(targets) => targets,
            Err(none) => return Tried { works: false, text: none.text, session: None },
        };
        let mut tried = Tried { works: false, text: String::new(), session: None };
        for target in &targets {
            tried = match Link::open(target, &self.way(next_hop), &self.trace).await {
                Opened::Ready(link) => {
                    let session = Some(link.session());
                    link.quit().await;
                    return Tried { works: true, text: format!("{} takes mail", target.relay()), session };
                }
                Opened::Failed(outcome, session) => {
                    Tried { works: false, text: outcome.describe(&target.label()), session }
                }
                Opened::Unreachable(error) => {
                    Tried { works: false, text: unreachable(target, &error).said.text(), session: None }
                }
            };
        }
        tried
    }

    async fn over(
        &self,
        link: Box<Link>,
        envelope: &Transaction,
        body: &mut Body,
        connecting: f64,
        progress: &mut Progress,
    ) {
        let (left, recipients) = progress.left(envelope);
        let envelope = Transaction { recipients, ..envelope.clone() };
        let (target, session, begun) = (link.target.clone(), link.session(), Instant::now());
        let will_report = link.offers_dsn();
        let (outcomes, link) = link.deliver(envelope, body).await;
        let took = [connecting, begun.elapsed().as_secs_f64()];
        for (index, outcome) in outcomes {
            if outcome.cause == Cause::AnotherConnection {
                continue;
            }
            progress.answered |= answered(&outcome);
            let said = Said::Peer(outcome, target.label());
            if let Some(place) = left.get(index).and_then(|&at| progress.attempts.get_mut(at)) {
                *place = Some(Attempt { took, will_report, ..attempt(said, &target, Some(session)) });
            }
        }
        progress.link = link;
    }

    pub(super) fn way(&self, next_hop: &NextHop) -> Way {
        let credentials = self.credentials.clone().filter(|_| next_hop.credentials.is_some());
        let tls = match next_hop.tls {
            _ if next_hop.implicit_tls => TlsUse::Implicit,
            TlsLevel::None => TlsUse::Never,
            TlsLevel::May => TlsUse::IfOffered,
            TlsLevel::Encrypt | TlsLevel::Verify | TlsLevel::Secure | TlsLevel::Dane => TlsUse::Required,
        };
        let session = client::Config {
            client_name: self.ourselves.name.clone(),
            tls,
            credentials,
            times: self.times(),
        };
        Way {
            session: Arc::new(session),
            tls: Arc::clone(&self.tls),
            bind: next_hop.bind.first().copied(),
            connect: seconds(self.timeouts.connect_seconds),
        }
    }

    fn times(&self) -> client::Times {
        let ClientTimeouts { helo_seconds, starttls_seconds, mail_seconds, rcpt_seconds, .. } = self.timeouts;
        let ClientTimeouts { data_init_seconds, data_xfer_seconds, data_done_seconds, .. } = self.timeouts;
        client::Times {
            greeting: seconds(helo_seconds),
            hello: seconds(helo_seconds),
            handshake: seconds(starttls_seconds),
            mail: seconds(mail_seconds),
            rcpt: seconds(rcpt_seconds),
            data: seconds(data_init_seconds),
            block: seconds(data_xfer_seconds),
            end_of_content: seconds(data_done_seconds),
            ..client::Times::default()
        }
    }

    fn tell(&self, queue_id: &str, lookups: &[Lookup]) {
        let now = jiff::Timestamp::now();
        for lookup in lookups {
            self.names.note(lookup, now);
            let event = Event::Lookup(Box::new(recorded(lookup)));
            self.trace.event_of(queue_id, event);
        }
    }
}

impl Progress {
    fn is_complete(&self) -> bool {
        self.attempts.iter().all(Option::is_some)
    }

    /// Which recipients are left, and they themselves.
    fn left(&self, envelope: &Transaction) -> (Vec<usize>, Vec<TransactionRecipient>) {
        let left = self.attempts.iter().zip(&envelope.recipients).enumerate();
        left.filter(|(_, (attempt, _))| attempt.is_none()).map(|(at, (_, who))| (at, who.clone())).unzip()
    }
}

/// Whether the destination is alive: it was asked about the message, and said something.
fn answered(outcome: &Outcome) -> bool {
    let talked = matches!(outcome.cause, Cause::Reply(_) | Cause::TooLarge(_) | Cause::SmtpUtf8NotOffered)
        || matches!(outcome.cause, Cause::Unconvertible(_));
    talked && !matches!(outcome.stage, Stage::Connect | Stage::Greeting | Stage::Hello)
}

fn seconds(number: u32) -> Duration {
    Duration::from_secs(number.into())
}

fn another_connection() -> Outcome {
    Outcome { status: Status::Deferred, stage: Stage::Mail, cause: Cause::AnotherConnection }
}

fn attempt(said: Said, target: &Target, session: Option<i64>) -> Attempt {
    Attempt { said, relay: target.relay(), session, took: [0.0; 2], will_report: false }
}

pub(super) fn unreachable(target: &Target, error: &io::Error) -> Attempt {
    let why = match error.kind() {
        io::ErrorKind::TimedOut => "Connection timed out".to_owned(),
        io::ErrorKind::ConnectionRefused => "Connection refused".to_owned(),
        // The latter if the host closed its side just before.
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "Connection reset by peer".to_owned(),
        _ => error.to_string(),
    };
    let text = format!("connect to {}: {why}", target.relay());
    let timed_out = error.kind() == io::ErrorKind::TimedOut;
    let said = Said::Unreachable { text, timed_out };
    unspoken(said)
}

fn nobody(none: &NoTarget) -> Attempt {
    unspoken(Said::Nobody(none.clone()))
}

/// Nobody was spoken with.
fn unspoken(said: Said) -> Attempt {
    Attempt { said, relay: "none".to_owned(), session: None, took: [0.0; 2], will_report: false }
}

fn unreadable(error: &io::Error) -> Attempt {
    tracing::error!(%error, "a message of the queue cannot be read");
    nobody(&NoTarget {
        permanent: false,
        kind: QueueFailureKind::Local,
        dsn: "4.3.0",
        text: "the message cannot be read here; its file is looked for again".to_owned(),
    })
}

pub(crate) fn recorded(lookup: &Lookup) -> NameLookup {
    NameLookup {
        name: lookup.question.name.to_string(),
        kind: lookup.question.kind.to_string(),
        outcome: outcome(&lookup.outcome),
        records: lookup.outcome.records().iter().take(RECORDS).map(|r| r.data.to_string()).collect(),
        server: lookup.server.map(|server| server.to_string()),
        took: i64::try_from(lookup.took.as_micros()).unwrap_or(i64::MAX),
        from_cache: lookup.from_cache,
        authenticated: lookup.authenticated,
    }
}

/// The outcome of a lookup as the API names it.
pub(crate) const fn outcome(outcome: &Answer) -> DnsOutcome {
    match outcome {
        Answer::Found(_) => DnsOutcome::Found,
        Answer::NoData => DnsOutcome::NoData,
        Answer::NoDomain => DnsOutcome::NoDomain,
        Answer::Refused | Answer::Referral => DnsOutcome::Refused,
        Answer::ServerFailure(_) => DnsOutcome::ServerFailure,
        Answer::Truncated => DnsOutcome::Truncated,
        Answer::Timeout => DnsOutcome::TimedOut,
        Answer::Unreachable(_) => DnsOutcome::Unreachable,
        Answer::Malformed | Answer::AliasLoop => DnsOutcome::Malformed,
    }
}
