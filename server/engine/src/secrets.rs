//! What must stay secret and cannot be derived: the key of rewritten senders, the password of the relay host.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use postigo_api::{Code, Error};
use serde::{Deserialize, Serialize};

/// The secrets of a data folder, in a file that its owner alone can read. All calls block.
pub(crate) struct Secrets {
    path: PathBuf,
    values: Mutex<Values>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Values {
    /// Base64.
    srs: String,
    relayhost: Option<String>,
}

impl Secrets {
    /// Reads them, and makes those that are not there.
    ///
    /// Errors: [`Code::DataUnusable`], [`Code::Internal`] if the system gives no random numbers.
    pub fn open(data: &Path) -> Result<Self, Error> {
        let path = data.join("secrets.json");
        let values = match std::fs::read(&path) {
            Ok(octets) => serde_json::from_slice(&octets).map_err(|error| unusable(&path, &error.into()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Values::default(),
            Err(error) => return Err(unusable(&path, &error)),
        };
        let secrets = Self { path, values: Mutex::new(values) };
        if secrets.lock().srs.is_empty() {
            let srs = STANDARD.encode(random()?);
            secrets.change(|values| values.srs = srs)?;
        }
        Ok(secrets)
    }

    /// The key of rewritten senders.
    pub fn srs(&self) -> Vec<u8> {
        STANDARD.decode(&self.lock().srs).unwrap_or_default()
    }

    /// The password of the relay host.
    pub fn relayhost(&self) -> Option<String> {
        self.lock().relayhost.clone()
    }

    /// Keeps the password of the relay host, or forgets it.
    pub fn set_relayhost(&self, password: Option<String>) -> Result<(), Error> {
        self.change(|values| values.relayhost = password)
    }

    fn change(&self, change: impl FnOnce(&mut Values)) -> Result<(), Error> {
        let mut values = self.lock();
        let mut changed = values.clone();
        change(&mut changed);
        let text =
            serde_json::to_vec_pretty(&changed).map_err(|error| unusable(&self.path, &error.into()))?;
        replace(&self.path, &text).map_err(|error| unusable(&self.path, &error))?;
        *values = changed;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A temporary file is made with mode 0600.
fn replace(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(octets)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn random() -> Result<[u8; 32], Error> {
    let mut octets = [0; 32];
    aws_lc_rs::rand::fill(&mut octets)
        .map_err(|_| Error::new(Code::Internal, "The system gives no random numbers"))?;
    Ok(octets)
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Code::DataUnusable, format!("{} cannot be read or written: {error}", path.display()))
        .with("path", path.display())
        .with("detail", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let first = Secrets::open(folder.path()).unwrap();
        first.set_relayhost(Some("secreto".into())).unwrap();
        let again = Secrets::open(folder.path()).unwrap();
        assert_eq!((again.srs(), again.relayhost()), (first.srs(), Some("secreto".into())));
        assert_eq!(first.srs().len(), 32);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join("secrets.json")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
