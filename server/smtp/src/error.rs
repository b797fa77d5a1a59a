//! What is wrong with a command. These are verdicts on the peer's input; `reply.rs` gives each its reply.

use thiserror::Error;

/// Why a command line is not understood or not allowed by its grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadCommand {
    /// The verb is not one of SMTP's.
    #[error("unknown command")]
    Unknown,
    /// A verb of HTTP: a browser, or a page in one, was pointed at this port.
    #[error("an HTTP request")]
    Http,
    /// The line is longer than its limit.
    #[error("line too long")]
    TooLong,
    /// The line ends in a bare LF or holds a bare CR.
    #[error("bare CR or LF")]
    BareNewline,
    /// The line holds a NUL.
    #[error("NUL in a command")]
    Nul,
    /// The verb takes no argument and got one.
    #[error("unexpected argument")]
    UnexpectedArgument,
    /// EHLO or HELO without a usable name.
    #[error("bad client name")]
    ClientName,
    /// MAIL without `FROM:`.
    #[error("bad syntax of MAIL")]
    MailSyntax,
    /// RCPT without `TO:`.
    #[error("bad syntax of RCPT")]
    RcptSyntax,
    /// BDAT without a number, or with something after it that is not LAST. Where its chunk ends cannot be known.
    #[error("bad syntax of BDAT")]
    BdatSyntax,
    /// ETRN without a domain.
    #[error("bad syntax of ETRN")]
    EtrnSyntax,
    /// XCLIENT with an unknown attribute, or a value outside of its grammar.
    #[error("bad syntax of XCLIENT")]
    XclientSyntax,
    /// AUTH without a mechanism, or with too many arguments.
    #[error("bad syntax of AUTH")]
    AuthSyntax,
    /// The address of MAIL.
    #[error("bad sender address: {0}")]
    Sender(BadAddress),
    /// The address of RCPT.
    #[error("bad recipient address: {0}")]
    Recipient(BadAddress),
    /// A parameter that no offered extension defines (RFC 5321 §4.1.1.11).
    #[error("unknown parameter")]
    UnknownParameter,
    /// A known parameter with a value outside of its grammar, or given twice.
    #[error("bad parameter value")]
    ParameterValue,
}

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadAddress {
    /// Outside of the grammar of RFC 5321 §4.1.2.
    #[error("bad syntax")]
    Syntax,
    /// There is no `@domain`.
    #[error("the domain is missing")]
    NoDomain,
    /// A part is longer than RFC 5321 §4.5.3.1 allows.
    #[error("too long")]
    TooLong,
    /// It holds characters outside of ASCII, and the client did not ask for SMTPUTF8 (RFC 6531).
    #[error("characters outside of ASCII")]
    NonAscii,
}
