//! The accounts of this server as routing asks for them.

use postigo_queue::route::{Account, AccountId, Directory};
use postigo_smtp::Address;
use postigo_store::Store;

/// Looks up accounts in memory.
pub(crate) struct People<'a>(pub &'a Store);

impl Directory for People<'_> {
    fn account(&self, local_part: &str, domain: &str) -> Option<Account> {
        self.0.accounts().by_address(local_part, domain).as_ref().and_then(account)
    }

    fn first_account(&self, domain: &str) -> Option<Account> {
        let accounts = self.0.accounts().list();
        let enabled = || accounts.iter().filter(|account| account.enabled);
        let first = enabled().find(|account| account.domain == domain).or_else(|| enabled().next());
        first.and_then(account)
    }
}

fn account(account: &postigo_store::Account) -> Option<Account> {
    Some(Account {
        id: AccountId(account.id.get()),
        address: Address::parse(account.address().as_bytes()).ok()?,
        enabled: account.enabled,
    })
}
