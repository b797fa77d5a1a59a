//! Sequence numbers: a session's view of its mailbox.
//!
//! Sequence numbers are positions in this view, and the view changes only when the client is told: messages that are gone
//! stay in it until an EXPUNGE response may be sent (RFC 3501 §7.4.1), new ones enter it with an EXISTS.

use crate::command::SequenceSet;
use crate::number::{SeqNum, Uid, UidRange};
use std::ops::Range;

/// The messages a client knows of.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    /// Ascending.
    uids: Vec<Uid>,
    /// Ascending; all of them are in `uids`.
    recent: Vec<Uid>,
    /// Gone, and the client is not told yet; ascending.
    gone: Vec<Uid>,
}

/// Positions of messages in the view, in ascending ranges without gaps.
pub(crate) type Positions = Vec<Range<usize>>;

/// Positions that are worked off in batches.
#[derive(Debug)]
pub(crate) struct Batches {
    left: std::collections::VecDeque<Range<usize>>,
}

impl Batches {
    pub fn new(positions: Positions) -> Self {
        Self { left: positions.into() }
    }

    /// The next `most` positions at most, neighbours joined; none when all are worked off.
    pub fn next(&mut self, most: usize) -> Positions {
        let (mut batch, mut room) = (Positions::new(), most);
        while room > 0
            && let Some(mut range) = self.left.pop_front()
        {
            let taken = range.len().min(room);
            room -= taken;
            let end = range.start + taken;
            match batch.last_mut() {
                Some(last) if last.end == range.start => last.end = end,
                _ => batch.push(range.start..end),
            }
            if end < range.end {
                range.start = end;
                self.left.push_front(range);
            }
        }
        batch
    }
}

impl Tracker {
    /// A view of these messages; both lists are put in order.
    pub fn new(mut uids: Vec<Uid>, mut recent: Vec<Uid>) -> Self {
        uids.sort_unstable();
        uids.dedup();
        recent.sort_unstable();
        recent.retain(|uid| uids.binary_search(uid).is_ok());
        Self { uids, recent, gone: Vec::new() }
    }

    /// How many messages: EXISTS.
    pub fn exists(&self) -> usize {
        self.uids.len()
    }

    /// How many are recent: RECENT.
    pub fn recent(&self) -> usize {
        self.recent.len()
    }

    pub fn is_recent(&self, uid: Uid) -> bool {
        self.recent.binary_search(&uid).is_ok()
    }

    pub fn uids(&self) -> &[Uid] {
        &self.uids
    }

    /// The sequence number of a message in the view.
    pub fn seq(&self, uid: Uid) -> Option<SeqNum> {
        self.uids.binary_search(&uid).ok().map(SeqNum::at)
    }

    /// The messages of a set of UIDs that are in the view; `*` is the last one (RFC 3501 §6.4.8: others are ignored).
    pub fn by_uid(&self, set: &SequenceSet) -> Positions {
        let largest = self.uids.last().map_or(0, |uid| uid.get());
        let ranges = set.resolved(largest).into_iter().map(|(first, last)| {
            let start = self.uids.partition_point(|uid| uid.get() < first);
            let end = self.uids.partition_point(|uid| uid.get() <= last);
            start..end
        });
        ranges.filter(|range| !range.is_empty()).collect()
    }

    /// The messages of a set of sequence numbers. `None` if one is beyond the view; `1:*` of an empty one is empty.
    pub fn by_seq(&self, set: &SequenceSet) -> Option<Positions> {
        let largest = u32::try_from(self.uids.len()).unwrap_or(u32::MAX);
        let mut positions = Vec::new();
        for (first, last) in set.resolved(largest) {
            if last > largest.max(1) || largest > 0 && first == 0 {
                return None;
            }
            let start = usize::try_from(first.saturating_sub(1)).ok()?;
            let end = usize::try_from(last).ok()?.min(self.uids.len());
            if start < end {
                positions.push(start..end);
            }
        }
        Some(positions)
    }

    /// The UIDs at these positions. A range names no UID of a message that is not at its positions.
    pub fn ranges(&self, positions: &[Range<usize>]) -> Vec<UidRange> {
        let range = |positions: &Range<usize>| {
            let uids = self.uids.get(positions.clone())?;
            Some(UidRange { first: *uids.first()?, last: *uids.last()? })
        };
        positions.iter().filter_map(range).collect()
    }

    /// As [`Self::ranges`], as bare numbers.
    pub fn uid_ranges(&self, positions: &[Range<usize>]) -> Vec<(u32, u32)> {
        self.ranges(positions).into_iter().map(|range| (range.first.get(), range.last.get())).collect()
    }

    /// Takes new messages into the view; those it has or had are left out. Returns how many are new.
    pub fn add(&mut self, mut new: Vec<Uid>) -> usize {
        new.sort_unstable();
        new.dedup();
        let last = self.uids.last().copied();
        // A UID below the last one was expunged meanwhile: UIDs only grow (RFC 3501 §2.3.1.1).
        let before = self.uids.len();
        self.uids.extend(new.into_iter().filter(|uid| Some(*uid) > last));
        self.uids.len() - before
    }

    /// Marks messages as recent for this session.
    pub fn add_recent(&mut self, recent: &[Uid]) {
        self.recent.extend(recent.iter().filter(|uid| self.uids.binary_search(uid).is_ok()));
        self.recent.sort_unstable();
        self.recent.dedup();
    }

    /// Notes that messages are gone. The view stays as it is until [`Self::take_gone`].
    pub fn note_gone(&mut self, gone: &[Uid]) {
        self.gone.extend(gone.iter().filter(|uid| self.uids.binary_search(uid).is_ok()));
        self.gone.sort_unstable();
        self.gone.dedup();
    }

