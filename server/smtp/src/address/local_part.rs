//! The part before the `@`.

use crate::error::BadAddress;
use crate::limits::LOCAL_PART_OCTETS;
use std::fmt::{self, Write as _};

/// `Local-part = Dot-string / Quoted-string`, kept without quotes, because both spell the same mailbox
/// (RFC 5321 §4.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct LocalPart(String);

impl LocalPart {
    /// Reads the local part at the beginning of a UTF-8 text; gives what follows it.
    pub(super) fn parse_prefix(text: &[u8]) -> Result<(Self, &[u8]), BadAddress> {
        let (local_part, rest) = match text {
            [b'"', quoted @ ..] => parse_quoted(quoted)?,
            _ => {
                let end = memchr::memchr(b'@', text).unwrap_or(text.len());
                let local_part = std::str::from_utf8(&text[..end]).map_err(|_| BadAddress::NonAscii)?;
                if !is_dot_string(local_part) {
                    return Err(BadAddress::Syntax);
                }
                (local_part.to_owned(), &text[end..])
            }
        };
        if text.len() - rest.len() > LOCAL_PART_OCTETS {
            return Err(BadAddress::TooLong);
        }
        Ok((Self(local_part), rest))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_dot_string(&self.0) {
            return f.write_str(&self.0);
        }
        f.write_char('"')?;
        for character in self.0.chars() {
            if matches!(character, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(character)?;
        }
        f.write_char('"')
    }
}

/// `Quoted-string = DQUOTE *QcontentSMTP DQUOTE`, after its first quote.
fn parse_quoted(text: &[u8]) -> Result<(String, &[u8]), BadAddress> {
    let mut unquoted = Vec::new();
    let mut rest = text;
    loop {
        let (octet, after) = match rest {
            [b'"', after @ ..] => {
                let unquoted = String::from_utf8(unquoted).map_err(|_| BadAddress::Syntax)?;
                return if has_control(&unquoted) { Err(BadAddress::Syntax) } else { Ok((unquoted, after)) };
            }
            [b'\\', octet, after @ ..] | [octet, after @ ..] => (*octet, after),
            [] => return Err(BadAddress::Syntax),
        };
        if !matches!(octet, b' '..=b'~' | 0x80..) {
            return Err(BadAddress::Syntax);
        }
        unquoted.push(octet);
        rest = after;
    }
}

/// `Dot-string = Atom *("." Atom)`
fn is_dot_string(text: &str) -> bool {
    !has_control(text) && text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

/// `atext` of RFC 5322 §3.2.3, and what RFC 6531 §3.3 adds to it.
fn is_atext(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet) || !octet.is_ascii()
}

/// Beyond ASCII there are control characters, too, which have no place in an address that people read.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}
