//! CRAM-MD5 (RFC 2195), for servers that have nothing better.

use super::{Credentials, Response};
use crate::cram_md5::digest;
use zeroize::Zeroizing;

/// `user SP hexadecimal HMAC-MD5(password, challenge)`.
pub(super) fn response(credentials: &Credentials, challenge: &[u8]) -> Response {
    let digest = digest(credentials.password.as_bytes(), challenge);
    Zeroizing::new(format!("{} {}", credentials.user, *digest).into_bytes())
}
