//! The keyring of the system: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};

/// A keyring that is locked asks its owner, who may not be there; a service may have no session at all.
const PATIENCE: Duration = Duration::from_secs(5);

/// Under which our entries are found.
const SERVICE: &str = "org.postigo.relayhost";

/// Keeps one secret somewhere else than in a file of ours. All calls block, for some seconds at most.
pub(crate) trait Keyring: Send + Sync {
    /// The secret; none if there is none. Errors: why the keyring cannot be used.
    fn get(&self) -> Result<Option<String>, String>;
    /// Keeps it.
    fn set(&self, secret: &str) -> Result<(), String>;
    /// Forgets it. None there is no error.
    fn forget(&self) -> Result<(), String>;
}

/// That of the system, with one entry for each data folder.
pub(crate) struct SystemKeyring {
    folder: String,
}

impl SystemKeyring {
    /// Opens nothing yet.
    pub fn new(data: &Path) -> Self {
        Self { folder: data.display().to_string() }
    }

    /// Runs `work` on a thread of its own, and does not wait for it for long: what another program does with a request
    /// is not ours to bound.
    fn with_entry<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, String> {
        let folder = self.folder.clone();
        let (sender, receiver) = channel();
        let run = move || {
            let done = store().and_then(|store| work(&store.build(SERVICE, &folder, None)?));
            // Nobody waits any more when it took too long.
            let _ = sender.send(done.map_err(|error| error.to_string()));
        };
        let spawned = std::thread::Builder::new().name("keyring".to_owned()).spawn(run);
        spawned.map_err(|error| error.to_string())?;
        let answered = receiver.recv_timeout(PATIENCE);
        answered.unwrap_or_else(|_| Err("the keyring does not answer".to_owned()))
    }
}

impl Keyring for SystemKeyring {
    fn get(&self) -> Result<Option<String>, String> {
        self.with_entry(|entry| match entry.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn set(&self, secret: &str) -> Result<(), String> {
        let secret = secret.to_owned();
        self.with_entry(move |entry| entry.set_password(&secret))
    }

    fn forget(&self) -> Result<(), String> {
        self.with_entry(|entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn store() -> Result<Arc<dyn CredentialStoreApi + Send + Sync>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn store() -> Result<Arc<dyn CredentialStoreApi + Send + Sync>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn store() -> Result<Arc<dyn CredentialStoreApi + Send + Sync>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}
