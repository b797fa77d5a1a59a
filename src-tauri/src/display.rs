//! Whether there is a screen to open a window on, and how the window is to be drawn there.

#[cfg(target_os = "linux")]
use std::os::unix::process::CommandExt;

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

/// Where no graphics processor can be used (virtual machines, most of all), WebKitGTK draws through a software imitation of
/// one, and the first content comes a second later than without it. It is told by a variable of the environment, which a
/// running program cannot safely set for itself; so the program begins anew with it: the same process, some milliseconds later.
///
/// Not under a WebDriver, whose pictures never come without that imitation (the variable is Tauri's).
#[cfg(target_os = "linux")]
pub fn draw_plainly_without_graphics() {
    const PLAIN: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let is_set = |name: &str| std::env::var_os(name).is_some();
    if is_set(PLAIN) || is_set("TAURI_AUTOMATION") || has_render_node() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        let mut arguments = std::env::args_os();
        let mut again = std::process::Command::new(program);
        again.arg0(arguments.next().unwrap_or_default()).args(arguments).env(PLAIN, "1");
        // It comes back only if it did not work; then the window is slow, and that is all.
        let _ = again.exec();
    }
}

#[cfg(target_os = "linux")]
fn has_render_node() -> bool {
    let Ok(nodes) = std::fs::read_dir("/dev/dri") else { return false };
    nodes.flatten().any(|node| node.file_name().as_encoded_bytes().starts_with(b"renderD"))
}

/// Elsewhere another web view draws.
#[cfg(not(target_os = "linux"))]
pub const fn draw_plainly_without_graphics() {}
