//! The queue at work: what comes in, what goes out, and what the sender is told.

mod delivery;
mod etrn;
mod intake;
mod reports;
mod runner;
mod success;
mod suppress;

pub(crate) use delivery::failure_of;
pub(crate) use intake::{Arrival, ArrivalRecipient, LOCAL, NOWHERE, TakenIn, hold_until, reply};
pub(crate) use runner::{Command, Queue, Runner};
