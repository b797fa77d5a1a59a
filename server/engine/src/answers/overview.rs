//! The first page, and the log as a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{Timestamp, ZonedDateTime};
use postigo_api::{
    Attention, AttentionCode, Code, Error, Journey, Listener, LogFilter, LogQuery, Micros, Overview, Session,
    SessionQuery, SessionResult, TextFile,
};
use postigo_trace::Trace;

use crate::config::Config;
use crate::engine::Shared;
use crate::errors::{self, blocking};

/// Messages on the first page.
const RECENT: usize = 8;

/// Below this a mail server should say something: octets.
const DISK_ALMOST_FULL: u64 = 500_000_000;

/// A certificate with fewer days left should have been renewed already.
const CERTIFICATE_ENDS: i64 = 20;

/// Wrong passwords from one place since midnight that are worth a word.
const WRONG_PASSWORDS: u32 = 3;

/// Lines of an exported log at most.
const EXPORT: usize = 200_000;

/// The figures and what needs attention.
pub(crate) async fn answer(engine: &Shared) -> Result<Overview, Error> {
    let midnight = midnight();
    let trace = engine.trace.clone();
    let (figures, hourly, recent, refused) = blocking(move || {
        let read = || {
            Ok((
                trace.figures(midnight)?,
                trace.hourly()?,
                trace.recent(RECENT)?,
                refused_since(&trace, midnight)?,
            ))
        };
        read().map_err(|e| errors::trace(&e))
    })
    .await?;
    let mut attention = Vec::new();
    if let Some(listeners) = engine.running(|r| r.listeners()).await {
        attention.extend(listeners.iter().filter_map(closed));
    }
    attention.extend(distrusting(&refused));
    attention.extend(guessing(&refused));
    if let Some(config) = engine.config.load_full() {
        attention.extend(certificate(engine));
        attention.extend(no_postmaster(engine, &config));
        attention.extend(super::outward::attention(engine, &config).await?);
    }
    attention.extend(disk(engine).await);
    attention.extend(mailbox_files(engine));
    if figures.left_out > 0 {
        attention.push(mild(AttentionCode::TraceBehind, [("count", figures.left_out.to_string())]));
    }
    attention.sort_by_key(|a| !a.severe);
    Ok(Overview {
        received_today: figures.delivered,
        sent_today: figures.submitted,
        refused_today: figures.refused,
        hourly,
        open_sessions: u32::try_from(engine.trace.open_now().len()).unwrap_or(u32::MAX),
        attention,
        recent,
    })
}

/// The matching lines as Postfix writes them.
pub(crate) async fn export_log(engine: &Shared, filter: LogFilter) -> Result<TextFile, Error> {
    let (trace, host) = (engine.trace.clone(), engine.host());
    let text = blocking(move || {
        let mut text = String::new();
        let (mut after, mut lines) = (Some(0), 0);
        while lines < EXPORT {
            let query = LogQuery { filter: filter.clone(), after, limit: 2_000, ..LogQuery::default() };
            let page = trace.log(&query, &host).map_err(|e| errors::trace(&e))?;
            for line in &page.lines {
                text.push_str(&postigo_trace::dated_line(line, &host));
                text.push('\n');
            }
            lines += page.lines.len();
            after = page.lines.last().map(|l| l.id);
            if !page.more || after.is_none() {
                break;
            }
        }
        Ok(text)
    })
    .await?;
    Ok(TextFile { name: "mail.log".into(), media_type: "text/plain".into(), text })
}

impl Shared {
    /// The name in the log lines.
    pub fn host(&self) -> String {
        self.config.load().as_ref().map_or_else(|| "localhost".to_owned(), |c| c.host.clone())
    }

    /// How a message travelled.
    pub async fn journey(&self, queue_id: String) -> Result<Journey, Error> {
        let trace = self.trace.clone();
        blocking(move || {
            trace.flush(super::SETTLED);
            trace.journey(&queue_id).map_err(|e| errors::trace(&e))?.ok_or_else(|| {
                let text = format!("The trace knows nothing (any more) of {queue_id}");
                Error::new(Code::JourneyUnknown, text).with("queueId", &queue_id)
            })
        })
        .await
    }
}

fn midnight() -> Micros {
    let now = ZonedDateTime::now();
    now.start_of_day().unwrap_or(now).timestamp().as_microsecond()
}

