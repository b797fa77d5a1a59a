//! The way to the server on this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, SmtpTransport, Transport};
use postigo_api::{ServerStatus, Service};
use tokio::io::{AsyncWriteExt, copy, stdin, stdout};
use tokio::net::TcpStream;

use super::Failure;
use crate::exit;
use crate::notice::Way;

/// The server answers after it has synced the message; a busy disk may take its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Hands in a message. Blocking.
pub(crate) fn submit(
    way: &Way,
    sender: Option<Address>,
    recipients: Vec<Address>,
    message: &[u8],
) -> Result<(), Failure> {
    let envelope = Envelope::new(sender, recipients)
        .map_err(|e| Failure::new(exit::DATA, format!("the envelope is not possible: {e}")))?;
    let transport = SmtpTransport::builder_dangerous(way.address.ip().to_string())
        .port(way.address.port())
        .hello_name(ClientId::Domain(way.host.clone()))
        .timeout(Some(PATIENCE))
        .build();
    // lettre ends every message with a line end of its own, also one that has its last.
    let message = message.strip_suffix(b"\r\n").unwrap_or(message);
    transport.send_raw(&envelope, message).map(drop).map_err(|error| {
        let code = if error.is_permanent() { exit::UNAVAILABLE } else { exit::TRY_AGAIN };
        Failure::new(code, format!("the server did not take the message: {error}"))
    })
}

/// `-bs`: standard input and output are the connection.
pub(crate) async fn converse(way: &Way) -> Result<(), Failure> {
    let broken = |e: std::io::Error| Failure::new(exit::TRY_AGAIN, format!("the connection broke: {e}"));
    let stream = TcpStream::connect(way.address).await.map_err(broken)?;
    let (mut from_server, mut to_server) = stream.into_split();
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

pub(super) fn smtp_address(status: &ServerStatus) -> Result<SocketAddr, Failure> {
    let listener = status.listeners.iter().find(|l| l.service == Service::Smtp && l.open);
    let port = listener.map(|l| l.port).ok_or_else(|| {
        Failure::new(exit::TRY_AGAIN, "the server does not listen for SMTP: see `postigo status`")
    })?;
    let ip = match status.listen.parse() {
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        Ok(ip) => ip,
        Err(_) => Ipv4Addr::LOCALHOST.into(),
    };
    Ok(SocketAddr::new(ip, port))
}
