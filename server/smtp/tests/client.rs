//! The client session: rules by RFC and section, whole dialogues, hostile servers, our own server, and real ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "client/auth.rs"]
mod auth;
#[path = "client/common/mod.rs"]
mod common;
#[path = "client/content_needs.rs"]
mod content_needs;
#[path = "client/conversion.rs"]
mod conversion;
#[path = "client/hostile.rs"]
mod hostile;
#[path = "client/own_server.rs"]
mod own_server;
#[path = "client/rfc2920.rs"]
mod rfc2920;
#[path = "client/rfc3207.rs"]
mod rfc3207;
#[path = "client/rfc5321.rs"]
mod rfc5321;
#[path = "client/smtp_sink.rs"]
mod smtp_sink;
