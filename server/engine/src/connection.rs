//! A connection to a peer: a socket, with or without TLS, and the octets read from it that nobody has used yet.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use postigo_api::{LocalUser, SessionTls};
use postigo_sasl::ChannelBinding;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig, CommonState, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

/// Octets asked for at a time. Small, because five hundred idle sessions each hold one such buffer.
const READ: usize = 4 << 10;

/// While content streams in, fewer and larger reads cost less.
const READ_CONTENT: usize = 32 << 10;

/// How long a client may take to accept what we send: RFC 5321 §4.5.3.2 has nothing shorter than
/// minutes for replies, but a peer that reads nothing for this long is gone or hostile.
const WRITE: Duration = Duration::from_secs(60);

/// The whole handshake of a client.
const HANDSHAKE: Duration = Duration::from_secs(20);

/// A connection, accepted by a listener or made to another server.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Stream,
    peer: SocketAddr,
    local: SocketAddr,
    local_user: Option<LocalUser>,
    input: BytesMut,
    distrusted: Option<String>,
    tls: Option<SessionTls>,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    #[cfg(unix)]
    Unix(tokio::net::UnixStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// The handshake failed: there is nothing left to talk over.
    Gone,
}

/// A handshake that did not work.
#[derive(Debug)]
pub(crate) struct HandshakeFailed {
    /// What the library or the peer said.
    pub reason: String,
    /// The peer does not know our authority.
    pub distrusts: bool,
}

impl Connection {
    pub fn new(stream: TcpStream, peer: SocketAddr) -> io::Result<Self> {
        // Replies are small and awaited: waiting to fill a segment only costs time.
        stream.set_nodelay(true)?;
        let local = stream.local_addr()?;
        Ok(Self {
            stream: Stream::Plain(stream),
            peer,
            local,
            local_user: None,
            input: BytesMut::new(),
            distrusted: None,
            tls: None,
        })
    }

    /// A program of a user of this system. Where an address is needed it is that of this computer.
    #[cfg(unix)]
    pub fn of_local_user(stream: tokio::net::UnixStream, user: LocalUser) -> Self {
        let here = SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
        Self {
            stream: Stream::Unix(stream),
            peer: here,
            local: here,
            local_user: Some(user),
            input: BytesMut::new(),
            distrusted: None,
            tls: None,
        }
    }

    /// Which user of this system it is; none for who comes over the network.
    pub const fn local_user(&self) -> Option<&LocalUser> {
        self.local_user.as_ref()
    }

    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    pub const fn local(&self) -> SocketAddr {
        self.local
    }

    pub fn is_loopback(&self) -> bool {
        self.peer.ip().to_canonical().is_loopback()
    }

    /// What was agreed, once it is encrypted.
    pub const fn tls(&self) -> Option<&SessionTls> {
        self.tls.as_ref()
    }

    /// What was read and not used. Whoever uses it takes it out.
    pub const fn input(&mut self) -> &mut BytesMut {
        &mut self.input
    }

    /// Reads more into [`Self::input`]; 0 is the end. At the time limit the error is [`io::ErrorKind::TimedOut`].
    pub async fn read(&mut self, limit: Duration) -> io::Result<usize> {
        self.read_up_to(READ, limit).await
    }

    /// As [`Self::read`], with a buffer for content.
    pub async fn read_content(&mut self, limit: Duration) -> io::Result<usize> {
        self.read_up_to(READ_CONTENT, limit).await
    }

    async fn read_up_to(&mut self, octets: usize, limit: Duration) -> io::Result<usize> {
        self.input.reserve(octets);
        let read = async {
            match &mut self.stream {
                Stream::Plain(stream) => stream.read_buf(&mut self.input).await,
                #[cfg(unix)]
                Stream::Unix(stream) => stream.read_buf(&mut self.input).await,
                Stream::Tls(stream) => stream.read_buf(&mut self.input).await,
                Stream::Gone => Err(io::ErrorKind::NotConnected.into()),
            }
        };
        let result = timeout(limit, read).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        if let Err(error) = &result {
            // With TLS 1.3 the server is ready before the client has judged the certificate: its verdict comes as an alert
            // instead of the first octets (RFC 8446 §4.4.2.4).
            let (reason, distrusts) = explain(error);
            self.distrusted = distrusts.then_some(reason);
        }
        result
    }