fn refused_since(trace: &Trace, since: Micros) -> Result<Vec<Session>, postigo_trace::Error> {
    let query = SessionQuery { refused: true, limit: 1_000, ..SessionQuery::default() };
    let mut sessions = trace.sessions(&query)?.sessions;
    sessions.retain(|s| s.opened >= since);
    Ok(sessions)
}

fn closed(listener: &Listener) -> Option<Attention> {
    let error = listener.error.as_ref()?;
    let service = serde_json::to_value(listener.service).ok()?.as_str()?.to_owned();
    Some(Attention {
        code: AttentionCode::ListenerClosed,
        severe: true,
        params: params([
            ("service", service),
            ("port", listener.port.to_string()),
            ("detail", error.text.clone()),
        ]),
    })
}

/// The last client that did not trust our certificate, if it has not come back since.
fn distrusting(refused: &[Session]) -> Option<Attention> {
    let distrusts = |s: &&Session| s.result == SessionResult::NotTrusted;
    let last = refused.iter().find(distrusts)?;
    let times = refused.iter().filter(distrusts).filter(|s| s.peer == last.peer).count();
    let client = last.client_name.clone().unwrap_or_else(|| last.peer.clone());
    Some(mild(
        AttentionCode::ClientDistrusts,
        [("client", client), ("times", times.to_string()), ("session", last.id.to_string())],
    ))
}

/// The peer with the most wrong passwords.
fn guessing(refused: &[Session]) -> Option<Attention> {
    let mut by_peer: BTreeMap<&str, (u32, &Session)> = BTreeMap::new();
    for session in refused.iter().rev().filter(|s| s.did.failed_logins > 0) {
        let entry = by_peer.entry(&session.peer).or_insert((0, session));
        *entry = (entry.0 + session.did.failed_logins, session);
    }
    let (peer, (times, session)) = by_peer.into_iter().max_by_key(|(_, (times, _))| *times)?;
    (times >= WRONG_PASSWORDS).then(|| {
        mild(
            AttentionCode::WrongPasswords,
            [
                ("client", peer.to_owned()),
                ("user", session.user.clone().unwrap_or_default()),
                ("times", times.to_string()),
                ("session", session.id.to_string()),
            ],
        )
    })
}

fn certificate(engine: &Shared) -> Option<Attention> {
    let server = engine.identity.load_full()?.describe().server;
    let days = server.days_left(Timestamp::now());
    (days < CERTIFICATE_ENDS).then(|| Attention {
        code: AttentionCode::CertificateEnds,
        severe: days < 0,
        params: params([("name", server.subject.clone()), ("days", days.to_string())]),
    })
}

fn no_postmaster(engine: &Shared, config: &Arc<Config>) -> Option<Attention> {
    let domain = config.domains.first()?;
    (!super::routing::has_postmaster(engine, domain))
        .then(|| mild(AttentionCode::NoPostmaster, [("domain", domain.clone())]))
}

async fn disk(engine: &Shared) -> Option<Attention> {
    let data = engine.data.clone();
    let free = tokio::task::spawn_blocking(move || fs4::available_space(&data)).await.ok()?.ok()?;
    (free < DISK_ALMOST_FULL).then(|| Attention {
        code: AttentionCode::DiskAlmostFull,
        severe: true,
        params: params([("path", engine.data.display().to_string()), ("octets", free.to_string())]),
    })
}

pub(super) fn mailbox_files(engine: &Shared) -> Vec<Attention> {
    let troubles = engine.store.mbox_troubles().into_iter();
    let told = |trouble: postigo_store::MboxTrouble| {
        let address = engine.store.accounts().get(trouble.account)?.address();
        let error = super::storage::explain(&trouble);
        let path = trouble.path.display().to_string();
        let code = error.code.id().to_owned();
        Some(mild(AttentionCode::MailboxFileBehind, [("address", address), ("path", path), ("code", code)]))
    };
    troubles.filter_map(told).collect()
}

pub(super) fn mild<const N: usize>(code: AttentionCode, pairs: [(&str, String); N]) -> Attention {
    Attention { code, severe: false, params: params(pairs) }
}

pub(super) fn severe<const N: usize>(code: AttentionCode, pairs: [(&str, String); N]) -> Attention {
    Attention { code, severe: true, params: params(pairs) }
}

fn params<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}
