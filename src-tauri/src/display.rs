//! Whether there is a screen to open a window on.

/// Without a screen the window library would panic; this says what to do instead.
///
/// # Errors
/// The text for the terminal.
#[cfg(target_os = "linux")]
pub fn check() -> Result<(), String> {
    gtk::init().map_err(|_| {
        "There is no screen to open a window on (neither DISPLAY nor WAYLAND_DISPLAY leads to one).\n\
         To use the server without a window, run `postigo serve --http 127.0.0.1:8025` and open the address it prints \
         in a browser. Over ssh, forward that port with `ssh -L 8025:127.0.0.1:8025`."
            .to_owned()
    })
}

/// Elsewhere a program that was started by a user has a screen.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
pub fn check() -> Result<(), String> {
    Ok(())
}
