//! The icon in the tray. It appears when the page has sent its words, which are in the user's language.

use std::sync::{Mutex, PoisonError};

use postigo_api::{Code, Error, Nothing, Phase, Request};
use serde::Deserialize;
use tauri::{
    AppHandle, Manager, Theme, Wry,
    image::Image,
    include_image,
    menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};

use crate::{
    closing,
    desk::{Desk, Intent},
    window,
};

const OPEN: &str = "open";
const TOGGLE: &str = "toggle";
const QUIT: &str = "quit";

/// The words of the menu.
#[derive(Debug, Clone, Deserialize)]
pub struct Labels {
    open: String,
    start: String,
    stop: String,
    quit: String,
}

/// What the menu shows.
#[derive(Default)]
pub struct Tray(Mutex<Shown>);

#[derive(Default)]
struct Shown {
    phase: Option<Phase>,
    menu: Option<Items>,
}

struct Items {
    labels: Labels,
    open: MenuItem<Wry>,
    toggle: MenuItem<Wry>,
    quit: MenuItem<Wry>,
}

/// The words, at first and whenever the language changes.
#[tauri::command]
pub fn tray_labels(app: AppHandle, labels: Labels) -> Result<(), Error> {
    put_up(&app, labels)
        .map_err(|failure| Error::new(Code::Internal, "There is no icon in the tray").with("detail", failure))
}

fn put_up(app: &AppHandle, labels: Labels) -> tauri::Result<()> {
    let tray = app.state::<Tray>();
    let mut shown = tray.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(items) = &mut shown.menu {
        items.open.set_text(&labels.open)?;
        items.quit.set_text(&labels.quit)?;
        items.labels = labels;
    } else {
        shown.menu = Some(build(app, labels)?);
    }
    shown.refresh()
}

fn build(app: &AppHandle, labels: Labels) -> tauri::Result<Items> {
    let open = MenuItem::with_id(app, OPEN, &labels.open, true, None::<&str>)?;
    let toggle = MenuItem::with_id(app, TOGGLE, &labels.start, false, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, &labels.quit, true, None::<&str>)?;
    let line = PredefinedMenuItem::separator(app)?;
    let menu = Menu::with_items(app, &[&open, &toggle, &line, &quit])?;
    TrayIconBuilder::with_id("postigo")
        .icon(icon(app))
        .icon_as_template(true)
        .tooltip("Postigo")
        .menu(&menu)
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .on_menu_event(on_menu)
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                window::show(icon.app_handle());
            }
        })
        .build(app)?;
    Ok(Items { labels, open, toggle, quit })
}

/// No system tells the colour of its panel; the theme of windows is the best guess there is.
fn icon(app: &AppHandle) -> Image<'static> {
    match window::main(app).and_then(|window| window.theme().ok()) {
        Some(Theme::Light) => include_image!("../icons/tray-on-light.png"),
        _ => include_image!("../icons/tray-on-dark.png"),
    }
}

fn on_menu(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        OPEN => window::show(app),
        TOGGLE => toggle(app),
        QUIT => closing::quit(app),
        _ => {}
    }
}

/// Starts or stops the server. When that fails the window shows why.
fn toggle(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let phase = app.state::<Tray>().0.lock().unwrap_or_else(PoisonError::into_inner).phase;
        let (intent, request) = if phase == Some(Phase::Running) {
            (Intent::Use, Request::ServerStop(Nothing {}))
        } else {
            (Intent::Start, Request::ServerStart(Nothing {}))
        };
        let asked = async { request.answer(&*app.state::<Desk>().line(intent).await?.handler).await };
        if let Err(error) = asked.await {
            tracing::warn!(%error, "the server was asked from the tray and did not do it");
            window::show(&app);
        }
    });
}

impl Tray {
    pub fn show_phase(&self, phase: Phase) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.phase.replace(phase) != Some(phase)
            && let Err(failure) = shown.refresh()
        {
            // The menu is gone before the engine is, when the program ends.
            tracing::debug!(%failure, "the menu of the tray is out of date");
        }
    }
}

impl Shown {
    fn refresh(&self) -> tauri::Result<()> {
        let Some(items) = &self.menu else { return Ok(()) };
        let running = self.phase == Some(Phase::Running);
        items.toggle.set_text(if running { &items.labels.stop } else { &items.labels.start })?;
        items.toggle.set_enabled(matches!(self.phase, Some(Phase::Running | Phase::Stopped)))
    }
}
