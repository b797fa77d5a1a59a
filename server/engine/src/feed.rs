//! What the engine says by itself, in batches, for as long as somebody listens.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postigo_api::{Event, LogLine, Session};
use postigo_store::{Notice, Store};
use postigo_trace::Trace;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::errors::blocking;

/// How often listeners hear something, at most.
const EVERY: Duration = Duration::from_millis(50);

/// Log lines in one batch; more are counted and left out, since nobody reads ten thousand lines a second.
const LINES: usize = 500;

/// Sessions in one batch; the newest ones.
const SESSIONS: usize = 200;

/// Counts of accounts and of the queue change with each message: so many batches pass before they are said again.
const ACCOUNTS_EVERY: u32 = 10;

/// The feed of one engine.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    direct: broadcast::Sender<Event>,
    batches: broadcast::Sender<Arc<Vec<Event>>>,
    /// Whether the gathering task runs. Held while listeners come and while the task decides to end.
    gathering: Arc<Mutex<bool>>,
}

impl Feed {
    pub fn new() -> Self {
        Self {
            direct: broadcast::Sender::new(256),
            batches: broadcast::Sender::new(64),
            gathering: Arc::default(),
        }
    }

    /// Something to be said.
    pub fn say(&self, event: Event) {
        // An error only says that nobody listens.
        let _ = self.direct.send(event);
    }

    /// Batches from now on. The first listener starts the task that gathers them; it ends with the last.
    pub fn listen(&self, trace: &Trace, store: &Store) -> broadcast::Receiver<Arc<Vec<Event>>> {
        let mut gathering = self.gathering();
        let receiver = self.batches.subscribe();
        if !std::mem::replace(&mut gathering, true) {
            let (feed, direct) = (self.clone(), self.direct.subscribe());
            let (trace, store) = (trace.clone(), store.clone());
            tokio::spawn(async move { feed.gather(direct, &trace, &store).await });
        }
        receiver
    }

    fn gathering(&self) -> MutexGuard<'_, bool> {
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True, and marked as ended, when nobody listens any more.
    fn ends(&self) -> bool {
        let mut gathering = self.gathering();
        *gathering = self.batches.receiver_count() > 0;
        !*gathering
    }

    async fn gather(&self, mut direct: broadcast::Receiver<Event>, trace: &Trace, store: &Store) {
        let mut traced = trace.subscribe();
        let mut changes = store.subscribe_all();
        let mut spooled = store.spool().subscribe();
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut batch = Batch::default();
        let mut since_accounts = ACCOUNTS_EVERY;
        let mut since_queue = ACCOUNTS_EVERY;
        let mut store_open = true;
        loop {
            tokio::select! {
                said = direct.recv() => match said {
                    Ok(event) => batch.events.push(event),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
                logged = traced.recv() => match logged {
                    Ok(logged) => batch.log(&logged),
                    Err(RecvError::Lagged(n)) => batch.skip(usize::try_from(n).unwrap_or(usize::MAX)),
                    Err(RecvError::Closed) => return,
                },
                notice = changes.next(), if store_open => match notice {
                    Some(Notice::Change(_) | Notice::Missed) => batch.accounts = true,
                    // The store closes before the last events are said.
                    None => store_open = false,
                },
                notice = spooled.next(), if store_open => match notice {
                    Some(_) => batch.queue = true,
                    None => store_open = false,
                },
                _ = tick.tick() => {
                    since_accounts = since_accounts.saturating_add(1);
                    if batch.accounts && since_accounts >= ACCOUNTS_EVERY {
                        (batch.accounts, since_accounts) = (false, 0);
                        batch.events.push(Event::Accounts);
                    }
                    since_queue = since_queue.saturating_add(1);
                    if batch.queue && since_queue >= ACCOUNTS_EVERY {
                        (batch.queue, since_queue) = (false, 0);
                        if let Some(counts) = queue_counts(store).await {
                            batch.events.push(Event::Queue { counts });
                        }
                    }
                    if let Some(events) = batch.take() {
                        let _ = self.batches.send(Arc::new(events));
                    }
                    if self.ends() {
                        return;
                    }
                }
            }
        }
    }
}

#[derive(Default)]
struct Batch {
    events: Vec<Event>,
    lines: Vec<LogLine>,
    skipped: u32,
    sessions: Vec<Session>,
    accounts: bool,
    queue: bool,
}

async fn queue_counts(store: &Store) -> Option<postigo_api::QueueCounts> {
    let spool = store.spool().clone();
    blocking(move || crate::answers::queue::counts(&spool)).await.ok()
}

impl Batch {
    fn log(&mut self, logged: &postigo_trace::Batch) {
        self.lines.extend(logged.lines.iter().cloned());
        if let Some(many) = self.lines.len().checked_sub(LINES) {
            self.lines.drain(..many);
            self.skip(many);
        }
        for session in &logged.sessions {
            match self.sessions.iter_mut().rev().find(|s| s.id == session.id) {
                Some(known) => known.clone_from(session),
                None => self.sessions.push(session.clone()),
            }
        }
        if let Some(many) = self.sessions.len().checked_sub(SESSIONS) {
            self.sessions.drain(..many);
        }
    }

    fn skip(&mut self, lines: usize) {
        self.skipped = self.skipped.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    }

    fn take(&mut self) -> Option<Vec<Event>> {
        let mut events = std::mem::take(&mut self.events);
        if !self.lines.is_empty() || self.skipped > 0 {
            let lines = std::mem::take(&mut self.lines);
            events.push(Event::Log { lines, skipped: std::mem::take(&mut self.skipped) });
        }
        if !self.sessions.is_empty() {
            events.push(Event::Sessions { sessions: std::mem::take(&mut self.sessions) });
        }
        (!events.is_empty()).then_some(events)
    }
}
