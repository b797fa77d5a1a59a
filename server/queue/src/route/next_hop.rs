//! Where a message goes next.

use super::BadSetting;
use postigo_smtp::Domain;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The port of SMTP between servers.
const SMTP_PORT: u16 = 25;

/// TLS from the first octet (RFC 8314 §7.3).
const SUBMISSIONS_PORT: u16 = 465;

/// A destination as `relayhost` and `transport_maps` write it: `example.net`, `example.net:587`, `[host]`, `[host]:port`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostPort {
    /// Domain, host name or address without brackets, in lower case ASCII.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the MX records of `host` are asked for; brackets say no.
    pub mx: bool,
}

impl HostPort {
    /// The MX of a recipient's domain, at port 25; an address literal is the host itself (RFC 5321 §5.1).
    pub(crate) fn of_domain(domain: &Domain, ascii: &str) -> Option<Self> {
        let (host, mx) = match domain {
            Domain::Ipv4(address) => (address.to_string(), false),
            Domain::Ipv6(address) => (address.to_string(), false),
            Domain::OtherLiteral(_) => return None,
            Domain::Name(_) => (ascii.to_owned(), true),
        };
        Some(Self { host, port: SMTP_PORT, mx })
    }
}

impl FromStr for HostPort {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let bad = || BadSetting::NextHop(text.to_owned());
        let (host, rest, mx) = match text.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = bracketed.split_once(']').ok_or_else(bad)?;
                (host, rest, false)
            }
            None => {
                let (host, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
                (host, rest, true)
            }
        };
        let port = match rest.strip_prefix(':') {
            Some(port) => parse_port(port).ok_or_else(bad)?,
            None if rest.is_empty() => SMTP_PORT,
            None => return Err(bad()),
        };
        let host = parse_host(host, mx).ok_or_else(bad)?;
        Ok(Self { host, port, mx })
    }
}

fn parse_host(text: &str, mx: bool) -> Option<String> {
    // `[ipv6:2001:db8::1]` is Postfix's other way to write it.
    let tagged = text.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:")).and_then(|_| text.get(5..));
    if let Ok(address) = tagged.unwrap_or(text).parse::<IpAddr>() {
        // An address has no MX records.
        return (!mx).then(|| address.to_string());
    }
    let ascii = idna::domain_to_ascii(text).ok()?;
    Domain::parse(ascii.as_bytes()).ok()?.name().map(str::to_owned)
}

fn parse_port(text: &str) -> Option<u16> {
    match text {
        "smtp" => Some(SMTP_PORT),
        "submission" => Some(587),
        "smtps" | "submissions" => Some(SUBMISSIONS_PORT),
        _ => text.parse().ok().filter(|&port| port != 0),
    }
}

/// As Postfix writes it; port 25 is left out.
impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mx {
            f.write_str(&self.host)?
        } else {
            write!(f, "[{}]", self.host)?
        }
        if self.port == SMTP_PORT { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// `smtp_tls_security_level`: how much TLS a delivery asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TlsLevel {
    /// Never.
    None,
    /// When the peer offers it, with any certificate.
    #[default]
    May,
    /// Always, with any certificate.
    Encrypt,
    /// Always, with a valid certificate for the name that MX records gave.
    Verify,
    /// Always, with a valid certificate for the next hop as configured.
    Secure,
    /// As the signed TLSA records of the peer say (RFC 7672); `may` without them.
    Dane,
}

impl TlsLevel {
    /// Every level, from the weakest on.
    pub const ALL: [Self; 6] = [Self::None, Self::May, Self::Encrypt, Self::Verify, Self::Secure, Self::Dane];

    /// Its name in Postfix.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::May => "may",
            Self::Encrypt => "encrypt",
            Self::Verify => "verify",
            Self::Secure => "secure",
            Self::Dane => "dane",
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// A next hop with everything a delivery needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NextHop {
    /// Domain, host name or address without brackets, in lower case ASCII.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the MX records of `host` are asked for.
    pub mx: bool,
    /// `smtp_tls_security_level`, or what `smtp_tls_policy_maps` has for it.
    pub tls: TlsLevel,
    /// TLS from the first octet instead of STARTTLS: port 465.
    pub implicit_tls: bool,
    /// Under which name user and password are kept (`smtp_sasl_password_maps`); none: do not log in.
    pub credentials: Option<String>,
    /// The local addresses to connect from, at most one of each kind (`smtp_bind_address`, `smtp_bind_address6`).
    pub bind: Vec<IpAddr>,
}

impl NextHop {
    /// A next hop with what is configured for it; port 465 means TLS from the first octet.
    pub fn new(to: &HostPort, tls: TlsLevel, credentials: Option<String>, bind: Vec<IpAddr>) -> Self {
        let implicit_tls = to.port == SUBMISSIONS_PORT;
        let HostPort { host, port, mx } = to.clone();
        Self { host, port, mx, tls, implicit_tls, credentials, bind }
    }

    /// As `relayhost` writes it.
    pub fn written(&self) -> HostPort {
        HostPort { host: self.host.clone(), port: self.port, mx: self.mx }
    }

    /// What deliveries have in common that can share a connection: the destination key of the queue. Two users of one
    /// relay host are two destinations, since a connection is logged in as one of them.
    pub fn key(&self) -> String {
        let to = self.written();
        match &self.credentials {
            Some(user) if user.contains('@') => format!("{to}#{user}"),
            _ => to.to_string(),
        }
    }

    /// The address itself, if the host is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_hops_are_read_and_written_back() {
        for (text, host, port, mx) in [
            ("example.net", "example.net", 25, true),
            ("example.net:587", "example.net", 587, true),
            ("[mail.example.net]", "mail.example.net", 25, false),
            ("[127.0.0.1]:3525", "127.0.0.1", 3525, false),
            ("[2001:db8::1]:2525", "2001:db8::1", 2525, false),
        ] {
            let to: HostPort = text.parse().unwrap();
            assert_eq!((to.host.as_str(), to.port, to.mx), (host, port, mx), "{text}");
            assert_eq!(to.to_string(), text);
        }
        let same = |a: &str, b: &str| assert_eq!(a.parse::<HostPort>(), b.parse::<HostPort>());
        same("[h.test]:submission", "[h.test]:587");
        same("[H.test]:smtps", "[h.test]:465");
        same("[ipv6:::1]", "[::1]");
        same("español.test", "xn--espaol-zwa.test");
    }

    #[test]
    fn a_bad_next_hop_is_refused() {
        for bad in
            ["", "[]", "[h", "h:", "h:0", "h:70000", "h:x", "[h]x", "[h]:", "a b", "127.0.0.1", "::1", "h..x"]
        {
            assert_eq!(bad.parse::<HostPort>(), Err(BadSetting::NextHop(bad.into())), "{bad}");
        }
    }

    #[test]
    fn users_of_one_relay_host_are_different_destinations() {
        let to: HostPort = "[relay.test]:465".parse().unwrap();
        let hop = |credentials: &str| NextHop::new(&to, TlsLevel::May, Some(credentials.into()), vec![]);
        assert_eq!(hop("[relay.test]:465").key(), "[relay.test]:465");
        assert_ne!(hop("ana@lab.test").key(), hop("luis@lab.test").key());
        assert!(hop("x").implicit_tls);
    }
}
