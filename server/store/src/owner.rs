//! Work done with the rights of a user of the system, whose files lie where that user can change them at any moment.
//!
//! The thread takes the user's identity in the kernel for as long as an [`Assumed`] lives. So a symbolic link that the user lays into their
//! own Maildir leads nowhere that the user could not go anyway, new files are theirs from the beginning, and nothing has to be checked
//! first and done later. What needs our own rights (the data folder) is opened before, or after.

use crate::{Code, Error, Result};
use std::marker::PhantomData;
use std::path::PathBuf;

/// A user of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemUser {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// Its first group.
    pub gid: u32,
    /// Its home.
    pub home: PathBuf,
}

/// The identity of a user, while this lives and on this thread only.
pub(crate) struct Assumed {
    #[cfg(target_os = "linux")]
    own: Option<platform::Own>,
    /// The identity is the thread's.
    _not_send: PhantomData<*const ()>,
}

impl SystemUser {
    /// Looks a user up, wherever the system keeps its users. Errors: [`Code::UserUnknown`].
    pub fn find(name: &str) -> Result<Self> {
        platform::find(name)?.ok_or_else(|| Error::about(Code::UserUnknown, name))
    }

    /// Takes the user's identity; with another group than the first one if `group` says so. Nothing happens if it is our own.
    /// Errors: [`Code::NoRight`] if we are not root and not the user.
    pub(crate) fn assume(&self, group: Option<u32>) -> Result<Assumed> {
        platform::assume(self, group.unwrap_or(self.gid))
    }

    /// True if we may act as this user.
    pub fn is_in_reach(&self) -> bool {
        platform::is_in_reach(self)
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use super::{Assumed, SystemUser};
    use crate::{Code, Error, Result};
    use rustix::process::{Gid, Uid, getegid, geteuid, getgroups};
    use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
    use std::io;
    use std::marker::PhantomData;

    /// What to go back to.
    pub(super) struct Own {
        uid: Uid,
        gid: Gid,
        groups: Vec<Gid>,
    }

    pub(super) fn find(name: &str) -> Result<Option<SystemUser>> {
        let found = nix::unistd::User::from_name(name).map_err(io::Error::from)?;
        Ok(found.map(|user| SystemUser {
            name: user.name,
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            home: user.dir,
        }))
    }

    pub(super) fn is_in_reach(user: &SystemUser) -> bool {
        geteuid().is_root() || geteuid().as_raw() == user.uid
    }

    /// The groups first, since without root's identity they could not be changed, and the user's identity last.
    pub(super) fn assume(user: &SystemUser, group: u32) -> Result<Assumed> {
        if geteuid().as_raw() == user.uid {
            return Ok(Assumed { own: None, _not_send: PhantomData });
        }
        if !geteuid().is_root() {
            return Err(Error::about(Code::NoRight, user.name.clone()));
        }
        let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(group));
        let own = Own { uid: geteuid(), gid: getegid(), groups: getgroups().map_err(io::Error::from)? };
        // From here on the drop goes back, whatever failed.
        let assumed = Assumed { own: Some(own), _not_send: PhantomData };
        set_thread_groups(&[gid]).map_err(io::Error::from)?;
        set_thread_res_gid(None, gid, None).map_err(io::Error::from)?;
        set_thread_res_uid(None, uid, None).map_err(io::Error::from)?;
        Ok(assumed)
    }

    impl Drop for Assumed {
        fn drop(&mut self) {
            let Some(own) = &self.own else { return };
            let back = set_thread_res_uid(None, own.uid, None)
                .and_then(|()| set_thread_res_gid(None, own.gid, None))
                .and_then(|()| set_thread_groups(&own.groups));
            if let Err(error) = back {
                // A thread that stays somebody else would do other people's work with the wrong rights, and nothing can be trusted then.
                tracing::error!(%error, "a thread could not take its own identity again");
                std::process::abort();
            }
        }
    }
}

/// Elsewhere an account is never one of the system's users.
#[cfg(not(target_os = "linux"))]
mod platform {
    use super::{Assumed, SystemUser};
    use crate::{Code, Error, Result};

    pub(super) fn find(_: &str) -> Result<Option<SystemUser>> {
        Ok(None)
    }

    pub(super) fn is_in_reach(_: &SystemUser) -> bool {
        false
    }

    pub(super) fn assume(user: &SystemUser, _: u32) -> Result<Assumed> {
        Err(Error::about(Code::NoRight, user.name.clone()))
    }
}
