//! Reading mail from a real Dovecot.

mod common;

use base64::Engine as _;
use common::authority::Authority;
use common::dovecot::Dovecot;
use common::{ANA, HOST, Ports, account, client, endpoint, eventually, message, page, query};
use postigo_api::{
    Code, FlagChange, FolderRef, FolderRename, FolderRole, MailAccountRef, MessageHtmlRef, MessageMove,
    MessagePartRef, MessageQuery, MessageRefs, MessageSourceRef, Security,
};
use postigo_client::Client;

const MIXED: &[u8] = include_bytes!("messages/mixed.eml");

struct Lab {
    dovecot: Dovecot,
    client: Client,
    _ports: Ports,
}

fn lab(security: Security, settings: &str) -> Lab {
    let ports = Ports::take();
    let authority = Authority::for_name(HOST);
    let dovecot = Dovecot::start(&ports, &authority, settings);
    let port = if security == Security::Tls { ports.nth(2) } else { ports.nth(1) };
    let imap = endpoint(port, security);
    let (client, _) = client(account(imap.clone(), imap, vec![authority.root.clone()]));
    Lab { dovecot, client, _ports: ports }
}

fn plain(n: u32) -> Vec<u8> {
    let date = format!("Tue, 24 Nov 2026 10:{:02}:00 +0000", n % 60);
    format!(
        "From: Eva <eva@lab.test>\r\nTo: {ANA}\r\nSubject: Message {n}\r\nDate: {date}\r\nMessage-ID: <{n}@lab.test>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nThis is number {n}.\r\n{}\r\n",
        if n == 3 { "Mañana será otro día." } else { "" }
    )
    .into_bytes()
}

fn refs(folder: &str, uids: &[u32]) -> MessageRefs {
    MessageRefs { account: ANA.to_owned(), folder: folder.to_owned(), uids: uids.to_vec() }
}

fn folder(name: &str) -> FolderRef {
    FolderRef { account: ANA.to_owned(), folder: name.to_owned() }
}

const SPECIAL: &str = "
namespace inbox {
  mailbox Enviados {
    auto = create
    special_use = \\Sent
  }
  mailbox Papelera {
    auto = create
    special_use = \\Trash
  }
}
";

#[tokio::test]
async fn folders_have_roles_labels_and_counts() {
    let lab = lab(Security::Starttls, SPECIAL);
    lab.dovecot.deliver("1", &plain(1));
    lab.dovecot.deliver("2", &plain(2));
    for name in ["Proyectos/Año 2026", "A & B", "Drafts"] {
        lab.client.folder_create(folder(name)).await.expect("created");
    }
    let asked = MailAccountRef { account: ANA.to_owned() };
    let folders = lab.client.folders(asked.clone()).await.expect("folders");
    let shown: Vec<_> =
        folders.iter().map(|f| (f.name.as_str(), f.label.as_str(), f.depth, f.role)).collect();
    let expected = [
        ("INBOX", "INBOX", 0, Some(FolderRole::Inbox)),
        ("Drafts", "Drafts", 0, Some(FolderRole::Drafts)),
        ("Enviados", "Enviados", 0, Some(FolderRole::Sent)),
        ("Papelera", "Papelera", 0, Some(FolderRole::Trash)),
        ("A & B", "A & B", 0, None),
        ("Proyectos", "Proyectos", 0, None),
        ("Proyectos/Año 2026", "Año 2026", 1, None),
    ];
    assert_eq!(shown, expected);
    assert_eq!((folders[0].messages, folders[0].unseen), (2, 2));
    assert!(!folders[5].selectable && folders[6].selectable);

    let rename = FolderRename { account: ANA.to_owned(), folder: "A & B".into(), to: "Ñ".into() };
    lab.client.folder_rename(rename).await.expect("renamed");
    lab.client.folder_delete(folder("Proyectos/Año 2026")).await.expect("deleted");
    let folders = lab.client.folders(asked).await.expect("folders");
    let names: Vec<_> = folders.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["INBOX", "Drafts", "Enviados", "Papelera", "Ñ"]);
    let unknown = lab.client.folder_delete(folder("Nada")).await.expect_err("unknown");
    assert_eq!(unknown.code, Code::MailFolderUnknown);
    let exists = lab.client.folder_create(folder("Ñ")).await.expect_err("exists");
    assert_eq!(exists.code, Code::MailRefused);
}

