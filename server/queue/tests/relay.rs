//! Nobody uses this server to reach others without a right.

mod common;

use common::{accept, recipient, routes, targets};
use postigo_queue::route::{Routes, Verdict};
use postigo_smtp::command::Command;
use postigo_smtp::{Recipient, ReversePath};

const STRANGER: &str = "203.0.113.9";

/// Everything that could tempt a server to pass mail on: catch-alls, a domain behind it, a relay host.
fn tempting() -> Routes {
    Routes {
        catch_all: [("lab.test", targets("ana"))].into_iter().collect(),
        virtual_aliases: [("@school.test", targets("luis@lab.test"))].into_iter().collect(),
        relay_domains: vec!["inner.test".into()],
        relayhost: Some("[relay.test]:587".parse().expect("a next hop")),
        ..routes()
    }
}

/// What RCPT TO gives: none if it is not understood.
fn rcpt(path: &str) -> Option<Recipient> {
    match Command::parse(format!("RCPT TO:<{path}>").as_bytes()) {
        Ok(Command::Rcpt(recipient, _)) => Some(recipient),
        _ => None,
    }
}

fn sender_is_understood(path: &str) -> bool {
    match Command::parse(format!("MAIL FROM:<{path}>").as_bytes()) {
        Ok(Command::Mail(ReversePath::Null, _)) => path.is_empty(),
        Ok(Command::Mail(ReversePath::Address(address), _)) => address.to_string() == path,
        _ => false,
    }
}

#[test]
fn a_stranger_gets_through_with_none_of_the_nineteen_forms() {
    let forms = [
        ("", "u@ext.test"),
        ("a@ext.test", "u@ext.test"),
        ("a@mail.lab.test", "u@ext.test"),
        ("a@[192.0.2.1]", "u@ext.test"),
        ("a@[192.0.2.1]", "u%ext.test@[192.0.2.1]"),
        ("a@[192.0.2.1]", "u%ext.test@mail.lab.test"),
        ("a@[192.0.2.1]", "\"u@ext.test\""),
        ("a@[192.0.2.1]", "\"u%ext.test\""),
        ("a@[192.0.2.1]", "u@ext.test@[192.0.2.1]"),
        ("a@[192.0.2.1]", "\"u@ext.test\"@[192.0.2.1]"),
        ("a@[192.0.2.1]", "u@ext.test@mail.lab.test"),
        ("a@[192.0.2.1]", "@[192.0.2.1]:u@ext.test"),
        ("a@[192.0.2.1]", "@mail.lab.test:u@ext.test"),
        ("a@[192.0.2.1]", "ext.test!u"),
        ("a@[192.0.2.1]", "ext.test!u@[192.0.2.1]"),
        ("a@[192.0.2.1]", "ext.test!u@mail.lab.test"),
        ("a@localhost", "u@ext.test"),
        ("a", "u@ext.test"),
        ("ana@lab.test", "u@ext.test"),
    ];
    for (sender, path) in forms {
        assert!(sender_is_understood(sender) || sender == "a", "{sender}");
        let Some(recipient) = rcpt(path) else { continue };
        let sender = if sender == "a" { "" } else { sender };
        let decision = accept(&tempting(), STRANGER, None, sender, &recipient);
        match &decision.verdict {
            Verdict::Refuse(refusal) => assert_eq!(refusal.code, 554, "{path}: {refusal}"),
            other => panic!("{sender} to {path}: {other:?}"),
        }
        assert_eq!(decision.destinations, [], "{path}");
        assert_eq!(decision.steps.last().unwrap().setting(), Some("smtpd_relay_restrictions"), "{path}");
    }
}

#[test]
fn what_is_not_understood_is_not_among_the_forms_by_accident() {
    let understood =
        ["u%ext.test@lab.test", "\"u@ext.test\"@lab.test", "@lab.test:u@ext.test", "ext.test!u@lab.test"];
    assert!(understood.into_iter().all(|path| rcpt(path).is_some()));
}

