//! The listener: connections in, within limits, until it is stopped.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use postigo_api::{Code, Error};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    ControlFile, Published, Source, Token,
    guard::Doors,
    limits,
    router::{App, router},
};

/// How to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 lets the system choose.
    pub address: SocketAddr,
    /// Whether to serve the page, too, and not only the API.
    pub page: bool,
    /// What opens the door.
    pub token: Token,
    /// Allows an address that other machines reach. Nothing is encrypted: token, passwords and mail can be read on the way.
    pub beyond_loopback: bool,
}

/// A running HTTP face. Dropping it stops it at once; [`Server::stop`] lets requests finish.
pub struct Server {
    address: SocketAddr,
    token: Token,
    stopping: CancellationToken,
    accepting: JoinHandle<()>,
    connections: TaskTracker,
}

impl Server {
    /// Opens the listener and serves `source` from it.
    ///
    /// # Errors
    /// [`Code::SettingInvalid`] for an address beyond loopback without leave, [`Code::PortTaken`],
    /// [`Code::PortPrivileged`], [`Code::AddressNotHere`].
    pub async fn bind(options: Options, source: Source) -> Result<Self, Error> {
        if !options.address.ip().is_loopback() && !options.beyond_loopback {
            let detail = "Other machines would reach it, and nothing is encrypted";
            return Err(Error::new(Code::SettingInvalid, format!("{}: {detail}", options.address))
                .with("setting", "http")
                .with("detail", detail));
        }
        let failed = |failure: io::Error| bind_error(options.address, &failure);
        let listener = TcpListener::bind(options.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let stopping = CancellationToken::new();
        let app = App {
            source,
            doors: Arc::new(Doors::new(address, options.token.clone())),
            page: options.page,
            stopping: stopping.clone(),
        };
        let connections = TaskTracker::new();
        let accepting = tokio::spawn(accept(listener, router(app), connections.clone(), stopping.clone()));
        Ok(Self { address, token: options.token, stopping, accepting, connections })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:41500/`.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The address that signs a browser in.
    pub fn url_with_token(&self) -> String {
        format!("{}?token={}", self.url(), self.token.reveal())
    }

    /// Tells other processes of the same user where to find this one, in `data/run/control.json`, until the answer is
    /// dropped.
    ///
    /// # Errors
    /// [`Code::DataUnusable`] when the file cannot be written.
    pub fn publish(&self, data: &Path) -> Result<Published, Error> {
        ControlFile { url: self.url(), token: self.token.clone(), pid: std::process::id() }.publish(data)
    }

    /// Takes no more connections, ends the streams of events, and waits a few seconds for open requests.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.connections.close();
        if timeout(limits::STOP_TIME, self.connections.wait()).await.is_err() {
            tracing::warn!(open = self.connections.len(), "requests were cut off when the HTTP face stopped");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.cancel();
        self.accepting.abort();
    }
}

fn bind_error(address: SocketAddr, failure: &io::Error) -> Error {
    let (code, text) = match failure.kind() {
        io::ErrorKind::AddrInUse => (Code::PortTaken, "The port is taken"),
        io::ErrorKind::PermissionDenied => (Code::PortPrivileged, "The port needs administrator rights"),
        io::ErrorKind::AddrNotAvailable => (Code::AddressNotHere, "This machine does not have the address"),
        _ => (Code::PortTaken, "The port cannot be opened"),
    };
    Error::new(code, format!("{text}: {address}"))
        .with("address", address.ip())
        .with("port", address.port())
        .with("detail", failure)
}

async fn accept(
    listener: TcpListener,
    router: Router,
    connections: TaskTracker,
    stopping: CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(limits::CONNECTIONS));
    loop {
        // The slot comes first: who finds none waits in the system's queue and costs nothing.
        let accepted = async {
            let slot = slots.clone().acquire_owned().await.ok()?;
            Some((slot, listener.accept().await))
        };
        let (slot, stream) = tokio::select! {
            () = stopping.cancelled() => return,
            accepted = accepted => match accepted {
                Some((slot, Ok((stream, _peer)))) => (slot, stream),
                Some((_, Err(failure))) => {
                    // Out of file descriptors, or a peer that has gone already: neither is over by trying at once.
                    tracing::warn!(%failure, "a connection to the HTTP face could not be accepted");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
                None => return,
            },
        };
        connections.spawn(serve(stream, slot, router.clone(), stopping.clone()));
    }
}

async fn serve(stream: TcpStream, _slot: OwnedSemaphorePermit, router: Router, stopping: CancellationToken) {
    // Small events should not wait for more to come.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_TIME)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(failure) = ended {
        tracing::debug!(%failure, "a connection to the HTTP face broke");
    }
}
