//! Command lines (RFC 5321 §4.1.1) and their parameters.

mod etrn;
mod parameters;
mod xclient;

pub use etrn::Node;
pub use parameters::{Body, Hold, MailParameters, RcptParameters};
pub use xclient::{Claimed, Xclient};

use crate::address::{Recipient, ReversePath};
use crate::error::{BadAddress, BadCommand};
use crate::limits::DOMAIN_OCTETS;
use memchr::memchr;
use std::fmt;

/// A command that is well formed. Whether it is allowed now is the session's business.
#[derive(Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// `EHLO name`
    Ehlo(ClientName),
    /// `HELO name`
    Helo(ClientName),
    /// `STARTTLS` (RFC 3207)
    StartTls,
    /// `AUTH mechanism [initial-response]` (RFC 4954), still in base64
    Auth {
        /// The name of the mechanism, as written.
        mechanism: &'a [u8],
        /// The initial response in base64; `=` stands for an empty one.
        initial_response: Option<&'a [u8]>,
    },
    /// `MAIL FROM:<reverse-path> [parameters]`
    Mail(ReversePath, MailParameters),
    /// `RCPT TO:<forward-path> [parameters]`. Whether it may hold characters outside of ASCII, MAIL has said.
    Rcpt(Recipient, RcptParameters),
    /// `DATA`
    Data,
    /// `BDAT octets [LAST]` (RFC 3030); the octets follow at once.
    Bdat {
        /// How many.
        octets: u64,
        /// Whether the message ends with them.
        last: bool,
    },
    /// `RSET`
    Rset,
    /// `NOOP [string]`
    Noop,
    /// `QUIT`
    Quit,
    /// `VRFY string`
    Vrfy,
    /// `EXPN string`
    Expn,
    /// `HELP [string]`
    Help,
    /// `ETRN node` (RFC 1985)
    Etrn(Node),
    /// `XCLIENT attribute=value ...` (Postfix's XCLIENT_README)
    Xclient(Box<Xclient>),
}

impl<'a> Command<'a> {
    /// Reads a line without its CRLF.
    pub fn parse(line: &'a [u8]) -> Result<Self, BadCommand> {
        if memchr(0, line).is_some() {
            // Of this command a chunk follows, whose end is not known then.
            let is_bdat = line.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"BDAT"));
            return Err(if is_bdat { BadCommand::BdatSyntax } else { BadCommand::Nul });
        }
        let line = line.trim_ascii_end();
        let (verb, argument) = match memchr(b' ', line) {
            Some(space) => (&line[..space], line[space + 1..].trim_ascii_start()),
            None => (line, &b""[..]),
        };
        let plain =
            |command| if argument.is_empty() { Ok(command) } else { Err(BadCommand::UnexpectedArgument) };
        match &*verb.to_ascii_uppercase() {
            b"EHLO" => ClientName::parse(argument).map(Self::Ehlo).ok_or(BadCommand::ClientName),
            b"HELO" => ClientName::parse(argument).map(Self::Helo).ok_or(BadCommand::ClientName),
            b"MAIL" => parse_mail(argument),
            b"RCPT" => parse_rcpt(argument),
            b"BDAT" => parse_bdat(argument),
            b"AUTH" => parse_auth(argument),
            b"STARTTLS" => plain(Self::StartTls),
            b"DATA" => plain(Self::Data),
            b"RSET" => plain(Self::Rset),
            b"QUIT" => plain(Self::Quit),
            b"NOOP" => Ok(Self::Noop),
            b"VRFY" => Ok(Self::Vrfy),
            b"EXPN" => Ok(Self::Expn),
            b"HELP" => Ok(Self::Help),
            b"ETRN" => Node::parse(argument).map(Self::Etrn).ok_or(BadCommand::EtrnSyntax),
            b"XCLIENT" => Xclient::parse(argument)
                .map(|claims| Self::Xclient(Box::new(claims)))
                .ok_or(BadCommand::XclientSyntax),
            // A web page can make a browser send a form with SMTP commands in it; without this, they would be obeyed
            // after a few lines that are not understood.
            b"GET" | b"POST" | b"CONNECT" => Err(BadCommand::Http),
            _ => Err(BadCommand::Unknown),
        }
    }
}

/// What a client calls itself: by the standard a domain name or an address literal, in practice any printable word.
/// It proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientName(String);

