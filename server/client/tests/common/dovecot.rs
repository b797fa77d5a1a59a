//! Dovecot with one user, in a folder of its own.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::authority::Authority;
use super::{ANA, PASSWORD, Ports, Running, listening, program};

pub struct Dovecot {
    _running: Running,
    folder: tempfile::TempDir,
    user: User,
}

struct User {
    name: String,
    group: String,
    uid: u32,
    gid: u32,
}

impl Dovecot {
    /// Plain and STARTTLS on the second port of `ports`, TLS on the third. `settings` are added to its configuration.
    pub fn start(ports: &Ports, authority: &Authority, settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let user = User::for_mail();
        let path = folder.path();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("permissions");
        std::fs::write(path.join("certificate.pem"), &authority.certificate_pem).expect("certificate");
        std::fs::write(path.join("key.pem"), &authority.key_pem).expect("key");
        std::fs::write(path.join("users"), format!("{ANA}:{PASSWORD}\n")).expect("users");
        for name in ["home", "mail"] {
            let path = path.join(name);
            std::fs::create_dir(&path).expect("a folder");
            chown(&path, Some(user.uid), Some(user.gid)).expect("owner");
        }
        let config = path.join("dovecot.conf");
        std::fs::write(&config, configuration(path, &user, ports) + settings).expect("configuration");
        let child = program("/usr/sbin/dovecot", "dovecot-imapd")
            .args(["-F", "-c"])
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(path.join("stderr")).expect("a file"))
            .spawn()
            .expect("Dovecot starts");
        assert!(Path::new("/usr/lib/dovecot/imap").exists(), "install the package dovecot-imapd");
        let running = Running(child);
        listening(ports.nth(1));
        listening(ports.nth(2));
        Self { _running: running, folder, user }
    }

    /// The user's Maildir.
    pub fn maildir(&self) -> PathBuf {
        self.folder.path().join("mail").join(ANA)
    }

    /// Puts a message where a delivery would.
    pub fn deliver(&self, name: &str, raw: &[u8]) {
        let maildir = self.maildir();
        for part in ["", "cur", "new", "tmp"] {
            let path = maildir.join(part);
            if !path.exists() {
                std::fs::create_dir_all(&path).expect("a folder");
                chown(&path, Some(self.user.uid), Some(self.user.gid)).expect("owner");
            }
        }
        let path = maildir.join("tmp").join(name);
        std::fs::write(&path, raw).expect("a message");
        chown(&path, Some(self.user.uid), Some(self.user.gid)).expect("owner");
        std::fs::rename(&path, maildir.join("new").join(name)).expect("delivered");
    }

    /// Its configuration, for doveadm.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("dovecot.conf")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl User {
    /// Dovecot does not read mail as root.
    fn for_mail() -> Self {
        let id = |arguments: &[&str]| {
            let asked = Command::new("id").args(arguments).output().expect("id");
            String::from_utf8(asked.stdout).expect("text").trim().to_owned()
        };
        let name = if id(&["-u"]) == "0" { "nobody".to_owned() } else { id(&["-un"]) };
        let number = |option| id(&[option, &name]).parse().expect("a number");
        Self { group: id(&["-gn", &name]), uid: number("-u"), gid: number("-g"), name }
    }
}

fn configuration(path: &Path, user: &User, ports: &Ports) -> String {
    let path = path.display();
    let (name, group, uid, gid) = (&user.name, &user.group, user.uid, user.gid);
    let (imap, imaps) = (ports.nth(1), ports.nth(2));
    format!(
        "base_dir = {path}/run
state_dir = {path}/run
log_path = {path}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{path}/certificate.pem
ssl_key = <{path}/key.pem
default_internal_user = {name}
default_internal_group = {group}
default_login_user = {name}
first_valid_uid = 1
mail_location = maildir:{path}/mail/%u
mailbox_list_index = no
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {path}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={path}/home
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
"
    )
}
