//! A session from connect to quit, as it is told afterwards.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use postigo_api::{
    Level, LogFilter, LogQuery, Outcome, Said, Service, SessionQuery, SessionResult, SessionTls, StepKind,
};
use postigo_trace::{Delivery, Ending, Event, Limits, QueueIds, Queued, Refusal, Stage, Trace};

fn peer() -> SocketAddr {
    "127.0.0.1:40000".parse().unwrap()
}

fn flush(trace: &Trace) {
    trace.flush(Duration::from_secs(10));
}

/// Ana hands in a message for Luis, for which the server gives `id`.
fn ana_writes_to_luis(trace: &Trace, id: &str) -> i64 {
    let session = trace.session(Service::Submission, 2587, peer());
    session.server_lines(b"220 mail.lab.test ESMTP Postigo\r\n");
    session.client_line(b"EHLO portatil", &[]);
    session.tls(SessionTls {
        version: "TLSv1.3".into(),
        cipher: "TLS_AES_256_GCM_SHA384".into(),
        server_name: None,
    });
    session.client_line(b"AUTH PLAIN AGFuYQBzZWNyZXQ=", std::slice::from_ref(&(11..27)));
    session.authenticated("PLAIN", "ana@lab.test");
    session.client_line(b"MAIL FROM:<ana@lab.test>", &[]);
    session.client_line(b"RCPT TO:<luis@lab.test>", &[]);
    session.content(true, 612);
    let reply = format!("250 2.0.0 Ok: queued as {id}");
    session.queued(
        id,
        Queued {
            client: session.client().to_owned(),
            service: Service::Submission,
            sasl: Some(("PLAIN".into(), "ana@lab.test".into())),
            message_id: Some("1@lab.test".into()),
            subject: Some("Hola".into()),
            reverse_path: "ana@lab.test".into(),
            recipients: vec!["luis@lab.test".into()],
            recipient_count: 1,
            octets: 612,
            reply: reply.clone(),
        },
    );
    let delivery = Delivery {
        recipient: "luis@lab.test".into(),
        delays: [0.0, 0.0, 0.0, 0.01],
        failure: None,
        mailbox: "INBOX".into(),
        uid: 1,
        path: "mail/lab.test/luis/Maildir/new/1".into(),
    };
    session.event(Some(id), Event::Delivered(Box::new(delivery)));
    session.event(Some(id), Event::Removed);
    session.server_lines(format!("{reply}\r\n").as_bytes());
    let number = session.id();
    session.close(Ending::Client, "ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8");
    number
}

#[test]
fn a_message_has_its_lines_its_session_and_its_journey() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(folder.path(), "mail.lab.test", Limits::default()).unwrap();
    let id = QueueIds::default().next(1_795_512_067_000_000);
    let number = ana_writes_to_luis(&trace, &id);
    flush(&trace);

    let filter = LogFilter { queue_id: Some(id.clone()), ..LogFilter::default() };
    let page = trace.log(&LogQuery { filter, ..LogQuery::default() }, "mail").unwrap();
    let services: Vec<&str> = page.lines.iter().map(|l| l.service.as_str()).collect();
    assert_eq!(services, ["smtpd", "cleanup", "qmgr", "virtual", "qmgr"]);
    assert!(!page.more);

    let detail = trace.session_detail(number, 0).unwrap().unwrap();
    assert_eq!(detail.session.result, SessionResult::Accepted);
    assert_eq!(detail.session.user.as_deref(), Some("ana@lab.test"));
    let masked = detail
        .lines
        .iter()
        .any(|l| l.said == Said::Client { text: "AUTH PLAIN •••••••".into() });
    assert!(masked, "{:?}", detail.lines);

    let journey = trace.journey(&id).unwrap().unwrap();
    let kinds: Vec<StepKind> = journey.steps.iter().map(|s| s.kind).collect();
    assert_eq!(kinds, [StepKind::Submitted, StepKind::Checked, StepKind::Accepted, StepKind::Delivered]);
    assert_eq!(journey.outcome, Outcome::Delivered);
    assert_eq!(journey.steps[0].params["tls"], "TLSv1.3");

    let file = std::fs::read_to_string(folder.path().join("log/mail.log")).unwrap();
    assert!(
        file.contains(&format!("postigo/virtual[{number}]: {id}: to=<luis@lab.test>, relay=virtual")),
        "{file}"
    );
    assert!(!file.contains("AGFuYQBzZWNyZXQ"), "a password is in the log");
}

