//! Comparing an mbox with INBOX: what each of the two has to learn from the other.
//!
//! Both may have changed since they were last equal, so three things are compared: the file, INBOX, and what they had in common.
//! What is new in one goes into the other; what was in common and is gone from one goes from the other; a flag that changed in one changes in
//! the other.

use super::format::Digest;
use super::scan::Entry;
use super::state::Known;
use crate::{Flags, Uid};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// A message of the file, with its number in INBOX once that is known.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) entry: Entry,
    pub(super) uid: Option<Uid>,
}

/// Finds the messages of the file among those that are known. Equal ones are told apart by their order, which is as good as anything.
/// Returns the known messages that are not in the file.
pub(super) fn match_entries(found: &mut [Found], known: &BTreeMap<Uid, Digest>) -> Vec<Uid> {
    let mut by_digest: HashMap<&Digest, VecDeque<Uid>> = HashMap::new();
    for (uid, digest) in known {
        by_digest.entry(digest).or_default().push_back(*uid);
    }
    for one in found.iter_mut().filter(|one| one.uid.is_none()) {
        one.uid = by_digest.get_mut(&one.entry.digest).and_then(VecDeque::pop_front);
    }
    let mut missing: Vec<Uid> = by_digest.into_values().flatten().collect();
    missing.sort_unstable();
    missing
}

/// The flags of a message after both sides changed them: each change counts, and where both changed the same flag they agree.
pub(super) fn merge_flags(known: &Known, file: Flags, inbox: Flags) -> Flags {
    let (added, removed) = (file - known.flags, known.flags - file);
    (inbox | added) - removed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(number: u8) -> Found {
        let entry =
            Entry { start: 0, end: 0, digest: [number; 32], flags: Flags::NONE, is_old: false, date: None };
        Found { entry, uid: None }
    }

    #[test]
    fn messages_are_found_whatever_their_order_and_doubles_are_counted() {
        let known = [(Uid(1), [7; 32]), (Uid(2), [8; 32]), (Uid(3), [7; 32]), (Uid(4), [9; 32])].into();
        let mut file = [found(7), found(5), found(8), found(7), found(7)];
        assert_eq!(match_entries(&mut file, &known), [Uid(4)]);
        let uids: Vec<_> = file.iter().map(|one| one.uid.map(Uid::get)).collect();
        assert_eq!(uids, [Some(1), None, Some(2), Some(3), None]);
    }

    #[test]
    fn flags_of_both_sides_come_together() {
        let known = Known { digest: [0; 32], flags: Flags::SEEN | Flags::DRAFT };
        let file = Flags::SEEN | Flags::DRAFT | Flags::ANSWERED;
        let inbox = Flags::SEEN | Flags::FLAGGED;
        assert_eq!(merge_flags(&known, file, inbox), Flags::SEEN | Flags::FLAGGED | Flags::ANSWERED);
        assert_eq!(merge_flags(&known, Flags::DRAFT, Flags::SEEN | Flags::DRAFT), Flags::DRAFT);
    }
}
