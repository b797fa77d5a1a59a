//! Whom the client trusts with a password, and the store of accounts of other servers.

mod common;

use std::os::unix::fs::PermissionsExt;

use common::authority::Authority;
use common::dovecot::Dovecot;
use common::sink::Sink;
use common::{ANA, HOST, PASSWORD, Ports, account, client, endpoint};
use postigo_api::{Code, Endpoint, ExternalAccount, MailAccountRef, Security};
use postigo_client::{Externals, Secret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn folders() -> MailAccountRef {
    MailAccountRef { account: ANA.to_owned() }
}

#[tokio::test]
async fn certificates_must_be_trusted_and_for_the_host() {
    let ports = Ports::take();
    let authority = Authority::for_name(HOST);
    let _dovecot = Dovecot::start(&ports, &authority, "");
    for (port, security) in [(2, Security::Tls), (1, Security::Starttls)] {
        let imap = endpoint(ports.nth(port), security);
        let (untrusting, _) = client(account(imap.clone(), imap.clone(), Vec::new()));
        let error = untrusting.folders(folders()).await.expect_err("unknown authority");
        assert_eq!((error.code, error.params["host"].as_str()), (Code::MailNotTrusted, HOST));
        assert!(error.params["detail"].contains("authority"), "{error}");

        let other = Endpoint { host: "other.test".into(), ..imap };
        let (trusting, _) = client(account(other.clone(), other, vec![authority.root.clone()]));
        let error = trusting.folders(folders()).await.expect_err("another name");
        assert_eq!(error.code, Code::MailNotTrusted);
        assert!(error.params["detail"].contains("another name"), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_from_a_server_out_of_reach() {
    let ports = Ports::take();
    let authority = Authority::for_name(HOST);
    let _dovecot = Dovecot::start(&ports, &authority, "auth_failure_delay = 0\n");
    let imap = endpoint(ports.nth(2), Security::Tls);
    let mut config = account(imap.clone(), imap, vec![authority.root.clone()]);
    config.password = Secret::new("wrong".into());
    let (refused, _) = client(config.clone());
    assert_eq!(refused.folders(folders()).await.expect_err("wrong").code, Code::MailLoginRefused);
    config.imap.port = ports.nth(6);
    let (nowhere, _) = client(config);
    let error = nowhere.folders(folders()).await.expect_err("nothing there");
    assert_eq!(
        (error.code, error.params["detail"].as_str()),
        (Code::MailUnreachable, "nothing listens there")
    );
}

/// A server that greets, and answers every line with the next text.
async fn scripted(port: u16, greeting: &'static str, answers: &'static [&'static str]) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
    tokio::spawn(async move {
        while let Ok((mut peer, _)) = listener.accept().await {
            tokio::spawn(async move {
                peer.write_all(greeting.as_bytes()).await?;
                let mut heard = vec![0; 4096];
                for answer in answers {
                    if peer.read(&mut heard).await? == 0 {
                        break;
                    }
                    peer.write_all(answer.as_bytes()).await?;
                }
                while peer.read(&mut heard).await? > 0 {}
                std::io::Result::Ok(())
            });
        }
    });
}

#[tokio::test]
async fn servers_that_misbehave_get_no_password_and_do_no_harm() {
    let ports = Ports::take();
    let huge = "* OK [CAPABILITY IMAP4rev1] hi\r\n";
    let cases: [(&str, &[&str], Security, Code); 7] = [
        ("* OK hi\r\n", &["P1 BAD no\r\n"], Security::Starttls, Code::MailNotTrusted),
        ("* OK hi\r\n", &["P1 OK go\r\n* OK injected\r\n"], Security::Starttls, Code::MailNotTrusted),
        ("* PREAUTH hi\r\n", &[], Security::Starttls, Code::MailNotTrusted),
        ("HTTP/1.1 400 Bad Request\r\n", &[], Security::None, Code::MailUnreachable),
        ("* BYE too busy\r\n", &[], Security::None, Code::MailUnreachable),
        (huge, &["* 1 FETCH (BODY[] {99999999999}\r\n"], Security::None, Code::MailUnreachable),
        ("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n", &[], Security::None, Code::MailLoginRefused),
    ];
    for (index, (greeting, answers, security, code)) in cases.into_iter().enumerate() {
        let port = ports.nth(1 + u16::try_from(index).expect("few"));
        scripted(port, greeting, answers).await;
        let imap = endpoint(port, security);
        let (client, _) = client(account(imap.clone(), imap, Vec::new()));
        let error = client.folders(folders()).await.expect_err(greeting);
        assert_eq!(error.code, code, "{greeting}: {error}");
    }
}

#[tokio::test]
async fn without_encryption_only_this_machine_is_used() {
    let imap = Endpoint { host: "192.0.2.1".into(), port: 143, security: Security::None };
    let mut config = account(imap.clone(), imap, Vec::new());
    config.connect = None;
    let (client, _) = client(config);
    assert_eq!(client.folders(folders()).await.expect_err("in the clear").code, Code::MailNotTrusted);
}

#[tokio::test]
async fn accounts_of_other_servers_are_tried_kept_and_forgotten() {
    let ports = Ports::take();
    let authority = Authority::for_name("localhost");
    let _dovecot = Dovecot::start(&ports, &authority, "auth_failure_delay = 0\n");
    let _sink = Sink::start(ports.nth(3), &[]);
    authority.offer_starttls(ports.nth(5), ports.nth(3)).await;
    let roots = [authority.root.clone()];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("client.json");
    let at = |port, security| Endpoint { host: "localhost".into(), port: ports.nth(port), security };
    let account = ExternalAccount {
        address: ANA.into(),
        display_name: "Ana".into(),
        user: ANA.into(),
        password: PASSWORD.into(),
        imap: at(2, Security::Tls),
        submission: at(5, Security::Starttls),
    };
    let externals = Externals::open(&path).expect("no accounts yet");
    let wrong = ExternalAccount { password: "wrong".into(), ..account.clone() };
    assert_eq!(externals.add(wrong, &roots).await.expect_err("wrong").code, Code::MailLoginRefused);
    let nowhere = ExternalAccount { submission: at(6, Security::Starttls), ..account.clone() };
    let error = externals.add(nowhere, &roots).await.expect_err("nothing there");
    assert_eq!((error.code, error.params["port"].clone()), (Code::MailUnreachable, ports.nth(6).to_string()));
    assert_eq!(externals.add(account.clone(), &[]).await.expect_err("untrusted").code, Code::MailNotTrusted);
    assert!(!path.exists());

    let added = externals.add(account.clone(), &roots).await.expect("added");
    assert_eq!((added.id.as_str(), added.local), ("external:1", false));
    assert_eq!(added.imap, format!("localhost:{}", ports.nth(2)));
    assert_eq!(std::fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
    assert_eq!(externals.add(account.clone(), &roots).await.expect_err("twice").code, Code::AccountExists);

    let again = Externals::open(&path).expect("the same");
    assert_eq!(again.list(), [added]);
    let config = again.config("external:1", &roots).expect("its configuration");
    let (client, _) = client(postigo_client::AccountConfig { id: ANA.into(), ..config });
    assert_eq!(client.folders(folders()).await.expect("folders")[0].name, "INBOX");

    again.remove("external:1").expect("removed");
    assert_eq!(again.remove("external:1").expect_err("gone").code, Code::MailAccountUnknown);
    assert_eq!(again.add(account, &roots).await.expect("added").id, "external:2");
    std::fs::write(&path, "{\"next\": \"secret\"").expect("spoiled");
    let Err(error) = Externals::open(&path) else { panic!("a spoiled file was read") };
    assert_eq!(error.code, Code::ConfigInvalid);
    assert!(!error.to_string().contains("secret"));
}
