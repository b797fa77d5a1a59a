//! Server nonces of SCRAM. They are an argument of the exchange, so that a test can repeat a dialogue octet by octet.

use crate::error::{SystemRandomFailed, random};
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;

/// The server's part of a SCRAM nonce: printable ASCII without a comma (RFC 5802 §7, `s-nonce`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// A nonce of 18 random octets (24 characters).
    pub fn random() -> Result<Self, SystemRandomFailed> {
        Ok(Self(STANDARD.encode(random::<18>()?)))
    }

    /// Takes a nonce that was made elsewhere; `None` if it is empty or holds what the grammar forbids.
    pub fn parse(text: &str) -> Option<Self> {
        let printable = |octet: u8| matches!(octet, 0x21..=0x2b | 0x2d..=0x7e);
        (!text.is_empty() && text.bytes().all(printable)).then(|| Self(text.to_owned()))
    }

    /// Its characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The randomness of one connection, from which the nonce of each of its exchanges is derived.
#[derive(Clone)]
pub struct NonceSeed([u8; 32]);

impl NonceSeed {
    /// A seed from the operating system's generator; one for each connection.
    pub fn random() -> Result<Self, SystemRandomFailed> {
        Ok(Self(random()?))
    }

    /// A given seed, for tests that repeat a dialogue.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The nonce of exchange number `exchange`. Two exchanges must not use the same number.
    pub fn nonce(&self, exchange: u64) -> Nonce {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, &exchange.to_be_bytes());
        Nonce(STANDARD.encode(&tag.as_ref()[..18]))
    }
}

impl fmt::Debug for NonceSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NonceSeed(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_exchange_of_a_connection_has_its_own_nonce() {
        let seed = NonceSeed::from_bytes([7; 32]);
        assert_ne!(seed.nonce(0), seed.nonce(1));
        assert_eq!(seed.nonce(1), seed.nonce(1));
        assert_ne!(Nonce::random().unwrap(), Nonce::random().unwrap());
    }

    #[test]
    fn a_nonce_holds_neither_comma_nor_space_nor_control() {
        assert!(Nonce::parse("3rfcNHYJY1ZVvWVs7j").is_some());
        for bad in ["", "a,b", "a b", "a\u{7f}", "ñ"] {
            assert_eq!(Nonce::parse(bad), None, "{bad:?}");
        }
    }
}
