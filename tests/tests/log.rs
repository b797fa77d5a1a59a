//! The log file, read by a program that was made for Postfix.

use std::process::Command;

use postigo_tests::{Server, run};

#[test]
fn pflogsumm_counts_what_happened() {
    let mut server = Server::start();
    let swaks = |from: &str, to: &str| {
        run(Command::new("swaks").args([
            "--server",
            "127.0.0.1",
            "--port",
            &server.smtp().to_string(),
            "--from",
            from,
            "--to",
            to,
        ]))
    };
    for _ in 0..3 {
        swaks("eva@otro.test", "luis@lab.test").ok();
    }
    swaks("eva@otro.test", "nadie@lab.test");
    // This computer is trusted by default; now everybody is a stranger.
    server.postigo(["config", "set", "mynetworks", ""]).ok();
    swaks("eva@otro.test", "victima@gran-correo.test");
    server.stop();
    let log = server.data().join("log/mail.log");
    let report = run(Command::new("pflogsumm").args(["--syslog-name=postigo"]).arg(&log)).ok().out;
    let figure = |name: &str| {
        let line = report.lines().find(|line| line.trim_end().ends_with(name));
        line.and_then(|line| line.split_whitespace().next()).unwrap_or("none").to_owned()
    };
    assert_eq!((figure("  received"), figure("  delivered")), ("3".to_owned(), "3".to_owned()), "{report}");
    assert!(report.contains("2   rejected (40%)"), "{report}");
    assert!(report.contains("luis@lab.test"), "{report}");
    assert!(report.contains("User unknown") && report.contains("Relay access denied"), "{report}");
}
