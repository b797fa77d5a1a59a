//! When a delivery that failed for now is tried again, when the sender is warned, and when it is given up
//! (RFC 5321 §4.5.4.1).

use crate::time::{elapsed, later};
use jiff::Timestamp;
use std::time::Duration;

/// The times of the queue, with Postfix's names and defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryTimes {
    /// `queue_run_delay`: how often the queue is looked through.
    pub queue_run_delay: Duration,
    /// `minimal_backoff_time`: the shortest wait between two attempts.
    pub minimal_backoff_time: Duration,
    /// `maximal_backoff_time`: the longest.
    pub maximal_backoff_time: Duration,
    /// `maximal_queue_lifetime`: how long a message is tried.
    pub maximal_queue_lifetime: Duration,
    /// `bounce_queue_lifetime`: how long a message with the null reverse-path is tried.
    pub bounce_queue_lifetime: Duration,
    /// `delay_warning_time`: after how long the sender is told that the message waits; zero: never.
    pub delay_warning_time: Duration,
}

impl Default for RetryTimes {
    /// Postfix's defaults, but with a warning after 4 hours, which Postfix leaves out.
    fn default() -> Self {
        const HOUR: u64 = 3_600;
        Self {
            queue_run_delay: Duration::from_secs(300),
            minimal_backoff_time: Duration::from_secs(300),
            maximal_backoff_time: Duration::from_secs(4_000),
            maximal_queue_lifetime: Duration::from_secs(5 * 24 * HOUR),
            bounce_queue_lifetime: Duration::from_secs(5 * 24 * HOUR),
            delay_warning_time: Duration::from_secs(4 * HOUR),
        }
    }
}

/// A recipient whose delivery failed for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// When the message arrived.
    pub arrived: Timestamp,
    /// When the last attempt ended.
    pub last_attempt: Timestamp,
    /// How many attempts there were, the last one included.
    pub attempts: u32,
    /// Whether the reverse-path is null.
    pub is_bounce: bool,
    /// Whether the sender was told of the delay.
    pub was_warned: bool,
}

/// What follows from a failure for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is tried again.
    Retry {
        /// Not before.
        at: Timestamp,
        /// Whether the sender is to be told now that it waits.
        warn: bool,
    },
    /// It is returned to the sender.
    GiveUp,
}

impl RetryTimes {
    /// What follows from a failure for now. `jitter`, from 0 to 1, moves the time by up to a tenth, so that what failed
    /// together is not tried together for ever.
    pub fn after_failure(&self, waiting: &Waiting, now: Timestamp, jitter: f64) -> Next {
        if now >= self.expires(waiting.arrived, waiting.is_bounce) {
            return Next::GiveUp;
        }
        let age = elapsed(waiting.arrived, now);
        let is_late = !self.delay_warning_time.is_zero() && age >= self.delay_warning_time;
        let at = self.next_try(waiting.arrived, waiting.last_attempt, waiting.attempts, jitter);
        // The last attempt comes when the time is over, not up to `maximal_backoff_time` later.
        let at = at.min(self.expires(waiting.arrived, waiting.is_bounce));
        Next::Retry { at, warn: is_late && !waiting.was_warned && !waiting.is_bounce }
    }

    /// When a recipient is tried again. As in Postfix, a message waits as long as it has been waiting already, between the
    /// two backoff times; but the first attempts of one that arrived long before (held, or sent later) come as soon as
    /// those of a new one.
    pub fn next_try(
        &self,
        arrived: Timestamp,
        last_attempt: Timestamp,
        attempts: u32,
        jitter: f64,
    ) -> Timestamp {
        let wait = elapsed(arrived, last_attempt).min(self.doubled(attempts));
        let wait = wait.clamp(self.minimal_backoff_time, self.longest());
        later(last_attempt, jittered(wait, jitter))
    }

    /// How long a destination that could not be reached is left alone after this many failures one after the other.
    pub fn destination_backoff(&self, failures: u32, jitter: f64) -> Duration {
        let wait = self.doubled(failures).clamp(self.minimal_backoff_time, self.longest());
        jittered(wait, jitter)
    }

    /// When the message is given up; Will-Retry-Until of reports (RFC 3464 §2.3.9).
    pub fn expires(&self, arrived: Timestamp, is_bounce: bool) -> Timestamp {
        later(arrived, if is_bounce { self.bounce_queue_lifetime } else { self.maximal_queue_lifetime })
    }

