//! The wizard.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Error, Mode, Service, SetupFault, SetupFlow};

/// A question while typing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupCheck {
    /// The mail domain, `lab.test`.
    pub domain: String,
    /// The server's own name, `mail.lab.test`.
    pub host: String,
    /// Address to listen on.
    pub listen: String,
    /// How ports are chosen.
    pub ports: PortPlan,
    /// How mail comes and goes; none: not asked yet.
    pub flow: Option<SetupFlow>,
}

/// What is wrong with each field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupVerdict {
    /// Why the domain cannot be used.
    pub domain: Option<Error>,
    /// Why the host name cannot be used.
    pub host: Option<Error>,
    /// The domain exists on the real internet as far as its top level tells (`.test` does not): mail to it stays here.
    pub domain_is_public: bool,
    /// What is wrong with how mail comes and goes.
    pub flow: Vec<SetupFault>,
}

/// Which ports somebody would like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PortWish {
    /// Address to listen on, e.g. `127.0.0.1` or `0.0.0.0`.
    pub listen: String,
    /// How to choose.
    pub ports: PortPlan,
}

/// How ports are chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PortPlan {
    /// The standard port where the system lets us, else a practice port.
    #[default]
    Standard,
    /// 2525, 2587, 2465, 2143, 2993.
    Practice,
    /// Each service at this number plus its standard port.
    Base(u16),
}

/// The port one service gets, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PortChoice {
    /// Which service.
    pub service: Service,
    /// The port the standards give it.
    pub standard_port: u16,
    /// The port it would get.
    pub port: u16,
    /// Why.
    pub reason: PortReason,
}

/// Why a service has the port it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum PortReason {
    /// It is the standard one.
    Standard,
    /// It was chosen in the configuration.
    Chosen,
    /// The wished port is below 1024 and needs administrator rights here.
    NeedsPrivilege,
    /// Another program has the wished port.
    Held {
        /// The port that was wished for.
        port: u16,
        /// Its name, when the system tells.
        program: Option<String>,
        /// Its process id, when the system tells.
        pid: Option<u32>,
    },
    /// The listen address is not one of this machine.
    AddressNotHere,
}

/// Everything the wizard decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Setup {
    /// What for.
    pub mode: Mode,
    /// The mail domain.
    pub domain: String,
    /// The server's own name.
    pub host: String,
    /// Address to listen on.
    pub listen: String,
    /// How ports are chosen.
    pub ports: PortPlan,
    /// How mail comes and goes. None: as it is.
    pub flow: Option<SetupFlow>,
    /// The first people. Those who exist already keep their mail and their password.
    pub users: Vec<SetupUser>,
    /// Who gets mail for postmaster and abuse (RFC 5321 §4.5.1, RFC 2142): a user's name, or nobody yet.
    pub postmaster: Option<String>,
}

/// One of the first people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupUser {
    /// Local part of the address.
    pub user: String,
    /// For people to read.
    pub display_name: String,
    /// In clear on its way to the verifier; never stored.
    pub password: String,
}

impl std::fmt::Debug for SetupUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetupUser").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A message to try the road with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TestMessage {
    /// Address of an account here.
    pub from: String,
    /// Address of an account here.
    pub to: String,
    /// In the user's language.
    pub subject: String,
    /// In the user's language.
    pub text: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// Its queue id, the key to its journey.
    pub queue_id: String,
    /// The session that brought it.
    pub session: i64,
    /// The file it lies in, relative to the data folder.
    pub path: String,
    /// Its number in the recipient's INBOX.
    pub uid: u32,
}
