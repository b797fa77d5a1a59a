//! What becomes of somebody who is renamed, switched off, given another password, or deleted.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::wire::Wire;
use common::{Lab, PASSWORD};
use postigo_api::{
    AccountDelete, AccountPassword, AccountRef, AccountUpdate, Code, MailAccountRef, MailFate, NewAccount,
    Service,
};

const ANA: &str = "ana@lab.test";

fn update(display_name: Option<&str>, enabled: Option<bool>) -> AccountUpdate {
    AccountUpdate {
        address: ANA.into(),
        display_name: display_name.map(str::to_owned),
        enabled,
        storage: None,
    }
}

/// A session of ana's that has her INBOX open, as mail programs have.
async fn reading(lab: &Lab) -> Wire {
    let mut imap = lab.imap().await;
    let login = imap.login(ANA).await;
    assert!(login.starts_with("t OK"), "{login}");
    let (done, _) = imap.command("SELECT INBOX").await;
    assert!(done.starts_with("t OK"), "{done}");
    imap
}

/// A session in which ana hands in mail, after these commands and their replies.
async fn handing_in(lab: &Lab, commands: &[&str]) -> Wire {
    let mut submission = Wire::smtp(lab.listener(Service::Submission).await.port).await;
    // \0ana@lab.test\0 and the password in base64 (RFC 4616).
    let auth = submission.ask("AUTH PLAIN AGFuYUBsYWIudGVzdAB0cmVzIHB1ZXJ0YXMgYXp1bGVz").await;
    assert!(auth.starts_with("235"), "{auth}");
    for command in commands {
        let reply = submission.ask(command).await;
        assert!(reply.starts_with(['2', '3']), "{command}: {reply}");
    }
    submission
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_on_handing_in_mail_with_an_account_that_changed() {
    let transaction = ["MAIL FROM:<ana@lab.test>", "RCPT TO:<luis@lab.test>", "DATA"];
    let password = AccountPassword { address: ANA.into(), password: "cuatro ventanas rojas".into() };
    let lab = Lab::start().await;
    let mut luis = lab.imap().await;
    luis.login("luis").await;
    for change in ["password", "off"] {
        let mut sessions = Vec::new();
        for commands in 0..=transaction.len() {
            sessions.push(handing_in(&lab, &transaction[..commands]).await);
        }
        if change == "password" {
            lab.api.account_password(password.clone()).await.unwrap();
        } else {
            lab.api.account_update(update(None, Some(false))).await.unwrap();
        }
        // The one that has begun its content has to finish it: no reply may come before that (RFC 5321 §4.1.1.4).
        sessions[3].say("Subject: tarde\r\n\r\nHola.\r\n.").await;
        for (commands, session) in sessions.iter_mut().enumerate() {
            let (last, _) = session.end().await;
            assert!(last.starts_with("421 4.7.0"), "{change}, after {commands} commands: {last}");
        }
        assert_eq!(lab.inbox("luis@lab.test").await, 0);
        let back = AccountPassword { password: PASSWORD.into(), ..password.clone() };
        lab.api.account_password(back).await.unwrap();
    }
    assert!(luis.command("NOOP").await.0.starts_with("t OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_costs_time_and_nobody_else_waits() {
    let lab = Lab::start().await;
    let wrong = async {
        let began = Instant::now();
        let (login, _) = lab.imap().await.command("LOGIN ana falsch").await;
        assert!(login.starts_with("t NO"), "{login}");
        let mut submission = Wire::smtp(lab.listener(Service::Submission).await.port).await;
        // \0ana\0falsch in base64.
        let auth = submission.ask("AUTH PLAIN AGFuYQBmYWxzY2g=").await;
        assert!(auth.starts_with("535"), "{auth}");
        began.elapsed()
    };
    let right = async {
        let began = Instant::now();
        for _ in 0..3 {
            assert!(lab.imap().await.login("luis").await.starts_with("t OK"));
        }
        began.elapsed()
    };
    let (wrong, right) = tokio::join!(wrong, right);
    assert!(wrong >= Duration::from_secs(1), "{wrong:?}");
    assert!(right < wrong, "{right:?}, {wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_changes_nothing_else() {
    let lab = Lab::start().await;
    let mut imap = reading(&lab).await;
    let account = lab.api.account_update(update(Some("Ana María"), None)).await.unwrap();
    assert_eq!((account.display_name.as_str(), account.enabled), ("Ana María", true));
    assert!(lab.smtp().await.send(ANA).await.starts_with("250"));
    let (done, lines) = imap.command("NOOP").await;
    assert!(done.starts_with("t OK") && lines.contains(&"* 1 EXISTS".to_owned()), "{lines:?} {done}");
    assert!(lab.imap().await.login("ana").await.starts_with("t OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_switched_off_neither_logs_in_nor_receives_nor_goes_on() {
    let lab = Lab::start().await;
    let (mut waiting, mut reading_on) = (reading(&lab).await, reading(&lab).await);
    let mut luis = lab.imap().await;
    luis.login("luis").await;
    waiting.say("t IDLE").await;
    assert!(waiting.line().await.starts_with("+ "));

    lab.api.account_update(update(None, Some(false))).await.unwrap();
    for session in [&mut waiting, &mut reading_on] {
        let (bye, _) = session.end().await;
        assert!(bye.starts_with("* BYE"), "{bye}");
    }
    assert!(luis.command("NOOP").await.0.starts_with("t OK"));
    let login = lab.imap().await.login(ANA).await;
    assert!(login.starts_with("t NO"), "{login}");
    let rcpt = lab.smtp().await.send(ANA).await;
    assert!(rcpt.starts_with("550 5.2.1"), "{rcpt}");
    let folders = lab.api.mail_folders(MailAccountRef { account: ANA.into() }).await;
    assert_eq!(folders.map_err(|e| e.code).err(), Some(Code::MailAccountUnknown));

    lab.api.account_update(update(None, Some(true))).await.unwrap();
    assert!(lab.imap().await.login(ANA).await.starts_with("t OK"));
    assert!(lab.smtp().await.send(ANA).await.starts_with("250"));
    assert_eq!(lab.inbox(ANA).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_the_sessions_of_the_old_one() {
    let lab = Lab::start().await;
    // The built-in client has a connection by now; it goes on with a new one.
    assert_eq!(lab.inbox(ANA).await, 0);
    let mut imap = reading(&lab).await;
    let password = AccountPassword { address: ANA.into(), password: "cuatro ventanas rojas".into() };
    lab.api.account_password(password).await.unwrap();
    let (bye, _) = imap.end().await;
    assert!(bye.starts_with("* BYE"), "{bye}");
    let old = lab.imap().await.login(ANA).await;
    assert!(old.starts_with("t NO"), "{old}");
    let (new, _) = lab.imap().await.command(&format!("LOGIN {ANA} \"cuatro ventanas rojas\"")).await;
    assert!(new.starts_with("t OK"), "{new}");
    assert_eq!(lab.inbox(ANA).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_or_sends_as_somebody_who_was_deleted() {
    let lab = Lab::start().await;
    assert!(lab.smtp().await.send(ANA).await.starts_with("250"));
    assert_eq!(lab.inbox(ANA).await, 1);
    let mut imap = reading(&lab).await;
    let mut submission = handing_in(&lab, &[]).await;

    let delete = AccountDelete { address: ANA.into(), mail: MailFate::Keep };
    let deleted = lab.api.account_delete(delete).await.unwrap();
    let kept = deleted.path.expect("the mail is kept");
    assert!(std::path::Path::new(&kept).is_dir(), "{kept}");
    let (bye, _) = imap.end().await;
    assert!(bye.starts_with("* BYE"), "{bye}");
    let (bye, _) = submission.end().await;
    assert!(bye.starts_with("421 4.7.0"), "{bye}");
    assert!(lab.imap().await.login(ANA).await.starts_with("t NO"));
    assert!(lab.smtp().await.send(ANA).await.starts_with("550 5.1.1"));
    let gone = lab.api.account_get(AccountRef { address: ANA.into() }).await;
    assert_eq!(gone.map_err(|e| e.code).err(), Some(Code::AccountUnknown));
    let folders = lab.api.mail_folders(MailAccountRef { account: ANA.into() }).await;
    assert_eq!(folders.map_err(|e| e.code).err(), Some(Code::MailAccountUnknown));

    // Somebody else with the same name inherits nothing.
    let new = NewAccount {
        address: ANA.into(),
        display_name: "Ana".into(),
        password: "cuatro ventanas rojas".into(),
        storage: None,
    };
    lab.api.account_add(new).await.unwrap();
    assert_eq!(lab.inbox(ANA).await, 0);
    assert!(lab.imap().await.command(&format!("LOGIN {ANA} \"{PASSWORD}\"")).await.0.starts_with("t NO"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_folder_is_gone_when_that_was_asked_for() {
    let lab = Lab::start().await;
    let path = lab.api.account_get(AccountRef { address: ANA.into() }).await.unwrap().path;
    assert!(std::path::Path::new(&path).is_dir(), "{path}");
    let delete = AccountDelete { address: "ana".into(), mail: MailFate::Remove };
    assert_eq!(lab.api.account_delete(delete).await.unwrap().path, None);
    assert!(!std::path::Path::new(&path).exists(), "{path}");
}
