//! A server that runs: its listeners and its sessions.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use postigo_api::{Code, Error, Listener, Micros, PortChoice, PortReason, Service};
use postigo_trace::{Event, Trace};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::context::Context;
use crate::errors::blocking;
use crate::listen::{Acceptor, Counts, bind, implicit_tls};
use crate::local::{self, Place};
use crate::ports::{self, Wish};
use crate::queue::{Queue, Runner};

/// How long a session that was told to stop may take after the grace period before its task is dropped.
const KILL: Duration = Duration::from_secs(2);

/// A server that runs.
pub(crate) struct Running {
    pub context: Arc<Context>,
    pub started_at: Micros,
    listeners: Vec<Open>,
    counts: Arc<Counts>,
    sessions: TaskTracker,
    killed: CancellationToken,
    queue: Queue,
    /// Where programs on this computer hand in mail.
    places: Vec<Place>,
    #[cfg(unix)]
    local: Vec<local::Listener>,
    closing_local: CancellationToken,
}

/// One listener, whether it could be opened or not.
struct Open {
    choice: PortChoice,
    address: SocketAddr,
    error: Option<Error>,
    sessions: Arc<AtomicU32>,
    closing: CancellationToken,
    accepting: Option<JoinHandle<()>>,
}

impl Running {
    /// Opens what can be opened. What cannot says why, and does not keep the others from working.
    pub async fn start(context: Arc<Context>, started_at: Micros, places: Vec<Place>) -> Result<Self, Error> {
        let (queue, commands) = Queue::new();
        let queue = context.queue.get_or_init(|| queue).clone();
        let mut running = Self {
            context,
            started_at,
            listeners: Vec::new(),
            counts: Arc::default(),
            sessions: TaskTracker::new(),
            killed: CancellationToken::new(),
            queue,
            places,
            #[cfg(unix)]
            local: Vec::new(),
            closing_local: CancellationToken::new(),
        };
        running.open_listeners().await?;
        running.open_local();
        let runner =
            Runner::new(Arc::clone(&running.context), running.sessions.clone(), running.killed.clone());
        running.sessions.spawn(runner.run(commands));
        Ok(running)
    }

    /// Closes the listeners and opens those of the configuration as it is now. Sessions go on.
    pub async fn listen_again(&mut self) -> Result<(), Error> {
        self.close_listeners().await;
        self.open_listeners().await
    }

    /// The way to the loop of the queue.
    pub fn queue(&self) -> Queue {
        self.queue.clone()
    }

    /// The ports that are ours, so that they do not count as taken.
    pub fn ports(&self) -> BTreeSet<u16> {
        self.listeners.iter().filter(|l| l.error.is_none()).map(|l| l.address.port()).collect()
    }

    /// What the status says of the listeners.
    pub fn listeners(&self) -> Vec<Listener> {
        self.listeners
            .iter()
            .map(|open| Listener {
                service: open.choice.service,
                port: open.choice.port,
                standard_port: open.choice.standard_port,
                reason: open.choice.reason.clone(),
                implicit_tls: implicit_tls(open.choice.service),
                open: open.error.is_none(),
                error: open.error.clone(),
                sessions: open.sessions.load(Ordering::Relaxed),
            })
            .collect()
    }

    /// Ends everything: listeners at once, if they are not closed yet, sessions politely, and after the grace period all the same.
    pub async fn stop(mut self) {
        self.close_listeners().await;
        self.close_local().await;
        self.context.stopping.cancel();
        self.sessions.close();
        let grace = Duration::from_secs(u64::from(self.context.config.load().stop_grace_seconds));
        if tokio::time::timeout(grace, self.sessions.wait()).await.is_err() {
            self.killed.cancel();
            let _ = tokio::time::timeout(KILL, self.sessions.wait()).await;
        }
    }

    /// Returns when the sockets are closed, so that they can be opened again.
    pub async fn close_listeners(&mut self) {
        for mut open in self.listeners.drain(..) {
            open.closing.cancel();
            if let Some(accepting) = open.accepting.take() {
                let _ = accepting.await;
            }
        }
    }

    /// Opens the sockets for programs on this computer. One that cannot be opened is told in the log: `sendmail` then takes
    /// the way over the network.
    #[cfg(unix)]
    fn open_local(&mut self) {
        for place in &self.places {
            let address = place.folder.join(local::SOCKET).display().to_string();
            let acceptor = Acceptor {
                context: Arc::clone(&self.context),
                service: Service::Local,
                counts: Arc::clone(&self.counts),
                open: Arc::default(),
                sessions: self.sessions.clone(),
                closing: self.closing_local.clone(),
                killed: self.killed.clone(),
            };
            let event = match local::open(place, acceptor) {
                Ok(listener) => {
                    self.local.push(listener);
                    Event::ListenerOpened { service: Service::Local, address }
                }
                Err(error) => {
                    Event::ListenerFailed { service: Service::Local, address, reason: error.to_string() }
                }
            };
            self.context.trace.event(event);
        }
    }

