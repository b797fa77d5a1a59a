//! The reasons of a decision, one by one.

use std::net::IpAddr;

/// One thing that routing looked at and what followed. Faces word it by [`Step::code`] and [`Step::params`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the fields are named by what they hold, and are the parameters of the texts"
)]
pub enum Step {
    /// `<Postmaster>` without a domain is the one of our main domain (RFC 5321 §4.5.1).
    BarePostmaster { address: String },
    /// The domain is delivered here; `as_domain` is the one whose accounts count.
    LocalDomain { domain: String, as_domain: String },
    /// The domain consists of virtual aliases.
    VirtualAliasDomain { domain: String },
    /// Mail for the domain is relayed for everybody.
    RelayDomain { domain: String, entry: String },
    /// The domain is not ours.
    ForeignDomain { domain: String },
    /// A stranger's address asks us to pass the message on: `user%other@us`.
    RoutedAddress { local_part: String },
    /// The client's address is trusted.
    TrustedNetwork { address: IpAddr, network: String },
    /// The client has logged in.
    LoggedIn { user: String },
    /// Nothing gives the client the right to relay.
    RelayDenied { address: IpAddr },
    /// An entry of the virtual alias table.
    VirtualAlias { key: String, targets: String },
    /// An entry of the alias table.
    Alias { name: String, targets: String },
    /// A name that every server has, without an alias: its mail goes on to another one.
    StandardName { name: String, target: String },
    /// An account.
    Account { address: String },
    /// An account, found after the extension was cut off.
    AccountWithExtension { address: String, extension: String },
    /// The account is closed.
    AccountDisabled { address: String },
    /// Nobody has this name; the domain has somebody for that.
    CatchAll { domain: String, targets: String },
    /// The account's mail goes on, and a copy stays.
    ForwardWithCopy { account: String, targets: String },
    /// The account's mail goes on.
    Forward { account: String, targets: String },
    /// Aliases or forwards lead back to where they began.
    Loop { chain: String },
    /// The message was delivered to this address before.
    DeliveredBefore { address: String },
    /// The aliases lead to too many addresses, or over too many stations.
    TooManyAliases { limit: usize },
    /// There is no account or alias of this name.
    UnknownUser { address: String },
    /// The virtual alias domain has no entry of this name.
    UnknownVirtualAlias { address: String },
    /// The list of the relay domain's recipients does not have it.
    UnknownRelayRecipient { address: String },
    /// The list of the relay domain's recipients has it.
    KnownRelayRecipient { entry: String },
    /// Nothing is sent to the address, for its server said that there is none.
    Bounced { address: String, reply: String },
    /// Nothing is sent to the address, for a person wants it so.
    Suppressed { address: String },
    /// The next hop is asked whether it knows the recipient.
    CallAhead { next_hop: String },
    /// An entry of the transport table.
    Transport { pattern: String, transport: String },
    /// The relay host of this sender.
    SenderRelayhost { key: String, next_hop: String },
    /// The relay host.
    Relayhost { next_hop: String },
    /// The mail exchangers of the recipient's domain.
    Mx { domain: String },
    /// The recipient's domain is an address.
    AddressLiteral { address: String },
    /// A literal of a kind that leads nowhere.
    UnknownLiteral { domain: String },
    /// This next hop has its own TLS level.
    TlsPolicy { next_hop: String, level: String },
    /// We log in there.
    Credentials { key: String },
    /// The reverse-path gets our domain, so that SPF holds at the next hop.
    SenderRewritten { from: String, to: String },
    /// The reverse-path could not be rewritten within 64 octets, and stays.
    SenderTooLong { address: String },
    /// A bounce to an address that we made goes to the one it was made from.
    SenderRestored { from: String, to: String },
    /// An address that looks like one of ours, and is not or not any more.
    SenderNotRestored { address: String, why: String },
}

