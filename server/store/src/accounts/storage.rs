//! Where an account's mail lies for other programs.

use super::Account;
use crate::owner::SystemUser;
use crate::{Code, Error, Result};
use std::path::{Component, Path, PathBuf};

/// Where the mail of an account lies for other programs to read.
///
/// The truth is a Maildir in each case: of this are the journal's promises, and this is what IMAP shows. An mbox is a second copy of INBOX
/// that is kept equal in both directions (see [`crate::mbox`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// A Maildir in the data folder.
    #[default]
    Maildir,
    /// A Maildir in the data folder, and INBOX as an mbox beside it.
    Mbox,
    /// A Maildir in the data folder, and INBOX as the mbox of a user of the system (`/var/mail/luis`), who owns it.
    SystemMbox(SystemPlace),
    /// A Maildir in the home of a user of the system (`~luis/Maildir`), who owns it.
    SystemMaildir(SystemPlace),
}

/// Something that belongs to a user of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemPlace {
    /// The user.
    pub user: String,
    /// The mbox, or the Maildir: absolute. It stays when the settings change that it was made from.
    pub path: PathBuf,
}

impl Storage {
    /// The user of the system that this belongs to.
    pub fn system_user(&self) -> Option<&str> {
        self.system_place().map(|place| place.user.as_str())
    }

    /// True if INBOX is an mbox, too.
    pub fn has_mbox(&self) -> bool {
        matches!(self, Self::Mbox | Self::SystemMbox(_))
    }

    fn system_place(&self) -> Option<&SystemPlace> {
        match self {
            Self::Maildir | Self::Mbox => None,
            Self::SystemMbox(place) | Self::SystemMaildir(place) => Some(place),
        }
    }

    /// Whether it can be had. Errors: [`Code::BadPath`] if it is not absolute or has `..`; [`Code::UserUnknown`]; [`Code::NoRight`], with
    /// the user or the folder as subject.
    pub fn check(&self) -> Result<()> {
        let Some(place) = self.system_place() else { return Ok(()) };
        let is_plain =
            place.path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
        if !place.path.is_absolute()
            || !is_plain
            || place.path.file_name().is_none()
            || place.path.to_str().is_none()
        {
            return Err(Error::about(Code::BadPath, place.path.display().to_string()));
        }
        let user = SystemUser::find(&place.user)?;
        if !user.is_in_reach() {
            return Err(Error::about(Code::NoRight, place.user.clone()));
        }
        if let Self::SystemMbox(_) = self {
            crate::mbox::check_spool(&place.path, &user)?;
        }
        Ok(())
    }

    /// As columns of the table: kind, user, path.
    pub(super) fn columns(&self) -> (&'static str, &str, &str) {
        let (name, place) = match self {
            Self::Maildir => ("maildir", None),
            Self::Mbox => ("mbox", None),
            Self::SystemMbox(place) => ("system-mbox", Some(place)),
            Self::SystemMaildir(place) => ("system-maildir", Some(place)),
        };
        match place {
            Some(place) => (name, &place.user, place.path.to_str().unwrap_or_default()),
            None => (name, "", ""),
        }
    }

    /// `None` for what no version wrote.
    pub(super) fn from_columns(name: &str, user: &str, path: &str) -> Option<Self> {
        let place = || SystemPlace { user: user.to_owned(), path: path.into() };
        Some(match name {
            "maildir" => Self::Maildir,
            "mbox" => Self::Mbox,
            "system-mbox" => Self::SystemMbox(place()),
            "system-maildir" => Self::SystemMaildir(place()),
            _ => return None,
        })
    }
}

/// Where an account's mail lies, all of it.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    /// `DATA/mail/DOMAIN/USER`: the index, and what belongs to nobody else.
    pub(crate) folder: PathBuf,
    pub(crate) storage: Storage,
}

impl Home {
    pub(super) fn of(mail_root: &Path, account: &Account) -> Self {
        Self { folder: super::folder(mail_root, account), storage: account.storage.clone() }
    }

    pub(crate) fn maildir(&self) -> PathBuf {
        match &self.storage {
            Storage::SystemMaildir(place) => place.path.clone(),
            _ => self.folder.join("Maildir"),
        }
    }

    /// Whose the Maildir is, if not ours.
    pub(crate) fn maildir_user(&self) -> Option<&str> {
        match &self.storage {
            Storage::SystemMaildir(place) => Some(&place.user),
            _ => None,
        }
    }

    /// The mbox, if INBOX is one, too, and whose it is, if not ours.
    pub(crate) fn mbox(&self) -> Option<(PathBuf, Option<&str>)> {
        match &self.storage {
            Storage::Mbox => Some((self.folder.join("mbox"), None)),
            Storage::SystemMbox(place) => Some((place.path.clone(), Some(&place.user))),
            Storage::Maildir | Storage::SystemMaildir(_) => None,
        }
    }
}
