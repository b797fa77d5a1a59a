//! The queue as a person sees and handles it.

use jiff::Timestamp;
use postigo_api::{
    Code, Error, QueueAct, QueueActed, QueueAction, QueueCounts, QueueEdit, QueueFailure, QueueMessage,
    QueuePage, QueueQuery, QueueRecipient, QueueRow, QueueState,
};
use postigo_queue::route::{Destination, Mail};
use postigo_smtp::{Address, Recipient, ReversePath};
use postigo_store::{
    Action, AttemptOutcome, Condition, EditRecipient, Filter, ListCursor, ListQuery, Order, QueuedMessage,
    QueuedRecipient, RecipientId, RecipientState, Selection, Spool,
};
use postigo_trace::{Event, QueueDeed};
use std::io::Read;

use crate::engine::Shared;
use crate::errors::{self, blocking};
use crate::flow::People;
use crate::queue::{Command, LOCAL, NOWHERE, failure_of, hold_until};

/// Messages on a page.
const PAGE: usize = 200;

/// Recipients that a row names.
const NAMED: usize = 3;

/// Octets of a header that are shown.
const HEADER: u64 = 16 << 10;

/// Messages of the queue.
pub(crate) async fn list(engine: &Shared, query: QueueQuery) -> Result<QueuePage, Error> {
    let spool = engine.store.spool().clone();
    let after = query.after.as_deref().map(cursor).transpose()?;
    let limit = query.limit.map_or(PAGE, |n| usize::try_from(n).unwrap_or(PAGE)).clamp(1, PAGE);
    let condition = query.state.map(|state| match state {
        QueueState::Active | QueueState::Later => Condition::Waiting,
        QueueState::Deferred => Condition::Deferred,
        QueueState::Held => Condition::Held,
    });
    let filter = Filter { condition, destination: None, text: query.text.unwrap_or_default() };
    let list = ListQuery { filter, order: Order::NextTry, descending: false, after, limit, recipients: 50 };
    blocking(move || {
        let page = spool.list(&list).map_err(|error| errors::store(&error))?;
        let wanted = |row: &QueueRow| query.state.is_none_or(|state| row.state == state);
        Ok(QueuePage {
            rows: page.messages.iter().map(row).filter(wanted).collect(),
            counts: counts(&spool)?,
            next: page.next.and_then(|next| serde_json::to_string(&next).ok()),
        })
    })
    .await
}

/// How many messages there are in which state. Blocking.
pub(crate) fn counts(spool: &Spool) -> Result<QueueCounts, Error> {
    let counts = spool.counts().map_err(|error| errors::store(&error))?;
    let later = spool.later(Timestamp::now()).map_err(|error| errors::store(&error))?;
    let recipients = counts.recipients;
    Ok(QueueCounts {
        active: recipients.waiting.saturating_sub(recipients.deferred).saturating_sub(later),
        deferred: recipients.deferred,
        later,
        held: recipients.held,
    })
}

/// One message.
pub(crate) async fn get(engine: &Shared, queue_id: String) -> Result<QueueMessage, Error> {
    let spool = engine.store.spool().clone();
    blocking(move || {
        let found = spool.get(&queue_id).map_err(|error| errors::store(&error))?;
        let message = found.ok_or_else(|| unknown(&queue_id))?;
        let header = header(&spool, &message)?;
        let tries = spool.tries(&queue_id).map_err(|error| errors::store(&error))?;
        let expires = message.recipients.iter().map(|r| r.expires).min().unwrap_or(Timestamp::MAX);
        Ok(QueueMessage {
            row: row(&message),
            recipients: message.recipients.iter().map(|one| recipient(&message, one, &tries)).collect(),
            expires: expires.as_microsecond(),
            header,
        })
    })
    .await
}

/// Does something with messages.
pub(crate) async fn act(engine: &Shared, act: QueueAct) -> Result<QueueActed, Error> {
    let spool = engine.store.spool().clone();
    let (action, deed) = match act.action {
        QueueAction::Retry => (Action::RetryNow(Timestamp::now()), QueueDeed::Retried),
        QueueAction::SendNow if act.queue_ids.is_none() => {
            let detail = "queueIds: what is sent before its time has to be named";
            return Err(Error::new(Code::BadRequest, detail).with("detail", detail));
        }
        QueueAction::SendNow => (Action::SendNow(Timestamp::now()), QueueDeed::Released),
        QueueAction::Hold => (Action::Hold, QueueDeed::Held),
        QueueAction::Release => (Action::Release, QueueDeed::Released),
        QueueAction::Delete => (Action::Delete, QueueDeed::Deleted),
    };
    let selection = match &act.queue_ids {
        Some(ids) => Selection::Messages(ids.clone()),
        None => Selection::Matching(Filter::default()),
    };
    let acted = spool.act(selection, action).await.map_err(|error| errors::store(&error))?;
    let named = act.queue_ids.unwrap_or_default();
    // Of many, some may have left while somebody chose; of one, that is what they want to know.
    if let Some(first) = named.first().filter(|_| acted.found == 0) {
        return Err(unknown(first));
    }
    for queue_id in &named {
        engine.trace.event_of(queue_id, Event::Queue(deed));
        engine.tell_queue(Command::Withdraw(queue_id.clone())).await;
    }
    engine.tell_queue(Command::Flush).await;
    Ok(QueueActed { messages: acted.messages as u64 })
}

