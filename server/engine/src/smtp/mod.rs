//! The SMTP driver: carries out what a session of `postigo-smtp` asks for.

mod command_counts;
mod deliver;
mod driver;
pub(crate) mod policy;
mod verifier;
mod xclient;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use postigo_api::{Service, TlsLevel};
use postigo_policy::ListName;
use postigo_queue::route::Network;
use postigo_sasl::NonceSeed;
use postigo_smtp as smtp;
use postigo_trace::{Ending, SessionTrace};

use crate::config::Config;
use crate::connection::Connection;
use crate::context::Context;
use driver::Driver;
pub(crate) use verifier::Verifier;

/// How long a message may be held back for its sender, in seconds (RFC 4865): 90 days. Who wants more has a calendar.
const LONGEST_HOLD: u32 = 90 * 24 * 60 * 60;

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
        tls: connection.tls().map(|tls| established(connection, tls)),
        nonce_seed,
        since: now(),
        // Whoever hands in mail for others has no proxy; it would pass for anybody.
        may_xclient: connection.local_user().is_none()
            && may_xclient(&config, connection.peer().ip().to_canonical()),
    };
    if let Some(user) = connection.local_user() {
        let text = format!("{user} may hand in mail, for everywhere");
        trace.found(Some("authorized_submit_users"), &text);
    }
    Driver::new(context, config, connection, trace, service).run(settings, about).await
}

/// In whole seconds: what is announced by them has to hold.
fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Whether a client is one of `smtpd_authorized_xclient_hosts`. A list that cannot be read lets nobody.
fn may_xclient(config: &Config, client: IpAddr) -> bool {
    let networks = Network::parse_list(&config.xclient_hosts.join(" ")).unwrap_or_default();
    networks.iter().any(|network| network.contains(client))
}

fn settings(context: &Context, config: &Config, service: Service) -> smtp::Config {
    smtp::Config {
        host: config.host.clone(),
        // A user of this system has proved who it is, and nobody listens in: no log-in and no TLS is asked for or offered.
        service: match service {
            Service::Smtp | Service::Local => smtp::Service::Mta,
            _ => smtp::Service::Submission,
        },
        tls_available: match service {
            Service::Smtp => config.flow.inbound_tls != TlsLevel::None,
            Service::Local => false,
            _ => true,
        },
        tls_required: service == Service::Smtp && config.flow.inbound_tls == TlsLevel::Encrypt,
        size_octets: config.message_size_limit,
        longest_hold: LONGEST_HOLD,
        mechanisms: match service {
            Service::Local => Vec::new(),
            _ => context.auth.mechanisms(config.cram_md5),
        },
        bare_newlines: match config.bare_newlines {
            postigo_api::BareNewlines::Refuse => smtp::BareNewlines::Refuse,
            postigo_api::BareNewlines::Normalise => smtp::BareNewlines::Normalise,
        },
        asks_data: !context.restrictions.load().entries(ListName::Data).is_empty(),
        limits: smtp::Limits {
            recipients: usize::try_from(config.recipient_limit).unwrap_or(usize::MAX),
            bad_commands: config.client_limits.hard_errors,
            idle_commands: config.client_limits.junk_commands,
            command_time: Duration::from_secs(config.client_limits.command_seconds.into()),
            ..smtp::Limits::default()
        },
        decoys: context.auth.decoys().clone(),
    }
}

/// The TLS of a client's connection, as the session wants to know it.
pub(crate) fn established(connection: &Connection, tls: &postigo_api::SessionTls) -> smtp::Established {
    smtp::Established { tls: agreed(tls), binding: connection.binding() }
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
