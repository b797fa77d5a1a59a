//! Locks as Debian's policy has them (§11.6): `fcntl` on the file, then the file `PATH.lock` beside it.
//!
//! Nothing here waits: whoever does not get a lock tries again later, and holds none of the two meanwhile.

use crate::owner::{Assumed, SystemUser};
use crate::{Code, Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A `PATH.lock` that is older is left behind by a program that is gone: Postfix's `stale_lock_time`.
const STALE: Duration = Duration::from_secs(500);

/// Where an mbox lies, and with whose rights it is touched.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    owner: Option<Owner>,
}

#[derive(Clone, Debug)]
struct Owner {
    user: SystemUser,
    /// The group of the spool folder (`mail`), which may make files in it.
    group: u32,
}

/// An mbox that nobody else reads or writes.
pub(super) struct Locked<'a> {
    /// The only handle of this process: closing any other one would give up the lock.
    pub(super) file: File,
    /// There was no file.
    pub(super) is_new: bool,
    place: &'a Place,
    dot: PathBuf,
}

impl Place {
    /// Errors: [`Code::UserUnknown`], [`Code::Io`] if there is no such folder.
    pub(super) fn find(path: PathBuf, user: Option<&str>) -> Result<Self> {
        let owner = user.map(|name| Owner::find(&path, name)).transpose()?;
        Ok(Self { path, owner })
    }

    fn assume(&self) -> Result<Option<Assumed>> {
        self.owner.as_ref().map(|owner| owner.user.assume(Some(owner.group))).transpose()
    }

    /// Opens the file and locks it; an empty one is made if there is none.
    ///
    /// Errors: [`Code::MailboxLocked`] if somebody else has a lock; [`Code::NotMbox`] if it is no plain file that belongs to its user and
    /// to no other folder; [`Code::NoRight`].
    pub(super) fn lock(&self) -> Result<Locked<'_>> {
        let _assumed = self.assume()?;
        let (file, is_new) = self.open().map_err(|error| self.explain(error))?;
        self.check(&file)?;
        lock_record(&file)?;
        if !self.is_same(&file)? {
            // Another program has just put another file into its place.
            return Err(Error::about(Code::MailboxLocked, self.path.display().to_string()));
        }
        let mut dot = self.path.clone().into_os_string();
        dot.push(".lock");
        let dot = PathBuf::from(dot);
        if !take_dot(&dot).map_err(|error| self.explain(error))? {
            return Err(Error::about(Code::MailboxLocked, dot.display().to_string()));
        }
        Ok(Locked { file, is_new, place: self, dot })
    }

    fn open(&self) -> io::Result<(File, bool)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
            options.custom_flags(flags.bits().cast_signed()).mode(0o600);
        }
        match options.open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = options.create_new(true).open(&self.path)?;
                #[cfg(unix)]
                if self.owner.is_some() {
                    // A user's mbox also belongs to the group of the spool, as `useradd` makes it, whatever our umask.
                    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o660))?;
                }
                Ok((file, true))
            }
            other => Ok((other?, false)),
        }
    }

    /// A file with a second name may be another one that its owner was tricked into giving us.
    fn check(&self, file: &File) -> Result<()> {
        let meta = file.metadata()?;
        #[cfg(unix)]
        let is_alone = {
            use std::os::unix::fs::MetadataExt;
            let owner = self.owner.as_ref().map(|owner| owner.user.uid);
            meta.nlink() == 1 && owner.is_none_or(|uid| uid == meta.uid())
        };
        #[cfg(not(unix))]
        let is_alone = true;
        if meta.is_file() && is_alone { Ok(()) } else { Err(Error::new(Code::NotMbox)) }
    }

    #[cfg(unix)]
    fn is_same(&self, file: &File) -> Result<bool> {
        use std::os::unix::fs::MetadataExt;
        let (ours, there) = (file.metadata()?, fs::symlink_metadata(&self.path)?);
        Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino()))
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "as on other systems")]
    fn is_same(&self, _: &File) -> Result<bool> {
        Ok(true)
    }

    fn explain(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Error::about(Code::NoRight, self.path.display().to_string()),
            _ => error.into(),
        }
    }
}

impl Owner {
    fn find(path: &Path, name: &str) -> Result<Self> {
        let user = SystemUser::find(name)?;
        #[cfg(unix)]
        let group = std::os::unix::fs::MetadataExt::gid(&fs::metadata(path.parent().unwrap_or(path))?);
        #[cfg(not(unix))]
        let group = user.gid;
        Ok(Self { user, group })
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let removed = self.place.assume().and_then(|_assumed| Ok(fs::remove_file(&self.dot)?));
        if let Err(error) = removed {
            tracing::warn!(cause = ?error, path = %self.dot.display(), "a lock could not be removed");
        }
    }
}

