//! The sockets: datagrams one by one, connections within bounds.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::answer::respond;
use super::zones::Zones;
use crate::Transport;

/// Connections at once. A resolver needs one at a time, and few answers are too long for a datagram.
const CONNECTIONS: usize = 64;
/// From one question to the next (RFC 7766 §6.2.3 says "a few seconds"), and for one answer to be taken.
const IDLE: Duration = Duration::from_secs(10);
/// For a whole connection, so that nobody holds a place for ever.
const LIFETIME: Duration = Duration::from_secs(120);
/// After a failure to accept, mostly for want of file descriptors, before the next try.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers datagrams until it is told to stop.
pub(super) async fn datagrams(socket: UdpSocket, zones: Arc<ArcSwap<Zones>>, stop: CancellationToken) {
    let mut query = vec![0; usize::from(u16::MAX)];
    loop {
        let received = tokio::select! {
            () = stop.cancelled() => return,
            received = socket.recv_from(&mut query) => received,
        };
        // Failures here are news about answers sent before, to clients that are gone (ICMP); they are no concern of the next one.
        let Ok((octets, client)) = received else { continue };
        let answer = respond(&zones.load(), &query[..octets], Transport::Udp);
        if let Some(answer) = answer {
            // A datagram that cannot be sent is as good as lost; the client asks again.
            let _ = socket.send_to(&answer, client).await;
        }
    }
}

/// Answers connections until it is told to stop.
pub(super) async fn connections(listener: TcpListener, zones: Arc<ArcSwap<Zones>>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = async {
                let place = places.clone().acquire_owned().await;
                (listener.accept().await, place)
            } => accepted,
        };
        let (Ok((stream, _)), Ok(place)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let zones = zones.clone();
        connections.spawn(async move {
            // However the connection ends, it concerns its client only.
            let _ = timeout(LIFETIME, connection(stream, &zones)).await;
            drop(place);
        });
    }
}

/// One question after the other, each with its length before it (RFC 7766 §8).
async fn connection(mut stream: TcpStream, zones: &ArcSwap<Zones>) -> io::Result<()> {
    loop {
        let query = timeout(IDLE, read(&mut stream)).await??;
        let answer = respond(&zones.load(), &query, Transport::Tcp).ok_or(io::ErrorKind::InvalidData)?;
        let octets = u16::try_from(answer.len()).map_err(|_| io::ErrorKind::InvalidData)?;
        timeout(IDLE, stream.write_all(&[&octets.to_be_bytes()[..], &answer].concat())).await??;
    }
}

async fn read(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut query = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut query).await?;
    Ok(query)
}
