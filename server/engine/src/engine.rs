//! The engine: opened on a data folder, started and stopped as often as wanted, closed once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use postigo_api::{Code, Error, Event, Handler, Micros, Mode, Phase, Role, ServerStatus};
use postigo_client::Externals;
use postigo_dns::Resolver;
use postigo_policy::Restrictions;
use postigo_queue::route::Routes;
use postigo_sasl::DecoySecret;
use postigo_store::{DataLock, Store, StoreOptions};
use postigo_tls::{Names as CertificateNames, ServerIdentity};
use postigo_trace::{Limits, QueueIds, Trace};
use tokio::sync::{Mutex, broadcast};
use tokio_util::sync::CancellationToken;

use crate::answers::mail::Mail;
use crate::auth::{Authenticator, decoy_secret};
use crate::config::{self, Config};
use crate::context::{Context, our_name};
use crate::errors::{self, blocking};
use crate::feed::Feed;
use crate::flow;
use crate::keyring::{Keyring, SystemKeyring};
use crate::local::Place;
use crate::names::Names;
use crate::outgoing::{Agent, Ourselves, opportunistic};
use crate::queue::Command;
use crate::rates::Rates;
use crate::restrictions;
use crate::running::{Running, announce, listen_address};
use crate::secrets::Secrets;
use crate::smtp::Verifier;
use crate::smtp::policy::Rules;

/// How often the certificate is looked at.
const RENEWAL: Duration = Duration::from_secs(6 * 3_600);

/// An engine. Clones are the same one.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub data: PathBuf,
    pub store: Store,
    pub trace: Trace,
    pub feed: Feed,
    pub auth: Authenticator,
    pub mail: Mail,
    pub names: Names,
    pub secrets: Arc<Secrets>,
    /// Where recipients lead, as it is now.
    pub routes: Arc<ArcSwap<Routes>>,
    /// Who is judged how, as it is now.
    pub restrictions: Arc<ArcSwap<Restrictions>>,
    /// What next hops said of recipients; a start anew does not forget it.
    pub verifier: Arc<Verifier>,
    /// None until somebody set the server up.
    pub config: ArcSwapOption<Config>,
    pub identity: ArcSwapOption<ServerIdentity>,
    /// Held from reading the configuration to writing it, so that of two changes at once none is lost.
    pub changing: Mutex<()>,
    queue_ids: Arc<QueueIds>,
    running: Mutex<Option<Running>>,
    /// Where all users of this computer can reach it.
    public_folder: OnceLock<PathBuf>,
    /// Why the last start did not work.
    failure: ArcSwapOption<Error>,
    lock: std::sync::Mutex<Option<DataLock>>,
    /// The folder was given free, or is about to be: nothing starts any more.
    closed: AtomicBool,
}

impl Engine {
    /// Opens a data folder, and recovers what a crash left. Does not listen yet.
    ///
    /// Errors: [`Code::DataLocked`] with the other process's `pid`, [`Code::ConfigInvalid`], [`Code::DataUnusable`].
    pub async fn open(data: &Path) -> Result<Self, Error> {
        Self::open_at(data, |_| None).await
    }

    /// As [`Self::open`]; the password of the relay host is kept in the keyring of the system, where there is one.
    pub async fn open_with_keyring(data: &Path) -> Result<Self, Error> {
        Self::open_at(data, |data| Some(Box::new(SystemKeyring::new(data)))).await
    }

    async fn open_at(
        data: &Path,
        keyring: impl FnOnce(&Path) -> Option<Box<dyn Keyring>> + Send + 'static,
    ) -> Result<Self, Error> {
        let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
        let opened = blocking({
            let data = data.clone();
            move || open_blocking(&data, keyring(&data))
        })
        .await?;
        let auth = Authenticator::new(opened.store.clone(), opened.decoys);
        let shared = Arc::new_cyclic(|engine| Shared {
            mail: Mail::new(engine.clone(), opened.externals),
            names: Names::new(&data),
            secrets: Arc::new(opened.secrets),
            routes: Arc::default(),
            restrictions: Arc::default(),
            verifier: Arc::default(),
            data,
            store: opened.store,
            trace: opened.trace,
            feed: Feed::new(),
            auth,
            config: ArcSwapOption::from(opened.config.map(Arc::new)),
            identity: ArcSwapOption::empty(),
            changing: Mutex::default(),
            queue_ids: Arc::default(),
            running: Mutex::default(),
            public_folder: OnceLock::new(),
            failure: ArcSwapOption::empty(),
            lock: std::sync::Mutex::new(Some(opened.lock)),
            closed: AtomicBool::new(false),
        });
        if let Some(config) = shared.config.load_full() {
            shared.names.choose(&config)?;
        }
        shared.reroute()?;
        Ok(Self(shared))
    }

