//! Addresses elsewhere that do not exist go onto the suppression list, so that the next message to them is refused at
//! once, and not sent for the same answer again.

use std::time::Duration;

use jiff::Timestamp;
use postigo_smtp::Address;
use postigo_store::{Suppressed, SuppressionReason};

use crate::context::Context;

/// Characters of a reply that are kept.
const REPLY: usize = 400;

impl Context {
    /// Notes addresses with what their servers said. A list that cannot be written is logged: it is not worth a delivery.
    pub(super) async fn suppress(&self, queue_id: &str, unknown: Vec<(String, String)>) {
        let seconds = u64::from(self.config.load().queue.suppression_seconds);
        let routes = self.routes.load_full();
        let since = Timestamp::now();
        let until = since.checked_add(Duration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        let foreign = |address: &str| {
            Address::parse_utf8(address.as_bytes()).is_ok_and(|address| routes.is_foreign(address.domain()))
        };
        let entries: Vec<Suppressed> = unknown
            .into_iter()
            .filter(|(address, _)| seconds > 0 && foreign(address))
            .map(|(address, reply)| Suppressed {
                address,
                reason: SuppressionReason::Bounced,
                since,
                until: Some(until),
                reply: reply.chars().filter(|c| !c.is_control()).take(REPLY).collect(),
                queue_id: Some(queue_id.to_owned()),
            })
            .collect();
        if entries.is_empty() {
            return;
        }
        let list = self.store.suppressions().clone();
        let added = tokio::task::spawn_blocking(move || entries.iter().try_for_each(|entry| list.add(entry)));
        if let Ok(Err(error)) = added.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the suppression list");
        }
    }
}