    /// Sends all of it.
    pub async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.write_within(octets, WRITE).await
    }

    /// As [`Self::write`], for a peer that may take this long to accept it.
    pub async fn write_within(&mut self, octets: &[u8], limit: Duration) -> io::Result<()> {
        let write = async {
            match &mut self.stream {
                Stream::Plain(stream) => stream.write_all(octets).await,
                #[cfg(unix)]
                Stream::Unix(stream) => stream.write_all(octets).await,
                Stream::Tls(stream) => {
                    stream.write_all(octets).await?;
                    stream.flush().await
                }
                Stream::Gone => Err(io::ErrorKind::NotConnected.into()),
            }
        };
        timeout(limit, write).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Shakes hands. What was read before counts no more: it came from anybody (RFC 3207 §4.2, RFC 3501 §6.2.1).
    pub async fn start_tls(&mut self, config: Arc<ServerConfig>) -> Result<SessionTls, HandshakeFailed> {
        self.input.clear();
        let failed = |reason: &str| HandshakeFailed { reason: reason.to_owned(), distrusts: false };
        let Stream::Plain(plain) = std::mem::replace(&mut self.stream, Stream::Gone) else {
            return Err(failed("TLS within TLS"));
        };
        match timeout(HANDSHAKE, TlsAcceptor::from(config).accept(plain)).await {
            Err(_) => Err(failed("the client did not finish the handshake in time")),
            Ok(Err(error)) => {
                let (reason, distrusts) = explain(&error);
                Err(HandshakeFailed { reason, distrusts })
            }
            Ok(Ok(stream)) => {
                let name = stream.get_ref().1.server_name().map(str::to_owned);
                Ok(self.encrypted(TlsStream::Server(stream), name))
            }
        }
    }

    /// Shakes hands as the client. What was read before counts no more.
    pub async fn connect_tls(
        &mut self,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
        limit: Duration,
    ) -> Result<SessionTls, HandshakeFailed> {
        self.input.clear();
        let failed = |reason: String| HandshakeFailed { reason, distrusts: false };
        let Stream::Plain(plain) = std::mem::replace(&mut self.stream, Stream::Gone) else {
            return Err(failed("TLS within TLS".to_owned()));
        };
        let shown = name.to_str().into_owned();
        match timeout(limit, TlsConnector::from(config).connect(name, plain)).await {
            Err(_) => Err(failed("the server did not finish the handshake in time".to_owned())),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Ok(Ok(stream)) => Ok(self.encrypted(TlsStream::Client(stream), Some(shown))),
        }
    }

    fn encrypted(&mut self, stream: TlsStream<TcpStream>, server_name: Option<String>) -> SessionTls {
        let tls = describe(stream.get_ref().1, server_name);
        self.stream = Stream::Tls(Box::new(stream));
        self.tls = Some(tls.clone());
        tls
    }

    /// What SCRAM can bind to, at either end (RFC 9266); none with a TLS older than 1.3, or without TLS.
    pub fn exporter(&self) -> Option<[u8; 32]> {
        let Stream::Tls(stream) = &self.stream else { return None };
        if stream.get_ref().1.protocol_version() != Some(rustls::ProtocolVersion::TLSv1_3) {
            return None;
        }
        let (label, context) = (b"EXPORTER-Channel-Binding", Some(&b""[..]));
        match &**stream {
            TlsStream::Client(stream) => {
                stream.get_ref().1.export_keying_material([0; 32], label, context).ok()
            }
            TlsStream::Server(stream) => {
                stream.get_ref().1.export_keying_material([0; 32], label, context).ok()
            }
        }
    }

    /// The same as SASL has it.
    pub fn binding(&self) -> Option<ChannelBinding> {
        self.exporter().map(ChannelBinding::TlsExporter)
    }

    /// Why the peer refused our certificate, if it did so after the handshake.
    pub fn distrusted(&self) -> Option<&str> {
        self.distrusted.as_deref()
    }

    /// Says goodbye at the level of TLS and TCP. What goes wrong here no longer matters.
    pub async fn close(&mut self) {
        let close = async {
            match &mut self.stream {
                Stream::Plain(stream) => stream.shutdown().await,
                #[cfg(unix)]
                Stream::Unix(stream) => stream.shutdown().await,
                Stream::Tls(stream) => stream.shutdown().await,
                Stream::Gone => Ok(()),
            }
        };
        let _ = timeout(Duration::from_secs(2), close).await;
    }
}

fn describe(tls: &CommonState, server_name: Option<String>) -> SessionTls {
    let version = match tls.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "TLS",
    };
    let cipher = tls.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or("unknown");
    SessionTls {
        version: version.to_owned(),
        // rustls writes TLS13_AES_..., everybody else TLS_AES_... (RFC 8446 §B.4).
        cipher: cipher.replacen("TLS13_", "TLS_", 1),
        server_name,
    }
}

/// What a TLS error means, and whether it means that the peer does not trust us.
fn explain(error: &io::Error) -> (String, bool) {
    use AlertDescription::{BadCertificate, CertificateUnknown, UnknownCA, UnsupportedCertificate};
    let Some(rustls::Error::AlertReceived(alert)) =
        error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
    else {
        return (error.to_string(), false);
    };
    match alert {
        UnknownCA => ("the client does not know our certificate authority (alert unknown_ca)".into(), true),
        BadCertificate | CertificateUnknown | UnsupportedCertificate => {
            ("the client does not accept our certificate".into(), true)
        }
        other => (format!("the client sent the alert {other:?}"), false),
    }
}
