//! Sequence sets, `1,3:5,7:*` (RFC 3501 §9).

/// A number of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetNumber {
    /// From 1.
    Number(u32),
    /// `*`: the largest in use.
    Largest,
}

/// Sequence numbers or UIDs, as the client wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceSet {
    ranges: Vec<(SetNumber, SetNumber)>,
}

impl SequenceSet {
    pub(crate) fn new(ranges: Vec<(SetNumber, SetNumber)>) -> Self {
        Self { ranges }
    }

    /// The ranges with `*` replaced, each in order, sorted and merged. With `largest` 0, `*` is 0.
    pub(crate) fn resolved(&self, largest: u32) -> Vec<(u32, u32)> {
        let number = |number| match number {
            SetNumber::Number(number) => number,
            SetNumber::Largest => largest,
        };
        // 5:2 is 2:5 (RFC 3501 §9, seq-range).
        let mut ranges: Vec<(u32, u32)> = self
            .ranges
            .iter()
            .map(|(a, b)| (number(*a).min(number(*b)), number(*a).max(number(*b))))
            .collect();
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::super::cursor::Cursor;

    #[test]
    fn sets_are_resolved_sorted_and_merged() {
        type Case = (&'static str, u32, &'static [(u32, u32)]);
        let cases: [Case; 8] = [
            ("1", 9, &[(1, 1)]),
            ("5:2", 9, &[(2, 5)]),
            ("4,1:2,3", 9, &[(1, 4)]),
            ("*", 9, &[(9, 9)]),
            ("12:*", 9, &[(9, 12)]),
            ("*:*", 0, &[(0, 0)]),
            ("1:*", 0, &[(0, 1)]),
            ("7,3:4", 9, &[(3, 4), (7, 7)]),
        ];
        for (set, largest, expected) in cases {
            assert_eq!(Cursor::new(set.as_bytes()).set().unwrap().resolved(largest), expected, "{set}");
        }
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for bad in ["0", "", "a", ":", "1:", "1,", ",1", "4294967296", "1:0"] {
            assert!(Cursor::new(bad.as_bytes()).set().is_err(), "{bad}");
        }
    }
}
