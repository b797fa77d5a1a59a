//! `/run/postigo/server.json`: where everybody's programs on this machine hand in mail.
//!
//! The data folder is for its owner's eyes, and the `sendmail` of the other users cannot learn there how to reach the server. So a server
//! that runs as root, or as a service of the system, says here what anybody may know: the address it listens on, and its name. Beside it
//! lies the socket at which the system tells the server who hands in mail.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use postigo_api::{Event, Phase, ServerStatus};
use postigo_engine::{Engine, SOCKET};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;

/// The folder, or another one for tests.
const FOLDER: &str = "POSTIGO_RUN_DIR";
/// The folder that systemd made for a service (`RuntimeDirectory=` in systemd.exec(5)), which is the default one.
const OF_SERVICE: &str = "RUNTIME_DIRECTORY";
const DEFAULT_FOLDER: &str = "/run/postigo";

/// A longer file is not one of ours.
const MAX_OCTETS: u64 = 4096;

/// How to hand in mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Way {
    /// Where SMTP is spoken on a port, if it is.
    pub address: Option<SocketAddr>,
    /// Where SMTP is spoken on a socket that tells who is there.
    pub socket: Option<PathBuf>,
    /// The server's name.
    pub host: String,
    /// The domain of bare names.
    pub domain: String,
}

/// The server that told where it is.
pub(crate) fn read() -> Option<Way> {
    let file = std::fs::File::open(path()).ok()?;
    serde_json::from_reader(std::io::Read::take(file, MAX_OCTETS)).ok()
}

/// Keeps the file current as long as the server runs. Nothing happens unless the server is there for everybody.
pub(crate) async fn keep(engine: Engine) {
    if !is_public() {
        return;
    }
    let mut events = engine.events();
    if let Ok(status) = engine.handler().server_status(postigo_api::Nothing {}).await {
        tell(&status);
    }
    loop {
        match events.recv().await {
            Ok(batch) => {
                let latest = batch.iter().rev().find_map(|event| match event {
                    Event::Status { status } => Some(status),
                    _ => None,
                });
                if let Some(status) = latest {
                    tell(status);
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Takes the file away, at the end.
pub(crate) fn forget() {
    if is_public() {
        // There may be none.
        let _ = std::fs::remove_file(path());
    }
}

fn tell(status: &ServerStatus) {
    let is_there = status.phase == Phase::Running;
    let written = match is_there {
        true => write(&path(), &Way { socket: Some(folder().join(SOCKET)), ..crate::sendmail::way(status) }),
        false => std::fs::remove_file(path()),
    };
    if let Err(error) = written
        && is_there
    {
        eprintln!("postigo: {}: {error}: other users' sendmail cannot find this server", path().display());
    }
}

/// Everybody may read it, and nobody else may change it. Readers see the old text or the new one.
fn write(path: &Path, way: &Way) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let temporary = path.with_extension("tmp");
    let mut file = std::fs::File::create(&temporary)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755))?;
        file.set_permissions(PermissionsExt::from_mode(0o644))?;
    }
    file.write_all(serde_json::to_string(way)?.as_bytes())?;
    std::fs::rename(temporary, path)
}

/// Where a server that is there for everybody lets them in; none for any other server.
pub(crate) fn public_folder() -> Option<PathBuf> {
    is_public().then(folder)
}

fn path() -> PathBuf {
    folder().join("server.json")
}

fn folder() -> PathBuf {
    std::env::var_os(FOLDER).map_or_else(|| PathBuf::from(DEFAULT_FOLDER), PathBuf::from)
}

/// Root's servers, and those whose service has the default folder.
fn is_public() -> bool {
    is_root() || std::env::var_os(OF_SERVICE).is_some_and(|made| made == DEFAULT_FOLDER)
}

fn is_root() -> bool {
    #[cfg(unix)]
    {
        rustix::process::geteuid().is_root()
    }
    #[cfg(not(unix))]
    false
}
