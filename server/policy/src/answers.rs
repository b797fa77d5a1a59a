//! What a list has to know besides the facts, and what was found out.

use std::collections::BTreeMap;

use postigo_smtp::Reply;

use crate::dns_list::Listing;

/// What has to be found out before judging can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// The name of the client's address, and whether that has the address: [`Answers::client_name`].
    ClientName,
    /// Whether a domain, or a host, exists for mail: MX, else addresses: [`Answers::mail_domains`].
    MailDomain(String),
    /// Whether a DNS list has this name (A, TXT): [`Answers::listings`].
    Listed(String),
    /// Whether the recipient exists here: [`Answers::recipient`].
    RecipientListed,
    /// Whether the sender exists here: [`Answers::sender_listed`].
    SenderListed,
    /// Whose address the sender is: [`Answers::sender_owner`].
    SenderOwner,
    /// Whether the next hop takes the recipient: [`Answers::verification`].
    Verify,
}

/// What is known of the name of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientName {
    /// A name that has this address.
    Confirmed(String),
    /// The address has a name, and the name another address.
    Unconfirmed,
    /// It has no name.
    Nameless,
    /// The lookups failed; whether it claims a name.
    Failed {
        /// Whether a name was found all the same.
        claimed: bool,
    },
}

/// What is known of a domain as one that mail can go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailDomain {
    /// It has an MX or an address.
    Exists,
    /// It says that it takes no mail (RFC 7505).
    TakesNone,
    /// It has neither.
    Missing,
    /// The lookups failed.
    Failed,
}

/// Something that a name server was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered<T> {
    /// It answered.
    Known(T),
    /// It did not.
    Failed,
}

/// Whose address the sender is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderOwner {
    /// Nobody's here.
    Nobody,
    /// That of the account the client has logged in as.
    Client,
    /// Somebody else's here.
    Other,
}

/// What the next hop says of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// It takes it, or nobody has to be asked.
    Deliverable,
    /// It does not. What it said.
    Undeliverable(String),
    /// Not known yet. Why.
    Unknown(String),
}

/// What was found out.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// To [`Question::ClientName`].
    pub client_name: Option<ClientName>,
    /// To [`Question::MailDomain`], by domain.
    pub mail_domains: BTreeMap<String, MailDomain>,
    /// To [`Question::Listed`], by name.
    pub listings: BTreeMap<String, Answered<Listing>>,
    /// To [`Question::RecipientListed`]: the refusal if it does not exist.
    pub recipient: Option<Option<Reply>>,
    /// To [`Question::SenderListed`].
    pub sender_listed: Option<bool>,
    /// To [`Question::SenderOwner`].
    pub sender_owner: Option<SenderOwner>,
    /// To [`Question::Verify`].
    pub verification: Option<Verification>,
}

impl Answers {
    /// Forgets what belongs to one recipient.
    pub fn next_recipient(&mut self) {
        self.recipient = None;
        self.verification = None;
    }

    /// Forgets what belongs to one message. What is known of the client stays.
    pub fn next_message(&mut self) {
        *self = Self { client_name: self.client_name.take(), ..Self::default() };
    }
}