    /// Writes a configuration and the accounts it names, without listening. Accounts that exist stay as they are.
    ///
    /// Errors: those of the command `setup.apply`.
    pub async fn set_up(&self, setup: postigo_api::Setup) -> Result<(), Error> {
        crate::answers::set_up(&self.0, setup).await
    }

    /// Listens, if there is a configuration. Started already is no error.
    ///
    /// Errors: [`Code::NotSetUp`], [`Code::CertificateInvalid`], [`Code::SettingInvalid`], and [`Code::NotRunning`] once the
    /// engine was closed. A port that cannot be opened is
    /// told in the status, not here.
    pub async fn start(&self) -> Result<(), Error> {
        self.0.start().await
    }

    /// Ends the sessions and closes the listeners. Stopped already is no error.
    pub async fn stop(&self) {
        self.0.stop().await;
    }

    /// Reads the configuration file again and applies it.
    ///
    /// Errors: [`Code::ConfigInvalid`], [`Code::CertificateInvalid`], [`Code::HostInvalid`]; then everything stays as it was.
    pub async fn reload(&self) -> Result<(), Error> {
        self.0.reload().await
    }

    /// From the next start on, programs of all users of this computer can hand in mail by the socket [`crate::SOCKET`] in this folder.
    /// Those of our own user can in `run/` of the data folder, always. Said twice, the first time counts. Unix only.
    pub fn serve_all_local_users(&self, folder: &Path) {
        let _ = self.0.public_folder.set(folder.to_owned());
    }

    /// What answers the commands of the API.
    pub fn handler(&self) -> Arc<dyn Handler> {
        Arc::new(self.clone())
    }

    /// Events from now on, in batches.
    pub fn events(&self) -> broadcast::Receiver<Arc<Vec<Event>>> {
        self.0.feed.listen(&self.0.trace, &self.0.store)
    }

    /// Stops, makes everything durable, and gives the folder free.
    pub async fn close(self) {
        self.0.closed.store(true, Ordering::SeqCst);
        self.0.stop().await;
        let shared = Arc::clone(&self.0);
        let closed = blocking(move || {
            shared.store.close().map_err(|error| errors::store(&error))?;
            shared.trace.close();
            drop(shared.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
            Ok(())
        })
        .await;
        if let Err(error) = closed {
            tracing::error!(%error, "the data folder was not closed cleanly; nothing is lost, the next start recovers");
        }
    }
}

impl Shared {
    pub async fn start(self: &Arc<Self>) -> Result<(), Error> {
        let mut running = self.running.lock().await;
        if running.is_some() {
            return Ok(());
        }
        // Asked with the lock held: whoever closes sets this first and then waits for the lock.
        if self.closed.load(Ordering::SeqCst) {
            return Err(Error::new(
                Code::NotRunning,
                "This server was shut down: open the data folder again",
            ));
        }
        let started = self.begin().await;
        match started {
            Ok(started) => {
                self.failure.store(None);
                *running = Some(started);
            }
            Err(error) => {
                self.failure.store(Some(Arc::new(error.clone())));
                return Err(error);
            }
        }
        drop(running);
        announce(&self.trace, true);
        self.say_status().await;
        Ok(())
    }

    async fn begin(self: &Arc<Self>) -> Result<Running, Error> {
        let config = self.config.load_full().ok_or_else(not_set_up)?;
        let identity = load_identity(&self.data, &config).await?;
        let tls = postigo_tls::server_config(&identity).map_err(|error| errors::tls(&error))?;
        self.identity.store(Some(Arc::new(identity)));
        self.trace.set_host(&config.host);
        self.trace.set_limits(limits(&config));
        self.reroute()?;
        self.names.apply(&config).await?;
        let outgoing_tls = outgoing_tls()?;
        let stopping = CancellationToken::new();
        let context = Context {
            routes: Arc::clone(&self.routes),
            restrictions: Arc::clone(&self.restrictions),
            verifier: Arc::clone(&self.verifier),
            rates: Rates::default(),
            resolver: self.names.resolver(),
            names: self.names.health(),
            outgoing_tls,
            secrets: Arc::clone(&self.secrets),
            mail_listeners: ArcSwap::default(),
            config: Arc::new(ArcSwap::from(config)),
            store: self.store.clone(),
            trace: self.trace.clone(),
            auth: self.auth.clone(),
            queue: std::sync::OnceLock::new(),
            queue_ids: Arc::clone(&self.queue_ids),
            tls: ArcSwap::from(tls),
            stopping: stopping.clone(),
        };
        let running = Running::start(Arc::new(context), now(), self.local_places()).await?;
        tokio::spawn(crate::mailbox_files::tell(Arc::downgrade(self), stopping.clone()));
        tokio::spawn(renew(Arc::downgrade(self), stopping));
        Ok(running)
    }