#[test]
fn refused_sessions_are_found_among_the_refused() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(folder.path(), "mail", Limits::default()).unwrap();
    ana_writes_to_luis(&trace, "A");
    let session = trace.session(Service::Smtp, 2525, "127.0.0.66:1".parse().unwrap());
    session.refused(Refusal {
        stage: Stage::Rcpt,
        client: session.client().to_owned(),
        reply: "554 5.7.1 <victima@otro.test>: Relay access denied".into(),
        reverse_path: Some("rey@otro.test".into()),
        recipient: Some("victima@otro.test".into()),
        protocol: "ESMTP".into(),
        client_name: Some("otro.test".into()),
    });
    session.close(Ending::Client, "ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4");
    flush(&trace);

    let page = trace.sessions(&SessionQuery { refused: true, ..SessionQuery::default() }).unwrap();
    assert_eq!((page.sessions.len(), page.total, page.refused), (1, 2, 1));
    assert_eq!(page.sessions[0].result, SessionResult::Refused);
    let worst = LogFilter { level: Some(Level::Refused), ..LogFilter::default() };
    let page = trace.log(&LogQuery { filter: worst, ..LogQuery::default() }, "mail").unwrap();
    assert_eq!(page.lines.len(), 1);
    let recent = trace.recent(8).unwrap();
    assert_eq!(recent.iter().map(|r| r.outcome).collect::<Vec<_>>(), [Outcome::Refused, Outcome::Delivered]);
    assert_eq!(recent.iter().map(|r| r.client.as_str()).collect::<Vec<_>>(), ["otro.test", "localhost"]);
    let figures = trace.figures(0).unwrap();
    assert_eq!((figures.accepted, figures.delivered, figures.submitted, figures.refused), (1, 1, 1, 1));
}

#[test]
fn an_open_session_is_followed_line_by_line_and_survives_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(folder.path(), "mail", Limits::default()).unwrap();
    let session = trace.session(Service::Imap, 2143, peer());
    session.server_lines(b"* OK ready\r\n");
    let detail = trace.session_detail(session.id(), 0).unwrap().unwrap();
    assert_eq!((detail.lines.len(), detail.session.result), (1, SessionResult::Open));
    session.client_line(b"a1 NOOP", &[]);
    let detail = trace.session_detail(session.id(), 1).unwrap().unwrap();
    assert_eq!(
        detail.lines.iter().map(|l| &l.said).collect::<Vec<_>>(),
        [&Said::Client { text: "a1 NOOP".into() }]
    );
    assert_eq!(trace.sessions(&SessionQuery::default()).unwrap().sessions.len(), 1);
    let first = session.id();
    session.close(Ending::Client, "");
    trace.close();

    let trace = Trace::open(folder.path(), "mail", Limits::default()).unwrap();
    assert!(trace.session(Service::Imap, 2143, peer()).id() > first);
    assert_eq!(trace.session_detail(first, 0).unwrap().unwrap().lines.len(), 3);
}

#[test]
fn pages_of_the_log_join_without_gap_or_overlap() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(folder.path(), "mail", Limits::default()).unwrap();
    for n in 0..50 {
        ana_writes_to_luis(&trace, &format!("M{n}"));
    }
    flush(&trace);
    let whole = trace.log(&LogQuery { limit: 2000, ..LogQuery::default() }, "mail").unwrap();
    let mut joined = Vec::new();
    let mut before = None;
    loop {
        let page = trace.log(&LogQuery { before, limit: 7, ..LogQuery::default() }, "mail").unwrap();
        before = page.lines.first().map(|l| l.id);
        joined.splice(0..0, page.lines);
        if !page.more {
            break;
        }
    }
    assert_eq!(joined, whole.lines);
    let after =
        trace.log(&LogQuery { after: Some(joined[9].id), limit: 5, ..LogQuery::default() }, "mail").unwrap();
    assert_eq!(after.lines, joined[10..15]);
}

#[test]
fn a_trace_that_cannot_be_read_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trace.db"), b"this is no database, and longer than a header would be")
        .unwrap();
    let trace = Trace::open(folder.path(), "mail", Limits::default()).unwrap();
    ana_writes_to_luis(&trace, "A");
    flush(&trace);
    assert!(trace.journey("A").unwrap().is_some());
    assert!(folder.path().join("trace.db.unreadable").exists());
}

#[test]
fn a_live_view_hears_of_lines_and_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(folder.path(), "mail", Limits::default()).unwrap();
    let mut live = trace.subscribe();
    ana_writes_to_luis(&trace, "A");
    flush(&trace);
    let mut lines = 0;
    let mut ended = false;
    while let Ok(batch) = live.try_recv() {
        lines += batch.lines.len();
        ended |= batch.sessions.iter().any(|s| s.result == SessionResult::Accepted);
    }
    assert!(lines >= 8 && ended, "{lines} lines");
}

/// Views ask again and again: they must not wait for a writer that has nothing to write.
#[test]
fn nobody_waits_when_everything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(folder.path(), "mail", Limits::default()).unwrap();
    let _live = trace.subscribe();
    let session = trace.session(Service::Imap, 2143, peer());
    flush(&trace);
    let began = Instant::now();
    for _ in 0..100 {
        // The writer gathers for a while what it hands to live views; nothing of it is to be written.
        session.touched();
        flush(&trace);
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
fn what_the_database_does_not_take_is_counted_as_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(folder.path(), "mail", Limits::default()).unwrap();
    let other = rusqlite::Connection::open(folder.path().join("trace.db")).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON entries BEGIN SELECT RAISE(FAIL, 'refused'); END",
        )
        .unwrap();
    for _ in 0..3 {
        trace.event(Event::Reloaded);
        // The second and third batch lose, besides their own, the word of what was lost before.
        flush(&trace);
    }
    assert_eq!(trace.figures(0).unwrap().left_out, 0);
    other.execute_batch("DROP TRIGGER refuse").unwrap();
    flush(&trace);
    assert_eq!(trace.figures(0).unwrap().left_out, 3);
}
