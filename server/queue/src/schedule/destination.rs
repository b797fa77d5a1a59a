//! One destination: how it is, what waits for it, how many deliveries it takes at a time.

use super::lanes::{Lane, Lanes};
use super::rings::{Tier, Turn};
use super::{DeliveryId, Limits, Work};
use jiff::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Not tried since we know it.
    Unknown,
    /// It has answered.
    Proven,
    /// It failed, or what waits for it did, and is tried again with one delivery.
    Suspect,
    /// It is left alone.
    Dead { until: Timestamp },
}

impl State {
    pub(super) fn tier(self) -> Option<Tier> {
        match self {
            Self::Proven => Some(Tier::Proven),
            Self::Unknown => Some(Tier::Unknown),
            Self::Suspect => Some(Tier::Suspect),
            Self::Dead { .. } => None,
        }
    }
}

/// A page that was asked for.
#[derive(Debug)]
pub(super) struct Loading {
    pub lane: Lane,
    pub limit: usize,
    /// The slot that is kept for the delivery which the page is for; a page that is asked for in advance has none.
    pub slot: Option<Tier>,
    /// Something was added to the spool meanwhile, which the page may not hold.
    pub again: bool,
}

/// A place in line. Places with an older ticket than this are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub ticket: u64,
    pub turn: Turn,
}

#[derive(Debug)]
pub(super) struct Destination {
    pub state: State,
    pub lanes: Lanes,
    pub loading: Option<Loading>,
    pub running: u32,
    pub idle: Vec<DeliveryId>,
    pub place: Option<Place>,
    /// Times it was left alone since it last answered.
    pub failures: u32,
    pub last_used: Timestamp,
    /// Whether the spool has more of a lane.
    more_single: bool,
    more_bulk: bool,
    window: u32,
    /// The part of a window that succeeded since it last changed.
    success: f64,
    /// Windows that failed one after the other: pseudo-cohorts.
    failed_cohorts: f64,
}

impl Destination {
    pub(super) fn new(state: State, concurrency: u32, now: Timestamp) -> Self {
        let window = if state == State::Suspect { 1 } else { concurrency.max(1) };
        Self {
            state,
            lanes: Lanes::default(),
            loading: None,
            running: 0,
            idle: Vec::new(),
            place: None,
            failures: 0,
            last_used: now,
            more_single: false,
            more_bulk: false,
            window,
            success: 0.0,
            failed_cohorts: 0.0,
        }
    }

    /// Whether it can use a slot: for a delivery, or for a page if it has nothing here.
    pub(super) fn wants_turn(&self) -> bool {
        let has_work = self.lanes.recipients() > 0 || (self.has_more() && self.loading.is_none());
        has_work && self.running < self.window
    }

    /// Whether something comes back to it: a delivery, a page, a connection.
    pub(super) fn is_busy(&self) -> bool {
        self.running > 0 || self.loading.is_some() || !self.idle.is_empty()
    }

    pub(super) fn is_unused(&self) -> bool {
        let is_dead = matches!(self.state, State::Dead { .. });
        !(is_dead || self.is_busy() || self.place.is_some() || self.has_more() || self.lanes.recipients() > 0)
    }

    /// The lane that runs dry and has more in the spool.
    pub(super) fn lane_to_load(&self, low: usize) -> Option<Lane> {
        let runs_dry = |lane| self.lanes.recipients_in(lane) <= low;
        match self.loading {
            Some(_) => None,
            None if self.more_single && runs_dry(Lane::Single) => Some(Lane::Single),
            None if self.more_bulk && runs_dry(Lane::Bulk) => Some(Lane::Bulk),
            None => None,
        }
    }

    pub(super) fn note_more(&mut self, lane: Lane) {
        self.set_more(lane, true);
        if let Some(loading) = &mut self.loading
            && loading.lane == lane
        {
            loading.again = true;
        }
    }

    pub(super) fn set_more(&mut self, lane: Lane, more: bool) {
        match lane {
            Lane::Single => self.more_single = more,
            Lane::Bulk => self.more_bulk = more,
        }
    }

    fn has_more(&self) -> bool {
        self.more_single || self.more_bulk
    }

    /// A delivery was answered. A window of successes makes the window one wider.
    pub(super) fn succeeded(&mut self, limits: &Limits) {
        self.failures = 0;
        self.failed_cohorts = 0.0;
        match self.state {
            State::Proven => {}
            // What is in the spool was put off already; what arrives from now on is delivered when its time comes.
            State::Dead { .. } => return,
            State::Unknown | State::Suspect => {
                self.state = State::Proven;
                self.place = None;
                self.window = self.window.max(limits.initial_concurrency);
            }
        }
        self.success += 1.0 / f64::from(self.window);
        // A little less than one: parts of a window do not add up exactly.
        if self.success > 0.999 {
            self.success = 0.0;
            self.window = (self.window + 1).min(limits.destination_concurrency.max(1));
        }
    }

    /// A delivery did not reach it. Whether it is to be left alone now.
    pub(super) fn failed(&mut self) -> bool {
        self.failed_cohorts += 1.0 / f64::from(self.window);
        if self.state != State::Proven || self.failed_cohorts > 0.999 {
            return true;
        }
        self.success = 0.0;
        self.window = (self.window - 1).max(1);
        false
    }

    /// It is left alone; what waited here is given out.
    pub(super) fn bury(&mut self, until: Timestamp) -> Vec<Work> {
        self.failures = self.failures.saturating_add(1);
        self.state = State::Dead { until };
        self.place = None;
        self.more_single = false;
        self.more_bulk = false;
        self.lanes.clear()
    }

    /// What is in the spool is due again.
    pub(super) fn wake(&mut self) {
        self.state = State::Suspect;
        self.window = 1;
        self.success = 0.0;
        self.failed_cohorts = 0.0;
        self.note_more(Lane::Single);
        self.note_more(Lane::Bulk);
    }
}
