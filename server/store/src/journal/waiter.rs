//! Who waits for an entry: released when it is durable and every part of it is applied.

use super::record::Entry;
use crate::mail::Placed;
use crate::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// What became of an entry.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Targets by their position, with where the message lies.
    pub(crate) placed: Vec<(usize, Placed)>,
    /// The first error, if any part failed.
    pub(crate) error: Option<Error>,
}

/// Collects the parts of one entry's outcome.
pub(crate) struct Waiter {
    state: Mutex<State>,
}

struct State {
    remaining: usize,
    outcome: Outcome,
    reply: Option<oneshot::Sender<Outcome>>,
}

impl Waiter {
    /// Parts are the sync, and one for each target.
    pub(super) fn new(entry: &Entry, reply: oneshot::Sender<Outcome>) -> Arc<Self> {
        let targets = match entry {
            Entry::Place(message) => message.targets.len(),
            Entry::Cancel(_) => 0,
        };
        let state = State { remaining: 1 + targets, outcome: Outcome::default(), reply: Some(reply) };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// The record is durable, or could not be written.
    pub(super) fn synced(&self, result: Result<()>) {
        self.part(|outcome| outcome.error = outcome.error.take().or(result.err()));
    }

    /// A target is applied.
    pub(crate) fn applied(&self, target: usize, result: Result<Placed>) {
        self.part(|outcome| match result {
            Ok(placed) => outcome.placed.push((target, placed)),
            Err(error) => outcome.error = outcome.error.take().or(Some(error)),
        });
    }

    /// Nothing of the entry was or will be done.
    pub(super) fn refuse(&self, error: Error) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reply) = state.reply.take() {
            // The caller may have gone away.
            let _ = reply.send(Outcome { placed: Vec::new(), error: Some(error) });
        }
    }

    fn part(&self, note: impl FnOnce(&mut Outcome)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        note(&mut state.outcome);
        state.remaining = state.remaining.saturating_sub(1);
        if state.remaining == 0
            && let Some(reply) = state.reply.take()
        {
            // The caller may have gone away.
            let _ = reply.send(std::mem::take(&mut state.outcome));
        }
    }
}
