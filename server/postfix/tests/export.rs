//! What is exported is accepted by the real programs, and is the same when it is imported again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::path::Path;
use std::process::Command;

use common::base;
use postigo_api::*;
use postigo_postfix::{Files, Language, Person, export, import};
use proptest::prelude::*;

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|e| panic!("{program}: {e}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {error}");
    assert!(!error.contains("warning") && !error.contains("error"), "{program} {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn mapping(key: &str, value: &str) -> Mapping {
    Mapping { key: key.into(), value: value.into() }
}

fn full(folder: &Path) -> SettingValues {
    let mut s = base();
    for name in ["c.pem", "k.pem"] {
        std::fs::write(folder.join(name), "a stand-in\n").unwrap();
    }
    s.ports = PortPlan::Base(41_000);
    s.listen = "0.0.0.0".into();
    s.domains.push("b.test".into());
    s.certificate_path = Some(folder.join("c.pem").display().to_string());
    s.key_path = Some(folder.join("k.pem").display().to_string());
    s.flow.relayhost = "[smtp.b.test]:587".into();
    s.flow.relayhost_user = "lab".into();
    s.flow.relay_domains = vec!["inner.test".into()];
    s.flow.relay_recipients = vec!["x@inner.test".into()];
    s.flow.transports =
        vec![mapping("inner.test", "smtp:[127.0.0.1]:2125"), mapping("old.test", "error:gone away")];
    s.flow.sender_relayhosts = vec![mapping("@b.test", "[smtp.c.test]")];
    s.flow.bind_address = "2001:db8::1".into();
    s.restrictions.client_restrictions = "reject_unknown_client_hostname, reject_rbl_client zen.test".into();
    s.restrictions.sender_restrictions =
        "check_sender_access inline:{{spam.test = REJECT no}}, permit".into();
    s.client_limits.message_rate = 7;
    s.client_limits.limit_exceptions = vec!["10.0.0.0/8".into(), "::1".into()];
    s.xclient_hosts = vec!["127.0.0.0/8".into()];
    s.submit_users = vec!["!eva".into(), "static:anyone".into()];
    s.timeouts.helo_seconds = 33;
    s.home_mailbox = "Maildir/".into();
    s
}

#[test]
fn postfix_and_dovecot_accept_what_is_written() {
    let aliases = [
        Alias { name: "root".into(), targets: vec!["ana".into(), "luis@b.test".into()] },
        Alias { name: "@lab.test".into(), targets: vec!["ana".into()] },
    ];
    let forwards =
        [Forward { account: "luis@lab.test".into(), targets: vec!["l@far.test".into()], keep_copy: true }];
    let people = [("ana@lab.test", "ana"), ("luis@lab.test", "luis")]
        .map(|(a, n)| Person { address: a.into(), maildir: format!("/srv/mail/lab.test/{n}/Maildir") });
    for language in [Language::English, Language::Spanish] {
        for is_full in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path();
            let settings = if is_full { full(path) } else { base() };
            let dir = path.to_str().unwrap();
            let files = export(&settings, &aliases, &forwards, &people, language, dir);
            for (name, text) in &files {
                std::fs::write(path.join(name), text).unwrap();
            }
            run("postfix", &["-c", dir, "check"]);
            let shown = run("postconf", &["-c", dir, "-n"]);
            assert!(shown.contains("myhostname = mail.lab.test\n"), "{shown}");
            run("postconf", &["-c", dir, "-M"]);
            let ask = |table: &str, key: &str| {
                run("postmap", &["-c", dir, "-q", key, &format!("texthash:{dir}/{table}")]).trim().to_owned()
            };
            assert_eq!(ask("virtual", "root"), "ana, luis@b.test");
            assert_eq!(ask("virtual", "ana@lab.test"), "ana@lab.test");
            assert_eq!(ask("forwards", "luis@lab.test"), "luis@lab.test, l@far.test");
            assert_eq!(ask("mailboxes", "ana@lab.test"), "srv/mail/lab.test/ana/Maildir/");
            if is_full {
                assert_eq!(ask("transport", "inner.test"), "smtp:[127.0.0.1]:2125");
                assert_eq!(ask("transport", "old.test"), "error:gone away");
                assert_eq!(ask("sasl_passwd", "[smtp.b.test]:587"), "lab:");
            }
            let conf = path.join("dovecot.conf").display().to_string();
            let shown = run("doveconf", &["-n", "-c", &conf]);
            assert!(shown.contains("mail_location = maildir:~/Maildir"), "{shown}");
            let again = import(&files, if is_full { base() } else { full(path) });
            let mut expected = settings.clone();
            if !is_full {
                // A file without a certificate does not take one away.
                expected.certificate_path = again.settings.certificate_path.clone();
                expected.key_path = again.settings.key_path.clone();
            }
            assert_eq!(again.settings, expected);
            assert_eq!((again.aliases, again.forwards), (aliases.to_vec(), forwards.to_vec()));
        }
    }
}

