//! A Postfix of one's own: Debian's program with its default settings, in a folder and at an address that nobody else has.
//!
//! Its people have virtual mailboxes (Maildirs). Its processes see a `/etc/resolv.conf` of their own, so that it asks the
//! name server of the test and follows MX records as in life.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::dovecot::Authentication;
use crate::loopback;
use crate::poll::until;
use crate::program::{Output, run, run_with_input};

/// Debian's user for mail that belongs to nobody on the system.
const NOBODY: u32 = 65_534;

/// How it is set up.
#[derive(Clone, Copy)]
pub struct PostfixSetup<'a> {
    /// `myhostname`.
    pub host: &'a str,
    /// The domain whose people have mailboxes here.
    pub domain: &'a str,
    /// Them.
    pub users: &'a [&'a str],
    /// The name server it asks, at port 53; without one it knows no names.
    pub name_server: Option<IpAddr>,
    /// Further lines of `main.cf`. What is said here wins.
    pub main_cf: &'a str,
    /// Whether it has a certificate, TLS on port 25, and submission (587) and submissions (465) for whoever logs in with
    /// [`crate::server::PASSWORD`].
    pub submission: bool,
    /// Where it listens; without it, at an address of its own.
    pub address: Option<Ipv4Addr>,
}

impl Default for PostfixSetup<'_> {
    fn default() -> Self {
        Self {
            host: "mail.otro.test",
            domain: "otro.test",
            users: &["eva", "max"],
            name_server: None,
            main_cf: "",
            submission: false,
            address: None,
        }
    }
}

/// A Postfix that runs until dropped.
pub struct Postfix {
    folder: TempDir,
    address: Ipv4Addr,
    name_server: Option<IpAddr>,
    _authentication: Option<Authentication>,
}

impl Postfix {
    /// Starts it.
    #[track_caller]
    pub fn start(setup: &PostfixSetup<'_>) -> Self {
        assert!(rustix::process::geteuid().is_root(), "Postfix needs root to start");
        let folder = tempfile::Builder::new().prefix("postfix-test-").tempdir().unwrap();
        // Its processes run as different users, and all of them must get here.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let authentication = setup.submission.then(|| Authentication::start(folder.path(), setup.users));
        let address = setup.address.unwrap_or_else(loopback::address);
        let this = Self { folder, address, name_server: setup.name_server, _authentication: authentication };
        this.configure(setup);
        this.launch();
        this
    }

    /// Starts it again after [`Self::stop`].
    #[track_caller]
    pub fn launch(&self) {
        let program = format!(
            "mount --bind {} /etc/resolv.conf && exec postfix -c {} start",
            self.path("etc/resolv.conf").display(),
            self.path("etc").display()
        );
        let started = run(Command::new("unshare").args(["--mount", "sh", "-c", &program]));
        assert_eq!(started.code, Some(0), "{}{}\n{}", started.out, started.err, self.log());
    }

    /// Stops it; its queue stays.
    pub fn stop(&self) {
        let _ = self.postfix("stop");
    }

