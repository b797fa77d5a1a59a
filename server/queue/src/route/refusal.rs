//! What a recipient is refused with. Every text of routing is here.

use postigo_smtp::{Address, EnhancedCode};
use std::fmt;

/// A reply to RCPT, or the reason of a bounce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The three digits; 4yz is for now, 5yz for good.
    pub code: u16,
    /// `class.subject.detail` (RFC 3463).
    pub enhanced: EnhancedCode,
    /// English, one line of printable ASCII.
    pub text: String,
}

impl Refusal {
    fn new(code: u16, enhanced: EnhancedCode, text: impl Into<String>) -> Self {
        let text: String = text.into();
        let text = text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).take(400).collect();
        Self { code, enhanced, text }
    }

    fn about(code: u16, enhanced: EnhancedCode, address: &Address, text: &str) -> Self {
        Self::new(code, enhanced, format!("<{address}>: {text}"))
    }

    /// Whether it refuses for good.
    pub fn is_permanent(&self) -> bool {
        self.code >= 500
    }

    pub(crate) fn relay_denied(address: &Address) -> Self {
        Self::about(554, EnhancedCode(5, 7, 1), address, "Relay access denied")
    }

    pub(crate) fn user_unknown(address: &Address) -> Self {
        Self::about(550, EnhancedCode(5, 1, 1), address, "Recipient address rejected: User unknown")
    }

    pub(crate) fn user_unknown_in_virtual_alias_table(address: &Address) -> Self {
        let text = "Recipient address rejected: User unknown in virtual alias table";
        Self::about(550, EnhancedCode(5, 1, 1), address, text)
    }

    pub(crate) fn user_unknown_in_relay_recipient_table(address: &Address) -> Self {
        let text = "Recipient address rejected: User unknown in relay recipient table";
        Self::about(550, EnhancedCode(5, 1, 1), address, text)
    }

    pub(crate) fn mailbox_disabled(address: &Address) -> Self {
        Self::about(550, EnhancedCode(5, 2, 1), address, "Recipient address rejected: Mailbox disabled")
    }

    pub(crate) fn nobody_here(address: &Address) -> Self {
        Self::about(451, EnhancedCode(4, 3, 5), address, "There is no account here yet, try again later")
    }

    /// RFC 5321 §6.3 in the small: the address leads back to itself.
    pub(crate) fn alias_loop(chain: &[String]) -> Self {
        Self::new(554, EnhancedCode(5, 4, 6), format!("Alias loop: {}", chain.join(" -> ")))
    }

    pub(crate) fn forwarding_loop(address: &str) -> Self {
        Self::new(554, EnhancedCode(5, 4, 6), format!("Mail forwarding loop for {address}"))
    }

    pub(crate) fn too_many_aliases(address: &Address) -> Self {
        Self::about(451, EnhancedCode(4, 3, 5), address, "Aliases of this address lead to too many others")
    }

    pub(crate) fn bad_domain(address: &Address) -> Self {
        Self::about(550, EnhancedCode(5, 1, 2), address, "There is no way to a domain of this form")
    }

    pub(crate) fn bad_return_address(address: &Address, why: &str) -> Self {
        Self::about(550, EnhancedCode(5, 1, 1), address, &format!("Rewritten return address: {why}"))
    }

    /// A server said that there is no such address, or a person wants nothing to be sent there.
    pub(crate) fn suppressed(address: &Address, bounced: bool, reply: &str) -> Self {
        let text = match bounced {
            true => {
                format!("Not sent: its server said before: {reply} (on the suppression list of this server)")
            }
            false => "Not sent: the address is on the suppression list of this server".to_owned(),
        };
        let enhanced = if bounced { EnhancedCode(5, 1, 1) } else { EnhancedCode(5, 7, 1) };
        Self::about(550, enhanced, address, &text)
    }

    /// `error:` and `retry:` of `transport_maps`; an enhanced code at the beginning of the text counts.
    pub(crate) fn configured(is_permanent: bool, text: &str) -> Self {
        let (code, class) = if is_permanent { (550, 5) } else { (450, 4) };
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        let given = parse_enhanced(first).filter(|enhanced| enhanced.0 == class);
        let (enhanced, text) = match given {
            Some(enhanced) => (enhanced, rest.trim_start()),
            None => (EnhancedCode(class, 0, 0), text),
        };
        let text = if text.is_empty() { "Address is undeliverable" } else { text };
        Self::new(code, enhanced, text)
    }
}

fn parse_enhanced(text: &str) -> Option<EnhancedCode> {
    let mut numbers = text.splitn(3, '.');
    let class = numbers.next()?.parse().ok()?;
    let subject = numbers.next()?.parse().ok().filter(|&number: &u16| number < 1000)?;
    let detail = numbers.next()?.parse().ok().filter(|&number: &u16| number < 1000)?;
    Some(EnhancedCode(class, subject, detail))
}

/// `550 5.1.1 text`
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.code, self.enhanced, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_transport_may_begin_with_an_enhanced_code() {
        let shown = |permanent, text| Refusal::configured(permanent, text).to_string();
        assert_eq!(shown(true, "5.7.1 Not from here"), "550 5.7.1 Not from here");
        assert_eq!(
            shown(true, "mail for *.example.net is not deliverable"),
            "550 5.0.0 mail for *.example.net is not deliverable"
        );
        assert_eq!(shown(false, "4.3.2 Moving house"), "450 4.3.2 Moving house");
        assert_eq!(shown(true, "4.3.2 x"), "550 5.0.0 4.3.2 x");
        assert_eq!(shown(true, ""), "550 5.0.0 Address is undeliverable");
        assert_eq!(shown(true, "caf\u{e9}\r\nx"), "550 5.0.0 caf???x");
    }
}