#[test]
fn no_value_begins_a_line_of_its_own() {
    let mut s = base();
    s.host = "a\nmynetworks = 0.0.0.0/0".into();
    s.flow.relayhost = "$config_directory".into();
    s.flow.transports = vec![mapping("#x", "smtp:y"), mapping("a b", "smtp:y")];
    let files = export(&s, &[], &[], &[], Language::English, "/d");
    let again = import(&files, base());
    assert_eq!(again.settings.flow.my_networks, s.flow.my_networks);
    assert_eq!(again.settings.flow.relayhost, "$config_directory");
    assert!(again.settings.flow.transports.is_empty());
}

fn domain() -> impl Strategy<Value = String> {
    "[a-z]{1,8}\\.(test|example)"
}

fn level() -> impl Strategy<Value = TlsLevel> {
    prop_oneof![Just(TlsLevel::None), Just(TlsLevel::May), Just(TlsLevel::Encrypt)]
}

fn flow() -> impl Strategy<Value = MailFlow> {
    let network =
        prop_oneof!["10\\.[0-9]\\.0\\.0/16", Just("2001:db8::/32".to_owned()), Just("::1".to_owned())];
    let domains =
        || prop::collection::btree_set(domain(), 0..4).prop_map(|set| set.into_iter().collect::<Vec<_>>());
    let transports = prop::collection::btree_map(
        domain(),
        prop_oneof![
            Just("smtp:[h.test]:25".to_owned()),
            Just("discard:".to_owned()),
            Just("error:no $such thing".to_owned())
        ],
        0..4,
    );
    let hosts = prop_oneof![Just(String::new()), domain().prop_map(|d| format!("[{d}]:587"))];
    let bind = prop_oneof![Just(""), Just("192.0.2.1"), Just("2001:db8::9")];
    (
        (prop::collection::vec(network, 0..4), level(), level(), "[+-]?", domains()),
        (hosts, "[a-z]{0,5}", transports, bind),
    )
        .prop_map(|((networks, inbound, outbound, delimiter, relay), rest)| {
            let (relayhost, user, transports, bind) = rest;
            MailFlow {
                my_networks: networks,
                inbound_tls: inbound,
                outbound_tls: outbound,
                recipient_delimiter: delimiter,
                relay_recipients: relay.iter().map(|d| format!("u@{d}")).collect(),
                relay_domains: relay,
                relayhost_user: if relayhost.is_empty() { String::new() } else { user },
                sender_relayhosts: vec![mapping("a@x.test", "[h.test]")],
                relayhost,
                transports: transports.into_iter().map(|(k, v)| mapping(&k, &v)).collect(),
                bind_address: bind.into(),
            }
        })
}

fn settings() -> impl Strategy<Value = SettingValues> {
    let ports = prop_oneof![
        Just(PortPlan::Standard),
        Just(PortPlan::Practice),
        (1_u16..60_000).prop_map(PortPlan::Base)
    ];
    let listen = prop_oneof![Just("127.0.0.1"), Just("0.0.0.0"), Just("::"), Just("::1"), Just("192.0.2.7")];
    let numbers = prop::array::uniform9(1_u32..8_000_000);
    (flow(), ports, listen, numbers, prop::collection::btree_set(domain(), 1..4), any::<bool>()).prop_map(
        |(flow, ports, listen, n, domains, refuse)| SettingValues {
            flow,
            ports,
            listen: listen.into(),
            domains: domains.into_iter().collect(),
            bare_newlines: if refuse { BareNewlines::Refuse } else { BareNewlines::Normalise },
            message_size_limit: u64::from(n[0]),
            recipient_limit: n[1],
            sessions_per_client: n[2],
            queue: QueueSettings {
                minimal_backoff_seconds: n[3],
                maximal_backoff_seconds: n[4],
                lifetime_seconds: n[5],
                bounce_lifetime_seconds: n[6],
                warning_seconds: n[7] - 1,
                destination_concurrency: n[8],
                deliveries: n[0],
                ..base().queue
            },
            ..base()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_export_is_imported_as_the_same_settings(settings in settings(), spanish: bool) {
        let language = if spanish { Language::Spanish } else { Language::English };
        let files = export(&settings, &[], &[], &[], language, "/etc/postfix");
        prop_assert_eq!(import(&files, base()).settings, settings);
    }

    #[test]
    fn no_text_makes_it_panic(main in "\\PC{0,200}", structured in "([a-z_]{1,9} ?= ?[${}a-z:?=/, \n]{0,40}\n){0,8}") {
        for text in [main, structured] {
            let files: Files = ["main.cf", "master.cf", "aliases"].map(|name| (name.to_owned(), text.clone())).into();
            import(&files, base());
        }
    }
}
