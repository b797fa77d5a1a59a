//! Questions about what was written.

use std::sync::Arc;
use std::time::Duration;

use postigo_api::{
    JourneyRow, LogLine, LogPage, LogQuery, Micros, Outcome, Service, Session, SessionDetail, SessionPage,
    SessionQuery, SessionResult,
};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::counters::{self, Figures};
use crate::event::{Entry, Event};
use crate::limits::SCAN;
use crate::postfix::{LINES_PER_ENTRY, lines};
use crate::session::lock;
use crate::trace::{Error, Trace, now};
use crate::transcript;
use crate::writer::is_refused;

/// Rows read at a time when filtering.
const CHUNK: usize = 1_000;

/// How long a list of sessions waits for those that just ended.
const SETTLED: Duration = Duration::from_secs(2);

impl Trace {
    /// Lines of the log. Blocking.
    pub fn log(&self, query: &LogQuery, host: &str) -> Result<LogPage, Error> {
        let limit = match query.limit {
            0 => 200,
            n => n.min(2_000) as usize,
        };
        let (lines, more) = self.read(|db| match query.after {
            Some(after) => lines_after(db, query, after, limit),
            None => lines_before(db, query, limit),
        })?;
        Ok(LogPage { lines, more, host: host.to_owned() })
    }

    /// Sessions, newest first; those still open among them. Waits a moment for those that just ended to be written.
    /// Blocking.
    pub fn sessions(&self, query: &SessionQuery) -> Result<SessionPage, Error> {
        let limit = match query.limit {
            0 => 200,
            n => n.min(1_000) as usize,
        };
        let open: Vec<Session> =
            self.open_sessions().values().map(|live| lock(live).session.clone()).collect();
        // Between the two looks none is missed: whichever is not open any more is written by now.
        self.flush(SETTLED);
        let before = query.before.unwrap_or(i64::MAX);
        let text = query.text.as_deref().map(str::to_lowercase).filter(|t| !t.is_empty());
        let fits = |s: &Session| {
            s.id < before
                && (query.services.is_empty() || query.services.contains(&s.service))
                && (!query.refused || is_refused(s))
                && text.as_deref().is_none_or(|text| mentions(s, text))
        };
        let (mut found, more, mut total, mut refused) =
            self.read(|db| stored_sessions(db, query, limit, &fits))?;
        for session in open {
            total += 1;
            refused += u32::from(is_refused(&session));
            if fits(&session) && found.iter().all(|s| s.id != session.id) {
                found.push(session);
            }
        }
        found.sort_unstable_by_key(|s| std::cmp::Reverse(s.id));
        let more = more || found.len() > limit;
        found.truncate(limit);
        Ok(SessionPage { sessions: found, more, total, refused })
    }

    /// Sessions open now, oldest first.
    pub fn open_now(&self) -> Vec<Session> {
        let mut open: Vec<Session> =
            self.open_sessions().values().map(|live| lock(live).session.clone()).collect();
        open.sort_unstable_by_key(|s| s.id);
        open
    }

    /// One session with its transcript from a line on. Blocking.
    pub fn session_detail(&self, id: i64, from_line: u32) -> Result<Option<SessionDetail>, Error> {
        let live = self.open_sessions().get(&id).map(Arc::clone);
        let found = match live {
            Some(live) => {
                let live = lock(&live);
                Some((live.session.clone(), live.transcript.octets().to_vec(), live.transcript.truncated()))
            }
            None => self.read(|db| stored_session(db, id))?,
        };
        Ok(found.map(|(session, octets, truncated)| {
            let mut lines = transcript::read(&octets);
            let from = (from_line as usize).min(lines.len());
            lines.drain(..from);
            SessionDetail { session, lines, from_line, truncated }
        }))
    }

    /// Figures since a moment. Blocking.
    pub fn figures(&self, since: Micros) -> Result<Figures, Error> {
        self.read(|db| counters::figures(db, since))
    }

    /// Messages accepted in each of the last 24 hours, oldest first. Blocking.
    pub fn hourly(&self) -> Result<Vec<u32>, Error> {
        self.read(|db| counters::hourly(db, now()))
    }

