//! Replies of restrictions (`smtpd_*_restrictions`) and of limits on clients, with Postfix's default codes and words.

use super::{EnhancedCode as Enhanced, Reply};
use crate::address::Address;
use std::fmt;

/// What a restriction judges, as its replies call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// The client by its address or name.
    Client,
    /// What the client said in EHLO or HELO.
    Hello,
    /// The reverse-path.
    Sender,
    /// The recipient.
    Recipient,
    /// DATA, before the content.
    Data,
    /// The content.
    EndOfData,
    /// ETRN.
    Etrn,
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "Client host",
            Self::Hello => "Helo command",
            Self::Sender => "Sender address",
            Self::Recipient => "Recipient address",
            Self::Data => "Data command",
            Self::EndOfData => "End-of-data",
            Self::Etrn => "Etrn command",
        })
    }
}

// Restrictions. `name` is what was judged: `unknown[192.0.2.7]`, a host name, an address, a command.
impl Reply {
    fn rejected(code: u16, enhanced: Enhanced, judged: Judged, name: &str, why: &str) -> Self {
        Self::composed(code, Some(enhanced), &format!("<{name}>: {judged} rejected: {why}"))
    }

    /// `reject`.
    pub fn access_denied(judged: Judged, name: &str) -> Self {
        Self::rejected(554, Enhanced(5, 7, 1), judged, name, "Access denied")
    }

    /// `defer`.
    pub fn try_again_later(judged: Judged, name: &str) -> Self {
        Self::rejected(450, Enhanced(4, 3, 2), judged, name, "Try again later")
    }

    /// An entry of an access table, with the code and the text that the operator gave.
    pub fn of_access_table(code: u16, enhanced: Enhanced, judged: Judged, name: &str, text: &str) -> Self {
        Self::rejected(code, enhanced, judged, name, text)
    }

    /// `defer_unauth_destination`.
    pub fn relay_deferred(address: &Address) -> Self {
        Self::composed(454, Some(Enhanced(4, 7, 1)), &format!("<{address}>: Relay access denied"))
    }

    /// `reject_unknown_client_hostname`.
    pub fn client_name_unknown(client: &str) -> Self {
        let text = format!("Client host rejected: cannot find your hostname, [{client}]");
        Self::composed(450, Some(Enhanced(4, 7, 25)), &text)
    }

    /// `reject_unknown_reverse_client_hostname`.
    pub fn client_nameless(client: &str) -> Self {
        let text = format!("Client host rejected: cannot find your reverse hostname, [{client}]");
        Self::composed(450, Some(Enhanced(4, 7, 25)), &text)
    }

    /// `reject_invalid_helo_hostname`.
    pub fn hello_invalid(name: &str) -> Self {
        Self::rejected(501, Enhanced(5, 5, 2), Judged::Hello, name, "Invalid name")
    }

    /// `reject_non_fqdn_helo_hostname`.
    pub fn hello_not_qualified(name: &str) -> Self {
        let why = "need fully-qualified hostname";
        Self::rejected(504, Enhanced(5, 5, 2), Judged::Hello, name, why)
    }

    /// `reject_unknown_helo_hostname`.
    pub fn hello_unknown(name: &str) -> Self {
        Self::rejected(450, Enhanced(4, 7, 1), Judged::Hello, name, "Host not found")
    }

    /// `reject_non_fqdn_sender`, `reject_non_fqdn_recipient`.
    pub fn address_not_qualified(judged: Judged, address: &Address) -> Self {
        let why = "need fully-qualified address";
        Self::rejected(504, Enhanced(5, 5, 2), judged, &address.to_string(), why)
    }

    /// `reject_unknown_sender_domain`, `reject_unknown_recipient_domain`.
    pub fn domain_unknown(judged: Judged, address: &Address) -> Self {
        let detail = if judged == Judged::Sender { 8 } else { 2 };
        Self::rejected(450, Enhanced(4, 1, detail), judged, &address.to_string(), "Domain not found")
    }

    /// The same of a domain that says that it takes no mail (RFC 7505 §4.2).
    pub fn domain_takes_no_mail(judged: Judged, address: &Address) -> Self {
        let (code, enhanced) =
            if judged == Judged::Sender { (550, Enhanced(5, 7, 27)) } else { (556, Enhanced(5, 1, 10)) };
        let why = format!("Domain {} does not accept mail (nullMX)", address.domain());
        Self::rejected(code, enhanced, judged, &address.to_string(), &why)
    }

