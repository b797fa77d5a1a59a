//! The way to the server on this machine.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use postigo_api::{ServerStatus, Service};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, copy, split, stdin, stdout};
use tokio::net::TcpStream;

use super::Failure;
use crate::exit;
use crate::notice::Way;

/// For all of it: a message is large, or a disk is busy. As long as RFC 5321 §4.5.3.2.6 has a client wait for the last reply.
const PATIENCE: Duration = Duration::from_secs(600);

/// Both kinds of connection.
trait Octets: AsyncRead + AsyncWrite + Send + Sync + Unpin + Debug {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin + Debug> Octets for T {}

/// A connection to the server, by whatever way.
#[derive(Debug)]
struct Stream(Box<dyn Octets>);

/// The socket, if somebody listens there; otherwise the port.
async fn connect(way: &Way) -> Result<Stream, Failure> {
    #[cfg(unix)]
    if let Some(socket) = &way.socket
        && let Ok(stream) = tokio::net::UnixStream::connect(socket).await
    {
        return Ok(Stream(Box::new(stream)));
    }
    let address = way.address.ok_or_else(|| {
        Failure::new(exit::TRY_AGAIN, "the server does not listen for SMTP: see `postigo status`")
    })?;
    match TcpStream::connect(address).await {
        Ok(stream) => Ok(Stream(Box::new(stream))),
        Err(error) => Err(Failure::new(exit::TRY_AGAIN, format!("the server cannot be reached: {error}"))),
    }
}

/// Hands in a message.
pub(crate) async fn submit(
    way: &Way,
    sender: Option<Address>,
    recipients: Vec<Address>,
    message: &[u8],
) -> Result<(), Failure> {
    let envelope = Envelope::new(sender, recipients)
        .map_err(|e| Failure::new(exit::DATA, format!("the envelope is not possible: {e}")))?;
    let stream = Box::new(connect(way).await?);
    // lettre ends every message with a line end of its own, also one that has its last.
    let message = message.strip_suffix(b"\r\n").unwrap_or(message);
    let handing_in = async {
        let hello = ClientId::Domain(way.host.clone());
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &hello).await?;
        connection.send(&envelope, message).await?;
        // The message is theirs; what becomes of the farewell does not matter.
        let _ = connection.quit().await;
        Ok(())
    };
    let done = tokio::time::timeout(PATIENCE, handing_in).await;
    done.map_err(|_| Failure::new(exit::TRY_AGAIN, "the server does not answer in time"))?.map_err(
        |error: lettre::transport::smtp::Error| {
            let code = if error.is_permanent() { exit::UNAVAILABLE } else { exit::TRY_AGAIN };
            Failure::new(code, format!("the server did not take the message: {error}"))
        },
    )
}

/// `-bs`: standard input and output are the connection.
pub(crate) async fn converse(way: &Way) -> Result<(), Failure> {
    let broken = |e: io::Error| Failure::new(exit::TRY_AGAIN, format!("the connection broke: {e}"));
    let (mut from_server, mut to_server) = split(connect(way).await?);
    let typed = tokio::spawn(async move {
        let _ = copy(&mut stdin(), &mut to_server).await;
        // The end of input is the end of what the client says; the server's last replies still come.
        let _ = to_server.shutdown().await;
    });
    let said = copy(&mut from_server, &mut stdout()).await.map_err(broken);
    typed.abort();
    stdout().flush().await.map_err(broken)?;
    said.map(drop)
}

/// Where the server listens for SMTP on this computer.
pub(super) fn smtp_address(status: &ServerStatus) -> Option<SocketAddr> {
    let listener = status.listeners.iter().find(|l| l.service == Service::Smtp && l.open);
    let port = listener?.port;
    let ip = match status.listen.parse() {
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        Ok(ip) => ip,
        Err(_) => Ipv4Addr::LOCALHOST.into(),
    };
    Some(SocketAddr::new(ip, port))
}

impl AsyncTokioStream for Stream {
    /// Nothing here asks; over the socket there is none.
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
