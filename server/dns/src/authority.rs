//! The authoritative server: sockets around [`answer`].

mod answer;
mod serve;
mod zones;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Code, Error, Zone};
use zones::Zones;

/// Answers for zones on one address, over UDP and TCP, until it is closed or dropped.
///
/// At most 64 TCP connections at once, further ones wait; each lasts at most two minutes, and 10 s without a question. Datagrams are
/// answered one after the other, with at most 1232 octets. On a machine with several addresses, bind to one of them: answers to a datagram
/// must come from the address that it was sent to.
pub struct Authority {
    zones: Arc<ArcSwap<Zones>>,
    address: SocketAddr,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Authority {
    /// Listens there; with port 0 on a port that is free for both. Fails with [`Code::CannotListen`], [`Code::BadZone`] or
    /// [`Code::ZoneTwice`].
    pub async fn bind(address: SocketAddr, zones: Vec<Zone>) -> Result<Self, Error> {
        let zones = Arc::new(ArcSwap::from_pointee(Zones::new(zones)?));
        let (udp, tcp) = sockets(address)
            .await
            .map_err(|failed| Error::new(Code::CannotListen, address).because(failed))?;
        let address =
            udp.local_addr().map_err(|failed| Error::new(Code::CannotListen, address).because(failed))?;
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        tasks.spawn(serve::datagrams(udp, zones.clone(), stop.clone()));
        tasks.spawn(serve::connections(tcp, zones.clone(), stop.clone()));
        Ok(Self { zones, address, stop, tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers from these zones from now on, and from none of the former ones. Fails with [`Code::BadZone`] or [`Code::ZoneTwice`]; then
    /// nothing changes.
    pub fn replace(&self, zones: Vec<Zone>) -> Result<(), Error> {
        self.zones.store(Arc::new(Zones::new(zones)?));
        Ok(())
    }

    /// Stops listening and breaks connections off; when it returns, the address is free.
    pub async fn close(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// How often another free port is tried, when the one that UDP got is taken for TCP.
const TRIES: usize = 16;

async fn sockets(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = if address.port() == 0 { TRIES } else { 1 };
    loop {
        let udp = UdpSocket::bind(address).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(failed) if tries <= 1 => return Err(failed),
            Err(_) => tries -= 1,
        }
    }
}
