//! Failures as the faces are told of them. Private causes go to the log.

use postigo_api::{Code, Endpoint, Error};

/// The server a failure is about.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub host: String,
    pub port: u16,
}

impl Peer {
    pub fn of(endpoint: &Endpoint) -> Self {
        Self { host: endpoint.host.clone(), port: endpoint.port }
    }

    /// The server cannot be reached, or talks so that nothing can be done with it.
    pub fn unreachable(&self, detail: impl ToString) -> Error {
        let text = format!("{}:{} cannot be reached: {}", self.host, self.port, detail.to_string());
        Error::new(Code::MailUnreachable, text)
            .with("host", &self.host)
            .with("port", self.port)
            .with("detail", detail)
    }

    /// It was silent for too long.
    pub fn silent(&self) -> Error {
        self.unreachable("it did not answer in time")
    }

    /// It broke the rules of the protocol, or the connection.
    pub fn broken(&self, detail: &str) -> Error {
        tracing::warn!(host = %self.host, port = self.port, detail, "mail server: connection given up");
        self.unreachable(detail)
    }

    /// The system could not connect, read or write.
    pub fn lost(&self, cause: &std::io::Error) -> Error {
        tracing::debug!(host = %self.host, port = self.port, %cause, "mail server: connection failed");
        self.unreachable(match cause.kind() {
            std::io::ErrorKind::ConnectionRefused => "nothing listens there".to_owned(),
            std::io::ErrorKind::TimedOut => "it did not answer in time".to_owned(),
            std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe => {
                "it broke the connection".to_owned()
            }
            // What the system says about names and routes has no secrets, and is what helps.
            _ => cause.to_string(),
        })
    }

    /// Its certificate, or its way to encryption, is not to be trusted.
    pub fn not_trusted(&self, detail: impl ToString) -> Error {
        let text = format!("{} is not trusted: {}", self.host, detail.to_string());
        Error::new(Code::MailNotTrusted, text).with("host", &self.host).with("detail", detail)
    }

    /// The TLS handshake failed: a matter of trust when it is about the certificate, else of the connection.
    pub fn handshake_failed(&self, cause: &(dyn std::error::Error + 'static)) -> Error {
        tracing::debug!(host = %self.host, port = self.port, %cause, "mail server: handshake failed");
        match tls_error(cause) {
            Some(rustls::Error::InvalidCertificate(why)) => self.not_trusted(certificate_fault(why)),
            Some(other) => self.unreachable(format!("encryption failed: {other}")),
            None => self.unreachable("the connection broke while encryption began"),
        }
    }

    /// It did not take the password.
    pub fn login_refused(&self, detail: impl ToString) -> Error {
        let text = format!("{} refused the login: {}", self.host, detail.to_string());
        Error::new(Code::MailLoginRefused, text).with("host", &self.host).with("detail", detail)
    }
}

fn certificate_fault(fault: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Fault;
    match fault {
        Fault::Expired | Fault::ExpiredContext { .. } => "the certificate has expired".to_owned(),
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => {
            "the certificate is not valid yet".to_owned()
        }
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            "the certificate is for another name".to_owned()
        }
        Fault::UnknownIssuer => {
            "the certificate was issued by an authority that is not trusted here".to_owned()
        }
        Fault::Revoked => "the certificate was revoked".to_owned(),
        other => other.to_string(),
    }
}

/// The rustls error within `cause`, however deep: I/O errors and transports wrap it.
pub(crate) fn tls_error<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    let mut next = Some(cause);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        // An I/O error does not name what it wraps as its source, but the source of that.
        let io = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match io {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The server said no.
pub(crate) fn refused(reply: &str) -> Error {
    Error::new(Code::MailRefused, format!("The mail server refused: {reply}")).with("reply", reply)
}

/// The folder is not there.
pub(crate) fn folder_unknown(folder: &str) -> Error {
    Error::new(Code::MailFolderUnknown, format!("There is no folder {folder}")).with("folder", folder)
}

/// The message is not there.
pub(crate) fn message_gone(uid: u32) -> Error {
    Error::new(Code::MailMessageGone, "The message is not there any more").with("uid", uid)
}

/// The message is too large.
pub(crate) fn too_large(octets: u64, limit: u64) -> Error {
    Error::new(Code::MailTooLarge, format!("The message has {octets} octets, the limit is {limit}"))
        .with("octets", octets)
        .with("limit", limit)
}

/// What was asked for makes no sense.
pub(crate) fn bad_request(detail: &str) -> Error {
    Error::new(Code::BadRequest, detail).with("detail", detail)
}

/// A fault of ours.
pub(crate) fn internal(cause: &dyn std::error::Error) -> Error {
    tracing::error!(%cause, "mail client: internal fault");
    Error::new(Code::Internal, "The mail client failed; the log has the cause").with("detail", "mail client")
}