    /// Other systems have no such sockets, or do not tell who comes in by them.
    #[cfg(not(unix))]
    fn open_local(&mut self) {}

    /// Returns when the sockets are gone.
    pub async fn close_local(&mut self) {
        self.closing_local.cancel();
        #[cfg(unix)]
        for listener in self.local.drain(..) {
            listener.close().await;
        }
    }

    async fn open_listeners(&mut self) -> Result<(), Error> {
        let config = self.context.config.load_full();
        for choice in choose(&config, BTreeSet::new()).await? {
            let open = self.open(&config, choice)?;
            self.listeners.push(open);
        }
        let takes_mail = |open: &&Open| open.choice.service == Service::Smtp && open.error.is_none();
        let mail = self.listeners.iter().filter(takes_mail).map(|open| open.address).collect();
        self.context.mail_listeners.store(Arc::new(mail));
        Ok(())
    }

    fn open(&self, config: &Config, choice: PortChoice) -> Result<Open, Error> {
        let address = SocketAddr::new(listen_address(config)?, choice.port);
        let mut open = Open {
            choice,
            address,
            error: None,
            sessions: Arc::default(),
            closing: CancellationToken::new(),
            accepting: None,
        };
        let service = open.choice.service;
        match bind(address) {
            Ok(listener) => {
                let acceptor = Acceptor {
                    context: Arc::clone(&self.context),
                    service,
                    counts: Arc::clone(&self.counts),
                    open: Arc::clone(&open.sessions),
                    sessions: self.sessions.clone(),
                    closing: open.closing.clone(),
                    killed: self.killed.clone(),
                };
                open.accepting = Some(tokio::spawn(acceptor.run(listener)));
                self.context.trace.event(Event::ListenerOpened { service, address: address.to_string() });
            }
            Err(error) => {
                let told = explain(&open.choice, address, &error);
                self.context.trace.event(Event::ListenerFailed {
                    service,
                    address: address.to_string(),
                    reason: told.text.clone(),
                });
                open.error = Some(told);
            }
        }
        Ok(open)
    }
}

/// The address of the listeners.
pub(crate) fn listen_address(config: &Config) -> Result<IpAddr, Error> {
    config.listen.parse().map_err(|_| {
        Error::new(Code::SettingInvalid, format!("listen: {} is not an IP address", config.listen))
            .with("setting", "listen")
            .with("detail", &config.listen)
    })
}

/// Whether the listen address is one of this machine. It is tried, for no list of addresses is complete.
pub(crate) async fn check_address(config: &Config) -> Result<(), Error> {
    let ip = listen_address(config)?;
    match TcpListener::bind((ip, 0)).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrNotAvailable => {
            Err(Error::new(Code::AddressNotHere, format!("{ip} is not an address of this computer"))
                .with("address", ip))
        }
        _ => Ok(()),
    }
}

/// Chooses ports by the configuration; `ours` count as free.
pub(crate) async fn choose(config: &Config, ours: BTreeSet<u16>) -> Result<Vec<PortChoice>, Error> {
    let wish = Wish { listen: listen_address(config)?, plan: config.ports, named: Default::default(), ours };
    blocking(move || ports::choose(&wish).map_err(too_high)).await
}

/// Whether every service has room above the base, if one was chosen. Tries no port.
pub(crate) fn check_ports(config: &Config) -> Result<(), Error> {
    ports::check(config.ports).map_err(too_high)
}

fn too_high(error: ports::BaseTooHigh) -> Error {
    let highest = ports::HIGHEST_BASE;
    Error::new(
        Code::SettingInvalid,
        format!("ports: {} leaves no room for all services, take {highest} at most", error.base),
    )
    .with("setting", "ports")
    .with("detail", error.base)
}

fn explain(choice: &PortChoice, address: SocketAddr, error: &std::io::Error) -> Error {
    let port = address.port();
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            Error::new(Code::PortPrivileged, format!("Port {port} needs administrator rights here"))
                .with("port", port)
        }
        std::io::ErrorKind::AddrNotAvailable => {
            Error::new(Code::AddressNotHere, format!("{} is not an address of this computer", address.ip()))
                .with("address", address.ip())
        }
        _ => {
            let told = Error::new(Code::PortTaken, format!("Port {port} cannot be opened: {error}"))
                .with("port", port)
                .with("detail", error);
            let PortReason::Held { program, pid, .. } = &choice.reason else { return told };
            let told = match program {
                Some(program) => told.with("program", program),
                None => told,
            };
            match pid {
                Some(pid) => told.with("pid", pid),
                None => told,
            }
        }
    }
}

/// Says in the trace that a server began or ended its work.
pub(crate) fn announce(trace: &Trace, started: bool) {
    trace.event(if started {
        Event::Started { version: env!("CARGO_PKG_VERSION").to_owned() }
    } else {
        Event::Stopped
    });
}
