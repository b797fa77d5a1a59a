//! What happened in the spool, for whoever schedules and for live views.

use super::types::DueMessage;
use jiff::Timestamp;
use std::sync::{Mutex, PoisonError};
use tokio::sync::broadcast::{self, error::RecvError};

/// Notices a slow subscriber may lag behind before it gets [`SpoolNotice::Missed`].
const CAPACITY: usize = 1024;

/// A change of the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpoolNotice {
    /// A message is there, and can be claimed.
    Arrived {
        /// Which one.
        queue_id: String,
        /// What it has due, by destination; whoever schedules need not read the index for it.
        due: Vec<(String, DueMessage)>,
        /// When its sender releases it, if that is later (RFC 4865).
        hold_until: Option<Timestamp>,
    },
    /// Something about a message or its recipients is different.
    Changed {
        /// Which one.
        queue_id: String,
    },
    /// The message is gone.
    Finished {
        /// Which one.
        queue_id: String,
    },
    /// The subscriber was too slow and notices were left out: look again at whatever is shown or planned.
    Missed,
}

/// A subscription to the spool; ends when dropped.
#[derive(Debug)]
pub struct SpoolSubscription {
    receiver: broadcast::Receiver<SpoolNotice>,
}

impl SpoolSubscription {
    /// The next notice; `None` when the store has closed. Cancel-safe.
    pub async fn next(&mut self) -> Option<SpoolNotice> {
        match self.receiver.recv().await {
            Ok(notice) => Some(notice),
            Err(RecvError::Lagged(_)) => Some(SpoolNotice::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}

/// The sending side; `None` once the store has closed.
#[derive(Debug)]
pub(super) struct Feed {
    sender: Mutex<Option<broadcast::Sender<SpoolNotice>>>,
}

impl Feed {
    pub(super) fn new() -> Self {
        Self { sender: Mutex::new(Some(broadcast::Sender::new(CAPACITY))) }
    }

    pub(super) fn publish(&self, notices: impl IntoIterator<Item = SpoolNotice>) {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = sender.as_ref() else { return };
        for notice in notices {
            // An error only says that nobody listens.
            let _ = sender.send(notice);
        }
    }

    pub(super) fn subscribe(&self) -> SpoolSubscription {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a sender the subscription ends at once.
        let receiver = sender.as_ref().map_or_else(|| broadcast::channel(1).1, broadcast::Sender::subscribe);
        SpoolSubscription { receiver }
    }

    pub(super) fn close(&self) {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
