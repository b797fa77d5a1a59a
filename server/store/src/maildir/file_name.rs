//! Names of message files: the unique base, and the info suffix that carries flags and keywords.

use super::Flags;
use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};

/// Between base and info. A colon cannot be in a file name on Windows; a semicolon is what other programs use there.
pub(crate) const INFO_SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };

/// Keywords 0 to 25 have the letters `a` to `z`.
pub(crate) const LETTERED_KEYWORDS: u32 = 26;

/// A message's file name, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileName<'a> {
    /// Identifies the message for as long as it exists.
    pub(crate) base: &'a str,
    /// What follows the separator, for instance `2,FS`.
    pub(crate) info: Option<&'a str>,
}

impl<'a> FileName<'a> {
    /// `None` for names that are no messages: the specification has readers skip those that begin with a dot.
    pub(crate) fn parse(name: &'a str) -> Option<Self> {
        if name.is_empty() || name.starts_with('.') {
            return None;
        }
        match name.split_once(INFO_SEPARATOR) {
            Some(("", _)) => None,
            Some((base, info)) => Some(Self { base, info: Some(info) }),
            None => Some(Self { base: name, info: None }),
        }
    }
}

/// The meaning of an info suffix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Info {
    pub(crate) flags: Flags,
    /// Bit n is keyword n, letter `a` + n; only the lettered ones.
    pub(crate) keywords: u64,
    /// Letters of other programs that we keep as they are, such as `P` (passed).
    pub(crate) others: String,
}

impl Info {
    /// Reads a suffix; anything but version 2 carries no flags.
    pub(crate) fn parse(info: Option<&str>) -> Self {
        let mut out = Self::default();
        for letter in info.and_then(|info| info.strip_prefix("2,")).unwrap_or_default().chars() {
            match letter {
                'a'..='z' => out.keywords |= 1 << (u32::from(letter) - u32::from('a')),
                _ => match Flags::from_letter(letter) {
                    Some(flag) => out.flags |= flag,
                    None if letter.is_ascii_uppercase() && !out.others.contains(letter) => {
                        out.others.push(letter)
                    }
                    None => {}
                },
            }
        }
        out
    }

    /// Writes the suffix; the specification wants the letters in ASCII order.
    pub(crate) fn format(&self) -> String {
        let keywords = ('a'..='z').filter(|c| self.keywords >> (u32::from(*c) - u32::from('a')) & 1 == 1);
        let mut letters: Vec<char> =
            self.flags.letters().chain(self.others.chars()).chain(keywords).collect();
        letters.sort_unstable();
        letters.dedup();
        format!("2,{}", letters.into_iter().collect::<String>())
    }
}

/// Joins base and info to a file name.
pub(crate) fn join(base: &str, info: Option<&str>) -> String {
    match info {
        Some(info) => format!("{base}{INFO_SEPARATOR}{info}"),
        None => base.to_owned(),
    }
}

/// A size that a base name states: `,S=` octets on disk, `,W=` octets with CRLF (Maildir++, Dovecot).
pub(crate) fn stated_size(base: &str, letter: char) -> Option<u64> {
    base.split(',').skip(1).find_map(|field| field.strip_prefix(letter)?.strip_prefix('=')?.parse().ok())
}

/// The delivery time that a base name begins with, in seconds since 1970.
pub(crate) fn stated_time(base: &str) -> Option<i64> {
    base.split('.').next()?.parse().ok()
}

/// Makes base names that are unique in the world for all practical purposes.
#[derive(Debug)]
pub(crate) struct UniqueNames {
    host: String,
    sequence: AtomicU64,
}

impl UniqueNames {
    pub(crate) fn new(host_name: &str) -> Self {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let host: String = host_name.chars().filter(|c| is_safe(*c)).take(64).collect();
        Self {
            host: if host.is_empty() { "localhost".to_owned() } else { host },
            sequence: AtomicU64::new(0),
        }
    }

    /// `TIME.MmicrosecondsPpid_Qsequence.host,S=octets,W=octets`.
    pub(crate) fn next(&self, now: Timestamp, disk_octets: u64, octets: u64) -> String {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        format!(
            "{}.M{}P{}_{sequence}.{},S={disk_octets},W={octets}",
            now.as_second(),
            now.subsec_microsecond(),
            std::process::id(),
            self.host,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_and_put_together_again() {
        type Parts = (&'static str, Option<&'static str>);
        let rows: &[(&str, Option<Parts>)] = &[
            ("1700000000.M1P2_3.host,S=10,W=11", Some(("1700000000.M1P2_3.host,S=10,W=11", None))),
            ("1.a:2,", Some(("1.a", Some("2,")))),
            ("1.a:2,FS", Some(("1.a", Some("2,FS")))),
            ("1.a:1,x", Some(("1.a", Some("1,x")))),
            (".nfs0001", None),
            ("", None),
            (":2,S", None),
        ];
        for (name, parts) in rows {
            let name = name.replace(':', &INFO_SEPARATOR.to_string());
            let parsed = FileName::parse(&name);
            assert_eq!(parsed.map(|p| (p.base, p.info)), *parts, "{name}");
            if let Some(parsed) = parsed {
                assert_eq!(join(parsed.base, parsed.info), name);
            }
        }
    }

    #[test]
    fn info_letters_map_to_flags_and_keywords() {
        let rows: &[(&str, &str, Flags, u64)] = &[
            ("2,", "2,", Flags::NONE, 0),
            ("2,S", "2,S", Flags::SEEN, 0),
            (
                "2,TSRFD",
                "2,DFRST",
                Flags::SEEN | Flags::ANSWERED | Flags::FLAGGED | Flags::DELETED | Flags::DRAFT,
                0,
            ),
            ("2,PSbz", "2,PSbz", Flags::SEEN, 0b10 | 1 << 25),
            ("2,SS!ñ", "2,S", Flags::SEEN, 0),
            ("1,S", "2,", Flags::NONE, 0),
        ];
        for (text, written, flags, keywords) in rows {
            let info = Info::parse(Some(text));
            assert_eq!((info.flags, info.keywords), (*flags, *keywords), "{text}");
            assert_eq!(info.format(), *written, "{text}");
        }
    }

    #[test]
    fn sizes_and_times_are_read_from_the_base() {
        for (base, time, disk, octets) in [
            ("1700000000.M1P2_3.host,S=10,W=11", Some(1_700_000_000), Some(10), Some(11)),
            ("1700000000.R5.host", Some(1_700_000_000), None, None),
            ("x,S=abc,W=-1", None, None, None),
        ] {
            assert_eq!(
                (stated_time(base), stated_size(base, 'S'), stated_size(base, 'W')),
                (time, disk, octets),
                "{base}"
            );
        }
    }

    #[test]
    fn unique_names_differ_and_are_safe_file_names() {
        let names = UniqueNames::new("../evil:host/ñ");
        let now = Timestamp::UNIX_EPOCH;
        let (first, second) = (names.next(now, 1, 2), names.next(now, 1, 2));
        assert_ne!(first, second);
        assert!(
            first.starts_with("0.M0P") && first.ends_with(",S=1,W=2") && !first.contains(['/', ':', 'ñ']),
            "{first}"
        );
        assert_eq!(FileName::parse(&first).unwrap().base, first);
    }
}
