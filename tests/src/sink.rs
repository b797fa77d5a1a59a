//! Postfix's `smtp-sink`, which takes everything or fails as it is told.

use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::poll::until;

/// One that runs until dropped.
pub struct Sink {
    port: u16,
    child: Child,
}

impl Sink {
    /// Starts it at a free port.
    pub fn start(options: &[&str]) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self::start_at(port, options)
    }

    /// Starts it at this port.
    #[track_caller]
    pub fn start_at(port: u16, options: &[&str]) -> Self {
        let child = Command::new("smtp-sink")
            .args(options)
            // It demands this of root.
            .args(if rustix::process::geteuid().is_root() { ["-u", "nobody"].as_slice() } else { &[] })
            .args([&format!("inet:127.0.0.1:{port}"), "100"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("smtp-sink cannot be started ({e}): is postfix installed?"));
        until("smtp-sink", || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|error| error.to_string())
        });
        Self { port, child }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `[127.0.0.1]:port`.
    pub fn next_hop(&self) -> String {
        format!("[127.0.0.1]:{}", self.port)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
