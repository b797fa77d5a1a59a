//! The way to an address that is not ours: transports, relay host, MX.

use super::{Class, HostPort, NextHop, Refusal, Routes, Step, Transport, domain_text};
use postigo_smtp::{Address, ReversePath};

/// What becomes of mail for an address that is not delivered here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outward {
    /// It is sent there.
    To(NextHop),
    /// It is not.
    Error(Refusal),
    /// It is thrown away.
    Discard,
}

impl Routes {
    /// The way to an address, whether or not it is ours; asked again before each delivery, so that a change of the
    /// configuration counts for what is in the queue. `reverse_path` is that of the message as it is sent on.
    pub fn next_hop(
        &self,
        recipient: &Address,
        reverse_path: &ReversePath,
        steps: &mut Vec<Step>,
    ) -> Outward {
        let domain = domain_text(recipient.domain());
        match self.transport(recipient, &domain, steps) {
            None | Some(Transport::Default) => {}
            Some(Transport::Smtp(Some(to))) => {
                return Outward::To(self.complete(to, Some(reverse_path), steps));
            }
            Some(Transport::Smtp(None)) => return self.by_domain(recipient, &domain, steps),
            Some(Transport::Discard) => return Outward::Discard,
            Some(transport @ (Transport::Error(_) | Transport::Retry(_))) => {
                return match transport.refusal() {
                    Some(refusal) => Outward::Error(refusal),
                    None => Outward::Discard,
                };
            }
        }
        match self.relayhost(reverse_path, steps) {
            Some(to) => Outward::To(self.complete(to, Some(reverse_path), steps)),
            None => self.by_domain(recipient, &domain, steps),
        }
    }

    fn transport(&self, recipient: &Address, domain: &str, steps: &mut Vec<Step>) -> Option<&Transport> {
        let (whole, split) = self.local_parts(recipient.local_part());
        let base = split.as_ref().map(|(base, _)| base.as_str());
        let local_parts: Vec<&str> = [whole.as_str()].into_iter().chain(base).collect();
        let (pattern, transport) = self.transports.find(&local_parts, domain)?;
        steps.push(Step::Transport { pattern: pattern.to_owned(), transport: transport.to_string() });
        Some(transport)
    }

    fn relayhost(&self, reverse_path: &ReversePath, steps: &mut Vec<Step>) -> Option<&HostPort> {
        if let Some((key, to)) =
            self.sender_keys(reverse_path).find_map(|k| self.sender_relayhosts.get_key_value(&k))
        {
            steps.push(Step::SenderRelayhost { key: key.clone(), next_hop: to.to_string() });
            return Some(to);
        }
        let to = self.relayhost.as_ref()?;
        steps.push(Step::Relayhost { next_hop: to.to_string() });
        Some(to)
    }

    /// `user@domain`, `@domain`.
    fn sender_keys(&self, reverse_path: &ReversePath) -> impl Iterator<Item = String> + use<> {
        let address = reverse_path.address();
        let keys = address.map(|address| {
            let domain = domain_text(address.domain());
            let (whole, split) = self.local_parts(address.local_part());
            let base = split.map(|(base, _)| format!("{base}@{domain}"));
            [Some(format!("{whole}@{domain}")), base, Some(format!("@{domain}"))]
        });
        keys.into_iter().flatten().flatten()
    }

    fn by_domain(&self, recipient: &Address, domain: &str, steps: &mut Vec<Step>) -> Outward {
        let Some(to) = HostPort::of_domain(recipient.domain(), domain) else {
            steps.push(Step::UnknownLiteral { domain: domain.to_owned() });
            return Outward::Error(Refusal::bad_domain(recipient));
        };
        steps.push(if to.mx {
            Step::Mx { domain: domain.to_owned() }
        } else {
            Step::AddressLiteral { address: to.host.clone() }
        });
        Outward::To(self.complete(&to, None, steps))
    }

    /// Adds what is configured for a next hop. `user` is given where the configuration chose the next hop: a password that
    /// is kept for a sender must not reach the mail exchangers of whomever they write to.
    fn complete(&self, to: &HostPort, user: Option<&ReversePath>, steps: &mut Vec<Step>) -> NextHop {
        let written = to.to_string();
        let tls = match self.tls_levels.get(&written).or_else(|| self.tls_levels.get(&to.host)) {
            None => self.tls_level,
            Some(&level) => {
                steps.push(Step::TlsPolicy { next_hop: written.clone(), level: level.name().to_owned() });
                level
            }
        };
        let by_sender = user.filter(|_| self.sender_credentials).map(|user| self.sender_keys(user));
        let by_sender = by_sender.into_iter().flatten();
        let credentials =
            by_sender.chain([written, to.host.clone()]).find(|key| self.credentials.contains(key));
        if let Some(key) = &credentials {
            steps.push(Step::Credentials { key: key.clone() });
        }
        NextHop::new(to, tls, credentials, self.bind.clone())
    }

    /// Whether we may send in the name of a reverse-path as far as SPF is concerned: `<>` and our own domains.
    pub(crate) fn is_our_sender(&self, reverse_path: &ReversePath) -> bool {
        let is_ours =
            |address: &Address| matches!(self.class(address.domain()), Class::Local(_) | Class::VirtualAlias);
        reverse_path.address().is_none_or(is_ours)
    }
}
