//! The built-in mail client.

mod compose;
mod folders;
mod messages;

pub use compose::*;
pub use folders::*;
pub use messages::*;
