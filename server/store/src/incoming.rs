//! Content while it is received: in memory while small, in a file of `DATA/incoming` beyond that.

use crate::Result;

/// Collects the content of one message. Dropping it before delivery removes what was spilled.
#[derive(Debug)]
pub struct Incoming {}

impl Incoming {
    /// Appends a piece of content. Memory stays bounded by the store's `memory_octets` plus this piece.
    ///
    /// Errors: [`crate::Code::StoreFull`] when the spill file cannot grow; the collection is then useless and is dropped.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let _ = bytes;
        todo!()
    }

    /// Octets collected so far.
    pub fn octets(&self) -> u64 {
        todo!()
    }

    /// The first octets of the content (at most the store's `memory_octets`): enough for the header of nearly every message.
    pub fn head(&self) -> &[u8] {
        todo!()
    }
}
