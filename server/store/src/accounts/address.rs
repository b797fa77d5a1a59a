//! The parts of an account's address. Both become folder names, so they are narrower than RFC 5321 allows.

use crate::{Code, Error, Result};

/// The local part of an account or alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalPart(String);

/// A domain in lower case ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Domain(String);

/// Windows takes these names for devices, whatever follows a dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

impl LocalPart {
    /// See [`crate::Accounts::add`] for the rules. RFC 5321 §4.5.3.1.1 has the 64 octets.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let lower = text.to_ascii_lowercase();
        let stem = lower.split('.').next().unwrap_or_default();
        let is_numbered = |device: &str| {
            stem.strip_prefix(device)
                .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        let is_good = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-+=.".contains(&byte))
            && text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
            && !text.ends_with('.')
            && !text.contains("..")
            && !DEVICES.contains(&stem)
            && !is_numbered("com")
            && !is_numbered("lpt")
            // The mail of deleted accounts lies under such names.
            && !lower.contains(".deleted-");
        if is_good { Ok(Self(text.to_owned())) } else { Err(Error::about(Code::BadLocalPart, shown(text))) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Domain {
    /// Labels of letters, digits and hyphens (RFC 5321 §2.3.5, RFC 1035 §2.3.4 for the lengths). One label is enough:
    /// `localhost` is a domain here.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() <= 253 && text.split('.').all(is_label) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Error::about(Code::BadDomain, shown(text)))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is shown of a refused text.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::{Domain, LocalPart};

    #[test]
    fn good_local_parts_pass_and_keep_their_case() {
        for good in ["ana", "Ana.Gil", "_x", "0", "a+b=c-d_e", &"x".repeat(64), "console", "com10"] {
            assert_eq!(LocalPart::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn local_parts_that_are_no_safe_folder_names_are_refused() {
        for bad in [
            "",
            ".",
            "..",
            ".ana",
            "ana.",
            "a..b",
            "a/b",
            "a\\b",
            "a\0",
            "a b",
            "ñ",
            "-a",
            "a:b",
            "a@b",
            "a\"b",
            "CON",
            "nul.txt",
            "com1",
            "LPT9.x",
            "ana.deleted-1",
            &"x".repeat(65),
            "a\n",
        ] {
            assert!(LocalPart::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn domains_are_checked_and_folded() {
        assert_eq!(Domain::parse("Lab.TEST").unwrap().as_str(), "lab.test");
        assert!(Domain::parse("localhost").is_ok());
        for bad in
            ["", ".", "a.", ".a", "a..b", "-a.test", "a-.test", "a_b", "a/b", "..", "ñ.test", &"x".repeat(64)]
        {
            assert!(Domain::parse(bad).is_err(), "{bad:?}");
        }
    }
}
