//! Every reply of the server: code, enhanced code, text. No text is anywhere else.

use super::{EnhancedCode as Enhanced, Reply};
use crate::address::Address;
use crate::error::{BadAddress, BadCommand};
use crate::extension::Extension;
use crate::frame::ContentFault;

// Success.
impl Reply {
    /// The command was obeyed.
    pub const OK: Self = Self::fixed(250, Enhanced(2, 0, 0), "Ok");
    /// MAIL was accepted.
    pub const SENDER_OK: Self = Self::fixed(250, Enhanced(2, 1, 0), "Ok");
    /// RCPT was accepted.
    pub const RECIPIENT_OK: Self = Self::fixed(250, Enhanced(2, 1, 5), "Ok");
    /// The content may come.
    pub const START_CONTENT: Self = Self::bare(354, "End data with <CR><LF>.<CR><LF>");
    /// ETRN (RFC 1985 §5.3).
    pub const QUEUE_STARTED: Self = Self::fixed(250, Enhanced(2, 0, 0), "Queuing for the node started");
    /// The TLS handshake may begin.
    pub const START_TLS: Self = Self::fixed(220, Enhanced(2, 0, 0), "Ready to start TLS");
    /// The client has shown who it is.
    pub const AUTHENTICATED: Self = Self::fixed(235, Enhanced(2, 7, 0), "Authentication successful");
    /// QUIT.
    pub const BYE: Self = Self::fixed(221, Enhanced(2, 0, 0), "Bye");
    /// VRFY: who has a mailbox is not told (RFC 5321 §7.3).
    pub const NOT_VERIFIED: Self = Self::fixed(
        252,
        Enhanced(2, 0, 0),
        "Cannot verify the address, but will accept mail for it if it exists",
    );
    /// HELP.
    pub const HELP: Self = Self::fixed(
        214,
        Enhanced(2, 0, 0),
        "Commands: EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY ETRN HELP QUIT\nSee RFC 5321",
    );

    /// The first words of the server.
    pub(crate) fn greeting(host: &str) -> Self {
        Self::composed(220, None, &format!("{host} ESMTP Postigo"))
    }

    /// HELO.
    pub(crate) fn hello(host: &str) -> Self {
        Self::composed(250, None, host)
    }

    /// EHLO.
    pub(crate) fn extended_hello(host: &str, extensions: &[Extension]) -> Self {
        let lines: String = extensions.iter().map(|extension| format!("\n{extension}")).collect();
        Self::composed(250, None, &format!("{host}{lines}"))
    }

    /// A challenge of AUTH, already in base64. A challenge may be longer than other replies (RFC 4954 §4).
    pub(crate) fn challenge(base64: String) -> Self {
        Self { code: 334, enhanced: None, text: base64.into() }
    }

    /// A chunk that is not the last (RFC 3030 §2).
    pub(crate) fn chunk_taken(octets: u64) -> Self {
        Self::composed(250, Some(Enhanced(2, 0, 0)), &format!("{octets} octets received"))
    }

    /// The message is on disk and ours to care for.
    pub(crate) fn queued(queue_id: &str) -> Self {
        Self::composed(250, Some(Enhanced(2, 0, 0)), &format!("Ok: queued as {queue_id}"))
    }
}

// The connection ends.
impl Reply {
    /// The peer was silent for too long (RFC 5321 §4.5.3.2).
    pub const IDLE: Self =
        Self::fixed(421, Enhanced(4, 4, 2), "Nothing heard for too long, closing the connection");
    /// The server stops.
    pub const SHUTTING_DOWN: Self =
        Self::fixed(421, Enhanced(4, 3, 2), "The server is stopping, try again later");
    /// The account of the client is not what it was when the client logged in.
    pub const ACCOUNT_CHANGED: Self =
        Self::fixed(421, Enhanced(4, 7, 0), "Your account was closed or changed, log in again");
    /// Instead of a greeting, when the server or this client has too many connections.
    pub const TOO_MANY_CONNECTIONS: Self =
        Self::fixed(421, Enhanced(4, 7, 0), "Too many connections, try again later");
    /// The limit of bad commands.
    pub const TOO_MANY_ERRORS: Self =
        Self::fixed(421, Enhanced(4, 7, 0), "Too many errors, closing the connection");
    /// The limit of commands that do nothing.
    pub const TOO_MANY_IDLE_COMMANDS: Self =
        Self::fixed(421, Enhanced(4, 7, 0), "Too many commands without a message, closing the connection");
    /// The limit of refused recipients.
    pub const TOO_MANY_REFUSED: Self =
        Self::fixed(421, Enhanced(4, 7, 0), "Too many refused recipients, closing the connection");
    /// The limit of failed log-ins (RFC 4954 §4).
    pub const TOO_MANY_LOGINS: Self =
        Self::fixed(421, Enhanced(4, 7, 0), "Too many failed authentications, closing the connection");
    /// The limit of messages.
    pub const TOO_MANY_TRANSACTIONS: Self =
        Self::fixed(421, Enhanced(4, 7, 0), "Too many messages in one connection, open another");
    /// A fault of our own.
    pub const INTERNAL: Self = Self::fixed(421, Enhanced(4, 3, 0), "Internal error, try again later");
    /// Something other than SMTP speaks here.
    pub const NOT_HTTP: Self = Self::fixed(554, Enhanced(5, 5, 1), "This is a mail server, not a web server");
    /// Octets in clear after STARTTLS (RFC 3207 §5: they could be taken for octets under TLS).
    pub const PIPELINED_STARTTLS: Self =
        Self::fixed(554, Enhanced(5, 5, 0), "Nothing may follow STARTTLS before the handshake");
}