/// A step taken apart: its code, the Postfix setting that decided, its parameters.
type Parts = (&'static str, Option<&'static str>, Vec<(&'static str, String)>);

impl Step {
    /// Its stable name, `localDomain`.
    pub fn code(&self) -> &'static str {
        self.parts().0
    }

    /// Postfix's name of the setting that decided; none where no setting can change it.
    pub fn setting(&self) -> Option<&'static str> {
        self.parts().1
    }

    /// What to put into its text, by name.
    pub fn params(&self) -> Vec<(&'static str, String)> {
        self.parts().2
    }

    fn parts(&self) -> Parts {
        /// `step!("code", "setting", field, ...)`
        macro_rules! step {
            ($code:literal, $setting:expr $(, $field:ident)*) => {
                ($code, $setting, vec![$((stringify!($field), $field.to_string())),*])
            };
        }
        const RELAY: Option<&str> = Some("smtpd_relay_restrictions");
        match self {
            Self::BarePostmaster { address } => step!("barePostmaster", None, address),
            Self::LocalDomain { domain, as_domain } => {
                let params = vec![("domain", domain.clone()), ("asDomain", as_domain.clone())];
                ("localDomain", Some("mydestination"), params)
            }
            Self::VirtualAliasDomain { domain } => {
                step!("virtualAliasDomain", Some("virtual_alias_domains"), domain)
            }
            Self::RelayDomain { domain, entry } => step!("relayDomain", Some("relay_domains"), domain, entry),
            Self::ForeignDomain { domain } => step!("foreignDomain", None, domain),
            Self::RoutedAddress { local_part } => {
                ("routedAddress", Some("allow_untrusted_routing"), vec![("localPart", local_part.clone())])
            }
            Self::TrustedNetwork { address, network } => {
                step!("trustedNetwork", Some("mynetworks"), address, network)
            }
            Self::LoggedIn { user } => step!("loggedIn", RELAY, user),
            Self::RelayDenied { address } => step!("relayDenied", RELAY, address),
            Self::VirtualAlias { key, targets } => {
                step!("virtualAlias", Some("virtual_alias_maps"), key, targets)
            }
            Self::Alias { name, targets } => step!("alias", Some("alias_maps"), name, targets),
            Self::StandardName { name, target } => step!("standardName", None, name, target),
            Self::Account { address } => step!("account", Some("local_recipient_maps"), address),
            Self::AccountWithExtension { address, extension } => {
                step!("accountWithExtension", Some("recipient_delimiter"), address, extension)
            }
            Self::AccountDisabled { address } => step!("accountDisabled", None, address),
            Self::CatchAll { domain, targets } => step!("catchAll", Some("luser_relay"), domain, targets),
            Self::ForwardWithCopy { account, targets } => {
                step!("forwardWithCopy", Some("forward_path"), account, targets)
            }
            Self::Forward { account, targets } => step!("forward", Some("forward_path"), account, targets),
            Self::Loop { chain } => step!("loop", None, chain),
            Self::DeliveredBefore { address } => step!("deliveredBefore", None, address),
            Self::TooManyAliases { limit } => {
                step!("tooManyAliases", Some("virtual_alias_expansion_limit"), limit)
            }
            Self::UnknownUser { address } => step!("unknownUser", Some("local_recipient_maps"), address),
            Self::UnknownVirtualAlias { address } => {
                step!("unknownVirtualAlias", Some("virtual_alias_maps"), address)
            }
            Self::UnknownRelayRecipient { address } => {
                step!("unknownRelayRecipient", Some("relay_recipient_maps"), address)
            }
            Self::KnownRelayRecipient { entry } => {
                step!("knownRelayRecipient", Some("relay_recipient_maps"), entry)
            }
            Self::Bounced { address, reply } => step!("bounced", Some("suppression_time"), address, reply),
            Self::Suppressed { address } => step!("suppressed", None, address),
            Self::CallAhead { next_hop } => {
                ("callAhead", Some("reject_unverified_recipient"), vec![("nextHop", next_hop.clone())])
            }
            Self::Transport { pattern, transport } => {
                step!("transport", Some("transport_maps"), pattern, transport)
            }
            Self::SenderRelayhost { key, next_hop } => (
                "senderRelayhost",
                Some("sender_dependent_relayhost_maps"),
                vec![("key", key.clone()), ("nextHop", next_hop.clone())],
            ),
            Self::Relayhost { next_hop } => {
                ("relayhost", Some("relayhost"), vec![("nextHop", next_hop.clone())])
            }
            Self::Mx { domain } => step!("mx", None, domain),
            Self::AddressLiteral { address } => step!("addressLiteral", None, address),
            Self::UnknownLiteral { domain } => step!("unknownLiteral", None, domain),
            Self::TlsPolicy { next_hop, level } => (
                "tlsPolicy",
                Some("smtp_tls_policy_maps"),
                vec![("nextHop", next_hop.clone()), ("level", level.clone())],
            ),
            Self::Credentials { key } => step!("credentials", Some("smtp_sasl_password_maps"), key),
            Self::SenderRewritten { from, to } => step!("senderRewritten", None, from, to),
            Self::SenderTooLong { address } => step!("senderTooLong", None, address),
            Self::SenderRestored { from, to } => step!("senderRestored", None, from, to),
            Self::SenderNotRestored { address, why } => step!("senderNotRestored", None, address, why),
        }
    }
}
