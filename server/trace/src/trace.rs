//! The handle that everybody holds.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use postigo_api::{LocalUser, LogLine, Micros, Service, Session};
use rusqlite::Connection;
use tokio::sync::broadcast;

use crate::database::{open_reader, open_writer};
use crate::event::{Entry, Event};
use crate::limits::{Limits, WAITING};
use crate::logfile::LogFile;
use crate::session::{Client, Live, SessionTrace};
use crate::writer::{Item, Writer};

/// What live views are told at once.
#[derive(Debug, Default)]
pub struct Batch {
    /// Lines just logged, oldest first.
    pub lines: Vec<LogLine>,
    /// Sessions that began, changed or ended.
    pub sessions: Vec<Session>,
}

/// The trace's own faults.
#[derive(Debug, thiserror::Error)]
#[error("the trace cannot be used")]
pub struct Error(#[from] Cause);

/// Why; for the log only.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Cause::Database(error).into()
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Cause::Io(error).into()
    }
}

/// The trace of one engine. Clones are the same trace.
#[derive(Clone)]
pub struct Trace(Arc<Shared>);

struct Shared {
    items: SyncSender<Item>,
    live: broadcast::Sender<Arc<Batch>>,
    open: Mutex<HashMap<i64, Arc<Mutex<Live>>>>,
    next_entry: Arc<AtomicI64>,
    next_session: AtomicI64,
    left_out: Arc<AtomicU64>,
    /// What was handed to the writer and is not written yet.
    pending: Arc<AtomicU64>,
    transcript_octets: AtomicUsize,
    reader: Mutex<Connection>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trace")
    }
}

impl Trace {
    /// Opens `data/trace.db` and `data/log/mail.log`, with `host` as the name that stands in each line.
    pub fn open(data: &Path, host: &str, limits: Limits) -> Result<Self, Error> {
        let path = data.join("trace.db");
        let db = open_writer(&path)?;
        let first = |table: &str| {
            db.query_row(&format!("SELECT coalesce(max(id), 0) + 1 FROM {table}"), [], |row| {
                row.get::<_, i64>(0)
            })
        };
        let (next_entry, next_session) = (Arc::new(AtomicI64::new(first("entries")?)), first("sessions")?);
        // Sessions that were open when the process was killed have entries but no row of their own.
        let orphan: i64 =
            db.query_row("SELECT coalesce(max(session), 0) + 1 FROM entries", [], |row| row.get(0))?;
        let log_folder = data.join("log");
        std::fs::create_dir_all(&log_folder)?;
        let log = LogFile::open(&log_folder.join("mail.log"), host, limits.log_octets, limits.log_files)?;
        let (items, waiting) = sync_channel(WAITING);
        let (live, _) = broadcast::channel(64);
        let (left_out, pending) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let writer = Writer {
            db,
            log: Some(log),
            live: live.clone(),
            left_out: Arc::clone(&left_out),
            pending: Arc::clone(&pending),
            next_id: Arc::clone(&next_entry),
            limits,
            cleaned: Instant::now(),
        };
        let thread = std::thread::Builder::new().name("trace".into()).spawn(move || writer.run(&waiting))?;
        Ok(Self(Arc::new(Shared {
            items,
            live,
            open: Mutex::default(),
            next_entry,
            next_session: AtomicI64::new(next_session.max(orphan)),
            left_out,
            pending,
            transcript_octets: AtomicUsize::new(limits.transcript_octets),
            reader: Mutex::new(open_reader(&path)?),
            writer: Mutex::new(Some(thread)),
        })))
    }

    /// A session begins.
    pub fn session(&self, service: Service, port: u16, peer: SocketAddr) -> SessionTrace {
        let id = self.0.next_session.fetch_add(1, Ordering::Relaxed);
        SessionTrace::open(self.clone(), id, service, port, Client::At(peer))
    }

    /// A session of a user of the system begins.
    pub fn local_session(&self, user: LocalUser) -> SessionTrace {
        let id = self.0.next_session.fetch_add(1, Ordering::Relaxed);
        SessionTrace::open(self.clone(), id, Service::Local, 0, Client::User(user))
    }

    /// Something happened to a message outside any session.
    pub fn event_of(&self, queue_id: &str, event: Event) {
        self.push(None, Some(queue_id), event);
    }

    /// Something happened to a message, in a session that may have ended.
    pub fn event_in(&self, session: Option<i64>, queue_id: &str, event: Event) {
        self.push(session, Some(queue_id), event);
    }

    /// Something happened outside any session.
    pub fn event(&self, event: Event) {
        self.push(None, None, event);
    }

    /// Lines and sessions as they come. Whoever is too slow misses some and is told so.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Batch>> {
        self.0.live.subscribe()
    }

    /// Other limits, from now on.
    pub fn set_limits(&self, limits: Limits) {
        self.0.transcript_octets.store(limits.transcript_octets, Ordering::Relaxed);
        self.send(Item::Limits(limits));
    }

    /// Another host name in the lines of the file, from now on.
    pub fn set_host(&self, host: &str) {
        self.send(Item::Host(host.to_owned()));
    }

    /// Waits until what was said before this is written, at most `limit`; not at all when everything is. Blocking.
    pub fn flush(&self, limit: Duration) {
        // What was left out is told by the next batch, which this one may have to be.
        if self.0.pending.load(Ordering::SeqCst) == 0 && self.0.left_out.load(Ordering::SeqCst) == 0 {
            return;
        }
        let (done, written) = sync_channel(1);
        if self.0.items.send(Item::Flush(done)).is_ok() {
            let _ = written.recv_timeout(limit);
        }
    }

    /// Writes what waits and ends the writer. What is said later is lost. Blocking.
    pub fn close(&self) {
        let _ = self.0.items.send(Item::Stop);
        let thread = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    pub(crate) fn push(&self, session: Option<i64>, queue_id: Option<&str>, event: Event) {
        let entry = Entry {
            id: self.0.next_entry.fetch_add(1, Ordering::Relaxed),
            at: now(),
            session,
            queue_id: queue_id.map(str::to_owned),
            event,
        };
        self.send(Item::Entry(Box::new(entry)));
    }

    fn send(&self, item: Item) {
        // Before it is sent: the writer must never have written more than was counted.
        self.0.pending.fetch_add(1, Ordering::SeqCst);
        if let Err(unsent) = self.0.items.try_send(item) {
            if let TrySendError::Full(_) = unsent {
                self.0.left_out.fetch_add(1, Ordering::SeqCst);
            }
            self.0.pending.fetch_sub(1, Ordering::SeqCst);
        }
    }

    pub(crate) fn watched(&self) -> bool {
        self.0.live.receiver_count() > 0
    }

    pub(crate) fn touch(&self, session: Session) {
        // A live view can do without: it is not counted as left out.
        let _ = self.0.items.try_send(Item::Touched(Box::new(session)));
    }

    pub(crate) fn transcript_limit(&self) -> usize {
        self.0.transcript_octets.load(Ordering::Relaxed)
    }

    pub(crate) fn register(&self, id: i64, live: Arc<Mutex<Live>>) {
        self.open_sessions().insert(id, live);
    }

    pub(crate) fn ended(&self, id: i64, live: Arc<Mutex<Live>>) {
        // In this order, so that it is always found: among the open ones, or by whoever waits for the writer.
        self.send(Item::Ended(live));
        self.open_sessions().remove(&id);
    }

    pub(crate) fn open_sessions(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Arc<Mutex<Live>>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn read<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let db = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(question(&db)?)
    }
}

pub(crate) fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}
