//! What waits at one destination: messages with few recipients, and mailings.

use super::{Limits, RecipientNumber, Work};
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Which messages go before which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Messages with few recipients, at most [`super::Limits::bulk_recipients`].
    Single,
    /// Mailings.
    Bulk,
}

/// The priority of a message by the number of its recipients, for the spool's order; 0 goes first. Each is twice as many
/// recipients as the one before: 1, 2 and 3, 4 to 7, ...
pub fn priority(message_recipients: u32) -> u8 {
    u8::try_from(message_recipients.max(1).ilog2()).unwrap_or(u8::MAX)
}

impl Lane {
    /// The priorities of its messages.
    pub fn priorities(self, limits: &Limits) -> RangeInclusive<u8> {
        let last_single = priority(limits.bulk_recipients);
        match self {
            Self::Single => 0..=last_single,
            Self::Bulk => last_single + 1..=u8::MAX,
        }
    }
}

impl Work {
    pub(super) fn lane(&self, limits: &Limits) -> Lane {
        let is_single = Lane::Single.priorities(limits).contains(&priority(self.message_recipients));
        if is_single { Lane::Single } else { Lane::Bulk }
    }
}

/// Of four turns, mailings have one while others wait.
const BULK_EVERY: u32 = 4;

#[derive(Debug, Default)]
pub(super) struct Lanes {
    single: VecDeque<Work>,
    bulk: VecDeque<Work>,
    turn: u32,
}

impl Lanes {
    pub(super) fn push(&mut self, work: Work, lane: Lane) {
        let queue = self.queue(lane);
        // One message has one place in line, however its recipients came in.
        match queue.iter_mut().find(|waiting| waiting.queue_id == work.queue_id) {
            Some(waiting) => waiting.recipients.extend(work.recipients),
            None => queue.push_back(work),
        }
    }

    /// Some recipients of the message whose turn it is; the rest of them goes to the end of the line.
    pub(super) fn take(&mut self, max_recipients: usize) -> Option<(Arc<str>, Vec<RecipientNumber>)> {
        self.turn = self.turn.wrapping_add(1);
        let is_bulk =
            self.single.is_empty() || (self.turn.is_multiple_of(BULK_EVERY) && !self.bulk.is_empty());
        let queue = self.queue(if is_bulk { Lane::Bulk } else { Lane::Single });
        let mut work = queue.pop_front()?;
        let rest = work.recipients.split_off(work.recipients.len().min(max_recipients.max(1)));
        let taken = (work.queue_id.clone(), std::mem::replace(&mut work.recipients, rest));
        if !work.recipients.is_empty() {
            queue.push_back(work);
        }
        Some(taken)
    }

    /// Takes a message out.
    pub(super) fn remove(&mut self, queue_id: &str) -> Vec<Work> {
        self.take_out(|work| &*work.queue_id == queue_id)
    }

    /// Takes everything out.
    pub(super) fn clear(&mut self) -> Vec<Work> {
        self.take_out(|_| true)
    }

    fn take_out(&mut self, is_wanted: impl Fn(&Work) -> bool) -> Vec<Work> {
        let mut out = Vec::new();
        for queue in [&mut self.single, &mut self.bulk] {
            let (wanted, rest): (VecDeque<_>, VecDeque<_>) = queue.drain(..).partition(&is_wanted);
            out.extend(wanted);
            *queue = rest;
        }
        out
    }

    pub(super) fn recipients(&self) -> usize {
        self.all().map(|work| work.recipients.len()).sum()
    }

    pub(super) fn recipients_in(&self, lane: Lane) -> usize {
        let queue = match lane {
            Lane::Single => &self.single,
            Lane::Bulk => &self.bulk,
        };
        queue.iter().map(|work| work.recipients.len()).sum()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Work> {
        self.single.iter().chain(&self.bulk)
    }

    fn queue(&mut self, lane: Lane) -> &mut VecDeque<Work> {
        match lane {
            Lane::Single => &mut self.single,
            Lane::Bulk => &mut self.bulk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(id: &str, recipients: u32) -> Work {
        let message_recipients = recipients;
        let recipients = (0..recipients).map(RecipientNumber).collect();
        Work { queue_id: id.into(), recipients, message_recipients }
    }

    #[test]
    fn messages_take_turns_and_mailings_have_one_of_four() {
        let mut lanes = Lanes::default();
        for (id, recipients) in [("big", 100), ("news", 70), ("a", 1), ("b", 2), ("c", 1), ("d", 1), ("e", 1)]
        {
            let work = work(id, recipients);
            let lane = work.lane(&Limits::default());
            lanes.push(work, lane);
        }
        let mut order = String::new();
        while let Some((id, recipients)) = lanes.take(50) {
            order.push_str(&format!("{id}:{} ", recipients.len()));
        }
        assert_eq!(order, "a:1 b:2 c:1 big:50 d:1 e:1 news:50 big:50 news:20 ");
        assert_eq!(lanes.recipients(), 0);
    }

    #[test]
    fn one_message_has_one_place_in_line() {
        let mut lanes = Lanes::default();
        lanes.push(work("a", 2), Lane::Single);
        lanes.push(work("b", 1), Lane::Single);
        lanes.push(work("a", 1), Lane::Single);
        assert_eq!(lanes.take(50).unwrap().1.len(), 3);
        assert_eq!(lanes.remove("b").len(), 1);
        assert!(lanes.take(50).is_none());
    }

    #[test]
    fn lanes_are_ranges_of_priorities() {
        for (recipients, expected) in
            [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (63, 5), (64, 6), (u32::MAX, 31)]
        {
            assert_eq!(priority(recipients), expected, "{recipients}");
        }
        assert_eq!(Lane::Single.priorities(&Limits::default()), 0..=5);
        assert_eq!(Lane::Bulk.priorities(&Limits::default()), 6..=255);
    }
}
