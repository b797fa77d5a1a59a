//! The messages of PLAIN and LOGIN.

use crate::exchange::Failure;
use crate::password::{Password, prepare_user};

/// The challenges of LOGIN, as draft-murchison-sasl-login §2.1 spells them: some clients compare them.
pub(crate) const LOGIN_USER: &[u8] = b"Username:";
pub(crate) const LOGIN_PASSWORD: &[u8] = b"Password:";

/// Reads `[authzid] NUL authcid NUL passwd` (RFC 4616 §2).
pub(crate) fn parse_plain(message: &[u8]) -> Result<(String, Password), Failure> {
    let mut parts = message.split(|&octet| octet == 0);
    let (Some(authzid), Some(authcid), Some(password), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Failure::Malformed);
    };
    let user = login_user(authcid)?;
    check_authorization(authzid, authcid)?;
    Ok((user, login_password(password)?))
}

/// Reads a user name; one that cannot exist fails as an unknown one does.
pub(crate) fn login_user(octets: &[u8]) -> Result<String, Failure> {
    let text = std::str::from_utf8(octets).map_err(|_| Failure::Malformed)?;
    prepare_user(text).ok_or(Failure::Credentials)
}

/// Reads a password; one that cannot be anyone's fails as a wrong one does.
pub(crate) fn login_password(octets: &[u8]) -> Result<Password, Failure> {
    let text = std::str::from_utf8(octets).map_err(|_| Failure::Malformed)?;
    Password::prepare(text).map_err(|_| Failure::Credentials)
}

/// To act as someone else is not offered: the authorisation identity is empty or the client's own.
pub(crate) fn check_authorization(authzid: &[u8], authcid: &[u8]) -> Result<(), Failure> {
    if authzid.is_empty() || authzid == authcid { Ok(()) } else { Err(Failure::Authorization) }
}
