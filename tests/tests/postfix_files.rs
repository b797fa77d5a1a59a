//! Postfix's files taken over, and files that Postfix and Dovecot take.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use postigo_tests::server::Setup;
use postigo_tests::{Server, run};

/// As Debian's package writes it for an "Internet Site", with what the course adds.
const MAIN_CF: &str = "\
# See /usr/share/postfix/main.cf.dist for a commented, more complete version
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
biff = no
append_dot_mydomain = no
readme_directory = no
compatibility_level = 3.6
smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem
smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key
smtpd_tls_security_level=may
smtp_tls_CApath=/etc/ssl/certs
smtp_tls_security_level=may
smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
myhostname = mail.aula.test
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
myorigin = /etc/mailname
mydestination = $myhostname, aula.test, equipo, localhost.aula.test, localhost
relayhost = [smtp.school.test]:587
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd
transport_maps = hash:/etc/postfix/transport
virtual_alias_maps = hash:/etc/postfix/virtual
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = loopback-only
inet_protocols = all
content_filter = smtp-amavis:[127.0.0.1]:10024
";

/// A folder like /etc of a Debian with Postfix.
fn etc(server: &Server, main_cf: &str) -> PathBuf {
    let folder = server.scratch().join("etc/postfix");
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("main.cf", main_cf);
    write("sasl_passwd", "[smtp.school.test]:587 aula:geheim\n");
    write("transport", "inner.test smtp:[10.0.0.2]:25\nuucp.test uucp:x\n");
    write("virtual", "ventas@aula.test ana, luis@far.test\nluis@aula.test luis@aula.test, l@far.test\n");
    write("virtual.db", "\u{0}not a text of anybody's");
    write("../aliases", "postmaster:    root\nroot: ana\nlista: :include:/etc/lista\n");
    write("../mailname", "aula.test\n");
    folder
}

/// The value of a setting.
fn setting(server: &Server, name: &str) -> String {
    server.postigo(["config", "get", name]).ok().out.trim_end().to_owned()
}

fn entries<'a>(told: &'a serde_json::Value, name: &str) -> Vec<&'a serde_json::Value> {
    told["report"].as_array().unwrap().iter().filter(|line| line["name"] == name).collect()
}

fn folder_arguments<'a>(verb: &'a str, folder: &'a Path) -> [&'a str; 3] {
    [verb, "postfix", folder.to_str().unwrap()]
}

