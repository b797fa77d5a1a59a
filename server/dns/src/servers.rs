//! Which name servers a resolver asks.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::{Code, Error};

const PORT: u16 = 53;

/// One or more name servers, in the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Servers(Vec<SocketAddr>);

impl Servers {
    /// These servers. Fails with [`Code::NoServers`] if there are none.
    pub fn new(servers: Vec<SocketAddr>) -> Result<Self, Error> {
        if servers.is_empty() { Err(Error::new(Code::NoServers, "")) } else { Ok(Self(servers)) }
    }

    /// Reads addresses with or without port, separated by spaces or commas: `127.0.0.1:5353, 192.0.2.1, [2001:db8::1]:53`.
    /// Fails with [`Code::NoServers`] or [`Code::BadServer`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let words = text.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty());
        Self::new(words.map(server).collect::<Result<_, _>>()?)
    }

    /// Those of this computer: `/etc/resolv.conf`, or what Windows and macOS keep. Its search list is not used: names in mail are
    /// complete. Fails with [`Code::SystemUnreadable`] or [`Code::NoServers`].
    pub fn system() -> Result<Self, Error> {
        let (config, _) = hickory_resolver::system_conf::read_system_conf()
            .map_err(|failed| Error::new(Code::SystemUnreadable, "").because(failed))?;
        let mut servers = Vec::new();
        for server in config.name_servers() {
            let address = SocketAddr::new(server.ip, PORT);
            if !servers.contains(&address) {
                servers.push(address);
            }
        }
        Self::new(servers)
    }

    /// Their addresses.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.0
    }
}

impl fmt::Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join(", "))
    }
}

fn server(text: &str) -> Result<SocketAddr, Error> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = match bare.parse::<IpAddr>() {
        Ok(address) => SocketAddr::new(address, PORT),
        Err(_) => text.parse().map_err(|_| Error::new(Code::BadServer, text))?,
    };
    if address.port() == 0 { Err(Error::new(Code::BadServer, text)) } else { Ok(address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_port() {
        let servers = Servers::parse("127.0.0.1:5353, 192.0.2.1 2001:db8::1,[2001:db8::2] [::1]:54").unwrap();
        let text = "127.0.0.1:5353, 192.0.2.1:53, [2001:db8::1]:53, [2001:db8::2]:53, [::1]:54";
        assert_eq!(servers.to_string(), text);
        assert_eq!(Servers::parse(text).unwrap(), servers);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_tells_its_servers() {
        let file = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let addresses =
            file.lines().filter_map(|line| line.strip_prefix("nameserver ")?.trim().parse::<IpAddr>().ok());
        let mut expected: Vec<_> = addresses.map(|address| SocketAddr::new(address, 53)).collect();
        expected.dedup();
        match Servers::system() {
            Ok(servers) => assert_eq!(servers.addresses(), expected),
            Err(error) => assert!(expected.is_empty(), "{error}"),
        }
    }

    #[test]
    fn what_is_no_server_is_refused_by_name() {
        for bad in ["dns.test", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0"] {
            let error = Servers::parse(&format!("192.0.2.1 {bad}")).unwrap_err();
            assert_eq!((error.code(), error.object()), (Code::BadServer, bad));
        }
        assert_eq!(Servers::parse(" , ").unwrap_err().code(), Code::NoServers);
    }
}
