//! Open connections, kept for the next command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use postigo_api::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::connection::Connection;
use crate::{AccountConfig, Directory};

/// IMAP connections of one account at once, whatever it does: servers limit how many a user may have (Dovecot: ten).
const CONNECTIONS: usize = 6;
/// Of these, so many watch folders; it is the limit for the watches of all accounts together, so no account has more.
pub(crate) const WATCHES: usize = 4;
/// The others run commands.
const COMMANDS: usize = CONNECTIONS - WATCHES;
/// A connection that nobody used for so long is closed.
const IDLE_LIMIT: Duration = Duration::from_secs(120);

/// The connections of all accounts.
pub(crate) struct Pool {
    directory: Arc<dyn Directory>,
    accounts: Mutex<HashMap<String, Arc<AccountPool>>>,
}

struct AccountPool {
    permits: Arc<Semaphore>,
    state: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    connections: Vec<(Connection, Instant)>,
    /// A task is waiting to close what nobody uses.
    watched: bool,
}

/// A connection to run commands on. It goes back when dropped, unless a command on it was not finished.
pub(crate) struct Lease {
    connection: Option<Connection>,
    home: Arc<AccountPool>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub fn new(directory: Arc<dyn Directory>) -> Self {
        Self { directory, accounts: Mutex::new(HashMap::new()) }
    }

    /// The account as it is now.
    pub async fn config(&self, account: &str) -> Result<AccountConfig, Error> {
        self.directory.config(account).await
    }

    /// A connection that answers: one kept from before, preferably with `folder` open, or a new one. A kept connection that
    /// broke in the meantime is noticed here, before a command depends on it, so no command is ever sent twice.
    pub async fn lease(&self, account: &str, folder: Option<&str>) -> Result<Lease, Error> {
        let config = self.config(account).await?;
        let home = self.home(account);
        let permit = Arc::clone(&home.permits).acquire_owned().await;
        let permit = permit.map_err(|closed| crate::failure::internal(&closed))?;
        while let Some(mut kept) = home.take(folder) {
            if kept.is_alive().await {
                return Ok(Lease { connection: Some(kept), home, _permit: permit });
            }
        }
        let connection = Connection::open(&config).await?;
        Ok(Lease { connection: Some(connection), home, _permit: permit })
    }

    /// Closes the kept connections of an account.
    pub fn forget(&self, account: &str) {
        let gone = lock(&self.accounts).remove(account);
        if let Some(home) = gone {
            let kept = std::mem::take(&mut lock(&home.state).connections);
            close(kept);
        }
    }

    fn home(&self, account: &str) -> Arc<AccountPool> {
        let fresh = || {
            Arc::new(AccountPool {
                permits: Arc::new(Semaphore::new(COMMANDS)),
                state: Mutex::new(Idle::default()),
            })
        };
        Arc::clone(lock(&self.accounts).entry(account.to_owned()).or_insert_with(fresh))
    }
}

impl AccountPool {
    fn take(&self, folder: Option<&str>) -> Option<Connection> {
        let mut state = lock(&self.state);
        let open_there = |(connection, _): &(Connection, Instant)| {
            connection.selected().is_some_and(|selected| Some(selected.folder.as_str()) == folder)
        };
        let at = state.connections.iter().position(open_there);
        let at = at.or_else(|| state.connections.len().checked_sub(1))?;
        Some(state.connections.swap_remove(at).0)
    }

    fn put(self: &Arc<Self>, connection: Connection) {
        let mut state = lock(&self.state);
        state.connections.push((connection, Instant::now()));
        if !state.watched
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            state.watched = true;
            runtime.spawn(close_unused(Arc::downgrade(self)));
        }
    }
}

/// Closes connections nobody uses, until none is left.
async fn close_unused(home: Weak<AccountPool>) {
    loop {
        tokio::time::sleep(IDLE_LIMIT / 4).await;
        let Some(home) = home.upgrade() else { return };
        let mut state = lock(&home.state);
        let now = Instant::now();
        let old = state.connections.extract_if(.., |(_, since)| now - *since > IDLE_LIMIT).collect();
        close(old);
        if state.connections.is_empty() {
            state.watched = false;
            return;
        }
    }
}

fn close(connections: Vec<(Connection, Instant)>) {
    for (connection, _) in connections {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(connection.close());
        }
    }
}

impl std::ops::Deref for Lease {
    type Target = Connection;
    #[expect(clippy::expect_used, reason = "the connection leaves the lease only when it is dropped")]
    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a lease has its connection")
    }
}

impl std::ops::DerefMut for Lease {
    #[expect(clippy::expect_used, reason = "the connection leaves the lease only when it is dropped")]
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a lease has its connection")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|connection| !connection.is_broken()) {
            self.home.put(connection);
        }
    }
}

/// The data behind these locks are whole between any two statements, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
