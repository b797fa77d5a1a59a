//! What is known when a list is judged.

use std::net::IpAddr;

use postigo_smtp::{Recipient, ReversePath};

/// What is known of a session when a list is judged. What is not there is not judged, as in Postfix.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The address of the client.
    pub client: IpAddr,
    /// The entry of `mynetworks` it is in.
    pub network: Option<&'a str>,
    /// The account it has logged in as.
    pub user: Option<&'a str>,
    /// What it calls itself in EHLO or HELO.
    pub hello: Option<&'a str>,
    /// From MAIL on.
    pub sender: Option<&'a ReversePath>,
    /// At RCPT.
    pub recipient: Option<&'a Recipient>,
    /// Where the recipient leads.
    pub destination: Destination,
    /// `recipient_delimiter`.
    pub delimiters: &'a str,
    /// Whether the client sent more than it may before our answer.
    pub pipelined: bool,
}

/// What a recipient is to us, as far as the right to send there goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// A domain that is delivered or relayed here: mail for it is taken from anybody.
    Ours,
    /// Another domain.
    Foreign,
    /// A domain of ours, with an address that asks to pass the message on, `user%other@us`.
    Routed,
}
