//! Handing in a message (RFC 6409) through lettre.
//!
//! lettre builds the TLS of submission itself, from the same roots and the same verifier of the platform.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use postigo_api::{Code, Error, Security};
use tokio::time::timeout;

use crate::AccountConfig;
use crate::failure::{Peer, internal, refused, tls_error};
use crate::imap::stream::addresses;
use crate::later::{FutureRelease, SendAt};

/// RFC 5321 §4.5.3.2 allows a server minutes; a person waits for this one.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);
/// The message itself may be large, and the server has to store it (RFC 5321 §4.5.3.2.6: ten minutes).
const DATA_LIMIT: Duration = Duration::from_secs(600);
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// A session in which the user is known.
pub(crate) struct Submission {
    connection: AsyncSmtpConnection,
    peer: Peer,
    hello: ClientId,
}

impl Submission {
    /// Connects, encrypts, logs in.
    pub async fn open(config: &AccountConfig) -> Result<Self, Error> {
        let endpoint = &config.submission;
        let peer = Peer::of(endpoint);
        let addresses = addresses(config, endpoint).await?;
        let hello = hello(gethostname::gethostname().to_str());
        let tls = match endpoint.security {
            Security::None => None,
            Security::Tls | Security::Starttls => Some(tls_parameters(config)?),
        };
        let at_once = tls.clone().filter(|_| endpoint.security == Security::Tls);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(&*addresses, Some(CONNECT_LIMIT), &hello, at_once, None);
        let mut connection = within(&peer, COMMAND_LIMIT, connecting).await?;
        if endpoint.security == Security::Starttls {
            if !connection.can_starttls() {
                return Err(peer.not_trusted("it offers no encryption (STARTTLS)"));
            }
            let tls = tls.ok_or_else(|| peer.not_trusted("no encryption is set up"))?;
            within(&peer, COMMAND_LIMIT, connection.starttls(tls, &hello)).await?;
        }
        let mut session = Self { connection, peer, hello };
        session.login(config).await?;
        Ok(session)
    }

    async fn login(&mut self, config: &AccountConfig) -> Result<(), Error> {
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let offered = self.connection.server_info().get_auth_mechanism(&mechanisms);
        if offered.is_none() {
            return Err(self.peer.login_refused("it offers no way to log in with a password here"));
        }
        let credentials = Credentials::new(config.user.clone(), config.password.reveal().to_owned());
        let logging_in = self.connection.auth(&mechanisms, &credentials);
        match timeout(COMMAND_LIMIT, logging_in).await {
            Ok(Ok(_)) => Ok(()),
            // RFC 4954 §6: 454 is trouble of the server; everything else is about name and password.
            Ok(Err(cause)) if cause.is_permanent() => Err(self.peer.login_refused(words(&cause))),
            Ok(Err(cause)) => Err(failed(&self.peer, &cause)),
            Err(_) => Err(self.peer.silent()),
        }
    }

    /// Hands in a message, to be sent at once or later. The server's last reply, e.g. `250 2.0.0 Ok: queued as 4XyZ`.
    ///
    /// # Errors
    /// `mail.refused` with the reply, and the address when it is about a recipient: then nobody gets the message.
    /// `mail.later_unsupported` and `mail.later_too_far` before anything is handed in.
    pub async fn send(
        &mut self,
        author: &Address,
        recipients: &[Address],
        raw: &[u8],
        send_at: Option<SendAt>,
    ) -> Result<String, Error> {
        let mut parameters = Vec::new();
        if let Some(send_at) = send_at {
            let offered = self.future_release().await?;
            let value = Some(send_at.hold_until(offered, &self.peer.host, Timestamp::now())?);
            parameters.push(MailParameter::Other { keyword: "HOLDUNTIL".to_owned(), value });
        }
        if !raw.is_ascii() && self.connection.server_info().supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        self.command(Mail::new(Some(author.clone()), parameters)).await?;
        for recipient in recipients {
            let reply = self.command(Rcpt::new(recipient.clone(), Vec::new())).await;
            reply.map_err(|error| match error.code {
                Code::MailRefused => error.with("address", recipient),
                _ => error,
            })?;
        }
        self.command(Data).await?;
        // lettre ends the content with a line break of its own.
        let content = raw.strip_suffix(b"\r\n").unwrap_or(raw);
        let reply = within(&self.peer, DATA_LIMIT, self.connection.message(content)).await?;
        let lines: Vec<&str> = reply.message().collect();
        Ok(format!("{} {}", reply.code(), lines.join(" ")))
    }

