//! A Postigo server of one's own: a data folder, free ports, the program of the command line.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::poll::until;
use crate::program::{Output, run, run_with_input};

/// How long a server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// The password of everybody in these tests.
pub const PASSWORD: &str = "tinta-puente-ocho-luz";

/// What each service's port is added to.
const OFFSETS: [u16; 5] = [25, 587, 465, 143, 993];

/// A server that is set up and perhaps running. Dropping it kills it and removes its folder.
pub struct Server {
    folder: TempDir,
    address: Ipv4Addr,
    domain: String,
    /// What is added to the standard ports.
    base: u16,
    running: Option<Child>,
    url: String,
    /// Where it tells other users of the system how to reach it; in the data folder, nobody sees it.
    public: Option<PathBuf>,
}

/// How a server is set up.
pub struct Setup<'a> {
    /// `lab.test`.
    pub domain: &'a str,
    /// `ana`, `luis`.
    pub users: &'a [&'a str],
    /// Listen at this address, with the standard ports; without it, on 127.0.0.1 with ports of its own.
    pub address: Option<Ipv4Addr>,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self { domain: "lab.test", users: &["ana", "luis"], address: None }
    }
}

impl Server {
    /// A server for lab.test with ana and luis, running.
    pub fn start() -> Self {
        Self::start_with(&Setup::default())
    }

    /// A server that is set up like this, running.
    pub fn start_with(setup: &Setup<'_>) -> Self {
        let mut server = Self::set_up(setup);
        server.serve();
        server
    }

    /// A server that is not even set up: its wizard does that.
    pub fn bare() -> Self {
        let folder = tempfile::Builder::new().prefix("postigo-test-").tempdir().unwrap();
        Self {
            folder,
            address: Ipv4Addr::LOCALHOST,
            domain: Setup::default().domain.to_owned(),
            base: free_base(),
            running: None,
            url: String::new(),
            public: None,
        }
    }

    /// A server that is set up and not running.
    pub fn set_up(setup: &Setup<'_>) -> Self {
        let mut server = Self::bare();
        setup.domain.clone_into(&mut server.domain);
        if let Some(address) = setup.address {
            (server.address, server.base) = (address, 0);
        }
        let passwords = server.folder.path().join("passwords");
        std::fs::write(&passwords, format!("{PASSWORD}\n")).unwrap();
        let host = format!("mail.{}", setup.domain);
        let (base, listen) = (server.base.to_string(), server.address.to_string());
        let ports = if server.base == 0 { "standard" } else { &base };
        let mut arguments: Vec<&OsStr> =
            ["setup", "--domain", setup.domain, "--host", &host, "--ports", ports].map(OsStr::new).into();
        arguments.extend(["--listen", &listen].map(OsStr::new));
        arguments.extend(["--password-file".as_ref(), passwords.as_os_str()]);
        for user in setup.users {
            arguments.extend(["--user", user].map(OsStr::new));
        }
        server.postigo(arguments).ok();
        server
    }

    /// Starts it and waits until it listens.
    pub fn serve(&mut self) {
        let mut child = Command::new(postigo())
            .arg("--data")
            .arg(self.data())
            .arg("serve")
            .env(
                "POSTIGO_RUN_DIR",
                self.public.as_ref().map_or_else(|| self.data().join("public"), Clone::clone),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        // The last line it prints when it is ready is the address of its UI.
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = loop {
            match lines.next() {
                Some(Ok(line)) => {
                    if let Some(url) = line.strip_prefix("UI: ") {
                        break url.to_owned();
                    }
                }
                _ => panic!("the server ended: {:?}", child.wait()),
            }
        };
        // Its output must go on being read, or it would block one day.
        std::thread::spawn(move || lines.for_each(drop));
        self.url = url;
        self.running = Some(child);
    }

    /// Has it tell other users of the system, in this folder, how to reach it, from its next start on.
    pub fn tell_everybody(&mut self, folder: &Path) {
        self.public = Some(folder.to_owned());
    }

    /// Kills it as `kill -9` does.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Stops it as `kill` does, and says whether it ended well.
    pub fn stop(&mut self) -> bool {
        let Some(mut child) = self.running.take() else { return true };
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        panic!("the server did not stop in {PATIENCE:?}");
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.running.as_ref().unwrap().id()
    }

    /// The address of its UI, with the token.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for what else a test needs.
    pub fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// The Maildir of a user.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.data().join("mail").join(&self.domain).join(user).join("Maildir")
    }

    /// Changes a setting.
    #[track_caller]
    pub fn set(&self, name: &str, value: &str) {
        self.postigo(["config", "set", name, value]).ok();
    }

    /// Makes it the name server of its address, which it asks itself, with these records: zone, name, type, value.
    #[track_caller]
    pub fn serve_names(&self, records: &[(&str, &str, &str, &str)]) {
        for (zone, name, kind, value) in records {
            self.postigo(["zone", "add", zone, name, kind].into_iter().chain(value.split(' '))).ok();
        }
        self.set("dns_listen", &format!("{}:53", self.address));
        self.set("resolver", "built-in");
    }

    /// Hands a message to its `sendmail`.
    #[track_caller]
    pub fn sendmail(&self, from: &str, to: &str, message: &str) {
        self.postigo_with_input(["sendmail", "-i", "-f", from, to], message.as_bytes()).ok();
    }

