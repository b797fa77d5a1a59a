//! ETRN: what waits for a domain is tried now (RFC 1985).

use jiff::Timestamp;
use postigo_smtp::{Answer, Node, Reply};
use postigo_store::{Action, Filter, ListQuery, RecipientId, Selection, Spool};

use super::Command;
use crate::context::Context;

/// Messages that are looked at in one go, and recipients of each.
const PAGE: usize = 200;
const RECIPIENTS: usize = 1_000;

impl Context {
    /// Makes what waits for a domain due, and has the queue look at it.
    pub async fn try_now(&self, node: &Node) -> Answer {
        let (spool, node) = (self.store.spool().clone(), node.clone());
        let reader = spool.clone();
        let found = tokio::task::spawn_blocking(move || waiting_for(&reader, &node)).await;
        let ids = match found {
            Ok(Ok(ids)) => ids,
            Ok(Err(error)) => return unavailable(&error),
            Err(error) => return unavailable(&error),
        };
        if !ids.is_empty()
            && let Err(error) =
                spool.act(Selection::Recipients(ids), Action::RetryNow(Timestamp::now())).await
        {
            return unavailable(&error);
        }
        if let Some(queue) = self.queue.get() {
            queue.tell(Command::Flush).await;
        }
        Answer::Accept
    }
}

/// The recipients in the domain. Blocking.
fn waiting_for(spool: &Spool, node: &Node) -> Result<Vec<RecipientId>, postigo_store::Error> {
    let filter = Filter { text: node.domain.clone(), ..Filter::default() };
    let mut query = ListQuery { filter, limit: PAGE, recipients: RECIPIENTS, ..ListQuery::default() };
    let mut ids = Vec::new();
    loop {
        let page = spool.list(&query)?;
        let recipients = page.messages.into_iter().flat_map(|message| message.recipients);
        let covered = recipients.filter(|recipient| {
            recipient.address.rsplit_once('@').is_some_and(|(_, domain)| node.covers(domain))
        });
        ids.extend(covered.map(|recipient| recipient.id));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(ids),
        }
    }
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> Answer {
    tracing::error!(error, "the queue could not be run for a domain");
    Answer::Refuse(Reply::ETRN_UNAVAILABLE)
}
