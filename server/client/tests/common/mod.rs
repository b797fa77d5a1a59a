//! Real peers for the tests: Dovecot to read from, Postfix's smtp-sink to hand in to.
#![allow(dead_code, reason = "each test program uses some of it")]

pub mod authority;
pub mod dovecot;
pub mod sink;

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use postigo_api::{Code, Endpoint, Error, MessagePage, MessageQuery, MessageRef, Security};
use postigo_client::{AccountConfig, Changed, Client, Directory, Secret};
use rustls_pki_types::CertificateDer;

pub const ANA: &str = "ana@lab.test";
pub const HOST: &str = "mail.lab.test";
pub const PASSWORD: &str = "pass \"wörd\\";

/// Ports for one test: the first is held as long as the test runs, so that no other test takes the ones after it.
pub struct Ports {
    _held: TcpListener,
    first: u16,
}

impl Ports {
    pub fn take() -> Self {
        let slots = (41_600..41_696).step_by(8);
        let found =
            slots.filter_map(|first| Some((TcpListener::bind(("127.0.0.1", first)).ok()?, first))).next();
        let (held, first) = found.expect("a free slot of ports from 41600 to 41695");
        Self { _held: held, first }
    }

    pub fn nth(&self, n: u16) -> u16 {
        self.first + n
    }
}

/// A process that ends with the test.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Dovecot's master ends its children when it is asked to end, not when it is killed.
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        let began = Instant::now();
        while asked.as_ref().is_ok_and(|status| status.success()) && began.elapsed() < Duration::from_secs(5)
        {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program at `path`, or a word about the package that has it.
pub fn program(path: &str, package: &str) -> Command {
    assert!(Path::new(path).exists(), "{path} is missing: install the package {package}");
    Command::new(path)
}

/// Waits until something listens.
pub fn listening(port: u16) {
    let began = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(10), "nothing listens on port {port}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn endpoint(port: u16, security: Security) -> Endpoint {
    Endpoint { host: HOST.to_owned(), port, security }
}

/// Ana's account; on this machine, whatever the host name resolves to.
pub fn account(imap: Endpoint, submission: Endpoint, roots: Vec<CertificateDer<'static>>) -> AccountConfig {
    AccountConfig {
        id: ANA.to_owned(),
        address: ANA.to_owned(),
        display_name: "Ana Pérez".to_owned(),
        user: ANA.to_owned(),
        password: Secret::new(PASSWORD.to_owned()),
        imap,
        submission,
        connect: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        roots,
    }
}

struct One(AccountConfig);

#[async_trait]
impl Directory for One {
    async fn config(&self, account: &str) -> Result<AccountConfig, Error> {
        if account == self.0.id {
            Ok(self.0.clone())
        } else {
            Err(Error::new(Code::MailAccountUnknown, "unknown").with("account", account))
        }
    }
}

/// A client for one account, and what it was told of.
pub fn client(config: AccountConfig) -> (Client, Arc<Mutex<Vec<Changed>>>) {
    let told: Arc<Mutex<Vec<Changed>>> = Arc::default();
    let telling = Arc::clone(&told);
    let notify = move |changed| telling.lock().expect("told").push(changed);
    (Client::new(Arc::new(One(config)), notify), told)
}

pub fn query(folder: &str) -> MessageQuery {
    MessageQuery {
        account: ANA.to_owned(),
        folder: folder.to_owned(),
        text: None,
        unseen: false,
        flagged: false,
        offset: 0,
        limit: 0,
    }
}

pub async fn page(client: &Client, folder: &str) -> MessagePage {
    client.list(query(folder)).await.expect("a page")
}

pub fn message(folder: &str, uid: u32) -> MessageRef {
    MessageRef { account: ANA.to_owned(), folder: folder.to_owned(), uid }
}

/// Asks again until the answer is yes.
pub async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(15), "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