    /// The last messages that were accepted or refused, newest first. Blocking.
    pub fn recent(&self, limit: usize) -> Result<Vec<JourneyRow>, Error> {
        let entries = self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT id, at, session, queue_id, event FROM entries WHERE landmark = 1 ORDER BY id DESC LIMIT ?1",
            )?;
            query.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], entry)?.collect::<Result<Vec<_>>>()
        })?;
        Ok(entries.into_iter().filter_map(row_of).collect())
    }

    /// The last session on a service in which TLS was tried, and how that went. Blocking.
    pub fn last_tls(&self, service: Service) -> Result<Option<Session>, Error> {
        let tried = |s: &Session| {
            s.service == service
                && (s.tls.is_some()
                    || matches!(s.result, SessionResult::NotTrusted | SessionResult::TlsFailed))
        };
        let open = self.open_now().into_iter().rev().find(tried);
        if open.is_some() {
            return Ok(open);
        }
        let query = SessionQuery { services: vec![service], ..SessionQuery::default() };
        let (found, ..) = self.read(|db| stored_sessions(db, &query, 1, &tried))?;
        Ok(found.into_iter().next())
    }

    pub(crate) fn entries_of(&self, queue_id: &str) -> Result<Vec<Entry>, Error> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT id, at, session, queue_id, event FROM entries WHERE queue_id = ?1 ORDER BY id LIMIT 2000",
            )?;
            query.query_map([queue_id], entry)?.collect()
        })
    }
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let event: String = row.get(4)?;
    Ok(Entry {
        id: row.get(0)?,
        at: row.get(1)?,
        session: row.get(2)?,
        queue_id: row.get(3)?,
        event: serde_json::from_str(&event)
            .unwrap_or(Event::Fault { service: None, text: "an entry of another version".into() }),
    })
}

/// Entries in one direction, from those that the indexes can find.
fn entries(db: &Connection, query: &LogQuery, from: i64, forward: bool) -> Result<Vec<Entry>> {
    let (compare, order) = if forward { (">", "ASC") } else { ("<", "DESC") };
    let sql = format!(
        "SELECT id, at, session, queue_id, event FROM entries
         WHERE id {compare} ?1 AND (?2 IS NULL OR queue_id = ?2) AND (?3 IS NULL OR session = ?3)
         ORDER BY id {order} LIMIT {CHUNK}"
    );
    let mut statement = db.prepare_cached(&sql)?;
    statement.query_map(params![from, query.filter.queue_id, query.filter.session], entry)?.collect()
}

