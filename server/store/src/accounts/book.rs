//! The accounts in memory, for lookups that must not wait.

use super::{Account, Recipient};
use crate::AccountId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An unchanging copy of accounts and aliases.
#[derive(Debug, Default)]
pub(crate) struct Book {
    by_id: HashMap<AccountId, Account>,
    /// Domain and folded local part, so that listing is in order.
    by_address: BTreeMap<(String, String), AccountId>,
    by_local_part: HashMap<String, Vec<AccountId>>,
    aliases: HashMap<(String, String), AccountId>,
    domains: BTreeSet<String>,
}

impl Book {
    pub(super) fn new(accounts: Vec<Account>, aliases: Vec<(String, String, AccountId)>) -> Self {
        let mut book = Self::default();
        for account in accounts {
            let local_part = account.local_part.to_ascii_lowercase();
            book.domains.insert(account.domain.clone());
            book.by_address.insert((account.domain.clone(), local_part.clone()), account.id);
            book.by_local_part.entry(local_part).or_default().push(account.id);
            book.by_id.insert(account.id, account);
        }
        for (local_part, domain, account) in aliases {
            book.domains.insert(domain.clone());
            book.aliases.insert((domain, local_part.to_ascii_lowercase()), account);
        }
        book
    }

    pub(super) fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.by_address.values().filter_map(|id| self.by_id.get(id))
    }

    pub(super) fn by_id(&self, id: AccountId) -> Option<&Account> {
        self.by_id.get(&id)
    }

    pub(super) fn by_address(&self, local_part: &str, domain: &str) -> Option<&Account> {
        self.by_address.get(&key(local_part, domain)).and_then(|id| self.by_id.get(id))
    }

    pub(super) fn by_login(&self, login: &str) -> Option<&Account> {
        if let Some((local_part, domain)) = login.rsplit_once('@') {
            return self.by_address(local_part, domain);
        }
        match self.by_local_part.get(&login.to_ascii_lowercase())?[..] {
            [only] => self.by_id.get(&only),
            // In more than one domain: guessing would let one try the other's password.
            _ => None,
        }
    }

    pub(super) fn resolve(&self, local_part: &str, domain: &str) -> Recipient {
        let key = key(local_part, domain);
        let id = self.by_address.get(&key).or_else(|| self.aliases.get(&key));
        match id.and_then(|id| self.by_id.get(id)) {
            Some(account) if account.enabled => Recipient::Account(account.id),
            Some(_) => Recipient::Disabled,
            None if self.domains.contains(&key.0) => Recipient::Unknown,
            None => Recipient::NotOurs,
        }
    }

    pub(super) fn aliases_of(&self, id: AccountId) -> Vec<String> {
        let mine = self.aliases.iter().filter(|(_, account)| **account == id);
        let mut addresses: Vec<String> =
            mine.map(|((domain, local_part), _)| format!("{local_part}@{domain}")).collect();
        addresses.sort_unstable();
        addresses
    }

    pub(super) fn domains(&self) -> Vec<String> {
        self.domains.iter().cloned().collect()
    }
}

fn key(local_part: &str, domain: &str) -> (String, String) {
    (domain.to_ascii_lowercase(), local_part.to_ascii_lowercase())
}
