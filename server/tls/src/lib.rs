//! Certificates of a server: its own small certificate authority, the server certificate, and the TLS settings made from them.
//!
//! Does: make the local authority and the server certificate, keep both in the data folder, renew them, load a pair the
//! user brought, describe them for people, build the rustls configurations of the listeners and of the built-in client.
//! Does not: open sockets, read the clock, watch the calendar (the caller asks [`ServerIdentity::renewal_due`]),
//! fetch certificates from the internet.
//! Follows: RFC 5280 §4.1.2.5 (validity), §4.2.1.3 (key usage), §4.2.1.6 (names), §4.2.1.9 (basic constraints),
//! §4.2.1.10 (name constraints), RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2), RFC 8314 §4 (no older version for mail).
//! Departs: the server sends its certificate alone; a client that trusts the authority already has it.
//!
//! Invariants:
//! 1. The authority cannot vouch for a name or address outside its own lab: every certificate of it for another name is
//!    refused by the verifier, because the name constraints are critical and cover DNS names, IP addresses and e-mail.
//! 2. Each name in the server certificate is permitted by the authority that signed it.
//! 3. A private key is never on disk with a mode wider than 0600, not even for a moment.
//! 4. A file of the data folder is replaced whole or not at all.
//! 5. No process-wide state: the crypto provider is passed to every configuration.

mod authority;
mod certificate;
mod config;
mod error;
mod files;
mod identity;
mod names;

pub use certificate::{CertificateInfo, Constraints, Subnet};
pub use config::{client_config, server_config};
pub use error::{Code, Error};
pub use identity::{Change, Description, Reason, ServerIdentity};
pub use names::Names;
