//! What every session of an engine needs.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use postigo_dns::Resolver;
use postigo_policy::Restrictions;
use postigo_queue::route::Routes;
use postigo_sasl::Credentials;
use postigo_smtp::ClientName;
use postigo_store::Store;
use postigo_trace::{QueueIds, Trace};
use rustls::{ClientConfig, ServerConfig};
use tokio_util::sync::CancellationToken;

use crate::auth::Authenticator;
use crate::config::Config;
use crate::names::NamesHealth;
use crate::outgoing::{Agent, Ourselves};
use crate::queue::Queue;
use crate::rates::Rates;
use crate::secrets::Secrets;
use crate::smtp::Verifier;
use crate::smtp::policy::Rules;

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
    /// Who is judged how, as it is now.
    pub restrictions: Arc<ArcSwap<Restrictions>>,
    /// What next hops said of recipients.
    pub verifier: Arc<Verifier>,
    /// How often each client did something lately.
    pub rates: Rates,
    /// Whom to ask for names, as it is now.
    pub resolver: Arc<ArcSwap<Resolver>>,
    /// Whether those who are asked for names answer.
    pub names: Arc<NamesHealth>,
    /// TLS with servers that we send to.
    pub outgoing_tls: Arc<ClientConfig>,
    /// Passwords of other servers.
    pub secrets: Arc<Secrets>,
    /// Where we take mail from other servers.
    pub mail_listeners: ArcSwap<Vec<SocketAddr>>,
    /// Who may log in.
    pub auth: Authenticator,
    /// The way to the loop of the queue, once it runs.
    pub queue: OnceLock<Queue>,
    /// Names for messages.
    pub queue_ids: Arc<QueueIds>,
    /// Our certificate, as it is now.
    pub tls: ArcSwap<ServerConfig>,
    /// The server stops: say goodbye.
    pub stopping: CancellationToken,
}

impl Context {
    /// What decides about recipients, as it is now.
    pub fn rules(self: &Arc<Self>) -> Rules {
        let context = Arc::clone(self);
        Rules {
            store: self.store.clone(),
            routes: self.routes.load_full(),
            restrictions: self.restrictions.load_full(),
            resolver: Resolver::clone(&self.resolver.load()),
            verifier: Arc::clone(&self.verifier),
            agent: Box::new(move || context.agent()),
        }
    }

    /// What delivers, by the configuration as it is now.
    pub fn agent(&self) -> Agent {
        let config = self.config.load();
        let listeners = self.mail_listeners.load().to_vec();
        let credentials = (self.secrets.relayhost())
            .and_then(|password| Credentials::new(&config.flow.relayhost_user, &password));
        Agent {
            resolver: Resolver::clone(&self.resolver.load()),
            trace: self.trace.clone(),
            tls: Arc::clone(&self.outgoing_tls),
            ourselves: Ourselves { name: our_name(&config), listeners },
            names: Arc::clone(&self.names),
            credentials,
            timeouts: config.timeouts.clone(),
        }
    }
}

/// The name we greet with.
pub(crate) fn our_name(config: &Config) -> ClientName {
    let unnamed = || ClientName::parse(b"localhost");
    #[expect(clippy::expect_used, reason = "localhost is a name")]
    ClientName::parse(config.host.as_bytes()).or_else(unnamed).expect("a name")
}
