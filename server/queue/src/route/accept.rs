//! The answer to RCPT.

use super::{Class, Destination, Directory, Mail, Network, NextHop, Refusal, Routes, Step, domain_text};
use postigo_smtp::{Address, Recipient};
use std::net::IpAddr;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    /// The address it connects from.
    pub address: IpAddr,
    /// As whom it has logged in.
    pub user: Option<&'a str>,
}

/// What RCPT is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Accept,
    /// No.
    Refuse(Refusal),
    /// Yes if the next hop says yes to this recipient; no if it says no; for now no if it cannot be asked.
    CallAhead {
        /// Whom to ask.
        next_hop: NextHop,
        /// About whom.
        recipient: Address,
    },
}

/// A verdict with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// Where the message would go; empty if the client has no right to send there.
    pub destinations: Vec<Destination>,
    /// How it came to this.
    pub steps: Vec<Step>,
}

impl Decision {
    fn refuse(refusal: Refusal, steps: Vec<Step>) -> Self {
        Self { verdict: Verdict::Refuse(refusal), destinations: Vec::new(), steps }
    }
}

impl Routes {
    /// Whether a client may send to a recipient, and what would become of the message, where nobody changed
    /// `smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination`.
    pub fn accept(
        &self,
        directory: &dyn Directory,
        client: Client<'_>,
        recipient: &Recipient,
        mail: Mail<'_>,
    ) -> Decision {
        let mut steps = Vec::new();
        if let Recipient::Address(address) = recipient
            && let Err(refusal) = self.may_send(client, address, &mut steps)
        {
            return Decision::refuse(refusal, steps);
        }
        let mut taken = self.take(directory, recipient, mail);
        steps.append(&mut taken.steps);
        Decision { steps, ..taken }
    }

    /// What becomes of a message whose client has the right to send to this recipient.
    pub fn take(&self, directory: &dyn Directory, recipient: &Recipient, mail: Mail<'_>) -> Decision {
        let resolution = self.resolve(directory, recipient, mail);
        let (destinations, mut steps) = (resolution.destinations, resolution.steps);
        // Refusing is better than a bounce; but a list with one dead member is not refused for all.
        let mut refusals = destinations.iter().map(|found| match found {
            Destination::Error { refusal, .. } => Some(refusal.clone()),
            _ => None,
        });
        let first = refusals.next().flatten();
        let verdict = match first.filter(|_| refusals.all(|refusal| refusal.is_some())) {
            Some(refusal) => Verdict::Refuse(refusal),
            None => self.relay_verdict(recipient, &destinations, &mut steps),
        };
        Decision { verdict, destinations, steps }
    }

    /// The entry of `mynetworks` that an address is in.
    pub fn trusts(&self, address: IpAddr) -> Option<&Network> {
        self.networks.iter().find(|network| network.contains(address))
    }

    /// Why mail for a recipient needs the right to relay; nothing if it needs none.
    pub fn relays(&self, recipient: &Recipient) -> Option<Step> {
        let address = recipient.address()?;
        if self.class(address.domain()) == Class::Foreign {
            return Some(Step::ForeignDomain { domain: domain_text(address.domain()) });
        }
        // `user%other@us`, `"user@other"@us`, `other!user@us`. We do not read them as routes, but the server behind us
        // may (RFC 5321 appendix C, `allow_untrusted_routing`); and a catch-all must not take them for a user.
        let local_part = address.local_part();
        let is_routed = local_part.contains(['%', '!', '@']);
        is_routed.then(|| Step::RoutedAddress { local_part: local_part.to_owned() })
    }

    /// Relaying needs a right; our own recipients do not.
    fn may_send(&self, client: Client<'_>, address: &Address, steps: &mut Vec<Step>) -> Result<(), Refusal> {
        let network = self.trusts(client.address);
        let right = if let Some(network) = network.filter(|_| self.networks_may_relay) {
            Some(Step::TrustedNetwork { address: client.address, network: network.to_string() })
        } else {
            let user = client.user.filter(|_| self.users_may_relay);
            user.map(|user| Step::LoggedIn { user: user.to_owned() })
        };
        if let Some(right) = right {
            steps.push(right);
            return Ok(());
        }
        let Some(why) = self.relays(&Recipient::Address(address.clone())) else { return Ok(()) };
        steps.extend([why, Step::RelayDenied { address: client.address }]);
        Err(Refusal::relay_denied(address))
    }

    /// For relay domains: does the recipient exist behind us?
    fn relay_verdict(
        &self,
        recipient: &Recipient,
        destinations: &[Destination],
        steps: &mut Vec<Step>,
    ) -> Verdict {
        let Recipient::Address(given) = recipient else { return Verdict::Accept };
        // An alias says that its address exists; what it leads to is its owner's business.
        let [Destination::Remote { recipient: address, next_hop, .. }] = destinations else {
            return Verdict::Accept;
        };
        if given != address || !matches!(self.class(address.domain()), Class::Relay(_)) {
            return Verdict::Accept;
        }
        if let Some(known) = &self.relay_recipients {
            let keys = self.relay_recipient_keys(address);
            let Some(entry) = keys.into_iter().find(|key| known.contains(key)) else {
                steps.push(Step::UnknownRelayRecipient { address: address.to_string() });
                return Verdict::Refuse(Refusal::user_unknown_in_relay_recipient_table(address));
            };
            steps.push(Step::KnownRelayRecipient { entry });
            return Verdict::Accept;
        }
        if self.call_ahead {
            steps.push(Step::CallAhead { next_hop: next_hop.written().to_string() });
            return Verdict::CallAhead { next_hop: next_hop.clone(), recipient: address.clone() };
        }
        Verdict::Accept
    }

    fn relay_recipient_keys(&self, address: &Address) -> Vec<String> {
        let domain = domain_text(address.domain());
        let (whole, split) = self.local_parts(address.local_part());
        let base = split.map(|(base, _)| format!("{base}@{domain}"));
        [Some(format!("{whole}@{domain}")), base, Some(format!("@{domain}"))].into_iter().flatten().collect()
    }
}
