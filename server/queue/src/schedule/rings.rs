//! Who has the next slot.

use super::Key;
use super::destination::Place;
use std::collections::VecDeque;

/// How much is known of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    Proven,
    Unknown,
    Suspect,
}

/// Which line of its tier a destination stands in, the slowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    Usual,
    Express,
    Ready,
}

const TIERS: [Tier; 3] = [Tier::Proven, Tier::Unknown, Tier::Suspect];

/// Destinations that want a slot, tier by tier. A destination that gets another place leaves its old one behind, to be
/// passed over.
#[derive(Debug)]
pub(super) struct Rings {
    lines: [Line; 3],
    /// Slots that are taken, by tier.
    running: [usize; 3],
    slots: usize,
    turn: usize,
    last_ticket: u64,
}

/// Destinations take turns; those with a new message to few recipients have every other turn. One that has used its turn
/// to ask for a page starts its delivery before all others, so that no pages are asked for that cannot be used.
#[derive(Debug, Default)]
struct Line {
    ready: VecDeque<(Key, u64)>,
    express: VecDeque<(Key, u64)>,
    turns: VecDeque<(Key, u64)>,
    was_express: bool,
}

impl Line {
    fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.express.is_empty() && self.turns.is_empty()
    }

    fn pop(&mut self) -> Option<(Key, u64)> {
        if let Some(ready) = self.ready.pop_front() {
            return Some(ready);
        }
        self.was_express = !self.was_express;
        let (first, second) = if self.was_express {
            (&mut self.express, &mut self.turns)
        } else {
            (&mut self.turns, &mut self.express)
        };
        first.pop_front().or_else(|| second.pop_front())
    }
}

impl Rings {
    pub(super) fn new(slots: usize) -> Self {
        Self { lines: Default::default(), running: [0; 3], slots, turn: 0, last_ticket: 0 }
    }

    pub(super) fn resize(&mut self, slots: usize) {
        self.slots = slots;
    }

    /// Gives a destination a place at the end of a line.
    pub(super) fn push(&mut self, key: Key, tier: Tier, turn: Turn) -> Place {
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        let line = &mut self.lines[tier as usize];
        let line = match turn {
            Turn::Ready => &mut line.ready,
            Turn::Express => &mut line.express,
            Turn::Usual => &mut line.turns,
        };
        line.push_back((key, ticket));
        Place { ticket, turn }
    }

    /// A slot is taken: by a delivery, or by a page that is asked for to start one.
    pub(super) fn take(&mut self, tier: Tier) {
        self.running[tier as usize] += 1;
    }

    /// It is free again.
    pub(super) fn give_back(&mut self, tier: Tier) {
        self.running[tier as usize] -= 1;
    }

    /// The destination whose turn it is; the tiers take turns, too. The caller sees to it that there is a slot at all.
    pub(super) fn next(&mut self) -> Option<(Key, u64, Tier)> {
        self.turn = (self.turn + 1) % TIERS.len();
        let order = (0..TIERS.len()).map(|n| TIERS[(self.turn + n) % TIERS.len()]);
        let tier =
            order.into_iter().find(|tier| !self.lines[*tier as usize].is_empty() && self.has_slot(*tier))?;
        let (key, ticket) = self.lines[tier as usize].pop()?;
        Some((key, ticket, tier))
    }

    /// Suspects have a quarter of the slots, they and the unknown three quarters. The proven leave a quarter to the others
    /// while those have something to do.
    fn has_slot(&self, tier: Tier) -> bool {
        let [proven, unknown, suspect] = self.running;
        let quarter = (self.slots / 4).max(1);
        let most = self.slots.saturating_sub(quarter).max(1);
        match tier {
            Tier::Proven => proven < most || (self.lines[1].is_empty() && self.lines[2].is_empty()),
            Tier::Unknown => unknown + suspect < most,
            Tier::Suspect => suspect < quarter && unknown + suspect < most,
        }
    }
}
