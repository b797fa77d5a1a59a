//! Files with keys and certificates: read with a limit, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::error::{Code, Error};

/// The longest chain with the largest key is some tens of KiB. The limit keeps a wrong path (a device, a disk image) out of memory.
const MAX_FILE: u64 = 1 << 20;

/// Reads a text file. `None` when there is no such file.
///
/// # Errors
/// [`Code::Unreadable`] for every other reason, also when the file is too long or no text.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Error> {
    let unreadable = |cause: io::Error| Error::new(Code::Unreadable, path.display()).because(cause);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(unreadable(cause)),
    };
    let mut text = String::new();
    file.take(MAX_FILE + 1).read_to_string(&mut text).map_err(unreadable)?;
    if u64::try_from(text.len()).is_ok_and(|octets| octets > MAX_FILE) {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
    }
    Ok(Some(text))
}

/// Makes the folder for keys, readable by its owner only.
pub(crate) fn make_folder(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|cause| Error::new(Code::Unwritable, path.display()).because(cause))
}

/// Who may read a file besides its owner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// A key: 0600. On Windows the data folder's own access list decides.
    Secret,
    /// A certificate: 0644, so that clients can be pointed at it.
    Public,
}

/// Puts `text` in the place of `path` so that a reader, or a machine that loses power, sees the old file or the new one.
pub(crate) fn replace(path: &Path, text: &str, secrecy: Secrecy) -> Result<(), Error> {
    try_replace(path, text, secrecy)
        .map_err(|cause| Error::new(Code::Unwritable, path.display()).because(cause))
}

fn try_replace(path: &Path, text: &str, secrecy: Secrecy) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // The temporary file is created with mode 0600, so a key is never readable by others, not even before the rename.
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    if secrecy == Secrecy::Public {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        file.as_file().set_permissions(mode)?;
    }
    #[cfg(not(unix))]
    let _ = secrecy;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    // Only Unix lets a folder be opened and synced; elsewhere the rename is as durable as the file system makes it.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}
