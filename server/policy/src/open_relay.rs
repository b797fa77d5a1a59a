//! Whether the lists let somebody send through this server to anywhere.

use crate::access::AccessKey;
use crate::list::{ListName, Restrictions};
use crate::parse::Entry;
use crate::restriction::Restriction as R;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Stranger,
    /// A client in `mynetworks`.
    Trusted,
    /// A client that has logged in.
    User,
}

/// Why mail for others passes: the list, and the entry that lets it; none: the list ends without a no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenList {
    /// The list to mend.
    pub list: ListName,
    /// The entry that says yes.
    pub entry: Option<String>,
}

impl Restrictions {
    /// Whether this client may send to a domain that is not ours: no list must hold it up. Only what holds everybody up counts,
    /// not what may refuse some; and only what anybody can arrange counts as a yes, be it a forged sender.
    pub fn lets_relay(&self, who: Who) -> Option<OpenList> {
        let mut open = None;
        for list in ListName::AT_RECIPIENT {
            let passing = passes(self.entries(list), who)?;
            if list == ListName::Relay || open.is_none() && passing.is_some() {
                open = Some(OpenList { list, entry: passing });
            }
        }
        open
    }
}

/// None if nothing for elsewhere passes; else the entry that lets it.
fn passes(entries: &[Entry], who: Who) -> Option<Option<String>> {
    for entry in entries {
        let permits = match &entry.restriction {
            R::Permit => true,
            R::PermitMynetworks => who == Who::Trusted,
            R::PermitSaslAuthenticated => who == Who::User,
            // Whoever connects chooses what it says in EHLO and MAIL.
            R::CheckAccess(AccessKey::Hello | AccessKey::Sender, table) => table.permits(),
            _ => false,
        };
        if permits {
            return Some(Some(entry.text.clone()));
        }
        let closes = matches!(
            entry.restriction,
            R::Reject | R::Defer | R::DeferIfPermit | R::RejectUnauthDestination | R::DeferUnauthDestination
        );
        if closes && !entry.warn_only {
            return None;
        }
    }
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(relay: &'static str, recipient: &'static str) -> Restrictions {
        Restrictions::parse(|list| match list {
            ListName::Relay => relay,
            ListName::Recipient => recipient,
            _ => "",
        })
        .unwrap()
    }

    #[test]
    fn a_stranger_relays_only_where_no_list_says_no() {
        const USUAL: &str = "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination";
        for (name, relay, recipient, open) in [
            ("usual", USUAL, "", None),
            ("old style", "", USUAL, None),
            ("defer", "permit_mynetworks defer_unauth_destination", "", None),
            ("reject all", "permit_sasl_authenticated, reject", "", None),
            ("nothing", "", "", Some("smtpd_relay_restrictions ")),
            ("forgotten", "permit_mynetworks", "reject_non_fqdn_sender", Some("smtpd_relay_restrictions ")),
            ("permit", "permit", "permit", Some("smtpd_relay_restrictions permit")),
            (
                "permit first",
                "permit, reject_unauth_destination",
                "",
                Some("smtpd_relay_restrictions permit"),
            ),
            ("permit, held up later", "permit", "reject_unauth_destination", None),
            (
                "only warned",
                "warn_if_reject reject_unauth_destination",
                "",
                Some("smtpd_relay_restrictions "),
            ),
            (
                "a sender can be forged",
                "check_sender_access inline:{ lab.test=OK } reject_unauth_destination",
                "",
                Some("smtpd_relay_restrictions check_sender_access"),
            ),
            ("a sender refused", "check_sender_access inline:{ { a.test = REJECT } } reject", "", None),
            ("a list of the trusted", "permit_dnswl_client wl.test, reject_unauth_destination", "", None),
            ("a blocklist is no door", "reject_rbl_client bl.test", "", Some("smtpd_relay_restrictions ")),
        ] {
            let found = lists(relay, recipient).lets_relay(Who::Stranger);
            let found = found.map(|open| format!("{} {}", open.list, open.entry.unwrap_or_default()));
            assert_eq!(found.as_deref(), open, "{name}");
        }
    }

    #[test]
    fn the_trusted_and_users_relay_by_their_entry() {
        let usual = lists("permit_mynetworks, reject_unauth_destination", "");
        assert!(usual.lets_relay(Who::Trusted).is_some());
        assert_eq!(usual.lets_relay(Who::User), None);
        let users =
            lists("permit_sasl_authenticated, reject_unauth_destination", "reject_unknown_sender_domain");
        assert!(users.lets_relay(Who::User).is_some());
        assert_eq!(users.lets_relay(Who::Trusted), None);
    }
}