/// The server behind us trusts us, so that it could pass on what we pass to it.
#[test]
fn a_stranger_cannot_route_through_a_relay_domain_or_an_alias_of_a_whole_domain() {
    for path in
        ["u%ext.test@inner.test", "\"u@ext.test\"@inner.test", "ext.test!u@school.test", "a%b@lab.test"]
    {
        let decision = accept(&tempting(), STRANGER, None, "a@ext.test", &rcpt(path).unwrap());
        assert!(matches!(decision.verdict, Verdict::Refuse(_)), "{path}");
        assert!(decision.steps.iter().any(|step| step.code() == "routedAddress"), "{path}");
    }
}

#[test]
fn our_own_people_and_networks_may_relay() {
    let out = recipient("u@ext.test");
    let verdict = |routes: &Routes, client, user| {
        let decision = accept(routes, client, user, "ana@lab.test", &out);
        (decision.verdict == Verdict::Accept, decision.steps.first().map(|step| step.code()))
    };
    let ours = routes();
    assert_eq!(verdict(&ours, "10.1.2.3", None), (true, Some("trustedNetwork")));
    assert_eq!(verdict(&ours, "::ffff:127.0.0.1", None), (true, Some("trustedNetwork")));
    assert_eq!(verdict(&ours, STRANGER, Some("ana@lab.test")), (true, Some("loggedIn")));
    assert_eq!(verdict(&ours, STRANGER, None), (false, Some("foreignDomain")));
    let neither = Routes { networks_may_relay: false, users_may_relay: false, ..routes() };
    assert!(!verdict(&neither, "10.1.2.3", Some("ana@lab.test")).0);
}

#[test]
fn a_relay_domain_is_open_to_strangers_for_recipients_that_exist() {
    let base = Routes { relay_domains: vec!["inner.test".into()], ..routes() };
    let verdict =
        |routes: &Routes, to: &str| accept(routes, STRANGER, None, "a@ext.test", &recipient(to)).verdict;
    assert_eq!(verdict(&base, "x@inner.test"), Verdict::Accept);
    assert_eq!(verdict(&base, "x@sub.inner.test"), Verdict::Accept);
    assert!(matches!(verdict(&base, "x@notinner.test"), Verdict::Refuse(_)));

    let list = ["pepe@inner.test".to_owned(), "@open.inner.test".to_owned()];
    let listed = Routes { relay_recipients: Some(list.into_iter().collect()), ..base.clone() };
    for (to, is_known) in [
        ("pepe@inner.test", true),
        ("Pepe+x@INNER.test", true),
        ("x@open.inner.test", true),
        ("x@inner.test", false),
    ] {
        assert_eq!(verdict(&listed, to) == Verdict::Accept, is_known, "{to}");
    }
    assert!(matches!(verdict(&listed, "x@inner.test"), Verdict::Refuse(refusal) if refusal.code == 550));

    let asking = Routes { call_ahead: true, ..base };
    match verdict(&asking, "x@inner.test") {
        Verdict::CallAhead { next_hop, recipient } => {
            assert_eq!(
                (next_hop.key().as_str(), recipient.to_string().as_str()),
                ("inner.test", "x@inner.test")
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn unknown_users_are_refused_and_not_bounced() {
    for (to, reply) in [
        ("nobody@lab.test", "550 5.1.1 <nobody@lab.test>: Recipient address rejected: User unknown"),
        ("closed@lab.test", "550 5.2.1 <closed@lab.test>: Recipient address rejected: Mailbox disabled"),
    ] {
        match accept(&routes(), STRANGER, None, "a@ext.test", &recipient(to)).verdict {
            Verdict::Refuse(refusal) => assert_eq!(refusal.to_string(), reply),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn one_dead_member_does_not_close_a_list() {
    let routes = Routes { aliases: [("all", targets("ana, gone, luis"))].into_iter().collect(), ..routes() };
    let decision = accept(&routes, STRANGER, None, "a@ext.test", &recipient("all@lab.test"));
    assert_eq!(decision.verdict, Verdict::Accept);
    assert_eq!(decision.destinations.len(), 3);
}
