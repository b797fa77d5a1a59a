//! CRAM-MD5 (RFC 2195), for servers that have nothing better.

use super::{Credentials, Response};
use hmac::{Hmac, Mac};
use md5::Md5;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// `user SP hexadecimal HMAC-MD5(password, challenge)`.
pub(super) fn response(credentials: &Credentials, challenge: &[u8]) -> Response {
    let mut text = format!("{} ", credentials.user);
    // HMAC takes keys of any length.
    if let Ok(mut mac) = <Hmac<Md5> as Mac>::new_from_slice(credentials.password.as_bytes()) {
        mac.update(challenge);
        for octet in mac.finalize().into_bytes() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{octet:02x}");
        }
    }
    Zeroizing::new(text.into_bytes())
}
