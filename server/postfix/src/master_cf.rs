//! `master.cf`: which services are on, and what they override.

use postigo_api::PortPlan;

use crate::logical::{Logical, lines};
use crate::{Fate, Line, Reason};

/// The name of the file.
pub(crate) const FILE: &str = "master.cf";

/// What Postfix runs for itself (master.cf of the distribution).
const INTERNAL: [&str; 23] = [
    "pickup",
    "cleanup",
    "qmgr",
    "oqmgr",
    "tlsmgr",
    "trivial-rewrite",
    "bounce",
    "verify",
    "flush",
    "proxymap",
    "smtp",
    "showq",
    "error",
    "discard",
    "local",
    "virtual",
    "lmtp",
    "anvil",
    "scache",
    "postlogd",
    "dnsblog",
    "tlsproxy",
    "spawn",
];

/// Overrides that this server has built into its submission services.
const BUILT_IN: [&str; 13] = [
    "syslog_name",
    "smtpd_tls_security_level",
    "smtpd_tls_wrappermode",
    "smtpd_sasl_auth_enable",
    "smtpd_tls_auth_only",
    "smtpd_reject_unlisted_recipient",
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions",
    "milter_macro_daemon_name",
    "smtpd_sasl_type",
];

/// Reads the file and reports all of it. None: there is no server for SMTP, or its ports fit no plan.
pub(crate) fn read(text: &str, report: &mut Vec<Line>) -> Option<PortPlan> {
    let mut ports = Vec::new();
    let first = report.len();
    for Logical { line, text } in lines(text) {
        let fields: Vec<_> = text.split_whitespace().collect();
        let [name, kind, _, _, _, _, _, command, arguments @ ..] = fields.as_slice() else {
            report.push(entry(line, &text, "", Fate::Unsupported(Reason::Syntax)));
            continue;
        };
        let is_server = *kind == "inet" && matches!(*command, "smtpd" | "postscreen");
        let port = is_server.then(|| port(name)).flatten();
        let fate = match port {
            Some(port) => {
                ports.push(port);
                Fate::Taken
            }
            None if is_server => Fate::Unsupported(Reason::Port),
            None if INTERNAL.contains(command) || *kind == "pass" => Fate::Ignored(Reason::PostfixInternal),
            None => Fate::Unsupported(Reason::NoCounterpart),
        };
        report.push(entry(line, name, &format!("{kind} {command}"), fate));
        overrides(line, name, arguments, report);
    }
    let plan = plan(&ports);
    if plan.is_none() {
        for line in &mut report[first..] {
            if line.fate == Fate::Taken {
                line.fate = Fate::Unsupported(Reason::Port);
            }
        }
    }
    plan
}

/// Reports `-o name=value`, `-o { name = value }` and other arguments.
fn overrides(line: usize, service: &str, arguments: &[&str], report: &mut Vec<Line>) {
    let text = format!(" {}", arguments.join(" "));
    // A service that asks for a password is one of ours for people's programs.
    let is_submission =
        text.contains("smtpd_sasl_auth_enable=yes") || text.contains("smtpd_tls_wrappermode=yes");
    for part in text.split(" -o").map(str::trim).filter(|part| !part.is_empty()) {
        let part = part.trim_start_matches('{').trim_end_matches('}').trim();
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let fate = if is_submission && BUILT_IN.contains(&name.trim()) {
            Fate::Ignored(Reason::BuiltIn)
        } else {
            Fate::Unsupported(Reason::NoCounterpart)
        };
        report.push(entry(line, &format!("{service} -o {}", name.trim()), value.trim(), fate));
    }
}

/// The port of `[host:]service`.
fn port(name: &str) -> Option<u16> {
    match name.rsplit(':').next()? {
        "smtp" => Some(25),
        "submission" => Some(587),
        "submissions" | "smtps" | "urd" => Some(465),
        number => number.parse().ok(),
    }
}

fn plan(ports: &[u16]) -> Option<PortPlan> {
    if ports.contains(&25) {
        return Some(PortPlan::Standard);
    }
    if ports.contains(&2525) {
        return Some(PortPlan::Practice);
    }
    let has = |base: u16, port: u16| base.checked_add(port).is_some_and(|port| ports.contains(&port));
    let mut bases = ports.iter().filter_map(|port| port.checked_sub(25));
    bases.find(|base| has(*base, 587) && has(*base, 465)).map(PortPlan::Base)
}

fn entry(line: usize, name: &str, value: &str, fate: Fate) -> Line {
    Line { file: FILE.to_owned(), line, name: name.to_owned(), value: value.to_owned(), fate }
}
