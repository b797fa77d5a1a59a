//! Maildir on disk: names of files and folders, and the small files beside them.

mod flags;
mod mailbox_name;
mod mutf7;
mod special_use;

pub use flags::Flags;
pub use mailbox_name::{HIERARCHY_DELIMITER, MailboxName};
pub use special_use::SpecialUse;
