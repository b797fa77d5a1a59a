//! Dovecot's authentication for a Postfix: the way SASL is done on Debian.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::poll::until;
use crate::server::PASSWORD;

/// A Dovecot that only authenticates, until dropped.
pub struct Authentication(Child);

impl Authentication {
    /// Starts it in this folder for these people. It listens on the socket `auth` there.
    #[track_caller]
    pub fn start(folder: &Path, users: &[&str]) -> Self {
        let home = folder.join("dovecot");
        fs::create_dir(&home).unwrap();
        let root = home.display();
        let people: String = users.iter().map(|user| format!("{user}:{{PLAIN}}{PASSWORD}\n")).collect();
        fs::write(home.join("passwd"), people).unwrap();
        let version = crate::run(Command::new("dovecot").arg("--version")).ok().out;
        fs::write(home.join("dovecot.conf"), settings(&root.to_string(), &folder.join("auth"), &version))
            .unwrap();
        let child = Command::new("dovecot")
            .args(["-F", "-c"])
            .arg(home.join("dovecot.conf"))
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        until("Dovecot's socket", || {
            let socket = folder.join("auth");
            if socket.exists() {
                Ok(())
            } else {
                Err(fs::read_to_string(home.join("log")).unwrap_or_default())
            }
        });
        Self(child)
    }
}

impl Drop for Authentication {
    fn drop(&mut self) {
        // The master process takes its children with it.
        let _ = rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.0),
            rustix::process::Signal::TERM,
        );
        let _ = self.0.wait();
    }
}

/// Version 2.4 (Debian 13) wrote its settings anew.
fn settings(root: &str, socket: &Path, version: &str) -> String {
    let socket = socket.display();
    let listener = format!("service auth {{\n  unix_listener {socket} {{\n    mode = 0666\n  }}\n}}\n");
    let common = format!(
        "protocols =\nlisten = 127.0.0.1\nbase_dir = {root}/run\nlog_path = {root}/log\nssl = no\n\
         auth_mechanisms = plain login\n{listener}"
    );
    if version.starts_with("2.3") {
        format!(
            "{common}state_dir = {root}/state\ndisable_plaintext_auth = no\npassdb {{\n  driver = passwd-file\n  \
             args = {root}/passwd\n}}\nuserdb {{\n  driver = static\n  args = uid=nobody gid=nogroup home=/nonexistent\n}}\n"
        )
    } else {
        let version = version.split_whitespace().next().unwrap_or_default();
        format!(
            "dovecot_config_version = {version}\ndovecot_storage_version = {version}\n{common}\
             auth_allow_cleartext = yes\npassdb passwd-file {{\n  passwd_file_path = {root}/passwd\n}}\n\
             userdb static {{\n  fields {{\n    uid = nobody\n    gid = nogroup\n    home = /nonexistent\n  }}\n}}\n"
        )
    }
}
