//! The same user interface over HTTP, in a browser: `postigo serve` with the address it prints.

use postigo_tests::Server;
use postigo_tests::window::{Browser, Look, Visit, Words};

#[tokio::test]
async fn the_road_in_a_browser() {
    let mut server = Server::bare();
    server.serve();
    let (es, en) = (Words::of("es"), Words::of("en"));
    let browser = Browser::open(server.url(), Look::Light, "browser-en").await;
    let visit = Visit::new(&browser.page, &en);
    visit.road().await;
    visit.change(&es, true).await;
    // What the page did can be seen from outside.
    assert_eq!(server.inbox_files("ana").len(), 1);
    assert_eq!(server.inbox_files("luis").len(), 1);
}

#[tokio::test]
async fn without_its_token_the_page_says_so() {
    let server = Server::start();
    let words = Words::of("en");
    let address = server.url().split('?').next().unwrap();
    let browser = Browser::open(address, Look::Dark, "browser-stranger").await;
    browser.page.find("heading", &words.get("start.stranger.title")).await;
    browser.page.see(&words.get("start.cause.face.unauthorized")).await;
    browser.page.shot("why").await;
}
