//! The engine: configuration, lifecycle, the drivers that own sockets, and the answers to the API.
//!
//! Does: open a data folder, listen, drive the sessions of `postigo-smtp` and `postigo-imap` over sockets and TLS, decide who
//! may do what, answer every command of `postigo-api`, and say what changes.
//! Does not: know how it is shown. It opens no window and speaks no HTTP.
//!
//! Invariants:
//! 1. Nothing is global: several engines in one process know nothing of each other.
//! 2. One process serves a data folder; whoever comes second is told who has it.
//! 3. A configuration with a fault never replaces one that works.
//! 4. Stopping ends every session politely within the limit, and then all the same.

mod answers;
mod auth;
mod config;
mod connection;
mod context;
mod engine;
mod errors;
mod feed;
mod files;
mod flow;
mod imap;
mod keyring;
mod listen;
mod local;
mod login;
mod mailbox_files;
mod names;
mod outgoing;
mod peers;
mod ports;
mod queue;
mod rates;
mod restrictions;
mod running;
mod secrets;
mod smtp;

pub use engine::Engine;
pub use local::SOCKET;
