//! SCRAM, server side (RFC 5802, RFC 7677).
//!
//! The keys (`keys`) know nothing of the dialogue; which hash a dialogue has, its keys say.

mod decoy;
mod keys;
mod message;
mod server;

pub use decoy::DecoySecret;
pub(crate) use keys::ACCEPTED_ITERATIONS;
pub use keys::{ScramHash, ScramVerifier};
pub(crate) use message::{Binding, ClientFirst};
pub(crate) use server::AwaitingFinal;
