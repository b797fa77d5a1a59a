//! What a command answers when it cannot do what was asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An error as it crosses to a face. Never carries a private cause: that stays in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Error {
    /// What kind of failure, for looking up the words in the user's language.
    pub code: Code,
    /// The same in plain English, for the command line and the log.
    pub text: String,
    /// What the words need: names, ports, paths.
    pub params: BTreeMap<String, String>,
}

impl Error {
    /// An error without parameters.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), params: BTreeMap::new() }
    }

    /// The same error with one more parameter for its words.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// Every failure a face may be told of. The identifiers are stable: catalogues and scripts rely on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $id)] $name,)* }

        impl Code {
            /// The stable identifier, e.g. `account.exists`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
            /// All of them, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

codes! {
    /// The request is not one of [`crate::Request`]. Parameter: `detail`.
    BadRequest = "request.bad",
    /// A fault of ours. The log has the cause. Parameter: `detail`.
    Internal = "internal",
    /// The command needs a server that runs.
    NotRunning = "server.not_running",
    /// The command needs a configuration; run the wizard or `postigo setup`.
    NotSetUp = "server.not_set_up",
    /// Another process serves this data folder. Parameters: `path`, `pid`.
    DataLocked = "data.locked",
    /// The data folder cannot be read or written. Parameters: `path`, `detail`.
    DataUnusable = "data.unusable",
    /// The disk is full. Parameter: `path`.
    DiskFull = "data.full",
    /// The configuration file has a fault. Parameters: `path`, `detail`.
    ConfigInvalid = "config.invalid",
    /// A setting's value is not possible. Parameters: `setting`, `detail`.
    SettingInvalid = "setting.invalid",
    /// Nobody typed the host name to confirm that this change makes an open relay. Parameters: `setting`, `value`, `host`.
    OpenRelay = "setting.open_relay",
    /// There is no setting of this name. Parameter: `setting`.
    SettingUnknown = "setting.unknown",
    /// The queue has no such message (any more). Parameter: `queueId`.
    QueueUnknown = "queue.unknown",
    /// The address is not on the suppression list. Parameter: `address`.
    SuppressionUnknown = "suppression.unknown",
    /// Neither a name nor an address. Parameter: `address`.
    AddressInvalid = "address.invalid",
    /// There is no such alias. Parameter: `name`.
    AliasUnknown = "alias.unknown",
    /// The alias would lead to itself. Parameter: `chain`, as `a → b → a`.
    AliasLoop = "alias.loop",
    /// There is no such zone, or no such record in it. Parameter: `origin`.
    ZoneUnknown = "zone.unknown",
    /// The zone has a fault. Parameters: `origin`, `detail`.
    ZoneInvalid = "zone.invalid",
    /// `setup` never overwrites. Parameter: `path`.
    AlreadySetUp = "setup.exists",
    /// Not a domain name. Parameter: `domain`.
    DomainInvalid = "domain.invalid",
    /// `.local` belongs to multicast DNS (RFC 6762 §3). Parameter: `domain`.
    DomainLocal = "domain.local",
    /// The host name does not lie in a domain we can certify. Parameters: `host`, `domain`.
    HostInvalid = "host.invalid",
    /// Not an IP address. Parameter: `address`.
    IpInvalid = "ip.invalid",
    /// Not a network as `mynetworks` wants it. Parameter: `network`.
    NetworkInvalid = "network.invalid",
    /// A network with bits behind its prefix. Parameters: `network`, `meant`.
    NetworkHostBits = "network.host_bits",
    /// This role needs a relay host.
    RelayhostMissing = "relayhost.missing",
    /// Not a host as `relayhost` and `transport_maps` want it. Parameter: `host`.
    NextHopInvalid = "next_hop.invalid",
    /// Mail would come back to this server. Parameter: `host`.
    NextHopOurselves = "next_hop.ourselves",
    /// With a relay host nobody asks for the MX of the domains behind us: they need a next hop. Parameter: `domain`.
    NextHopMissing = "next_hop.missing",
    /// A password is sent to a relay host over TLS only. Parameter: `level`, that of `smtp_tls_security_level`.
    RelayPasswordInClear = "relayhost.password_in_clear",
    /// A user of a relay host needs a password.
    RelayPasswordMissing = "relayhost.password_missing",
    /// An edge server needs a domain to take mail for.
    RelayDomainMissing = "relay_domain.missing",
    /// The domain is delivered here, so it cannot be passed on. Parameter: `domain`.
    RelayDomainOurs = "relay_domain.ours",
    /// The domain is named twice. Parameter: `domain`.
    RelayDomainTwice = "relay_domain.twice",
    /// The recipient is in none of the domains that are passed on. Parameter: `address`.
    RelayRecipientForeign = "relay_recipient.foreign",
    /// The listen address is not an address of this machine. Parameter: `address`.
    AddressNotHere = "listen.not_here",
    /// A port could not be opened. Parameters: `port`, `detail`, and `program`, `pid` when known.
    PortTaken = "port.taken",
    /// A port below 1024 needs rights we do not have. Parameter: `port`.
    PortPrivileged = "port.privileged",
    /// Parameter: `address`.
    AccountExists = "account.exists",
    /// Parameter: `address`.
    AccountUnknown = "account.unknown",
    /// The user name has characters that cannot be a folder's name. Parameter: `user`.
    AccountNameInvalid = "account.name_invalid",
    /// The domain is not one of this server's. Parameter: `domain`.
    AccountDomainForeign = "account.domain_foreign",
    /// The system has no such user. Parameter: `user`.
    SystemUserUnknown = "system_user.unknown",
    /// The server does not run as root, or the folder takes no files. Parameter: `detail`.
    SystemRightMissing = "system_user.no_right",
    /// The mail of another account lies in that place. Parameter: `address`.
    SystemPlaceTaken = "system_user.taken",
    /// Another program keeps the mailbox file locked. Parameter: `path`.
    MailboxLocked = "mailbox.locked",
    /// It is no mbox, or does not belong to its user alone. Parameter: `path`.
    MailboxInvalid = "mailbox.invalid",
    /// Too short, too long, or characters that no SASL mechanism carries.
    PasswordInvalid = "account.password_invalid",
    /// Parameter: `id`.
    SessionUnknown = "session.unknown",
    /// The trace has no message under this queue id any more. Parameter: `queueId`.
    JourneyUnknown = "journey.unknown",
    /// The certificate or its key cannot be used. Parameters: `path`, `detail`.
    CertificateInvalid = "tls.certificate_invalid",
    /// The mail client has no such account. Parameter: `account`.
    MailAccountUnknown = "mail.account_unknown",
    /// The mail server cannot be reached. Parameters: `host`, `port`, `detail`.
    MailUnreachable = "mail.unreachable",
    /// The mail server did not take user name and password. Parameters: `host`, `detail`.
    MailLoginRefused = "mail.login_refused",
    /// The certificate of the mail server is not trusted. Parameters: `host`, `detail`.
    MailNotTrusted = "mail.not_trusted",
    /// Parameter: `folder`.
    MailFolderUnknown = "mail.folder_unknown",
    /// The message is not there any more. Parameter: `uid`.
    MailMessageGone = "mail.message_gone",
    /// The mail server said no. Parameters: `reply`, and `address` when it is about one.
    MailRefused = "mail.refused",
    /// Not an address. Parameter: `address`.
    MailAddressInvalid = "mail.address_invalid",
    /// The message would be larger than the limit. Parameters: `octets`, `limit`.
    MailTooLarge = "mail.too_large",
    /// The mail server offers no way to send a message later (FUTURERELEASE). Parameter: `host`.
    MailLaterUnsupported = "mail.later_unsupported",
    /// The time at which a message is to be sent has passed. Parameter: `time`.
    MailLaterPast = "mail.later_past",
    /// The mail server does not hold a message for so long. Parameters: `host`, and `latest`, the last time it accepts.
    MailLaterTooFar = "mail.later_too_far",
    /// A message without recipients cannot be sent.
    MailNoRecipients = "mail.no_recipients",
    /// The connection to the engine broke. Parameter: `detail`.
    Unreachable = "face.unreachable",
    /// The token of the HTTP face is missing or wrong.
    Unauthorized = "face.unauthorized",
}
