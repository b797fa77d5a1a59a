//! ETRN.

use crate::{after_hello, in_transaction};

#[test]
fn the_queue_runs_for_who_may_ask() {
    after_hello(
        "",
        "
C: ETRN Inner.test
? flush inner.test subdomains=false -> accept
S: 250 2.0.0 Queuing for the node started
C: ETRN @inner.test
? flush inner.test subdomains=true -> refuse etrn_denied
S: 459 4.7.1 ETRN is for trusted clients
C: ETRN inner.test
? flush inner.test subdomains=false -> unavailable
S: 458 4.3.0 Unable to queue messages for the node
C: ETRN
S: 501 5.5.4 Syntax: ETRN domain
C: ETRN #queue
S: 501 5.5.4 Syntax: ETRN domain
",
    );
}

/// §5.2: not within a transaction; and it has a limit, as other commands that bring no message.
#[test]
fn it_is_no_part_of_a_transaction() {
    in_transaction("", "", "", "C: ETRN inner.test\nS: 503 5.5.1 Not within a mail transaction\n");
    after_hello(
        "idle=2",
        "
C: ETRN a.test
? flush a.test subdomains=false -> accept
S: 250 2.0.0 Queuing for the node started
C: ETRN a.test
S: 421 4.7.0 Too many commands without a message, closing the connection
= close
",
    );
    after_hello("submission loopback", "C: ETRN a.test\nS: 500 5.5.1 Command not recognized\n");
}
