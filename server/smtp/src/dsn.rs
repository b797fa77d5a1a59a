//! What a sender asks for about delivery status notifications (RFC 3461 §4).

use std::fmt::{self, Write as _};

/// `RET=`: what of the message a report of failure returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// `FULL`
    Full,
    /// `HDRS`
    Headers,
}

impl fmt::Display for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "FULL",
            Self::Headers => "HDRS",
        })
    }
}

/// `NOTIFY=`: when to report about a recipient. None of the three is `NEVER`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notify {
    /// `SUCCESS`
    pub success: bool,
    /// `FAILURE`
    pub failure: bool,
    /// `DELAY`
    pub delay: bool,
}

impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = [(self.success, "SUCCESS"), (self.failure, "FAILURE"), (self.delay, "DELAY")];
        let words: Vec<&str> = asked.into_iter().filter_map(|(asked, word)| asked.then_some(word)).collect();
        f.write_str(if words.is_empty() { "NEVER" } else { "" })?;
        f.write_str(&words.join(","))
    }
}

/// `ORCPT=`: the recipient as the first sender wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRecipient {
    /// `rfc822`, `utf-8` or another registered type: letters, digits and hyphens only, else it is not sent.
    pub address_type: String,
    /// The address, not encoded.
    pub address: String,
}

/// As it stands after `ORCPT=`.
impl fmt::Display for OriginalRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};", self.address_type)?;
        if self.address_type.eq_ignore_ascii_case("utf-8") {
            write_utf8_xtext(f, &self.address)
        } else {
            write_xtext(f, &self.address)
        }
    }
}

impl OriginalRecipient {
    /// Whether its type fits the grammar, so that it can be sent.
    pub fn is_sendable(&self) -> bool {
        let is_type = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        !self.address_type.is_empty() && self.address_type.bytes().all(is_type) && !self.address.is_empty()
    }
}

/// `xtext` (RFC 3461 §4) of a text.
pub(crate) struct Xtext<'a>(pub(crate) &'a str);

impl fmt::Display for Xtext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_xtext(f, self.0)
    }
}

fn write_xtext(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.bytes().try_for_each(|octet| match octet {
        b'+' | b'=' => write!(f, "+{octet:02X}"),
        b'!'..=b'~' => f.write_char(char::from(octet)),
        _ => write!(f, "+{octet:02X}"),
    })
}

/// `utf-8-addr-xtext` (RFC 6533 §3), which every server can take.
fn write_utf8_xtext(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.chars().try_for_each(|character| match character {
        '+' | '=' | '\\' => write!(f, "\\x{{{:X}}}", u32::from(character)),
        '!'..='~' => f.write_char(character),
        _ => write!(f, "\\x{{{:X}}}", u32::from(character)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_written_as_its_grammar_says() {
        assert_eq!(Notify::default().to_string(), "NEVER");
        assert_eq!(Notify { success: true, failure: false, delay: true }.to_string(), "SUCCESS,DELAY");
        assert_eq!(Xtext("a+b=c d\u{f1}\r\n").to_string(), "a+2Bb+3Dc+20d+C3+B1+0D+0A");
        let original = |kind: &str, address: &str| {
            let original = OriginalRecipient { address_type: kind.into(), address: address.into() };
            (original.to_string(), original.is_sendable())
        };
        assert_eq!(original("rfc822", "a+b@x.test"), ("rfc822;a+2Bb@x.test".into(), true));
        assert_eq!(
            original("utf-8", "jos\u{e9}+\u{1f600}@x"),
            ("utf-8;jos\\x{E9}\\x{2B}\\x{1F600}@x".into(), true)
        );
        assert!(!original("rfc822\r\nRSET", "x").1);
    }
}
