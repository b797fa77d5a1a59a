//! Answers as text for people, or as JSON for programs.

pub(crate) mod names;
pub(crate) mod postfix;
pub(crate) mod queue;
pub(crate) mod route;

use std::io::Write;

use jiff::{Timestamp, tz::TimeZone};
use postigo_api::{
    Account, Journey, Listener, Micros, PortReason, Said, Session, SessionDetail, SystemUsers, TlsStatus,
};
use serde::Serialize;

use crate::arguments::Json;

/// JSON, or what `people` prints.
pub(crate) fn either(value: &impl Serialize, json: Json, people: impl FnOnce()) {
    if json.json {
        println!("{}", serde_json::to_string_pretty(value).unwrap_or_default());
    } else {
        people();
    }
}

/// Text to standard output, at once. Errors: nobody reads any more.
pub(crate) fn write(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A moment, local time.
pub(crate) fn moment(at: Micros) -> String {
    Timestamp::from_microsecond(at)
        .map(|t| t.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// A listener in one line, with the reason for its port.
pub(crate) fn listener(listener: &Listener, address: &str) -> String {
    let state = match &listener.error {
        None => "open".to_owned(),
        Some(error) => format!("closed: {error}"),
    };
    let why = match &listener.reason {
        PortReason::Standard | PortReason::Chosen => String::new(),
        PortReason::NeedsPrivilege => {
            format!(" ({} needs administrator rights here)", listener.standard_port)
        }
        PortReason::Held { port, program, pid } => {
            let who = program.as_deref().unwrap_or("another program");
            let pid = pid.map(|pid| format!(", pid {pid}")).unwrap_or_default();
            format!(" ({port} is held by {who}{pid})")
        }
        PortReason::AddressNotHere => " (not an address of this computer)".into(),
    };
    format!("{:<11} {address}:{:<6}{state}{why}", listener.service.name(), listener.port)
}

/// The people of the server.
pub(crate) fn accounts(accounts: &[Account], json: Json) {
    either(&accounts, json, || {
        for account in accounts {
            let state = if account.enabled { "" } else { "  disabled" };
            let login = account.last_login.as_ref().map_or("never".to_owned(), |l| moment(l.at));
            println!(
                "{:<32} {:<20} {:>6} messages {:>12} octets  last login {login}{state}",
                account.address, account.display_name, account.messages, account.octets
            );
        }
    });
}

/// The users of the system.
pub(crate) fn system_users(answer: &SystemUsers, json: Json) {
    either(answer, json, || {
        for user in &answer.users {
            let account = user.account.as_deref().unwrap_or("");
            println!(
                "{:<24} {:<28} {:<32} {account}",
                plain(&user.name),
                plain(&user.full_name),
                plain(&user.home)
            );
        }
        if let Some(refusal) = &answer.refusal {
            println!("{}.", refusal.text);
        }
    });
}

/// Text of a peer without what would move the cursor or change the terminal.
pub(crate) fn plain(text: &str) -> String {
    text.replace(char::is_control, "?")
}

/// A session in one line.
pub(crate) fn session(session: &Session) {
    let who = session.user.as_deref().or(session.client_name.as_deref()).unwrap_or("-");
    let tls = session.tls.as_ref().map_or("-", |t| t.version.as_str());
    let who = plain(who);
    println!(
        "{:>6}  {}  {:<11} {:<16} {tls:<8} {who:<28} {:?}{}",
        session.id,
        moment(session.opened),
        session.service.name(),
        session.peer,
        session.result,
        session.did.refusal.as_ref().map(|r| format!(": {}", plain(r))).unwrap_or_default()
    );
}

/// A session with what was said.
pub(crate) fn transcript(detail: &SessionDetail) {
    session(&detail.session);
    for line in &detail.lines {
        let seconds = std::time::Duration::from_micros(line.after.unsigned_abs()).as_secs_f64();
        let said = match &line.said {
            Said::Client { text } => format!("C: {text}"),
            Said::Server { text } => format!("S: {text}"),
            Said::Content { from_client, octets } => {
                format!("{}: ({octets} octets of content)", if *from_client { "C" } else { "S" })
            }
            Said::Tls(tls) => format!("-- encrypted from here on: {} {}", tls.version, tls.cipher),
            Said::TlsFailed { reason } => format!("-- handshake failed: {reason}"),
            Said::Found { setting: Some(setting), text } => format!("-- {setting}: {text}"),
            Said::Found { setting: None, text } => format!("-- {text}"),
            Said::Closed { by } => format!("-- closed by {by}"),
        };
        println!("{seconds:>9.3}  {}", plain(&said));
    }
    if detail.truncated {
        println!("           (more was said than is kept)");
    }
}

/// A journey, step by step.
pub(crate) fn journey(journey: &Journey) {
    println!(
        "{}  {:?}  {}",
        journey.queue_id,
        journey.outcome,
        plain(journey.subject.as_deref().unwrap_or("(no subject)"))
    );
    for step in &journey.steps {
        let params: Vec<String> = step.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        println!("{}  {:<9} {}", moment(step.at), format!("{:?}", step.kind), plain(&params.join(" ")));
    }
}

/// Certificates and listeners.
pub(crate) fn tls(status: &TlsStatus) {
    let certificates = status.authority.iter().map(|c| ("Authority", c)).chain([("Server", &status.server)]);
    for (what, certificate) in certificates {
        println!(
            "{what}: {} ({}, {} days left)",
            certificate.subject, certificate.key, certificate.days_left
        );
        println!("  names: {}", certificate.names.join(", "));
        println!("  SHA-256: {}", certificate.fingerprint);
    }
    for listener in &status.listeners {
        let last = listener.last.as_ref().map_or("never used".to_owned(), |last| {
            format!("last used {} with {}", moment(last.at), last.version.as_deref().unwrap_or("no success"))
        });
        println!(
            "{:<11} {:<6} TLS {}  {last}",
            listener.service.name(),
            listener.port,
            listener.versions.join(", ")
        );
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_peer_cannot_speak_to_the_terminal() {
        assert_eq!(super::plain("C: EHLO \u{1b}]0;title\u{7}\u{9b}2J ñ"), "C: EHLO ?]0;title??2J ñ");
    }
}