impl ClientName {
    /// Takes a word of printable ASCII within the length of a domain.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let is_word =
            !text.is_empty() && text.len() <= DOMAIN_OCTETS && text.iter().all(u8::is_ascii_graphic);
        is_word.then(|| Self(String::from_utf8_lossy(text).into_owned()))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn parse_mail<'a>(argument: &[u8]) -> Result<Command<'a>, BadCommand> {
    let (inner, rest) = after_keyword(argument, b"FROM:")
        .ok_or(BadCommand::MailSyntax)
        .and_then(|path| cut_path(path).map_err(BadCommand::Sender))?;
    let reverse_path = ReversePath::parse(inner).map_err(BadCommand::Sender)?;
    let parameters = MailParameters::parse(rest)?;
    // RFC 6531 §3.4: such an address needs the parameter.
    if !parameters.smtp_utf8 && reverse_path.address().is_some_and(|address| !address.is_ascii()) {
        return Err(BadCommand::Sender(BadAddress::NonAscii));
    }
    Ok(Command::Mail(reverse_path, parameters))
}

fn parse_rcpt<'a>(argument: &[u8]) -> Result<Command<'a>, BadCommand> {
    let (inner, rest) = after_keyword(argument, b"TO:")
        .ok_or(BadCommand::RcptSyntax)
        .and_then(|path| cut_path(path).map_err(BadCommand::Recipient))?;
    let recipient = Recipient::parse(inner).map_err(BadCommand::Recipient)?;
    Ok(Command::Rcpt(recipient, RcptParameters::parse(rest)?))
}

/// `chunk-size = 1*DIGIT`, then perhaps `LAST` (RFC 3030 §2). A number that does not fit is one that nobody could skip.
fn parse_bdat<'a>(argument: &[u8]) -> Result<Command<'a>, BadCommand> {
    let mut words = argument.split(|&octet| octet == b' ').filter(|word| !word.is_empty());
    let (Some(size), last, None) = (words.next(), words.next(), words.next()) else {
        return Err(BadCommand::BdatSyntax);
    };
    let is_number = size.len() <= 20 && size.iter().all(u8::is_ascii_digit);
    let last = match last {
        None => false,
        Some(word) if word.eq_ignore_ascii_case(b"LAST") => true,
        Some(_) => return Err(BadCommand::BdatSyntax),
    };
    let octets = std::str::from_utf8(size).ok().filter(|_| is_number).and_then(|size| size.parse().ok());
    Ok(Command::Bdat { octets: octets.ok_or(BadCommand::BdatSyntax)?, last })
}

fn parse_auth(argument: &[u8]) -> Result<Command<'_>, BadCommand> {
    let mut words = argument.split(|&octet| octet == b' ').filter(|word| !word.is_empty());
    match (words.next(), words.next(), words.next()) {
        (Some(mechanism), initial_response, None) => Ok(Command::Auth { mechanism, initial_response }),
        _ => Err(BadCommand::AuthSyntax),
    }
}

/// What follows `FROM:` or `TO:`. RFC 5321 §3.3 forbids spaces there; many clients and people write them.
fn after_keyword<'a>(argument: &'a [u8], keyword: &[u8]) -> Option<&'a [u8]> {
    let (head, tail) = argument.split_at_checked(keyword.len())?;
    head.eq_ignore_ascii_case(keyword).then(|| tail.trim_ascii_start())
}

/// Splits `<path> parameters` in what stands between the brackets and the parameters. Without brackets, the path ends at
/// the first space.
fn cut_path(text: &[u8]) -> Result<(&[u8], &[u8]), BadAddress> {
    let Some(inner) = text.strip_prefix(b"<") else {
        let end = memchr(b' ', text).unwrap_or(text.len());
        return if end == 0 {
            Err(BadAddress::Syntax)
        } else {
            Ok((&text[..end], text[end..].trim_ascii_start()))
        };
    };
    let end = closing_bracket(inner).ok_or(BadAddress::Syntax)?;
    match &inner[end + 1..] {
        [] => Ok((&inner[..end], &[])),
        [b' ', rest @ ..] => Ok((&inner[..end], rest.trim_ascii_start())),
        _ => Err(BadAddress::Syntax),
    }
}

/// The first `>` that does not stand in a quoted local part.
fn closing_bracket(inner: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    inner.iter().position(|&octet| match octet {
        _ if escaped => {
            escaped = false;
            false
        }
        b'\\' if quoted => {
            escaped = true;
            false
        }
        b'"' => {
            quoted = !quoted;
            false
        }
        b'>' => !quoted,
        _ => false,
    })
}

#[cfg(test)]
mod tests;
