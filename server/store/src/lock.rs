//! The lock on a data folder: one process serves it.

use crate::{Code, Error, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// An exclusive lock on `DATA/lock`, held until dropped or until the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock and writes our process id into the file. Creates the data folder (mode 0700 on Unix) if it is missing.
    ///
    /// Errors: [`Code::DataFolderInUse`] with the other process's id as subject (empty if it cannot be read).
    pub fn acquire(data: &Path) -> Result<Self> {
        create_private_folder(data)?;
        let path = data.join("lock");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::about(Code::DataFolderInUse, Self::holder(data).unwrap_or_default()));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        write!(file, "{}", std::process::id())?;
        Ok(Self { _file: file })
    }

    /// The process id in `DATA/lock`, whether or not that process still runs.
    pub fn holder(data: &Path) -> Option<String> {
        let mut text = String::new();
        File::open(data.join("lock")).ok()?.take(20).read_to_string(&mut text).ok()?;
        let pid = text.trim();
        (!pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit())).then(|| pid.to_owned())
    }
}

/// Creates a folder and its parents; mail is nobody else's business, so the new folder is private.
pub(crate) fn create_private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::DataLock;
    use crate::Code;

    #[test]
    fn a_second_lock_is_refused_and_names_the_holder() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataLock::acquire(folder.path()).unwrap();
        let error = DataLock::acquire(folder.path()).unwrap_err();
        assert_eq!(error.code(), Code::DataFolderInUse);
        assert_eq!(error.subject(), std::process::id().to_string());
        drop(first);
        DataLock::acquire(folder.path()).unwrap();
    }
}
