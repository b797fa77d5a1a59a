//! The command line, as scripts use it.

use std::process::Command;

use postigo_tests::server::{Setup, postigo};
use postigo_tests::{Server, run, run_with_input};

#[test]
fn people_come_change_and_go_on_a_running_server() {
    let server = Server::start();
    let add = server.postigo_with_input(
        ["user", "add", "eva@lab.test", "--name", "Eva", "--password-stdin"],
        b"sello-lluvia-tres-mar\n",
    );
    let where_it_lies = server.data().join("mail/lab.test/eva/Maildir");
    assert_eq!(add.ok().out, format!("eva@lab.test added. Mail lies in {}\n", where_it_lies.display()));
    let twice = server.postigo_with_input(["user", "add", "eva", "--password-stdin"], b"x y z\n");
    assert_eq!(twice.code, Some(2), "{}", twice.err);

    let login = |password: &str| {
        run(Command::new("swaks")
            .args([
                "--server",
                "127.0.0.1",
                "--port",
                &server.submission().to_string(),
                "--tls",
                "--quit-after",
                "AUTH",
            ])
            .args(["--auth", "PLAIN", "--auth-user", "eva", "--auth-password", password]))
        .code
            == Some(0)
    };
    assert!(login("sello-lluvia-tres-mar"));
    server.postigo_with_input(["user", "passwd", "eva", "--password-stdin"], b"otra-clave-muy-larga\n").ok();
    assert!(!login("sello-lluvia-tres-mar"));
    assert!(login("otra-clave-muy-larga"));
    server.postigo(["user", "disable", "eva"]).ok();
    assert!(!login("otra-clave-muy-larga"));
    server.postigo(["user", "enable", "eva"]).ok();

    let listed = server.json(&["user", "list"]);
    let eva = listed.as_array().unwrap().iter().find(|a| a["address"] == "eva@lab.test").unwrap().clone();
    assert_eq!((&eva["displayName"], &eva["enabled"]), (&"Eva".into(), &true.into()));
    assert_eq!(eva["lastLogin"]["service"], "submission");

    let gone = server.postigo(["user", "del", "eva"]).ok().out;
    let kept = gone.trim().rsplit(' ').next().unwrap();
    assert!(std::path::Path::new(kept).join("Maildir/cur").is_dir(), "{gone}");
    assert_eq!(server.postigo(["user", "del", "eva"]).code, Some(67));
}

#[test]
fn setup_never_overwrites_and_refuses_what_cannot_work() {
    let server = Server::set_up(&Setup::default());
    let config = std::fs::read_to_string(server.data().join("postigo.toml")).unwrap();
    let again = server.postigo(["setup", "--domain", "otro.test"]);
    assert_eq!(again.code, Some(2), "{}", again.err);
    assert_eq!(std::fs::read_to_string(server.data().join("postigo.toml")).unwrap(), config);

    let fresh = tempfile::tempdir().unwrap();
    let set_up = |arguments: &[&str]| {
        run(Command::new(postigo()).arg("--data").arg(fresh.path().join("d")).arg("setup").args(arguments))
    };
    let local = set_up(&["--domain", "casa.local"]);
    assert_eq!(local.code, Some(65));
    assert!(local.err.contains("RFC 6762"), "{}", local.err);
    assert_eq!(set_up(&["--domain", "lab.test", "--host", "mail.otro.test"]).code, Some(65));
    assert_eq!(set_up(&["--user", "ana"]).code, Some(65), "people need passwords");
    assert_eq!(set_up(&["--nonsense"]).code, Some(64));
}

#[test]
fn a_changed_file_is_read_on_sighup_and_a_broken_one_is_not() {
    let server = Server::start();
    let path = server.data().join("postigo.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let size = || {
        let ehlo = run_with_input(
            Command::new("python3").args(["-c", &format!(
                "import smtplib; s = smtplib.SMTP('127.0.0.1', {}); s.ehlo(); print(s.esmtp_features['size'])",
                server.smtp()
            )]),
            b"",
        );
        ehlo.ok().out.trim().to_owned()
    };
    assert_eq!(size(), "26214400");
    std::fs::write(&path, text.replace("message_size_limit = 26214400", "message_size_limit = 1000000"))
        .unwrap();
    server.postigo(["reload"]).ok();
    assert_eq!(size(), "1000000");

    std::fs::write(&path, "nonsense = 1\n").unwrap();
    let reload = server.postigo(["reload"]);
    assert_eq!(reload.code, Some(78));
    assert!(reload.err.contains("nonsense"), "{}", reload.err);
    assert_eq!(size(), "1000000", "the old configuration goes on");
}

#[test]
fn one_process_serves_a_folder_and_the_second_says_who_has_it() {
    let mut server = Server::start();
    let second = server.postigo(["serve"]);
    assert_eq!(second.code, Some(75), "{}", second.err);
    assert!(second.err.contains(&server.pid().to_string()), "{}", second.err);
    assert!(server.stop());
    assert_eq!(server.json(&["status"])["phase"], "stopped");
    let tail = server.postigo(["tail"]);
    assert_eq!(tail.code, Some(69), "{}", tail.err);
}

#[test]
fn status_says_which_ports_are_open() {
    let server = Server::start();
    let status = server.json(&["status"]);
    let listeners = status["listeners"].as_array().unwrap();
    assert_eq!(listeners.len(), 5);
    assert!(listeners.iter().all(|l| l["open"] == true));
    assert_eq!(listeners[0]["port"], server.smtp());
    assert!(server.postigo(["status"]).ok().out.contains(&format!("127.0.0.1:{}", server.imaps())));
}

#[test]
fn the_authority_certifies_the_server_for_openssl() {
    let server = Server::start();
    let authority = server.authority();
    for (port, how) in
        [(server.submissions(), None), (server.submission(), Some("smtp")), (server.imaps(), None)]
    {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", "-brief", "-verify_return_error", "-verify_hostname", "mail.lab.test"]);
        openssl.args(["-connect", &format!("127.0.0.1:{port}"), "-servername", "mail.lab.test", "-CAfile"]);
        openssl.arg(&authority);
        if let Some(protocol) = how {
            openssl.args(["-starttls", protocol]);
        }
        let spoken = run_with_input(&mut openssl, b"QUIT\r\n").ok();
        assert!(spoken.err.contains("Verification: OK"), "{}\n{}", spoken.out, spoken.err);
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_command_quietly() {
    let server = Server::start();
    let command = format!(
        "'{}' --data '{}' config show --postfix | true",
        postigo().display(),
        server.data().display()
    );
    let done = run(Command::new("bash").args(["-c", &format!("{command}; echo ${{PIPESTATUS[0]}}")]));
    // What fits into the pipe may be written before the reader is gone.
    assert!(["0", "141"].contains(&done.out.trim()), "{done:?}");
    assert_eq!(done.err, "");
}
