//! Our certificates and settings against OpenSSL, and our two ends against each other.

#![expect(clippy::unwrap_used, reason = "a step that fails fails the test")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use jiff::Timestamp;
use postigo_tls::{Names, ServerIdentity, client_config, server_config};
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::{CertificateError, ClientConnection, ServerConfig, ServerConnection, StreamOwned};

const GREETING: &str = "220 mail.lab.test ESMTP";

fn identity(folder: &Path) -> ServerIdentity {
    let names = Names::new("mail.lab.test", ["lab.test"], []).unwrap();
    ServerIdentity::load_or_create(folder, &names, Timestamp::now()).unwrap()
}

/// Accepts one connection, greets if the handshake succeeds, and tells how it went.
fn serve_once(config: Arc<ServerConfig>) -> (SocketAddr, JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (socket, _) = listener.accept()?;
        let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
        let mut stream = StreamOwned::new(connection, socket);
        writeln!(stream, "{GREETING}")?;
        stream.conn.send_close_notify();
        stream.flush()
    });
    (address, server)
}

fn openssl(arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).stdin(Stdio::null()).output().expect("openssl is installed")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn s_client(folder: &Path, options: &[&str]) -> (Output, std::io::Result<()>) {
    let identity = identity(folder);
    let (address, server) = serve_once(server_config(&identity).unwrap());
    let (address, authority) = (address.to_string(), folder.join("ca.pem"));
    let mut arguments = vec!["s_client", "-connect", &address, "-CAfile", authority.to_str().unwrap()];
    arguments.extend(["-no-CApath", "-verify_return_error", "-verify_hostname", "mail.lab.test", "-ign_eof"]);
    arguments.extend(options);
    (openssl(&arguments), server.join().unwrap())
}

#[test]
fn tls_1_2_and_1_3_are_spoken_and_the_certificate_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    for (option, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let (output, server) = s_client(folder.path(), &[option]);
        let said = text(&output);
        assert!(output.status.success(), "{said}");
        assert!(said.contains(&format!("New, {version}")) && said.contains(GREETING), "{said}");
        assert!(said.contains("Verify return code: 0 (ok)"), "{said}");
        assert!(said.contains("No ALPN negotiated"), "{said}");
        server.unwrap();
    }
}

#[test]
fn tls_1_1_is_refused_by_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let (output, server) = s_client(folder.path(), &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
    let said = text(&output);
    assert!(!output.status.success(), "{said}");
    // The alert proves that the hello went out and that the server, not this OpenSSL, said no.
    assert!(said.contains("SSL alert number"), "{said}");
    assert!(server.is_err());
}

#[test]
fn every_name_of_the_certificate_passes_strict_verification() {
    let folder = tempfile::tempdir().unwrap();
    let description = identity(folder.path()).describe();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let verify = |option: &str, name: &str| {
        let (ca, server) = (path("ca.pem"), path("server.pem"));
        openssl(&[
            "verify",
            "-x509_strict",
            "-purpose",
            "sslserver",
            "-CAfile",
            &ca,
            "-no-CApath",
            option,
            name,
            &server,
        ])
    };
    for name in &description.server.dns_names {
        let output = verify("-verify_hostname", name);
        assert!(output.status.success(), "{name}: {}", text(&output));
    }
    for address in &description.server.ip_addresses {
        let output = verify("-verify_ip", &address.to_string());
        assert!(output.status.success(), "{address}: {}", text(&output));
    }
    assert!(!verify("-verify_hostname", "bank.example").status.success());
}

/// A certificate that someone with the authority's key makes for any name.
fn forge(folder: &Path, names: &[&str], ca: bool) -> (String, KeyPair) {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let issuer =
        Issuer::from_ca_cert_pem(&read("ca.pem"), KeyPair::from_pem(&read("ca.key")).unwrap()).unwrap();
    let mut params =
        CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2099, 1, 1);
    params.use_authority_key_identifier_extension = true;
    params.distinguished_name = rcgen::DistinguishedName::new();
    if ca {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, &issuer).unwrap().pem(), key)
}

