//! Preparation of passwords and user names.
//!
//! Both are prepared by SASLprep (RFC 4013), as PLAIN and SCRAM ask for. RFC 8265 (OpaqueString) replaces it, but
//! clients differ in which of the two they follow, and the two differ only for texts that SASLprep forbids or
//! folds. A password that SASLprep forbids is therefore refused when it is chosen, not when a client fails with it.

use crate::error::UnusablePassword;
use std::fmt;
use zeroize::Zeroizing;

/// The longest password, in octets, before and after preparation.
pub const MAX_PASSWORD_OCTETS: usize = 1024;

/// The longest user name, in octets: an address of 64 + 1 + 255 octets (RFC 5321 §4.5.3.1).
pub const MAX_USER_OCTETS: usize = 320;

/// A prepared password. Its memory is wiped when it is dropped, and `Debug` does not show it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Prepares what a person typed or a client sent.
    pub fn prepare(text: &str) -> Result<Self, UnusablePassword> {
        if text.len() > MAX_PASSWORD_OCTETS {
            return Err(UnusablePassword::TooLong);
        }
        let prepared = stringprep::saslprep(text).map_err(|_| UnusablePassword::ForbiddenCharacter)?;
        let prepared = Zeroizing::new(prepared.into_owned());
        match prepared.len() {
            0 => Err(UnusablePassword::Empty),
            // Compatibility mapping can make a text longer.
            octets if octets > MAX_PASSWORD_OCTETS => Err(UnusablePassword::TooLong),
            _ => Ok(Self(prepared)),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Prepares a user name that a client sent; `None` if it cannot be anyone's.
pub(crate) fn prepare_user(text: &str) -> Option<String> {
    if text.len() > MAX_USER_OCTETS {
        return None;
    }
    let prepared = stringprep::saslprep(text).ok()?;
    (!prepared.is_empty() && prepared.len() <= MAX_USER_OCTETS).then(|| prepared.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 4013 §3.
    #[test]
    fn saslprep_maps_and_forbids_as_its_rfc_shows() {
        let prepared = |text| Password::prepare(text).map(|password| password.0.to_string());
        assert_eq!(prepared("I\u{ad}X").unwrap(), "IX");
        assert_eq!(prepared("user").unwrap(), "user");
        assert_eq!(prepared("USER").unwrap(), "USER");
        assert_eq!(prepared("\u{aa}").unwrap(), "a");
        assert_eq!(prepared("\u{2168}").unwrap(), "IX");
        assert_eq!(prepared("\u{7}"), Err(UnusablePassword::ForbiddenCharacter));
        assert_eq!(prepared("\u{627}1"), Err(UnusablePassword::ForbiddenCharacter));
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_password() {
        let composed = Password::prepare("contrase\u{f1}a").unwrap();
        let decomposed = Password::prepare("contrasen\u{303}a").unwrap();
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
    }

    #[test]
    fn empty_and_endless_passwords_are_refused() {
        assert_eq!(Password::prepare("").unwrap_err(), UnusablePassword::Empty);
        assert_eq!(Password::prepare("\u{ad}").unwrap_err(), UnusablePassword::Empty);
        assert!(Password::prepare(&"x".repeat(MAX_PASSWORD_OCTETS)).is_ok());
        let endless = "x".repeat(MAX_PASSWORD_OCTETS + 1);
        assert_eq!(Password::prepare(&endless).unwrap_err(), UnusablePassword::TooLong);
        // U+FDFA is three octets and becomes 33.
        let growing = "\u{fdfa}".repeat(300);
        assert_eq!(Password::prepare(&growing).unwrap_err(), UnusablePassword::TooLong);
    }

    #[test]
    fn debug_does_not_show_the_password() {
        assert_eq!(format!("{:?}", Password::prepare("s3cret").unwrap()), "Password(..)");
    }

    #[test]
    fn a_user_name_has_a_limit_and_is_not_empty() {
        assert_eq!(prepare_user("ana@lab.test").as_deref(), Some("ana@lab.test"));
        assert_eq!(prepare_user(""), None);
        assert_eq!(prepare_user("a\u{0}b"), None);
        assert_eq!(prepare_user(&"a".repeat(MAX_USER_OCTETS + 1)), None);
    }
}
