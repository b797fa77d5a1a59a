//! Who answers: the server that runs on the data folder, or, where none does, an engine opened for this one command.

use std::path::Path;
use std::sync::Arc;

use postigo_api::{Code, Error, Handler};
use postigo_engine::Engine;
use postigo_http::Client;

/// Something that answers commands.
pub(crate) enum Host {
    /// A running server.
    Remote(Client),
    /// An engine of our own, not listening.
    Own(Box<Engine>, Arc<dyn Handler>),
}

impl Host {
    /// Finds who answers for a data folder.
    pub async fn find(data: &Path) -> Result<Self, Error> {
        match Engine::open_with_keyring(data).await {
            Ok(engine) => {
                let handler = engine.handler();
                Ok(Self::Own(Box::new(engine), handler))
            }
            // The lock is the truth about whether a server runs; the control file only says where.
            Err(error) if error.code == Code::DataLocked => Self::running(data).await,
            Err(error) => Err(error),
        }
    }

    /// Only a server that runs will do.
    pub async fn running(data: &Path) -> Result<Self, Error> {
        match Client::from_data_dir(data).await {
            Ok(client) => Ok(Self::Remote(client)),
            Err(error) if error.code == Code::Unreachable => Err(Error::new(
                Code::NotRunning,
                format!("No server runs on {}: start it with `postigo serve` or the app", data.display()),
            )),
            Err(error) => Err(error),
        }
    }

    /// What answers.
    pub fn handler(&self) -> &dyn Handler {
        match self {
            Self::Remote(client) => client,
            Self::Own(_, handler) => handler.as_ref(),
        }
    }

    /// Done: an engine of our own gives the folder free.
    pub async fn close(self) {
        if let Self::Own(engine, handler) = self {
            drop(handler);
            engine.close().await;
        }
    }

    /// Finds who answers, asks, and closes.
    pub async fn ask<T>(
        data: &Path,
        question: impl AsyncFnOnce(&dyn Handler) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let host = Self::find(data).await?;
        let answer = question(host.handler()).await;
        host.close().await;
        answer
    }
}