// Order, authentication, encryption.
impl Reply {
    /// MAIL or AUTH before EHLO or HELO.
    pub const NO_HELLO: Self = Self::fixed(503, Enhanced(5, 5, 1), "Send EHLO or HELO first");
    /// MAIL within a transaction.
    pub const NESTED_MAIL: Self =
        Self::fixed(503, Enhanced(5, 5, 1), "MAIL was given already, send RSET to begin anew");
    /// RCPT or DATA without MAIL.
    pub const NO_MAIL: Self = Self::fixed(503, Enhanced(5, 5, 1), "Send MAIL first");
    /// DATA when no RCPT was accepted (RFC 2920 §3.1).
    pub const NO_RECIPIENTS: Self = Self::fixed(554, Enhanced(5, 5, 1), "No valid recipients");
    /// A command that BDAT has closed the way to, between its chunks (RFC 3030 §2).
    pub const WITHIN_CHUNKS: Self =
        Self::fixed(503, Enhanced(5, 5, 1), "Send the rest of the message with BDAT, or RSET");
    /// DATA for a message of BODY=BINARYMIME (RFC 3030 §3).
    pub const BINARY_NEEDS_BDAT: Self =
        Self::fixed(503, Enhanced(5, 5, 1), "BODY=BINARYMIME needs BDAT, not DATA");
    /// A chunk so large that it is not even read to be thrown away.
    pub const CHUNK_TOO_BIG: Self =
        Self::fixed(554, Enhanced(5, 3, 4), "The chunk is far too big, closing the connection");
    /// ETRN from a client that is not trusted (RFC 1985 §5.3).
    pub const ETRN_DENIED: Self = Self::fixed(459, Enhanced(4, 7, 1), "ETRN is for trusted clients");
    /// ETRN when the queue cannot be read (RFC 1985 §5.3).
    pub const ETRN_UNAVAILABLE: Self =
        Self::fixed(458, Enhanced(4, 3, 0), "Unable to queue messages for the node");
    /// XCLIENT from a client that is not authorised.
    pub const XCLIENT_DENIED: Self = Self::fixed(550, Enhanced(5, 7, 0), "Insufficient authorization");
    /// XCLIENT with the name of somebody who has no account here.
    pub const XCLIENT_NO_ACCOUNT: Self =
        Self::fixed(550, Enhanced(5, 7, 0), "There is no account of this LOGIN");
    /// A message is to be held beyond the maximum (RFC 4865 §4).
    pub const HELD_TOO_LONG: Self =
        Self::fixed(501, Enhanced(5, 5, 4), "The message cannot be held for so long");
    /// REQUIRETLS in clear, where it is not offered (RFC 8689 §2).
    pub const REQUIRETLS_NEEDS_TLS: Self =
        Self::fixed(530, Enhanced(5, 7, 0), "REQUIRETLS needs TLS, issue a STARTTLS command first");
    /// STARTTLS or AUTH within a transaction (RFC 4954 §4).
    pub const IN_TRANSACTION: Self = Self::fixed(503, Enhanced(5, 5, 1), "Not within a mail transaction");
    /// STARTTLS under TLS (RFC 3207 §4.2).
    pub const TLS_ACTIVE: Self = Self::fixed(503, Enhanced(5, 5, 1), "TLS is active already");
    /// STARTTLS without a certificate.
    pub const TLS_NOT_AVAILABLE: Self = Self::fixed(502, Enhanced(5, 5, 1), "TLS is not available here");
    /// A submission client in clear.
    pub const MUST_STARTTLS: Self =
        Self::fixed(530, Enhanced(5, 7, 0), "Must issue a STARTTLS command first");
    /// A submission client that did not log in (RFC 6409 §4.3).
    pub const AUTHENTICATION_REQUIRED: Self = Self::fixed(530, Enhanced(5, 7, 0), "Authentication required");
    /// AUTH where no mechanism is offered.
    pub const AUTH_NOT_OFFERED: Self =
        Self::fixed(503, Enhanced(5, 5, 1), "Authentication is not offered here");
    /// AUTH after AUTH (RFC 4954 §4).
    pub const ALREADY_AUTHENTICATED: Self = Self::fixed(503, Enhanced(5, 5, 1), "Authenticated already");
    /// A mechanism that is not offered.
    pub const UNKNOWN_MECHANISM: Self =
        Self::fixed(504, Enhanced(5, 5, 4), "Authentication mechanism not supported");
    /// A mechanism that would send the password in clear.
    pub const MECHANISM_NEEDS_TLS: Self =
        Self::fixed(538, Enhanced(5, 7, 11), "Encryption required for this authentication mechanism");
    /// Unknown user or wrong password.
    pub const BAD_CREDENTIALS: Self =
        Self::fixed(535, Enhanced(5, 7, 8), "Authentication failed: wrong user name or password");
    /// An authorisation identity that is not the user's own.
    pub const FOREIGN_IDENTITY: Self =
        Self::fixed(535, Enhanced(5, 7, 8), "Authentication failed: acting as another user is not allowed");
    /// A client that insists on channel binding in a mechanism without it.
    pub const NO_CHANNEL_BINDING: Self =
        Self::fixed(504, Enhanced(5, 5, 4), "This channel binding is not supported");
    /// A client that is bound to another TLS connection (RFC 5802 §6).
    pub const OTHER_CHANNEL: Self = Self::fixed(
        535,
        Enhanced(5, 7, 8),
        "Authentication failed: channel bindings differ, somebody may stand in between",
    );
    /// A client that could have bound to the channel, and was kept from seeing so (RFC 5802 §6).
    pub const DOWNGRADED: Self = Self::fixed(
        535,
        Enhanced(5, 7, 8),
        "Authentication failed: channel binding is offered here, and you did not see it",
    );
    /// `*` in an AUTH exchange.
    pub const AUTH_CANCELLED: Self = Self::fixed(501, Enhanced(5, 7, 0), "Authentication cancelled");
    /// A response that is not base64.
    pub const BAD_BASE64: Self = Self::fixed(501, Enhanced(5, 5, 2), "The response is not valid base64");
    /// A response that the mechanism does not understand.
    pub const BAD_RESPONSE: Self =
        Self::fixed(501, Enhanced(5, 5, 2), "The response does not fit the mechanism");
    /// A line of an AUTH exchange beyond its limit (RFC 4954 §6).
    pub const AUTH_LINE_TOO_LONG: Self =
        Self::fixed(500, Enhanced(5, 5, 6), "Authentication exchange line is too long");
    /// The password could not be checked now.
    pub const AUTH_UNAVAILABLE: Self =
        Self::fixed(454, Enhanced(4, 7, 0), "Authentication is not possible now, try again later");
}

