//! The IMAP driver: carries out what a session of `postigo-imap` asks for.

mod content;
mod convert;
mod driver;
mod questions;
mod search;

use std::sync::Arc;

use postigo_api::Service;
use postigo_imap as imap;
use postigo_sasl::{Mechanism, NonceSeed};
use postigo_trace::{Ending, SessionTrace};

use crate::connection::Connection;
use crate::context::Context;
use driver::Driver;

/// Serves a client to its end. Answers how it ended; IMAP has no line in the log that counts commands.
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
    let settings = imap::Config {
        host: config.host.clone(),
        tls_available: true,
        mechanisms: mechanisms(context, config.cram_md5),
        delimiter: postigo_store::HIERARCHY_DELIMITER,
        limits: imap::Limits { append_octets: config.message_size_limit, ..imap::Limits::default() },
        decoys: context.auth.decoys().clone(),
    };
    let about = imap::Connection {
        peer_is_loopback: connection.is_loopback(),
        is_tls: connection.tls().is_some(),
        binding: connection.binding(),
        nonce_seed,
    };
    let ending = Driver::new(context, connection, trace, service).run(Arc::new(settings), about).await;
    (ending, String::new())
}

/// As SMTP offers them, but for LOGIN: clients that know nothing else have the command of this name.
fn mechanisms(context: &Context, cram_md5: bool) -> Vec<Mechanism> {
    let mut mechanisms = context.auth.mechanisms(cram_md5);
    mechanisms.retain(|mechanism| *mechanism != Mechanism::Login);
    mechanisms
}
