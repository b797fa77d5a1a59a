//! CRAM-MD5 (RFC 2195): both sides of its one digest.

use crate::exchange::Failure;
use crate::nonce::Nonce;
use crate::password::{Password, prepare_user};
use aws_lc_rs::constant_time;
use hmac::{Hmac, Mac};
use md5::Md5;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// The server's challenge. It has the form of a Message-ID, as the RFC wants, and is the only one like it.
pub(crate) fn challenge(nonce: &Nonce) -> Vec<u8> {
    format!("<{}@postigo>", nonce.as_str().replace(['<', '>', '@', ' '], ".")).into_bytes()
}

/// `user SP digest`. A name may hold spaces, the digest does not.
pub(crate) fn parse(response: &[u8]) -> Result<(String, Vec<u8>), Failure> {
    let text = std::str::from_utf8(response).map_err(|_| Failure::Malformed)?;
    let (user, digest) = text.rsplit_once(' ').ok_or(Failure::Malformed)?;
    let user = prepare_user(user).ok_or(Failure::Credentials)?;
    Ok((user, digest.to_ascii_lowercase().into_bytes()))
}

/// Whether the digest is the one of the password.
pub(crate) fn is_correct(password: &Password, challenge: &[u8], digest: &[u8]) -> bool {
    let ours = self::digest(password.as_bytes(), challenge);
    constant_time::verify_slices_are_equal(ours.as_bytes(), digest).is_ok()
}

/// HMAC-MD5 of the challenge, in hexadecimal.
pub(crate) fn digest(password: &[u8], challenge: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(32));
    // HMAC takes keys of any length.
    if let Ok(mut mac) = <Hmac<Md5> as Mac>::new_from_slice(password) {
        mac.update(challenge);
        for octet in mac.finalize().into_bytes() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{octet:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 2195 §2.
    #[test]
    fn the_example_of_the_rfc_is_right() {
        let password = Password::prepare("tanstaaftanstaaf").unwrap();
        let (user, digest) = parse(b"tim b913a602c7eda7a495b4e6e7334d3890").unwrap();
        let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
        assert_eq!(user, "tim");
        assert!(is_correct(&password, challenge, &digest));
        assert!(!is_correct(&password, b"<another@x>", &digest) && !is_correct(&password, challenge, b""));
        assert_eq!(parse(b"tim"), Err(Failure::Malformed));
        assert_eq!(parse(b"\xff x"), Err(Failure::Malformed));
    }
}
