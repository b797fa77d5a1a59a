//! Who is meant by a recipient address.

use postigo_store::{Recipient, Store};

use crate::config::Config;

/// Resolves an address as `mydestination = DOMAINS, $myhostname, localhost` would: what is for this machine is for the
/// main domain. Without a domain (`<Postmaster>`, RFC 5321 §4.5.1) it is the main domain, too. In memory.
pub(crate) fn resolve(store: &Store, config: &Config, local_part: &str, domain: Option<&str>) -> Recipient {
    let Some(main) = config.domains.first() else { return Recipient::NotOurs };
    let domain = match domain {
        None => main,
        Some(d) if d.eq_ignore_ascii_case("localhost") || d.eq_ignore_ascii_case(&config.host) => main,
        Some(d) => match config.domains.iter().find(|ours| ours.eq_ignore_ascii_case(d)) {
            Some(ours) => ours,
            None => return Recipient::NotOurs,
        },
    };
    match store.accounts().resolve_recipient(local_part, domain) {
        // Mail to postmaster is never refused (RFC 5321 §4.5.1): without an alias somebody here gets it.
        Recipient::Unknown | Recipient::NotOurs if local_part.eq_ignore_ascii_case("postmaster") => {
            let first = store.accounts().list().into_iter().find(|a| a.enabled && a.domain == *domain);
            first.map_or(Recipient::Unknown, |account| Recipient::Account(account.id))
        }
        // The store knows domains by their accounts; the configuration says which are ours.
        Recipient::NotOurs => Recipient::Unknown,
        found => found,
    }
}
