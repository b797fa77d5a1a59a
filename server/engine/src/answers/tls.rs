//! Certificates and what each listener offers.

use std::sync::Arc;

use jiff::Timestamp;
use postigo_api::{
    Certificate, Code, Error, LastTls, Listener, ListenerTls, Service, Session, TextFile, TlsStart, TlsStatus,
};
use postigo_tls::{CertificateInfo, ServerIdentity};

use crate::engine::Shared;
use crate::errors::{self, blocking};

/// All about encryption.
pub(crate) async fn status(engine: &Shared) -> Result<TlsStatus, Error> {
    let identity = identity(engine)?;
    let listeners = engine.running(|r| r.listeners()).await.unwrap_or_default();
    let trace = engine.trace.clone();
    let listeners = blocking(move || {
        listeners
            .iter()
            .map(|listener| {
                let last = trace.last_tls(listener.service).map_err(|e| errors::trace(&e))?;
                Ok(describe(listener, last))
            })
            .collect::<Result<Vec<_>, Error>>()
    })
    .await?;
    let description = identity.describe();
    let authority_path = description.authority.is_some().then(|| engine.data.join("tls").join("ca.pem"));
    Ok(TlsStatus {
        authority: description.authority.as_ref().map(certificate),
        authority_path: authority_path.map(|p| p.display().to_string()),
        server: certificate(&description.server),
        listeners,
    })
}

/// The authority's certificate as a file for clients.
pub(crate) fn authority(engine: &Shared) -> Result<TextFile, Error> {
    let identity = identity(engine)?;
    let pem = identity.authority_pem().ok_or_else(|| {
        Error::new(
            Code::CertificateInvalid,
            "The certificate is your own: there is no local authority to export",
        )
    })?;
    let domain = engine.configured()?.domains.first().cloned().unwrap_or_default();
    Ok(TextFile {
        name: format!("postigo-{domain}-ca.pem"),
        // RFC 8555 §9.1.
        media_type: "application/pem-certificate-chain".into(),
        text: pem.to_owned(),
    })
}

fn identity(engine: &Shared) -> Result<Arc<ServerIdentity>, Error> {
    engine
        .identity
        .load_full()
        .ok_or_else(|| Error::new(Code::NotRunning, "The certificates are made when the server starts"))
}

fn describe(listener: &Listener, last: Option<Session>) -> ListenerTls {
    ListenerTls {
        service: listener.service,
        port: listener.port,
        open: listener.open,
        start: match listener.service {
            Service::Smtp => TlsStart::StarttlsOptional,
            Service::Submission | Service::Imap => TlsStart::StarttlsRequired,
            Service::Submissions | Service::Imaps | Service::Outgoing => TlsStart::Implicit,
            Service::Local => TlsStart::StarttlsOptional,
        },
        versions: vec!["1.2".into(), "1.3".into()],
        last: last.map(|session| LastTls {
            at: session.opened,
            session: session.id,
            version: session.tls.as_ref().map(|t| t.version.clone()),
            cipher: session.tls.as_ref().map(|t| t.cipher.clone()),
            result: session.result,
            client: session.client_name.unwrap_or(session.peer),
        }),
    }
}

/// The common name of a distinguished name as RFC 4514 writes it, or all of it where it has none.
fn common_name(distinguished: &str) -> String {
    let name = distinguished.split(", ").find_map(|part| part.strip_prefix("CN="));
    name.unwrap_or(distinguished).to_owned()
}

fn certificate(info: &CertificateInfo) -> Certificate {
    let mut names = info.dns_names.clone();
    names.extend(info.ip_addresses.iter().map(ToString::to_string));
    if let Some(constraints) = &info.constraints {
        names.extend(constraints.dns.iter().cloned());
    }
    Certificate {
        subject: common_name(&info.subject),
        issuer: common_name(&info.issuer),
        names,
        key: info.key_algorithm.clone(),
        not_before: info.not_before.saturating_mul(1_000_000),
        not_after: info.not_after.saturating_mul(1_000_000),
        days_left: i32::try_from(info.days_left(Timestamp::now())).unwrap_or(i32::MAX),
        fingerprint: info.sha256.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::common_name;

    #[test]
    fn people_see_the_common_name() {
        assert_eq!(common_name("CN=mail.lab.test, O=Postigo"), "mail.lab.test");
        assert_eq!(common_name("O=Nobody"), "O=Nobody");
    }
}
