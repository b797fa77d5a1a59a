//! The accounts in memory, for lookups that must not wait.

use super::{Account, Alias, Forward};
use crate::AccountId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An unchanging copy of accounts and aliases.
#[derive(Debug, Default)]
pub(crate) struct Book {
    by_id: HashMap<AccountId, Account>,
    /// Domain and folded local part, so that listing is in order.
    by_address: BTreeMap<(String, String), AccountId>,
    by_local_part: HashMap<String, Vec<AccountId>>,
    /// By folded name.
    aliases: BTreeMap<String, Alias>,
    forwards: BTreeMap<AccountId, Forward>,
    domains: BTreeSet<String>,
}

impl Book {
    pub(super) fn new(accounts: Vec<Account>, aliases: Vec<Alias>, forwards: Vec<Forward>) -> Self {
        let mut book = Self::default();
        for account in accounts {
            let local_part = account.local_part.to_ascii_lowercase();
            book.domains.insert(account.domain.clone());
            book.by_address.insert((account.domain.clone(), local_part.clone()), account.id);
            book.by_local_part.entry(local_part).or_default().push(account.id);
            book.by_id.insert(account.id, account);
        }
        book.aliases = aliases.into_iter().map(|alias| (alias.name.to_ascii_lowercase(), alias)).collect();
        book.forwards = forwards.into_iter().map(|forward| (forward.account, forward)).collect();
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

    pub(super) fn aliases(&self) -> impl Iterator<Item = &Alias> {
        self.aliases.values()
    }

    pub(super) fn alias(&self, name: &str) -> Option<&Alias> {
        self.aliases.get(&name.to_ascii_lowercase())
    }

    pub(super) fn forwards(&self) -> impl Iterator<Item = &Forward> {
        self.forwards.values()
    }

    pub(super) fn domains(&self) -> Vec<String> {
        self.domains.iter().cloned().collect()
    }
}

fn key(local_part: &str, domain: &str) -> (String, String) {
    (domain.to_ascii_lowercase(), local_part.to_ascii_lowercase())
}