    fn local_places(&self) -> Vec<Place> {
        let own = Place { folder: self.data.join("run"), public: false };
        let public = self.public_folder.get().map(|folder| Place { folder: folder.clone(), public: true });
        std::iter::once(own).chain(public).collect()
    }

    pub async fn stop(&self) {
        let mut running = self.running.lock().await;
        let Some(mut stopping) = running.take() else { return };
        // Whoever starts again from now on finds the ports free; the sessions may take their time.
        stopping.close_listeners().await;
        stopping.close_local().await;
        drop(running);
        stopping.stop().await;
        self.names.close().await;
        announce(&self.trace, false);
        self.say_status().await;
    }

    pub async fn reload(self: &Arc<Self>) -> Result<(), Error> {
        let _changing = self.changing.lock().await;
        let path = self.config_path();
        let config = blocking(move || config::load(&path)).await?.ok_or_else(not_set_up)?;
        self.apply(config).await
    }

    /// Makes this the configuration of the running server. Errors leave everything as it was.
    pub async fn apply(&self, config: Config) -> Result<(), Error> {
        let mut running = self.running.lock().await;
        let identity = load_identity(&self.data, &config).await?;
        let tls = postigo_tls::server_config(&identity).map_err(|error| errors::tls(&error))?;
        let Some(running) = running.as_mut() else {
            self.identity.store(Some(Arc::new(identity)));
            self.names.choose(&config)?;
            self.config.store(Some(Arc::new(config)));
            return self.reroute();
        };
        self.names.apply(&config).await?;
        let old = running.context.config.load_full();
        let config = Arc::new(config);
        running.context.config.store(Arc::clone(&config));
        running.context.tls.store(tls);
        self.identity.store(Some(Arc::new(identity)));
        self.config.store(Some(Arc::clone(&config)));
        self.reroute()?;
        running.queue().tell(Command::Reconfigure).await;
        self.trace.set_host(&config.host);
        self.trace.set_limits(limits(&config));
        if old.listen != config.listen || old.ports != config.ports {
            running.listen_again().await?;
        }
        self.trace.event(postigo_trace::Event::Reloaded);
        Ok(())
    }

    /// What can try a relay host while the server is stopped. It is nobody then, so that it may reach itself.
    pub fn stopped_agent(&self, config: &Config) -> Result<Agent, Error> {
        Ok(Agent {
            resolver: Resolver::clone(&self.names.resolver().load()),
            trace: self.trace.clone(),
            tls: outgoing_tls()?,
            ourselves: Ourselves { name: our_name(config), listeners: Vec::new() },
            names: self.names.health(),
            timeouts: config.timeouts.clone(),
            credentials: None,
        })
    }

    /// What decides about recipients, whether the server runs or not.
    pub async fn rules(&self, config: &Config) -> Result<Rules, Error> {
        if let Some(rules) = self.running(|running| running.context.rules()).await {
            return Ok(rules);
        }
        let agent = self.stopped_agent(config)?;
        Ok(Rules {
            store: self.store.clone(),
            routes: self.routes.load_full(),
            restrictions: self.restrictions.load_full(),
            resolver: Resolver::clone(&self.names.resolver().load()),
            verifier: Arc::clone(&self.verifier),
            agent: Box::new(move || agent.clone()),
        })
    }

    /// Makes the routes anew, after a change of the configuration, an alias or a forward.
    pub fn reroute(&self) -> Result<(), Error> {
        let Some(config) = self.config.load_full() else { return Ok(()) };
        let routes = flow::routes(&config, self.store.accounts(), &self.secrets)?;
        self.restrictions.store(Arc::new(restrictions::read(&config)?));
        self.routes.store(Arc::new(routes));
        Ok(())
    }

    /// Tells the loop of the queue something, if the server runs.
    pub async fn tell_queue(&self, command: Command) {
        let queue = self.running(Running::queue).await;
        if let Some(queue) = queue {
            queue.tell(command).await;
        }
    }

    /// The running server's listeners and what goes with them.
    pub async fn running<T>(&self, look: impl FnOnce(&Running) -> T) -> Option<T> {
        self.running.lock().await.as_ref().map(look)
    }

