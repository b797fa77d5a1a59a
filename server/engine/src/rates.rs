//! How often each client did something lately, as Postfix's anvil counts it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use postigo_api::{Code, Error};
use postigo_queue::route::Network;

use crate::config::Config;
use crate::peers::network;

/// Clients remembered. Then the one whose time unit began first is forgotten.
const CLIENTS: usize = 10_000;

/// In the list of exceptions: those of `mynetworks`.
const TRUSTED: &str = "$mynetworks";

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// `smtpd_client_connection_rate_limit`.
    Connection,
    /// `smtpd_client_message_rate_limit`.
    Message,
    /// `smtpd_client_recipient_rate_limit`.
    Recipient,
    /// `smtpd_client_auth_rate_limit`.
    Login,
}

/// Whose deeds are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// Of an address, or of the network it stands for.
    Address(IpAddr),
    /// Of a user of this system, by number.
    LocalUser(u32),
}

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

/// What all clients did in their current time units.
#[derive(Debug, Default)]
pub(crate) struct Rates(Mutex<HashMap<Client, Unit>>);

/// A time unit of one client; it begins with what the client does first.
#[derive(Debug)]
struct Unit {
    began: Instant,
    deeds: [u32; 4],
}

impl Rates {
    /// Counts a deed at `now`. Whether it is one too many by the configuration.
    pub fn exceeded(&self, config: &Config, client: Client, deed: Deed, now: Instant) -> bool {
        let limits = &config.client_limits;
        let limit = match deed {
            Deed::Connection => limits.connection_rate,
            Deed::Message => limits.message_rate,
            Deed::Recipient => limits.recipient_rate,
            Deed::Login => limits.auth_rate,
        };
        // What has no limit is not counted, and costs nothing.
        limit > 0
            && !is_exempt(config, client)
            && self.count(client, deed, now, Duration::from_secs(limits.rate_unit_seconds.into())) > limit
    }

    fn count(&self, client: Client, deed: Deed, now: Instant, unit: Duration) -> u32 {
        let client = match client {
            Client::Address(address) => network(address).into(),
            user @ Client::LocalUser(_) => user,
        };
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CLIENTS && !clients.contains_key(&client) {
            let oldest = clients.iter().min_by_key(|(_, unit)| unit.began).map(|(client, _)| *client);
            oldest.and_then(|oldest| clients.remove(&oldest));
        }
        let fresh = || Unit { began: now, deeds: [0; 4] };
        let current = clients.entry(client).or_insert_with(fresh);
        if now.saturating_duration_since(current.began) >= unit {
            *current = fresh();
        }
        let counted = &mut current.deeds[deed as usize];
        *counted = counted.saturating_add(1);
        *counted
    }
}

/// Whether a client has no limits (`smtpd_client_event_limit_exceptions`). Users of this system are trusted as `mynetworks` are.
pub(crate) fn is_exempt(config: &Config, client: Client) -> bool {
    match client {
        Client::Address(address) => {
            exceptions(config).is_ok_and(|networks| networks.iter().any(|network| network.contains(address)))
        }
        Client::LocalUser(_) => config.client_limits.limit_exceptions.iter().any(|entry| entry == TRUSTED),
    }
}

/// The networks without limits. Errors: [`Code::SettingInvalid`].
pub(crate) fn exceptions(config: &Config) -> Result<Vec<Network>, Error> {
    let mut texts = Vec::new();
    for entry in &config.client_limits.limit_exceptions {
        match entry.as_str() {
            TRUSTED => texts.extend(config.flow.my_networks.iter().map(String::as_str)),
            network => texts.push(network),
        }
    }
    Network::parse_list(&texts.join(" ")).map_err(|bad| {
        let setting = "smtpd_client_event_limit_exceptions";
        Error::new(Code::SettingInvalid, format!("{setting}: {bad}"))
            .with("setting", setting)
            .with("detail", bad)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::defaults;

    fn config() -> Config {
        let mut config = defaults();
        config.client_limits.message_rate = 2;
        config
    }

    fn address(text: &str) -> Client {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn users_of_this_system_are_counted_each_unless_mynetworks_are_not() {
        let (rates, now, mut config) = (Rates::default(), Instant::now(), config());
        let (luis, ana) = (Client::LocalUser(1_000), Client::LocalUser(1_001));
        assert!(!(0..9).any(|_| rates.exceeded(&config, luis, Deed::Message, now)));
        config.client_limits.limit_exceptions.clear();
        let luis = [1, 2, 3].map(|_| rates.exceeded(&config, luis, Deed::Message, now));
        assert_eq!(luis, [false, false, true]);
        assert!(!rates.exceeded(&config, ana, Deed::Message, now));
    }

    fn refused(rates: &Rates, client: &str, deed: Deed, now: Instant) -> bool {
        rates.exceeded(&config(), client.parse::<IpAddr>().unwrap().into(), deed, now)
    }

    #[test]
    fn each_client_has_its_own_counters_and_they_begin_anew_after_the_time_unit() {
        let (rates, now) = (Rates::default(), Instant::now());
        let message = |client, now| refused(&rates, client, Deed::Message, now);
        assert_eq!([1, 2, 3, 4].map(|_| message("192.0.2.7", now)), [false, false, true, true]);
        assert!(!message("192.0.2.8", now));
        assert!(message("::ffff:192.0.2.7", now), "the same client through an IPv6 socket");
        assert!(!message("192.0.2.7", now + Duration::from_secs(60)));
    }

    #[test]
    fn what_has_no_limit_and_who_is_exempt_is_never_refused() {
        let (rates, now) = (Rates::default(), Instant::now());
        assert!((0..100).all(|_| !refused(&rates, "192.0.2.7", Deed::Recipient, now)));
        assert!((0..100).all(|_| !refused(&rates, "127.0.0.1", Deed::Message, now)));
        assert!(rates.0.lock().unwrap().is_empty());
    }

    #[test]
    fn exceptions_are_networks() {
        let mut config = config();
        config.client_limits.limit_exceptions = vec!["192.0.2.0/24".into()];
        assert!(is_exempt(&config, address("192.0.2.9")));
        assert!(!is_exempt(&config, address("127.0.0.1")));
        config.client_limits.limit_exceptions = vec!["192.0.2.1/24".into()];
        assert_eq!(exceptions(&config).unwrap_err().params["setting"], "smtpd_client_event_limit_exceptions");
    }

    #[test]
    fn no_more_clients_are_remembered_than_the_limit() {
        let (rates, now) = (Rates::default(), Instant::now());
        for n in 0..u32::try_from(CLIENTS).unwrap() + 5 {
            let when = now + Duration::from_micros(n.into());
            rates.count(IpAddr::from(n.to_be_bytes()).into(), Deed::Message, when, Duration::from_secs(60));
        }
        assert_eq!(rates.0.lock().unwrap().len(), CLIENTS);
    }
}
