//! Moving all mail of an account from one Maildir to another one that may be somebody else's.
//!
//! Everything is copied and on disk before the account is said to lie elsewhere, and removed from the old place after that. A message is known
//! by the base of its name, so a move that was interrupted is done once more without doubling anything.

use crate::accounts::Home;
use crate::incoming::{Content, sync_folder};
use crate::mail::{Arrival, write_message};
use crate::maildir::{Folder, Info, Place, create_private_file, open_message, subfolders};
use crate::owner::{Assumed, SystemUser};
use crate::{MailboxName, Result};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Files beside the messages that mean something to us.
const BESIDE: [&str; 2] = ["dovecot-keywords", "subscriptions"];

/// No list of keywords or subscriptions is longer.
const MAX_BESIDE: u64 = 4 * 1024 * 1024;

/// One of the two Maildirs.
struct Side {
    maildir: PathBuf,
    user: Option<SystemUser>,
}

impl Side {
    fn of(home: &Home) -> Result<Self> {
        let user = home.maildir_user().map(SystemUser::find).transpose()?;
        Ok(Self { maildir: home.maildir(), user })
    }

    fn assume(&self) -> Result<Option<Assumed>> {
        self.user.as_ref().map(|user| user.assume(None)).transpose()
    }

    fn folders(&self) -> Result<Vec<MailboxName>> {
        let _assumed = self.assume()?;
        let mut names = vec![MailboxName::inbox()];
        names.extend(subfolders(&self.maildir)?);
        Ok(names)
    }
}

/// Messages that were copied, to be removed from where they were.
pub(crate) struct Copied {
    from: Side,
    files: Vec<PathBuf>,
}

/// Copies everything that is not there yet; durable when this returns.
pub(crate) fn copy(from: &Home, to: &Home) -> Result<Copied> {
    let (from, to) = (Side::of(from)?, Side::of(to)?);
    let mut files = Vec::new();
    if exists(&from)? {
        for name in from.folders()? {
            copy_folder(&from, &to, &name, &mut files)?;
        }
        sync(&to.maildir)?;
    }
    Ok(Copied { from, files })
}

impl Copied {
    /// Removes the originals. In our own folder, the whole Maildir goes.
    pub(crate) fn remove_originals(self) -> Result<()> {
        if self.from.user.is_none() {
            return match fs::remove_dir_all(&self.from.maildir) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            };
        }
        let _assumed = self.from.assume()?;
        for file in self.files {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Takes along what lies in the data folder of an account whose mail is elsewhere: a move was interrupted there.
pub(crate) fn finish(home: &Home) -> Result<()> {
    let left = Home { folder: home.folder.clone(), storage: crate::Storage::Maildir };
    if home.maildir_user().is_some() && left.maildir().exists() {
        copy(&left, home)?.remove_originals()?;
    }
    Ok(())
}

/// Puts a message where [`finish`] finds it: the home of its user cannot be reached at present, and the journal cannot wait.
pub(crate) fn keep_aside(home: &Home, arrival: &Arrival<'_>) -> Result<()> {
    let left = Home { folder: home.folder.clone(), storage: crate::Storage::Maildir };
    let folder = Folder::new(&left.maildir(), &MailboxName::inbox());
    folder.create(true)?;
    let spilled = match arrival.content {
        Content::Memory(_) => None,
        Content::File(spilled) => Some(spilled.reader()?),
    };
    let temporary = left.maildir().join("tmp").join(arrival.base);
    write_message(&temporary, arrival, spilled)?;
    Ok(fs::rename(temporary, folder.file(arrival.base, &Place { in_new: true, info: None }))?)
}

fn exists(side: &Side) -> Result<bool> {
    let _assumed = side.assume()?;
    Ok(Folder::new(&side.maildir, &MailboxName::inbox()).exists())
}

fn copy_folder(from: &Side, to: &Side, name: &MailboxName, files: &mut Vec<PathBuf>) -> Result<()> {
    let (source, target) = (Folder::new(&from.maildir, name), Folder::new(&to.maildir, name));
    let (there, keeps_letters) = {
        let _assumed = to.assume()?;
        target.create(name.is_inbox())?;
        (target.messages()?, !target.path().join("dovecot-keywords").exists())
    };
    for beside in BESIDE {
        copy_beside(from, to, &source.path().join(beside), &target.path().join(beside))?;
    }
    let messages = {
        let _assumed = from.assume()?;
        source.messages()?
    };
    for (base, place) in messages {
        let path = source.file(&base, &place);
        if !there.contains_key(&base) {
            let place = if keeps_letters { place } else { without_letters(&place) };
            let temporary = to.maildir.join("tmp").join(&base);
            copy_message(from, to, &path, &temporary, &target.file(&base, &place))?;
        }
        files.push(path);
    }
    Ok(())
}

/// The letters of keywords mean something else where there are keywords already.
fn without_letters(place: &Place) -> Place {
    let letters = |info: &str| Info { keywords: 0, ..Info::parse(Some(info)) }.format();
    Place { info: place.info.as_deref().map(letters), ..place.clone() }
}

fn copy_message(from: &Side, to: &Side, old: &Path, temporary: &Path, new: &Path) -> Result<()> {
    let mut source = {
        let _assumed = from.assume()?;
        match open_message(old) {
            Ok(file) => file,
            // It is no message, or has just gone.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) => {
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
    };
    let _assumed = to.assume()?;
    let mut copy = match create_private_file(temporary) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(temporary)?;
            create_private_file(temporary)?
        }
        other => other?,
    };
    io::copy(&mut source, &mut copy)?;
    copy.set_modified(source.metadata()?.modified()?)?;
    #[cfg(not(target_os = "linux"))]
    copy.sync_all()?;
    Ok(fs::rename(temporary, new)?)
}

/// A small file, unless there is one.
fn copy_beside(from: &Side, to: &Side, old: &Path, new: &Path) -> Result<()> {
    let source = {
        let _assumed = from.assume()?;
        open_message(old)
    };
    let Ok(source) = source else { return Ok(()) };
    let _assumed = to.assume()?;
    match create_private_file(new) {
        Ok(mut copy) => Ok(io::copy(&mut source.take(MAX_BESIDE), &mut copy).map(drop)?),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(target_os = "linux")]
fn sync(maildir: &Path) -> Result<()> {
    rustix::fs::syncfs(File::open(maildir)?).map_err(io::Error::from)?;
    Ok(sync_folder(maildir)?)
}

#[cfg(not(target_os = "linux"))]
fn sync(maildir: &Path) -> Result<()> {
    Ok(sync_folder(maildir)?)
}