#[tokio::test]
async fn the_newest_messages_come_first_with_previews() {
    let lab = lab(Security::Tls, "");
    for n in 1..=5 {
        lab.dovecot.deliver(&format!("170000000{n}.a"), &plain(n));
        // Dovecot numbers what it finds at once in any order.
        page(&lab.client, "INBOX").await;
    }
    lab.dovecot.deliver("1700000009.a", MIXED);
    let all = page(&lab.client, "INBOX").await;
    assert_eq!((all.total, all.unseen), (6, 6));
    assert_ne!(all.uid_validity, 0);
    let subjects: Vec<_> = all.messages.iter().map(|row| row.subject.as_str()).collect();
    let expected = ["Informe de mañana", "Message 5", "Message 4", "Message 3", "Message 2", "Message 1"];
    assert_eq!(subjects, expected);
    let first = &all.messages[0];
    assert_eq!(first.from.as_ref().map(|from| from.name.as_str()), Some("Ana Pérez"));
    assert_eq!(first.to.len(), 2);
    assert!(first.has_attachment && !all.messages[1].has_attachment);
    assert_eq!(first.preview, "Hola Luis, te envío el informe. -- Ana");
    assert_eq!(all.messages[3].preview, "This is number 3. Mañana será otro día.");
    assert_eq!(all.messages[5].date, 1_795_514_460_000_000);
    assert_eq!(first.octets, MIXED.len() as u64);

    let some = MessageQuery { offset: 1, limit: 2, ..query("INBOX") };
    let some = lab.client.list(some).await.expect("a page");
    assert_eq!((some.total, some.messages.len()), (6, 2));
    assert_eq!(some.messages[0].subject, "Message 5");
    let beyond = MessageQuery { offset: 6, ..query("INBOX") };
    assert!(lab.client.list(beyond).await.expect("a page").messages.is_empty());
    let unknown = lab.client.list(query("Nada")).await.expect_err("unknown");
    assert_eq!(unknown.code, Code::MailFolderUnknown);
}

#[tokio::test]
async fn searches_find_text_beyond_ascii_and_flags() {
    let lab = lab(Security::None, "");
    for n in 1..=4 {
        lab.dovecot.deliver(&format!("170000000{n}.a"), &plain(n));
        page(&lab.client, "INBOX").await;
    }
    let found = |text: &str| MessageQuery { text: Some(text.to_owned()), ..query("INBOX") };
    let by_text = lab.client.list(found("será otro")).await.expect("a page");
    assert_eq!((by_text.total, by_text.messages[0].subject.as_str()), (1, "Message 3"));
    assert_eq!(lab.client.list(found("number")).await.expect("a page").total, 4);
    assert_eq!(lab.client.list(found("nothing like that \"\\")).await.expect("a page").total, 0);
    assert_eq!(lab.client.list(found("a\r\nb")).await.expect_err("lines").code, Code::BadRequest);

    let uid = by_text.messages[0].uid;
    let change = FlagChange { messages: refs("INBOX", &[uid]), seen: Some(true), flagged: Some(true) };
    lab.client.flag(change).await.expect("flagged");
    let flagged = lab.client.list(MessageQuery { flagged: true, ..query("INBOX") }).await.expect("a page");
    assert_eq!(flagged.messages.iter().map(|row| row.uid).collect::<Vec<_>>(), [uid]);
    assert!(flagged.messages[0].flags.seen && flagged.messages[0].flags.flagged);
    let unseen = lab.client.list(MessageQuery { unseen: true, ..query("INBOX") }).await.expect("a page");
    assert_eq!((unseen.total, unseen.unseen), (3, 3));
    let change = FlagChange { messages: refs("INBOX", &[uid]), seen: Some(false), flagged: Some(false) };
    lab.client.flag(change).await.expect("unflagged");
    assert_eq!(page(&lab.client, "INBOX").await.unseen, 4);
}

