//! The accounts of this server as routing asks for them.

use jiff::Timestamp;
use postigo_queue::route::{Account, AccountId, Directory, Suppressed};
use postigo_smtp::Address;
use postigo_store::{Store, SuppressionReason};

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

    /// A list that cannot be read keeps no mail from going.
    fn suppressed(&self, address: &Address) -> Option<Suppressed> {
        let found = self.0.suppressions().get(&address.to_string(), Timestamp::now());
        let found = found.inspect_err(|error| {
            tracing::error!(error = error as &dyn std::error::Error, "the suppression list");
        });
        let found = found.ok()??;
        Some(Suppressed { bounced: found.reason == SuppressionReason::Bounced, reply: found.reply })
    }
}

fn account(account: &postigo_store::Account) -> Option<Account> {
    Some(Account {
        id: AccountId(account.id.get()),
        address: Address::parse_utf8(account.address().as_bytes()).ok()?,
        enabled: account.enabled,
    })
}