    /// Where it listens.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("mail.log")).unwrap_or_default()
    }

    /// Waits for a line of its log with all of these in it, and gives the line.
    #[track_caller]
    pub fn wait_for_log(&self, parts: &[&str]) -> String {
        until(&format!("a line of Postfix's log with {parts:?}"), || {
            let log = self.log();
            let line = log.lines().find(|line| parts.iter().all(|part| line.contains(part)));
            line.map(ToOwned::to_owned).ok_or(log)
        })
    }

    /// The messages in somebody's mailbox, whole.
    pub fn messages(&self, user: &str) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.path("mail").join(user).join("new")) else { return Vec::new() };
        files
            .map(|file| String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned())
            .collect()
    }

    /// Files in somebody's mailbox.
    pub fn count(&self, user: &str) -> usize {
        fs::read_dir(self.path("mail").join(user).join("new")).map_or(0, Iterator::count)
    }

    /// Waits until somebody has this many messages, and gives them.
    #[track_caller]
    pub fn wait_for(&self, user: &str, count: usize) -> Vec<String> {
        until(&format!("{count} messages of {user} in Postfix"), || {
            let messages = self.messages(user);
            if messages.len() == count { Ok(messages) } else { Err(format!("{messages:?}\n{}", self.log())) }
        })
    }

    /// What `mailq` says.
    pub fn mailq(&self) -> String {
        run(Command::new("postqueue").arg("-c").arg(self.path("etc")).arg("-p")).ok().out
    }

    /// Tries everything in its queue now.
    pub fn flush(&self) {
        run(Command::new("postqueue").arg("-c").arg(self.path("etc")).arg("-f")).ok();
    }

    /// Hands a message to its `sendmail`.
    #[track_caller]
    pub fn sendmail(&self, from: &str, to: &str, message: &str) {
        run_with_input(
            Command::new("/usr/sbin/sendmail").arg("-C").arg(self.path("etc")).args(["-i", "-f", from, to]),
            message.as_bytes(),
        )
        .ok();
    }

    /// Changes a setting, at once.
    #[track_caller]
    pub fn set(&self, line: &str) {
        run(Command::new("postconf").arg("-c").arg(self.path("etc")).args(["-e", line])).ok();
        self.postfix("reload").ok();
    }

    /// Its certificate, which signed itself.
    pub fn certificate(&self) -> PathBuf {
        self.path("etc/cert.pem")
    }

    /// A file of its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, setup: &PostfixSetup<'_>) {
        for folder in ["etc", "queue", "data", "mail"] {
            fs::create_dir(self.path(folder)).unwrap();
        }
        chown(self.path("mail"), Some(NOBODY), Some(NOBODY)).unwrap();
        let user = run(Command::new("id").args(["-u", "postfix"])).ok().out.trim().parse().unwrap();
        chown(self.path("data"), Some(user), None).unwrap();
        let mailboxes: String =
            setup.users.iter().map(|user| format!("{user}@{} {user}/\n", setup.domain)).collect();
        fs::write(self.path("etc/mailboxes"), mailboxes).unwrap();
        let resolv = self.name_server.map_or_else(String::new, |server| format!("nameserver {server}\n"));
        fs::write(self.path("etc/resolv.conf"), format!("{resolv}options timeout:2 attempts:1\n")).unwrap();
        if setup.submission {
            self.make_certificate(setup.host);
        }
        fs::write(self.path("etc/main.cf"), self.main_cf(setup)).unwrap();
        fs::write(self.path("etc/master.cf"), self.master_cf(setup)).unwrap();
        fs::copy("/etc/services", self.path("etc/services")).unwrap();
    }

    fn make_certificate(&self, host: &str) {
        run(Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
            .args(["-days", "2", "-subj", &format!("/CN={host}")])
            .args(["-addext", &format!("subjectAltName=DNS:{host}")])
            .arg("-keyout")
            .arg(self.path("etc/key.pem"))
            .arg("-out")
            .arg(self.path("etc/cert.pem")))
        .ok();
    }

    fn main_cf(&self, setup: &PostfixSetup<'_>) -> String {
        // Postfix wants the interfaces it is told to be the system's; where it listens stands in master.cf.
        let (root, address) = (self.folder.path().display(), self.address);
        let mut text = format!(
            "compatibility_level = 3.6\n\
             queue_directory = {root}/queue\n\
             data_directory = {root}/data\n\
             maillog_file = {root}/mail.log\n\
             maillog_file_prefixes = {root}\n\
             inet_interfaces = loopback-only\n\
             proxy_interfaces = {address}\n\
             inet_protocols = ipv4\n\
             smtp_bind_address = {address}\n\
             mynetworks = {address}\n\
             myhostname = {host}\n\
             mydestination =\n\
             alias_maps =\n\
             alias_database =\n\
             virtual_mailbox_domains = {domain}\n\
             virtual_mailbox_base = {root}/mail\n\
             virtual_mailbox_maps = texthash:{root}/etc/mailboxes\n\
             virtual_uid_maps = static:{NOBODY}\n\
             virtual_gid_maps = static:{NOBODY}\n",
            host = setup.host,
            domain = setup.domain
        );
        if setup.submission {
            text.push_str(&format!(
                "smtpd_tls_cert_file = {root}/etc/cert.pem\n\
                 smtpd_tls_key_file = {root}/etc/key.pem\n\
                 smtpd_tls_security_level = may\n\
                 smtpd_tls_loglevel = 1\n\
                 smtpd_sasl_type = dovecot\n\
                 smtpd_sasl_path = {root}/auth\n"
            ));
        }
        text + setup.main_cf + "\n"
    }

    fn master_cf(&self, setup: &PostfixSetup<'_>) -> String {
        let mut text = services(&format!("{}:25", self.address));
        if setup.submission {
            for (port, options) in
                [(587, "-o smtpd_tls_security_level=encrypt"), (465, "-o smtpd_tls_wrappermode=yes")]
            {
                text.push_str(&format!(
                    "{}:{port} inet n - n - - smtpd {options} -o smtpd_sasl_auth_enable=yes \
                     -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n",
                    self.address
                ));
            }
        }
        text
    }

    fn postfix(&self, command: &str) -> Output {
        run(Command::new("postfix").arg("-c").arg(self.path("etc")).arg(command))
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.stop();
        // With the log, a failing test can be understood.
        if std::thread::panicking() {
            eprintln!("Postfix's log:\n{}", self.log());
        }
    }
}

/// The services of Debian's master.cf, with SMTP at this `address:port`.
pub fn services(smtpd: &str) -> String {
    let services = fs::read_to_string(master_cf_of_debian()).unwrap();
    services.lines().filter_map(Service::parse).map(|service| service.line(smtpd)).collect()
}

fn master_cf_of_debian() -> &'static Path {
    let candidates =
        ["/usr/share/postfix/master.cf.dist", "/etc/postfix/master.cf.proto", "/etc/postfix/master.cf"];
    candidates
        .into_iter()
        .map(Path::new)
        .find(|p| p.exists())
        .expect("Debian's postfix package is not installed")
}

/// A service of master.cf (master(5)).
struct Service<'a>(Vec<&'a str>);

impl<'a> Service<'a> {
    /// None for a comment, for a line that continues another, and for services that hand mail to programs: of those alone the
    /// continuation lines matter.
    fn parse(line: &'a str) -> Option<Self> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let begins = !line.starts_with('#') && !line.starts_with(char::is_whitespace);
        (begins && fields.len() >= 8 && fields[7] != "pipe").then_some(Self(fields))
    }

    /// The same service, SMTP at our address, and nothing in a chroot: that would need libraries in our folder.
    fn line(mut self, smtpd: &str) -> String {
        let is_smtpd = self.0[..2] == ["smtp", "inet"];
        self.0[4] = "n";
        let name = if is_smtpd { smtpd } else { self.0[0] };
        format!("{name} {}\n", self.0[1..].join(" "))
    }
}
