//! Programs that drive a web view or a browser, by the WebDriver protocol.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process};

/// How long a driver may take until it listens, and until it has opened what it drives.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running driver. Dropping it ends it, and with it what it opened.
#[derive(Debug)]
pub struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts a driver that takes `--port=N`.
    pub async fn start(command: &mut Command) -> Self {
        // Nobody else is given this port in the moment until the driver takes it: the system hands them out in turn.
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let process = command
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| {
                panic!("{command:?} cannot be started ({e}): see packaging/apt-packages-test.txt")
            });
        let driver = Self { process, port };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "{command:?} does not listen on {port}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        driver
    }

    /// Opens what the capabilities name.
    pub async fn open(&self, capabilities: Capabilities) -> Client {
        let address = format!("http://127.0.0.1:{}", self.port);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let opening = builder.capabilities(capabilities).connect(&address);
        tokio::time::timeout(PATIENCE, opening)
            .await
            .expect("the driver opens its program in time")
            .unwrap_or_else(|e| panic!("the driver could not open its program: {e}"))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // As a user ends it: it then ends what it opened.
        let _ = kill_process(Pid::from_child(&self.process), Signal::TERM);
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
