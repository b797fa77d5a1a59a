//! Asks name servers until one gives an answer.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_proto::op::Message;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::cache::Cache;
use crate::exchange::{Exchanged, NoAnswer, exchange};
use crate::interpret::{End, MAX_ALIASES, Said, code_name, interpret};
use crate::{Attempt, Data, Kind, Lookup, Name, Outcome, Question, Reaction, Record, Servers, Transport};

/// How long is waited, and how much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For one message to one server. 5 s, as other resolvers wait.
    pub attempt: Duration,
    /// How often each server is asked when none answers. 2: a datagram may get lost.
    pub rounds: u32,
    /// For a whole lookup with its aliases, waiting for its turn included. 15 s.
    pub lookup: Duration,
    /// Lookups on the way at once; more wait for their turn. 256 sockets.
    pub concurrent: usize,
    /// Answers kept. 10,000, some 5 MB.
    pub cached: usize,
    /// The longest that records are kept, whatever their TTL. One day.
    pub positive: Duration,
    /// The longest that it is kept that a name or record is missing. One hour (RFC 2308 §5 advises up to three).
    pub negative: Duration,
    /// How long a failure is kept. 5 s (RFC 9520 §3.2: at least one).
    pub failure: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(5),
            rounds: 2,
            lookup: Duration::from_secs(15),
            concurrent: 256,
            cached: 10_000,
            positive: Duration::from_secs(24 * 3600),
            negative: Duration::from_secs(3600),
            failure: Duration::from_secs(5),
        }
    }
}

/// Asks the same servers for everybody who has a clone of it, and shares what it learnt among them. To ask others, make another.
#[derive(Clone)]
pub struct Resolver {
    shared: Arc<Shared>,
}

struct Shared {
    servers: Servers,
    limits: Limits,
    cache: Mutex<Cache>,
    turns: Semaphore,
    /// The server that answered last is asked first, so that a dead one costs its timeout once.
    first: AtomicUsize,
}

impl Resolver {
    /// Asks these servers, with the usual limits.
    #[must_use]
    pub fn new(servers: Servers) -> Self {
        Self::with_limits(servers, Limits::default())
    }

    /// Asks these servers, with these limits.
    #[must_use]
    pub fn with_limits(servers: Servers, limits: Limits) -> Self {
        let (cache, turns) = (Mutex::new(Cache::new(limits)), Semaphore::new(limits.concurrent));
        Self { shared: Arc::new(Shared { servers, limits, cache, turns, first: AtomicUsize::new(0) }) }
    }

    /// The servers it asks.
    #[must_use]
    pub fn servers(&self) -> &Servers {
        &self.shared.servers
    }

    /// Forgets all answers, failures too: for somebody who says "try again now", or has changed a zone.
    pub fn forget(&self) {
        self.cache().clear();
    }

    /// Answers one question within [`Limits::lookup`]. Never fails: what happened is in the lookup. `localhost` and the names below it are
    /// this computer, whatever servers say (RFC 6761 §6.3).
    pub async fn lookup(&self, question: Question) -> Lookup {
        self.lookup_until(question, self.deadline()).await
    }

