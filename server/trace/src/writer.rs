//! The one thread that writes: to the database, to the log file, to live views.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use postigo_api::{LogLine, Session, SessionResult};
use rusqlite::{Connection, Result, params};
use tokio::sync::broadcast;

use crate::counters::Tally;
use crate::event::{Entry, Event};
use crate::limits::{BATCH, GATHER, Limits};
use crate::logfile::LogFile;
use crate::postfix::lines;
use crate::session::{Live, lock};
use crate::trace::{Batch, now};

/// What comes to the writer.
#[derive(Debug)]
pub(crate) enum Item {
    Entry(Box<Entry>),
    Touched(Box<Session>),
    Ended(Arc<Mutex<Live>>),
    Limits(Limits),
    Host(String),
    /// Everything before this is written when the sender hears of it.
    Flush(std::sync::mpsc::SyncSender<()>),
    Stop,
}

pub(crate) struct Writer {
    pub db: Connection,
    pub log: Option<LogFile>,
    pub live: broadcast::Sender<Arc<Batch>>,
    pub left_out: Arc<AtomicU64>,
    pub pending: Arc<AtomicU64>,
    pub next_id: Arc<std::sync::atomic::AtomicI64>,
    pub limits: Limits,
    pub cleaned: Instant,
}

/// How often old entries are looked for.
const CLEAN_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

impl Writer {
    /// Until told to stop, or until nobody is left who could say anything.
    pub fn run(mut self, items: &Receiver<Item>) {
        let mut going_on = true;
        while going_on {
            let Ok(first) = items.recv() else { break };
            let mut batch = Pending::default();
            going_on = batch.take(first, &mut self);
            // Asleep instead of listening: to be woken for each item would cost the sessions more than saying it.
            if going_on && batch.flushed.is_empty() {
                std::thread::sleep(GATHER);
            }
            while going_on && batch.entries.len() < BATCH && batch.flushed.is_empty() {
                match items.try_recv() {
                    Ok(item) => going_on = batch.take(item, &mut self),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => going_on = false,
                }
            }
            self.write(batch);
        }
    }

    fn write(&mut self, mut batch: Pending) {
        let left_out = self.left_out.swap(0, Ordering::SeqCst);
        if left_out > 0 {
            batch.entries.push(Entry {
                id: self.next_id.fetch_add(1, Ordering::Relaxed),
                at: now(),
                session: None,
                queue_id: None,
                event: Event::LeftOut { entries: left_out },
            });
        }
        batch.entries.sort_unstable_by_key(|entry| entry.id);
        let lines: Vec<LogLine> = batch.entries.iter().flat_map(lines).collect();
        self.write_log(&lines);
        if let Err(error) = self.write_database(&batch) {
            tracing::error!(%error, "the trace cannot be written");
            self.left_out.fetch_add(batch.lost(), Ordering::SeqCst);
        }
        self.pending.fetch_sub(batch.taken, Ordering::SeqCst);
        if self.live.receiver_count() > 0 && (!lines.is_empty() || !batch.sessions.is_empty()) {
            let _ = self.live.send(Arc::new(Batch { lines, sessions: batch.sessions }));
        }
        for flushed in batch.flushed.drain(..) {
            let _ = flushed.send(());
        }
        if self.cleaned.elapsed() > CLEAN_EVERY {
            self.cleaned = Instant::now();
            if let Err(error) = clean(&self.db, &self.limits) {
                tracing::error!(%error, "old trace entries cannot be deleted");
            }
        }
    }

    fn write_log(&mut self, lines: &[LogLine]) {
        let Some(log) = &mut self.log else { return };
        let written = lines.iter().try_for_each(|line| log.write(line)).and_then(|()| log.flush());
        if let Err(error) = written {
            // Without a log file mail still goes on, and the database has the same lines.
            tracing::error!(%error, "the log file cannot be written; it is given up until the next start");
            self.log = None;
        }
    }