/// Whether a user's mbox can lie there: somebody must be able to make files in its folder.
/// Errors: [`Code::NoRight`] with the folder as subject.
pub(crate) fn check_spool(path: &Path, user: &SystemUser) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    let no_right = || Error::about(Code::NoRight, folder.display().to_string());
    let owner = Owner::find(path, &user.name).map_err(|_| no_right())?;
    let _assumed = owner.user.assume(Some(owner.group))?;
    let probe = folder.join(format!(".{}.{}.lock", user.name, std::process::id()));
    OpenOptions::new().write(true).create_new(true).open(&probe).map_err(|_| no_right())?;
    Ok(fs::remove_file(&probe)?)
}

#[cfg(unix)]
fn lock_record(file: &File) -> Result<()> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    match fcntl_lock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => Err(Error::new(Code::MailboxLocked)),
        Err(error) => Err(io::Error::from(error).into()),
    }
}

#[cfg(not(unix))]
fn lock_record(file: &File) -> Result<()> {
    file.try_lock().map_err(|_| Error::new(Code::MailboxLocked))
}

/// Makes the lock file; false if somebody has it. One that is left behind is removed.
fn take_dot(dot: &Path) -> io::Result<bool> {
    if fs::symlink_metadata(dot).is_ok() {
        if !is_stale(dot) {
            return Ok(false);
        }
        match fs::remove_file(dot) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let mut builder = tempfile::Builder::new();
    // Who meets it reads whose it is.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    // It appears with its process in it: an empty one, of a program that was killed in between, would count until it is old.
    let mut lock = builder.prefix(".postigo-lock-").tempfile_in(dot.parent().unwrap_or(dot))?;
    writeln!(lock, "{}", std::process::id())?;
    match lock.persist_noclobber(dot) {
        Ok(_) => Ok(true),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(failed) => Err(failed.error),
    }
}

/// Whoever made the lock is gone: it named its process, and that does not run, or the lock is very old.
fn is_stale(dot: &Path) -> bool {
    let Ok(meta) = fs::symlink_metadata(dot) else { return false };
    let age = meta.modified().ok().and_then(|time| time.elapsed().ok()).unwrap_or_default();
    if age > STALE {
        return true;
    }
    let mut text = String::new();
    let read = crate::maildir::open_message(dot).and_then(|file| file.take(20).read_to_string(&mut text));
    match (read, text.trim().parse::<u32>()) {
        // Our own is one of an earlier run, or of a thread that panicked: there is one place that locks.
        (Ok(_), Ok(process)) if process > 0 => process == std::process::id() || !runs(process),
        _ => false,
    }
}

#[cfg(unix)]
fn runs(process: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
    // An error other than this one says that it runs and is not ours.
    pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn runs(_: u32) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_respected_until_its_owner_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::find(folder.path().join("mbox"), None).unwrap();
        let dot = folder.path().join("mbox.lock");
        let code = || place.lock().map(drop).map_err(|error| error.code());
        assert!(place.lock().unwrap().is_new);
        assert!(!dot.exists(), "removed at the end");
        // A process that certainly runs, and is not ours.
        fs::write(&dot, std::os::unix::process::parent_id().to_string()).unwrap();
        assert_eq!(code(), Err(Code::MailboxLocked));
        fs::write(&dot, "").unwrap();
        assert_eq!(code(), Err(Code::MailboxLocked), "it may just be being made");
        File::options()
            .write(true)
            .open(&dot)
            .unwrap()
            .set_modified(std::time::SystemTime::now() - 2 * STALE)
            .unwrap();
        assert_eq!(code(), Ok(()));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        fs::write(&dot, child.id().to_string()).unwrap();
        assert_eq!(code(), Ok(()), "the process that locked is gone");
    }

    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (real, mbox) = (folder.path().join("real"), folder.path().join("mbox"));
        fs::write(&real, "").unwrap();
        let place = Place::find(mbox.clone(), None).unwrap();
        std::os::unix::fs::symlink(&real, &mbox).unwrap();
        assert!(place.lock().is_err());
        fs::remove_file(&mbox).unwrap();
        fs::hard_link(&real, &mbox).unwrap();
        assert_eq!(place.lock().map(drop).unwrap_err().code(), Code::NotMbox);
    }
}
