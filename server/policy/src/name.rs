//! What a host name looks like, as Postfix's `valid_hostname` has it.

use std::net::IpAddr;

/// The longest name, in octets (RFC 1035 §2.3.4).
const NAME_OCTETS: usize = 255;

/// The longest label, in octets (RFC 1035 §2.3.4).
const LABEL_OCTETS: usize = 63;

/// Letters, digits, hyphens and underscores between dots; no hyphen at the end of a label, not all of it digits.
pub(crate) fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_OCTETS
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
    };
    let all_digits = name.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.');
    name.len() <= NAME_OCTETS && !all_digits && name.split('.').all(is_label)
}

/// The name without the dot that may end it.
pub(crate) fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether a name in EHLO is a literal, `[192.0.2.7]` (RFC 5321 §4.1.3).
pub(crate) fn is_literal(name: &str) -> bool {
    name.starts_with('[')
}

/// Whether a name in EHLO is one at all (`reject_invalid_helo_hostname`).
pub(crate) fn is_valid_hello(name: &str) -> bool {
    if let Some(inner) = name.strip_prefix('[') {
        let Some(inner) = inner.strip_suffix(']') else { return false };
        let tag = inner.get(..5).filter(|tag| tag.eq_ignore_ascii_case("IPv6:"));
        return tag.map_or(inner, |_| &inner[5..]).parse::<IpAddr>().is_ok();
    }
    is_host_name(without_root(name)) || name.parse::<IpAddr>().is_ok()
}

/// Whether it has a domain (`reject_non_fqdn_*`).
pub(crate) fn is_qualified(name: &str) -> bool {
    let name = without_root(name);
    is_host_name(name) && name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_ehlo_are_told_apart() {
        for (name, valid, qualified) in [
            ("mail.lab.test", true, true),
            ("mail.lab.test.", true, true),
            ("localhost", true, false),
            ("under_score.lab.test", true, true),
            ("192.0.2.7", true, false),
            ("[192.0.2.7]", true, false),
            ("[IPv6:2001:db8::7]", true, false),
            ("[192.0.2.7", false, false),
            ("[mail]", false, false),
            ("-mail.test", false, false),
            ("mail..test", false, false),
            ("ma!l.test", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_valid_hello(name), is_qualified(name)), (valid, qualified), "{name}");
        }
        assert!(!is_host_name(&format!("{}.test", "a".repeat(64))));
        assert!(!is_host_name(&"a.".repeat(130)));
    }
}
