//! Stand-ins for the types of `postigo-message` until that crate has them.

/// ENVELOPE.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct ImapEnvelope {}

/// BODYSTRUCTURE.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Structure {}
