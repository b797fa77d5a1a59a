//! Reads `tauri.conf.json`, and lets the window call these commands and no other.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&[
        "rpc",
        "events",
        "open_folder",
        "save_file",
        "close_window",
        "close_heard",
        "close_choice",
        "tray_labels",
        "take_mailto",
    ]);
    if let Err(failure) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)) {
        println!("cargo:warning={failure:#}");
        std::process::exit(1);
    }
}
