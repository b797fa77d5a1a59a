//! Names: whom this server asks for them, and the zones it answers for itself.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use postigo_api::{Code, Error};
use postigo_dns::{Authority, Lookup, Name, Outcome, Resolver, Servers, Zone, ZoneFolder};
use tokio::sync::Mutex;

use crate::config::Config;
use crate::errors::blocking;

/// In `resolver`: our own name server.
const BUILT_IN: &str = "built-in";

/// The resolver and the name server of one engine.
pub(crate) struct Names {
    folder: ZoneFolder,
    resolver: Arc<ArcSwap<Resolver>>,
    health: Arc<NamesHealth>,
    /// Held while zones change, so that of two changes at once none is lost.
    authority: Mutex<Option<Authority>>,
}

impl Names {
    /// Nothing is opened yet.
    pub fn new(data: &Path) -> Self {
        Self {
            folder: ZoneFolder::new(data.join("dns")),
            resolver: Arc::new(ArcSwap::from_pointee(Resolver::new(system()))),
            health: Arc::default(),
            authority: Mutex::default(),
        }
    }

    /// The resolver, as it is now.
    pub fn resolver(&self) -> Arc<ArcSwap<Resolver>> {
        Arc::clone(&self.resolver)
    }

    /// Makes this the configuration: opens, moves or closes the name server, and chooses whom to ask.
    ///
    /// Errors: [`Code::SettingInvalid`] if a value cannot be used, or the name server cannot listen there.
    pub async fn apply(&self, config: &Config) -> Result<(), Error> {
        let wanted = listen(config)?;
        let mut authority = self.authority.lock().await;
        let open = authority.as_ref().map(Authority::local_addr);
        if open != wanted {
            if let Some(old) = authority.take() {
                old.close().await;
            }
            if let Some(address) = wanted {
                let zones = self.zones().await?;
                let opened = Authority::bind(address, zones).await;
                *authority = Some(opened.map_err(|error| invalid("dns_listen", &error))?);
            }
        }
        let servers = servers(config, authority.as_ref().map(Authority::local_addr))?;
        if *self.resolver.load().servers() != servers {
            self.resolver.store(Arc::new(Resolver::new(servers)));
        }
        Ok(())
    }

    /// Chooses whom to ask while the server is stopped, and opens nothing: whoever asks the name server here finds it closed.
    ///
    /// Errors: [`Code::SettingInvalid`].
    pub fn choose(&self, config: &Config) -> Result<(), Error> {
        let servers = servers(config, listen(config)?)?;
        if *self.resolver.load().servers() != servers {
            self.resolver.store(Arc::new(Resolver::new(servers)));
        }
        Ok(())
    }

    /// Whether those who are asked answer.
    pub fn health(&self) -> Arc<NamesHealth> {
        Arc::clone(&self.health)
    }

    /// Closes the name server.
    pub async fn close(&self) {
        if let Some(authority) = self.authority.lock().await.take() {
            authority.close().await;
        }
    }

    /// The zones that can be served; those with a fault are logged and left out.
    pub async fn zones(&self) -> Result<Vec<Zone>, Error> {
        let folder = self.folder.clone();
        let files = blocking(move || folder.load().map_err(|error| unusable(&error))).await?;
        let zone = |file: postigo_dns::ZoneFile| match file.zone {
            Ok(zone) => Some(zone),
            Err(faults) => {
                let fault = faults.first().map(ToString::to_string).unwrap_or_default();
                tracing::warn!(origin = %file.origin, fault, "a zone file has a fault");
                None
            }
        };
        Ok(files.into_iter().filter_map(zone).collect())
    }

    /// One zone. Errors: [`Code::ZoneUnknown`].
    pub async fn zone(&self, origin: &Name) -> Result<Zone, Error> {
        let found = self.zones().await?.into_iter().find(|zone| zone.origin == *origin);
        found.ok_or_else(|| unknown(origin))
    }

    /// Changes a zone, or makes it, by what `change` makes of the one that is there; it is served at once.
    ///
    /// Errors: [`Code::ZoneInvalid`] and what `change` says.
    pub async fn change(
        &self,
        origin: &Name,
        change: impl FnOnce(Option<Zone>) -> Result<Zone, Error>,
    ) -> Result<Zone, Error> {
        let authority = self.authority.lock().await;
        let before = self.zones().await?.into_iter().find(|zone| zone.origin == *origin);
        let zone = change(before)?;
        if let Err(faults) = zone.check() {
            let detail = faults.first().map(ToString::to_string).unwrap_or_default();
            return Err(zone_invalid(origin, &detail));
        }
        let (folder, saved) = (self.folder.clone(), zone.clone());
        blocking(move || folder.save(&saved).map_err(|error| unusable(&error))).await?;
        self.serve(authority.as_ref()).await?;
        Ok(zone)
    }

