//! Changes in watched folders, as a real Dovecot tells them.

mod common;

use common::authority::Authority;
use common::dovecot::Dovecot;
use common::{ANA, HOST, Ports, account, client, endpoint, eventually, page};
use postigo_api::{Code, FlagChange, FolderRef, MessageRefs, Security};

const MIXED: &[u8] = include_bytes!("messages/mixed.eml");

fn folder(account: &str, name: &str) -> FolderRef {
    FolderRef { account: account.to_owned(), folder: name.to_owned() }
}

#[tokio::test]
async fn arrivals_and_flags_in_a_watched_folder_are_told() {
    for settings in ["mailbox_idle_check_interval = 1 secs\n", "imap_capability = IMAP4rev1 AUTH=PLAIN\n"] {
        let ports = Ports::take();
        let authority = Authority::for_name(HOST);
        let dovecot = Dovecot::start(&ports, &authority, settings);
        let imap = endpoint(ports.nth(1), Security::Starttls);
        let (client, told) = client(account(imap.clone(), imap, vec![authority.root.clone()]));
        client.watch(folder(ANA, "INBOX")).await.expect("watched");
        client.watch(folder(ANA, "INBOX")).await.expect("watched");
        eventually("the watch begins", || told.lock().expect("told").len() == 1).await;
        assert_eq!(told.lock().expect("told")[0].arrived, 0);

        dovecot.deliver("1", MIXED);
        let arrived = || told.lock().expect("told").iter().map(|changed| changed.arrived).sum::<u32>();
        if settings.contains("imap_capability") {
            // Without IDLE the folder is asked every 20 seconds; that is not waited for here.
            continue;
        }
        eventually("the arrival is told", || arrived() == 1).await;
        let before = told.lock().expect("told").len();
        let uid = page(&client, "INBOX").await.messages[0].uid;
        let messages = MessageRefs { account: ANA.to_owned(), folder: "INBOX".into(), uids: vec![uid] };
        let change = FlagChange { messages, seen: Some(true), flagged: None };
        client.flag(change).await.expect("flagged");
        eventually("the flag is told", || told.lock().expect("told").len() > before).await;
        assert_eq!(arrived(), 1);
        assert!(
            told.lock()
                .expect("told")
                .iter()
                .all(|changed| changed.account == ANA && changed.folder == "INBOX")
        );
    }
}

#[tokio::test]
async fn no_more_than_four_folders_are_watched() {
    let ports = Ports::take();
    let authority = Authority::for_name(HOST);
    let dovecot = Dovecot::start(&ports, &authority, "mail_max_userip_connections = 50\n");
    let imap = endpoint(ports.nth(1), Security::None);
    let (client, told) = client(account(imap.clone(), imap, Vec::new()));
    let names = ["INBOX", "A", "B", "C", "D", "E"];
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            client.folder_create(folder(ANA, name)).await.expect("created");
        }
        client.watch(folder(ANA, name)).await.expect("watched");
        eventually("the watch begins", || told.lock().expect("told").len() == index + 1).await;
    }
    let open = || {
        let log = dovecot.log();
        let ended = |line: &&str| {
            line.contains(" imap(") && (line.contains("Disconnected") || line.contains("Logged out"))
        };
        log.matches("Login: user").count() - log.lines().filter(ended).count()
    };
    // Four that watch, and the one that made the folders.
    eventually("two watches ended", || open() == 5).await;
    let unknown = client.watch(folder("nobody@lab.test", "INBOX")).await.expect_err("unknown");
    assert_eq!(unknown.code, Code::MailAccountUnknown);
    client.forget(ANA);
    eventually("all connections ended", || open() == 0).await;
}
