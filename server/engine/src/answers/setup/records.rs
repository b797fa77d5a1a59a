//! DNS records to publish, so that others find this server and believe it.

use std::net::IpAddr;

use postigo_api::{Code, Error, ProposedRecord, RecordPurpose, RecordsQuestion};
use postigo_queue::route::HostPort;

/// How long others may keep them, seconds: an hour, so that a mistake is soon forgotten.
const TTL: u32 = 3_600;

/// The priority of the only MX.
const PRIORITY: u16 = 10;

/// The records a domain needs for mail to and from one server.
///
/// Errors: [`Code::DomainInvalid`], [`Code::HostInvalid`], [`Code::IpInvalid`], [`Code::NextHopInvalid`].
pub(crate) fn records(question: &RecordsQuestion) -> Result<Vec<ProposedRecord>, Error> {
    let domain = super::domain(&question.domain)?;
    let host = super::host(&question.host, &domain)?;
    let address: IpAddr = question.address.trim().parse().map_err(|_| {
        Error::new(Code::IpInvalid, format!("{} is not an IP address", question.address))
            .with("address", &question.address)
    })?;
    let kind = if address.is_ipv4() { "A" } else { "AAAA" };
    let mut records = vec![
        record(RecordPurpose::Host, &host, kind, address.to_string()),
        mx(&domain, &host),
        record(RecordPurpose::Spf, &domain, "TXT", spf(&question.relayhost)?),
    ];
    // RFC 7208 §2.3: a report has no sender, so the name of HELO is what is checked. One name has one policy (§3.2).
    if host != domain {
        records.push(record(RecordPurpose::SpfOfHost, &host, "TXT", "v=spf1 a -all".to_owned()));
    }
    Ok(records)
}

/// RFC 7208. Who sends directly sends from the host of the MX, and nobody else may (`-all`). Behind a relay host it is the
/// relay host that others see; what more of it sends we cannot know, hence `~all`.
fn spf(relayhost: &str) -> Result<String, Error> {
    if relayhost.trim().is_empty() {
        return Ok("v=spf1 mx -all".to_owned());
    }
    let relay: HostPort = super::flow::next_hop(relayhost)?;
    let sender = match relay.host.parse::<IpAddr>() {
        Ok(IpAddr::V4(four)) => format!("ip4:{four}"),
        Ok(IpAddr::V6(six)) => format!("ip6:{six}"),
        Err(_) if relay.mx => format!("a:{0} mx:{0}", relay.host),
        Err(_) => format!("a:{}", relay.host),
    };
    Ok(format!("v=spf1 mx {sender} ~all"))
}

fn mx(domain: &str, host: &str) -> ProposedRecord {
    ProposedRecord {
        purpose: RecordPurpose::Mx,
        name: domain.to_owned(),
        kind: "MX".to_owned(),
        priority: Some(PRIORITY),
        value: host.to_owned(),
        line: format!("{domain}. {TTL} IN MX {PRIORITY} {host}."),
    }
}

fn record(purpose: RecordPurpose, name: &str, kind: &str, value: String) -> ProposedRecord {
    let written = if kind == "TXT" { format!("\"{value}\"") } else { value.clone() };
    let line = format!("{name}. {TTL} IN {kind} {written}");
    ProposedRecord { purpose, name: name.to_owned(), kind: kind.to_owned(), priority: None, value, line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(host: &str, address: &str, relayhost: &str) -> Vec<String> {
        let question = RecordsQuestion {
            domain: "gonzalo.org".into(),
            host: host.into(),
            address: address.into(),
            relayhost: relayhost.into(),
        };
        records(&question).unwrap().into_iter().map(|record| record.line).collect()
    }

    #[test]
    fn a_server_that_sends_directly_gets_four_records() {
        assert_eq!(
            lines("mail.gonzalo.org", "5.196.224.198", ""),
            [
                "mail.gonzalo.org. 3600 IN A 5.196.224.198",
                "gonzalo.org. 3600 IN MX 10 mail.gonzalo.org.",
                "gonzalo.org. 3600 IN TXT \"v=spf1 mx -all\"",
                "mail.gonzalo.org. 3600 IN TXT \"v=spf1 a -all\"",
            ]
        );
    }

    #[test]
    fn a_name_never_has_two_policies() {
        let lines = lines("gonzalo.org", "2a00::5", "");
        assert_eq!(lines.iter().filter(|line| line.contains("v=spf1")).count(), 1);
        assert_eq!(lines[0], "gonzalo.org. 3600 IN AAAA 2a00::5");
    }

    #[test]
    fn behind_a_relay_host_it_may_send_too() {
        for (relayhost, expected) in [
            ("[smtp.school.test]:587", "v=spf1 mx a:smtp.school.test ~all"),
            ("school.test", "v=spf1 mx a:school.test mx:school.test ~all"),
            ("[192.0.2.9]", "v=spf1 mx ip4:192.0.2.9 ~all"),
        ] {
            let lines = lines("mail.gonzalo.org", "5.196.224.198", relayhost);
            assert!(lines[2].contains(expected), "{lines:?}");
        }
    }

    #[test]
    fn what_is_served_can_be_read_as_a_zone() {
        let text = lines("mail.gonzalo.org", "5.196.224.198", "").join("\n");
        let head =
            "@ 3600 IN SOA ns hostmaster 1 3600 900 604800 300\n@ 3600 IN NS ns\nns 3600 IN A 192.0.2.1\n";
        let origin = postigo_dns::Name::parse("gonzalo.org").unwrap();
        let zone = postigo_dns::Zone::parse(&format!("{head}{text}\n"), Some(&origin)).unwrap();
        assert_eq!(zone.check().err(), None);
    }
}
