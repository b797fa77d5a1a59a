//! Where recipients lead, as tables.

mod common;

use common::*;
use postigo_queue::route::{Destination, Forward, Routes, Step, TlsLevel, Transport, TransportTable};

fn table(entries: &[(&'static str, &str)]) -> postigo_queue::route::AliasTable {
    entries.iter().map(|(key, list)| (*key, targets(list))).collect()
}

fn transports(lines: &[&str]) -> TransportTable {
    let mut table = TransportTable::default();
    lines.iter().for_each(|line| table.add_line(line).expect("a transport"));
    table
}

#[test]
fn local_recipients() {
    for (name, to, expected) in [
        ("account, in any case", "ANA@LAB.test", "mailbox Ana@lab.test"),
        ("second domain", "ana@school.test", "mailbox ana@school.test"),
        ("not in the second domain", "luis@school.test", "luis@school.test 550 5.1.1"),
        ("host name", "ana@mail.lab.test", "mailbox Ana@lab.test"),
        ("localhost", "ana@localhost", "mailbox Ana@lab.test"),
        ("localhost with domain", "ana@localhost.lab.test", "mailbox Ana@lab.test"),
        ("our address", "ana@[192.0.2.1]", "mailbox Ana@lab.test"),
        ("extension", "ana+List.X@lab.test", "mailbox Ana@lab.test +List.X"),
        ("no name before the extension", "+x@lab.test", "+x@lab.test 550 5.1.1"),
        ("closed", "closed@lab.test", "closed@lab.test 550 5.2.1"),
        ("subdomain is not ours", "ana@x.lab.test", "ana@x.lab.test via x.lab.test"),
        ("bare postmaster", "postmaster", "mailbox Ana@lab.test"),
        ("postmaster", "PostMaster@school.test", "mailbox Ana@lab.test"),
        ("abuse", "abuse@lab.test", "mailbox Ana@lab.test"),
        ("root", "root@school.test", "mailbox ana@school.test"),
        ("answer to a bounce", "MAILER-DAEMON@mail.lab.test", "mailbox Ana@lab.test"),
    ] {
        assert_eq!(resolved(&routes(), to), [expected], "{name}");
    }
}

#[test]
fn aliases_and_chains() {
    let routes = Routes {
        aliases: table(&[
            ("postmaster", "root"),
            ("root", "ana, luis"),
            ("Ventas", "luis, eva@far.test, luis"),
            ("ana", "ana, eva@far.test"),
            ("empty-chain", "nobody"),
        ]),
        ..routes()
    };
    for (name, to, expected) in [
        (
            "chain",
            "postmaster@lab.test",
            vec!["mailbox Ana@lab.test", "eva@far.test via far.test", "mailbox luis@lab.test"],
        ),
        (
            "abuse follows postmaster",
            "abuse@school.test",
            vec!["mailbox Ana@lab.test", "eva@far.test via far.test", "mailbox luis@lab.test"],
        ),
        ("each once", "ventas@school.test", vec!["mailbox luis@lab.test", "eva@far.test via far.test"]),
        (
            "extension of an alias",
            "ventas+x@lab.test",
            vec!["mailbox luis@lab.test", "eva@far.test via far.test"],
        ),
        ("itself and another", "ana@lab.test", vec!["mailbox Ana@lab.test", "eva@far.test via far.test"]),
        ("to nobody", "empty-chain@lab.test", vec!["nobody@lab.test 550 5.1.1"]),
    ] {
        assert_eq!(resolved(&routes, to), expected, "{name}");
    }
}

#[test]
fn virtual_aliases_and_catch_all() {
    let routes = Routes {
        virtual_alias_domains: vec!["shop.test".into()],
        virtual_aliases: table(&[
            ("info@shop.test", "luis@lab.test"),
            ("@old.shop.test", "@lab.test"),
            ("vip", "ana"),
            ("friend@far.test", "luis"),
        ]),
        catch_all: table(&[("lab.test", "luis")]),
        ..routes()
    };
    for (name, to, expected) in [
        ("entry", "Info@shop.test", "mailbox luis@lab.test"),
        ("extension passes on", "info+a@shop.test", "mailbox luis@lab.test +a"),
        ("no entry", "x@shop.test", "x@shop.test 550 5.1.1"),
        ("name in any local domain", "vip@school.test", "mailbox Ana@lab.test"),
        ("a foreign address, too", "friend@far.test", "mailbox luis@lab.test"),
        ("whole domain", "ana@old.shop.test", "mailbox Ana@lab.test"),
        ("catch-all", "nobody@lab.test", "mailbox luis@lab.test"),
        ("catch-all of another domain", "nobody@school.test", "nobody@school.test 550 5.1.1"),
        ("catch-all takes nobody's mail away", "ana@lab.test", "mailbox Ana@lab.test"),
        ("postmaster is not left to a catch-all", "postmaster@lab.test", "mailbox Ana@lab.test"),
    ] {
        assert_eq!(resolved(&routes, to), [expected], "{name}");
    }
}

#[test]
fn loops_are_found_and_named() {
    let routes = Routes {
        aliases: table(&[
            ("a", "b"),
            ("b", "c@lab.test"),
            ("c", "a"),
            ("postmaster", "root"),
            ("root", "postmaster"),
        ]),
        ..routes()
    };
    let resolution = resolve_from(&routes, "eva@far.test", "a@lab.test", &[]);
    let [Destination::Error { refusal, .. }] = resolution.destinations.as_slice() else { panic!() };
    assert_eq!(
        refusal.to_string(),
        "554 5.4.6 Alias loop: a@lab.test -> b@lab.test -> c@lab.test -> a@lab.test"
    );
    let chain = "a@lab.test → b@lab.test → c@lab.test → a@lab.test".to_owned();
    assert!(resolution.steps.contains(&Step::Loop { chain }));
    // RFC 5321 §4.5.1: not even then.
    assert_eq!(resolved(&routes, "postmaster@lab.test"), ["mailbox Ana@lab.test"]);
}

#[test]
fn aliases_that_multiply_come_to_an_end() {
    let names: Vec<String> = (0..40).map(|n| format!("n{n}")).collect();
    let mut routes = routes();
    for (n, name) in names.iter().enumerate() {
        routes.aliases.insert(name, targets(&format!("x{n}@far.test, n{}, n{}", n + 1, n + 2)));
    }
    let resolution = resolve_from(&routes, "eva@far.test", "n0@lab.test", &[]);
    assert_eq!(resolution.destinations.len(), 1);
    assert!(matches!(&resolution.destinations[0], Destination::Error { refusal, .. } if refusal.code == 451));
    assert_eq!(codes(&resolution).iter().filter(|code| **code == "tooManyAliases").count(), 1);
}

#[test]
fn forwards_keep_a_copy_or_not_and_get_our_reverse_path() {
    let forward = |list, keep_copy| Forward { targets: targets(list), keep_copy };
    let mut routes = Routes { srs: srs(), ..routes() };
    routes.forwards.insert(ANA, forward("ana@far.test", true));
    routes.forwards.insert(LUIS, forward("ana, luis@x.test", false));
    assert_eq!(resolved(&routes, "ana@lab.test"), ["mailbox Ana@lab.test", "ana@far.test via far.test"]);
    assert_eq!(
        resolved(&routes, "luis@lab.test"),
        ["mailbox Ana@lab.test", "ana@far.test via far.test", "luis@x.test via x.test"]
    );

    let remote = |sender: &str| {
        let found = resolve_from(&routes, sender, "luis@lab.test", &[]).destinations;
        let Destination::Remote { reverse_path, forwarded_by, .. } = found[1].clone() else { panic!() };
        let by: Vec<_> = forwarded_by.iter().map(ToString::to_string).collect();
        (reverse_path.to_string(), by)
    };
    let (rewritten, by) = remote("eva@far.test");
    assert!(rewritten.starts_with("SRS0=") && rewritten.ends_with("=far.test=eva@lab.test"), "{rewritten}");
    assert_eq!(by, ["luis@lab.test", "Ana@lab.test"]);
    assert_eq!(remote("ana@school.test").0, "ana@school.test", "our own domains need none");
    assert_eq!(remote("").0, "", "a bounce stays one");

    // Its bounce finds the way back, and only a bounce does.
    let back = resolve_from(&routes, "", &rewritten, &[]);
    assert_eq!(back.destinations.iter().map(shown).collect::<Vec<_>>(), ["eva@far.test via far.test"]);
    assert_eq!(resolved(&routes, &rewritten), [format!("{rewritten} 550 5.1.1")]);
    let forged = rewritten.replace("eva", "victim");
    let forged = resolve_from(&routes, "", &forged, &[]);
    assert!(codes(&forged).contains(&"senderNotRestored"));
    assert!(matches!(forged.destinations[0], Destination::Error { .. }));
}

#[test]
fn forwarding_loops_end() {
    let forward = |list, keep_copy| Forward { targets: targets(list), keep_copy };
    let mut routes = routes();
    routes.forwards.insert(ANA, forward("luis", false));
    routes.forwards.insert(LUIS, forward("ana", false));
    assert_eq!(resolved(&routes, "ana@lab.test"), ["ana@lab.test 554 5.4.6"]);
    routes.forwards.insert(LUIS, forward("ana", true));
    assert_eq!(resolved(&routes, "ana@lab.test"), ["mailbox luis@lab.test"]);
    routes.forwards.insert(LUIS, forward("luis, x@far.test", false));
    assert_eq!(resolved(&routes, "luis@lab.test"), ["mailbox luis@lab.test", "x@far.test via far.test"]);
    // Over another server: the message says that it was here.
    let again = resolve_from(&routes, "eva@far.test", "luis@lab.test", &["LUIS@lab.test"]);
    assert_eq!(again.destinations.iter().map(shown).collect::<Vec<_>>(), ["luis@lab.test 554 5.4.6"]);
    assert_eq!(resolve_from(&routes, "", "postmaster@lab.test", &["Ana@lab.test"]).destinations.len(), 1);
}

#[test]
fn the_way_out_in_postfix_order() {
    let routes = Routes {
        relay_domains: vec!["inner.test".into()],
        transports: transports(&[
            "inner.test=smtp:[127.0.0.1]:2125",
            "direct.test smtp:",
            "usual.test :",
            "gone.test error:5.1.2 moved away",
            "later.test retry:",
            "hole.test discard:",
            ".wild.test smtp:[wild.test]",
        ]),
        relayhost: Some("[relay.test]:587".parse().unwrap()),
        sender_relayhosts: [("@school.test".to_owned(), "[school-relay.test]".parse().unwrap())].into(),
        tls_levels: [("[relay.test]:587".to_owned(), TlsLevel::Secure)].into(),
        credentials: ["[relay.test]:587", "ana@school.test", "ana@lab.test"].map(str::to_owned).into(),
        sender_credentials: true,
        ..routes()
    };
    for (name, sender, to, expected) in [
        ("transport of a relay domain", "e@far.test", "x@inner.test", "x@inner.test via [127.0.0.1]:2125"),
        ("transport without next hop: MX", "e@far.test", "x@direct.test", "x@direct.test via direct.test"),
        ("transport that changes nothing", "e@far.test", "x@usual.test", "x@usual.test via [relay.test]:587"),
        ("error", "e@far.test", "x@gone.test", "x@gone.test 550 5.1.2"),
        ("retry", "e@far.test", "x@later.test", "x@later.test 450 4.0.0"),
        ("discard", "e@far.test", "x@hole.test", "x@hole.test discarded"),
        ("subdomain", "e@far.test", "x@a.wild.test", "x@a.wild.test via [wild.test]"),
        ("relay host", "e@far.test", "x@ext.test", "x@ext.test via [relay.test]:587"),
        ("null sender", "", "x@ext.test", "x@ext.test via [relay.test]:587"),
        ("relay host of the sender", "bob@school.test", "x@ext.test", "x@ext.test via [school-relay.test]"),
        (
            "and their login",
            "Ana@school.test",
            "x@ext.test",
            "x@ext.test via [school-relay.test]#ana@school.test",
        ),
        (
            "login of a user of ours",
            "ana@lab.test",
            "x@ext.test",
            "x@ext.test via [relay.test]:587#ana@lab.test",
        ),
        ("never to an MX", "ana@lab.test", "x@direct.test", "x@direct.test via direct.test"),
    ] {
        let found = resolve_from(&routes, sender, to, &[]).destinations;
        assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), [expected], "{name}");
    }
    let out = resolve_from(&routes, "e@far.test", "x@ext.test", &[]);
    let Destination::Remote { next_hop, .. } = &out.destinations[0] else { panic!() };
    assert_eq!(next_hop.tls, TlsLevel::Secure);
    assert_eq!(next_hop.credentials.as_deref(), Some("[relay.test]:587"));
    let settings: Vec<_> = out.steps.iter().filter_map(|step| step.setting()).collect();
    assert_eq!(settings, ["relayhost", "smtp_tls_policy_maps", "smtp_sasl_password_maps"]);
}

