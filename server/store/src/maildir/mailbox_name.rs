//! Mailbox names: Unicode for protocols, modified UTF-7 on disk (Maildir++, as Dovecot lays it out).

use super::mutf7;
use crate::{Code, Error, Result};
use std::fmt;

/// Separates the levels of a mailbox name, in IMAP as on disk.
pub const HIERARCHY_DELIMITER: char = '.';

/// RFC 3501 has no limit. A folder name on disk has 255 octets, and a rename of a parent must not make a child too long
/// by a step that could not be undone, so the limit leaves room.
const MAX_DISK_OCTETS: usize = 240;
const MAX_LEVELS: usize = 16;

/// A valid mailbox name: `INBOX`, or levels separated by [`HIERARCHY_DELIMITER`].
///
/// It holds Unicode; a session that speaks modified UTF-7 (RFC 3501 §5.1.3) decodes before and encodes after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxName(String);

impl MailboxName {
    /// Checks a name from a client.
    ///
    /// `INBOX` is taken in any case (RFC 3501 §5.1). Refused with [`Code::BadMailboxName`]: empty names and levels, control
    /// characters, `/` and `\` (they are paths on some systems), `%` and `*` (a LIST could not name the mailbox), a
    /// leading `~`, more than 16 levels, more than 240 octets on disk.
    pub fn parse(name: &str) -> Result<Self> {
        let refuse = || Error::about(Code::BadMailboxName, name.chars().take(80).collect::<String>());
        if name.eq_ignore_ascii_case("INBOX") {
            return Ok(Self::inbox());
        }
        let bad_char = |c: char| c.is_control() || matches!(c, '/' | '\\' | '%' | '*' | ':' | '\u{FEFF}');
        let levels = name.split(HIERARCHY_DELIMITER);
        if name.contains(bad_char)
            || name.starts_with('~')
            || levels.clone().any(|level| level.is_empty() || level.trim() != level)
            || levels.count() > MAX_LEVELS
        {
            return Err(refuse());
        }
        let valid = Self(name.to_owned());
        if valid.folder().len() > MAX_DISK_OCTETS { Err(refuse()) } else { Ok(valid) }
    }

    /// The mailbox that delivery goes to.
    pub fn inbox() -> Self {
        Self("INBOX".to_owned())
    }

    /// True for INBOX.
    pub fn is_inbox(&self) -> bool {
        self.0 == "INBOX"
    }

    /// The name as Unicode text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Maildir++ folder below `Maildir`: empty for INBOX, `.Level.Level` otherwise.
    pub(crate) fn folder(&self) -> String {
        if self.is_inbox() { String::new() } else { format!(".{}", mutf7::encode(&self.0)) }
    }

    /// The mailbox of a Maildir++ folder; `None` if the folder is not one, or not one that we could name.
    pub(crate) fn from_folder(folder: &str) -> Option<Self> {
        let name = mutf7::decode(folder.strip_prefix('.')?)?;
        // A folder `.INBOX` would be a second INBOX; Dovecot does not show it either.
        Self::parse(&name).ok().filter(|name| !name.is_inbox() && name.folder() == folder)
    }

    /// The name below `parent`: for `A.B.C` and `A.B` it is `C`; `None` if it is not below.
    pub(crate) fn below(&self, parent: &Self) -> Option<&str> {
        self.0.strip_prefix(parent.as_str())?.strip_prefix(HIERARCHY_DELIMITER)
    }

    /// The mailbox `rest` below this one.
    pub(crate) fn join(&self, rest: &str) -> Result<Self> {
        Self::parse(&format!("{}{HIERARCHY_DELIMITER}{rest}", self.0))
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::MailboxName;

    #[test]
    fn names_and_folders_map_both_ways() {
        for (name, folder) in [
            ("INBOX", ""),
            ("inBox", ""),
            ("Sent", ".Sent"),
            ("Archive.2024", ".Archive.2024"),
            ("Papelería", ".Papeler&AO0-a"),
            ("INBOX.Old", ".INBOX.Old"),
            ("R&D", ".R&-D"),
        ] {
            let parsed = MailboxName::parse(name).unwrap();
            assert_eq!(parsed.folder(), folder);
            if !folder.is_empty() {
                assert_eq!(MailboxName::from_folder(folder), Some(parsed));
            }
        }
    }

    #[test]
    fn dangerous_and_ambiguous_names_are_refused() {
        let long = "x".repeat(240);
        let deep = vec!["a"; 17].join(".");
        for bad in [
            "", ".", "a.", ".a", "a..b", "a/b", "..", "a\\b", "a\0", "a\r\nb", "a%", "*", "~a", " a", "a .b",
            &long, &deep,
        ] {
            assert!(MailboxName::parse(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "Sent", ".INBOX", ".", "..", ".a&AO0", ".caf\u{e9}"] {
            assert_eq!(MailboxName::from_folder(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn children_are_found_by_level_and_not_by_prefix() {
        let parent = MailboxName::parse("A.B").unwrap();
        assert_eq!(MailboxName::parse("A.B.C.D").unwrap().below(&parent), Some("C.D"));
        assert_eq!(MailboxName::parse("A.BC").unwrap().below(&parent), None);
        assert_eq!(parent.below(&parent), None);
    }
}