    /// When a lookup that begins now must end.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.shared.limits.lookup
    }

    pub(crate) async fn lookup_until(&self, question: Question, deadline: Instant) -> Lookup {
        let start = Instant::now();
        if let Some(mut known) = self.cache().get(&question, start) {
            known.took = start.elapsed();
            return known;
        }
        let mut lookup = Lookup::new(question);
        if let Some(outcome) = localhost(&lookup.question) {
            lookup.outcome = outcome;
        } else if let Ok(Ok(_turn)) = timeout_at(deadline, self.shared.turns.acquire()).await {
            self.resolve(&mut lookup, deadline).await;
            self.cache().put(&lookup, Instant::now());
        }
        lookup.took = start.elapsed();
        lookup
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        // Whoever held it cannot have left it half changed in a way that matters: an entry is there or not.
        self.shared.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the name, and then for what its aliases lead to, where the server left that to us (RFC 1034 §5.3.3, step 4c).
    async fn resolve(&self, lookup: &mut Lookup, deadline: Instant) {
        let mut question = lookup.question.clone();
        let mut authenticated = true;
        loop {
            let said = match self.ask_all(&question, deadline, &mut lookup.attempts).await {
                Ok(answer) => {
                    lookup.server = Some(answer.server);
                    authenticated &= answer.message.authentic_data;
                    lookup.authoritative = answer.message.authoritative;
                    answer.said
                }
                Err(failure) => {
                    lookup.outcome = failure.outcome;
                    lookup.server = failure.server;
                    lookup.authoritative = false;
                    lookup.ttl = None;
                    return;
                }
            };
            let first = lookup.aliases.is_empty();
            lookup.ttl = if first { said.ttl } else { lookup.ttl.zip(said.ttl).map(|(a, b)| a.min(b)) };
            lookup.aliases.extend(said.aliases);
            let target = match said.end {
                End::Outcome(outcome) => {
                    lookup.outcome = outcome;
                    lookup.authenticated = authenticated;
                    return;
                }
                End::Elsewhere(target) => target,
            };
            let known = lookup.aliases.iter().any(|alias| alias.name == target);
            if known || lookup.aliases.len() >= MAX_ALIASES {
                lookup.outcome = Outcome::AliasLoop;
                return;
            }
            question.name = target;
        }
    }

    /// Asks one server after the other, and all again if the datagrams may have been lost.
    async fn ask_all(
        &self,
        question: &Question,
        deadline: Instant,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Answered, Failure> {
        let servers = self.shared.servers.addresses();
        let first = self.shared.first.load(Ordering::Relaxed);
        let mut worst: Option<Failure> = None;
        for _ in 0..self.shared.limits.rounds.max(1) {
            for turn in 0..servers.len() {
                let place = (first + turn) % servers.len();
                if Instant::now() >= deadline {
                    return Err(worst.unwrap_or(Failure::SILENCE));
                }
                match self.ask(servers[place], question, deadline, attempts).await {
                    Ok(answer) => {
                        self.shared.first.store(place, Ordering::Relaxed);
                        return Ok(answer);
                    }
                    Err(outcome)
                        if worst.as_ref().is_none_or(|worst| outcome.weight() > worst.outcome.weight()) =>
                    {
                        worst = Some(Failure::new(servers[place], outcome));
                    }
                    Err(_) => {}
                }
            }
            // A server that refused, or is not there, says the same when asked again at once.
            if !matches!(&worst, Some(Failure { outcome: Outcome::Timeout | Outcome::ServerFailure(_), .. }))
            {
                break;
            }
        }
        Err(worst.unwrap_or(Failure::SILENCE))
    }

    /// Asks one server: by datagram, without EDNS if it does not know that (RFC 6891 §7), over TCP if the answer is cut (RFC 7766 §5).
    async fn ask(
        &self,
        server: SocketAddr,
        question: &Question,
        deadline: Instant,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Answered, Outcome> {
        let mut edns = true;
        let mut message = self.send(server, Transport::Udp, question, edns, deadline, attempts).await?;
        if matches!(code_name(message.response_code).as_str(), "FORMERR" | "NOTIMP" | "BADVERS") {
            edns = false;
            message = self.send(server, Transport::Udp, question, edns, deadline, attempts).await?;
        }
        if message.truncation {
            let whole = self.send(server, Transport::Tcp, question, edns, deadline, attempts).await;
            message = whole.ok().filter(|whole| !whole.truncation).ok_or(Outcome::Truncated)?;
        }
        let said = interpret(question, &message);
        match said.end {
            End::Outcome(failure @ (Outcome::Refused | Outcome::ServerFailure(_) | Outcome::Referral)) => {
                Err(failure)
            }
            _ => Ok(Answered { server, message, said }),
        }
    }

    /// Sends one message, and notes what came of it.
    async fn send(
        &self,
        server: SocketAddr,
        transport: Transport,
        question: &Question,
        edns: bool,
        deadline: Instant,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Message, Outcome> {
        let start = Instant::now();
        let limit = self.shared.limits.attempt.min(deadline.saturating_duration_since(start));
        let Exchanged { answer, ignored } = exchange(server, transport, question, edns, limit).await;
        let reaction = match &answer {
            Ok(message) if message.truncation => Reaction::Truncated,
            Ok(message) => Reaction::Answered(code_name(message.response_code)),
            Err(NoAnswer::Timeout) => Reaction::Timeout,
            Err(NoAnswer::Malformed) => Reaction::Malformed,
            Err(NoAnswer::Unreachable(reason)) => Reaction::Unreachable(reason.clone()),
        };
        let name = question.name.clone();
        attempts.push(Attempt { server, transport, name, reaction, took: start.elapsed(), ignored });
        answer.map_err(|no_answer| match no_answer {
            NoAnswer::Timeout => Outcome::Timeout,
            NoAnswer::Malformed => Outcome::Malformed,
            NoAnswer::Unreachable(reason) => Outcome::Unreachable(reason),
        })
    }
}

/// A server's answer, and what it says.
struct Answered {
    server: SocketAddr,
    message: Message,
    said: Said,
}

/// Why no server gave an answer.
struct Failure {
    outcome: Outcome,
    /// The server that said so, if it said something.
    server: Option<SocketAddr>,
}

impl Failure {
    const SILENCE: Self = Self { outcome: Outcome::Timeout, server: None };

    fn new(server: SocketAddr, outcome: Outcome) -> Self {
        let silent = matches!(outcome, Outcome::Timeout | Outcome::Unreachable(_));
        Self { outcome, server: (!silent).then_some(server) }
    }
}

/// What this computer is called by every computer; none for other names.
fn localhost(question: &Question) -> Option<Outcome> {
    let here = Name::parse("localhost").ok()?;
    let data = match question.kind {
        _ if !question.name.is_within(&here) => return None,
        Kind::A => Data::A(Ipv4Addr::LOCALHOST),
        Kind::Aaaa => Data::Aaaa(Ipv6Addr::LOCALHOST),
        _ => return Some(Outcome::NoData),
    };
    Some(Outcome::Found(vec![Record::new(question.name.clone(), 0, data)]))
}