#[test]
fn a_debians_files_become_settings() {
    for is_running in [false, true] {
        let mut server = Server::set_up(&Setup { domain: "aula.test", ..Setup::default() });
        if is_running {
            server.serve();
        }
        let folder = etc(&server, MAIN_CF);
        let import = folder_arguments("import", &folder);
        let before = server.postigo(["config", "show"]).ok().out;
        let would = server.json(&[&import[..], &["--dry-run"]].concat());
        assert_eq!(would["applied"], false);
        assert_eq!(server.postigo(["config", "show"]).ok().out, before);
        // Those that setup made.
        let standard = "abuse@aula.test: ana@aula.test\npostmaster@aula.test: ana@aula.test\n";
        assert_eq!(server.postigo(["alias", "list"]).ok().out, standard);

        let done = server.json(&import);
        assert_eq!(done["applied"], true);
        for part in ["settings", "aliases", "forwards", "relayPassword"] {
            assert_eq!(done[part], would[part], "{part}");
        }
        for (name, value) in [
            ("myhostname", "mail.aula.test"),
            ("mydestination", "aula.test, mail.aula.test"),
            ("inet_interfaces", "127.0.0.1"),
            ("relayhost", "[smtp.school.test]:587"),
            ("relayhost_user", "aula"),
            ("mynetworks", "127.0.0.0/8, ::1/128"),
            ("transport_maps", "inner.test=smtp:[10.0.0.2]:25"),
            ("recipient_delimiter", "+"),
            ("smtpd_tls_security_level", "may"),
            (
                "smtpd_relay_restrictions",
                "permit_mynetworks permit_sasl_authenticated defer_unauth_destination",
            ),
            ("smtpd_tls_cert_file", ""),
        ] {
            assert_eq!(setting(&server, name), value, "{name}");
        }
        let aliases = server.postigo(["alias", "list"]).ok().out;
        for line in ["postmaster: root", "root: ana", "ventas@aula.test: ana, luis@far.test"] {
            assert!(aliases.contains(&format!("{line}\n")), "{line}\n{aliases}");
        }
        let forwards = server.postigo(["forward", "list"]).ok().out;
        assert_eq!(forwards, "luis@aula.test -> l@far.test (a copy stays)\n");

        for (name, fate, reason) in [
            ("relayhost", "taken", None),
            ("biff", "ignored", Some("postfixInternal")),
            ("smtpd_relay_restrictions", "taken", None),
            ("mailbox_size_limit", "ignored", Some("builtIn")),
            ("content_filter", "unsupported", Some("noCounterpart")),
            ("lista", "unsupported", Some("target")),
            ("uucp.test", "unsupported", Some("value")),
        ] {
            let line = entries(&done, name)[0];
            assert_eq!((line["fate"].as_str(), line["reason"].as_str()), (Some(fate), reason), "{name}");
        }
        // "equipo" is no domain that mail could come to: it alone is left out, with what is wrong with it.
        let left =
            entries(&done, "mydestination").into_iter().find(|line| line["value"] == "equipo").unwrap();
        assert_eq!(left["error"]["code"], "domain.invalid");
        let all = done.to_string();
        assert!(!all.contains("geheim") && !all.contains("nobody's"), "{all}");
        // Once more there is nothing to do.
        let again = server.postigo(import).ok().out;
        assert!(again.contains("content_filter = smtp-amavis:[127.0.0.1]:10024: there is no"), "{again}");
        let rest = server.json(&import);
        assert_eq!(
            (rest["settings"].as_array().unwrap().len(), rest["aliases"].as_array().unwrap().len()),
            (0, 0)
        );
    }
}

#[test]
fn what_makes_an_open_relay_needs_the_host_name() {
    let server = Server::set_up(&Setup::default());
    let folder =
        etc(&server, "myhostname = mail.lab.test\nmydestination = lab.test\nmynetworks = 0.0.0.0/0\n");
    let import = folder_arguments("import", &folder);
    let told = server.json(&[&import[..], &["--dry-run"]].concat());
    assert_eq!(told["openRelay"]["value"], "0.0.0.0/0");
    let refused = server.postigo(import);
    assert_eq!(refused.code, Some(77));
    assert!(refused.err.contains("--confirm-open-relay mail.lab.test"), "{}", refused.err);
    assert_eq!(setting(&server, "mynetworks"), "127.0.0.0/8, ::1");
    assert!(!server.postigo(["alias", "list"]).ok().out.contains("root"));
    server.postigo([&import[..], &["--confirm-open-relay", "mail.lab.test"]].concat()).ok();
    assert_eq!(setting(&server, "mynetworks"), "0.0.0.0/0");
}

#[test]
fn what_this_computer_cannot_have_is_left_as_it_was() {
    let server = Server::set_up(&Setup::default());
    let folder = etc(
        &server,
        "myhostname = mail.lab.test\nmydestination = lab.test\ninet_interfaces = 192.0.2.77\nrelayhost = [far.test]\n\
         smtpd_tls_cert_file = /nowhere/c.pem\nsmtpd_tls_key_file = /nowhere/k.pem\nmessage_size_limit = 10\n",
    );
    let told = server.json(&folder_arguments("import", &folder));
    for (name, code) in [
        ("inet_interfaces", "listen.not_here"),
        ("smtpd_tls_cert_file", "tls.certificate_invalid"),
        ("smtpd_tls_key_file", "tls.certificate_invalid"),
        ("message_size_limit", "setting.invalid"),
    ] {
        let line = entries(&told, name)[0];
        assert_eq!((&line["fate"], &line["error"]["code"]), (&"unsupported".into(), &code.into()), "{name}");
    }
    assert_eq!(setting(&server, "relayhost"), "[far.test]");
    assert_eq!(setting(&server, "inet_interfaces"), "127.0.0.1");
    assert_eq!(setting(&server, "smtpd_tls_cert_file"), "");
}