#[tokio::test]
async fn a_message_is_read_in_all_its_forms() {
    let lab = lab(Security::Tls, "");
    lab.dovecot.deliver("1", MIXED);
    let uid = page(&lab.client, "INBOX").await.messages[0].uid;

    let shown = lab.client.message(message("INBOX", uid)).await.expect("a message");
    assert_eq!(shown.text, "Hola Luis,\n\nte envío el informe.\n-- \nAna");
    assert!(shown.has_html && shown.has_remote);
    assert_eq!(shown.queue_id.as_deref(), Some("4bXkTz0Q1"));
    assert_eq!(shown.message_id.as_deref(), Some("mixed.1@lab.test"));
    assert_eq!(shown.reply_to[0].address, "ana.perez@lab.test");
    assert!(!shown.row.flags.seen);
    let names: Vec<_> =
        shown.attachments.iter().map(|a| (a.part.as_str(), a.name.as_str(), a.octets)).collect();
    assert_eq!(names[1], ("3", "informe año.pdf", 17));
    assert_eq!(shown.parts.children.len(), 3);

    let asked = MessageHtmlRef { account: ANA.to_owned(), folder: "INBOX".into(), uid, remote: false };
    let html = lab.client.html(asked).await.expect("html").html;
    assert!(html.contains("<b>Luis</b>") && html.contains("data:image/png;base64,iVBORw0KGgo="), "{html}");
    assert!(!html.contains("track.test") && !html.contains("alert") && !html.contains("onclick"), "{html}");

    let part = MessagePartRef { account: ANA.to_owned(), folder: "INBOX".into(), uid, part: "3".into() };
    let file = lab.client.part(part).await.expect("a part");
    assert_eq!(
        base64::engine::general_purpose::STANDARD.decode(file.base64).expect("base64"),
        b"%PDF-1.4 nothing\n"
    );

    let gone = lab.client.message(message("INBOX", uid + 1)).await.expect_err("gone");
    assert_eq!(gone.code, Code::MailMessageGone);
}

#[tokio::test]
async fn a_whole_message_keeps_octets_that_are_no_text() {
    let lab = lab(Security::Tls, "");
    let raw = b"From: Eva <eva@lab.test>\r\nSubject: A\xf1o\r\n\r\nMa\xf1ana\r\n";
    lab.dovecot.deliver("1", raw);
    let uid = page(&lab.client, "INBOX").await.messages[0].uid;
    let whole = MessagePartRef { account: ANA.to_owned(), folder: "INBOX".into(), uid, part: String::new() };
    let file = lab.client.part(whole).await.expect("the message");
    assert_eq!((file.name.as_str(), file.media_type.as_str()), ("message.eml", "message/rfc822"));
    let octets = base64::engine::general_purpose::STANDARD.decode(file.base64).expect("base64");
    assert_eq!(octets, raw);
}

#[tokio::test]
async fn the_source_comes_in_pieces_from_server_and_memory() {
    let lab = lab(Security::Tls, "");
    lab.dovecot.deliver("1", &plain(3));
    let uid = page(&lab.client, "INBOX").await.messages[0].uid;
    let whole = String::from_utf8(plain(3)).expect("UTF-8");
    for _ in 0..2 {
        let mut read = String::new();
        let mut next = Some(0);
        while let Some(offset) = next {
            let asked =
                MessageSourceRef { account: ANA.to_owned(), folder: "INBOX".into(), uid, offset, limit: 7 };
            let piece = lab.client.source(asked).await.expect("a piece");
            assert_eq!(piece.octets, whole.len() as u64);
            read.push_str(&piece.text);
            next = piece.next_offset;
        }
        assert_eq!(read, whole);
        // The second time it comes from memory.
        lab.client.message(message("INBOX", uid)).await.expect("a message");
    }
}

