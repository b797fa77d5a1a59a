//! What configurations people have become here.

#![allow(clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::base;
use postigo_api::{Alias, PortPlan, TlsLevel};
use postigo_postfix::{Fate, Files, Imported, Reason, import};

fn read(files: &[(&str, &str)]) -> Imported {
    let files: Files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    import(&files, base())
}

fn fate(imported: &Imported, name: &str) -> Fate {
    imported.report.iter().find(|line| line.name == name).unwrap_or_else(|| panic!("no {name}")).fate
}

#[test]
fn debians_file_is_taken() {
    let main = "# a comment\nsmtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)\nbiff = no\n\
        compatibility_level = 3.6\nsmtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem\n\
        smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key\nsmtpd_tls_security_level=may\n\
        smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n\
        smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination\n\
        myhostname = mail.school.test\nalias_maps = hash:/etc/aliases\nalias_database = hash:/etc/aliases\n\
        myorigin = /etc/mailname\nmydestination = $myhostname, school.test, localhost.school.test, , localhost\n\
        relayhost = \nmynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\nrecipient_delimiter = +\n\
        inet_interfaces = all\ninet_protocols = all\n";
    let imported = read(&[
        ("main.cf", main),
        ("mailname", "school.test\n"),
        ("aliases", "postmaster:    root\nroot: ana, luis\nlogs: \"|/usr/bin/x -y\"\nbad line\n"),
        ("virtual", "x y\n"),
    ]);
    let s = &imported.settings;
    assert_eq!(s.domains, ["school.test", "mail.school.test"]);
    assert_eq!((s.host.as_str(), s.listen.as_str()), ("mail.school.test", "0.0.0.0"));
    assert_eq!(s.flow.my_networks, ["127.0.0.0/8", "::1/128"]);
    assert_eq!(s.certificate_path, None);
    assert_eq!(
        imported.aliases,
        [
            Alias { name: "postmaster".into(), targets: vec!["root".into()] },
            Alias { name: "root".into(), targets: vec!["ana".into(), "luis".into()] }
        ]
    );
    assert_eq!(fate(&imported, "logs"), Fate::Unsupported(Reason::Target));
    assert_eq!(fate(&imported, "bad line"), Fate::Unsupported(Reason::Syntax));
    assert_eq!(fate(&imported, "smtpd_tls_cert_file"), Fate::Ignored(Reason::TestCertificate));
    assert_eq!(fate(&imported, "smtpd_relay_restrictions"), Fate::Taken);
    assert_eq!(
        s.restrictions.relay_restrictions,
        "permit_mynetworks permit_sasl_authenticated defer_unauth_destination"
    );
    let left: Vec<_> =
        imported.report.iter().filter(|l| l.fate == Fate::Ignored(Reason::NotReferenced)).collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].file, "virtual");
    // Each line that sets something is told of.
    for (index, line) in main.lines().enumerate().filter(|(_, line)| line.contains('=')) {
        assert!(imported.report.iter().any(|l| l.file == "main.cf" && l.line == index + 1), "{line}");
    }
}

#[test]
fn the_course_is_taken() {
    let imported = read(&[(
        "main.cf",
        "myhostname = mail.aula.test\nmydestination = aula.test\nrelayhost = mail.school.test\nhome_mailbox = Maildir/\n\
         mynetworks = 127.0.0.0/8, 10.0.0.0/24\n",
    )]);
    assert_eq!(imported.settings.flow.relayhost, "mail.school.test");
    assert_eq!(imported.settings.flow.my_networks, ["127.0.0.0/8", "10.0.0.0/24"]);
    assert_eq!(imported.settings.flow.recipient_delimiter, "");
    assert_eq!(imported.settings.home_mailbox, "Maildir/");
}

