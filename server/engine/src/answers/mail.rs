//! The built-in mail client: which accounts it has, and where mail would go.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use jiff::Timestamp;
use postigo_api::{
    Code, Endpoint, Error, Event, ExternalAccount, Listener, MailAccount, Nothing, Route, RouteAnswer,
    RouteQuery, Security, Service,
};
use postigo_client::{AccountConfig, Client, Directory, Externals, Secret};
use postigo_queue::route::{Destination, Mail as Message};
use postigo_smtp::{Address, Recipient, ReversePath};
use postigo_store::Account;
use rustls::pki_types::CertificateDer;

use crate::config::Config;
use crate::engine::Shared;
use crate::flow::People;
use crate::running::listen_address;

/// Addresses in one question about routes.
const ADDRESSES: usize = 100;

/// The client of one engine.
pub(crate) struct Mail {
    client: Client,
    externals: Arc<Externals>,
}

impl Mail {
    /// `engine` is asked for accounts later: when this is made it does not exist yet.
    pub fn new(engine: Weak<Shared>, externals: Externals) -> Self {
        let externals = Arc::new(externals);
        let directory = Arc::new(Accounts { engine: engine.clone(), externals: Arc::clone(&externals) });
        let notify = move |changed: postigo_client::Changed| {
            if let Some(engine) = engine.upgrade() {
                engine.feed.say(Event::Mail {
                    account: changed.account,
                    folder: changed.folder,
                    arrived: changed.arrived,
                });
            }
        };
        Self { client: Client::new(directory, notify), externals }
    }

    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Adds an account of another server, after trying it.
    pub async fn add(&self, engine: &Shared, account: ExternalAccount) -> Result<MailAccount, Error> {
        self.externals.add(account, &roots(engine)).await
    }

    /// Forgets an account of another server.
    pub fn remove(&self, account: &str) -> Result<Nothing, Error> {
        self.externals.remove(account)?;
        self.client.forget(account);
        Ok(Nothing {})
    }

    /// The accounts of this server that may log in, then those of others.
    pub async fn accounts(&self, engine: &Shared) -> Result<Vec<MailAccount>, Error> {
        let mut accounts = Vec::new();
        if let Some(config) = engine.config.load_full() {
            let listeners = engine.running(|r| r.listeners()).await.unwrap_or_default();
            let (imap, submission) = endpoints(&config, &listeners);
            let place = |e: &Endpoint| format!("{}:{}", e.host, e.port);
            accounts.extend(engine.store.accounts().list().into_iter().filter(|a| a.enabled).map(
                |account| MailAccount {
                    id: account.address(),
                    address: account.address(),
                    display_name: account.display_name,
                    local: true,
                    imap: place(&imap),
                    submission: place(&submission),
                },
            ));
        }
        accounts.extend(self.externals.list());
        Ok(accounts)
    }
}

/// Where mail to these addresses would go, judged as the SMTP session would.
pub(crate) fn route(engine: &Shared, query: RouteQuery) -> Result<Vec<RouteAnswer>, Error> {
    let local = engine.store.accounts().by_login(&query.account).is_some();
    engine.configured()?;
    let answer = |typed: String| {
        let address = postigo_client::addresses_of(&typed).and_then(only);
        let route = match &address {
            None => Route::Invalid,
            Some(_) if !local => Route::TheirDecision,
            Some(address) => where_to(engine, address),
        };
        RouteAnswer { typed, address, route }
    };
    Ok(query.addresses.into_iter().take(ADDRESSES).map(answer).collect())
}

fn only(mut addresses: Vec<String>) -> Option<String> {
    (addresses.len() == 1).then(|| addresses.swap_remove(0))
}

