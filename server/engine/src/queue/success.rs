//! Reports of success about recipients that got the message as it came (RFC 3461 §5.2.3).

use jiff::Timestamp;
use postigo_queue::report::{Action, RETURNED_OCTETS, Reported};
use postigo_smtp::dsn::OriginalRecipient;
use postigo_smtp::{Address, EnhancedCode, ReversePath};
use postigo_store::SenderParameters;

use super::intake::{Arrival, ArrivalRecipient, notify};
use super::reports::About;
use crate::context::Context;

/// What such a report has to tell, taken from the message before it is handed to the store.
pub(super) struct Successes {
    queue_id: String,
    reverse_path: ReversePath,
    parameters: SenderParameters,
    arrived: Timestamp,
    octets: u64,
    beginning: Vec<u8>,
    told: Vec<Reported>,
}

impl Successes {
    /// None if there is nothing to tell, or nobody.
    pub fn of(arrival: &Arrival, told: Vec<Reported>) -> Option<Self> {
        if told.is_empty() || arrival.reverse_path.address().is_none() {
            return None;
        }
        let head = arrival.incoming.head();
        Some(Self {
            queue_id: arrival.queue_id.clone(),
            reverse_path: arrival.reverse_path.clone(),
            parameters: arrival.parameters.clone(),
            arrived: arrival.received_at,
            octets: arrival.incoming.octets(),
            beginning: head[..head.len().min(RETURNED_OCTETS)].to_vec(),
            told,
        })
    }
}

/// A recipient that has the message.
pub(super) fn success(given: &ArrivalRecipient, recipient: Address, action: Action) -> Reported {
    let original = given.orcpt.as_ref().and_then(|orcpt| OriginalRecipient::parse(orcpt.as_bytes()));
    Reported {
        recipient,
        original,
        action,
        status: EnhancedCode(2, 0, 0),
        reply: None,
        cause: None,
        last_attempt: None,
        notify: given.notify.map(notify),
    }
}

impl Context {
    /// Sends the report; its queue id. The message is safe already, and its 250 does not depend on this: a report that
    /// cannot be stored is logged.
    pub(super) async fn report_success(&self, successes: Successes) -> Option<String> {
        let about = About {
            queue_id: &successes.queue_id,
            reverse_path: &successes.reverse_path,
            parameters: &successes.parameters,
            arrived: successes.arrived,
            octets: successes.octets,
            beginning: &successes.beginning,
        };
        let sent = self.send_report(&about, &successes.told, Vec::new()).await;
        sent.unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a report could not be stored");
            None
        })
    }
}
