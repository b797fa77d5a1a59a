//! The HTTP face as its peers see it: a browser, a stranger, another process.

#![expect(clippy::unwrap_used, reason = "the helpers of a test say what they expect by unwrapping")]

mod client;
mod doors;
mod events;
mod frame;
mod page;
mod rpc;
mod support;
