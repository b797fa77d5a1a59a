//! Who may send to whom. The journey of a message begins here; nothing is stored for somebody who is refused.

use std::net::IpAddr;

use jiff::Timestamp;
use postigo_queue::route::{Client, Destination, Mail, Verdict};
use postigo_smtp::{Answer, Recipient, Reply, ReversePath, Sender};
use postigo_store::Account;

use crate::context::Context;
use crate::flow::People;
use crate::queue::reply;

/// An authenticated client sends as itself; from others any sender is taken, as `smtpd_sender_restrictions =` does.
pub(super) fn sender(context: &Context, sender: &Sender, user: Option<&Account>) -> Answer {
    let Some(user) = user else { return Answer::Accept };
    let Some(address) = sender.reverse_path.address() else {
        return Answer::Refuse(Reply::NULL_SENDER_NOT_OWNED);
    };
    let mail = Mail { reverse_path: &ReversePath::Null, delivered_to: &[], now: Timestamp::now() };
    let recipient = Recipient::Address(address.clone());
    let owners = context.routes.load().resolve(&People(&context.store), &recipient, mail).destinations;
    let is_theirs = owners
        .iter()
        .any(|owner| matches!(owner, Destination::Mailbox { account, .. } if account.0 == user.id.get()));
    if is_theirs { Answer::Accept } else { Answer::Refuse(Reply::sender_not_owned(address, &user.address())) }
}

/// Our people get mail from anybody; others from those who may send there.
pub(super) fn recipient(
    context: &Context,
    client: IpAddr,
    user: Option<&Account>,
    reverse_path: &ReversePath,
    recipient: &Recipient,
) -> Answer {
    let user = user.map(Account::address);
    let client = Client { address: client.to_canonical(), user: user.as_deref() };
    let mail = Mail { reverse_path, delivered_to: &[], now: Timestamp::now() };
    let decision = context.routes.load().accept(&People(&context.store), client, recipient, mail);
    match decision.verdict {
        Verdict::Accept => Answer::Accept,
        Verdict::Refuse(refusal) => Answer::Refuse(reply(&refusal)),
        // The next hop is asked when the message goes there.
        Verdict::CallAhead { .. } => Answer::Accept,
    }
}