    /// What the server offers for sending later. lettre keeps only the extensions that it knows, so it is asked again; that
    /// is allowed at any time between messages (RFC 5321 §4.1.4).
    async fn future_release(&mut self) -> Result<Option<FutureRelease>, Error> {
        let asking = self.connection.command(Ehlo::new(self.hello.clone()));
        let reply = within(&self.peer, COMMAND_LIMIT, asking).await?;
        Ok(FutureRelease::offered(reply.message()))
    }

    async fn command(&mut self, command: impl std::fmt::Display) -> Result<(), Error> {
        within(&self.peer, COMMAND_LIMIT, self.connection.command(command)).await.map(|_| ())
    }

    /// Says goodbye; whether the server answers does not matter.
    pub async fn close(mut self) {
        if timeout(Duration::from_secs(5), self.connection.quit()).await.is_err() {
            tracing::debug!(host = %self.peer.host, "mail server: no goodbye");
        }
    }
}

/// What we call ourselves: the name of this computer. One that is no domain name, or missing, is replaced by an address
/// (RFC 5321 §4.1.3; names: §4.1.2).
fn hello(host: Option<&str>) -> ClientId {
    let is_label = |label: &str| {
        let inside = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        inside && !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    };
    match host.filter(|host| host.len() <= 253 && host.split('.').all(is_label)) {
        Some(host) => ClientId::Domain(host.to_owned()),
        None => ClientId::default(),
    }
}

fn tls_parameters(config: &AccountConfig) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(config.submission.host.clone());
    for root in &config.roots {
        builder =
            builder.add_root_certificate(Certificate::from_der(root.to_vec()).map_err(|e| internal(&e))?);
    }
    builder.build_rustls().map_err(|e| internal(&e))
}

async fn within<T>(
    peer: &Peer,
    limit: Duration,
    step: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, Error> {
    match timeout(limit, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(cause)) => Err(failed(peer, &cause)),
        Err(_) => Err(peer.silent()),
    }
}

fn failed(peer: &Peer, cause: &SmtpError) -> Error {
    if cause.status().is_some() {
        return refused(&words(cause));
    }
    if tls_error(cause).is_some() || cause.is_tls() {
        return peer.handshake_failed(cause);
    }
    let io = std::error::Error::source(cause).and_then(|source| source.downcast_ref::<std::io::Error>());
    match io {
        Some(io) => peer.lost(io),
        None => {
            tracing::debug!(host = %peer.host, %cause, "submission failed");
            peer.unreachable("it does not speak SMTP, or closed the connection")
        }
    }
}

/// The reply in a failure: `550 5.1.1 No such user`.
fn words(cause: &SmtpError) -> String {
    let text = std::error::Error::source(cause).map(ToString::to_string).unwrap_or_default();
    match cause.status() {
        Some(code) => format!("{code} {text}").trim_end().to_owned(),
        None => cause.to_string(),
    }
}

/// Our queue id in a reply of this server: `queued as ID`.
pub(crate) fn queue_id(reply: &str) -> Option<String> {
    let (_, id) = reply.split_once("queued as ")?;
    let id: String = id.chars().take_while(char::is_ascii_alphanumeric).collect();
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_call_ourselves_as_the_computer_is_called() {
        let said = |host| hello(host).to_string();
        assert_eq!(said(Some("portatil")), "portatil");
        assert_eq!(said(Some("aula-3.uni.test")), "aula-3.uni.test");
        for no_name in
            [None, Some(""), Some("mi_portátil"), Some("a b"), Some("-a"), Some("a..b"), Some("a\r\nQUIT")]
        {
            assert_eq!(said(no_name), "[127.0.0.1]", "{no_name:?}");
        }
    }

    #[test]
    fn the_queue_id_is_in_the_reply() {
        assert_eq!(queue_id("250 2.0.0 Ok: queued as 4XyZ1").as_deref(), Some("4XyZ1"));
        assert_eq!(queue_id("250 2.0.0 Ok"), None);
        assert_eq!(queue_id("250 queued as "), None);
    }
}
