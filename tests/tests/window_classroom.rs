//! The wizard's classroom branch in a real window: a client of a relay host, which is another server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use postigo_tests::Server;
use postigo_tests::window::{Desktop, Look, Page, Words};

#[tokio::test]
async fn a_classroom_client_sends_through_its_relay_host() {
    let relay = Server::start();
    let relayhost = format!("[{}]:{}", relay.address(), relay.smtp());
    let folder = tempfile::tempdir().unwrap();
    let words = Words::of("es");
    let desktop = Desktop::open(&folder.path().join("data"), Look::Light, "window-classroom").await;
    let page = &desktop.page;
    to_the_way_out(page, &words).await;
    the_way_out(page, &words, &relayhost).await;
    to_the_arrival(page, &words, &relayhost).await;

    // Outward: the relay host is where luis@lab.test lives.
    next(page, &words).await;
    page.find("heading", &words.get("wizard.outward.title")).await;
    page.fill(&words.get("wizard.outward.to"), "luis@lab.test").await;
    page.click("button", &words.get("wizard.outward.send")).await;
    page.find("heading", &words.get("wizard.outward.title.sent")).await;
    page.see(&format!("[{}]:{}", relay.address(), relay.smtp())).await;
    page.shot("sent").await;
    let arrived = relay.wait_for("luis", 1);
    assert!(arrived[0].contains("From: "), "{}", arrived[0]);
    assert!(arrived[0].contains("ana@aula.test"), "{}", arrived[0]);

    page.click("button", &words.with("wizard.test.open", &[("to", "Luis")])).await;
    page.find("heading", &words.with("wizard.test.subject", &[("from", "Ana")])).await;
    // What was chosen is told where one looks first, and leads back to the wizard.
    page.click("link", &words.get("shell.nav.overview")).await;
    page.see(&words.get("shell.purpose.client")).await;
    page.shot("overview").await;
}

async fn next(page: &Page, words: &Words) {
    page.click("button", &words.get("wizard.next")).await;
}

/// Language, purpose, part and names.
async fn to_the_way_out(page: &Page, words: &Words) {
    page.click("radio", &words.get("wizard.language.name.es")).await;
    page.find("heading", &words.get("wizard.language.title")).await;
    next(page, words).await;
    page.click("radio", &words.get("wizard.purpose.classroom")).await;
    next(page, words).await;
    page.find("heading", &words.get("wizard.role.title")).await;
    page.click("radio", &words.get("wizard.role.client")).await;
    page.shot("role").await;
    next(page, words).await;
    page.find("heading", &words.get("wizard.domain.title")).await;
    page.fill(&words.get("wizard.domain.domain"), "aula.test").await;
    assert_eq!(page.value(&words.get("wizard.domain.host")).await, "mail.aula.test");
    next(page, words).await;
    page.find("heading", &words.get("wizard.flow.title.client")).await;
}

/// Without a relay host one cannot go on; the one that is typed is tried for real. Back and forward keep it.
async fn the_way_out(page: &Page, words: &Words, relayhost: &str) {
    let field = words.get("wizard.flow.relay");
    next(page, words).await;
    page.see(&words.get("error.relayhost.missing")).await;
    page.fill(&field, relayhost).await;
    page.see_no_more(&words.get("error.relayhost.missing")).await;
    page.choose(&words.get("wizard.flow.listen"), "127.0.0.1").await;
    page.click("button", &words.get("wizard.flow.try")).await;
    page.see(&words.get("wizard.flow.try.works")).await;
    page.shot("way-out").await;
    page.click("button", &words.get("wizard.back")).await;
    page.find("heading", &words.get("wizard.domain.title")).await;
    next(page, words).await;
    page.find("heading", &words.get("wizard.flow.title.client")).await;
    assert_eq!(page.value(&field).await, relayhost);
    next(page, words).await;
}

/// People and ports as they are proposed, the summary, and the first message.
async fn to_the_arrival(page: &Page, words: &Words, relayhost: &str) {
    page.find("heading", &words.get("wizard.people.title")).await;
    next(page, words).await;
    page.find("heading", &words.get("wizard.ports.title")).await;
    page.see("993").await;
    next(page, words).await;
    page.find("heading", &words.get("wizard.plan.title")).await;
    for told in ["relayhost", relayhost, "mydestination", "aula.test"] {
        page.see(told).await;
    }
    page.shot("summary").await;
    page.click("button", &words.get("wizard.ports.go")).await;
    page.find("heading", &words.get("wizard.test.title.arrived")).await;
}
