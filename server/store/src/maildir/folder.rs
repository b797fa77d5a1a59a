//! Folders on disk: `tmp`, `new`, `cur`, and small files that are replaced as a whole.

use super::{FileName, MailboxName};
use crate::lock::create_private_folder;
use crate::{Code, Result};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Where a message's file is within its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) in_new: bool,
    pub(crate) info: Option<String>,
}

/// The folder of one mailbox.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn new(maildir: &Path, mailbox: &MailboxName) -> Self {
        let folder = mailbox.folder();
        Self { path: if folder.is_empty() { maildir.to_owned() } else { maildir.join(folder) } }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// `new` or `cur`.
    pub(crate) fn part(&self, in_new: bool) -> PathBuf {
        self.path.join(if in_new { "new" } else { "cur" })
    }

    pub(crate) fn file(&self, base: &str, place: &Place) -> PathBuf {
        self.part(place.in_new).join(super::join(base, place.info.as_deref()))
    }

    /// Creates what is missing. `maildirfolder` marks a subfolder for delivery programs (Maildir++).
    pub(crate) fn create(&self, is_inbox: bool) -> io::Result<()> {
        for part in ["tmp", "new", "cur"] {
            create_private_folder(&self.path.join(part))?;
        }
        if !is_inbox {
            create_private_file(&self.path.join("maildirfolder")).map(drop).or_else(|error| {
                if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) }
            })?;
        }
        Ok(())
    }

    pub(crate) fn exists(&self) -> bool {
        is_maildir(&self.path)
    }

    /// All messages. Of a base that is in `new` and in `cur` (another program is just moving it) the one in `cur` counts.
    pub(crate) fn messages(&self) -> io::Result<HashMap<String, Place>> {
        let mut found = HashMap::new();
        for in_new in [true, false] {
            for entry in fs::read_dir(self.part(in_new))? {
                let name = entry?.file_name();
                // A name that is not UTF-8 is no Maildir name that any known program makes.
                let Some(parsed) = name.to_str().and_then(FileName::parse) else { continue };
                let place = Place { in_new, info: parsed.info.map(str::to_owned) };
                found.insert(parsed.base.to_owned(), place);
            }
        }
        Ok(found)
    }

    /// Modification time of `new` or `cur` in nanoseconds since 1970.
    pub(crate) fn modified(&self, in_new: bool) -> io::Result<i64> {
        let modified = fs::metadata(self.part(in_new))?.modified()?;
        let since_1970 = modified.duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        i64::try_from(since_1970.as_nanos()).map_err(io::Error::other)
    }
}

/// Finds files that other programs may have renamed; reads the folder at most once.
pub(crate) struct Finder<'a> {
    folder: &'a Folder,
    listing: Option<HashMap<String, Place>>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(folder: &'a Folder) -> Self {
        Self { folder, listing: None }
    }

    pub(crate) fn folder(&self) -> &'a Folder {
        self.folder
    }

    /// Where a message's file is: at the expected place, or wherever it was renamed to; `None` if it is gone.
    pub(crate) fn find(&mut self, base: &str, expected: &Place) -> io::Result<Option<Place>> {
        if self.folder.file(base, expected).is_file() {
            return Ok(Some(expected.clone()));
        }
        let listing = match &mut self.listing {
            Some(listing) => listing,
            none => none.insert(self.folder.messages()?),
        };
        Ok(listing.get(base).cloned())
    }
}

/// The Maildir++ subfolders of a Maildir that can be mailboxes.
pub(crate) fn subfolders(maildir: &Path) -> io::Result<Vec<MailboxName>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(maildir)? {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().and_then(MailboxName::from_folder) else { continue };
        if is_maildir(&entry.path()) {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

/// `tmp` does not count: it holds no messages.
fn is_maildir(path: &Path) -> bool {
    ["new", "cur"].iter().all(|part| path.join(part).is_dir())
}

/// Opens a message's file. Nothing else is opened: a symbolic link would lead elsewhere, and a pipe would let us wait for ever.
pub(crate) fn open_message(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    let file = options.open(path).map_err(not_a_message)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// What the system says of a link and of a socket.
fn not_a_message(error: io::Error) -> io::Error {
    #[cfg(unix)]
    if [rustix::io::Errno::LOOP, rustix::io::Errno::NXIO]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
    {
        return io::ErrorKind::InvalidInput.into();
    }
    error
}

/// Creates a new file that only its owner may read.
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Replaces a small file as a whole: readers see the old or the new text, never a part.
pub(crate) fn replace_file(path: &Path, text: &str) -> Result<()> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let temporary = path.with_file_name(format!(".{name}.tmp"));
    let write = || -> io::Result<()> {
        if let Err(error) = fs::remove_file(&temporary) {
            ignore_missing(error)?;
        }
        create_private_file(&temporary)?.write_all(text.as_bytes())?;
        fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&temporary);
        error.into()
    })
}

/// The text of a small file; empty if there is none.
pub(crate) fn read_small_file(path: &Path) -> Result<String> {
    /// No list of keywords or subscriptions is longer; a longer file is not one.
    const MAX_OCTETS: u64 = 4 * 1024 * 1024;
    let file = match open_message(path) {
        Ok(file) => file,
        Err(error) => return ignore_missing(error).map(|()| String::new()).map_err(Into::into),
    };
    if file.metadata()?.len() > MAX_OCTETS {
        return Err(crate::Error::new(Code::Corrupt));
    }
    let mut text = Vec::new();
    file.take(MAX_OCTETS).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
