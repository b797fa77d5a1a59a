//! Asks next hops about recipients, once for all sessions that want to know, and remembers what they said.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use postigo_policy::{Known, Verification, Verified};
use postigo_queue::route::NextHop;
use postigo_smtp::{Address, Recipient};
use tokio::sync::{Semaphore, watch};

use crate::outgoing::Agent;

/// Next hops asked at a time.
const AT_ONCE: usize = 20;

/// Recipients being asked about. Who comes then is told to come again.
const UNDER_WAY: usize = 500;

/// How long a client waits for the answer, as `address_verify_poll_count` times `address_verify_poll_delay`. It comes again, and
/// finds it.
const PATIENCE: Duration = Duration::from_secs(9);

/// How long a next hop may take in all.
const LIMIT: Duration = Duration::from_secs(60);

/// One question: a next hop and a recipient.
type Key = (String, String);

/// What everybody waits for who wants to know the same.
type Answer = watch::Receiver<Option<HopSaid>>;

/// What one next hop said.
#[derive(Debug, Clone)]
struct HopSaid {
    verification: Verification,
    session: Option<i64>,
}

/// What is known of recipients, and who is being asked.
pub(crate) struct Verifier {
    known: Mutex<Verified>,
    under_way: Mutex<HashMap<Key, Answer>>,
    turns: Arc<Semaphore>,
}

/// An answer, and how it came about.
pub(crate) struct Heard {
    pub verification: Verification,
    next_hop: String,
    recipient: Address,
    how: How,
}

enum How {
    /// In this session, if there was a connection.
    Asked(Option<i64>),
    Remembered,
    Waited,
}

impl Default for Verifier {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            under_way: Mutex::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Verifier {
    /// What the next hop says of a recipient: what is known, or else what it says when asked, if that does not take too long.
    pub async fn verify(
        self: &Arc<Self>,
        agent: &(dyn Fn() -> Agent + Send + Sync),
        next_hop: NextHop,
        recipient: Address,
    ) -> Heard {
        let key = (next_hop.key(), recipient.to_string());
        let heard = |verification, how| Heard {
            verification,
            next_hop: next_hop.written().to_string(),
            recipient: recipient.clone(),
            how,
        };
        let known = lock(&self.known).get(&key.0, &key.1, Instant::now());
        match known {
            Known::Fresh(verification) => return heard(verification, How::Remembered),
            Known::Stale(verification) => {
                self.ask(agent, &next_hop, &recipient, &key);
                return heard(verification, How::Remembered);
            }
            Known::Nothing => {}
        }
        let Some(mut answer) = self.ask(agent, &next_hop, &recipient, &key) else {
            let busy = Verification::Unknown("too many addresses are being verified".to_owned());
            return heard(busy, How::Waited);
        };
        let answered = tokio::time::timeout(PATIENCE, answer.wait_for(Option::is_some)).await;
        let said = answered.ok().and_then(Result::ok).and_then(|said| said.clone());
        match said {
            Some(said) => heard(said.verification, How::Asked(said.session)),
            None => {
                let waiting = Verification::Unknown("address verification in progress".to_owned());
                heard(waiting, How::Waited)
            }
        }
    }

    /// Begins to ask, unless that is under way already.
    fn ask(
        self: &Arc<Self>,
        agent: &(dyn Fn() -> Agent + Send + Sync),
        next_hop: &NextHop,
        recipient: &Address,
        key: &Key,
    ) -> Option<Answer> {
        let mut under_way = lock(&self.under_way);
        if let Some(answer) = under_way.get(key) {
            return Some(answer.clone());
        }
        if under_way.len() >= UNDER_WAY {
            return None;
        }
        let (tell, answer) = watch::channel(None);
        under_way.insert(key.clone(), answer.clone());
        drop(under_way);
        let (this, agent, next_hop) = (Arc::clone(self), agent(), next_hop.clone());
        let (recipient, key) = (Recipient::Address(recipient.clone()), key.clone());
        tokio::spawn(async move {
            let ask = async {
                let _turn = this.turns.acquire().await;
                agent.verify(&next_hop, &recipient).await
            };
            let said = match tokio::time::timeout(LIMIT, ask).await {
                Ok(asked) => HopSaid { verification: asked.verification, session: asked.session },
                Err(_) => HopSaid {
                    verification: Verification::Unknown(format!(
                        "{} did not answer in time",
                        next_hop.written()
                    )),
                    session: None,
                },
            };
            lock(&this.known).put(&key.0, &key.1, said.verification.clone(), Instant::now());
            lock(&this.under_way).remove(&key);
            // Nobody may be waiting any more.
            let _ = tell.send(Some(said));
        });
        Some(answer)
    }
}

impl Heard {
    /// For the transcript of the session that wanted to know.
    pub fn in_words(&self) -> String {
        let said = match &self.verification {
            Verification::Deliverable => "takes it",
            Verification::Undeliverable(said) | Verification::Unknown(said) => said,
        };
        let how = match self.how {
            How::Asked(Some(session)) => format!(" (session {session})"),
            How::Asked(None) => String::new(),
            How::Remembered => " (remembered)".to_owned(),
            How::Waited => " (not answered yet)".to_owned(),
        };
        format!("{} about {}: {said}{how}", self.next_hop, self.recipient)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
