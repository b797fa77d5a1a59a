//! What happens when the window is closed: the user is asked once, and the answer is kept.

use std::{
    fs, io,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use postigo_api::{Code, Error, Nothing, Phase};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Emitter, Manager, State};
use tokio::time::{sleep, timeout};

use crate::{desk::Desk, window};

/// Tells the page to ask.
const EVENT: &str = "close-asked";
const FILE: &str = "closing.json";

/// A page that does not even say that it heard is dead, and must not keep the window open.
const PAGE_TIME: Duration = Duration::from_secs(3);
const STATUS_TIME: Duration = Duration::from_secs(1);
/// Longer than a server waits for its sessions, unless somebody set that very high.
const QUIT_TIME: Duration = Duration::from_secs(60);

/// The user's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CloseChoice {
    /// The server goes on in the tray.
    Tray,
    /// The program ends.
    Quit,
}

/// Whether the page was asked and has not said yet that it heard.
#[derive(Default)]
pub struct Closing {
    unheard: AtomicBool,
}

/// The answer to the question; it is kept.
#[tauri::command]
pub fn close_window(app: AppHandle, choice: CloseChoice) -> Result<(), Error> {
    keep(&app, Some(choice))?;
    carry_out(&app, choice);
    Ok(())
}

/// The page says that it shows the question.
#[tauri::command]
pub fn close_heard(closing: State<'_, Closing>) {
    closing.unheard.store(false, Ordering::Relaxed);
}

/// What is kept, and with `change` a new answer instead; `null` in it means: ask again.
#[tauri::command]
pub fn close_choice(app: AppHandle, change: Option<Change>) -> Result<Option<CloseChoice>, Error> {
    if let Some(Change { choice }) = change {
        keep(&app, choice)?;
    }
    Ok(kept(&app))
}

/// A new answer.
#[derive(Debug, Deserialize)]
pub struct Change {
    choice: Option<CloseChoice>,
}

/// The user wants to close the window.
pub async fn asked(app: AppHandle) {
    if !is_serving(&app).await {
        return quit(&app);
    }
    if let Some(choice) = kept(&app) {
        return carry_out(&app, choice);
    }
    let closing = app.state::<Closing>();
    let again = closing.unheard.swap(true, Ordering::Relaxed);
    let told = app.emit(EVENT, ());
    if again || told.is_err() {
        sleep(PAGE_TIME).await;
        if closing.unheard.load(Ordering::Relaxed) {
            quit(&app);
        }
    }
}

/// Closes the engine, then the program.
pub fn quit(app: &AppHandle) {
    let app = app.clone();
    window::hide(&app);
    tauri::async_runtime::spawn(async move {
        if timeout(QUIT_TIME, app.state::<Desk>().close()).await.is_err() {
            tracing::warn!("the engine did not close in time");
        }
        app.exit(0);
    });
}

fn carry_out(app: &AppHandle, choice: CloseChoice) {
    match choice {
        CloseChoice::Tray => window::hide(app),
        CloseChoice::Quit => quit(app),
    }
}

/// Whether something ends when this process ends. The server of another process goes on anyway.
async fn is_serving(app: &AppHandle) -> bool {
    let Some(line) = app.state::<Desk>().current().filter(|line| !line.is_attached()) else { return false };
    let status = timeout(STATUS_TIME, line.handler.server_status(Nothing {})).await;
    matches!(status, Ok(Ok(status)) if matches!(status.phase, Phase::Running | Phase::Starting))
}

fn path(app: &AppHandle) -> Result<PathBuf, Error> {
    let folder = app.path().app_config_dir().map_err(|failure| {
        Error::new(Code::DataUnusable, "There is no folder for settings")
            .with("path", FILE)
            .with("detail", failure)
    })?;
    Ok(folder.join(FILE))
}

fn kept(app: &AppHandle) -> Option<CloseChoice> {
    let text = fs::read_to_string(path(app).ok()?).ok()?;
    serde_json::from_str(&text).ok()
}

fn keep(app: &AppHandle, choice: Option<CloseChoice>) -> Result<(), Error> {
    let path = path(app)?;
    let written = match choice {
        Some(choice) => write(&path, choice),
        None => fs::remove_file(&path).or_else(|failure| match failure.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(failure),
        }),
    };
    written.map_err(|failure| {
        Error::new(Code::DataUnusable, format!("{} cannot be written", path.display()))
            .with("path", path.display())
            .with("detail", failure)
    })
}

fn write(path: &std::path::Path, choice: CloseChoice) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, serde_json::to_string(&choice)?)
}