    /// Notes that all messages but these (ascending) are gone.
    pub fn note_all_gone_but(&mut self, left: &[Uid]) {
        let gone: Vec<Uid> =
            self.uids.iter().filter(|uid| left.binary_search(uid).is_err()).copied().collect();
        self.note_gone(&gone);
    }

    /// Takes the messages that are gone out of the view. Returns their sequence numbers, the largest first: sent in this
    /// order, none of them changes the next one.
    pub fn take_gone(&mut self) -> Vec<SeqNum> {
        let gone = std::mem::take(&mut self.gone);
        if gone.is_empty() {
            return Vec::new();
        }
        let numbers = gone.iter().rev().filter_map(|uid| self.seq(*uid)).collect();
        self.uids.retain(|uid| gone.binary_search(uid).is_err());
        self.recent.retain(|uid| gone.binary_search(uid).is_err());
        numbers
    }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "positions are lists of ranges")]
mod tests {
    use super::*;
    use crate::command::Cursor;

    fn uids(numbers: &[u32]) -> Vec<Uid> {
        numbers.iter().filter_map(|number| Uid::new(*number)).collect()
    }

    fn set(text: &str) -> SequenceSet {
        Cursor::new(text.as_bytes()).set().unwrap()
    }

    fn numbers(taken: &[SeqNum]) -> Vec<u32> {
        taken.iter().map(|seq| seq.get()).collect()
    }

    #[test]
    fn changes_of_the_view() {
        // (name, expunged, appended, EXPUNGE numbers, UIDs after)
        type Case = (&'static str, &'static [u32], &'static [u32], &'static [u32], &'static [u32]);
        let cases: [Case; 8] = [
            ("nothing", &[], &[], &[], &[10, 20, 30]),
            ("expunge_first", &[10], &[], &[1], &[20, 30]),
            ("expunge_last", &[30], &[], &[3], &[10, 20]),
            ("expunge_all", &[10, 20, 30], &[], &[3, 2, 1], &[]),
            ("expunge_unknown", &[15, 40], &[], &[], &[10, 20, 30]),
            ("append", &[], &[40, 41], &[], &[10, 20, 30, 40, 41]),
            ("append_known_and_old", &[], &[15, 30, 40], &[], &[10, 20, 30, 40]),
            ("expunge_and_append", &[20], &[40], &[2], &[10, 30, 40]),
        ];
        for (name, expunged, appended, told, after) in cases {
            let mut view = Tracker::new(uids(&[30, 10, 20]), uids(&[20]));
            view.note_gone(&uids(expunged));
            view.add(uids(appended));
            assert_eq!(numbers(&view.take_gone()), told, "{name}");
            assert_eq!(view.uids(), uids(after), "{name}");
        }
    }

    #[test]
    fn what_is_gone_keeps_its_number_until_the_client_is_told() {
        let mut view = Tracker::new(uids(&[10, 20, 30]), uids(&[10, 30]));
        view.note_gone(&uids(&[10]));
        view.note_gone(&uids(&[10]));
        assert_eq!((view.exists(), view.recent()), (3, 2));
        assert_eq!(view.seq(uids(&[30])[0]).unwrap().get(), 3);
        assert_eq!(numbers(&view.take_gone()), [1]);
        assert_eq!((view.exists(), view.recent()), (2, 1));
        assert_eq!(view.seq(uids(&[30])[0]).unwrap().get(), 2);
        assert_eq!(view.seq(uids(&[10])[0]), None);
        assert!(view.take_gone().is_empty());
    }

    #[test]
    fn batches_are_cut_and_joined() {
        let mut batches = Batches::new(vec![0..1, 1..2, 4..9]);
        assert_eq!(batches.next(4), [0..2, 4..6]);
        assert_eq!(batches.next(10), vec![6..9]);
        assert!(batches.next(10).is_empty());
    }

    #[test]
    fn only_the_left_ones_stay() {
        let mut view = Tracker::new(uids(&[1, 2, 3, 4]), vec![]);
        view.note_all_gone_but(&uids(&[2, 4, 9]));
        assert_eq!(numbers(&view.take_gone()), [3, 1]);
    }

    #[test]
    fn sets_of_sequence_numbers_are_positions() {
        let view = Tracker::new(uids(&[10, 20, 30]), vec![]);
        let none = Tracker::default();
        for (name, view, text, expected) in [
            ("one", &view, "2", Some(vec![1..2])),
            ("all", &view, "1:*", Some(vec![0..3])),
            ("last", &view, "*", Some(vec![2..3])),
            ("two ranges", &view, "3,1", Some(vec![0..1, 2..3])),
            ("beyond", &view, "2:4", None),
            ("only beyond", &view, "4", None),
            ("all of none", &none, "1:*", Some(vec![])),
            ("last of none", &none, "*", Some(vec![])),
            ("two of none", &none, "2", None),
        ] {
            assert_eq!(view.by_seq(&set(text)), expected, "{name}");
        }
    }

    #[test]
    fn sets_of_uids_leave_out_what_is_not_there() {
        let view = Tracker::new(uids(&[10, 20, 30]), vec![]);
        for (name, text, expected) in [
            ("one", "20", vec![1..2]),
            ("none", "11:19", vec![]),
            ("some", "11:25,30", vec![1..2, 2..3]),
            ("star is the last", "100:*", vec![2..3]),
        ] {
            assert_eq!(view.by_uid(&set(text)), expected, "{name}");
        }
        assert_eq!(view.by_uid(&set("11:30")), [1..3]);
        let range = UidRange { first: uids(&[20])[0], last: uids(&[30])[0] };
        assert_eq!(view.ranges(&[1..3]), [range]);
    }
}
