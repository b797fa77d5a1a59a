//! Who is at which recipient: in memory only, so that after a restart everything can be tried again.

use super::types::RecipientId;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The claims of a spool.
#[derive(Debug, Default)]
pub(super) struct Claims {
    state: Mutex<ClaimState>,
}

/// What the lock protects. It is held while due recipients are read, and taken to release a claim after its change is
/// committed: so nobody claims on the ground of what was true before.
#[derive(Debug, Default)]
pub(super) struct ClaimState {
    pub(super) claimed: HashSet<RecipientId>,
    /// Messages whose delivery has not returned: part of them may still fail.
    pub(super) arriving: HashSet<String>,
}

impl Claims {
    pub(super) fn lock(&self) -> MutexGuard<'_, ClaimState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
