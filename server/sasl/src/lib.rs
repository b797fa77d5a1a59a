//! SASL mechanisms, both sides, and stored password verifiers.
//!
//! Does: PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1 and SCRAM-SHA-256 with and without channel binding, as state machines of a
//! server and of a client; the preparation of names and passwords; what is stored of a password (Argon2id and SCRAM keys) and how a password is checked against it.
//! Does not: base64 of the protocols that carry SASL, look up accounts, count failures, decide whether a plaintext
//! mechanism may be used on this connection, start threads.
//! Follows: RFC 4422 (SASL), RFC 4616 (PLAIN), draft-murchison-sasl-login (LOGIN), RFC 5802 and RFC 7677 (SCRAM),
//! RFC 2195 (CRAM-MD5), RFC 5929 and RFC 9266 (channel binding), RFC 4013 (SASLprep), RFC 5803 (stored form), RFC 9106
//! (Argon2).
//! Departs: no proxy authorisation: an authorisation identity is accepted only if it equals the authentication
//! identity. As a client, names and passwords are prepared for SCRAM only.
//!
//! Invariants:
//! 1. `Step::Success` is only reached through a verified SCRAM proof or CRAM-MD5 digest, or the caller's `true` to `Step::CheckPassword`.
//! 2. A SCRAM exchange for an unknown account cannot be told from one with a wrong password.
//! 3. A password or key is never in a `Debug` text, and its memory is wiped when it is dropped.
//! 4. After `Success` or `Failure` an exchange answers every input with `Failure`.
//! 5. A client takes a server's word for success in SCRAM only after the server has proved that it knows the password.

mod client;
mod cram_md5;
mod error;
mod exchange;
mod keys;
mod mechanism;
mod nonce;
mod password;
mod plaintext;
mod scram;
mod verifier;

pub use client::{
    Binding, ChannelBinding, ClientExchange, ClientFailure, ClientMechanism, Credentials, Response,
};
pub use error::{BadVerifier, SystemRandomFailed, UnusablePassword};
pub use exchange::{Exchange, Failure, Step};
pub use keys::{KeyKind, Keys};
pub use mechanism::Mechanism;
pub use nonce::{Nonce, NonceSeed};
pub use password::{MAX_PASSWORD_OCTETS, MAX_USER_OCTETS, Password};
pub use scram::{DecoySecret, ScramHash, ScramVerifier};
pub use verifier::{Salts, Verifier};

/// The largest SASL message (decoded) that an exchange reads, in octets.
///
/// The longest honest one is PLAIN with two identities and a password; RFC 4954 §4 bounds the encoded line of SMTP
/// at 12288 octets, which decodes to 9216.
pub const MAX_MESSAGE_OCTETS: usize = 9216;
