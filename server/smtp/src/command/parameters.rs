//! The parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152, RFC 3030), AUTH (RFC 4954 §5), RET, ENVID, NOTIFY and
//! ORCPT (RFC 3461), HOLDFOR and HOLDUNTIL (RFC 4865), SMTPUTF8 (RFC 6531), REQUIRETLS (RFC 8689).

use crate::address::ReversePath;
use crate::dsn::{Notify, OriginalRecipient, Returned, decode_xtext};
use crate::error::BadCommand;
use jiff::Timestamp;

/// The longest ENVID, in characters as sent (RFC 3461 §4.4).
const ENVELOPE_ID_OCTETS: usize = 100;

/// The longest ORCPT, in characters as sent (RFC 3461 §4.2).
const ORIGINAL_RECIPIENT_OCTETS: usize = 500;

/// What MAIL says about the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailParameters {
    /// The size that the client estimates, in octets.
    pub size: Option<u64>,
    /// What the client says the content is.
    pub body: Option<Body>,
    /// Who submitted the message first, as the client claims: `Null` is `AUTH=<>`, not known. To be believed only from
    /// an authenticated client that is trusted to relay it.
    pub auth: Option<ReversePath>,
    /// `SMTPUTF8`: addresses and header fields may hold characters outside of ASCII.
    pub smtp_utf8: bool,
    /// `REQUIRETLS`: rather not at all than in clear.
    pub require_tls: bool,
    /// `RET=`
    pub returned: Option<Returned>,
    /// `ENVID=`, not encoded: printable ASCII.
    pub envelope_id: Option<String>,
    /// `HOLDFOR=` or `HOLDUNTIL=`: not to be sent on or delivered before.
    pub hold: Option<Hold>,
}

/// When a message is released (RFC 4865 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// `HOLDFOR=`: so many seconds after it came.
    For(u32),
    /// `HOLDUNTIL=`: then.
    Until(Timestamp),
}

/// `BODY=`. The content is stored as it comes either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// `7BIT`
    SevenBit,
    /// `8BITMIME`
    EightBitMime,
    /// `BINARYMIME`: octets of any value, in lines or not; by BDAT only (RFC 3030 §3).
    BinaryMime,
}

/// What RCPT says about the recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RcptParameters {
    /// `NOTIFY=`; without it, a report is due on failure, and on delay as the server likes (RFC 3461 §4.1).
    pub notify: Option<Notify>,
    /// `ORCPT=`
    pub original: Option<OriginalRecipient>,
}

impl MailParameters {
    /// Reads what follows the path: `esmtp-param *(SP esmtp-param)` (RFC 5321 §4.1.2).
    pub(super) fn parse(text: &[u8]) -> Result<Self, BadCommand> {
        let mut parameters = Self::default();
        for (keyword, value) in split(text) {
            parameters.add(&keyword, value)?;
        }
        Ok(parameters)
    }

    fn add(&mut self, keyword: &[u8], value: Option<&[u8]>) -> Result<(), BadCommand> {
        match keyword {
            b"SIZE" => set_once(&mut self.size, value.and_then(parse_size)),
            b"BODY" => set_once(&mut self.body, value.and_then(parse_body)),
            b"AUTH" => set_once(&mut self.auth, value.and_then(parse_auth)),
            b"SMTPUTF8" => raise_once(&mut self.smtp_utf8, value),
            b"REQUIRETLS" => raise_once(&mut self.require_tls, value),
            b"RET" => set_once(&mut self.returned, value.and_then(Returned::parse)),
            b"ENVID" => set_once(&mut self.envelope_id, value.and_then(parse_envelope_id)),
            b"HOLDFOR" => set_once(&mut self.hold, value.and_then(parse_hold_for)),
            b"HOLDUNTIL" => set_once(&mut self.hold, value.and_then(parse_hold_until)),
            _ => Err(BadCommand::UnknownParameter),
        }
    }
}

