//! What is made, kept, renewed and refused, on a real folder with a clock of our own.

#![expect(clippy::unwrap_used, reason = "a step that fails fails the test")]

use std::fs;
use std::path::Path;

use jiff::{Timestamp, ToSpan};
use postigo_tls::{Change, Code, Names, Reason, ServerIdentity, server_config};

fn names() -> Names {
    Names::new("mail.lab.test", ["lab.test"], ["127.0.0.1".parse().unwrap()]).unwrap()
}

fn start() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn later(days: i64) -> Timestamp {
    start() + (days * 24).hours()
}

fn load(folder: &Path, now: Timestamp) -> ServerIdentity {
    ServerIdentity::load_or_create(folder, &names(), now).unwrap()
}

#[test]
fn the_first_start_makes_both_and_the_second_keeps_them() {
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().join("data/tls");
    let first = load(&tls, start());
    assert_eq!(first.changes(), [Change::Authority(Reason::Missing), Change::Certificate(Reason::Missing)]);
    let second = load(&tls, later(1));
    assert_eq!(second.changes(), []);
    assert_eq!(first.describe(), second.describe());
    server_config(&second).unwrap();
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().join("tls");
    load(&tls, start());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&tls), 0o700);
    assert_eq!(mode(&tls.join("ca.key")), 0o600);
    assert_eq!(mode(&tls.join("server.key")), 0o600);
    assert_eq!(mode(&tls.join("ca.pem")), 0o644);
    let mut files: Vec<_> = fs::read_dir(&tls).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["ca.key", "ca.pem", "server.key", "server.pem"]);
}

#[test]
fn the_description_says_what_openssl_would() {
    let folder = tempfile::tempdir().unwrap();
    let identity = load(folder.path(), start());
    let description = identity.describe();
    let authority = description.authority.unwrap();
    assert_eq!(authority.subject, "CN=Lab CA for lab.test, O=Postigo");
    assert_eq!(authority.key_algorithm, "ECDSA P-256");
    assert_eq!((authority.authority, authority.path_length), (true, Some(0)));
    assert_eq!(authority.days_left(start()), 3650);
    let constraints = authority.constraints.unwrap();
    assert!(constraints.critical);
    assert_eq!(constraints.dns, ["lab.test", "localhost"]);
    assert_eq!(constraints.email, ["lab.test", ".lab.test"]);
    let networks: Vec<String> = constraints.ip.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["127.0.0.0/8", "::1/128"]);

    let server = description.server;
    assert_eq!(server.issuer, authority.subject);
    assert_eq!(
        server.dns_names,
        ["mail.lab.test", "lab.test", "imap.lab.test", "smtp.lab.test", "localhost"]
    );
    let addresses: Vec<String> = server.ip_addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["127.0.0.1", "::1"]);
    assert!(!server.authority);
    // 397 days at most, counted with the day in the past.
    assert!(server.not_after - server.not_before <= 397 * 86_400);
    assert_eq!(server.days_left(later(400)), -4);
    assert_eq!(server.sha256.len(), 32 * 3 - 1);
    assert_ne!(server.serial, authority.serial);
}

#[test]
fn the_server_certificate_is_renewed_below_thirty_days_by_the_same_authority() {
    let folder = tempfile::tempdir().unwrap();
    let first = load(folder.path(), start());
    assert!(!first.renewal_due(&names(), later(366)));
    assert!(first.renewal_due(&names(), later(367)));
    let renewed = load(folder.path(), later(367));
    assert_eq!(renewed.changes(), [Change::Certificate(Reason::OutOfTime)]);
    assert_eq!(renewed.authority_pem(), first.authority_pem());
    assert!(!renewed.renewal_due(&names(), later(367)));
}

#[test]
fn no_certificate_outlives_its_authority_and_the_authority_is_renewed_too() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), start());
    let old = load(folder.path(), later(3600)).describe();
    assert_eq!(old.server.not_after, old.authority.unwrap().not_after);
    let new = load(folder.path(), later(3640));
    assert_eq!(new.changes(), [Change::Authority(Reason::OutOfTime), Change::Certificate(Reason::Unusable)]);
}

#[test]
fn a_clock_set_back_before_the_certificate_began_makes_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), later(100));
    let back = load(folder.path(), start());
    assert_eq!(back.changes()[0], Change::Authority(Reason::OutOfTime));
    assert!(back.describe().server.valid_at(start()));
}

