//! The change feed: what happened in which mailbox, for IDLE and for live views.

use crate::watch::WatchGuard;
use crate::{AccountId, MailboxId, ModSeq, Uid};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Changes a slow subscriber may lag behind before it gets [`Notice::Missed`].
const ACCOUNT_CAPACITY: usize = 64;
const ALL_CAPACITY: usize = 1024;

/// One change of one mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The account.
    pub account: AccountId,
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The mailbox's highest mod-sequence after the change; a receiver that has seen it can skip the change.
    pub mod_seq: ModSeq,
    /// What happened.
    pub kind: ChangeKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A new message: delivered, appended, copied, moved here, or put there by another program.
    Added {
        /// Its UID.
        uid: Uid,
    },
    /// Flags or keywords of some messages changed; `AccountMail::changes_since` says which.
    Flags,
    /// Messages are gone; `AccountMail::changes_since` says which.
    Vanished,
    /// The mailbox was created or renamed, its subscription changed, or its UIDVALIDITY is new.
    Mailbox,
    /// The mailbox was deleted.
    Deleted,
}

/// What a subscriber gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A change.
    Change(Change),
    /// The subscriber was too slow and changes were left out: ask `changes_since` of each mailbox it cares about.
    Missed,
}

/// A subscription to the changes of one account or of all; ends when dropped.
pub struct Subscription {
    receiver: broadcast::Receiver<Change>,
    _watch: Option<WatchGuard>,
}

impl Subscription {
    /// The next notice; `None` when the store has closed. Cancel-safe.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.receiver.recv().await {
            Ok(change) => Some(Notice::Change(change)),
            Err(RecvError::Lagged(_)) => Some(Notice::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}

/// The sending side; `None` once the store has closed.
#[derive(Debug)]
pub(crate) struct Feed {
    channels: Mutex<Option<Channels>>,
}

#[derive(Debug)]
struct Channels {
    all: broadcast::Sender<Change>,
    accounts: HashMap<AccountId, broadcast::Sender<Change>>,
}

impl Feed {
    pub(crate) fn new() -> Self {
        let channels = Channels { all: broadcast::Sender::new(ALL_CAPACITY), accounts: HashMap::new() };
        Self { channels: Mutex::new(Some(channels)) }
    }

    pub(crate) fn publish(&self, changes: impl IntoIterator<Item = Change>) {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(channels) = channels.as_mut() else { return };
        for change in changes {
            if let Some(account) = channels.accounts.get(&change.account)
                && account.send(change.clone()).is_err()
            {
                // Nobody listens any more.
                channels.accounts.remove(&change.account);
            }
            // An error only says that nobody listens.
            let _ = channels.all.send(change);
        }
    }

    pub(crate) fn subscribe(&self, account: AccountId, watch: WatchGuard) -> Subscription {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = match channels.as_mut() {
            Some(channels) => channels
                .accounts
                .entry(account)
                .or_insert_with(|| broadcast::Sender::new(ACCOUNT_CAPACITY))
                .subscribe(),
            None => closed(),
        };
        Subscription { receiver, _watch: Some(watch) }
    }

    pub(crate) fn subscribe_all(&self) -> Subscription {
        let channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = channels.as_ref().map_or_else(closed, |channels| channels.all.subscribe());
        Subscription { receiver, _watch: None }
    }

    /// Ends all subscriptions.
    pub(crate) fn close(&self) {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// A receiver without a sender: it ends at once.
fn closed() -> broadcast::Receiver<Change> {
    broadcast::channel(1).1
}
