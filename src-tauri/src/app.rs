//! Puts the parts together.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use clap::Parser;
use tauri::{App, AppHandle, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;

use crate::{
    arguments::Arguments,
    closing::{self, Closing},
    desk::Desk,
    face::{self, Page},
    files,
    follow::follow,
    frame,
    mailto::{self, Mailto},
    tray::{self, Tray},
    window,
};

/// The program, ready to run. The engine is opened beside it once the window is made.
///
/// # Errors
/// When the window library cannot.
pub fn build(data: PathBuf, mailto: Option<String>) -> tauri::Result<App> {
    tauri::Builder::default()
        // First: a second process must end before it touches anything.
        .plugin(single_instance(&data))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        // Whether it was visible is not kept: a window that was closed to the tray shall open.
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(StateFlags::all() - StateFlags::VISIBLE)
                .build(),
        )
        .manage(Desk::new(data))
        .manage(Page::default())
        .manage(Tray::default())
        .manage(Closing::default())
        .manage(Mailto::new(mailto))
        .register_asynchronous_uri_scheme_protocol(frame::SCHEME, frame::answer)
        .invoke_handler(tauri::generate_handler![
            face::rpc,
            face::events,
            files::open_folder,
            files::save_file,
            closing::close_window,
            closing::close_heard,
            closing::close_choice,
            tray::tray_labels,
            mailto::take_mailto,
        ])
        .setup(|app| {
            window::open(app.handle())?;
            tauri::async_runtime::spawn(follow(app.handle().clone()));
            tauri::async_runtime::spawn(quit_when_told(app.handle().clone()));
            Ok(())
        })
        .build(tauri::generate_context!())
}

/// One process for each data folder: a second one brings the window of the first to the front.
fn single_instance(data: &Path) -> tauri::plugin::TauriPlugin<tauri::Wry> {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!("org.postigo.desktop.data{:x}", hasher.finish()))
        .callback(|app, arguments, _folder| {
            window::show(app);
            if let Some(address) =
                Arguments::try_parse_from(arguments).ok().and_then(|parsed| parsed.mailto())
            {
                mailto::hand_over(app, address);
            }
        })
        .build()
}

pub fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. } => {
            api.prevent_close();
            tauri::async_runtime::spawn(closing::asked(app.clone()));
        }
        // Without a code nobody chose to end: the last window has gone. The engine has to be closed first.
        RunEvent::ExitRequested { code: None, api, .. } => {
            api.prevent_exit();
            closing::quit(app);
        }
        _ => {}
    }
}

/// The system ends, or somebody pressed Ctrl-C in the terminal.
#[cfg(unix)]
async fn quit_when_told(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::warn!("signals of the system are not heard");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    closing::quit(&app);
}

/// The system ends, or somebody pressed Ctrl-C in the terminal.
#[cfg(not(unix))]
async fn quit_when_told(app: AppHandle) {
    if tokio::signal::ctrl_c().await.is_ok() {
        closing::quit(&app);
    }
}
