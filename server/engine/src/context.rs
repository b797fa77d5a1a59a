//! What every session of an engine needs.

use std::sync::Arc;

use arc_swap::ArcSwap;
use postigo_queue::route::Routes;
use postigo_store::Store;
use postigo_trace::{QueueIds, Trace};
use rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use crate::auth::Authenticator;
use crate::config::Config;

/// Shared by all sessions that one start of the server accepts.
pub(crate) struct Context {
    /// As it is now; a session takes it once, at its beginning.
    pub config: Arc<ArcSwap<Config>>,
    /// Where mail lies.
    pub store: Store,
    /// Where is told what happened.
    pub trace: Trace,
    /// Where recipients lead, as it is now.
    pub routes: Arc<ArcSwap<Routes>>,
    /// Who may log in.
    pub auth: Authenticator,
    /// Names for messages.
    pub queue_ids: Arc<QueueIds>,
    /// Our certificate, as it is now.
    pub tls: ArcSwap<ServerConfig>,
    /// The server stops: say goodbye.
    pub stopping: CancellationToken,
}
