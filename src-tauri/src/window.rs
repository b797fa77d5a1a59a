//! The one window.

use std::time::Duration;

use serde_json::json;
use tauri::{
    AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    webview::{NewWindowResponse, PageLoadEvent},
};

use crate::links;

const LABEL: &str = "main";

/// It is shown when it has content. If that takes longer, it is shown without: better empty than absent.
const SHOW_AT_LATEST: Duration = Duration::from_millis(800);

pub fn main(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(LABEL)
}

/// Makes the window. It has its content as soon as the page is loaded, whatever the engine is doing.
///
/// # Errors
/// When the window library cannot.
pub fn open(app: &AppHandle) -> tauri::Result<()> {
    let outside = app.clone();
    let dev_url: Option<Url> = if cfg!(debug_assertions) { app.config().build.dev_url.clone() } else { None };
    // The page tells by the process id whether the server it shows is in this process.
    let facts = json!({ "pid": std::process::id(), "platform": std::env::consts::OS });
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Postigo")
        .inner_size(1280.0, 860.0)
        .min_inner_size(720.0, 480.0)
        .visible(false)
        .initialization_script(format!("window.__POSTIGO__ = Object.freeze({facts});"))
        .on_navigation(move |url| links::is_own(url, dev_url.as_ref()))
        .on_new_window(move |url, _| {
            links::open_outside(&outside, &url);
            NewWindowResponse::Deny
        })
        .on_document_title_changed(|window, title| {
            if let Err(failure) = window.set_title(&title) {
                tracing::debug!(%failure, "the title is not shown");
            }
        })
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                show(window.app_handle());
            }
        })
        .build()?;
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOW_AT_LATEST).await;
        show(&app);
    });
    Ok(())
}

/// Brings the window to the front, from the tray too.
pub fn show(app: &AppHandle) {
    let Some(window) = main(app) else { return };
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(failure) = shown {
        tracing::warn!(%failure, "the window cannot be shown");
    }
}

pub fn hide(app: &AppHandle) {
    if let Some(Err(failure)) = main(app).map(|window| window.hide()) {
        tracing::warn!(%failure, "the window cannot be hidden");
    }
}
