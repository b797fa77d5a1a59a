//! Folders that somebody is looking at: their changes are told as they happen.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postigo_api::{Error, FolderRef, Nothing};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::imap::connection::Connection;
use crate::imap::pool::WATCHES;
use crate::{Changed, Client, Directory};

/// How long a folder is watched after it was last asked for.
const WATCH_TIME: Duration = Duration::from_secs(120);
/// First and longest pause before another try after the connection broke.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

type Notify = Arc<dyn Fn(Changed) + Send + Sync>;
type Key = (String, String);

/// The watched folders of one client.
pub(crate) struct Watches {
    directory: Arc<dyn Directory>,
    notify: Notify,
    running: Arc<Mutex<HashMap<Key, Watch>>>,
}

struct Watch {
    until: Instant,
    task: AbortHandle,
}

impl Client {
    /// Answers `mail.watch`. Once the server has begun to report, a first change without arrivals is told, so that whoever
    /// listed the folder before can look for what came in between.
    ///
    /// # Errors
    /// `mail.account_unknown`. That the folder is not there, or the server out of reach, ends or delays the watch silently.
    pub async fn watch(&self, asked: FolderRef) -> Result<Nothing, Error> {
        self.pool.config(&asked.account).await?;
        self.watches.watch(asked.account, asked.folder);
        Ok(Nothing {})
    }
}

impl Watches {
    pub fn new(directory: Arc<dyn Directory>, notify: Notify) -> Self {
        Self { directory, notify, running: Arc::default() }
    }

    fn watch(&self, account: String, folder: String) {
        let key = (account, folder);
        let until = Instant::now() + WATCH_TIME;
        let mut running = lock(&self.running);
        if let Some(known) = running.get_mut(&key) {
            known.until = until;
            return;
        }
        // Each is on a connection of its own; the one asked for longest ago makes room.
        let oldest = running.iter().min_by_key(|(_, watch)| watch.until).map(|(key, _)| key.clone());
        if let Some(oldest) = oldest.filter(|_| running.len() >= WATCHES)
            && let Some(watch) = running.remove(&oldest)
        {
            watch.task.abort();
        }
        let task = Watcher {
            directory: Arc::clone(&self.directory),
            notify: Arc::clone(&self.notify),
            running: Arc::clone(&self.running),
            key: key.clone(),
        };
        let task = tokio::spawn(task.run()).abort_handle();
        running.insert(key, Watch { until, task });
    }

    /// Ends the watches of an account, or of one of its folders.
    pub fn forget(&self, account: &str, folder: Option<&str>) {
        lock(&self.running).retain(|key, watch| {
            let ends = key.0 == account && folder.is_none_or(|folder| folder == key.1);
            if ends {
                watch.task.abort();
            }
            !ends
        });
    }
}

impl Drop for Watches {
    fn drop(&mut self) {
        for watch in lock(&self.running).values() {
            watch.task.abort();
        }
    }
}

struct Watcher {
    directory: Arc<dyn Directory>,
    notify: Notify,
    running: Arc<Mutex<HashMap<Key, Watch>>>,
    key: Key,
}

impl Watcher {
    async fn run(self) {
        let mut pause = PAUSES.0;
        let mut known = None;
        while self.until().is_some() {
            let before = known;
            match self.follow(&mut known).await {
                Ok(()) => break,
                Err(error) => {
                    tracing::debug!(account = self.key.0, folder = self.key.1, %error, "watch interrupted")
                }
            }
            // A connection that told something was a good one: begin again with a short pause.
            pause = if known == before { (pause * 2).min(PAUSES.1) } else { PAUSES.0 };
            tokio::time::sleep(pause).await;
        }
    }

    /// When the watch ends; it is taken off the list when that has come.
    fn until(&self) -> Option<Instant> {
        let mut running = lock(&self.running);
        let until = running.get(&self.key)?.until;
        if until > Instant::now() {
            return Some(until);
        }
        running.remove(&self.key);
        None
    }

    /// Tells of changes until the watch ends. `known` is the count of messages told last.
    async fn follow(&self, known: &mut Option<u32>) -> Result<(), Error> {
        let config = self.directory.config(&self.key.0).await?;
        let mut connection = Connection::open(&config).await?;
        connection.select(&self.key.1, false).await?;
        let mut is_first = true;
        while let Some(until) = self.until() {
            let exists = connection.exists();
            let arrived = known.map_or(0, |known| exists.saturating_sub(known));
            *known = Some(exists);
            let begin = || {
                if is_first {
                    self.tell(arrived);
                }
            };
            let changed = connection.wait(until, begin).await?;
            is_first = false;
            if changed {
                let exists = connection.exists();
                self.tell(known.map_or(0, |known| exists.saturating_sub(known)));
                *known = Some(exists);
            }
        }
        connection.close().await;
        Ok(())
    }

    fn tell(&self, arrived: u32) {
        let (account, folder) = self.key.clone();
        (self.notify)(Changed { account, folder, arrived });
    }
}

/// The map is whole between any two statements, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
