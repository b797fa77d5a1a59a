//! Addresses elsewhere to which nothing is sent.

use jiff::Timestamp;
use postigo_api::{
    Code, Error, Event, NewSuppression, Nothing, Suppression, SuppressionPage, SuppressionQuery,
    SuppressionReason,
};
use postigo_smtp::Address;
use postigo_store::Suppressed;

use crate::engine::Shared;
use crate::errors::{self, blocking};

/// Entries on a page.
const PAGE: usize = 200;

/// Characters of a note that are kept.
const NOTE: usize = 400;

/// Entries by address.
pub(crate) async fn list(engine: &Shared, query: SuppressionQuery) -> Result<SuppressionPage, Error> {
    let list = engine.store.suppressions().clone();
    let limit = query.limit.map_or(PAGE, |n| usize::try_from(n).unwrap_or(PAGE)).clamp(1, PAGE);
    blocking(move || {
        let now = Timestamp::now();
        let text = query.text.unwrap_or_default();
        // One more than asked for tells whether there are more.
        let read = || Ok((list.list(&text, query.after.as_deref(), limit + 1, now)?, list.count(now)?));
        let (mut found, total) = read().map_err(|error| errors::store(&error))?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().map(|last| last.address.clone()).filter(|_| more);
        Ok(SuppressionPage { entries: found.into_iter().map(told).collect(), total, next })
    })
    .await
}

/// Puts an address on the list.
pub(crate) async fn add(engine: &Shared, new: NewSuppression) -> Result<Suppression, Error> {
    let address = Address::parse(new.address.trim().as_bytes()).map_err(|_| {
        Error::new(Code::AddressInvalid, format!("{} is not an address", new.address))
            .with("address", &new.address)
    })?;
    let note = new.note.chars().filter(|c| !c.is_control()).take(NOTE).collect();
    let entry = Suppressed {
        address: address.to_string().to_lowercase(),
        reason: postigo_store::SuppressionReason::Manual,
        since: Timestamp::now(),
        until: None,
        reply: note,
        queue_id: None,
    };
    let (list, added) = (engine.store.suppressions().clone(), entry.clone());
    blocking(move || list.add(&added).map_err(|error| errors::store(&error))).await?;
    engine.feed.say(Event::Settings);
    Ok(told(entry))
}

/// Takes an address away.
pub(crate) async fn remove(engine: &Shared, address: String) -> Result<Nothing, Error> {
    let (list, wanted) = (engine.store.suppressions().clone(), address.trim().to_owned());
    let was_there = blocking(move || list.remove(&wanted).map_err(|error| errors::store(&error))).await?;
    if !was_there {
        let text = format!("{address} is not on the suppression list");
        return Err(Error::new(Code::SuppressionUnknown, text).with("address", address));
    }
    engine.feed.say(Event::Settings);
    Ok(Nothing {})
}

fn told(entry: Suppressed) -> Suppression {
    Suppression {
        address: entry.address,
        reason: match entry.reason {
            postigo_store::SuppressionReason::Bounced => SuppressionReason::Bounced,
            postigo_store::SuppressionReason::Manual => SuppressionReason::Manual,
        },
        since: entry.since.as_microsecond(),
        until: entry.until.map(Timestamp::as_microsecond),
        reply: entry.reply,
        queue_id: entry.queue_id,
    }
}
