//! The API over HTTP: the face for browsers and for other processes of this machine, and the client for it.
//!
//! Does: carry requests, events and the HTML of messages; serve the built page; keep strangers out; tell other processes
//! where it listens ([`ControlFile`]); speak to such a process as if it were here ([`Client`]).
//! Does not: know what any command does. It asks a [`postigo_api::Handler`].
//! Follows: RFC 9110, RFC 6750 §2.1 (bearer token), RFC 6265 §5.3 (cookie), the HTML Standard §9.2 (server-sent events),
//! Content Security Policy Level 3.
//! Departs: there is no TLS. So the address must be a loopback one unless [`Options::beyond_loopback`] says otherwise:
//! beyond it, token, passwords and mail cross the network in clear.
//!
//! Invariants:
//! 1. Nothing under `/api` is answered without the token, and its comparison takes the same time whatever was sent.
//! 2. A request whose Host is not one of ours is refused before anything else: another site's name that resolves to this
//!    address (DNS rebinding) reaches nothing.
//! 3. A page of another origin can make no request that counts: Origin and Sec-Fetch-Site are looked at as well as the
//!    cookie's SameSite, because all ports of one host are one site.
//! 4. The HTML of a message never runs in the page's origin: its document is sandboxed.
//! 5. A request that was read is carried out to its end, also when the one who asked has gone.

mod client;
mod control;
mod events;
pub mod frame;
mod guard;
mod limits;
mod page;
mod reply;
mod router;
mod rpc;
mod server;
mod source;
mod sse;
mod token;

pub use client::{Client, EventStream, Incoming};
pub use control::{ControlFile, Published};
pub use server::{Options, Server};
pub use source::Source;
pub use token::Token;