/// A server in which each part of a configuration has something.
fn full() -> Server {
    let server = Server::set_up(&Setup::default());
    for (name, value) in [
        ("mydestination", "lab.test, dos.test"),
        ("relayhost", "[smtp.school.test]:587"),
        ("relayhost_user", "aula"),
        ("relay_domains", "inner.test"),
        ("relay_recipient_maps", "x@inner.test"),
        ("transport_maps", "inner.test=smtp:[127.0.0.1]:2125, old.test=error:gone away"),
        ("sender_dependent_relayhost_maps", "@dos.test=[smtp.dos.test]"),
        ("mynetworks", "127.0.0.0/8, ::1, 10.0.0.0/24"),
        ("delay_warning_time", "1h"),
        ("smtpd_client_restrictions", "permit_mynetworks, reject_rbl_client zen.test"),
        ("smtpd_sender_restrictions", "check_sender_access inline:{{spam.test = REJECT no}}"),
        ("smtpd_client_message_rate_limit", "30"),
        ("smtp_tls_security_level", "encrypt"),
    ] {
        server.postigo(["config", "set", name, value]).ok();
    }
    server.postigo(["alias", "set", "root", "ana", "b@far.test"]).ok();
    server.postigo(["alias", "set", "@dos.test", "ana"]).ok();
    server.postigo(["forward", "set", "luis@lab.test", "l@far.test"]).ok();
    server
}

#[test]
fn postfix_and_dovecot_take_what_is_exported_and_an_import_of_it_changes_nothing() {
    for is_running in [false, true] {
        let mut server = full();
        if is_running {
            server.serve();
        }
        for lang in ["es", "en"] {
            let folder = server.scratch().join(lang);
            let dir = folder.to_str().unwrap();
            server.postigo(["export", "postfix", dir, "--lang", lang]).ok();
            let check = run(Command::new("postfix").args(["-c", dir, "check"])).ok();
            assert!(!check.err.contains("warning"), "{}", check.err);
            let shown = run(Command::new("postconf").args(["-c", dir, "-n"])).ok();
            assert!(shown.out.contains("mydestination = lab.test, dos.test\n"), "{}", shown.out);
            assert_eq!(shown.err, "");
            let conf = folder.join("dovecot.conf");
            let conf = run(Command::new("doveconf").arg("-n").arg("-c").arg(&conf)).ok();
            assert!(conf.out.contains("mail_location = maildir:~/Maildir"), "{}", conf.out);
            let main_cf = fs::read_to_string(folder.join("main.cf")).unwrap();
            let word = if lang == "es" { "# Quién puede enviar" } else { "# Who may send" };
            assert!(main_cf.contains(word), "{main_cf}");

            let before = server.postigo(["config", "show"]).ok().out;
            let told = server.json(&folder_arguments("import", &folder));
            for part in ["settings", "aliases", "forwards"] {
                assert_eq!(told[part], serde_json::json!([]), "{part}");
            }
            let lost: Vec<_> =
                told["report"].as_array().unwrap().iter().filter(|l| l["fate"] == "unsupported").collect();
            assert!(lost.is_empty(), "{lost:#?}");
            assert_eq!(server.postigo(["config", "show"]).ok().out, before);
        }
    }
}

