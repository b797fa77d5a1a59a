//! The trace fields that a server adds (RFC 5321 §4.4).

use crate::address::{Recipient, ReversePath};
use crate::command::ClientName;
use crate::config::Tls;
use std::fmt;
use std::net::IpAddr;

/// `with` in Received (RFC 3848, RFC 6531 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// After HELO.
    Smtp,
    /// After EHLO.
    Esmtp,
    /// Under TLS.
    Esmtps,
    /// Authenticated.
    Esmtpa,
    /// Authenticated and under TLS.
    Esmtpsa,
    /// A message with SMTPUTF8.
    Utf8Smtp,
    /// The same under TLS.
    Utf8Smtps,
    /// The same, authenticated.
    Utf8Smtpa,
    /// The same, authenticated and under TLS.
    Utf8Smtpsa,
}

impl Protocol {
    pub(crate) fn of(extended: bool, tls: bool, authenticated: bool) -> Self {
        match (tls, authenticated) {
            (true, true) => Self::Esmtpsa,
            (true, false) => Self::Esmtps,
            (false, true) => Self::Esmtpa,
            (false, false) if extended => Self::Esmtp,
            (false, false) => Self::Smtp,
        }
    }

    /// The one for a message that came with SMTPUTF8.
    #[must_use]
    pub fn with_smtp_utf8(self) -> Self {
        match self {
            Self::Smtp | Self::Esmtp => Self::Utf8Smtp,
            Self::Esmtps => Self::Utf8Smtps,
            Self::Esmtpa => Self::Utf8Smtpa,
            Self::Esmtpsa => Self::Utf8Smtpsa,
            already => already,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smtp => "SMTP",
            Self::Esmtp => "ESMTP",
            Self::Esmtps => "ESMTPS",
            Self::Esmtpa => "ESMTPA",
            Self::Esmtpsa => "ESMTPSA",
            Self::Utf8Smtp => "UTF8SMTP",
            Self::Utf8Smtps => "UTF8SMTPS",
            Self::Utf8Smtpa => "UTF8SMTPA",
            Self::Utf8Smtpsa => "UTF8SMTPSA",
        })
    }
}

/// What the Received field tells. Its text ends in CRLF and is laid out as Postfix's, which many programs read.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// What the client calls itself.
    pub client_name: &'a ClientName,
    /// The name that DNS gives the client's address, if it was looked up and confirmed.
    pub ptr_name: Option<&'a str>,
    /// The client's address.
    pub peer: IpAddr,
    /// The name and number of the user of the system that a program on this computer belongs to; then the address means nothing.
    pub local_user: Option<(&'a str, u32)>,
    /// The agreed TLS.
    pub tls: Option<&'a Tls>,
    /// This server.
    pub host: &'a str,
    /// How it came.
    pub protocol: Protocol,
    /// Its identifier here.
    pub queue_id: &'a str,
    /// The recipient, to be given only if there is a single one: more would betray blind copies (RFC 5321 §7.2). One
    /// outside of ASCII comes with SMTPUTF8 only, which lets the field hold it (RFC 6532 §3.2).
    pub recipient: Option<&'a Recipient>,
    /// Now, in the form of RFC 5322 §3.3.
    pub date: &'a str,
}

impl fmt::Display for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let client_name = header_word(self.client_name.as_str());
        match self.local_user {
            // There is no address to tell, and TCP-info is optional; this is a comment before "by" (RFC 5321 §4.4).
            Some((name, uid)) => {
                let name = header_word(name);
                write!(f, "Received: from {client_name} (local user {name}, uid {uid})\r\n\t")?;
            }
            None => {
                let ptr_name = header_word(self.ptr_name.unwrap_or("unknown"));
                let tag = ipv6_tag(self.peer);
                write!(f, "Received: from {client_name} ({ptr_name} [{tag}{}])\r\n\t", self.peer)?;
            }
        }
        if let Some(tls) = self.tls {
            let Tls { version, cipher, bits } = tls;
            write!(f, "(using {version} with cipher {cipher} ({bits}/{bits} bits))\r\n\t")?;
        }
        write!(f, "by {} (Postigo) with {} id {}", self.host, self.protocol, self.queue_id)?;
        if let Some(recipient) = self.recipient {
            write!(f, "\r\n\tfor <{recipient}>")?;
        }
        write!(f, "; {}\r\n", self.date)
    }
}

