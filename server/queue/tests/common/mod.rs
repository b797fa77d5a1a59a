//! A small organisation: lab.test with ana, luis and a closed account; school.test with ana.

#![allow(dead_code, reason = "each test file uses its part")]

use jiff::Timestamp;
use postigo_queue::route::{
    Account, AccountId, Client, Decision, Destination, Directory, Mail, Resolution, Routes, Srs, Target,
};
use postigo_smtp::{Address, Recipient, ReversePath};

pub struct People(Vec<Account>);

pub const ANA: AccountId = AccountId(1);
pub const LUIS: AccountId = AccountId(2);
pub const CLOSED: AccountId = AccountId(3);
pub const ANA_OF_SCHOOL: AccountId = AccountId(4);

impl People {
    pub fn new() -> Self {
        let account = |id, text, enabled| Account { id, address: address(text), enabled };
        Self(vec![
            account(ANA, "Ana@lab.test", true),
            account(LUIS, "luis@lab.test", true),
            account(CLOSED, "closed@lab.test", false),
            account(ANA_OF_SCHOOL, "ana@school.test", true),
        ])
    }

    pub fn nobody() -> Self {
        Self(vec![])
    }
}

impl Directory for People {
    fn account(&self, local_part: &str, domain: &str) -> Option<Account> {
        let is = |a: &&Account| a.address.to_string().eq_ignore_ascii_case(&format!("{local_part}@{domain}"));
        self.0.iter().find(is).cloned()
    }

    fn first_account(&self, domain: &str) -> Option<Account> {
        let of_domain = |a: &&Account| a.enabled && a.address.domain().to_string() == domain;
        self.0.iter().find(of_domain).or_else(|| self.0.iter().find(|a| a.enabled)).cloned()
    }
}

pub fn address(text: &str) -> Address {
    Address::parse_utf8(text.as_bytes()).expect("an address")
}

pub fn recipient(text: &str) -> Recipient {
    if text.eq_ignore_ascii_case("postmaster") {
        Recipient::Postmaster
    } else {
        Recipient::Address(address(text))
    }
}

pub fn reverse_path(text: &str) -> ReversePath {
    if text.is_empty() { ReversePath::Null } else { ReversePath::Address(address(text)) }
}

pub fn targets(text: &str) -> Vec<Target> {
    Target::parse_list(text).expect("targets")
}

/// lab.test and school.test are ours; the class room may relay.
pub fn routes() -> Routes {
    Routes {
        host: "mail.lab.test".into(),
        local_domains: vec!["lab.test".into(), "school.test".into()],
        addresses: vec!["192.0.2.1".parse().expect("an IP address")],
        recipient_delimiter: "+".into(),
        networks: postigo_queue::route::Network::parse_list("127.0.0.0/8, 10.0.0.0/8").expect("networks"),
        networks_may_relay: true,
        users_may_relay: true,
        ..Routes::default()
    }
}

pub fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a time")
}

pub fn srs() -> Option<Srs> {
    Some(Srs::new("lab.test", &[b"secret".to_vec()]))
}

pub fn resolve_from(routes: &Routes, sender: &str, to: &str, delivered_to: &[&str]) -> Resolution {
    let delivered_to: Vec<String> = delivered_to.iter().map(|&text| text.to_owned()).collect();
    let mail = Mail { reverse_path: &reverse_path(sender), delivered_to: &delivered_to, now: now() };
    routes.resolve(&People::new(), &recipient(to), mail)
}

pub fn accept(routes: &Routes, client: &str, user: Option<&str>, sender: &str, to: &Recipient) -> Decision {
    let mail = Mail { reverse_path: &reverse_path(sender), delivered_to: &[], now: now() };
    routes.accept(&People::new(), Client { address: client.parse().expect("an IP address"), user }, to, mail)
}

/// The destinations of a message from a stranger, in a short form.
pub fn resolved(routes: &Routes, to: &str) -> Vec<String> {
    resolve_from(routes, "eva@far.test", to, &[]).destinations.iter().map(shown).collect()
}

pub fn shown(destination: &Destination) -> String {
    match destination {
        Destination::Mailbox { address, extension: None, .. } => format!("mailbox {address}"),
        Destination::Mailbox { address, extension: Some(extension), .. } => {
            format!("mailbox {address} +{extension}")
        }
        Destination::Remote { recipient, next_hop, .. } => format!("{recipient} via {}", next_hop.key()),
        Destination::Error { recipient, refusal } => {
            format!("{recipient} {} {}", refusal.code, refusal.enhanced)
        }
        Destination::Discard { recipient } => format!("{recipient} discarded"),
    }
}

pub fn codes(resolution: &Resolution) -> Vec<&'static str> {
    resolution.steps.iter().map(|step| step.code()).collect()
}
