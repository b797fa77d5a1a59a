//! Postigo in a window.
//!
//! Does: open the data folder, or attach to the process that has it; show the page of `ui/` and carry its requests; keep
//! the server in the tray when the window is closed.
//! Does not: know what any command does. Everything the page shows comes from a [`postigo_api::Handler`].
//!
//! Invariants:
//! 1. The page can call the commands of `build.rs` and no other.
//! 2. The HTML of a message lives in another origin than the page, without scripts.
//! 3. The window appears whatever happens behind it; a failure to start is an answer to the page, not an exit.
//! 4. Every way out closes the engine: sessions end within their limit and the folder is free again.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod app;
mod arguments;
mod attach;
mod closing;
mod desk;
mod display;
mod face;
mod files;
mod follow;
mod frame;
mod links;
mod mailto;
mod tray;
mod window;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use tracing_subscriber::EnvFilter;

use crate::arguments::Arguments;

/// Sessions take memory in one thread that another gives back; with the system's allocator a third of the server's own time went there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    display::draw_plainly_without_graphics();
    // notify warns of folders that were deleted before it stopped to watch them, which is no fault.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,notify=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(arguments) {
        Ok(code) => code,
        Err(text) => {
            eprintln!("postigo-desktop: {text}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, String> {
    display::check()?;
    let data = arguments.data_folder(std::env::home_dir())?;
    let app = app::build(data, arguments.mailto())
        .map_err(|failure| format!("The window cannot be opened: {failure}"))?;
    let code = app.run_return(app::on_event);
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}