    pub async fn status(&self) -> ServerStatus {
        let config = self.config.load_full();
        let running = self.running(|r| (r.started_at, r.listeners())).await;
        let (started_at, listeners) = match running {
            Some((at, listeners)) => (Some(at), listeners),
            None => (None, Vec::new()),
        };
        let phase = match (&config, started_at) {
            (None, _) => Phase::NotSetUp,
            (Some(_), Some(_)) => Phase::Running,
            (Some(_), None) => Phase::Stopped,
        };
        ServerStatus {
            phase,
            error: self.failure.load_full().map(|e| Error::clone(&e)),
            started_at,
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_dir: self.data.display().to_string(),
            domains: config.as_ref().map(|c| c.domains.clone()).unwrap_or_default(),
            host: config.as_ref().map(|c| c.host.clone()).unwrap_or_default(),
            mode: config.as_ref().map_or(Mode::Lab, |c| c.mode),
            role: config.as_ref().map_or(Role::Standalone, |c| c.role),
            listen: config.as_ref().map(|c| c.listen.clone()).unwrap_or_default(),
            listeners,
        }
    }

    pub async fn say_status(&self) {
        self.feed.say(Event::Status { status: Box::new(self.status().await) });
    }

    pub fn config_path(&self) -> PathBuf {
        self.data.join(config::FILE)
    }

    pub fn configured(&self) -> Result<Arc<Config>, Error> {
        self.config.load_full().ok_or_else(not_set_up)
    }
}

struct Opened {
    lock: DataLock,
    config: Option<Config>,
    trace: Trace,
    store: Store,
    externals: Externals,
    decoys: DecoySecret,
    secrets: Secrets,
}

fn open_blocking(data: &Path, keyring: Option<Box<dyn Keyring>>) -> Result<Opened, Error> {
    let on_path = |error: &postigo_store::Error| errors::store(error).with("path", data.display());
    let lock = DataLock::acquire(data).map_err(|error| on_path(&error))?;
    let config = config::load(&data.join(config::FILE))?;
    let host = config.as_ref().map_or("localhost", |c| c.host.as_str());
    let trace = Trace::open(data, host, config.as_ref().map(limits).unwrap_or_default())
        .map_err(|e| errors::trace(&e))?;
    let store = Store::open(StoreOptions::new(data, host)).map_err(|error| on_path(&error))?;
    let externals = Externals::open(data.join("client.json"))?;
    Ok(Opened {
        lock,
        config,
        trace,
        store,
        externals,
        decoys: decoy_secret(data)?,
        secrets: Secrets::open(data, keyring)?,
    })
}

/// The certificate of a configuration: the one it names, else the local authority's.
pub(crate) async fn load_identity(data: &Path, config: &Config) -> Result<ServerIdentity, Error> {
    let (folder, config) = (data.join("tls"), config.clone());
    blocking(move || {
        let identity = match (&config.certificate_path, &config.key_path) {
            (Some(certificate), Some(key)) => {
                ServerIdentity::from_files(Path::new(certificate), Path::new(key), Timestamp::now())
            }
            _ => ServerIdentity::load_or_create(&folder, &names(&config)?, Timestamp::now()),
        };
        identity.map_err(|error| errors::tls(&error))
    })
    .await
}

/// What the certificate must be good for.
pub(crate) fn names(config: &Config) -> Result<CertificateNames, Error> {
    let listen = listen_address(config)?;
    let loopback = if listen.is_ipv4() { "127.0.0.1" } else { "::1" };
    let addresses = [Some(listen), loopback.parse().ok()];
    CertificateNames::new(&config.host, &config.domains, addresses.into_iter().flatten())
        .map_err(|error| Error::new(Code::HostInvalid, error.to_string()).with("host", &config.host))
}

fn limits(config: &Config) -> Limits {
    Limits {
        keep: Duration::from_secs(u64::from(config.trace_days) * 86_400),
        octets: u64::from(config.trace_megabytes) << 20,
        ..Limits::default()
    }
}

/// Makes a new certificate in time, for as long as this start of the server lasts.
async fn renew(engine: std::sync::Weak<Shared>, stopping: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(RENEWAL) => {}
            () = stopping.cancelled() => return,
        }
        let Some(engine) = engine.upgrade() else { return };
        let _changing = engine.changing.lock().await;
        let Ok(config) = engine.configured() else { return };
        let due = match (engine.identity.load_full(), names(&config)) {
            (Some(identity), Ok(names)) => identity.renewal_due(&names, Timestamp::now()),
            _ => false,
        };
        if due && let Err(error) = engine.apply(Config::clone(&config)).await {
            let text = format!("the certificate could not be renewed: {error}");
            engine.trace.event(postigo_trace::Event::Fault { service: None, text });
        }
    }
}

fn outgoing_tls() -> Result<Arc<rustls::ClientConfig>, Error> {
    opportunistic().map_err(|error| {
        Error::new(Code::Internal, "TLS for outgoing mail cannot be prepared").with("detail", error)
    })
}

fn not_set_up() -> Error {
    Error::new(Code::NotSetUp, "This server is not set up yet: run the wizard, or `postigo setup`")
}

pub(crate) fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}
