//! Listeners: a socket each, and a task that accepts from it.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use postigo_api::Service;
use postigo_smtp::Reply;
use postigo_trace::{Ending, SessionTrace};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connection::Connection;
use crate::context::Context;
use crate::rates::{Client, Deed, is_exempt};
use crate::{imap, smtp};

/// Connections that wait to be accepted.
const BACKLOG: u32 = 512;

/// Whether TLS comes before anything else.
pub(crate) const fn implicit_tls(service: Service) -> bool {
    matches!(service, Service::Submissions | Service::Imaps)
}

/// Opens a socket that listens.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A server that starts again must not wait for the sessions of the one before. (On Windows this option would let
    // several programs share a port.)
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// How many sessions there are, of whom, and where.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    total: AtomicU32,
    by_peer: Mutex<HashMap<Client, u32>>,
}

/// One session's place among the [`Counts`]; gives it back when dropped.
pub(crate) struct Place {
    counts: Arc<Counts>,
    peer: Client,
    open_here: Arc<AtomicU32>,
}

impl Counts {
    /// A place for one more session of this peer, or none if it has too many, or all have.
    fn take(
        self: &Arc<Self>,
        peer: Client,
        per_peer: u32,
        total: u32,
        open_here: &Arc<AtomicU32>,
    ) -> Option<Place> {
        let (peer, is_loopback) = match peer {
            Client::Address(ip) => (ip.to_canonical().into(), ip.to_canonical().is_loopback()),
            user @ Client::LocalUser(_) => (user, false),
        };
        let mut by_peer = self.by_peer.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = by_peer.get(&peer).copied().unwrap_or(0);
        if self.total.load(Ordering::Relaxed) >= total || (of_peer >= per_peer && !is_loopback) {
            return None;
        }
        by_peer.insert(peer, of_peer + 1);
        self.total.fetch_add(1, Ordering::Relaxed);
        open_here.fetch_add(1, Ordering::Relaxed);
        Some(Place { counts: Arc::clone(self), peer, open_here: Arc::clone(open_here) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open_here.fetch_sub(1, Ordering::Relaxed);
        self.counts.total.fetch_sub(1, Ordering::Relaxed);
        let mut by_peer = self.counts.by_peer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = by_peer.get_mut(&self.peer) {
            *n -= 1;
            if *n == 0 {
                by_peer.remove(&self.peer);
            }
        }
    }
}

/// What an accepting task needs.
pub(crate) struct Acceptor {
    pub context: Arc<Context>,
    pub service: Service,
    pub counts: Arc<Counts>,
    /// Sessions open on this listener.
    pub open: Arc<AtomicU32>,
    pub sessions: TaskTracker,
    /// Ends this listener; its sessions go on.
    pub closing: CancellationToken,
    /// Ends sessions that did not end in time.
    pub killed: CancellationToken,
}

impl Acceptor {
    /// Accepts until told to stop.
    pub async fn run(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.closing.cancelled() => return,
            };
            match accepted {
                Ok((stream, peer)) => self.begin(stream, peer),
                Err(error) => {
                    // Mostly "too many open files": to try again at once would only burn the processor.
                    tracing::warn!(%error, service = ?self.service, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn begin(&self, stream: TcpStream, peer: SocketAddr) {
        let admitted = self.admit(peer.ip().into());
        let Ok(connection) = Connection::new(stream, peer) else { return };
        let trace = self.context.trace.session(self.service, connection.local().port(), peer);
        self.sessions.spawn(self.serve(connection, trace, admitted));
    }

    /// A place for one more session of this client, or the reply that turns it away.
    pub fn admit(&self, client: Client) -> Result<Place, Reply> {
        let config = self.context.config.load_full();
        let speaks_smtp = matches!(
            self.service,
            Service::Smtp | Service::Submission | Service::Submissions | Service::Local
        );
        if speaks_smtp && self.context.rates.exceeded(&config, client, Deed::Connection, Instant::now()) {
            let client = match client {
                Client::Address(ip) => format!("[{}]", ip.to_canonical()),
                Client::LocalUser(uid) => format!("uid {uid}"),
            };
            return Err(Reply::too_many_connections_from(&client));
        }
        let (per_peer, total) = (config.sessions_per_client, config.sessions_total);
        let per_peer = if is_exempt(&config, client) { u32::MAX } else { per_peer };
        self.counts.take(client, per_peer, total, &self.open).ok_or(Reply::TOO_MANY_CONNECTIONS)
    }

    /// Serves a client that was admitted, or tells why it was not.
    pub fn serve(
        &self,
        connection: Connection,
        trace: SessionTrace,
        admitted: Result<Place, Reply>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (context, service, killed) = (Arc::clone(&self.context), self.service, self.killed.clone());
        async move {
            match admitted {
                Err(reply) => turn_away(connection, trace, service, &reply).await,
                Ok(place) => {
                    tokio::select! {
                        () = serve(&context, connection, trace, service) => {}
                        () = killed.cancelled() => {}
                    }
                    drop(place);
                }
            }
        }
    }
}

/// Too many sessions: say so in the protocol's own words and close.
async fn turn_away(mut connection: Connection, trace: SessionTrace, service: Service, reply: &Reply) {
    let mut smtp = Vec::new();
    reply.write_to(&mut smtp);
    let line: &[u8] = match service {
        Service::Smtp | Service::Submission | Service::Local => &smtp,
        Service::Imap => b"* BYE [UNAVAILABLE] Too many connections, try again later\r\n",
        // In the clear nobody would understand it, and a handshake costs what there is too little of.
        Service::Submissions | Service::Imaps => b"",
        // It has no listener.
        Service::Outgoing => b"",
    };
    trace.did(|did| did.refusal = Some(reply.to_string()));
    if !line.is_empty() {
        trace.server_lines(line);
        let _ = connection.write(line).await;
    }
    connection.close().await;
    trace.close(Ending::Server, "");
}

async fn serve(context: &Arc<Context>, mut connection: Connection, trace: SessionTrace, service: Service) {
    if implicit_tls(service) {
        let handshake = tokio::select! {
            handshake = connection.start_tls(context.tls.load_full()) => handshake,
            // There is nothing to say goodbye with yet.
            () = context.stopping.cancelled() => return trace.close(Ending::Shutdown, ""),
        };
        match handshake {
            Ok(tls) => trace.tls(tls),
            Err(failed) => {
                trace.tls_failed(&failed.reason, failed.distrusts);
                return trace.close(Ending::Lost, "");
            }
        }
    }
    let (ending, counts) = match service {
        Service::Smtp | Service::Submission | Service::Submissions | Service::Local => {
            smtp::serve(context, &mut connection, &trace, service).await
        }
        Service::Imap | Service::Imaps => imap::serve(context, &mut connection, &trace, service).await,
        // It has no listener.
        Service::Outgoing => (Ending::Server, String::new()),
    };
    if let Some(reason) = connection.distrusted() {
        trace.tls_failed(reason, true);
    }
    connection.close().await;
    trace.close(ending, &counts);
}
