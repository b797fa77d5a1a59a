//! The client: what the engine holds.

use std::sync::{Arc, Mutex};

use postigo_api::Error;

use crate::cache::Cache;
use crate::imap::pool::{Lease, Pool};
use crate::watch::Watches;
use crate::{Changed, Directory};

/// The built-in mail client of one engine. Clones are the same client. Its methods answer the `mail.*` commands of
/// [`postigo_api::Handler`] and are grouped by subject in files: folders, list, message, flags, compose, send, watch.
#[derive(Clone)]
pub struct Client {
    pub(crate) pool: Arc<Pool>,
    pub(crate) cache: Arc<Mutex<Cache>>,
    pub(crate) watches: Arc<Watches>,
}

impl Client {
    /// A client for the accounts that `directory` knows. `notify` is told of changes in watched folders; it must not block.
    pub fn new(directory: Arc<dyn Directory>, notify: impl Fn(Changed) + Send + Sync + 'static) -> Self {
        Self {
            pool: Arc::new(Pool::new(Arc::clone(&directory))),
            cache: Arc::default(),
            watches: Arc::new(Watches::new(directory, Arc::new(notify))),
        }
    }

    /// Lets go of all that is kept of an account: connections, messages, watches. For accounts that were deleted or switched
    /// off, or whose password changed.
    pub fn forget(&self, account: &str) {
        self.pool.forget(account);
        self.watches.forget(account, None);
        self.cached().forget(account);
    }

    pub(crate) fn cached(&self) -> std::sync::MutexGuard<'_, Cache> {
        // The cache is whole between any two of its methods, so a panic elsewhere does not spoil it.
        self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A connection with the folder open.
    pub(crate) async fn open(&self, account: &str, folder: &str, writable: bool) -> Result<Lease, Error> {
        let mut lease = self.pool.lease(account, Some(folder)).await?;
        lease.select(folder, writable).await?;
        Ok(lease)
    }
}
