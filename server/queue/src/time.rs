//! Points in time that cannot overflow.

use jiff::Timestamp;
use std::time::Duration;

/// `at` plus `duration`, at most the last possible moment.
pub(crate) fn later(at: Timestamp, duration: Duration) -> Timestamp {
    at.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// How long after `earlier` it is; zero if the clock was set back.
pub(crate) fn elapsed(earlier: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(earlier)).unwrap_or_default()
}
