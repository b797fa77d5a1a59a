//! Who may send to whom. The journey of a message begins here; nothing is stored for somebody who is refused.

use postigo_smtp::{Answer, Recipient, Reply, Sender};
use postigo_store::{Account, AccountId, Store};

use crate::config::Config;
use crate::recipient;

/// An authenticated client sends as itself; from others any sender is taken, as `smtpd_sender_restrictions =` does.
pub(super) fn sender(store: &Store, config: &Config, sender: &Sender, user: Option<&Account>) -> Answer {
    let Some(user) = user else { return Answer::Accept };
    let Some(address) = sender.reverse_path.address() else {
        return Answer::Refuse(Reply::NULL_SENDER_NOT_OWNED);
    };
    let owner = recipient::resolve(store, config, address.local_part(), address.domain().name());
    if owner == postigo_store::Recipient::Account(user.id) {
        return Answer::Accept;
    }
    Answer::Refuse(Reply::sender_not_owned(address, &user.address()))
}

/// Our people get mail from anybody; other servers from nobody yet. `authenticated` clients are told that this is our own
/// limit, strangers that they may not relay.
pub(super) fn recipient(
    store: &Store,
    config: &Config,
    recipient: &Recipient,
    authenticated: bool,
) -> Answer {
    use postigo_store::Recipient as Found;
    let found = find(store, config, recipient);
    let Some(address) = recipient.address() else {
        // <Postmaster>: only a server without any account has nobody for it.
        return match found {
            Found::Account(_) => Answer::Accept,
            _ => Answer::Refuse(Reply::TEMPORARY_FAILURE),
        };
    };
    match found {
        Found::Account(_) => Answer::Accept,
        Found::Disabled => Answer::Refuse(Reply::mailbox_disabled(address)),
        Found::Unknown => Answer::Refuse(Reply::user_unknown(address)),
        Found::NotOurs if authenticated => Answer::Refuse(Reply::no_foreign_delivery(address)),
        Found::NotOurs => Answer::Refuse(Reply::relay_denied(address)),
    }
}

/// The account that gets a recipient's mail. It was there at RCPT; it may have gone since.
pub(super) fn account(store: &Store, config: &Config, recipient: &Recipient) -> Option<AccountId> {
    match find(store, config, recipient) {
        postigo_store::Recipient::Account(id) => Some(id),
        _ => None,
    }
}

fn find(store: &Store, config: &Config, recipient: &Recipient) -> postigo_store::Recipient {
    match recipient.address() {
        None => recipient::resolve(store, config, "postmaster", None),
        Some(address) => match address.domain().name() {
            Some(domain) => recipient::resolve(store, config, address.local_part(), Some(domain)),
            // user@[127.0.0.1]: RFC 5321 §4.1.3 lets a server take it; no client needs it.
            None => postigo_store::Recipient::NotOurs,
        },
    }
}
