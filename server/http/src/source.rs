//! What the server serves.

use std::sync::Arc;

use postigo_api::{Event, Handler};
use tokio::sync::broadcast;

/// What answers requests, and where events come from: the engine, or a fake in tests.
#[derive(Clone)]
pub struct Source {
    pub(crate) handler: Arc<dyn Handler>,
    subscribe: Arc<dyn Fn() -> broadcast::Receiver<Arc<Vec<Event>>> + Send + Sync>,
}

impl Source {
    /// `subscribe` is called once for each stream of events; it gives a receiver of the batches from then on.
    pub fn new(
        handler: Arc<dyn Handler>,
        subscribe: impl Fn() -> broadcast::Receiver<Arc<Vec<Event>>> + Send + Sync + 'static,
    ) -> Self {
        Self { handler, subscribe: Arc::new(subscribe) }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<Vec<Event>>> {
        (self.subscribe)()
    }
}
