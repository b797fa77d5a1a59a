//! Local submission: programs on this computer hand in mail over a socket of the file system, as Postfix's `sendmail` does.
//!
//! The system says which user a program belongs to, so nobody has to prove anything and no network has to be trusted: who is
//! in `authorized_submit_users` may send to everywhere. What is spoken is SMTP, by the same sessions as on a port.

mod authorized;
#[cfg(unix)]
mod socket;

use std::path::PathBuf;

pub(crate) use authorized::{check, may_submit};
#[cfg(unix)]
pub(crate) use socket::{Listener, open};

/// The name of the socket in its folder.
pub const SOCKET: &str = "sendmail.sock";

/// Where a socket is wanted, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The folder it lies in; made if it is not there.
    pub folder: PathBuf,
    /// For all users of this computer, or only for the one who runs the server.
    pub public: bool,
}
