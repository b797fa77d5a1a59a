//! An Exim of one's own: a second opinion beside Postfix. `packaging/second-mail-server.sh` puts the program there.
//!
//! It believes that its user exists and asks the name server of the test, because it has a `/etc/passwd` and a
//! `/etc/resolv.conf` of its own.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::loopback;
use crate::poll::until;
use crate::program::run_with_input;

/// Debian's user for mail that belongs to nobody on the system.
const NOBODY: u32 = 65_534;

/// How it is set up.
#[derive(Clone, Copy)]
pub struct EximSetup<'a> {
    /// The domain whose people have Maildirs here; the host is `mail.` and the domain.
    pub domain: &'a str,
    /// Them.
    pub users: &'a [&'a str],
    /// The name server it asks, at port 53.
    pub name_server: IpAddr,
    /// Where it listens; without it, at an address of its own.
    pub address: Option<Ipv4Addr>,
}

/// An Exim that runs until dropped.
pub struct Exim {
    folder: TempDir,
    address: Ipv4Addr,
    child: Child,
}

impl Exim {
    /// Starts it.
    #[track_caller]
    pub fn start(setup: &EximSetup<'_>) -> Self {
        assert!(rustix::process::geteuid().is_root(), "Exim needs root to start");
        let folder = tempfile::Builder::new().prefix("exim-test-").tempdir().unwrap();
        let root = folder.path();
        fs::set_permissions(root, fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["spool", "mail", "log"] {
            fs::create_dir(root.join(name)).unwrap();
            chown(root.join(name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        // A copy, because Exim runs itself again as its user, who may not look into the home of whoever tests.
        fs::copy(program(), root.join("exim4")).unwrap();
        // The name of the user is compiled into Debian's program.
        for (file, line) in [
            ("passwd", format!("Debian-exim:x:{NOBODY}:{NOBODY}::/nonexistent:/usr/sbin/nologin\n")),
            ("group", format!("Debian-exim:x:{NOBODY}:\n")),
        ] {
            let theirs = fs::read_to_string(Path::new("/etc").join(file)).unwrap();
            fs::write(root.join(file), theirs + &line).unwrap();
        }
        fs::write(root.join("resolv.conf"), format!("nameserver {}\noptions timeout:2\n", setup.name_server))
            .unwrap();
        let address = setup.address.unwrap_or_else(loopback::address);
        fs::write(root.join("exim.conf"), configuration(root, address, setup)).unwrap();
        let child = inside(root, &["-bdf", "-q1s"]).stdin(Stdio::null()).spawn().unwrap();
        let this = Self { folder, address, child };
        until("Exim to listen", || {
            TcpStream::connect((address, 25)).map(drop).map_err(|error| format!("{error}\n{}", this.log()))
        });
        this
    }

    /// Where it listens.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log/main")).unwrap_or_default()
    }

    /// Hands it a message, as its `sendmail`.
    #[track_caller]
    pub fn sendmail(&self, from: &str, to: &str, message: &str) {
        run_with_input(&mut inside(self.folder.path(), &["-i", "-f", from, to]), message.as_bytes()).ok();
    }

    /// Waits until somebody has this many messages, and gives them.
    #[track_caller]
    pub fn wait_for(&self, user: &str, count: usize) -> Vec<String> {
        let new = self.folder.path().join("mail").join(user).join("new");
        until(&format!("{count} messages of {user} in Exim"), || {
            let files: Vec<PathBuf> =
                fs::read_dir(&new).into_iter().flatten().map(|file| file.unwrap().path()).collect();
            if files.len() == count {
                Ok(files.iter().map(|file| fs::read_to_string(file).unwrap()).collect())
            } else {
                Err(format!("{files:?}\n{}", self.log()))
            }
        })
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("Exim's log:\n{}", self.log());
        }
    }
}

/// Exim with these arguments, seeing the files of this folder.
fn inside(root: &Path, arguments: &[&str]) -> Command {
    let mut mounts = String::new();
    for file in ["passwd", "group", "resolv.conf"] {
        mounts.push_str(&format!("mount --bind {0}/{file} /etc/{file} && ", root.display()));
    }
    let script = format!("{mounts}exec {0}/exim4 -C {0}/exim.conf \"$@\"", root.display());
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &script, "exim"]).args(arguments);
    command
}

fn program() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache"),
        PathBuf::from,
    );
    let program = cache.join("postigo/exim/usr/sbin/exim4");
    assert!(program.exists(), "{} is not there: run packaging/second-mail-server.sh", program.display());
    program
}

fn configuration(root: &Path, address: Ipv4Addr, setup: &EximSetup<'_>) -> String {
    let (domain, people, root) = (setup.domain, setup.users.join(" : "), root.display());
    format!(
        "primary_hostname = mail.{domain}
exim_path = {root}/exim4
domainlist local_domains = {domain}
spool_directory = {root}/spool
log_file_path = {root}/log/%s
pid_file_path = {root}/spool/exim.pid
exim_user = Debian-exim
exim_group = Debian-exim
trusted_users = root
never_users =
deliver_drop_privilege
local_interfaces = {address}
keep_environment =
add_environment = PATH=/usr/bin:/bin
tls_advertise_hosts =
disable_ipv6
rfc1413_query_timeout = 0s
acl_smtp_rcpt = rcpt

begin acl
rcpt:
  require verify = recipient
  accept domains = +local_domains
  deny message = relay not permitted

begin routers
people:
  driver = accept
  domains = +local_domains
  local_parts = {people}
  transport = maildir
others:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote
  # All hosts of these tests are on loopback.
  self = send
  no_more

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = {root}/mail/$local_part_data
  create_directory
  user = Debian-exim
  group = Debian-exim
remote:
  driver = smtp
  interface = {address}

begin retry
* * F,2h,1s
"
    )
}
