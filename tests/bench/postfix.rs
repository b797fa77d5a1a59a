//! A Postfix of one's own: Debian's program with its default settings, virtual delivery to Maildirs, a folder and a port
//! that nobody else has.

use std::fs;
use std::os::unix::fs::chown;
use std::path::PathBuf;
use std::process::Command;

use postigo_tests::postfix::services;
use postigo_tests::run;
use tempfile::TempDir;

/// Debian's user for mail that belongs to nobody on the system.
const NOBODY: u32 = 65_534;

/// A Postfix that runs until dropped.
pub struct Postfix {
    folder: TempDir,
    port: u16,
}

impl Postfix {
    /// Starts it for lab.test with luis.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// The same with more lines of main.cf.
    pub fn start_with(settings: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("postfix-bench-").tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let this = Self { folder, port };
        this.configure(settings);
        let started = this.postfix("start");
        assert_eq!(started.code, Some(0), "{}{}", started.out, started.err);
        this
    }

    /// Where it listens for SMTP.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Files in luis's Maildir.
    pub fn delivered(&self) -> usize {
        fs::read_dir(self.path("mail/luis/new")).map_or(0, |files| files.count())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, settings: &str) {
        // Its processes run as different users, and all of them must get here.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(self.folder.path(), open).unwrap();
        for folder in ["etc", "queue", "data", "mail"] {
            fs::create_dir(self.path(folder)).unwrap();
        }
        chown(self.path("mail"), Some(NOBODY), Some(NOBODY)).unwrap();
        let user = run(Command::new("id").args(["-u", "postfix"])).ok().out.trim().parse().unwrap();
        chown(self.path("data"), Some(user), None).unwrap();
        fs::write(self.path("etc/mailboxes"), "luis@lab.test luis/\n").unwrap();
        fs::write(self.path("etc/main.cf"), self.main_cf() + settings).unwrap();
        fs::write(self.path("etc/master.cf"), services(&format!("127.0.0.1:{}", self.port))).unwrap();
        fs::copy("/etc/services", self.path("etc/services")).unwrap();
    }

    fn main_cf(&self) -> String {
        let root = self.folder.path().display();
        format!(
            "compatibility_level = 3.6\n\
             queue_directory = {root}/queue\n\
             data_directory = {root}/data\n\
             maillog_file = {root}/mail.log\n\
             maillog_file_prefixes = {root}\n\
             inet_interfaces = loopback-only\n\
             inet_protocols = ipv4\n\
             myhostname = mail.lab.test\n\
             mydestination =\n\
             alias_maps =\n\
             alias_database =\n\
             virtual_mailbox_domains = lab.test\n\
             virtual_mailbox_base = {root}/mail\n\
             virtual_mailbox_maps = texthash:{root}/etc/mailboxes\n\
             virtual_uid_maps = static:{NOBODY}\n\
             virtual_gid_maps = static:{NOBODY}\n"
        )
    }

    fn postfix(&self, command: &str) -> postigo_tests::Output {
        run(Command::new("postfix").arg("-c").arg(self.path("etc")).arg(command))
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = self.postfix("stop");
    }
}