    /// `reject_unauth_pipelining`.
    pub fn improper_pipelining(judged: Judged, name: &str) -> Self {
        let why = "Improper use of SMTP command pipelining";
        Self::rejected(503, Enhanced(5, 5, 0), judged, name, why)
    }

    /// `reject_rbl_client`: the address is on a list. `reason` is the list's own text; empty: it has none.
    pub fn client_blocklisted(client: &str, list: &str, reason: &str) -> Self {
        Self::blocklisted(&format!("Client host [{client}]"), list, reason)
    }

    /// `reject_rhsbl_*`: the name of what was judged is on a list.
    pub fn name_blocklisted(judged: Judged, name: &str, list: &str, reason: &str) -> Self {
        Self::blocklisted(&format!("{judged} [{name}]"), list, reason)
    }

    fn blocklisted(who: &str, list: &str, reason: &str) -> Self {
        let reason = if reason.is_empty() { String::new() } else { format!("; {reason}") };
        let text = format!("Service unavailable; {who} blocked using {list}{reason}");
        Self::composed(554, Some(Enhanced(5, 7, 1)), &text)
    }

    /// `reject_sender_login_mismatch`: the address is somebody's here, and the client did not log in.
    pub fn sender_not_logged_in(address: &Address) -> Self {
        let why = "not logged in";
        Self::rejected(553, Enhanced(5, 7, 1), Judged::Sender, &address.to_string(), why)
    }

    /// `reject_unlisted_sender`.
    pub fn sender_unlisted(address: &Address) -> Self {
        let why = "User unknown in local recipient table";
        Self::rejected(550, Enhanced(5, 1, 0), Judged::Sender, &address.to_string(), why)
    }

    /// `reject_unverified_recipient`: the next hop refused the recipient. `reason` is what it said.
    pub fn recipient_undeliverable(address: &Address, reason: &str) -> Self {
        let why = format!("undeliverable address: {reason}");
        Self::rejected(550, Enhanced(5, 1, 1), Judged::Recipient, &address.to_string(), &why)
    }

    /// `reject_unverified_recipient`: the next hop is being asked, or could not be.
    pub fn recipient_unverified(address: &Address, reason: &str) -> Self {
        let why = format!("unverified address: {reason}");
        Self::rejected(450, Enhanced(4, 1, 1), Judged::Recipient, &address.to_string(), &why)
    }

    /// A reply for good made one for now: something that failed for a moment might have allowed it.
    #[must_use]
    pub fn for_now(self) -> Self {
        if !self.is_permanent() {
            return self;
        }
        let enhanced = self.enhanced.map(|Enhanced(_, subject, detail)| Enhanced(4, subject, detail));
        Self { code: 450, enhanced, text: self.text }
    }
}

// Limits on clients.
impl Reply {
    /// `smtpd_client_connection_rate_limit`.
    pub fn too_many_connections_from(client: &str) -> Self {
        let text = format!("Error: too many connections from {client}");
        Self::composed(421, Some(Enhanced(4, 7, 0)), &text)
    }

    /// `smtpd_client_message_rate_limit`.
    pub fn too_much_mail_from(client: &str) -> Self {
        Self::composed(450, Some(Enhanced(4, 7, 1)), &format!("Error: too much mail from {client}"))
    }

    /// `smtpd_client_recipient_rate_limit`.
    pub fn too_many_recipients_from(client: &str) -> Self {
        Self::composed(450, Some(Enhanced(4, 7, 1)), &format!("Error: too many recipients from {client}"))
    }

    /// A user of this system who is not in `authorized_submit_users`.
    pub fn may_not_submit(user: &str, uid: u32) -> Self {
        let text = format!("User {user}({uid}) is not allowed to submit mail");
        Self::composed(554, Some(Enhanced(5, 7, 1)), &text)
    }

    /// `smtpd_client_auth_rate_limit`.
    pub fn too_many_logins_from(client: &str) -> Self {
        Self::composed(450, Some(Enhanced(4, 7, 1)), &format!("Error: too many AUTH commands from {client}"))
    }
}
