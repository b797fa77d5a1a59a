//! The contract between the engine and whoever shows it: the window, the browser, the command line.
//!
//! Does: name every command with its parameters and its reply, every event, every error code; make the TypeScript of them.
//! Does not: any work. It knows no socket, no file, no Tauri and no HTTP.
//!
//! Invariants:
//! 1. A command that is not in [`commands`] does not exist, and a [`Handler`] that lacks one does not compile. So no face
//!    can lack a command.
//! 2. Points in time are microseconds since 1970-01-01 UTC ([`Micros`]); sizes are octets; both fit a JavaScript number.
//! 3. Text for people is a code with parameters; the words live in the catalogues of `ui/`.

mod accounts;
mod commands;
mod error;
mod event;
mod flow;
mod log;
mod mail;
mod overview;
mod postfix;
mod queue;
mod restrictions;
mod routing;
mod server;
mod sessions;
mod settings;
mod setup;
mod setup_flow;
mod storage;
mod suppression;
mod timeouts;
mod tls;
mod typescript;
mod zones;

pub use accounts::*;
pub use commands::*;
pub use error::*;
pub use event::*;
pub use flow::*;
pub use log::*;
pub use mail::*;
pub use overview::*;
pub use postfix::*;
pub use queue::*;
pub use restrictions::*;
pub use routing::*;
pub use server::*;
pub use sessions::*;
pub use settings::*;
pub use setup::*;
pub use setup_flow::*;
pub use storage::*;
pub use suppression::*;
pub use timeouts::*;
pub use tls::*;
pub use typescript::typescript;
pub use zones::*;

/// Microseconds since 1970-01-01 UTC.
pub type Micros = i64;
