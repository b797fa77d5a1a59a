//! Our resolver asks our authority.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::net::IpAddr;
use std::time::Duration;

use common::{LAB, LOOPBACK, REVERSE, authority, name, resolver, zone};
use postigo_dns::{
    Answer, Authority, Code, Kind, MailHosts, Outcome, Question, Resolver, Reverse, Servers, Zone,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn mail_hosts_are_found_missing_or_refused() {
    let authority = authority().await;
    let resolver = resolver(&[authority.local_addr()]);
    let traced = resolver.mail_hosts(&name("lab.test")).await;
    let MailHosts::Hosts(hosts) = &traced.value else { panic!("{traced:?}") };
    let shown: Vec<_> = hosts.iter().map(|host| format!("{} {}", host.preference, host.name)).collect();
    assert_eq!(shown, ["10 mail.lab.test", "20 backup.other.test"]);
    let lookup = &traced.lookups[0];
    assert_eq!((lookup.question.to_string().as_str(), lookup.ttl), ("lab.test MX", Some(3600)));
    assert_eq!((lookup.server, lookup.authoritative), (Some(authority.local_addr()), true));
    assert!(!lookup.authenticated && !lookup.from_cache && lookup.took > Duration::ZERO);
    for (domain, value) in [
        ("nomail.lab.test", MailHosts::Null),
        ("mail.lab.test", MailHosts::Implicit),
        ("nobody.lab.test", MailHosts::NoDomain),
        ("example.com", MailHosts::Failed),
    ] {
        assert_eq!(resolver.mail_hosts(&name(domain)).await.value, value, "{domain}");
    }
    // A wildcard gives mail hosts to every name below it, an alias those of its target.
    assert!(matches!(resolver.mail_hosts(&name("ana.people.lab.test")).await.value, MailHosts::Hosts(_)));
}

#[tokio::test]
async fn addresses_come_from_both_families_and_through_aliases() {
    let authority = authority().await;
    let resolver = resolver(&[authority.local_addr()]);
    let both = Answer::Found(vec![address("192.0.2.25"), address("2001:db8::25")]);
    assert_eq!(resolver.addresses(&name("mail.lab.test")).await.value, both);
    let traced = resolver.addresses(&name("www.lab.test")).await;
    assert_eq!(traced.value, both);
    let kinds: Vec<_> = traced.lookups.iter().map(|lookup| lookup.question.kind).collect();
    assert_eq!(kinds, [Kind::A, Kind::Aaaa]);
    assert_eq!(traced.lookups[0].aliases[0].to_string(), "www.lab.test. 3600 IN CNAME mail.lab.test.");
    // The alias may be kept for an hour, but the address for five minutes.
    assert_eq!(traced.lookups[0].ttl, Some(300));
    assert_eq!(
        resolver.addresses(&name("ns.lab.test")).await.value,
        Answer::Found(vec![address("127.0.0.1")])
    );
    assert_eq!(resolver.addresses(&name("lab.test")).await.value, Answer::NoData);
    assert_eq!(resolver.addresses(&name("nobody.lab.test")).await.value, Answer::NoDomain);
    assert_eq!(resolver.addresses(&name("example.com")).await.value, Answer::Failed);
    let traced = resolver.addresses(&name("loop1.lab.test")).await;
    assert_eq!((traced.value, traced.lookups[0].outcome.clone()), (Answer::Failed, Outcome::AliasLoop));
}

#[tokio::test]
async fn the_name_of_an_address_is_confirmed_by_its_addresses() {
    let authority = authority().await;
    let resolver = resolver(&[authority.local_addr()]);
    let rows = [
        ("192.0.2.25", Reverse::Confirmed(name("mail.lab.test")), 2),
        ("::ffff:192.0.2.25", Reverse::Confirmed(name("mail.lab.test")), 2),
        ("192.0.2.26", Reverse::Unconfirmed(vec![name("liar.lab.test")]), 2),
        ("192.0.2.29", Reverse::Nameless, 1),
        ("192.0.2.28", Reverse::Unconfirmed(vec![name("www.lab.test"), name("mail.lab.test")]), 3),
        ("198.51.100.1", Reverse::Failed(vec![]), 1),
    ];
    for (text, value, lookups) in rows {
        let traced = resolver.reverse(address(text)).await;
        assert_eq!((traced.value, traced.lookups.len()), (value, lookups), "{text}");
    }
}

#[tokio::test]
async fn texts_certificates_and_services_are_read() {
    let authority = authority().await;
    let resolver = resolver(&[authority.local_addr()]);
    assert_eq!(resolver.text(&name("silent.lab.test")).await.value, Answer::Found(vec![b"one two".to_vec()]));
    let tlsa = resolver.tlsa(25, &name("mail.lab.test")).await.unwrap();
    let found = &tlsa.value.found().unwrap()[0];
    assert_eq!((found.usage, found.selector, found.matching, found.data.len()), (3, 1, 1, 32));
    assert!(!tlsa.is_authenticated());
    let srv = resolver.srv("submissions", &name("lab.test")).await.unwrap();
    let hosts: Vec<_> = srv.value.found().unwrap().iter().map(|srv| srv.target.to_string()).collect();
    assert_eq!(hosts, ["mail.lab.test", "backup.other.test"]);
    let caa = resolver.lookup(Question::new(name("lab.test"), Kind::Caa)).await;
    assert_eq!(caa.outcome.records()[0].data.to_string(), "0 issue \"ca.test\"");
}

#[tokio::test]
async fn names_with_letters_of_other_alphabets_are_found() {
    let mut zone = Zone::new(name("españa.test"), name("ns.españa.test"));
    zone.records.push(zone.parse_record("correo A 192.0.2.1").unwrap());
    let authority = Authority::bind(LOOPBACK, vec![zone]).await.unwrap();
    let traced = resolver(&[authority.local_addr()]).addresses(&name("CORREO.ESPAÑA.test")).await;
    assert_eq!(traced.value, Answer::Found(vec![address("192.0.2.1")]));
    assert_eq!(traced.lookups[0].question.name.to_string(), "correo.xn--espaa-rta.test");
}

#[tokio::test]
async fn zones_are_replaced_together_or_not_at_all() {
    let authority = authority().await;
    let servers = Servers::new(vec![authority.local_addr()]).unwrap();
    let resolver = Resolver::new(servers.clone());
    assert!(resolver.addresses(&name("mail.lab.test")).await.value.found().is_some());
    let other = Zone::new(name("other.test"), name("ns.other.test"));
    let mut faulty = zone(LAB);
    faulty.records.clear();
    let error = authority.replace(vec![other.clone(), faulty]).unwrap_err();
    assert_eq!((error.code(), error.object()), (Code::BadZone, "lab.test"));
    assert_eq!(authority.replace(vec![other.clone(), other.clone()]).unwrap_err().code(), Code::ZoneTwice);
    resolver.forget();
    assert!(resolver.addresses(&name("mail.lab.test")).await.value.found().is_some());

    authority.replace(vec![other]).unwrap();
    // What the resolver knows it keeps, until it is told to forget.
    assert!(resolver.addresses(&name("mail.lab.test")).await.lookups[0].from_cache);
    resolver.forget();
    let lookup = resolver.lookup(Question::new(name("lab.test"), Kind::Mx)).await;
    assert_eq!(lookup.outcome, Outcome::Refused);
    assert_eq!(resolver.mail_hosts(&name("other.test")).await.value, MailHosts::Implicit);
}

#[tokio::test]
async fn a_long_answer_comes_over_tcp() {
    let mut zone = zone(REVERSE);
    for number in 0..200 {
        let line = format!("99 PTR a-rather-long-name-number-{number}.lab.test.");
        zone.records.push(zone.parse_record(&line).unwrap());
    }
    let authority = Authority::bind(LOOPBACK, vec![zone]).await.unwrap();
    let lookup = resolver(&[authority.local_addr()])
        .lookup(Question::new(name("99.2.0.192.in-addr.arpa"), Kind::Ptr))
        .await;
    assert_eq!((lookup.outcome.records().len(), lookup.attempts.len()), (200, 2));
}

#[tokio::test]
async fn a_closed_authority_frees_its_port_and_a_taken_one_is_an_error() {
    let first = authority().await;
    let address = first.local_addr();
    let mut connected = TcpStream::connect(address).await.unwrap();
    let Err(error) = Authority::bind(address, vec![]).await else { panic!() };
    assert_eq!((error.code(), error.object()), (Code::CannotListen, address.to_string().as_str()));
    first.close().await;
    // The open connection was broken off.
    assert!(!matches!(connected.read(&mut [0]).await, Ok(1..)));
    UdpSocket::bind(address).await.unwrap();
}

#[tokio::test]
async fn many_connections_wait_and_do_not_stop_datagrams() {
    let authority = authority().await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(TcpStream::connect(authority.local_addr()).await.unwrap());
    }
    // The 64 places are taken: the last of them gets no answer, until others leave.
    let query = b"\0\x1d\x12\x34\0\0\0\x01\0\0\0\0\0\0\x04mail\x03lab\x04test\0\0\x01\0\x01";
    let query = [&u16::try_from(query.len() - 2).unwrap().to_be_bytes()[..], &query[2..]].concat();
    let mut last = idle.pop().unwrap();
    last.write_all(&query).await.unwrap();
    assert!(timeout(Duration::from_millis(200), last.read_u16()).await.is_err());
    let lookup = resolver(&[authority.local_addr()]).lookup(Question::new(name("lab.test"), Kind::Mx)).await;
    assert_eq!(lookup.outcome.records().len(), 2);
    drop(idle);
    let octets = timeout(Duration::from_secs(5), last.read_u16()).await.unwrap().unwrap();
    assert!(octets > 29);
}

#[tokio::test]
async fn an_outcome_is_told_in_words() {
    let authority = authority().await;
    let resolver = Resolver::new(Servers::parse(&authority.local_addr().to_string()).unwrap());
    let lookup = resolver.lookup(Question::new(name("nobody.lab.test"), Kind::A)).await;
    assert_eq!((lookup.outcome.to_string().as_str(), lookup.outcome.id()), ("no such name", "dns.no_domain"));
    assert_eq!(lookup.outcome, Outcome::NoDomain);
}
