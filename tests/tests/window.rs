//! The desktop program in a real window, from the first screen of the wizard to the end of the process.
//!
//! One after another, since the wizard takes the standard ports where it gets them: `cargo test` would run them side by side.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use postigo_tests::Server;
use postigo_tests::window::desktop::listens;
use postigo_tests::window::{Desktop, Look, Screen, Visit, Words};

#[tokio::test]
async fn the_window() {
    the_road_in_spanish_by_day().await;
    the_road_in_english_by_night().await;
    closing_asks_once().await;
    another_process_has_the_folder().await;
    a_folder_that_cannot_be_used().await;
}

async fn the_road_in_spanish_by_day() {
    let folder = tempfile::tempdir().unwrap();
    let (es, en) = (Words::of("es"), Words::of("en"));
    let desktop = Desktop::open(&folder.path().join("data"), Look::Light, "window-es").await;
    desktop.page.is_dark(false).await;
    let visit = Visit::new(&desktop.page, &es);
    visit.wizard().await;
    visit.read().await;
    visit.reply().await;
    visit.log().await;
    visit.inside().await;
    visit.overview().await;
    visit.change(&en, true).await;
}

async fn the_road_in_english_by_night() {
    let folder = tempfile::tempdir().unwrap();
    let (es, en) = (Words::of("es"), Words::of("en"));
    let desktop = Desktop::open(&folder.path().join("data"), Look::Dark, "window-en").await;
    desktop.page.is_dark(true).await;
    let visit = Visit::new(&desktop.page, &en);
    visit.wizard().await;
    visit.read().await;
    visit.reply().await;
    visit.log().await;
    visit.inside().await;
    visit.overview().await;
    visit.change(&es, false).await;
}

/// The X of the frame asks what becomes of the server, once; the answer holds until it is changed in the settings. A second
/// start brings the window back.
async fn closing_asks_once() {
    let mut server = Server::set_up(&postigo_tests::Setup::default());
    let words = Words::of("es");
    let desktop = Desktop::open(&server.data(), Look::Light, "window-closing").await;
    let (page, screen) = (&desktop.page, Screen::here());
    speak(&desktop, &words).await;
    let ports = desktop.ports();
    assert!(ports.contains(&server.smtp()), "{ports:?}");

    desktop.press_close();
    page.find("dialog", &words.get("shell.close.title")).await;
    page.shot("question").await;
    page.click_away("button", &words.get("shell.close.tray")).await;
    screen.shows(desktop.pid(), false).await;
    assert!(ports.iter().all(|port| listens(*port)));

    assert_eq!(desktop.open_again(&[]).code, Some(0));
    screen.shows(desktop.pid(), true).await;
    desktop.press_close();
    screen.shows(desktop.pid(), false).await;
    desktop.open_again(&[]).ok();
    screen.shows(desktop.pid(), true).await;
    Visit::new(page, &words).go("shell.nav.settings").await;
    page.click("radio", &words.get("settings.closing.quit")).await;
    page.shot("settings").await;
    desktop.press_close();
    desktop.ended().await;
    assert!(ports.iter().all(|port| !listens(*port)));
    // The folder is free: another process can have it.
    server.serve();
    assert!(server.stop());
}

/// Chooses a language in the settings, if it is not that of the system.
async fn speak(desktop: &Desktop, words: &Words) {
    let page = &desktop.page;
    page.see("lab.test").await;
    let now = language_of(desktop).await;
    if now.language() != words.language() {
        Visit::new(page, &now).go("shell.nav.settings").await;
        page.choose(&now.get("settings.language"), words.language()).await;
    }
    page.find("link", &words.get("shell.nav.settings")).await;
}

/// The window shows the server of the other process, says whose it is, and says when it has gone.
async fn another_process_has_the_folder() {
    let mut server = Server::start();
    let words = Words::of("es");
    let desktop = Desktop::open(&server.data(), Look::Light, "window-attached").await;
    speak(&desktop, &words).await;
    let whose = words.with("shell.attached", &[("pid", &server.pid().to_string())]);
    desktop.page.see(&whose).await;
    desktop.page.shot("whose").await;
    assert!(server.stop());
    desktop.page.see(&words.get("shell.unlinked.title")).await;
    desktop.page.shot("gone").await;
    server.serve();
    desktop.page.see_no_more(&words.get("shell.unlinked.title")).await;
    desktop.press_close();
    // Nothing of the server ends with this window, so there is nothing to ask.
    desktop.ended().await;
    assert!(listens(server.smtp()));
}

/// A failure to start is a window that says why, and what can be done. When that is done the same window goes on.
async fn a_folder_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::write(&data, "a file where the folder should be").unwrap();
    let desktop = Desktop::open(&data, Look::Light, "window-unusable").await;
    let words = language_of(&desktop).await;
    let page = &desktop.page;
    page.find("heading", &words.get("start.title")).await;
    page.see(&words.get("start.cause.data.unusable")).await;
    page.see(path(&data)).await;
    page.shot("why").await;
    std::fs::remove_file(&data).unwrap();
    page.click("button", &words.get("start.retry")).await;
    page.find("heading", &words.get("wizard.language.title")).await;
    page.shot("goes-on").await;
}

async fn language_of(desktop: &Desktop) -> Words {
    let language =
        desktop.page.client().execute("return document.documentElement.lang", vec![]).await.unwrap();
    Words::of(if language == "es" { "es" } else { "en" })
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