#[tokio::test]
async fn messages_are_moved_trashed_and_deleted() {
    for settings in ["", "imap_capability = IMAP4rev1 AUTH=PLAIN\n"] {
        // Without any extension the same has to happen by COPY and EXPUNGE.
        let lab = lab(Security::None, settings);
        for n in 1..=3 {
            lab.dovecot.deliver(&format!("170000000{n}.a"), &plain(n));
            page(&lab.client, "INBOX").await;
        }
        lab.client.folder_create(folder("Año")).await.expect("created");
        let uids: Vec<u32> = page(&lab.client, "INBOX").await.messages.iter().map(|row| row.uid).collect();
        let moved = MessageMove { messages: refs("INBOX", &uids[..2]), to: "Año".into() };
        let moved = lab.client.move_messages(moved).await.expect("moved").uids;
        assert_eq!(page(&lab.client, "INBOX").await.total, 1);
        let there = page(&lab.client, "Año").await;
        assert_eq!(there.total, 2);
        // Dovecot tells the new numbers even where it does not announce UIDPLUS: in the reply to COPY.
        assert_eq!(moved, [1, 2]);

        let trashed = lab.client.delete(refs("Año", &[there.messages[0].uid])).await.expect("trashed");
        assert_eq!(trashed.uids, [1]);
        assert_eq!(page(&lab.client, "Año").await.total, 1);
        let trash = page(&lab.client, "Trash").await;
        assert_eq!(trash.total, 1);
        let deleted = lab.client.delete(refs("Trash", &[trash.messages[0].uid])).await.expect("deleted");
        assert_eq!(deleted.uids, Vec::<u32>::new());
        assert_eq!(page(&lab.client, "Trash").await.total, 0);

        let nowhere = MessageMove { messages: refs("INBOX", &uids[2..]), to: "Nada".into() };
        let error = lab.client.move_messages(nowhere).await.expect_err("no such folder");
        assert_eq!(error.code, Code::MailFolderUnknown);
        assert_eq!(page(&lab.client, "INBOX").await.total, 1);
        let none = lab.client.delete(refs("INBOX", &[])).await.expect_err("none");
        assert_eq!(none.code, Code::BadRequest);
    }
}

#[tokio::test]
async fn a_kept_connection_that_broke_is_replaced() {
    let lab = lab(Security::None, "");
    lab.dovecot.deliver("1", &plain(1));
    assert_eq!(page(&lab.client, "INBOX").await.total, 1);
    // Dovecot ends the sessions of its imap processes, as a restart of the server would.
    let sessions = std::process::Command::new("doveadm")
        .args(["-c", &lab.dovecot.config().display().to_string(), "kick", ANA])
        .stdout(std::process::Stdio::null())
        .status()
        .expect("doveadm is in the package dovecot-core");
    assert!(sessions.success());
    let ended = |line: &str| line.contains(" imap(") && line.contains("isconnected");
    eventually("the session ended", || lab.dovecot.log().lines().any(ended)).await;
    assert_eq!(page(&lab.client, "INBOX").await.total, 1);
    assert_eq!(lab.dovecot.log().matches("Login: user").count(), 2, "{}", lab.dovecot.log());
}

#[tokio::test]
async fn many_commands_at_once_share_two_connections() {
    let lab = lab(Security::Starttls, "");
    for n in 1..=20 {
        lab.dovecot.deliver(&format!("17000000{n:02}.a"), &plain(n));
    }
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let client = lab.client.clone();
            tokio::spawn(async move { page(&client, "INBOX").await.total })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.expect("a task"), 20);
    }
    assert_eq!(lab.dovecot.log().matches("Login: user").count(), 2);
}
