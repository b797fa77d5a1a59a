//! An engine on a folder and ports of its own, and clients that speak to it line by line.
#![allow(dead_code, reason = "each test program uses some of it")]

pub mod faulty;
pub mod peer;
pub mod wire;

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use postigo_api::{
    Event, Handler, Listener, MailAccountRef, Mode, Nothing, PortPlan, ServerStatus, Service, Setup,
    SetupUser,
};
use postigo_engine::Engine;
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

pub const PASSWORD: &str = "tres puertas azules";

/// Nothing here takes so long unless it does not work.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A base for ports that nobody has. Its own port is held as long as the test runs, so that no other test takes it.
pub struct Base {
    _held: TcpListener,
    pub port: u16,
}

impl Base {
    pub fn take() -> Self {
        // Steps of three: no two bases then have a port in common within this range.
        let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).ok();
        let found = (22_000..22_300).step_by(3).find_map(|port| {
            let held = free(port)?;
            [25, 143, 465, 587, 993].iter().all(|n| free(port + n).is_some()).then_some((held, port))
        });
        let (held, port) = found.expect("a free base from 22000 to 22299");
        Self { _held: held, port }
    }

    pub const fn plan(&self) -> PortPlan {
        PortPlan::Base(self.port)
    }
}

/// A server for ana and luis at lab.test.
pub struct Lab {
    pub engine: Engine,
    pub api: Arc<dyn Handler>,
    pub base: Base,
    pub folder: TempDir,
}

impl Lab {
    /// Opened, not set up.
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(folder.path()).await.unwrap();
        Self { api: engine.handler(), engine, base: Base::take(), folder }
    }

    /// Set up and started.
    pub async fn start() -> Self {
        let lab = Self::open().await;
        let status = lab.api.setup_apply(lab.setup()).await.unwrap();
        assert!(status.listeners.iter().all(|l| l.open), "{status:?}");
        lab
    }

    pub fn setup(&self) -> Setup {
        Setup {
            mode: Mode::Lab,
            domain: "lab.test".into(),
            host: "mail.lab.test".into(),
            listen: "127.0.0.1".into(),
            ports: self.base.plan(),
            flow: None,
            users: vec![user("ana"), user("luis")],
            postmaster: None,
        }
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    pub async fn status(&self) -> ServerStatus {
        self.api.server_status(Nothing {}).await.unwrap()
    }

    pub async fn listener(&self, service: Service) -> Listener {
        let status = self.status().await;
        status.listeners.into_iter().find(|l| l.service == service).expect("a listener of each service")
    }

    pub async fn smtp(&self) -> wire::Wire {
        wire::Wire::smtp(self.listener(Service::Smtp).await.port).await
    }

    pub async fn imap(&self) -> wire::Wire {
        wire::Wire::imap(self.listener(Service::Imap).await.port).await
    }

    /// Messages in an account's INBOX, as the built-in client sees it.
    pub async fn inbox(&self, account: &str) -> u32 {
        let folders = self.api.mail_folders(MailAccountRef { account: account.into() }).await.unwrap();
        folders.iter().find(|f| f.name == "INBOX").expect("an INBOX").messages
    }
}

pub fn user(name: &str) -> SetupUser {
    SetupUser { user: name.into(), display_name: name.to_uppercase(), password: PASSWORD.into() }
}

/// Waits for an event that `wanted` takes.
pub async fn event<T>(events: &mut Receiver<Arc<Vec<Event>>>, wanted: impl Fn(&Event) -> Option<T>) -> T {
    let search = async {
        loop {
            match events.recv().await {
                Ok(batch) => {
                    if let Some(found) = batch.iter().find_map(&wanted) {
                        return found;
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => panic!("the feed ended"),
            }
        }
    };
    timeout(PATIENCE, search).await.expect("the event comes")
}