    /// Deletes a zone. Errors: [`Code::ZoneUnknown`].
    pub async fn delete(&self, origin: &Name) -> Result<(), Error> {
        let authority = self.authority.lock().await;
        let (folder, name) = (self.folder.clone(), origin.clone());
        blocking(move || {
            folder.delete(&name).map_err(|error| match error.code() {
                postigo_dns::Code::ZoneUnknown => unknown(&name),
                _ => unusable(&error),
            })
        })
        .await?;
        self.serve(authority.as_ref()).await
    }

    async fn serve(&self, authority: Option<&Authority>) -> Result<(), Error> {
        if let Some(authority) = authority {
            authority.replace(self.zones().await?).map_err(|error| unusable(&error))?;
        }
        // Answers that were kept may be wrong now.
        self.resolver.load().forget();
        Ok(())
    }
}

/// Since when name servers have not answered what deliveries asked.
#[derive(Default)]
pub(crate) struct NamesHealth(SyncMutex<Option<Silence>>);

/// No answer, and none since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Silence {
    pub since: Timestamp,
    /// The server that was asked, where one was.
    pub server: String,
}

impl NamesHealth {
    /// What a question came to. An answer from memory says nothing of the server.
    pub fn note(&self, lookup: &Lookup, now: Timestamp) {
        let mut silence = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match lookup.outcome {
            Outcome::Timeout | Outcome::Unreachable(_) => {
                let server = lookup.server.map(|server| server.to_string()).unwrap_or_default();
                silence.get_or_insert(Silence { since: now, server });
            }
            _ if lookup.from_cache => {}
            _ => *silence = None,
        }
    }

    /// The silence that lasts.
    pub fn silence(&self) -> Option<Silence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether the settings can be used; opens nothing.
pub(crate) fn check(config: &Config) -> Result<(), Error> {
    let address = listen(config)?;
    servers(config, address).map(drop)
}

fn listen(config: &Config) -> Result<Option<SocketAddr>, Error> {
    match config.dns.listen.as_str() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| invalid("dns_listen", &format!("{text} is not an address like 127.0.0.1:5353"))),
    }
}

fn servers(config: &Config, own: Option<SocketAddr>) -> Result<Servers, Error> {
    if config.dns.resolver.is_empty() {
        return Ok(system());
    }
    let mut addresses = Vec::new();
    for text in &config.dns.resolver {
        if text == BUILT_IN {
            let none = || invalid("resolver", &"built-in needs dns_listen: the name server here is closed");
            addresses.push(own.ok_or_else(none)?);
        } else {
            let parsed = Servers::parse(text).map_err(|error| invalid("resolver", &error))?;
            addresses.extend_from_slice(parsed.addresses());
        }
    }
    Servers::new(addresses).map_err(|error| invalid("resolver", &error))
}

/// Those of the system; where it names none, this computer, as resolv.conf(5) says.
fn system() -> Servers {
    let fallback = || Servers::new(vec![SocketAddr::from(([127, 0, 0, 1], 53))]);
    #[expect(clippy::expect_used, reason = "one server is not none")]
    Servers::system().or_else(|_| fallback()).expect("one server is enough")
}

fn invalid(setting: &str, detail: &dyn std::fmt::Display) -> Error {
    Error::new(Code::SettingInvalid, format!("{setting}: {detail}"))
        .with("setting", setting)
        .with("detail", detail)
}

fn unknown(origin: &Name) -> Error {
    Error::new(Code::ZoneUnknown, format!("There is no zone {origin} here")).with("origin", origin)
}

/// A zone that cannot be served.
pub(crate) fn zone_invalid(origin: &Name, detail: &str) -> Error {
    Error::new(Code::ZoneInvalid, format!("{origin}: {detail}")).with("origin", origin).with("detail", detail)
}

fn unusable(error: &postigo_dns::Error) -> Error {
    tracing::error!(error = error as &dyn std::error::Error, "zones");
    Error::new(Code::DataUnusable, error.to_string()).with("path", error.object()).with("detail", error)
}