/// The Return-Path field of the final delivery, with CRLF (RFC 5321 §4.4).
pub fn return_path(reverse_path: &ReversePath) -> String {
    format!("Return-Path: <{reverse_path}>\r\n")
}

fn ipv6_tag(address: IpAddr) -> &'static str {
    if address.is_ipv6() { "IPv6:" } else { "" }
}

/// A client may call itself anything; in the field nothing of it may look like a comment or another clause.
fn header_word(word: &str) -> String {
    let allowed = |character: char| character.is_ascii_alphanumeric() || ".-_:[]".contains(character);
    word.chars().map(|character| if allowed(character) { character } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const DATE: &str = "Tue, 24 Nov 2026 12:00:00 +0000";

    #[test]
    fn a_submitted_message_tells_its_tls_and_its_recipient() {
        let recipient = Recipient::Address(Address::parse(b"luis@lab.test").unwrap());
        let tls = Tls { version: "TLSv1.3".into(), cipher: "TLS_AES_256_GCM_SHA384".into(), bits: 256 };
        let received = Received {
            client_name: &ClientName::parse(b"laptop").unwrap(),
            ptr_name: Some("localhost"),
            peer: Ipv4Addr::LOCALHOST.into(),
            local_user: None,
            tls: Some(&tls),
            host: "mail.lab.test",
            protocol: Protocol::of(true, true, true),
            queue_id: "4Xyz12",
            recipient: Some(&recipient),
            date: DATE,
        };
        assert_eq!(
            received.to_string(),
            "Received: from laptop (localhost [127.0.0.1])\r\n\
             \t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\
             \tby mail.lab.test (Postigo) with ESMTPSA id 4Xyz12\r\n\
             \tfor <luis@lab.test>; Tue, 24 Nov 2026 12:00:00 +0000\r\n"
        );
    }

    #[test]
    fn a_client_cannot_forge_clauses_with_its_name() {
        let received = Received {
            client_name: &ClientName::parse(b"x)\x28by;evil").unwrap(),
            ptr_name: None,
            peer: Ipv6Addr::LOCALHOST.into(),
            local_user: None,
            tls: None,
            host: "mail.lab.test",
            protocol: Protocol::of(false, false, false),
            queue_id: "4Xyz12",
            recipient: None,
            date: DATE,
        };
        assert_eq!(
            received.to_string(),
            "Received: from x??by?evil (unknown [IPv6:::1])\r\n\
             \tby mail.lab.test (Postigo) with SMTP id 4Xyz12; Tue, 24 Nov 2026 12:00:00 +0000\r\n"
        );
    }

    #[test]
    fn a_user_of_the_system_has_no_address_and_cannot_forge_clauses_either() {
        let received = Received {
            client_name: &ClientName::parse(b"mail.lab.test").unwrap(),
            ptr_name: None,
            peer: Ipv4Addr::LOCALHOST.into(),
            local_user: Some(("luis)by x", 1_000)),
            tls: None,
            host: "mail.lab.test",
            protocol: Protocol::of(true, false, false),
            queue_id: "4Xyz12",
            recipient: None,
            date: DATE,
        };
        assert_eq!(
            received.to_string(),
            "Received: from mail.lab.test (local user luis?by?x, uid 1000)\r\n\
             \tby mail.lab.test (Postigo) with ESMTP id 4Xyz12; Tue, 24 Nov 2026 12:00:00 +0000\r\n"
        );
    }

    #[test]
    fn return_path_has_brackets_also_when_it_is_null() {
        assert_eq!(return_path(&ReversePath::Null), "Return-Path: <>\r\n");
        let sender = ReversePath::Address(Address::parse(b"\"a b\"@lab.test").unwrap());
        assert_eq!(return_path(&sender), "Return-Path: <\"a b\"@lab.test>\r\n");
    }
}
