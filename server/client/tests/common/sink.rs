//! Postfix's smtp-sink: takes every message and writes it down.

use std::process::{Command, Stdio};

use super::{Running, listening, program};

pub struct Sink {
    _running: Running,
    folder: tempfile::TempDir,
}

impl Sink {
    /// Listens on `port`; `options` are smtp-sink's own.
    pub fn start(port: u16, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let id = Command::new("id").arg("-u").output().expect("id");
        let is_root = id.stdout.starts_with(b"0");
        let mut command = program("/usr/sbin/smtp-sink", "postfix");
        if is_root {
            // It does not run as root, and has to write its dump.
            std::os::unix::fs::chown(folder.path(), Some(65_534), Some(65_534)).expect("owner");
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg("-D")
            .arg("messages")
            .args(options)
            .arg(format!("127.0.0.1:{port}"))
            .arg("10")
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("smtp-sink starts");
        let running = Running(child);
        listening(port);
        Self { _running: running, folder }
    }

    /// All it took.
    pub fn dump(&self) -> String {
        let octets = std::fs::read(self.folder.path().join("messages")).unwrap_or_default();
        String::from_utf8_lossy(&octets).into_owned()
    }
}
