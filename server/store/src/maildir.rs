//! Maildir on disk: names of files and folders, and the small files beside them.

mod file_name;
mod flags;
mod folder;
pub(crate) mod keywords;
mod mailbox_name;
mod mutf7;
mod special_use;
pub(crate) mod subscriptions;

pub(crate) use file_name::{FileName, Info, LETTERED_KEYWORDS, UniqueNames, join, stated_size, stated_time};
pub use flags::Flags;
pub(crate) use folder::{Finder, Folder, Place, create_private_file, open_message, subfolders};
pub use mailbox_name::{HIERARCHY_DELIMITER, MailboxName};
pub use special_use::SpecialUse;
