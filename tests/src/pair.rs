//! Two hosts of an internet of their own: Postigo for lab.test and Postfix for otro.test, each with an address and port 25.

use crate::{Postfix, PostfixSetup, Server, Setup, loopback};

/// Both, running. Postigo is the name server of both, and each finds the other by MX. Only 127.0.0.1 is trusted.
#[track_caller]
pub fn postigo_and_postfix(postfix: &PostfixSetup<'_>) -> (Server, Postfix) {
    let (ours, theirs) = (loopback::address(), loopback::address());
    let postigo = Server::start_with(&Setup { address: Some(ours), ..Setup::default() });
    let (our_address, their_address) = (ours.to_string(), theirs.to_string());
    postigo.serve_names(&[
        ("lab.test", "@", "MX", "10 mail"),
        ("lab.test", "mail", "A", &our_address),
        // The better host is away, as it may be in life.
        ("otro.test", "@", "MX", "10 away"),
        ("otro.test", "@", "MX", "20 mail"),
        ("otro.test", "away", "A", "127.64.0.1"),
        ("otro.test", "mail", "A", &their_address),
    ]);
    postigo.set("smtp_bind_address", &our_address);
    postigo.set("mynetworks", "127.0.0.1");
    let postfix =
        Postfix::start(&PostfixSetup { name_server: Some(ours.into()), address: Some(theirs), ..*postfix });
    (postigo, postfix)
}