    fn write_database(&mut self, batch: &Pending) -> Result<()> {
        let transaction = self.db.transaction()?;
        let mut tally = Tally::default();
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO entries (id, at, session, queue_id, landmark, event) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for entry in &batch.entries {
                tally.add(entry);
                let event = serde_json::to_string(&entry.event).unwrap_or_default();
                let landmark = matches!(entry.event, Event::Queued(_) | Event::Refused(_));
                insert.execute(params![
                    entry.id,
                    entry.at,
                    entry.session,
                    entry.queue_id,
                    landmark,
                    event
                ])?;
            }
            let mut insert = transaction.prepare_cached(
                "INSERT INTO sessions (id, opened, refused, service, session, transcript, truncated)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for live in &batch.ended {
                let live = lock(live);
                let session = &live.session;
                insert.execute(params![
                    session.id,
                    session.opened,
                    is_refused(session),
                    service_key(session),
                    serde_json::to_string(session).unwrap_or_default(),
                    live.transcript.octets(),
                    live.transcript.truncated(),
                ])?;
            }
        }
        tally.write(&transaction)?;
        transaction.commit()
    }
}

/// What is gathered for one transaction.
#[derive(Default)]
struct Pending {
    entries: Vec<Entry>,
    sessions: Vec<Session>,
    ended: Vec<Arc<Mutex<Live>>>,
    flushed: Vec<std::sync::mpsc::SyncSender<()>>,
    /// How many items of those that [`Writer::pending`] counts.
    taken: u64,
}

impl Pending {
    /// How many entries and sessions are left out when this cannot be written, with those that it was to tell of.
    fn lost(&self) -> u64 {
        let of = |entry: &Entry| match entry.event {
            Event::LeftOut { entries } => entries,
            _ => 1,
        };
        self.entries.iter().map(of).sum::<u64>() + self.ended.len() as u64
    }

    /// False when this was the end.
    fn take(&mut self, item: Item, writer: &mut Writer) -> bool {
        self.taken += u64::from(!matches!(item, Item::Touched(_) | Item::Flush(_) | Item::Stop));
        match item {
            Item::Entry(entry) => self.entries.push(*entry),
            Item::Touched(session) => self.touch(*session),
            Item::Ended(live) => {
                if writer.live.receiver_count() > 0 {
                    let session = lock(&live).session.clone();
                    self.touch(session);
                }
                self.ended.push(live);
            }
            Item::Limits(limits) => writer.limits = limits,
            Item::Host(host) => {
                if let Some(log) = &mut writer.log {
                    log.set_host(&host);
                }
            }
            Item::Flush(flushed) => self.flushed.push(flushed),
            Item::Stop => return false,
        }
        true
    }

    /// A session that changes often within a batch is told of once, as it is at the end.
    fn touch(&mut self, session: Session) {
        match self.sessions.iter_mut().rev().take(32).find(|s| s.id == session.id) {
            Some(known) => *known = session,
            None => self.sessions.push(session),
        }
    }
}

/// Whether a session belongs among the refused ones.
pub(crate) fn is_refused(session: &Session) -> bool {
    session.did.refusal.is_some()
        || session.did.failed_logins > 0
        || matches!(session.result, SessionResult::NotTrusted | SessionResult::TlsFailed)
}

/// The service as it stands in JSON, for filtering by it.
pub(crate) fn service_key(session: &Session) -> String {
    serde_json::to_value(session.service).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn clean(db: &Connection, limits: &Limits) -> Result<()> {
    let oldest = now() - i64::try_from(limits.keep.as_micros()).unwrap_or(i64::MAX);
    db.execute(
        "DELETE FROM entries WHERE id < (SELECT id FROM entries WHERE at >= ?1 ORDER BY id LIMIT 1)",
        [oldest],
    )?;
    db.execute("DELETE FROM sessions WHERE opened < ?1", [oldest])?;
    db.execute("DELETE FROM counters WHERE quarter < ?1 / 900000000", [oldest])?;
    if octets_used(db)? > limits.octets {
        for table in ["entries", "sessions"] {
            db.execute(
                &format!(
                    "DELETE FROM {table} WHERE id < (SELECT min(id) + (max(id) - min(id)) / 10 + 1 FROM {table})"
                ),
                [],
            )?;
        }
    }
    db.execute_batch("PRAGMA incremental_vacuum(20000)")
}

fn octets_used(db: &Connection) -> Result<u64> {
    let read = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = read("page_count")? - read("freelist_count")?;
    Ok((pages * read("page_size")?).try_into().unwrap_or(0))
}
