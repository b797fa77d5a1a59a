//! SCRAM-SHA-256, server side (RFC 5802, RFC 7677).
//!
//! The messages (`message`) know nothing of the hash, and the keys (`keys`) nothing of the dialogue, so that another
//! hash is another kind of key, and channel binding another accepted gs2 header.

mod decoy;
mod keys;
mod message;
mod server;

pub use decoy::DecoySecret;
pub(crate) use keys::ACCEPTED_ITERATIONS;
pub use keys::ScramVerifier;
pub(crate) use message::ClientFirst;
pub(crate) use server::AwaitingFinal;
