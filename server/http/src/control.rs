//! How other processes of the same user find the one that serves a data folder.

use std::{
    fs, io,
    io::{Read, Write},
    path::{Path, PathBuf},
};

use postigo_api::{Code, Error};
use serde::{Deserialize, Serialize};

use crate::Token;

/// A file that is longer was not written by us. Octets.
const MAX_OCTETS: u64 = 4096;

/// `DATA/run/control.json`: where the API of this data folder is, and what opens it. Only its owner can read it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ControlFile {
    /// `http://127.0.0.1:41500/`.
    pub url: String,
    /// What opens the door.
    pub token: Token,
    /// The process that serves.
    pub pid: u32,
}

/// A control file that is there. Dropping this removes it, unless another process has put its own in its place.
#[derive(Debug)]
pub struct Published {
    path: PathBuf,
    content: Vec<u8>,
}

impl ControlFile {
    /// Reads the file of a data folder; none when no process serves it (or one was killed before it wrote the file).
    ///
    /// # Errors
    /// [`Code::DataUnusable`] when there is a file that cannot be read.
    pub fn read(data: &Path) -> Result<Option<Self>, Error> {
        let path = path_in(data);
        let file = match fs::File::open(&path) {
            Ok(file) => file,
            Err(failure) if failure.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(failure) => return Err(unusable(&path, failure)),
        };
        let mut content = Vec::new();
        file.take(MAX_OCTETS).read_to_end(&mut content).map_err(|failure| unusable(&path, failure))?;
        serde_json::from_slice(&content).map(Some).map_err(|failure| unusable(&path, failure))
    }

    pub(crate) fn publish(&self, data: &Path) -> Result<Published, Error> {
        let path = path_in(data);
        let content = serde_json::to_vec(self).map_err(|failure| unusable(&path, failure))?;
        write(&path, &content).map_err(|failure| unusable(&path, failure))?;
        Ok(Published { path, content })
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        if fs::read(&self.path).is_ok_and(|content| content == self.content)
            && let Err(failure) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %failure, "the control file could not be removed");
        }
    }
}

fn path_in(data: &Path) -> PathBuf {
    data.join("run").join("control.json")
}

/// A reader sees the old file or the new one, never half of one. Temporary files are made with mode 0600.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.persist(path).map(drop).map_err(|failure| failure.error)
}

#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Elsewhere the folder of a user is private by inheritance.
#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn unusable(path: &Path, failure: impl ToString) -> Error {
    Error::new(Code::DataUnusable, format!("{} cannot be used", path.display()))
        .with("path", path.display())
        .with("detail", failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(port: u16) -> ControlFile {
        ControlFile { url: format!("http://127.0.0.1:{port}/"), token: Token::generate().unwrap(), pid: 7 }
    }

    #[test]
    fn a_folder_nobody_serves_has_no_control_file() {
        let data = tempfile::tempdir().unwrap();
        assert!(ControlFile::read(data.path()).unwrap().is_none());
    }

    #[test]
    fn it_is_there_while_it_is_published() {
        let data = tempfile::tempdir().unwrap();
        let written = control(1);
        let published = written.publish(data.path()).unwrap();
        let read = ControlFile::read(data.path()).unwrap().unwrap();
        assert_eq!((read.url, read.pid), (written.url, 7));
        assert!(written.token.is(read.token.reveal()));
        drop(published);
        assert!(ControlFile::read(data.path()).unwrap().is_none());
    }

    #[test]
    fn who_goes_leaves_the_file_of_who_came() {
        let data = tempfile::tempdir().unwrap();
        let old = control(1).publish(data.path()).unwrap();
        let _new = control(2).publish(data.path()).unwrap();
        drop(old);
        assert_eq!(ControlFile::read(data.path()).unwrap().unwrap().url, "http://127.0.0.1:2/");
    }

    #[test]
    fn a_spoilt_file_is_an_error_with_its_path() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir(data.path().join("run")).unwrap();
        fs::write(path_in(data.path()), "{").unwrap();
        let error = ControlFile::read(data.path()).unwrap_err();
        assert_eq!(error.code, Code::DataUnusable);
        assert!(error.params["path"].ends_with("control.json"));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        let _published = control(1).publish(data.path()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path_in(data.path())), 0o600);
        assert_eq!(mode(&data.path().join("run")), 0o700);
    }
}
