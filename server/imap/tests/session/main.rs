//! Dialogues, by RFC and section.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking, and so do their helpers")]

#[path = "../common/mod.rs"]
mod common;

mod changes_5_2_and_idle;
mod commands_2_and_7_5;
mod hostile;
mod mailboxes_6_3;
mod messages_6_4;
mod oracle;
mod state_6_1_and_6_2;
