//! The parameters of MAIL: SIZE (RFC 1870), BODY (RFC 6152), AUTH (RFC 4954 §5).

use crate::address::ReversePath;
use crate::error::BadCommand;

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
}

/// `BODY=`. The content is stored as it comes either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// `7BIT`
    SevenBit,
    /// `8BITMIME`
    EightBitMime,
}

impl MailParameters {
    /// Reads what follows the path: `esmtp-param *(SP esmtp-param)` (RFC 5321 §4.1.2).
    pub(super) fn parse(text: &[u8]) -> Result<Self, BadCommand> {
        let mut parameters = Self::default();
        for parameter in text.split(|&octet| octet == b' ').filter(|parameter| !parameter.is_empty()) {
            parameters.add(parameter)?;
        }
        Ok(parameters)
    }

    fn add(&mut self, parameter: &[u8]) -> Result<(), BadCommand> {
        let (keyword, value) = match memchr::memchr(b'=', parameter) {
            Some(equals) => (&parameter[..equals], &parameter[equals + 1..]),
            None => (parameter, &b""[..]),
        };
        match &*keyword.to_ascii_uppercase() {
            b"SIZE" => set_once(&mut self.size, parse_size(value)),
            b"BODY" => set_once(&mut self.body, parse_body(value)),
            b"AUTH" => set_once(&mut self.auth, parse_auth(value)),
            _ => Err(BadCommand::UnknownParameter),
        }
    }
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

/// `size-value = 1*20DIGIT`; a number that does not fit is as good as the largest one.
fn parse_size(value: &[u8]) -> Option<u64> {
    let is_number = (1..=20).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(value).ok()?.parse().ok().or(Some(u64::MAX)))?
}

fn parse_body(value: &[u8]) -> Option<Body> {
    match &*value.to_ascii_uppercase() {
        b"7BIT" => Some(Body::SevenBit),
        b"8BITMIME" => Some(Body::EightBitMime),
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

/// `xtext = *( xchar / "+" 2HEXDIG )`
fn decode_xtext(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    loop {
        text = match text {
            [] => return Some(decoded),
            [b'+', high, low, rest @ ..] => {
                decoded.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                rest
            }
            [octet @ b'!'..=b'~', rest @ ..] if !matches!(octet, b'+' | b'=') => {
                decoded.push(*octet);
                rest
            }
            _ => return None,
        };
    }
}

/// Upper case only, by the grammar.
fn hex_digit(octet: u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        _ => None,
    }
}
