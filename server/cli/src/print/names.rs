//! Zones and answers of name servers.

use std::time::Duration;

use postigo_api::{DnsAnswer, DnsOutcome, Zone};

use super::plain;

/// The records of a zone in columns.
pub(crate) fn zone(zone: &Zone) -> String {
    let mut text = format!("{}  serial {}  {} records\n", zone.row.origin, zone.row.serial, zone.row.records);
    for record in &zone.records {
        let ttl = record.ttl.map(|ttl| ttl.to_string()).unwrap_or_default();
        text.push_str(&format!("{:<24} {ttl:>7} {:<6} {}\n", record.name, record.kind, record.value));
    }
    text
}

/// An answer: records, what came of it, who said so, how long it took.
pub(crate) fn answer(answer: &DnsAnswer) -> String {
    let outcome = match answer.outcome {
        DnsOutcome::Found => "found",
        DnsOutcome::NoData => "the name exists, and has no such record (NODATA)",
        DnsOutcome::NoDomain => "the name does not exist (NXDOMAIN)",
        DnsOutcome::ServerFailure => "the server could not find out (SERVFAIL)",
        DnsOutcome::Refused => "the server will not answer (REFUSED)",
        DnsOutcome::TimedOut => "nobody answered in time",
        DnsOutcome::Truncated => "the answer came cut off, by TCP too",
        DnsOutcome::Unreachable => "no server could be reached",
        DnsOutcome::Malformed => "the answer makes no sense",
    };
    let mut text = String::new();
    for record in &answer.records {
        text.push_str(&format!("{}\n", plain(record)));
    }
    let by = match (&answer.server, answer.from_cache) {
        (_, true) => "known from before".to_owned(),
        (Some(server), false) => format!("said by {server}"),
        (None, false) => "said by nobody".to_owned(),
    };
    let took = Duration::from_micros(answer.took.unsigned_abs()).as_secs_f64() * 1000.0;
    let signed = if answer.authenticated { ", signatures checked (AD)" } else { "" };
    text.push_str(&format!(
        "{} {}: {outcome}; {by} in {took:.1} ms{signed}\n",
        plain(&answer.name),
        answer.kind
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use postigo_api::{ZoneRecord, ZoneRow};

    #[test]
    fn an_answer_says_outcome_server_and_time() {
        let found = DnsAnswer {
            name: "lab.test.".into(),
            kind: "MX".into(),
            outcome: DnsOutcome::Found,
            records: vec!["lab.test. 3600 IN MX 10 mail.lab.test.".into()],
            server: Some("127.0.0.1:5353".into()),
            took: 1_240,
            from_cache: false,
            authenticated: true,
        };
        assert_eq!(
            answer(&found),
            "lab.test. 3600 IN MX 10 mail.lab.test.\n\
             lab.test. MX: found; said by 127.0.0.1:5353 in 1.2 ms, signatures checked (AD)\n"
        );
        let silent = DnsAnswer {
            outcome: DnsOutcome::TimedOut,
            records: vec![],
            server: None,
            authenticated: false,
            ..found
        };
        assert_eq!(answer(&silent), "lab.test. MX: nobody answered in time; said by nobody in 1.2 ms\n");
    }

    #[test]
    fn a_zone_is_a_table() {
        let record = ZoneRecord {
            name: "@".into(),
            ttl: Some(60),
            kind: "MX".into(),
            value: "10 mail.lab.test.".into(),
        };
        let row = ZoneRow { origin: "lab.test".into(), serial: 3, records: 1 };
        let shown = zone(&Zone { row, records: vec![record], text: String::new() });
        let lines: Vec<Vec<_>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["@", "60", "MX", "10", "mail.lab.test."]);
    }
}