fn where_to(engine: &Shared, address: &str) -> Route {
    let Ok(address) = Address::parse_utf8(address.as_bytes()) else { return Route::Invalid };
    let domain = address.domain().to_string();
    let mail = Message { reverse_path: &ReversePath::Null, delivered_to: &[], now: Timestamp::now() };
    let people = People(&engine.store);
    let found = engine.routes.load().resolve(&people, &Recipient::Address(address), mail).destinations;
    match found.as_slice() {
        [Destination::Mailbox { address, .. }] => Route::Mailbox { account: address.to_string() },
        [Destination::Remote { next_hop, .. }] => {
            let is_its_own = next_hop.mx && next_hop.host.eq_ignore_ascii_case(&domain);
            Route::OtherServer { domain, through: (!is_its_own).then(|| next_hop.written().to_string()) }
        }
        [Destination::Error { refusal, .. }, ..] => match (refusal.enhanced.1, refusal.enhanced.2) {
            (1, 1) => Route::UnknownUser,
            (2, 1) => Route::Disabled,
            _ => Route::Refused { reply: refusal.to_string() },
        },
        [] | [Destination::Discard { .. }] => Route::Discard,
        several => {
            let count = |is: fn(&Destination) -> bool| {
                u32::try_from(several.iter().filter(|d| is(d)).count()).unwrap_or(u32::MAX)
            };
            Route::Several {
                mailboxes: count(|d| matches!(d, Destination::Mailbox { .. })),
                elsewhere: count(|d| matches!(d, Destination::Remote { .. })),
            }
        }
    }
}

/// What the client asks for accounts.
struct Accounts {
    engine: Weak<Shared>,
    externals: Arc<Externals>,
}

#[async_trait]
impl Directory for Accounts {
    async fn config(&self, id: &str) -> Result<AccountConfig, Error> {
        let unknown =
            || Error::new(Code::MailAccountUnknown, format!("There is no account {id}")).with("account", id);
        let engine = self.engine.upgrade().ok_or_else(unknown)?;
        if let Some(external) = self.externals.config(id, &roots(&engine)) {
            return Ok(external);
        }
        let account = engine.store.accounts().by_login(id).filter(|a| a.enabled).ok_or_else(unknown)?;
        let listeners = engine.running(|r| r.listeners()).await.ok_or_else(|| {
            Error::new(Code::NotRunning, "The server is stopped: start it to read and send mail")
        })?;
        local(&engine, &account, &listeners)
    }
}

/// An account of this server, opened with a ticket instead of its password.
fn local(engine: &Shared, account: &Account, listeners: &[Listener]) -> Result<AccountConfig, Error> {
    let config = engine.configured()?;
    let (imap, submission) = endpoints(&config, listeners);
    let ticket = engine
        .auth
        .ticket(account.id)
        .ok_or_else(|| Error::new(Code::Internal, "The system gives no random numbers"))?;
    Ok(AccountConfig {
        id: account.address(),
        address: account.address(),
        display_name: account.display_name.clone(),
        user: account.address(),
        password: Secret::new(ticket),
        imap,
        submission,
        connect: Some(reachable(listen_address(&config)?)),
        roots: roots(engine),
    })
}

/// Our own authority, which the client trusts besides those of the system.
fn roots(engine: &Shared) -> Vec<CertificateDer<'static>> {
    engine.identity.load_full().and_then(|i| i.authority_der().cloned()).into_iter().collect()
}

/// The address under which this machine reaches its own listeners.
fn reachable(listen: IpAddr) -> IpAddr {
    match listen {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

/// Where the client reads and where it hands in: TLS from the start for reading, STARTTLS on the submission port, which
/// shows a student more; the other one of each pair where that one is closed.
fn endpoints(config: &Config, listeners: &[Listener]) -> (Endpoint, Endpoint) {
    let choose = |first: (Service, Security), second: (Service, Security)| {
        let find = |service| listeners.iter().find(|l| l.service == service);
        let open = |service| find(service).is_some_and(|l| l.open);
        let (service, security) = if open(first.0) || !open(second.0) { first } else { second };
        Endpoint { host: config.host.clone(), port: find(service).map_or(0, |l| l.port), security }
    };
    (
        choose((Service::Imaps, Security::Tls), (Service::Imap, Security::Starttls)),
        choose((Service::Submission, Security::Starttls), (Service::Submissions, Security::Tls)),
    )
}
