//! An address to write to, given on the command line of this process or of a second one.

use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Emitter, Manager, State};

/// Tells the page that an address waits for it.
const EVENT: &str = "mailto-asked";

/// Waits until the page takes it.
#[derive(Default)]
pub struct Mailto(Mutex<Option<String>>);

impl Mailto {
    pub fn new(address: Option<String>) -> Self {
        Self(Mutex::new(address))
    }
}

#[tauri::command]
pub fn take_mailto(mailto: State<'_, Mailto>) -> Option<String> {
    mailto.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}

pub fn hand_over(app: &AppHandle, address: String) {
    *app.state::<Mailto>().0.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
    if let Err(failure) = app.emit(EVENT, ()) {
        tracing::warn!(%failure, "the page was not told of an address to write to");
    }
}