#[test]
fn openssl_refuses_what_the_authority_may_not_vouch_for() {
    let folder = tempfile::tempdir().unwrap();
    identity(folder.path());
    let verdict = |names: &[&str]| {
        let file = folder.path().join("forged.pem");
        std::fs::write(&file, forge(folder.path(), names, false).0).unwrap();
        let ca = folder.path().join("ca.pem");
        let ca = ca.to_str().unwrap();
        openssl(&["verify", "-CAfile", ca, "-no-CApath", file.to_str().unwrap()])
    };
    assert!(verdict(&["other.lab.test", "127.8.8.8"]).status.success());
    for names in [
        &["bank.example"][..],
        &["evillab.test"],
        &["mail.lab.test", "bank.example"],
        &["192.0.2.1"],
        &["::2"],
    ] {
        let output = verdict(names);
        assert!(!output.status.success(), "{names:?}");
        assert!(text(&output).contains("permitted subtree violation"), "{names:?}: {}", text(&output));
    }
}

#[test]
fn the_authority_makes_no_other_authorities() {
    let folder = tempfile::tempdir().unwrap();
    identity(folder.path());
    let path = |name: &str| folder.path().join(name);
    let (sub_pem, sub_key) = forge(folder.path(), &["sub.lab.test"], true);
    let issuer = Issuer::from_ca_cert_pem(&sub_pem, sub_key).unwrap();
    let leaf = CertificateParams::new(vec!["mail.lab.test".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    std::fs::write(path("sub.pem"), sub_pem).unwrap();
    std::fs::write(path("leaf.pem"), leaf.pem()).unwrap();
    let [ca, sub, leaf] =
        ["ca.pem", "sub.pem", "leaf.pem"].map(|name| path(name).to_str().unwrap().to_owned());
    let output = openssl(&["verify", "-CAfile", &ca, "-no-CApath", "-untrusted", &sub, &leaf]);
    assert!(text(&output).contains("path length constraint exceeded"), "{}", text(&output));
}

/// What our own client reads from our own server under this name.
fn connect(
    server: Arc<ServerConfig>,
    identity: &ServerIdentity,
    name: &str,
) -> Result<String, rustls::Error> {
    let (address, thread) = serve_once(server);
    let config = client_config(identity.authority_der().cloned()).unwrap();
    let connection = ClientConnection::new(config, name.to_owned().try_into().unwrap())?;
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address).unwrap());
    let mut said = String::new();
    let result = stream.read_to_string(&mut said);
    drop(stream);
    let _ = thread.join().unwrap();
    match result {
        Ok(_) => Ok(said),
        Err(error) => Err(error.downcast::<rustls::Error>().unwrap()),
    }
}

#[test]
fn our_client_trusts_our_server_under_its_names_only() {
    let folder = tempfile::tempdir().unwrap();
    let identity = identity(folder.path());
    let config = server_config(&identity).unwrap();
    for name in ["mail.lab.test", "localhost", "127.0.0.1"] {
        assert_eq!(connect(config.clone(), &identity, name).unwrap().trim_end(), GREETING);
    }
    let error = connect(config, &identity, "bank.example").unwrap_err();
    assert!(matches!(
        error,
        rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. })
    ));
}

#[test]
fn our_client_refuses_a_certificate_outside_the_constraints() {
    let folder = tempfile::tempdir().unwrap();
    let identity = identity(folder.path());
    let (pem, key) = forge(folder.path(), &["bank.example"], false);
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("bank.pem"), pem).unwrap();
    std::fs::write(path("bank.key"), key.serialize_pem()).unwrap();
    let forged = ServerIdentity::from_files(&path("bank.pem"), &path("bank.key"), Timestamp::now()).unwrap();
    let error = connect(server_config(&forged).unwrap(), &identity, "bank.example").unwrap_err();
    assert!(format!("{error:?}").contains("NameConstraintViolation"), "{error:?}");
}

#[test]
fn our_client_does_not_trust_another_lab() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ours, theirs) = (identity(ours.path()), identity(theirs.path()));
    let error = connect(server_config(&theirs).unwrap(), &ours, "mail.lab.test").unwrap_err();
    assert!(matches!(error, rustls::Error::InvalidCertificate(_)), "{error:?}");
}
