//! The same user interface over HTTP, in Chromium without a window.

use std::process::Command;

use fantoccini::wd::Capabilities;
use serde_json::json;
use tempfile::TempDir;

use super::desktop::Look;
use super::{Driver, Page};

/// Chromium at a page. Dropping it ends it.
#[derive(Debug)]
pub struct Browser {
    /// What it shows.
    pub page: Page,
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// Opens an address. The name begins the names of its pictures.
    pub async fn open(url: &str, look: Look, name: &str) -> Self {
        let profile = tempfile::Builder::new().prefix("postigo-chromium-").tempdir().unwrap();
        let driver = Driver::start(&mut Command::new("chromedriver")).await;
        let mut arguments = vec![
            "--headless=new".to_owned(),
            // It is its own sandbox's root in a container, and the page is ours.
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--window-size=1280,900".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        if look == Look::Dark {
            arguments.push("--force-dark-mode".to_owned());
        }
        let options = json!({ "binary": "/usr/bin/chromium", "args": arguments });
        let client = driver.open(Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)])).await;
        client.goto(url).await.unwrap();
        Self { page: Page::new(client, name), _driver: driver, _profile: profile }
    }
}
