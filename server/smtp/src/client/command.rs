//! Commands as they go over the wire.

use super::capabilities::Capabilities;
use super::content::ContentForm;
use super::transaction::{Transaction, TransactionRecipient};
use crate::address::{Address, Recipient, ReversePath};
use crate::dsn::Xtext;
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use zeroize::Zeroizing;

/// A command, or a response within AUTH. `Debug` does not show secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// With CRLF.
    octets: Zeroizing<Vec<u8>>,
    /// From here on, the line is secret.
    secret_from: usize,
}

/// As the server session's transcripts show it.
const HIDDEN: &[u8] = "•••••••".as_bytes();

impl Command {
    /// What is sent, with CRLF.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The line as a transcript may show it, without CRLF: without passwords and SCRAM proofs.
    pub fn masked(&self) -> Cow<'_, [u8]> {
        let line = &self.octets[..self.octets.len() - 2];
        match line.get(self.secret_from..) {
            Some([_, ..]) => [&line[..self.secret_from], HIDDEN].concat().into(),
            _ => line.into(),
        }
    }

    pub(super) fn new(line: &str) -> Self {
        Self { octets: Zeroizing::new([line.as_bytes(), b"\r\n"].concat()), secret_from: usize::MAX }
    }

    /// `AUTH mechanism [initial-response]`; the response in base64.
    pub(super) fn auth(mechanism: &str, initial_response: Option<&str>) -> Self {
        match initial_response {
            None => Self::new(&format!("AUTH {mechanism}")),
            Some(response) => {
                let start = format!("AUTH {mechanism} ");
                Self { secret_from: start.len(), ..Self::new(&Zeroizing::new(format!("{start}{response}"))) }
            }
        }
    }

    /// A response in base64.
    pub(super) fn auth_response(base64: &str) -> Self {
        Self { secret_from: 0, ..Self::new(base64) }
    }

    /// `MAIL FROM` with what the server understands and the message needs; `octets` as they will be sent.
    pub(super) fn mail(transaction: &Transaction, needs: Needs, offered: &Capabilities, octets: u64) -> Self {
        let mut line = match &transaction.reverse_path {
            ReversePath::Null => "MAIL FROM:<>".to_owned(),
            ReversePath::Address(address) => {
                format!("MAIL FROM:<{}>", Written { address, utf8: needs.smtp_utf8 })
            }
        };
        if offered.size {
            push(&mut line, "SIZE=", octets);
        }
        match needs.body {
            BodyKind::SevenBit => {}
            BodyKind::EightBit => push(&mut line, "BODY=", "8BITMIME"),
            BodyKind::Binary => push(&mut line, "BODY=", "BINARYMIME"),
        }
        if needs.smtp_utf8 {
            push(&mut line, "SMTPUTF8", "");
        }
        if transaction.require_tls {
            push(&mut line, "REQUIRETLS", "");
        }
        if offered.dsn {
            if let Some(returned) = transaction.returned {
                push(&mut line, "RET=", returned);
            }
            if let Some(id) = transaction.envelope_id.as_deref().filter(|id| !id.is_empty()) {
                push(&mut line, "ENVID=", Xtext(id));
            }
        }
        Self::new(&line)
    }

    /// `RCPT TO`
    pub(super) fn rcpt(to: &TransactionRecipient, needs: Needs, offered: &Capabilities) -> Self {
        let mut line = match &to.recipient {
            Recipient::Postmaster => "RCPT TO:<Postmaster>".to_owned(),
            Recipient::Address(address) => {
                format!("RCPT TO:<{}>", Written { address, utf8: needs.smtp_utf8 })
            }
        };
        if offered.dsn {
            if let Some(notify) = to.notify {
                push(&mut line, "NOTIFY=", notify);
            }
            if let Some(original) = to.original.as_ref().filter(|original| original.is_sendable()) {
                push(&mut line, "ORCPT=", original);
            }
        }
        Self::new(&line)
    }

    /// `DATA`, or `BDAT` with the size of the only chunk.
    pub(super) fn content(form: ContentForm) -> Self {
        match form {
            ContentForm::Chunk { octets } => Self::new(&format!("BDAT {octets} LAST")),
            ContentForm::Lines | ContentForm::ConvertedLines => Self::new("DATA"),
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({})", self.masked().escape_ascii())
    }
}

/// What a message needs of this server, once it is known that the server offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    pub(super) body: BodyKind,
    pub(super) smtp_utf8: bool,
}

/// `BODY=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyKind {
    SevenBit,
    EightBit,
    Binary,
}

/// An address as this transaction can hold it. Without SMTPUTF8, one without an ASCII form is not written at all; the
/// session has sorted it out before.
struct Written<'a> {
    address: &'a Address,
    utf8: bool,
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address.to_ascii() {
            Some(ascii) if !self.utf8 => ascii.fmt(f),
            _ => self.address.fmt(f),
        }
    }
}

fn push(line: &mut String, name: &str, value: impl fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(line, " {name}{value}");
}
