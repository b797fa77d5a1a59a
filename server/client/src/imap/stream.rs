//! The connection to an IMAP server: octets, lines, literals, TLS.

use std::net::SocketAddr;
use std::time::Duration;

use postigo_api::{Endpoint, Error, Security};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::response::may_have_literals;
use super::value::{Raw, literal_length};
use crate::AccountConfig;
use crate::failure::{self, Peer};

/// Octets of one line. The longest are answers to SEARCH: eight octets for each message.
const LINE_LIMIT: u64 = 8 * 1024 * 1024;
/// How long a server may be silent within a command, and a connection take to come about.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

pub(crate) trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

/// A connection that reads responses and writes commands.
pub(crate) struct Stream {
    io: BufReader<Box<dyn Octets>>,
    pub peer: Peer,
}

impl Stream {
    /// Connects; for [`Security::Tls`] the handshake is done, for STARTTLS see [`Stream::start_tls`].
    pub async fn connect(config: &AccountConfig) -> Result<Self, Error> {
        let endpoint = &config.imap;
        let peer = Peer::of(endpoint);
        let tcp = open(config, endpoint).await?;
        let stream = Self { io: BufReader::new(Box::new(tcp)), peer };
        match endpoint.security {
            Security::Tls => stream.start_tls(config).await,
            Security::Starttls | Security::None => Ok(stream),
        }
    }

    /// Speaks TLS from here on. Fails if the server said something more in the clear after it agreed: such text could have
    /// been put there by anyone (RFC 3501 §6.2.1, RFC 9051 §11.1).
    pub async fn start_tls(self, config: &AccountConfig) -> Result<Self, Error> {
        let peer = self.peer;
        if !self.io.buffer().is_empty() {
            return Err(peer.not_trusted("it spoke in the clear after agreeing to encryption"));
        }
        let name = ServerName::try_from(peer.host.clone())
            .map_err(|_| peer.not_trusted("no certificate can be for this name"))?;
        let tls =
            postigo_tls::client_config(config.roots.iter().cloned()).map_err(|e| failure::internal(&e))?;
        let handshake = TlsConnector::from(tls).connect(name, self.io.into_inner());
        let io: Box<dyn Octets> = match timeout(CONNECT_LIMIT, handshake).await {
            Ok(Ok(tls)) => Box::new(tls),
            Ok(Err(cause)) => return Err(peer.handshake_failed(&cause)),
            Err(_) => return Err(peer.silent()),
        };
        Ok(Self { io: BufReader::new(io), peer })
    }

    /// Reads a response whose literals and lines have `limit` octets at most.
    pub async fn read(&mut self, limit: u64) -> Result<Raw, Error> {
        let mut raw = Raw::default();
        let mut left = limit;
        loop {
            let line = self.line(left.min(LINE_LIMIT)).await?;
            left = left.saturating_sub(octets(&line));
            let first = raw.lines.first().unwrap_or(&line);
            let announced = line
                .iter()
                .rposition(|octet| *octet == b'{')
                .filter(|_| may_have_literals(first))
                .and_then(|at| literal_length(line.get(at..)?));
            raw.lines.push(line);
            let Some(length) = announced else { return Ok(raw) };
            if length > left {
                return Err(self.peer.broken("a response is larger than the limit"));
            }
            left -= length;
            raw.literals.push(self.literal(length).await?);
        }
    }

    async fn line(&mut self, limit: u64) -> Result<Vec<u8>, Error> {
        let mut line = Vec::new();
        let mut limited = (&mut self.io).take(limit);
        match timeout(SILENCE_LIMIT, limited.read_until(b'\n', &mut line)).await {
            Ok(Ok(_)) => {}
            Ok(Err(cause)) => return Err(self.peer.lost(&cause)),
            Err(_) => return Err(self.peer.silent()),
        }
        if line.pop() != Some(b'\n') {
            return Err(self.peer.broken("it closed the connection, or sent a line without end"));
        }
        line.pop_if(|octet| *octet == b'\r');
        Ok(line)
    }

    /// Memory grows with what really comes, not with what was announced.
    async fn literal(&mut self, length: u64) -> Result<Vec<u8>, Error> {
        let mut octets = Vec::new();
        let mut limited = (&mut self.io).take(length);
        while limited.limit() > 0 {
            match timeout(SILENCE_LIMIT, limited.read_buf(&mut octets)).await {
                Ok(Ok(0)) => return Err(self.peer.broken("it closed the connection within a message")),
                Ok(Ok(_)) => {}
                Ok(Err(cause)) => return Err(self.peer.lost(&cause)),
                Err(_) => return Err(self.peer.silent()),
            }
        }
        Ok(octets)
    }

    /// Waits for octets and leaves them where they are; how many there are.
    pub async fn fill(&mut self) -> std::io::Result<usize> {
        Ok(self.io.fill_buf().await?.len())
    }

    /// Writes all of it.
    pub async fn write(&mut self, octets: &[u8]) -> Result<(), Error> {
        for piece in octets.chunks(256 * 1024) {
            match timeout(SILENCE_LIMIT, self.io.write_all(piece)).await {
                Ok(Ok(())) => {}
                Ok(Err(cause)) => return Err(self.peer.lost(&cause)),
                Err(_) => return Err(self.peer.silent()),
            }
        }
        match timeout(SILENCE_LIMIT, self.io.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(cause)) => Err(self.peer.lost(&cause)),
            Err(_) => Err(self.peer.silent()),
        }
    }
}

/// A slice's length always fits.
pub(crate) fn octets(slice: &[u8]) -> u64 {
    u64::try_from(slice.len()).unwrap_or(u64::MAX)
}

/// Where to connect to: the address the configuration names, else those of the host. Without encryption only addresses of
/// this machine are left: a password never crosses a network in the clear (RFC 8314 §3).
///
/// # Errors
/// `mail.unreachable` when the name has no address, `mail.not_trusted` when encryption is off for another machine.
pub(crate) async fn addresses(config: &AccountConfig, endpoint: &Endpoint) -> Result<Vec<SocketAddr>, Error> {
    let peer = Peer::of(endpoint);
    let mut found: Vec<SocketAddr> = match config.connect {
        Some(address) => vec![SocketAddr::new(address, endpoint.port)],
        None => timeout(CONNECT_LIMIT, tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port)))
            .await
            .map_err(|_| peer.silent())?
            .map_err(|cause| peer.lost(&cause))?
            .collect(),
    };
    if endpoint.security == Security::None {
        found.retain(|address| address.ip().to_canonical().is_loopback());
        if found.is_empty() {
            return Err(peer.not_trusted("without encryption only servers on this machine are used"));
        }
    }
    if found.is_empty() {
        return Err(peer.unreachable("the name has no address"));
    }
    Ok(found)
}

async fn open(config: &AccountConfig, endpoint: &Endpoint) -> Result<TcpStream, Error> {
    let peer = Peer::of(endpoint);
    let addresses = addresses(config, endpoint).await?;
    let tcp = timeout(CONNECT_LIMIT, TcpStream::connect(&*addresses))
        .await
        .map_err(|_| peer.silent())?
        .map_err(|cause| peer.lost(&cause))?;
    // Commands are small and wait for their answers; nothing is gained by holding them back.
    tcp.set_nodelay(true).map_err(|cause| peer.lost(&cause))?;
    Ok(tcp)
}