#[test]
fn routes_and_the_password_are_taken_and_the_password_is_not_shown() {
    let imported = read(&[
        (
            "main.cf",
            "relayhost = [smtp.b.test]:587\nsmtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd\n\
             transport_maps = hash:$config_directory/transport, ldap:x\nrelay_domains = inline:{inner.test=x, {b.test = y}}\n\
             smtp_tls_security_level = verify\nsmtpd_client_restrictions = permit_mynetworks reject_rbl_client zen.test\n\
             queue_minutes = 5\nmaximal_queue_lifetime = 3\nmyhostname = a$myhostname\n",
        ),
        ("sasl_passwd", "[smtp.b.test]:587 lab:geheim\nother.test u:zweites\n"),
        ("transport", "inner.test smtp:[10.0.0.2]:25\nuucp.test uucp:x\n"),
    ]);
    let flow = &imported.settings.flow;
    assert_eq!((flow.relayhost_user.as_str(), imported.relay_password.as_deref()), ("lab", Some("geheim")));
    let shown = format!("{imported:?}");
    assert!(!shown.contains("geheim") && !shown.contains("zweites"), "{shown}");
    assert_eq!(flow.transports.len(), 1);
    assert_eq!(fate(&imported, "uucp.test"), Fate::Unsupported(Reason::Value));
    assert_eq!(fate(&imported, "transport_maps"), Fate::Unsupported(Reason::MapType));
    assert_eq!(flow.relay_domains, ["inner.test", "b.test"]);
    assert_eq!(flow.outbound_tls, TlsLevel::Encrypt);
    assert_eq!(
        imported.settings.restrictions.client_restrictions,
        "permit_mynetworks reject_rbl_client zen.test"
    );
    assert_eq!(imported.settings.queue.lifetime_seconds, 3 * 86_400);
    assert_eq!(fate(&imported, "myhostname"), Fate::Unsupported(Reason::ExpansionLimit));
    assert_eq!(fate(&imported, "queue_minutes"), Fate::Unsupported(Reason::Unknown));
}

#[test]
fn services_are_told() {
    let imported = read(&[(
        "master.cf",
        "2525 inet n - y - - smtpd\n127.0.0.1:2587 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o content_filter=x\n\
         pickup unix n - y 60 1 pickup\nuucp unix - n n - - pipe\n  flags=Fqhu user=uucp\n628 inet\n",
    )]);
    assert_eq!(imported.settings.ports, PortPlan::Practice);
    assert_eq!(fate(&imported, "127.0.0.1:2587 -o smtpd_sasl_auth_enable"), Fate::Ignored(Reason::BuiltIn));
    assert_eq!(fate(&imported, "127.0.0.1:2587 -o content_filter"), Fate::Unsupported(Reason::NoCounterpart));
    assert_eq!(fate(&imported, "uucp"), Fate::Unsupported(Reason::NoCounterpart));
    assert_eq!(fate(&imported, "628 inet"), Fate::Unsupported(Reason::Syntax));
}

#[test]
fn a_password_in_a_line_that_does_not_count_is_not_shown_either() {
    let imported = read(&[
        (
            "main.cf",
            "smtp_sasl_password_maps = static:lab:geheim\nsmtp_sasl_password_maps = inline:{x=lab:geheim}\n",
        ),
        ("master.cf", "smtp unix - - y - - smtp\n  -o smtp_sasl_password_maps=static:lab:geheim\n"),
    ]);
    assert_eq!(fate(&imported, "smtp -o smtp_sasl_password_maps"), Fate::Unsupported(Reason::NoCounterpart));
    let shown = format!("{:?}", imported.report);
    assert!(!shown.contains("geheim"), "{shown}");
}

#[test]
fn tables_of_restrictions_are_written_into_the_list() {
    let imported = read(&[
        (
            "main.cf",
            "smtpd_sender_restrictions = reject_unknown_sender_domain,\n  check_sender_access hash:/etc/postfix/senders,\n  permit\n\
             smtpd_helo_restrictions = check_helo_access hash:/etc/postfix/gone\nsmtpd_client_connection_rate_limit = 0\n\
             smtpd_timeout = 2m\nsmtp_helo_timeout = 0\n",
        ),
        ("senders", "spam.test REJECT we know you\n"),
    ]);
    let s = &imported.settings;
    assert_eq!(
        s.restrictions.sender_restrictions,
        "reject_unknown_sender_domain, check_sender_access inline:{{spam.test = REJECT we know you}}, permit"
    );
    assert_eq!(fate(&imported, "smtpd_helo_restrictions"), Fate::Unsupported(Reason::FileMissing));
    assert_eq!(s.restrictions.relay_restrictions, base().restrictions.relay_restrictions);
    assert_eq!((s.client_limits.connection_rate, s.client_limits.command_seconds), (0, 120));
    assert_eq!(fate(&imported, "smtp_helo_timeout"), Fate::Unsupported(Reason::Value));
}