// Senders, recipients, content: what a driver's policy answers.
impl Reply {
    /// The store or something else of ours fails for now.
    pub const TEMPORARY_FAILURE: Self =
        Self::fixed(451, Enhanced(4, 3, 0), "Cannot do this now, try again later");
    /// No room on the disk.
    pub const STORAGE_FULL: Self = Self::fixed(452, Enhanced(4, 3, 1), "Not enough storage, try again later");
    /// The limit of recipients of one message (RFC 5321 §4.5.3.1.10).
    pub const TOO_MANY_RECIPIENTS: Self =
        Self::fixed(452, Enhanced(4, 5, 3), "Too many recipients, send the others in another message");
    /// The message has gone round in circles (RFC 5321 §6.3).
    pub const TOO_MANY_HOPS: Self =
        Self::fixed(554, Enhanced(5, 4, 6), "Too many hops, the message is in a loop");

    /// There is no such mailbox here.
    pub fn user_unknown(address: &Address) -> Self {
        Self::about(550, Enhanced(5, 1, 1), address, "Recipient address rejected: User unknown")
    }

    /// The mailbox exists and is closed.
    pub fn mailbox_disabled(address: &Address) -> Self {
        Self::about(550, Enhanced(5, 2, 1), address, "Recipient address rejected: Mailbox disabled")
    }

    /// Not our domain, and the client has no right to relay.
    pub fn relay_denied(address: &Address) -> Self {
        Self::about(554, Enhanced(5, 7, 1), address, "Relay access denied")
    }

    /// Not our domain, from a client that may relay: our own limitation.
    pub fn no_foreign_delivery(address: &Address) -> Self {
        Self::about(550, Enhanced(5, 7, 1), address, "This server does not deliver to other servers yet")
    }

