//! The log, line by line.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Micros;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Grows with each line; the key for paging.
    pub id: i64,
    /// When.
    pub at: Micros,
    /// How much it matters.
    pub level: Level,
    /// The part of the server, as Postfix names it: `smtpd`, `cleanup`, `qmgr`, `virtual`, `imap`, `postigo`.
    pub service: String,
    /// Stands where Postfix has a process id: the session, so that lines of one conversation can be told from another's.
    pub pid: u32,
    /// The message it is about.
    pub queue_id: Option<String>,
    /// The session it is about.
    pub session: Option<i64>,
    /// What follows `service[pid]: `.
    pub text: String,
}

impl LogLine {
    /// The line as it stands in the file, without the date.
    pub fn whole(&self, host: &str) -> String {
        format!("{host} postigo/{}[{}]: {}", self.service, self.pid, self.text)
    }
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// All is well.
    Info,
    /// Worth a look.
    Warning,
    /// Somebody was refused.
    Refused,
    /// Something of ours does not work.
    Error,
}

/// Which lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct LogFilter {
    /// Only these levels and worse.
    pub level: Option<Level>,
    /// Only these services.
    pub services: Vec<String>,
    /// Only lines that contain this, without regard to case.
    pub text: Option<String>,
    /// Only lines about this message.
    pub queue_id: Option<String>,
    /// Only lines of this session.
    pub session: Option<i64>,
}

/// Which lines, and which of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct LogQuery {
    /// Which lines.
    pub filter: LogFilter,
    /// Only lines before this id; without it, the newest.
    pub before: Option<i64>,
    /// Only lines after this id.
    pub after: Option<i64>,
    /// At most so many; 0 is 200; 2000 at most.
    pub limit: u32,
}

/// Some lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LogPage {
    /// Oldest first.
    pub lines: Vec<LogLine>,
    /// Whether there are older ones that match.
    pub more: bool,
    /// The host name that stands in each line of the file, so that a line can be shown whole.
    pub host: String,
}

/// A text for a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TextFile {
    /// A name for the file.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// What is in it.
    pub text: String,
}
