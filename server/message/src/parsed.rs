//! The result of reading a message, and its form in a cache.

use crate::envelope::ImapEnvelope;
use crate::scanner::Scanner;
use crate::structure::Structure;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Envelope and structure of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParsedMessage {
    /// ENVELOPE of the message.
    #[serde(rename = "e")]
    pub envelope: ImapEnvelope,
    /// Its MIME tree.
    #[serde(rename = "s")]
    pub structure: Structure,
}

/// A cached form that this version does not read: parse the message again.
#[derive(Debug, Error)]
#[error("the cached structure of a message cannot be read")]
pub struct BadCache(#[source] serde_json::Error);

impl ParsedMessage {
    /// Reads a message that is in memory. Where it is in a file, feed a [`Scanner`].
    pub fn parse(octets: &[u8]) -> Self {
        let mut scanner = Scanner::new();
        scanner.feed(octets);
        scanner.finish()
    }

    /// A compact form for a cache: some hundred octets for a usual message.
    #[expect(clippy::expect_used, reason = "the types have nothing that JSON could not hold")]
    pub fn to_cache(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain data can be written as JSON")
    }

    /// Reads the compact form.
    pub fn from_cache(octets: &[u8]) -> Result<Self, BadCache> {
        serde_json::from_slice(octets).map_err(BadCache)
    }
}
