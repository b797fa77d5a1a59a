//! The sockets, and who comes in by them.

use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use postigo_api::LocalUser;
use postigo_smtp::Reply;
use postigo_trace::{Refusal, Stage};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::{Place, SOCKET, may_submit};
use crate::connection::Connection;
use crate::errors::blocking;
use crate::listen::Acceptor;
use crate::rates::Client;

/// As postdrop(1) calls users whose number has no name.
const UNKNOWN: &str = "unknown";

/// A socket that is open. [`Self::close`] takes it away.
pub(crate) struct Listener {
    path: PathBuf,
    accepting: JoinHandle<()>,
}

/// Opens a socket and accepts from it until `acceptor` is told to close.
///
/// Errors: [`io::ErrorKind::AddrInUse`] when another server has it, [`io::ErrorKind::PermissionDenied`] when somebody else
/// could put things into the folder, and what the system says.
pub(crate) fn open(place: &Place, acceptor: Acceptor) -> io::Result<Listener> {
    let path = place.folder.join(SOCKET);
    prepare(place)?;
    clear(&path)?;
    let listener = UnixListener::bind(&path)?;
    // Until this line nobody else may write to it, so nobody can connect: what the umask gives is less, never more.
    std::fs::set_permissions(&path, PermissionsExt::from_mode(if place.public { 0o666 } else { 0o600 }))?;
    Ok(Listener { accepting: tokio::spawn(accept(Arc::new(acceptor), listener)), path })
}

impl Listener {
    /// Returns when nobody is accepted any more and the file is gone. The acceptor's token has to be cancelled.
    pub async fn close(self) {
        let _ = self.accepting.await;
        // Only an open socket is ours, and nobody else can put one in its place.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Makes the folder. In one that others can write to, they could replace the socket by their own, and read the mail.
fn prepare(place: &Place) -> io::Result<()> {
    let mode = if place.public { 0o755 } else { 0o700 };
    std::fs::DirBuilder::new().recursive(true).mode(mode).create(&place.folder)?;
    // Not following links: a link is not ours even if we own what it leads to.
    let meta = std::fs::symlink_metadata(&place.folder)?;
    let is_ours = meta.is_dir() && meta.uid() == rustix::process::geteuid().as_raw();
    if !is_ours || meta.mode() & 0o022 != 0 {
        let text = format!("{} is not a folder that only this server can change", place.folder.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    // A folder that another umask made, or the control file's.
    if place.public && meta.mode() & 0o055 != 0o055 {
        std::fs::set_permissions(&place.folder, PermissionsExt::from_mode(mode))?;
    }
    Ok(())
}

/// Takes away what a server that was killed left. What is no socket, or a living one, stays.
fn clear(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(meta) if !meta.file_type().is_socket() => return Err(io::ErrorKind::AlreadyExists.into()),
        Ok(_) => {}
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another server listens there")),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        Err(error) => Err(error),
    }
}

async fn accept(acceptor: Arc<Acceptor>, listener: UnixListener) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = acceptor.closing.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => begin(&acceptor, stream),
            Err(error) => {
                tracing::warn!(%error, "a program on this computer could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn begin(acceptor: &Arc<Acceptor>, stream: UnixStream) {
    // The kernel took this down when the program connected; no program can choose it.
    let Ok(uid) = stream.peer_cred().map(|peer| peer.uid()) else { return };
    let admitted = acceptor.admit(Client::LocalUser(uid));
    let serving = Arc::clone(acceptor);
    acceptor.sessions.spawn(async move {
        // Counted before: where users come from a directory on the network, this may take its time.
        let name = blocking(move || Ok(name_of(uid))).await.unwrap_or_else(|_| UNKNOWN.to_owned());
        let user = LocalUser { name, uid };
        let context = Arc::clone(&serving.context);
        let trace = context.trace.local_session(user.clone());
        let admitted =
            admitted.and_then(|place| match may_submit(&context.config.load().submit_users, &user.name) {
                true => Ok(place),
                false => {
                    let reply = Reply::may_not_submit(&user.name, uid);
                    trace.refused(Refusal {
                        stage: Stage::Connect,
                        client: trace.client().to_owned(),
                        reply: reply.to_string(),
                        reverse_path: None,
                        recipient: None,
                        protocol: "SMTP".to_owned(),
                        client_name: None,
                    });
                    Err(reply)
                }
            });
        serving.serve(Connection::of_local_user(stream, user), trace, admitted).await;
    });
}

fn name_of(uid: u32) -> String {
    let found = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid));
    found.ok().flatten().map_or_else(|| UNKNOWN.to_owned(), |user| user.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: PathBuf, public: bool) -> Place {
        Place { folder, public }
    }

    fn mode(path: &Path) -> u32 {
        std::fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_folder_is_made_for_whom_the_socket_is() {
        let outer = tempfile::tempdir().unwrap();
        for (name, public, expected) in [("private", false, 0o700), ("public", true, 0o755)] {
            let folder = outer.path().join(name);
            prepare(&place(folder.clone(), public)).unwrap();
            assert_eq!(mode(&folder), expected);
        }
    }

    #[test]
    fn a_folder_that_others_can_change_or_that_leads_elsewhere_is_not_used() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("run");
        std::fs::create_dir(&folder).unwrap();
        let link = outer.path().join("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert_eq!(prepare(&place(link, false)).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o777)).unwrap();
        assert_eq!(prepare(&place(folder, true)).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn only_a_dead_socket_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(SOCKET);
        clear(&path).unwrap();
        let alive = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(clear(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(alive);
        clear(&path).unwrap();
        assert!(!path.exists());
        std::fs::write(&path, "a letter").unwrap();
        assert_eq!(clear(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/nowhere", &path).unwrap();
        assert_eq!(clear(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
