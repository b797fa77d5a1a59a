//! The desktop program in its window, with a home of its own, so that it finds no settings of another.

use std::ffi::OsStr;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use fantoccini::wd::Capabilities;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;

use super::{Driver, Page, Screen};
use crate::program::{Output, run};
use crate::server::{postigo, postigo_desktop};

/// A server needs this long, at most, to let its sessions end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the desktop around it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Dark letters on light ground.
    Light,
    /// Light letters on dark ground.
    Dark,
}

/// The program, running. Dropping it ends it and removes its home, but not its data folder.
#[derive(Debug)]
pub struct Desktop {
    /// What is in the window.
    pub page: Page,
    pid: u32,
    data: PathBuf,
    /// Dropped before the home, which the program has open.
    _driver: Driver,
    home: TempDir,
}

impl Desktop {
    /// Opens it on a data folder. The name begins the names of its pictures.
    pub async fn open(data: &Path, look: Look, name: &str) -> Self {
        let home = tempfile::Builder::new().prefix("postigo-home-").tempdir().unwrap();
        let mut command = Command::new("WebKitWebDriver");
        at_home(&mut command, home.path())
            .env("GTK_THEME", if look == Look::Dark { "Adwaita:dark" } else { "Adwaita" })
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = Driver::start(&mut command).await;
        let options = json!({ "binary": postigo_desktop(), "args": ["--data", data] });
        let client =
            driver.open(Capabilities::from_iter([("webkitgtk:browserOptions".to_owned(), options)])).await;
        let page = Page::new(client, name);
        let pid = page.client().execute("return window.__POSTIGO__.pid", vec![]).await.unwrap();
        let pid =
            pid.as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("the page knows the process id");
        Self { page, pid, data: data.to_owned(), _driver: driver, home }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Starts the program a second time, on the same folder and the same desktop, and waits for its end.
    #[track_caller]
    pub fn open_again(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(postigo_desktop());
        run(at_home(&mut command, self.home.path()).arg("--data").arg(&self.data).args(arguments))
    }

    /// The ports its server listens on, as the command line says.
    #[track_caller]
    pub fn ports(&self) -> Vec<u16> {
        let status =
            run(Command::new(postigo()).arg("--data").arg(&self.data).args(["status", "--json"])).ok();
        let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
        let listeners = status["listeners"].as_array().unwrap().iter();
        listeners
            .filter(|listener| listener["open"] == true)
            .map(|listener| u16::try_from(listener["port"].as_u64().unwrap()).unwrap())
            .collect()
    }

    /// Presses the X of the window's frame.
    pub fn press_close(&self) {
        Screen::here().close(self.pid);
    }

    /// Waits until the process has gone.
    pub async fn ended(&self) {
        let until = Instant::now() + PATIENCE;
        while is_running(self.pid) {
            assert!(Instant::now() < until, "the program has not ended");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Desktop {
    /// As the system ends it: its sessions end, and then it lets go of the folder.
    fn drop(&mut self) {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else { return };
        let _ = kill_process(pid, Signal::TERM);
        let until = Instant::now() + PATIENCE;
        while is_running(self.pid) {
            if Instant::now() > until {
                let _ = kill_process(pid, Signal::KILL);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Whether somebody listens there.
pub fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// A process that ended and was not asked for its exit code yet is a line in a table and no more.
fn is_running(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap().trim_start().starts_with(['Z', 'X']))
}

/// The command with this home, whatever home and data folder its own environment names.
pub fn at_home<'a>(command: &'a mut Command, home: &Path) -> &'a mut Command {
    let folders: [(&str, &OsStr); 4] = [
        ("HOME", "".as_ref()),
        ("XDG_CONFIG_HOME", ".config".as_ref()),
        ("XDG_DATA_HOME", ".local/share".as_ref()),
        ("XDG_CACHE_HOME", ".cache".as_ref()),
    ];
    command.envs(folders.map(|(name, folder)| (name, home.join(folder)))).env_remove("POSTIGO_DATA")
}
