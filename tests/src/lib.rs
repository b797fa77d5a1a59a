//! What the whole-system tests share: a server of one's own for each test, and programs we did not write, called by name.
//!
//! The programs under test are named by the environment: `POSTIGO_BIN` and `POSTIGO_DESKTOP_BIN`, as `make test` sets them.
//! Without it, the debug build in the target folder is used.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

pub mod dovecot;
pub mod exim;
pub mod loopback;
pub mod names;
pub mod pair;
pub mod peer;
pub mod poll;
pub mod postfix;
pub mod program;
pub mod server;
pub mod sink;
pub mod window;

pub use exim::{Exim, EximSetup};
pub use pair::postigo_and_postfix;
pub use poll::until;
pub use postfix::{Postfix, PostfixSetup};
pub use program::{Output, run, run_with_input};
pub use server::{Server, Setup};