#[test]
fn an_export_overwrites_nothing_unless_forced() {
    use std::os::unix::fs::PermissionsExt;
    let server = full();
    let folder = server.scratch().join("out");
    fs::create_dir(&folder).unwrap();
    let mine = folder.join("sasl_passwd");
    fs::write(&mine, "mine\n").unwrap();
    let refused = server.postigo(folder_arguments("export", &folder));
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("sasl_passwd is there already"), "{}", refused.err);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    let export = folder_arguments("export", &folder);
    let written = server.json(&[&export[..], &["--force"]].concat());
    assert!(written.as_array().unwrap().iter().any(|path| path.as_str().unwrap().ends_with("/main.cf")));
    assert!(fs::read_to_string(&mine).unwrap().contains("[smtp.school.test]:587\taula:"));
    assert_eq!(fs::metadata(&mine).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn settings_are_shown_as_lines_that_main_cf_accepts() {
    let server = full();
    let folder = server.scratch().join("shown");
    fs::create_dir(&folder).unwrap();
    let shown = server.postigo(["config", "show", "--postfix"]).ok().out;
    fs::write(folder.join("main.cf"), format!("compatibility_level = 3.6\n{shown}")).unwrap();
    // Postfix calls a parameter unused that no service uses.
    let master = "smtp unix - - n - - smtp\nsubmission inet n - n - - smtpd\n  \
                  -o smtpd_client_restrictions=$mua_client_restrictions -o smtpd_helo_restrictions=$mua_helo_restrictions\n  \
                  -o smtpd_sender_restrictions=$mua_sender_restrictions\n";
    fs::write(folder.join("master.cf"), master).unwrap();
    let dir = folder.to_str().unwrap();
    let read = run(Command::new("postconf").args(["-c", dir, "-n"])).ok();
    assert_eq!(read.err, "", "{shown}");
    for line in shown.lines() {
        assert!(read.out.contains(line), "{line}\n{}", read.out);
    }
    // Tables are tables for Postfix, too.
    let asked = |key: &str, name: &str| {
        let table = shown.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).unwrap();
        run(Command::new("postmap").args(["-c", dir, "-q", key, table])).ok().out
    };
    assert_eq!(asked("inner.test", "transport_maps"), "smtp:[127.0.0.1]:2125\n");
    assert_eq!(asked("old.test", "transport_maps"), "error:gone away\n");
    assert_eq!(asked("x@inner.test", "relay_recipient_maps"), "OK\n");
}

#[test]
fn aliases_of_a_debian_are_taken_and_what_cannot_be_is_told() {
    let server = Server::set_up(&Setup::default());
    let file = server.scratch().join("aliases");
    fs::write(
        &file,
        "# /etc/aliases\n# See man 5 aliases for format\nmailer-daemon: postmaster\npostmaster:    root\n\
         \"web master\": root\nwebmaster: root,\n\tluis\nroot: ana, \"b@far.test\"\n\nlista: :include:/etc/lista\n\
         vacaciones: \"|/usr/bin/vacation ana\"\nbasura: /dev/null\nsin dos puntos\n",
    )
    .unwrap();
    let told = server.postigo(["alias", "import", file.to_str().unwrap()]);
    assert_eq!(told.code, Some(65), "{}{}", told.out, told.err);
    let list = server.postigo(["alias", "list"]).ok().out;
    for line in
        ["mailer-daemon: postmaster", "postmaster: root", "root: ana, b@far.test", "webmaster: root, luis"]
    {
        assert!(list.contains(&format!("{line}\n")), "{line}\n{list}");
    }
    for name in ["web master", "lista", "vacaciones", "basura", "sin dos puntos"] {
        assert!(!list.contains(name), "{list}");
        let line = told.err.lines().find(|line| line.contains(name)).unwrap_or_default();
        assert!(line.starts_with("Not taken: "), "{name}\n{}", told.err);
    }
    let json = server.postigo(["alias", "import", file.to_str().unwrap(), "--json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["taken"].as_array().unwrap().len(), 4);
    assert_eq!(json["refused"].as_array().unwrap().len(), 5);
}
