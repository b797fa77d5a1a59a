//! Access tables, written into the list: `check_client_access inline:{ 192.0.2.7=REJECT, { a.test = 550 5.7.1 No, thanks } }`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use postigo_smtp::{EnhancedCode, Judged, Reply, ReversePath};

use crate::name;
use crate::parse::{BadRestriction, Fault, Token, inside, split};

/// What is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKey {
    /// `check_client_access`: name, parent domains, address, networks by octets.
    Client,
    /// `check_helo_access`: name, parent domains.
    Hello,
    /// `check_sender_access`: address, domain, parent domains, `user@`; `<>` is the null sender.
    Sender,
    /// `check_recipient_access`.
    Recipient,
}

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `OK`, or a number: the list says yes.
    Permit,
    /// `DUNNO`: the list goes on, and no other key is looked up.
    Pass,
    /// `REJECT`, `DEFER`, a reply.
    Refuse(Said),
    /// `DEFER_IF_PERMIT`.
    DeferIfPermit(Said),
    /// `DEFER_IF_REJECT`.
    DeferIfReject(Said),
}

/// What an entry replies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    code: u16,
    enhanced: EnhancedCode,
    text: String,
}

impl Said {
    pub(crate) fn reply(&self, judged: Judged, name: &str) -> Reply {
        Reply::of_access_table(self.code, self.enhanced, judged, name, &self.text)
    }
}

/// Keys in lower case, and what they do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessTable(BTreeMap<String, Action>);

impl AccessTable {
    pub(crate) fn parse(token: &Token<'_>) -> Result<Self, BadRestriction> {
        let at = |position, fault| BadRestriction { position, fault };
        let inline = token.text.strip_prefix("inline:");
        let group = inline.map(|text| Token { position: token.position + 7, text });
        let Some(group) = group.as_ref().and_then(inside) else {
            return Err(at(token.position, Fault::Table(token.text.to_owned())));
        };
        let mut table = Self::default();
        for line in split(group.text, group.position)? {
            let text = inside(&line).map_or(line.text, |inner| inner.text).trim();
            let (key, action) =
                text.split_once('=').ok_or_else(|| at(line.position, Fault::TableEntry(text.to_owned())))?;
            let action = Action::parse(action.trim())
                .ok_or_else(|| at(line.position, Fault::Action(action.trim().to_owned())))?;
            let key = key.trim().to_lowercase();
            if key.is_empty() {
                return Err(at(line.position, Fault::TableEntry(text.to_owned())));
            }
            if table.0.insert(key.clone(), action).is_some() {
                return Err(at(line.position, Fault::TwiceInTable(key)));
            }
        }
        Ok(table)
    }

    /// Whether some entry says yes.
    pub(crate) fn permits(&self) -> bool {
        self.0.values().any(|action| *action == Action::Permit)
    }

    /// Whether some key is a name, so that the client's has to be known.
    pub(crate) fn has_names(&self) -> bool {
        let is_address =
            |key: &str| key.contains(':') || key.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.');
        self.0.keys().any(|key| !is_address(key))
    }

    pub(crate) fn of_address(&self, address: IpAddr) -> Option<&Action> {
        let text = address.to_canonical().to_string();
        let separator = if address.to_canonical().is_ipv4() { '.' } else { ':' };
        let mut key = text.as_str();
        loop {
            if let Some(action) = self.0.get(key) {
                return Some(action);
            }
            key = key.rsplit_once(separator)?.0;
        }
    }

    /// A domain covers those below it (`parent_domain_matches_subdomains` holds `smtpd_access_maps`).
    pub(crate) fn of_name(&self, name: &str) -> Option<&Action> {
        let name = name::without_root(name).to_lowercase();
        let mut key = name.as_str();
        loop {
            if let Some(action) = self.0.get(key) {
                return Some(action);
            }
            key = key.split_once('.')?.1;
        }
    }

    /// The address, first with and then without its extension, its domain, its local part.
    pub(crate) fn of_mail(&self, local_part: &str, domain: &str, delimiters: &str) -> Option<&Action> {
        let whole = local_part.to_lowercase();
        let base =
            whole.find(|c| delimiters.contains(c)).filter(|&at| at > 0).map(|at| whole[..at].to_owned());
        let locals: Vec<_> = [Some(whole), base].into_iter().flatten().collect();
        let domain = domain.to_lowercase();
        let find = |key: String| self.0.get(&key);
        locals
            .iter()
            .find_map(|local| find(format!("{local}@{domain}")))
            .or_else(|| self.of_name(&domain))
            .or_else(|| locals.iter().find_map(|local| find(format!("{local}@"))))
    }

    pub(crate) fn of_reverse_path(&self, path: &ReversePath, delimiters: &str) -> Option<&Action> {
        match path {
            // `smtpd_null_access_lookup_key`.
            ReversePath::Null => self.0.get("<>"),
            ReversePath::Address(address) => {
                self.of_mail(address.local_part(), &address.domain().to_string(), delimiters)
            }
        }
    }
}

