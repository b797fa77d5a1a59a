//! What must stay secret and cannot be derived: the key of rewritten senders, the password of the relay host.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use postigo_api::{Code, Error, RelayPasswordPlace};
use serde::{Deserialize, Serialize};

use crate::files::{replace, unusable};
use crate::keyring::Keyring;

/// The secrets of a data folder. The password lies in the system's keyring where there is one, else, like the rest, in a
/// file that its owner alone can read. All calls but those that only look block.
pub(crate) struct Secrets {
    path: PathBuf,
    keyring: Option<Box<dyn Keyring>>,
    state: Mutex<State>,
}

struct State {
    values: Values,
    /// The password, wherever it lies; none, too, if the keyring cannot be opened.
    relayhost: Option<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Values {
    /// Base64.
    srs: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relayhost: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    relayhost_in_keyring: bool,
}

impl Secrets {
    /// Reads them, and makes those that are not there.
    ///
    /// Errors: [`Code::DataUnusable`], [`Code::Internal`] if the system gives no random numbers.
    pub fn open(data: &Path, keyring: Option<Box<dyn Keyring>>) -> Result<Self, Error> {
        let path = data.join("secrets.json");
        let values: Values = match std::fs::read(&path) {
            Ok(octets) => serde_json::from_slice(&octets).map_err(|error| unusable(&path, &error.into()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Values::default(),
            Err(error) => return Err(unusable(&path, &error)),
        };
        let relayhost = match values.relayhost_in_keyring {
            true => from_keyring(keyring.as_deref()),
            false => values.relayhost.clone(),
        };
        let secrets = Self { path, keyring, state: Mutex::new(State { values, relayhost }) };
        if secrets.lock().values.srs.is_empty() {
            let srs = STANDARD.encode(random()?);
            secrets.change(|values| values.srs = srs)?;
        }
        Ok(secrets)
    }

    /// The key of rewritten senders.
    pub fn srs(&self) -> Vec<u8> {
        STANDARD.decode(&self.lock().values.srs).unwrap_or_default()
    }

    /// The password of the relay host.
    pub fn relayhost(&self) -> Option<String> {
        self.lock().relayhost.clone()
    }

    /// Where it lies.
    pub fn relayhost_place(&self) -> RelayPasswordPlace {
        let state = self.lock();
        match (&state.relayhost, state.values.relayhost_in_keyring) {
            (Some(_), true) => RelayPasswordPlace::Keyring,
            (None, true) => RelayPasswordPlace::Locked,
            (Some(_), false) => RelayPasswordPlace::File,
            (None, false) => RelayPasswordPlace::None,
        }
    }

    /// Keeps the password of the relay host, or forgets it. A keyring that cannot be used is no error: the file is there.
    pub fn set_relayhost(&self, password: Option<String>) -> Result<(), Error> {
        let was_there = self.lock().values.relayhost_in_keyring;
        let in_keyring = match (&self.keyring, &password) {
            (Some(keyring), Some(password)) => match keyring.set(password) {
                Ok(()) => true,
                Err(error) => {
                    tracing::info!(error, "there is no keyring to use; the password is kept in a file");
                    false
                }
            },
            _ => false,
        };
        if was_there
            && !in_keyring
            && let Some(keyring) = &self.keyring
            && let Err(error) = keyring.forget()
        {
            tracing::warn!(error, "an old password is left in the keyring");
        }
        self.change(|values| {
            values.relayhost_in_keyring = in_keyring;
            values.relayhost = password.clone().filter(|_| !in_keyring);
        })?;
        self.lock().relayhost = password;
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut Values)) -> Result<(), Error> {
        let mut state = self.lock();
        let mut changed = state.values.clone();
        change(&mut changed);
        let text =
            serde_json::to_vec_pretty(&changed).map_err(|error| unusable(&self.path, &error.into()))?;
        replace(&self.path, &text).map_err(|error| unusable(&self.path, &error))?;
        state.values = changed;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server must start without the password, too: mail then waits, and the overview says why.
fn from_keyring(keyring: Option<&dyn Keyring>) -> Option<String> {
    let found = keyring.map_or_else(|| Err("this process uses none".to_owned()), Keyring::get);
    found
        .inspect_err(|error| {
            tracing::warn!(error, "the password of the relay host is in a keyring that is closed")
        })
        .ok()
        .flatten()
}

fn random() -> Result<[u8; 32], Error> {
    let mut octets = [0; 32];
    aws_lc_rs::rand::fill(&mut octets)
        .map_err(|_| Error::new(Code::Internal, "The system gives no random numbers"))?;
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Open while `Some`.
    #[derive(Clone, Default)]
    struct Drawer(Arc<Mutex<Option<Option<String>>>>);

    impl Keyring for Drawer {
        fn get(&self) -> Result<Option<String>, String> {
            self.0.lock().unwrap().clone().ok_or_else(|| "closed".to_owned())
        }
        fn set(&self, secret: &str) -> Result<(), String> {
            let mut drawer = self.0.lock().unwrap();
            *drawer.as_mut().ok_or_else(|| "closed".to_owned())? = Some(secret.to_owned());
            Ok(())
        }
        fn forget(&self) -> Result<(), String> {
            *self.0.lock().unwrap().as_mut().ok_or_else(|| "closed".to_owned())? = None;
            Ok(())
        }
    }

    #[test]
    fn secrets_are_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let first = Secrets::open(folder.path(), None).unwrap();
        first.set_relayhost(Some("secreto".into())).unwrap();
        let again = Secrets::open(folder.path(), None).unwrap();
        assert_eq!((again.srs(), again.relayhost()), (first.srs(), Some("secreto".into())));
        assert_eq!(again.relayhost_place(), RelayPasswordPlace::File);
        assert_eq!(first.srs().len(), 32);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join("secrets.json")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_password_in_the_keyring_is_in_no_file_and_missed_while_it_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let drawer = Drawer(Arc::new(Mutex::new(Some(None))));
        let open = |keyring: Option<Drawer>| {
            Secrets::open(folder.path(), keyring.map(|drawer| Box::new(drawer) as Box<dyn Keyring>)).unwrap()
        };
        open(Some(drawer.clone())).set_relayhost(Some("secreto".into())).unwrap();
        let file = || std::fs::read_to_string(folder.path().join("secrets.json")).unwrap();
        assert!(!file().contains("secreto"), "{}", file());
        let again = open(Some(drawer.clone()));
        assert_eq!(again.relayhost().as_deref(), Some("secreto"));
        assert_eq!(again.relayhost_place(), RelayPasswordPlace::Keyring);
        for without in [open(None), open(Some(Drawer::default()))] {
            assert_eq!((without.relayhost(), without.relayhost_place()), (None, RelayPasswordPlace::Locked));
        }
        // Typed again where no keyring is: the file has it, and the keyring does not count any more.
        open(Some(Drawer::default())).set_relayhost(Some("otro".into())).unwrap();
        assert_eq!(open(Some(drawer.clone())).relayhost().as_deref(), Some("otro"));
        open(Some(drawer.clone())).set_relayhost(None).unwrap();
        assert_eq!(open(Some(drawer)).relayhost_place(), RelayPasswordPlace::None);
        assert!(!file().contains("otro"));
    }
}
