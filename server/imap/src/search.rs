//! Search programs: keys, and what decides them (RFC 3501 §6.4.4).
//!
//! Most keys are decided by what the index knows of a message. What is left needs its file: the session then asks with
//! [`Question::Search`](crate::Question::Search), and the driver calls [`SearchProgram::matches`] where it may block.

mod content;

use crate::command::SequenceSet;
use crate::flags::{Flags, SystemFlag};
use crate::number::Uid;
use crate::tracker::Tracker;
pub use content::SearchContent;
use content::{Looked, Reader};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::io;

/// A search key, or several. Texts are in lower case, for they are compared without case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Not(Box<Key>),
    Or(Box<Key>, Box<Key>),
    /// All of them; true if there are none.
    And(Vec<Key>),
    Sequence(SequenceSet),
    Uid(SequenceSet),
    /// `Sequence` and `Uid`, resolved against a session's view: UIDs, ascending.
    Resolved(Vec<(u32, u32)>),
    Flag(SystemFlag),
    Keyword(String),
    Recent,
    Larger(u64),
    Smaller(u64),
    Before(Date),
    On(Date),
    SentBefore(Date),
    SentOn(Date),
    SentSince(Date),
    Header {
        name: String,
        text: String,
    },
    Body(String),
    Text(String),
}

/// What the index knows of a message that is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchFacts {
    /// UID.
    pub uid: Uid,
    /// System flags and keywords.
    pub flags: Flags,
    /// Whether this session sees it as recent.
    pub recent: bool,
    /// RFC822.SIZE.
    pub octets: u64,
    /// INTERNALDATE.
    pub internal_date: Timestamp,
}

/// A search that can be asked about messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchProgram {
    key: Key,
}

impl Key {
    pub fn header(name: &str, text: &str) -> Self {
        Self::Header { name: name.to_owned(), text: text.to_lowercase() }
    }

    /// Replaces sets by UIDs. `None` if a sequence number is beyond the view.
    fn resolve(self, view: &Tracker) -> Option<Self> {
        Some(match self {
            Self::Sequence(set) => Self::Resolved(view.uid_ranges(&view.by_seq(&set)?)),
            Self::Uid(set) => Self::Resolved(view.uid_ranges(&view.by_uid(&set))),
            Self::Not(key) => Self::Not(Box::new(key.resolve(view)?)),
            Self::Or(one, two) => Self::Or(Box::new(one.resolve(view)?), Box::new(two.resolve(view)?)),
            Self::And(keys) => {
                Self::And(keys.into_iter().map(|key| key.resolve(view)).collect::<Option<_>>()?)
            }
            other => other,
        })
    }

    /// True or false as far as the UID and the facts say it.
    fn decide(&self, uid: Uid, facts: Option<&SearchFacts>) -> Option<bool> {
        let day = |facts: &SearchFacts| facts.internal_date.to_zoned_datetime(TimeZone::UTC).date();
        Some(match self {
            Self::Not(key) => !key.decide(uid, facts)?,
            Self::Or(one, two) => match (one.decide(uid, facts), two.decide(uid, facts)) {
                (Some(true), _) | (_, Some(true)) => true,
                (Some(false), Some(false)) => false,
                _ => return None,
            },
            Self::And(keys) => {
                let mut result = Some(true);
                for key in keys {
                    match key.decide(uid, facts) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => result = None,
                    }
                }
                return result;
            }
            Self::Resolved(ranges) => {
                let at = ranges.partition_point(|(_, last)| *last < uid.get());
                ranges.get(at).is_some_and(|(first, _)| *first <= uid.get())
            }
            // Resolved before anything is decided.
            Self::Sequence(_) | Self::Uid(_) => false,
            Self::Flag(flag) => facts?.flags.has(*flag),
            Self::Keyword(keyword) => facts?.flags.has_keyword(keyword),
            Self::Recent => facts?.recent,
            Self::Larger(octets) => facts?.octets > *octets,
            Self::Smaller(octets) => facts?.octets < *octets,
            // INTERNALDATE is served in UTC, and so its day is that of UTC.
            Self::Before(date) => day(facts?) < *date,
            Self::On(date) => day(facts?) == *date,
            Self::SentBefore(_)
            | Self::SentOn(_)
            | Self::SentSince(_)
            | Self::Header { .. }
            | Self::Body(_)
            | Self::Text(_) => return None,
        })
    }

    /// True or false, with the content where it is needed.
    fn matches(&self, facts: &SearchFacts, content: &mut Reader<'_>) -> io::Result<bool> {
        if let Some(decided) = self.decide(facts.uid, Some(facts)) {
            return Ok(decided);
        }
        Ok(match self {
            Self::Not(key) => !key.matches(facts, content)?,
            Self::Or(one, two) => one.matches(facts, content)? || two.matches(facts, content)?,
            Self::And(keys) => {
                for key in keys {
                    if !key.matches(facts, content)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::SentBefore(date) => content.sent()?.is_some_and(|sent| sent < *date),
            Self::SentOn(date) => content.sent()?.is_some_and(|sent| sent == *date),
            Self::SentSince(date) => content.sent()?.is_some_and(|sent| sent >= *date),
            Self::Header { name, text } => content.field_contains(name, text)?,
            Self::Body(text) => content.text_contains(Looked::Body, text)?,
            Self::Text(text) => content.text_contains(Looked::All, text)?,
            // All others are decided by the facts.
            _ => false,
        })
    }
}

impl SearchProgram {
    /// Makes a program for a session's view. `None` if a sequence number is beyond it.
    pub(crate) fn new(key: Key, view: &Tracker) -> Option<Self> {
        Some(Self { key: key.resolve(view)? })
    }

    /// True or false if the UID, or the facts, are enough to say it.
    pub(crate) fn decide(&self, uid: Uid, facts: Option<&SearchFacts>) -> Option<bool> {
        self.key.decide(uid, facts)
    }

    /// Whether a message matches, read through `content` as far as it is needed. Blocks as `content` does.
    pub fn matches(&self, facts: &SearchFacts, content: &mut dyn SearchContent) -> io::Result<bool> {
        self.key.matches(facts, &mut Reader::new(content))
    }
}
