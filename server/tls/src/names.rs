//! The names and addresses a server goes by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::{Code, Error};

/// RFC 1035 §2.3.4: 255 octets on the wire are 253 characters in text.
const MAX_NAME: usize = 253;

/// What the certificate must be good for. Names are kept as A-labels in lower case (RFC 5890), without a final dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    host: String,
    domains: Vec<String>,
    addresses: Vec<IpAddr>,
}

impl Names {
    /// `host` is the server's own name, `domains` are the mail domains it serves (the first one gives the authority its
    /// name), `addresses` are those it listens on. Addresses that mean "any" (0.0.0.0 and ::) name nothing and are left out.
    ///
    /// # Errors
    /// [`Code::BadName`] for a name that is no host name, or when there is no domain.
    pub fn new(
        host: &str,
        domains: impl IntoIterator<Item = impl AsRef<str>>,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) -> Result<Self, Error> {
        let host = ascii_name(host)?;
        let domains =
            domains.into_iter().map(|name| ascii_name(name.as_ref())).collect::<Result<Vec<_>, _>>()?;
        if domains.is_empty() {
            return Err(Error::new(Code::BadName, ""));
        }
        let addresses = addresses.into_iter().filter(|address| !address.is_unspecified()).collect();
        Ok(Self { host, domains, addresses })
    }

    /// The server's own name.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The first mail domain: the one the authority is called after.
    pub(crate) fn first_domain(&self) -> &str {
        self.domains.first().map_or(self.host.as_str(), String::as_str)
    }

    /// The DNS names of the server certificate: the host, `localhost` for clients on this machine, and for each domain
    /// itself and the names that clients guess when they set themselves up (`imap.` and `smtp.`).
    pub(crate) fn dns_names(&self) -> Vec<String> {
        let mut names = vec![self.host.clone()];
        for domain in &self.domains {
            names.extend([domain.clone(), format!("imap.{domain}"), format!("smtp.{domain}")]);
        }
        names.push("localhost".to_owned());
        without_repeats(names)
    }

    /// The IP addresses of the server certificate: loopback, and what the server listens on.
    pub(crate) fn ip_addresses(&self) -> Vec<IpAddr> {
        let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        addresses.extend(&self.addresses);
        without_repeats(addresses)
    }

    /// The DNS subtrees the authority may vouch for. A host outside of every domain stands for itself.
    pub(crate) fn dns_subtrees(&self) -> Vec<String> {
        let mut subtrees = self.domains.clone();
        if !subtrees.iter().any(|subtree| within(&self.host, subtree)) {
            subtrees.push(self.host.clone());
        }
        subtrees.push("localhost".to_owned());
        without_repeats(subtrees)
    }

    /// The mail domains, for the e-mail constraint of the authority.
    pub(crate) fn domains(&self) -> &[String] {
        &self.domains
    }
}

/// Whether `name` is `subtree` or below it (RFC 5280 §4.2.1.10), both as A-labels.
pub(crate) fn within(name: &str, subtree: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let subtree = subtree.to_ascii_lowercase();
    match name.strip_suffix(&subtree) {
        Some(above) => above.is_empty() || above.ends_with('.'),
        None => false,
    }
}

fn ascii_name(name: &str) -> Result<String, Error> {
    let bad = || Error::new(Code::BadName, name);
    let plain = name.strip_suffix('.').unwrap_or(name);
    let ascii = idna::domain_to_ascii_strict(plain).map_err(|_| bad())?;
    // An address in the place of a name would be put among the DNS names, where no client looks for it.
    if ascii.is_empty() || ascii.len() > MAX_NAME || ascii.parse::<IpAddr>().is_ok() {
        return Err(bad());
    }
    Ok(ascii)
}

fn without_repeats<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_names_host_domain_guesses_and_loopback() {
        let names = Names::new(
            "mail.lab.test",
            ["lab.test"],
            ["0.0.0.0".parse().unwrap(), "10.1.2.3".parse().unwrap()],
        )
        .unwrap();
        assert_eq!(
            names.dns_names(),
            ["mail.lab.test", "lab.test", "imap.lab.test", "smtp.lab.test", "localhost"]
        );
        let addresses: Vec<String> = names.ip_addresses().iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["127.0.0.1", "::1", "10.1.2.3"]);
    }

    #[test]
    fn a_host_outside_the_domains_gets_a_subtree_of_its_own() {
        let inside = Names::new("mail.lab.test", ["lab.test"], []).unwrap();
        assert_eq!(inside.dns_subtrees(), ["lab.test", "localhost"]);
        let outside = Names::new("mx.provider.test", ["lab.test"], []).unwrap();
        assert_eq!(outside.dns_subtrees(), ["lab.test", "mx.provider.test", "localhost"]);
    }

    #[test]
    fn names_become_a_labels_in_lower_case() {
        let names = Names::new("Correo.España.test.", ["españa.test"], []).unwrap();
        assert_eq!(names.host(), "correo.xn--espaa-rta.test");
    }

    #[test]
    fn what_is_no_host_name_is_refused() {
        for bad in
            ["", ".", "a b.test", "a_b.test", "-a.test", "127.0.0.1", "::1", "a..test", "*.lab.test", "a/b"]
        {
            let error = Names::new(bad, ["lab.test"], []).unwrap_err();
            assert_eq!((error.code(), error.object()), (Code::BadName, bad));
        }
        assert!(Names::new("lab.test", Vec::<String>::new(), []).is_err());
        assert!(Names::new(&format!("{}.test", "a.".repeat(130)), ["lab.test"], []).is_err());
    }

    #[test]
    fn a_subtree_ends_at_a_dot() {
        assert!(within("lab.test", "lab.test"));
        assert!(within("a.b.lab.test", "LAB.test"));
        assert!(!within("evillab.test", "lab.test"));
        assert!(!within("test", "lab.test"));
    }
}