#[test]
fn a_new_host_in_the_same_domain_keeps_the_authority() {
    let folder = tempfile::tempdir().unwrap();
    let first = load(folder.path(), start());
    let moved = Names::new("correo.lab.test", ["lab.test"], []).unwrap();
    assert!(first.renewal_due(&moved, start()));
    let second = ServerIdentity::load_or_create(folder.path(), &moved, start()).unwrap();
    assert_eq!(second.changes(), [Change::Certificate(Reason::Names)]);
}

#[test]
fn a_new_domain_or_address_needs_a_new_authority() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), start());
    let more = Names::new("mail.lab.test", ["lab.test", "otro.test"], []).unwrap();
    let second = ServerIdentity::load_or_create(folder.path(), &more, start()).unwrap();
    assert_eq!(second.changes(), [Change::Authority(Reason::Names), Change::Certificate(Reason::Unusable)]);
    let wider = Names::new("mail.lab.test", ["lab.test"], ["192.0.2.7".parse().unwrap()]).unwrap();
    let third = ServerIdentity::load_or_create(folder.path(), &wider, start()).unwrap();
    assert_eq!(third.changes()[0], Change::Authority(Reason::Names));
    assert!(third.describe().server.ip_addresses.contains(&"192.0.2.7".parse().unwrap()));
}

#[test]
fn a_key_that_does_not_fit_is_mended() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    load(one.path(), start());
    load(two.path(), start());
    fs::copy(two.path().join("server.key"), one.path().join("server.key")).unwrap();
    assert_eq!(load(one.path(), start()).changes(), [Change::Certificate(Reason::Unusable)]);
    fs::write(one.path().join("ca.key"), "nonsense").unwrap();
    assert_eq!(load(one.path(), start()).changes()[0], Change::Authority(Reason::Unusable));
    fs::remove_file(one.path().join("server.pem")).unwrap();
    assert_eq!(load(one.path(), start()).changes(), [Change::Certificate(Reason::Missing)]);
}

#[test]
fn what_cannot_be_read_is_an_error_and_nothing_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("ca.pem")).unwrap();
    let error = ServerIdentity::load_or_create(folder.path(), &names(), start()).unwrap_err();
    assert_eq!(error.code(), Code::Unreadable);
    assert!(error.object().ends_with("ca.pem"));
    assert!(!folder.path().join("ca.key").exists());

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = ServerIdentity::load_or_create(&file, &names(), start()).unwrap_err();
    assert_eq!(error.code(), Code::Unwritable);
}

#[test]
fn a_pair_the_user_brought_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), start());
    let (certificate, key) = (folder.path().join("server.pem"), folder.path().join("server.key"));
    let identity = ServerIdentity::from_files(&certificate, &key, start()).unwrap();
    assert_eq!(identity.authority_pem(), None);
    assert_eq!(identity.describe().authority, None);
    assert!(!identity.renewal_due(&names(), later(390)));
    server_config(&identity).unwrap();
}

#[test]
fn a_pair_the_user_brought_fails_with_the_file_at_fault() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), start());
    let file = |name: &str| folder.path().join(name);
    fs::write(file("empty.pem"), "").unwrap();
    let cases = [
        ("server.pem", "ca.key", 0, Code::KeyMismatch, "ca.key"),
        ("server.pem", "server.key", 397, Code::Expired, "server.pem"),
        ("server.pem", "server.key", -2, Code::NotYetValid, "server.pem"),
        ("absent.pem", "server.key", 0, Code::Unreadable, "absent.pem"),
        ("server.pem", "absent.key", 0, Code::Unreadable, "absent.key"),
        ("empty.pem", "server.key", 0, Code::NoCertificate, "empty.pem"),
        ("server.key", "server.key", 0, Code::NoCertificate, "server.key"),
        ("server.pem", "server.pem", 0, Code::NoKey, "server.pem"),
    ];
    for (certificate, key, day, code, at_fault) in cases {
        let error = ServerIdentity::from_files(&file(certificate), &file(key), later(day)).unwrap_err();
        assert_eq!(error.code(), code, "{certificate} {key}: {error}");
        assert!(error.object().ends_with(at_fault), "{error}");
        assert!(error.code().id().starts_with("tls."));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_in_the_place_of_a_key_does_not_fill_memory() {
    let error =
        ServerIdentity::from_files(Path::new("/dev/zero"), Path::new("/dev/zero"), start()).unwrap_err();
    assert_eq!(error.code(), Code::Unreadable);
}
