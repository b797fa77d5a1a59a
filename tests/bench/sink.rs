//! A place where relayed mail ends: Postfix's own `smtp-sink`, which takes everything and keeps nothing.

use std::io::Read;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A sink that counts, until dropped.
pub struct Sink {
    port: u16,
    taken: Arc<AtomicUsize>,
    program: Child,
}

impl Sink {
    /// Starts it on a free port.
    pub fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut program = Command::new("smtp-sink")
            .args(["-u", "nobody", "-c", &format!("127.0.0.1:{port}"), "1024"])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let taken = Arc::<AtomicUsize>::default();
        let (out, counted) = (program.stdout.take().unwrap(), Arc::clone(&taken));
        std::thread::spawn(move || count(out, &counted));
        postigo_tests::until("smtp-sink to listen", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).map(drop).map_err(|error| error.to_string())
        });
        Self { port, taken, program }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Messages it has taken.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// It writes `sess=1 quit=1 mesg=1` and a carriage return after each change.
fn count(mut out: ChildStdout, taken: &AtomicUsize) {
    let (mut text, mut piece) = (String::new(), [0; 4096]);
    while let Ok(octets @ 1..) = out.read(&mut piece) {
        text.push_str(&String::from_utf8_lossy(&piece[..octets]));
        let Some((whole, rest)) = text.rsplit_once('\r') else { continue };
        let last = whole.rsplit("mesg=").next().and_then(|number| number.split('\r').next()?.parse().ok());
        if let Some(number) = last {
            taken.store(number, Ordering::Relaxed);
        }
        text = rest.to_owned();
    }
}
