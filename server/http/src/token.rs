//! The secret that opens the door.

use aws_lc_rs::{constant_time, error::Unspecified, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use postigo_api::{Code, Error};
use serde::{Deserialize, Serialize};

const RANDOM_OCTETS: usize = 32;

/// 256 random bits, written in the letters that need no escaping in an address or a cookie (RFC 4648 §5).
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// [`Code::Internal`] when the system has no randomness to give.
    pub fn generate() -> Result<Self, Error> {
        let mut octets = [0; RANDOM_OCTETS];
        rand::fill(&mut octets).map_err(|_: Unspecified| {
            Error::new(Code::Internal, "No token could be made")
                .with("detail", "The system gave no randomness")
        })?;
        Ok(Self(URL_SAFE_NO_PAD.encode(octets)))
    }

    /// Whether `candidate` is this token. The time it takes tells nothing but the length, which is no secret.
    pub(crate) fn is(&self, candidate: &str) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), candidate.as_bytes()).is_ok()
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_only_itself() {
        let (token, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert_eq!(token.reveal().len(), 43, "256 bits in base64 without padding");
        assert!(token.is(token.reveal()));
        assert!(!token.is(other.reveal()));
        assert!(!token.is(""));
        assert!(!token.is(&token.reveal()[..42]));
    }

    #[test]
    fn a_token_is_not_printed() {
        let token = Token::generate().unwrap();
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}
