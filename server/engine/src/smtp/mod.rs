//! The SMTP driver: carries out what a session of `postigo-smtp` asks for.

mod command_counts;
mod deliver;
mod driver;
mod policy;

use std::sync::Arc;

use postigo_api::{Service, TlsLevel};
use postigo_sasl::NonceSeed;
use postigo_smtp as smtp;
use postigo_trace::{Ending, SessionTrace};

use crate::config::Config;
use crate::connection::Connection;
use crate::context::Context;
use driver::Driver;

/// Serves a client to its end. Answers how it ended, and its commands as Postfix counts them.
pub(crate) async fn serve(
    context: &Arc<Context>,
    connection: &mut Connection,
    trace: &SessionTrace,
    service: Service,
) -> (Ending, String) {
    let Ok(nonce_seed) = NonceSeed::random() else {
        tracing::error!("the system gives no random numbers");
        return (Ending::Server, String::new());
    };
    let config = context.config.load_full();
    let settings = Arc::new(settings(context, &config, service));
    let about = smtp::Connection {
        peer_is_loopback: connection.is_loopback(),
        tls: connection.tls().map(agreed),
        nonce_seed,
    };
    Driver::new(context, config, connection, trace, service).run(settings, about).await
}

fn settings(context: &Context, config: &Config, service: Service) -> smtp::Config {
    use postigo_sasl::Mechanism;
    smtp::Config {
        host: config.host.clone(),
        service: if service == Service::Smtp { smtp::Service::Mta } else { smtp::Service::Submission },
        tls_available: service != Service::Smtp || config.flow.inbound_tls != TlsLevel::None,
        tls_required: service == Service::Smtp && config.flow.inbound_tls == TlsLevel::Encrypt,
        size_octets: config.message_size_limit,
        mechanisms: vec![Mechanism::ScramSha256, Mechanism::Plain, Mechanism::Login],
        bare_newlines: match config.bare_newlines {
            postigo_api::BareNewlines::Refuse => smtp::BareNewlines::Refuse,
            postigo_api::BareNewlines::Normalise => smtp::BareNewlines::Normalise,
        },
        limits: smtp::Limits {
            recipients: usize::try_from(config.recipient_limit).unwrap_or(usize::MAX),
            ..smtp::Limits::default()
        },
        decoys: context.auth.decoys().clone(),
    }
}

/// The TLS of a connection, as the Received field tells of it.
pub(crate) fn agreed(tls: &postigo_api::SessionTls) -> smtp::Tls {
    // The names of all suites that rustls has tell their strength (RFC 8446 §B.4, RFC 5289, RFC 7905).
    let strong = tls.cipher.contains("256_GCM") || tls.cipher.contains("CHACHA20");
    smtp::Tls {
        version: tls.version.clone(),
        cipher: tls.cipher.clone(),
        bits: if strong { 256 } else { 128 },
    }
}