    fn doubled(&self, times: u32) -> Duration {
        let factor = 1_u32.checked_shl(times.saturating_sub(1)).unwrap_or(u32::MAX);
        self.minimal_backoff_time.saturating_mul(factor)
    }

    /// A maximum below the minimum would be a mistake in the configuration; the minimum counts then.
    fn longest(&self) -> Duration {
        self.maximal_backoff_time.max(self.minimal_backoff_time)
    }
}

fn jittered(wait: Duration, jitter: f64) -> Duration {
    let share = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.0 };
    wait.saturating_add(wait.mul_f64(share / 10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRIVED: Timestamp = Timestamp::UNIX_EPOCH;

    fn at(seconds: u64) -> Timestamp {
        ARRIVED + Duration::from_secs(seconds)
    }

    fn waiting(now: u64, attempts: u32) -> Waiting {
        Waiting { arrived: ARRIVED, last_attempt: at(now), attempts, is_bounce: false, was_warned: true }
    }

    #[test]
    fn a_message_waits_as_long_as_it_has_waited() {
        let times = RetryTimes::default();
        let (mut now, mut tries) = (0, vec![]);
        for attempts in 1..=8 {
            let Next::Retry { at, .. } = times.after_failure(&waiting(now, attempts), at(now), 0.0) else {
                panic!("given up")
            };
            now = u64::try_from(at.as_second()).unwrap();
            tries.push(now);
        }
        assert_eq!(tries, [300, 600, 1200, 2400, 4800, 8800, 12800, 16800]);
    }

    #[test]
    fn a_message_that_was_held_is_soon_tried_again() {
        let day = 86_400;
        assert_eq!(RetryTimes::default().next_try(ARRIVED, at(day), 1, 0.0), at(day + 300));
        assert_eq!(RetryTimes::default().next_try(ARRIVED, at(day), 40, 0.0), at(day + 4000));
        assert_eq!(RetryTimes::default().next_try(at(day), at(0), 3, 0.0), at(300), "the clock was set back");
    }

    #[test]
    fn a_message_is_given_up_after_its_lifetime_and_tried_a_last_time() {
        let (times, five_days) = (RetryTimes::default(), 5 * 86_400);
        let now = five_days - 60;
        let last = Next::Retry { at: at(five_days), warn: false };
        assert_eq!(times.after_failure(&waiting(now, 100), at(now), 1.0), last);
        assert_eq!(times.after_failure(&waiting(five_days, 101), at(five_days), 0.0), Next::GiveUp);
        let short = RetryTimes { bounce_queue_lifetime: Duration::ZERO, ..times };
        let bounce = Waiting { is_bounce: true, ..waiting(0, 1) };
        assert_eq!(short.after_failure(&bounce, at(0), 0.0), Next::GiveUp);
    }

    #[test]
    fn the_sender_is_warned_once_and_never_about_a_bounce() {
        let times = RetryTimes::default();
        let warn = |waiting: Waiting, now: u64, times: RetryTimes| {
            matches!(times.after_failure(&waiting, at(now), 0.0), Next::Retry { warn: true, .. })
        };
        let fresh = |now| Waiting { was_warned: false, ..waiting(now, 5) };
        assert!(!warn(fresh(14_399), 14_399, times));
        assert!(warn(fresh(14_400), 14_400, times));
        assert!(!warn(waiting(14_400, 5), 14_400, times));
        assert!(!warn(Waiting { is_bounce: true, ..fresh(14_400) }, 14_400, times));
        assert!(!warn(fresh(14_400), 14_400, RetryTimes { delay_warning_time: Duration::ZERO, ..times }));
    }

    #[test]
    fn jitter_adds_a_tenth_at_most() {
        let times = RetryTimes::default();
        assert_eq!(times.destination_backoff(1, 1.0), Duration::from_secs(330));
        for odd in [f64::NAN, f64::INFINITY, -3.0] {
            assert_eq!(times.destination_backoff(1, odd), Duration::from_secs(300));
        }
        assert_eq!(times.destination_backoff(1, 9.0), Duration::from_secs(330));
        assert_eq!(times.destination_backoff(u32::MAX, 0.0), Duration::from_secs(4000));
    }
}
