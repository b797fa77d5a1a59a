//! A certificate authority for one test, and servers that speak TLS in front of those that do not.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub struct Authority {
    pub root: CertificateDer<'static>,
    pub certificate_pem: String,
    pub key_pem: String,
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Authority {
    /// With a certificate for `name`.
    pub fn for_name(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("params");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer =
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("authority");
        let key = KeyPair::generate().expect("key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("params");
        let certificate = params.signed_by(&key, &issuer).expect("certificate");
        Self {
            root: issuer.der().clone(),
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            certificate: certificate.der().clone(),
            key: key.serialize_der(),
        }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let key = PrivateKeyDer::try_from(self.key.clone()).expect("key");
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)
            .expect("server configuration");
        TlsAcceptor::from(Arc::new(config))
    }

    /// TLS from the first octet, in front of the server on `behind`.
    pub async fn wrap(&self, port: u16, behind: u16) {
        self.front(port, behind, false).await;
    }

    /// STARTTLS of SMTP, in front of the server on `behind`.
    pub async fn offer_starttls(&self, port: u16, behind: u16) {
        self.front(port, behind, true).await;
    }

    async fn front(&self, port: u16, behind: u16, starttls: bool) {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
        let acceptor = self.acceptor();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let client = if starttls { until_starttls(client).await? } else { client };
                    let mut client = acceptor.accept(client).await.ok()?;
                    let mut server = TcpStream::connect(("127.0.0.1", behind)).await.ok()?;
                    if starttls {
                        // After STARTTLS there is no greeting.
                        while server.read_u8().await.ok()? != b'\n' {}
                    }
                    copy_bidirectional(&mut client, &mut server).await.ok()
                });
            }
        });
    }
}

async fn until_starttls(client: TcpStream) -> Option<TcpStream> {
    let mut client = BufReader::new(client);
    client.write_all(b"220 front\r\n").await.ok()?;
    let mut line = String::new();
    loop {
        line.clear();
        client.read_line(&mut line).await.ok().filter(|count| *count > 0)?;
        let reply: &[u8] = match line.trim_end() {
            "STARTTLS" => b"220 go\r\n",
            _ => b"250-front\r\n250 STARTTLS\r\n",
        };
        client.write_all(reply).await.ok()?;
        if line.starts_with("STARTTLS") {
            return Some(client.into_inner());
        }
    }
}
