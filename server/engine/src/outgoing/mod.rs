//! The way out: hosts of a next hop, connections to them, and messages over these.

mod agent;
mod body;
mod link;
mod targets;
mod tls;
mod verify;

pub(crate) use agent::{Agent, Attempt, Delivered, Job, Tried, outcome as dns_outcome, recorded};
pub(crate) use link::Link;
pub(crate) use targets::Ourselves;
pub(crate) use tls::opportunistic;
