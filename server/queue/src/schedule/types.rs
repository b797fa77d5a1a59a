//! What goes into the scheduler and what comes out.

use super::Lane;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The key of a destination, as [`crate::route::NextHop::key`] makes it.
pub type Key = Arc<str>;

/// The position of a recipient in its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecipientNumber(pub u32);

/// A delivery, and the connection it was made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub u64);

/// What one message has for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Which message.
    pub queue_id: Arc<str>,
    /// Its recipients at this destination that are due.
    pub recipients: Vec<RecipientNumber>,
    /// How many recipients the message had when it arrived, at all destinations: its lane.
    pub message_recipients: u32,
}

/// A destination for which the spool has something due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub key: Key,
    /// Whether some of it has been tried before: it is then handled with care.
    pub was_tried: bool,
}

/// How a delivery ended, as far as the destination is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The peer answered commands; what it said about recipients does not matter here.
    Answered,
    /// No connection, no greeting or a refusing one, no TLS where it must be, a time-out or a loss before any reply to RCPT.
    Unreachable,
}

/// What the driver is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Deliver one message to some of its recipients.
    Start {
        /// To be given back to [`super::Scheduler::finished`].
        delivery: DeliveryId,
        /// Where.
        destination: Key,
        /// Which message.
        queue_id: Arc<str>,
        /// At most [`Limits::recipients_per_delivery`].
        recipients: Vec<RecipientNumber>,
        /// The connection to use: that of this earlier delivery. If it is gone meanwhile, open another.
        connection: Option<DeliveryId>,
    },
    /// Give these back to the spool: they were loaded, and are not delivered now. When they are due is not changed.
    Release {
        /// Which message.
        queue_id: Arc<str>,
        /// Its recipients.
        recipients: Vec<RecipientNumber>,
    },
    /// Close the idle connection of this delivery.
    Close(DeliveryId),
    /// Claim in the spool what is due at a destination, by [`super::priority`], then in the order of the next try, and answer
    /// with [`super::Scheduler::loaded`], which must not be left out (an empty list will do).
    Load {
        /// Where.
        destination: Key,
        /// Only messages of this lane, see [`Lane::priorities`].
        lane: Lane,
        /// At most this many recipients; exactly as many mean that there may be more.
        limit: usize,
    },
    /// Ask the spool which destinations have something due, by key in ascending order, and answer with
    /// [`super::Scheduler::listed`], which must not be left out.
    List {
        /// Only keys behind this one.
        after: Option<Key>,
        /// At most this many; exactly as many mean that there may be more.
        limit: usize,
    },
    /// Tell the spool that nothing of a destination is due before this time.
    BackOff {
        /// Where.
        destination: Key,
        /// When it is tried again.
        until: Timestamp,
    },
}

/// The numbers of the scheduler. Where Postfix has one, it has Postfix's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Deliveries at a time (`default_process_limit`).
    pub deliveries: usize,
    /// Deliveries at a time to a destination that has not answered yet.
    pub unproven_concurrency: u32,
    /// Deliveries at a time to a destination that has just answered (`initial_destination_concurrency`).
    pub initial_concurrency: u32,
    /// The most deliveries at a time to one destination (`default_destination_concurrency_limit`).
    pub destination_concurrency: u32,
    /// Recipients of one delivery (`smtp_destination_recipient_limit`).
    pub recipients_per_delivery: usize,
    /// A message with more recipients than this, rounded up by [`super::priority`], is a mailing and waits in the other
    /// lane.
    pub bulk_recipients: u32,
    /// Recipients that are loaded for a destination at a time.
    pub page: usize,
    /// Recipients that wait here, in all (`qmgr_message_recipient_limit`).
    pub waiting: usize,
    /// Destinations that are known here. Others wait in the spool until there is room.
    pub destinations: usize,
    /// How long a connection waits for the next message (`smtp_connection_cache_time_limit`).
    pub keep_connection: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deliveries: 100,
            unproven_concurrency: 2,
            initial_concurrency: 5,
            destination_concurrency: 20,
            recipients_per_delivery: 50,
            bulk_recipients: 63,
            page: 200,
            waiting: 20_000,
            destinations: 20_000,
            keep_connection: Duration::from_secs(2),
        }
    }
}

/// What is held at the moment; for tests of bounds and for the overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Destinations known.
    pub destinations: usize,
    /// Destinations left alone.
    pub dead: usize,
    /// Recipients waiting here.
    pub waiting: usize,
    /// Deliveries that run.
    pub running: usize,
    /// Idle connections.
    pub idle: usize,
}