    /// An authenticated client sends as someone else (RFC 6409 §6.1).
    pub fn sender_not_owned(address: &Address, user: &str) -> Self {
        Self::about(
            553,
            Enhanced(5, 7, 1),
            address,
            &format!("Sender address rejected: not owned by user {user}"),
        )
    }

    /// The null sender from a submission client, which has no bounces to send.
    pub const NULL_SENDER_NOT_OWNED: Self =
        Self::fixed(553, Enhanced(5, 7, 1), "<>: Sender address rejected: give your own address");

    fn about(code: u16, enhanced: Enhanced, address: &Address, text: &str) -> Self {
        Self::composed(code, Some(enhanced), &format!("<{address}>: {text}"))
    }

    /// MAIL announces or the content has more octets than the limit (RFC 1870 §6).
    pub(crate) fn too_big(max_octets: u64) -> Self {
        let text = format!("The message is larger than the limit of {max_octets} octets");
        Self::composed(552, Some(Enhanced(5, 3, 4)), &text)
    }

    /// For a fault in the content.
    pub(crate) fn bad_content(fault: ContentFault, max_octets: u64) -> Self {
        match fault {
            ContentFault::TooBig => Self::too_big(max_octets),
            ContentFault::LineTooLong => {
                Self::fixed(554, Enhanced(5, 6, 0), "The message has a line that is too long")
            }
            ContentFault::BareNewline => Self::fixed(
                550,
                Enhanced(5, 5, 2),
                "The message has a bare <CR> or <LF>, lines must end in <CR><LF>",
            ),
        }
    }
}

// Commands with a fault.
impl From<BadCommand> for Reply {
    fn from(bad: BadCommand) -> Self {
        let syntax = |text| Self::fixed(501, Enhanced(5, 5, 4), text);
        match bad {
            BadCommand::Unknown => Self::fixed(500, Enhanced(5, 5, 1), "Command not recognized"),
            BadCommand::Http => Self::NOT_HTTP,
            BadCommand::TooLong => Self::fixed(500, Enhanced(5, 5, 2), "Line too long"),
            BadCommand::BareNewline => {
                Self::fixed(500, Enhanced(5, 5, 2), "Bare <CR> or <LF> received, lines must end in <CR><LF>")
            }
            BadCommand::Nul => Self::fixed(500, Enhanced(5, 5, 2), "NUL received"),
            BadCommand::UnexpectedArgument => syntax("This command takes no argument"),
            BadCommand::ClientName => syntax("Syntax: EHLO name, one word of printable ASCII"),
            BadCommand::MailSyntax => syntax("Syntax: MAIL FROM:<address>"),
            BadCommand::RcptSyntax => syntax("Syntax: RCPT TO:<address>"),
            BadCommand::BdatSyntax => syntax("Syntax: BDAT octets [LAST]"),
            BadCommand::EtrnSyntax => syntax("Syntax: ETRN domain"),
            BadCommand::XclientSyntax => syntax("Syntax: XCLIENT attribute=value..."),
            BadCommand::AuthSyntax => syntax("Syntax: AUTH mechanism [initial-response]"),
            BadCommand::ParameterValue => syntax("Bad or repeated parameter"),
            BadCommand::UnknownParameter => Self::fixed(555, Enhanced(5, 5, 4), "Parameter not supported"),
            BadCommand::Sender(bad) => Self::bad_address(bad, 550, Enhanced(5, 1, 7), "sender"),
            BadCommand::Recipient(bad) => Self::bad_address(bad, 553, Enhanced(5, 1, 3), "recipient"),
        }
    }
}

impl Reply {
    /// `not_ascii` is the code for an address that is not ASCII, which RFC 6531 §3.5 gives.
    fn bad_address(bad: BadAddress, not_ascii: u16, enhanced: Enhanced, which: &str) -> Self {
        match bad {
            BadAddress::Syntax => Self::composed(501, Some(enhanced), &format!("Bad {which} address syntax")),
            BadAddress::TooLong => {
                Self::composed(501, Some(enhanced), &format!("The {which} address is too long"))
            }
            BadAddress::NoDomain => Self::composed(
                501,
                Some(enhanced),
                &format!("The {which} address has no domain, write <user@domain>"),
            ),
            BadAddress::NonAscii => Self::composed(
                not_ascii,
                Some(Enhanced(5, 6, 7)),
                &format!("The {which} address is not ASCII, and MAIL did not say SMTPUTF8"),
            ),
        }
    }

    /// What routing refuses a recipient with: a text of its own table, or one of `transport_maps`.
    pub fn of_routing(code: u16, enhanced: Enhanced, text: &str) -> Self {
        Self::composed(code, Some(enhanced), text)
    }

    /// EXPN, which would give away who reads a list (RFC 5321 §7.3).
    pub const NO_EXPN: Self = Self::fixed(502, Enhanced(5, 5, 1), "EXPN is not supported");
}