fn lines_before(db: &Connection, query: &LogQuery, limit: usize) -> Result<(Vec<LogLine>, bool)> {
    let before = query.before.unwrap_or(i64::MAX);
    let text = query.filter.text.as_deref().map(str::to_lowercase);
    let mut found = Vec::new();
    // The entry of the line before which we look may have earlier lines of its own.
    let mut from = before.saturating_sub(1).div_euclid(LINES_PER_ENTRY).saturating_add(1);
    for _ in 0..SCAN / CHUNK {
        let chunk = entries(db, query, from, false)?;
        let Some(last) = chunk.last() else { break };
        from = last.id;
        for entry in &chunk {
            let fitting =
                lines(entry).into_iter().rev().filter(|l| l.id < before && fits(l, query, text.as_deref()));
            found.extend(fitting);
        }
        if found.len() > limit {
            break;
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    found.reverse();
    Ok((found, more))
}

fn lines_after(db: &Connection, query: &LogQuery, after: i64, limit: usize) -> Result<(Vec<LogLine>, bool)> {
    let text = query.filter.text.as_deref().map(str::to_lowercase);
    let mut found = Vec::new();
    let mut from = after.div_euclid(LINES_PER_ENTRY) - 1;
    for _ in 0..SCAN / CHUNK {
        let chunk = entries(db, query, from, true)?;
        let Some(last) = chunk.last() else { break };
        from = last.id;
        for entry in &chunk {
            found
                .extend(lines(entry).into_iter().filter(|l| l.id > after && fits(l, query, text.as_deref())));
        }
        if found.len() > limit {
            break;
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    Ok((found, more))
}

fn fits(line: &LogLine, query: &LogQuery, text: Option<&str>) -> bool {
    let filter = &query.filter;
    filter.level.is_none_or(|level| line.level >= level)
        && (filter.services.is_empty() || filter.services.contains(&line.service))
        && text.is_none_or(|text| line.text.to_lowercase().contains(text))
}

fn mentions(session: &Session, text: &str) -> bool {
    let did = &session.did;
    [&session.client_name, &session.user, &did.recipient, &did.reverse_path, &did.refusal, &did.mailbox]
        .into_iter()
        .flatten()
        .chain(std::iter::once(&session.peer))
        .chain(&session.queue_ids)
        .any(|field| field.to_lowercase().contains(text))
}

type Found = (Vec<Session>, bool, u32, u32);

fn stored_sessions(
    db: &Connection,
    query: &SessionQuery,
    limit: usize,
    fits: &dyn Fn(&Session) -> bool,
) -> Result<Found> {
    let services: Vec<String> = query
        .services
        .iter()
        .filter_map(|s| serde_json::to_value(s).ok()?.as_str().map(|s| format!("'{s}'")))
        .collect();
    let by_service =
        if services.is_empty() { String::new() } else { format!("AND service IN ({})", services.join(",")) };
    let by_refusal = if query.refused { "AND refused = 1" } else { "" };
    let sql = format!(
        "SELECT id, session FROM sessions WHERE id < ?1 {by_service} {by_refusal} ORDER BY id DESC LIMIT {CHUNK}"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let (mut found, mut from) = (Vec::new(), query.before.unwrap_or(i64::MAX));
    'scan: for _ in 0..SCAN / CHUNK {
        let chunk: Vec<(i64, String)> =
            statement.query_map([from], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_>>()?;
        let Some((last, _)) = chunk.last() else { break };
        from = *last;
        for (_, json) in chunk {
            let Ok(session) = serde_json::from_str::<Session>(&json) else { continue };
            if fits(&session) {
                found.push(session);
                if found.len() > limit {
                    break 'scan;
                }
            }
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let total = db.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))?;
    let refused = db.query_row("SELECT count(*) FROM sessions WHERE refused = 1", [], |row| row.get(0))?;
    Ok((found, more, total, refused))
}

fn stored_session(db: &Connection, id: i64) -> Result<Option<(Session, Vec<u8>, bool)>> {
    let row = db
        .query_row("SELECT session, transcript, truncated FROM sessions WHERE id = ?1", [id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, bool>(2)?))
        })
        .optional()?;
    Ok(row.and_then(|(json, octets, truncated)| Some((serde_json::from_str(&json).ok()?, octets, truncated))))
}

/// The name in `name[address]`, or the address where there is no name.
fn plain(client: &str) -> &str {
    match client.split_once('[') {
        Some(("unknown", address)) => address.trim_end_matches(']'),
        Some((name, _)) => name,
        None => client,
    }
}

fn row_of(entry: Entry) -> Option<JourneyRow> {
    let (queue_id, at, session) = (entry.queue_id, entry.at, entry.session.unwrap_or(0));
    match entry.event {
        Event::Queued(queued) => Some(JourneyRow {
            queue_id,
            session,
            at,
            subject: queued.subject,
            reverse_path: queued.reverse_path,
            recipients: queued.recipients,
            recipient_count: queued.recipient_count,
            client: plain(&queued.client).to_owned(),
            outcome: Outcome::Delivered,
        }),
        Event::Refused(refusal) => {
            let recipients: Vec<String> = refusal.recipient.into_iter().collect();
            Some(JourneyRow {
                queue_id: None,
                session,
                at,
                subject: None,
                reverse_path: refusal.reverse_path.unwrap_or_default(),
                recipient_count: u32::try_from(recipients.len()).unwrap_or(0),
                recipients,
                client: refusal.client_name.unwrap_or_else(|| plain(&refusal.client).to_owned()),
                outcome: Outcome::Refused,
            })
        }
        _ => None,
    }
}