impl RcptParameters {
    /// Reads what follows the path.
    pub(super) fn parse(text: &[u8]) -> Result<Self, BadCommand> {
        let mut parameters = Self::default();
        for (keyword, value) in split(text) {
            match &*keyword {
                b"NOTIFY" => set_once(&mut parameters.notify, value.and_then(Notify::parse))?,
                b"ORCPT" => set_once(&mut parameters.original, value.and_then(parse_original))?,
                _ => return Err(BadCommand::UnknownParameter),
            }
        }
        Ok(parameters)
    }
}

/// Keywords in capitals, and their values; one without `=` has none.
fn split(text: &[u8]) -> impl Iterator<Item = (Vec<u8>, Option<&[u8]>)> {
    let parameters = text.split(|&octet| octet == b' ').filter(|parameter| !parameter.is_empty());
    parameters.map(|parameter| match memchr::memchr(b'=', parameter) {
        Some(equals) => (parameter[..equals].to_ascii_uppercase(), Some(&parameter[equals + 1..])),
        None => (parameter.to_ascii_uppercase(), None),
    })
}

/// Sets a parameter that must not come twice.
fn set_once<T>(parameter: &mut Option<T>, value: Option<T>) -> Result<(), BadCommand> {
    match (&parameter, value) {
        (None, Some(value)) => {
            *parameter = Some(value);
            Ok(())
        }
        _ => Err(BadCommand::ParameterValue),
    }
}

/// Sets a parameter that has no value and must not come twice.
fn raise_once(parameter: &mut bool, value: Option<&[u8]>) -> Result<(), BadCommand> {
    if *parameter || value.is_some() {
        return Err(BadCommand::ParameterValue);
    }
    *parameter = true;
    Ok(())
}

/// `size-value = 1*20DIGIT`; a number that does not fit is as good as the largest one.
fn parse_size(value: &[u8]) -> Option<u64> {
    let is_number = (1..=20).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(value).ok()?.parse().ok().or(Some(u64::MAX)))?
}

fn parse_body(value: &[u8]) -> Option<Body> {
    match &*value.to_ascii_uppercase() {
        b"7BIT" => Some(Body::SevenBit),
        b"8BITMIME" => Some(Body::EightBitMime),
        b"BINARYMIME" => Some(Body::BinaryMime),
        _ => None,
    }
}

/// `AUTH=<>` or an address in `xtext` (RFC 3461 §4).
fn parse_auth(value: &[u8]) -> Option<ReversePath> {
    if value == b"<>" {
        return Some(ReversePath::Null);
    }
    let decoded = decode_xtext(value)?;
    (!decoded.is_empty()).then(|| ReversePath::parse(&decoded).ok())?
}

/// What it stands for is printable ASCII (RFC 3461 §4.4), so that nothing of it can break a report.
fn parse_envelope_id(value: &[u8]) -> Option<String> {
    let decoded = String::from_utf8(decode_xtext(value)?).ok()?;
    let is_printable = decoded.bytes().all(|octet| matches!(octet, b' '..=b'~'));
    (value.len() <= ENVELOPE_ID_OCTETS && !decoded.is_empty() && is_printable).then_some(decoded)
}

/// `future-release-interval = 1*9DIGIT`, above zero.
fn parse_hold_for(value: &[u8]) -> Option<Hold> {
    let is_number = (1..=9).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    let seconds: u32 = std::str::from_utf8(value).ok().filter(|_| is_number)?.parse().ok()?;
    (seconds > 0).then_some(Hold::For(seconds))
}

/// `Internet-style-date-time-UTC`: RFC 3339 with `Z`, and nothing that a date reader forgives besides.
fn parse_hold_until(value: &[u8]) -> Option<Hold> {
    let text = std::str::from_utf8(value).ok()?;
    let is_form = text.len() <= 32
        && text.bytes().all(|octet| octet.is_ascii_digit() || b"-:.TZ".contains(&octet))
        && text.as_bytes().get(10) == Some(&b'T')
        && text.ends_with('Z');
    text.parse().ok().filter(|_| is_form).map(Hold::Until)
}

fn parse_original(value: &[u8]) -> Option<OriginalRecipient> {
    (value.len() <= ORIGINAL_RECIPIENT_OCTETS).then(|| OriginalRecipient::parse(value))?
}