    /// Waits until somebody has this many messages in the INBOX, and gives them, whole.
    #[track_caller]
    pub fn wait_for(&self, user: &str, count: usize) -> Vec<String> {
        until(&format!("{count} messages of {user} in Postigo"), || {
            let files = self.inbox_files(user);
            if files.len() == count {
                let text = |file| String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
                Ok(files.into_iter().map(text).collect())
            } else {
                Err(format!("{files:?}\n{}", self.log()))
            }
        })
    }

    /// Waits for the message in the queue to this recipient that has failed at least so often, and gives its row.
    #[track_caller]
    pub fn wait_for_deferred(&self, recipient: &str, attempts: u64) -> serde_json::Value {
        until(&format!("{recipient} to be deferred"), || {
            let page = self.json(&["queue", "list", "--state", "deferred", "--text", recipient]);
            let row = &page["rows"][0];
            if row["attempts"].as_u64().is_some_and(|n| n >= attempts) {
                Ok(row.clone())
            } else {
                Err(format!("{page}\n{}", self.log()))
            }
        })
    }

    /// Waits until nothing is left in the queue.
    #[track_caller]
    pub fn wait_for_empty_queue(&self) {
        until("an empty queue", || {
            let page = self.json(&["queue", "list"]);
            if page["rows"].as_array().unwrap().is_empty() { Ok(()) } else { Err(page.to_string()) }
        });
    }

    /// Its log.
    #[track_caller]
    pub fn log(&self) -> String {
        self.postigo(["log"]).ok().out
    }

    /// Waits for a line of its log with all of these in it, and gives the line.
    #[track_caller]
    pub fn wait_for_log(&self, parts: &[&str]) -> String {
        until(&format!("a line of the log with {parts:?}"), || {
            let log = self.log();
            let line = log.lines().find(|line| parts.iter().all(|part| line.contains(part)));
            line.map(ToOwned::to_owned).ok_or(log)
        })
    }

    /// Runs `postigo --data DIR ARGUMENTS`.
    #[track_caller]
    pub fn postigo<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        self.postigo_with_input(arguments, b"")
    }

    /// As [`Self::postigo`], with this on standard input.
    #[track_caller]
    pub fn postigo_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Output {
        run_with_input(Command::new(postigo()).arg("--data").arg(self.data()).args(arguments), input)
    }

    /// Runs a command with `--json` and gives what it printed.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.postigo(arguments.iter().chain(&["--json"])).ok();
        serde_json::from_str(&output.out).unwrap()
    }

    /// The certificate of its authority, as a file.
    #[track_caller]
    pub fn authority(&self) -> PathBuf {
        let path = self.folder.path().join("ca.pem");
        std::fs::write(&path, self.postigo(["ca"]).ok().out).unwrap();
        path
    }

    /// Where it listens.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// SMTP without authentication.
    pub fn smtp(&self) -> u16 {
        self.base + 25
    }

    /// Submission with STARTTLS.
    pub fn submission(&self) -> u16 {
        self.base + 587
    }

    /// Submission with implicit TLS.
    pub fn submissions(&self) -> u16 {
        self.base + 465
    }

    /// IMAP with STARTTLS.
    pub fn imap(&self) -> u16 {
        self.base + 143
    }

    /// IMAP with implicit TLS.
    pub fn imaps(&self) -> u16 {
        self.base + 993
    }

    /// The files of a user's INBOX, new and seen.
    pub fn inbox_files(&self, user: &str) -> Vec<PathBuf> {
        ["new", "cur"]
            .iter()
            .flat_map(|folder| std::fs::read_dir(self.maildir(user).join(folder)).unwrap())
            .map(|file| file.unwrap().path())
            .collect()
    }

    /// Runs a Python program that finds the ports and the password in its environment.
    #[track_caller]
    pub fn python(&self, program: &str) -> Output {
        run(Command::new("python3")
            .args(["-c", program])
            .env("SMTP", self.smtp().to_string())
            .env("SUBMISSION", self.submission().to_string())
            .env("SUBMISSIONS", self.submissions().to_string())
            .env("IMAP", self.imap().to_string())
            .env("IMAPS", self.imaps().to_string())
            .env("CA", self.authority())
            .env("PASSWORD", PASSWORD))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program under test.
pub fn postigo() -> PathBuf {
    std::env::var_os("POSTIGO_BIN").map_or_else(|| built("postigo"), Into::into)
}

/// The desktop program under test.
pub fn postigo_desktop() -> PathBuf {
    std::env::var_os("POSTIGO_DESKTOP_BIN").map_or_else(|| built("postigo-desktop"), Into::into)
}

fn built(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    target.join("debug").join(name)
}

/// A number for `--ports` under which all ports are free. Tests of one process never get the same; other processes are
/// told apart by their process id, and what is taken all the same is passed over.
fn free_base() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..200 {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let slot = (std::process::id().wrapping_mul(7).wrapping_add(n)) % 40;
        let base = u16::try_from(20_000 + slot * 1_000).unwrap();
        if OFFSETS.iter().all(|offset| is_free(base + offset)) {
            return base;
        }
    }
    panic!("no free ports");
}

fn is_free(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_err() && TcpListener::bind(("127.0.0.1", port)).is_ok()
}
