//! Who waits for an entry: released when it is durable and every part of it is applied.

use super::record::Entry;
use super::segment::InUse;
use crate::mail::Placed;
use crate::spool::{Arriving, PlaceJob, Spool};
use crate::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// What became of an entry.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Targets by their position, with where the message lies.
    pub(crate) placed: Vec<(usize, Placed)>,
    /// The message in the spool. Taken when all parts succeeded, so it is here only beside an error.
    pub(crate) arriving: Option<Arriving>,
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
    last: Option<LastPart>,
}

/// The spool's part of an entry that settles something: it is done when all others succeeded, since what is settled could
/// not be taken back.
struct LastPart {
    spool: Spool,
    entry: Arc<Entry>,
    in_use: Arc<InUse>,
    at: u64,
}

impl Waiter {
    /// Parts are the sync, one for each target, and one for the spool.
    pub(super) fn new(entry: &Entry, reply: oneshot::Sender<Outcome>) -> Arc<Self> {
        let targets = match entry {
            Entry::Place(message) => {
                let is_parallel = message.spool.is_some() && message.settles.is_empty();
                message.targets.len() + usize::from(is_parallel)
            }
            Entry::Cancel(_) => 0,
        };
        let state =
            State { remaining: 1 + targets, outcome: Outcome::default(), reply: Some(reply), last: None };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// Gives the spool its part: at once, or, if the entry settles something, when all other parts succeeded. `at`
    /// is where the record begins.
    pub(super) fn give_to_spool(
        self: &Arc<Self>,
        spool: &Spool,
        entry: &Arc<Entry>,
        in_use: &Arc<InUse>,
        at: u64,
    ) {
        let Entry::Place(message) = &**entry else { return };
        if !message.is_for_spool() {
            return;
        }
        let (entry, in_use) = (entry.clone(), in_use.clone());
        if message.settles.is_empty() {
            spool.place(PlaceJob { entry, waiter: self.clone(), in_use, at });
        } else {
            let last = LastPart { spool: spool.clone(), entry, in_use, at };
            self.state.lock().unwrap_or_else(PoisonError::into_inner).last = Some(last);
        }
    }

    /// The record is durable, or could not be written.
    pub(super) fn synced(self: &Arc<Self>, result: Result<()>) {
        self.part(|outcome| outcome.error = outcome.error.take().or(result.err()));
    }

    /// A target is applied.
    pub(crate) fn applied(self: &Arc<Self>, target: usize, result: Result<Placed>) {
        self.part(|outcome| match result {
            Ok(placed) => outcome.placed.push((target, placed)),
            Err(error) => outcome.error = outcome.error.take().or(Some(error)),
        });
    }

    /// The spool's part is done.
    pub(crate) fn spooled(self: &Arc<Self>, result: Result<Option<Arriving>>) {
        self.part(|outcome| match result {
            Ok(arriving) => outcome.arriving = arriving,
            Err(error) => outcome.error = outcome.error.take().or(Some(error)),
        });
    }

    /// Nothing of the entry was or will be done.
    pub(super) fn refuse(&self, error: Error) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reply) = state.reply.take() {
            // The caller may have gone away.
            let _ = reply.send(Outcome { error: Some(error), ..Outcome::default() });
        }
    }

    fn part(self: &Arc<Self>, note: impl FnOnce(&mut Outcome)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        note(&mut state.outcome);
        state.remaining = state.remaining.saturating_sub(1);
        if state.remaining > 0 {
            return;
        }
        let has_failed = state.outcome.error.is_some();
        if let Some(LastPart { spool, entry, in_use, at }) = state.last.take().filter(|_| !has_failed) {
            state.remaining = 1;
            drop(state);
            spool.place(PlaceJob { entry, waiter: self.clone(), in_use, at });
        } else if let Some(reply) = state.reply.take() {
            let mut outcome = std::mem::take(&mut state.outcome);
            drop(state);
            if !has_failed && let Some(arriving) = outcome.arriving.take() {
                arriving.admit();
            }
            // The caller may have gone away.
            let _ = reply.send(outcome);
        }
    }
}