impl Action {
    fn parse(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        let or = |text: &str, usual: &str| if text.is_empty() { usual.to_owned() } else { text.to_owned() };
        let said = |code, enhanced, usual| {
            let class = if code >= 500 { 5 } else { 4 };
            let (enhanced, text) = enhanced_first(rest, class).unwrap_or((enhanced, rest));
            Said { code, enhanced, text: or(text, usual) }
        };
        let later = |usual| said(450, EnhancedCode(4, 7, 1), usual);
        match word.to_ascii_uppercase().as_str() {
            "OK" | "PERMIT" if rest.is_empty() => Some(Self::Permit),
            "DUNNO" if rest.is_empty() => Some(Self::Pass),
            "REJECT" => Some(Self::Refuse(said(554, EnhancedCode(5, 7, 1), "Access denied"))),
            "DEFER" => Some(Self::Refuse(later("Access denied"))),
            "DEFER_IF_PERMIT" => Some(Self::DeferIfPermit(later("Service unavailable"))),
            "DEFER_IF_REJECT" => Some(Self::DeferIfReject(later("Service unavailable"))),
            number if !number.is_empty() && number.bytes().all(|octet| octet.is_ascii_digit()) => {
                let code = number.parse().ok().filter(|code| (400..600).contains(code));
                match code {
                    Some(code) if number.len() == 3 => {
                        let class = if code >= 500 { 5 } else { 4 };
                        Some(Self::Refuse(said(code, EnhancedCode(class, 7, 1), "Access denied")))
                    }
                    // What tools write who only want the key to be there.
                    _ => rest.is_empty().then_some(Self::Permit),
                }
            }
            _ => None,
        }
    }
}

/// An enhanced code at the beginning of a text, if it is of the reply's class.
fn enhanced_first(text: &str, class: u8) -> Option<(EnhancedCode, &str)> {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut numbers = first.splitn(3, '.');
    let mut number = || numbers.next()?.parse::<u16>().ok().filter(|number| *number < 1000);
    let (given, subject, detail) = (number()?, number()?, number()?);
    (given == u16::from(class)).then(|| (EnhancedCode(class, subject, detail), rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &str) -> AccessTable {
        let text = format!("inline:{{ {lines} }}");
        AccessTable::parse(&Token { position: 1, text: &text }).unwrap()
    }

    fn action(text: &str) -> Option<Action> {
        Action::parse(text)
    }

    #[test]
    fn a_client_is_found_by_its_address_and_the_networks_it_is_in() {
        let table = table("192.0.2.7=OK, 192.0.2=REJECT, 10=DUNNO, 2001:db8:1=OK");
        let of = |address: &str| table.of_address(address.parse().unwrap());
        assert_eq!(of("192.0.2.7"), Some(&Action::Permit));
        assert_eq!(of("::ffff:192.0.2.7"), Some(&Action::Permit));
        assert!(matches!(of("192.0.2.70"), Some(Action::Refuse(_))));
        assert_eq!(of("10.1.2.3"), Some(&Action::Pass));
        assert_eq!(of("2001:db8:1::5"), Some(&Action::Permit));
        assert_eq!(of("192.0.20.7"), None);
        assert!(!table.has_names());
    }

    #[test]
    fn a_domain_covers_those_below_it_and_an_address_comes_before_its_domain() {
        let table = table("spam.test=REJECT, ana@spam.test=OK, root@=DUNNO, <>=OK");
        assert!(matches!(table.of_name("mail.SPAM.test"), Some(Action::Refuse(_))));
        assert_eq!(table.of_name("notspam.test"), None);
        assert_eq!(table.of_mail("Ana", "spam.test", ""), Some(&Action::Permit));
        assert_eq!(table.of_mail("ana+x", "spam.test", "+"), Some(&Action::Permit));
        assert!(matches!(table.of_mail("eva", "spam.test", "+"), Some(Action::Refuse(_))));
        assert_eq!(table.of_mail("root", "a.test", ""), Some(&Action::Pass));
        assert_eq!(table.of_reverse_path(&ReversePath::Null, ""), Some(&Action::Permit));
        assert!(table.has_names());
    }

    #[test]
    fn actions_are_read_with_their_codes() {
        let reply = |text: &str| match action(text) {
            Some(Action::Refuse(said) | Action::DeferIfPermit(said) | Action::DeferIfReject(said)) => {
                said.reply(Judged::Client, "unknown[192.0.2.7]").to_string()
            }
            other => format!("{other:?}"),
        };
        let client = "<unknown[192.0.2.7]>: Client host rejected:";
        assert_eq!(reply("REJECT"), format!("554 5.7.1 {client} Access denied"));
        assert_eq!(reply("reject 5.7.9 No, thanks"), format!("554 5.7.9 {client} No, thanks"));
        assert_eq!(reply("DEFER"), format!("450 4.7.1 {client} Access denied"));
        assert_eq!(reply("550 Go away"), format!("550 5.7.1 {client} Go away"));
        assert_eq!(reply("451 5.1.1 x"), format!("451 4.7.1 {client} 5.1.1 x"));
        assert_eq!(reply("DEFER_IF_PERMIT"), format!("450 4.7.1 {client} Service unavailable"));
        assert_eq!(action("1234567"), Some(Action::Permit));
        for bad in ["HOLD", "REDIRECT a@b.test", "OK yes", "permit_mynetworks", "", "250 fine"] {
            assert_eq!(action(bad), None, "{bad}");
        }
    }
}
