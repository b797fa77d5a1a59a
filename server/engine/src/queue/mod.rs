//! The queue at work: what comes in, what goes out, and what the sender is told.

mod delivery;
mod intake;
mod reports;
mod runner;

pub(crate) use delivery::failure_of;
pub(crate) use intake::{Arrival, ArrivalRecipient, TakenIn, reply};
pub(crate) use runner::{Command, Queue, Runner};
