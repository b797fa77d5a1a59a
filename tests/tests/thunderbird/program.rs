//! Thunderbird with a profile of its own: ana's account, as the wizard of Thunderbird would have written it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postigo_tests::server::PASSWORD;
use postigo_tests::{Server, run};
use serde_json::{Value, json};

use super::marionette::Marionette;

const HOST: &str = "mail.lab.test";
const USER: &str = "ana@lab.test";
const PERSON: &str = include_str!("person.js");

/// How long something on the screen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The numbers Thunderbird writes for how a connection is secured.
const STARTTLS: u8 = 2;
const TLS: u8 = 3;
/// "Normal password": PLAIN or LOGIN.
const PASSWORD_CLEARTEXT: u8 = 3;

/// The program, running. Dropping it kills it; its profile is in the server's folder.
pub struct Thunderbird {
    process: Child,
    marionette: Marionette,
}

impl Thunderbird {
    /// Starts it. It trusts the server's authority and knows ana's password, and has not connected yet.
    pub fn start(server: &Server) -> Self {
        let home = server.scratch().join("thunderbird");
        let profile = home.join("profile");
        std::fs::create_dir_all(&profile).unwrap();
        std::fs::write(profile.join("prefs.js"), preferences(server)).unwrap();
        let mut process = Command::new("thunderbird")
            .args(["--no-remote", "--marionette", "--remote-allow-system-access", "--profile"])
            .arg(&profile)
            .env("HOME", &home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("thunderbird cannot be started ({e}): see packaging/"));
        let port = port(&profile.join("MarionetteActivePort"), &mut process);
        let mut this = Self { process, marionette: Marionette::connect(port) };
        this.until("panes() !== null");
        this.run(&format!("trust({})", json!(der_in_base64(&server.authority()))));
        this.run(&format!("remember({}, {}, {})", json!(HOST), json!(USER), json!(PASSWORD)));
        this
    }

    /// Does one thing of `person.js`, and gives what that gives.
    pub fn run(&mut self, call: &str) -> Value {
        self.marionette.run(&format!("{PERSON}\nreturn {call}"))
    }

    /// Does it again until it gives true.
    #[track_caller]
    pub fn until(&mut self, call: &str) {
        let until = Instant::now() + PATIENCE;
        while self.run(call) != Value::Bool(true) {
            if Instant::now() > until {
                let picture = self.picture("failed");
                panic!("Thunderbird did not come to {call}; see {}", picture.display());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Keeps a picture of the screen.
    pub fn picture(&self, what: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("output");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("thunderbird-{what}.png"));
        run(Command::new("import").args(["-window", "root"]).arg(&file)).ok();
        file
    }

    /// Ends it by its menu.
    pub fn quit(mut self) {
        self.marionette.quit();
        let until = Instant::now() + PATIENCE;
        while self.process.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "Thunderbird did not end");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Thunderbird {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The port that Thunderbird chose to be driven at.
fn port(file: &Path, process: &mut Child) -> u16 {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(port) = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok()) {
            return port;
        }
        assert_eq!(process.try_wait().unwrap(), None, "Thunderbird ended by itself");
        assert!(Instant::now() < until, "Thunderbird does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn der_in_base64(pem: &Path) -> String {
    let text = std::fs::read_to_string(pem).unwrap();
    text.lines().filter(|line| !line.starts_with("-----")).collect()
}

/// The account, and nothing that asks, tells or counts on a first start.
fn preferences(server: &Server) -> String {
    let account = json!({
        "mail.accountmanager.accounts": "account1,account2",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.accountmanager.localfoldersserver": "server2",
        "mail.account.account1.server": "server1",
        "mail.account.account1.identities": "id1",
        "mail.account.account2.server": "server2",
        "mail.server.server1.type": "imap",
        "mail.server.server1.name": USER,
        "mail.server.server1.hostname": HOST,
        "mail.server.server1.port": server.imaps(),
        "mail.server.server1.socketType": TLS,
        "mail.server.server1.authMethod": PASSWORD_CLEARTEXT,
        "mail.server.server1.userName": USER,
        // It connects when it is told, and hears of new mail by IDLE alone.
        "mail.server.server1.login_at_startup": false,
        "mail.server.server1.check_new_mail": false,
        "mail.server.server2.type": "none",
        "mail.server.server2.hostname": "Local Folders",
        "mail.server.server2.userName": "nobody",
        "mail.identity.id1.fullName": "Ana",
        "mail.identity.id1.useremail": USER,
        "mail.identity.id1.smtpServer": "smtp1",
        "mail.identity.id1.valid": true,
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.type": "smtp",
        "mail.smtpserver.smtp1.hostname": HOST,
        "mail.smtpserver.smtp1.port": server.submission(),
        "mail.smtpserver.smtp1.try_ssl": STARTTLS,
        "mail.smtpserver.smtp1.authMethod": PASSWORD_CLEARTEXT,
        "mail.smtpserver.smtp1.username": USER,
    });
    let quiet = json!({
        // The certificate is checked against the name, and no name server knows it.
        "network.dns.localDomains": HOST,
        "app.donation.eoy.version.viewed": 999,
        "app.update.auto": false,
        "datareporting.policy.dataSubmissionEnabled": false,
        "datareporting.policy.dataSubmissionPolicyBypassNotification": true,
        "mail.inappnotifications.enabled": false,
        "mail.provider.suppress_dialog_on_startup": true,
        "mail.rights.version": 1,
        "mail.shell.checkDefaultClient": false,
        "mail.spotlight.firstRunDone": true,
        "mailnews.start_page.enabled": false,
        "mailnews.start_page_override.mstone": "ignore",
        // Any port that is free.
        "marionette.port": 0,
    });
    let of = |preferences: &Value| -> String {
        let pairs = preferences.as_object().unwrap().iter();
        pairs.map(|(name, value)| format!("user_pref({}, {value});\n", json!(name))).collect()
    };
    of(&account) + &of(&quiet)
}