#[test]
fn without_a_relay_host_mail_goes_to_the_mx_or_to_the_address() {
    for (to, expected) in [
        ("x@Ext.test", "x@Ext.test via ext.test"),
        ("x@[198.51.100.7]", "x@[198.51.100.7] via [198.51.100.7]"),
        ("x@[IPv6:2001:db8::7]", "x@[IPv6:2001:db8::7] via [2001:db8::7]"),
        ("x@[tag:y]", "x@[tag:y] 550 5.1.2"),
    ] {
        assert_eq!(resolved(&routes(), to), [expected]);
    }
}

#[test]
fn a_server_without_people_puts_postmaster_off() {
    let mail = postigo_queue::route::Mail { reverse_path: &reverse_path(""), delivered_to: &[], now: now() };
    let found = routes().resolve(&People::nobody(), &recipient("postmaster"), mail);
    assert_eq!(found.destinations.iter().map(shown).collect::<Vec<_>>(), ["postmaster@lab.test 451 4.3.5"]);
}

#[test]
fn every_step_of_a_journey_has_a_code_and_its_parameters() {
    let routes = Routes {
        aliases: table(&[("ventas", "luis, x@ext.test")]),
        transports: transports(&["ext.test smtp:[h.test]"]),
        ..routes()
    };
    let found = resolve_from(&routes, "eva@far.test", "ventas@lab.test", &[]);
    assert_eq!(
        codes(&found),
        ["localDomain", "alias", "localDomain", "account", "foreignDomain", "transport"]
    );
    assert_eq!(
        found.steps[1].params(),
        [("name", "ventas".to_owned()), ("targets", "luis, x@ext.test".to_owned())]
    );
    assert_eq!(found.steps[5].setting(), Some("transport_maps"));
    assert_eq!(Transport::Discard.to_string(), "discard:");
}

/// RFC 6531: local parts and domains may hold any letters.
#[test]
fn international_addresses_are_followed_like_others() {
    let routes = Routes {
        local_domains: vec!["lab.test".into(), "xn--espaol-zwa.test".into()],
        aliases: table(&[("jos\u{e9}", "ana")]),
        virtual_aliases: table(&[("@old.test", "@far.test")]),
        ..routes()
    };
    for (name, to, expected) in [
        ("alias, in another case", "JOS\u{c9}@lab.test", "mailbox Ana@lab.test"),
        ("local domain as U-label", "jos\u{e9}@espa\u{f1}ol.test", "mailbox Ana@lab.test"),
        ("whole domain", "\u{f1}@old.test", "\u{f1}@far.test via far.test"),
        ("next hop as A-label", "x@a\u{f1}o.test", "x@a\u{f1}o.test via xn--ao-zja.test"),
    ] {
        assert_eq!(resolved(&routes, to), [expected], "{name}");
    }
}
