use super::*;

const AROUND: Around<'static> = Around {
    domains: &[],
    host: "mail.lab.test",
    listeners: &[(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 2525)],
    addresses: &[IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 37))],
    password_kept: false,
};

/// Fields at fault, each with its place and code.
fn judged(flow: &SetupFlow) -> Vec<(SetupField, u32, Code)> {
    let domains = ["lab.test".to_owned()];
    let around = Around { domains: &domains, ..AROUND };
    faults(flow, &around).into_iter().map(|fault| (fault.field, fault.place, fault.error.code)).collect()
}

fn client(relayhost: &str) -> SetupFlow {
    SetupFlow { role: Role::Client, relayhost: relayhost.into(), ..SetupFlow::default() }
}

fn edge(domains: &[(&str, &str)]) -> SetupFlow {
    let relayed = |(domain, next_hop): &(&str, &str)| RelayedDomain {
        domain: (*domain).into(),
        next_hop: (*next_hop).into(),
    };
    SetupFlow {
        role: Role::Edge,
        relay_domains: domains.iter().map(relayed).collect(),
        ..SetupFlow::default()
    }
}

#[test]
fn a_relay_host_must_be_another_server() {
    use Code::{NextHopInvalid, NextHopOurselves, RelayhostMissing};
    for (relayhost, expected) in [
        ("mail.gonzalonazareno.org", None),
        ("[smtp.school.test]:587", None),
        // Another program of this computer.
        ("[127.0.0.1]:25", None),
        ("[mail.lab.test]:3525", None),
        ("", Some(RelayhostMissing)),
        ("10.0.0.1", Some(NextHopInvalid)),
        ("smtp.school.test:mail", Some(NextHopInvalid)),
        ("[127.0.0.1]:2525", Some(NextHopOurselves)),
        ("[localhost]:2525", Some(NextHopOurselves)),
        ("[192.168.1.37]:2525", Some(NextHopOurselves)),
        ("Mail.Lab.Test", Some(NextHopOurselves)),
    ] {
        let expected: Vec<_> = expected.map(|code| (SetupField::Relayhost, 0, code)).into_iter().collect();
        assert_eq!(judged(&client(relayhost)), expected, "{relayhost}");
    }
}

#[test]
fn a_password_is_there_and_travels_under_tls() {
    let flow = |tls, password: Option<&str>| SetupFlow {
        relay_user: "lab".into(),
        relay_password: password.map(str::to_owned),
        outbound_tls: tls,
        ..client("[smtp.school.test]:587")
    };
    let fault = |code| vec![(SetupField::RelayUser, 0, code)];
    assert_eq!(judged(&flow(TlsLevel::Encrypt, Some("secreto"))), []);
    assert_eq!(judged(&flow(TlsLevel::None, Some("secreto"))), fault(Code::RelayPasswordInClear));
    assert_eq!(judged(&flow(TlsLevel::Encrypt, Some(""))), fault(Code::RelayPasswordMissing));
    assert_eq!(judged(&flow(TlsLevel::Encrypt, None)), fault(Code::RelayPasswordMissing));
    let around = Around { password_kept: true, ..AROUND };
    assert_eq!(faults(&flow(TlsLevel::Encrypt, None), &around), []);
}

#[test]
fn the_world_is_no_network_of_a_wizard() {
    let flow = SetupFlow {
        networks: ["192.168.1.0/24", "0.0.0.0/0", "192.168.1.37/24", "aula", "8.0.0.0/8", "::/0"]
            .map(str::to_owned)
            .to_vec(),
        ..client("[smtp.school.test]")
    };
    assert_eq!(
        judged(&flow),
        [
            (SetupField::Networks, 1, Code::OpenRelay),
            (SetupField::Networks, 2, Code::NetworkHostBits),
            (SetupField::Networks, 3, Code::NetworkInvalid),
            (SetupField::Networks, 4, Code::OpenRelay),
            (SetupField::Networks, 5, Code::OpenRelay),
        ]
    );
}