/// Gives a recipient another address.
pub(crate) async fn edit(engine: &Shared, edit: QueueEdit) -> Result<QueueMessage, Error> {
    let address = Address::parse_utf8(edit.address.trim().as_bytes()).map_err(|_| {
        Error::new(Code::AddressInvalid, format!("{} is not an address", edit.address))
            .with("address", &edit.address)
    })?;
    let destination = destination(engine, &address);
    let id = RecipientId { queue_id: edit.queue_id.clone(), number: edit.number };
    // Another address is no reason to send it before the time its sender chose.
    let (spool, queue_id) = (engine.store.spool().clone(), edit.queue_id.clone());
    let message = blocking(move || spool.get(&queue_id).map_err(|error| errors::store(&error))).await?;
    let next_try = message.as_ref().and_then(later).unwrap_or_else(Timestamp::now);
    let change = EditRecipient { address: address.to_string(), destination, next_try };
    let edited = engine.store.spool().edit_recipient(id, change).await;
    edited.map_err(|error| match error.code() {
        postigo_store::Code::NotQueued => unknown(&edit.queue_id),
        _ => errors::store(&error),
    })?;
    engine.tell_queue(Command::Withdraw(edit.queue_id.clone())).await;
    engine.tell_queue(Command::Flush).await;
    get(engine, edit.queue_id).await
}

/// Where mail for an address waits. What is not simply a mailbox here or somewhere else is found out when it is tried.
fn destination(engine: &Shared, address: &Address) -> String {
    let mail = Mail { reverse_path: &ReversePath::Null, delivered_to: &[], now: Timestamp::now() };
    let recipient = Recipient::Address(address.clone());
    let found = engine.routes.load().resolve(&People(&engine.store), &recipient, mail).destinations;
    match found.into_iter().next() {
        Some(Destination::Remote { recipient, next_hop, .. }) if recipient == *address => next_hop.key(),
        Some(Destination::Mailbox { .. }) => LOCAL.to_owned(),
        _ => NOWHERE.to_owned(),
    }
}

/// Until when the sender holds it back, if that time is still to come.
fn later(message: &QueuedMessage) -> Option<Timestamp> {
    hold_until(&message.envelope.parameters).filter(|until| *until > Timestamp::now())
}

fn row(message: &QueuedMessage) -> QueueRow {
    let newest = message.recipients.iter().filter_map(|r| r.last.as_ref()).max_by_key(|last| last.at);
    let named = message.recipients.iter().take(NAMED);
    QueueRow {
        queue_id: message.envelope.queue_id.clone(),
        sender: message.envelope.reverse_path.clone(),
        recipients: named.map(|recipient| recipient.address.clone()).collect(),
        recipient_count: message.waiting + message.held,
        octets: message.envelope.octets,
        arrived: message.envelope.arrived.as_microsecond(),
        state: state(message),
        attempts: message.recipients.iter().map(|r| r.attempts).max().unwrap_or(0),
        next_try: message.next_try.map(Timestamp::as_microsecond),
        why: newest.map(failure),
    }
}

fn state(message: &QueuedMessage) -> QueueState {
    if message.recipients.iter().any(|recipient| recipient.is_claimed) {
        QueueState::Active
    } else if message.waiting == 0 {
        QueueState::Held
    } else if later(message).is_some_and(|until| message.next_try.is_some_and(|next| next >= until)) {
        QueueState::Later
    } else if message.deferred > 0 {
        QueueState::Deferred
    } else {
        QueueState::Active
    }
}

fn recipient(
    message: &QueuedMessage,
    recipient: &QueuedRecipient,
    tries: &[(u32, AttemptOutcome)],
) -> QueueRecipient {
    let own = tries.iter().filter(|(number, _)| *number == recipient.id.number);
    let state = match recipient.state {
        RecipientState::Held => QueueState::Held,
        RecipientState::Waiting if later(message).is_some_and(|until| recipient.next_try >= until) => {
            QueueState::Later
        }
        RecipientState::Waiting if recipient.is_claimed || recipient.last.is_none() => QueueState::Active,
        RecipientState::Waiting => QueueState::Deferred,
    };
    QueueRecipient {
        number: recipient.id.number,
        address: recipient.address.clone(),
        original: recipient.original.clone(),
        destination: recipient.destination.clone(),
        state,
        attempts: recipient.attempts,
        next_try: (state != QueueState::Held).then(|| recipient.next_try.as_microsecond()),
        why: recipient.last.as_ref().map(failure),
        tries: own.map(|(_, outcome)| failure(outcome)).collect(),
    }
}

fn failure(outcome: &AttemptOutcome) -> QueueFailure {
    failure_of(outcome)
}

fn header(spool: &Spool, message: &QueuedMessage) -> Result<String, Error> {
    let content = spool.content(&message.envelope).map_err(|error| errors::store(&error))?;
    let mut octets = Vec::new();
    content
        .take(HEADER)
        .read_to_end(&mut octets)
        .map_err(|error| Error::new(Code::DataUnusable, error.to_string()).with("detail", error))?;
    let end = octets.windows(4).position(|four| four == b"\r\n\r\n").map_or(octets.len(), |at| at + 2);
    Ok(String::from_utf8_lossy(&octets[..end]).into_owned())
}

fn cursor(text: &str) -> Result<ListCursor, Error> {
    serde_json::from_str(text)
        .map_err(|_| Error::new(Code::BadRequest, "after: not a place in the list").with("detail", "after"))
}

fn unknown(queue_id: &str) -> Error {
    Error::new(Code::QueueUnknown, format!("{queue_id} is not in the queue")).with("queueId", queue_id)
}
