//! The argument of ETRN (RFC 1985 §5.1).

use crate::address::Domain;

/// Whose mail is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The domain, in lower case.
    pub domain: String,
    /// Written with `@` before it: its subdomains, too.
    pub subdomains: bool,
}

impl Node {
    /// Reads a domain, perhaps with an `@` before it. Queues by name (`#`) do not exist here.
    pub(super) fn parse(argument: &[u8]) -> Option<Self> {
        let (domain, subdomains) = match argument.strip_prefix(b"@") {
            Some(domain) => (domain, true),
            None => (argument, false),
        };
        let domain = Domain::parse(domain).ok()?.name()?.to_ascii_lowercase();
        Some(Self { domain, subdomains })
    }

    /// Whether mail for this domain is meant.
    pub fn covers(&self, domain: &str) -> bool {
        let domain = domain.to_ascii_lowercase();
        let is_below = || domain.strip_suffix(&self.domain).is_some_and(|rest| rest.ends_with('.'));
        domain == self.domain || self.subdomains && is_below()
    }
}

#[cfg(test)]
mod tests {
    use super::Node;

    #[test]
    fn a_node_covers_its_domain_and_with_at_its_subdomains() {
        let node = Node::parse(b"Inner.test").unwrap();
        assert!(node.covers("inner.TEST") && !node.covers("a.inner.test"));
        let node = Node::parse(b"@inner.test").unwrap();
        assert!(node.covers("inner.test") && node.covers("a.inner.test") && !node.covers("ainner.test"));
        for fault in [&b""[..], b"@", b"#queue", b"a b", b"[192.0.2.1]", b"@@x.test"] {
            assert_eq!(Node::parse(fault), None);
        }
    }
}