#[test]
fn an_edge_needs_domains_that_are_not_its_own() {
    use SetupField::{NextHop, RelayDomain};
    assert_eq!(judged(&edge(&[])), [(RelayDomain, 0, Code::RelayDomainMissing)]);
    assert_eq!(judged(&edge(&[("ana.school.test", ""), ("luis.school.test", "[10.0.0.3]:25")])), []);
    assert_eq!(
        judged(&edge(&[
            ("lab.test", ""),
            ("*", ""),
            ("ana.school.test", "10.0.0.3"),
            ("Ana.School.test", "[127.0.0.1]:2525"),
        ])),
        [
            (RelayDomain, 0, Code::RelayDomainOurs),
            (RelayDomain, 1, Code::OpenRelay),
            (NextHop, 2, Code::NextHopInvalid),
            (RelayDomain, 3, Code::RelayDomainTwice),
            (NextHop, 3, Code::NextHopOurselves),
        ]
    );
}

#[test]
fn with_a_relay_host_the_inner_mx_is_not_asked() {
    let flow = SetupFlow { relayhost: "[smtp.isp.test]".into(), ..edge(&[("ana.school.test", "")]) };
    assert_eq!(judged(&flow), [(SetupField::NextHop, 0, Code::NextHopMissing)]);
}

#[test]
fn recipients_belong_to_the_domains_behind() {
    let flow = SetupFlow {
        relay_recipients: ["ana@ana.school.test", "@ana.school.test", "ana@otro.test", "ana"]
            .map(str::to_owned)
            .to_vec(),
        ..edge(&[("ana.school.test", "")])
    };
    assert_eq!(
        judged(&flow),
        [
            (SetupField::RelayRecipients, 2, Code::RelayRecipientForeign),
            (SetupField::RelayRecipients, 3, Code::AddressInvalid),
        ]
    );
}

#[test]
fn what_is_written_is_what_the_wizard_starts_from_again() {
    let wanted = SetupFlow {
        networks: vec!["192.168.1.0/24".into()],
        relayhost: "[smtp.isp.test]:587".into(),
        relay_user: "lab".into(),
        outbound_tls: TlsLevel::Encrypt,
        relay_recipients: vec!["ana@ana.school.test".into()],
        call_ahead: true,
        ..edge(&[("ana.school.test", "[10.0.0.3]:2525"), ("luis.school.test", "inner.school.test")])
    };
    let mut before = config::defaults();
    let line = |key: &str, value: &str| Mapping { key: key.into(), value: value.into() };
    before.flow.transports =
        vec![line("viejo.test", "error:gone"), line("luis.school.test", "smtp:[10.0.0.9]")];
    let config = with(before, &wanted);
    assert_eq!(of(&config), wanted);
    assert_eq!(config.flow.my_networks, ["127.0.0.0/8", "::1", "192.168.1.0/24"]);
    assert_eq!(
        config.flow.transports,
        [
            line("viejo.test", "error:gone"),
            line("ana.school.test", "smtp:[10.0.0.3]:2525"),
            line("luis.school.test", "smtp:inner.school.test"),
        ]
    );
    assert_eq!(
        config.restrictions.recipient_restrictions,
        "permit_mynetworks, permit_sasl_authenticated, reject_unverified_recipient"
    );
    crate::flow::check(&config).unwrap();
    // Somebody who goes back to one computer takes all of it away.
    let alone = with(config, &SetupFlow::default());
    assert_eq!(of(&alone), SetupFlow::default());
    assert_eq!(alone.flow.transports, [line("viejo.test", "error:gone")]);
    assert_eq!(alone.flow.my_networks, ["127.0.0.0/8", "::1"]);
    assert_eq!(alone.restrictions, config::defaults().restrictions);
}

#[test]
fn other_restrictions_of_recipients_stay() {
    let mut config = config::defaults();
    config.restrictions.recipient_restrictions = "permit_mynetworks reject_unknown_recipient_domain".into();
    let asking = with(config, &SetupFlow { call_ahead: true, ..edge(&[("ana.school.test", "")]) });
    assert_eq!(
        asking.restrictions.recipient_restrictions,
        "permit_mynetworks reject_unknown_recipient_domain, reject_unverified_recipient"
    );
    let silent = with(asking, &edge(&[("ana.school.test", "")]));
    assert_eq!(
        silent.restrictions.recipient_restrictions,
        "permit_mynetworks, reject_unknown_recipient_domain"
    );
}
