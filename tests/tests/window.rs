//! The desktop program in a real window, from the first screen of the wizard to the end of the process.
//!
//! One after another, since the wizard takes the standard ports where it gets them: `cargo test` would run them side by side.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::TcpListener;
use std::path::Path;

use postigo_tests::Server;
use postigo_tests::window::desktop::listens;
use postigo_tests::window::{Desktop, Look, Screen, Tray, Visit, Words};

#[tokio::test]
async fn the_window() {
    let (es, en) = (Words::of("es"), Words::of("en"));
    the_road(Look::Light, &es, &en).await;
    the_road(Look::Dark, &en, &es).await;
    twice_as_large(&es).await;
    without_standard_ports(&en).await;
    closing_asks_once().await;
    the_tray().await;
    another_process_has_the_folder().await;
    a_folder_that_cannot_be_used().await;
}

/// From the first screen to the last, and then in the other language and the other light.
async fn the_road(look: Look, words: &Words, others: &Words) {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("window-{}", words.language());
    let desktop = Desktop::open(&folder.path().join("data"), look, &name).await;
    desktop.page.is_dark(look == Look::Dark).await;
    let visit = Visit::new(&desktop.page, words);
    visit.road().await;
    visit.change(others, look == Look::Light).await;
}

/// At 200 % (WCAG 2.2, 1.4.4) there is half the place, and all of it is still there and fits.
async fn twice_as_large(words: &Words) {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(&folder.path().join("data"), Look::Light, "window-zoom").await;
    let page = &desktop.page;
    page.find("heading", &language_of(&desktop).await.get("wizard.language.title")).await;
    for width in [1280.0 / 1.1, 1024.0, 1280.0 / 1.5, 1280.0 / 1.75, 640.0] {
        page.press_with_ctrl('+').await;
        page.is_wide(width).await;
    }
    let visit = Visit::new(page, words);
    visit.wizard().await;
    page.click("button", &words.with("wizard.test.open", &[("to", "Luis")])).await;
    page.find("heading", &words.with("wizard.test.subject", &[("from", "Ana")])).await;
    page.shot("message").await;
    for (view, shot) in [
        ("shell.nav.overview", "overview"),
        ("shell.nav.mail", "mail"),
        ("shell.nav.log", "log"),
        ("shell.nav.tls", "tls"),
        ("shell.nav.mailboxes", "mailboxes"),
        ("shell.nav.settings", "settings"),
    ] {
        visit.go(view).await;
        page.shot(shot).await;
    }
    visit.go("shell.nav.log").await;
    page.click("tab", &words.get("sessions.tab.sessions")).await;
    page.find("option", &words.get("sessions.protocol.imap")).await;
    page.shot("sessions").await;
    page.press_with_ctrl('0').await;
    page.is_wide(1280.0).await;
}

/// Where the standard ports cannot be had, the wizard says who has them, and everything works on practice ports.
async fn without_standard_ports(words: &Words) {
    // Without the right to have them, nobody has: that is a reason, too.
    let held = [25, 587, 465, 143, 993].map(|port| (port, TcpListener::bind(("127.0.0.1", port)).ok()));
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(&folder.path().join("data"), Look::Light, "window-practice").await;
    let visit = Visit::new(&desktop.page, words);
    visit.wizard_to_ports().await;
    let (program, pid) =
        (std::fs::read_to_string("/proc/self/comm").unwrap(), std::process::id().to_string());
    for (port, listener) in &held {
        let (port, program) = (port.to_string(), program.trim_end());
        let values = [("program", program), ("port", port.as_str()), ("pid", pid.as_str())];
        if listener.is_some() {
            desktop.page.see(&words.with("wizard.ports.reason.held", &values)).await;
        }
    }
    visit.wizard_to_arrival().await;
    visit.read().await;
    assert!(desktop.ports().iter().all(|port| *port > 1024), "{:?}", desktop.ports());
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

/// The icon in the tray: its menu opens the window that was closed, and ends the program.
async fn the_tray() {
    let server = Server::set_up(&postigo_tests::Setup::default());
    let _tray = Tray::put_up();
    let desktop = Desktop::open(&server.data(), Look::Light, "window-tray").await;
    let (page, screen, pid) = (&desktop.page, Screen::here(), desktop.pid());
    let words = language_of(&desktop).await;
    page.see("lab.test").await;
    let ports = desktop.ports();
    desktop.press_close();
    page.find("dialog", &words.get("shell.close.title")).await;
    page.click_away("button", &words.get("shell.close.tray")).await;
    screen.shows(pid, false).await;
    screen.open_tray_menu(pid).await;
    screen.choose_in_menu(pid, false).await;
    screen.shows(pid, true).await;
    page.see("lab.test").await;
    assert!(ports.iter().all(|port| listens(*port)));
    desktop.press_close();
    screen.shows(pid, false).await;
    screen.open_tray_menu(pid).await;
    screen.choose_in_menu(pid, true).await;
    desktop.ended().await;
    assert!(ports.iter().all(|port| !listens(*port)));
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
