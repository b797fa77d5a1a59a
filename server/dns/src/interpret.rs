//! What an answer says about its question.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::DNSClass;

use crate::wire::from_wire;
use crate::{Data, Kind, Name, Outcome, Question, Record};

/// How many aliases are followed, as in most resolvers.
pub(crate) const MAX_ALIASES: usize = 8;

/// What an answer says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The aliases, from the name that was asked for on.
    pub(crate) aliases: Vec<Record>,
    pub(crate) end: End,
    /// Seconds for which it may be kept; none if the answer does not say.
    pub(crate) ttl: Option<u32>,
}

/// Where the aliases end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Outcome(Outcome),
    /// At a name that this server was not asked about, and says nothing of.
    Elsewhere(Name),
}

/// Reads an answer that is whole and belongs to the question. Records that do not belong to it are not looked at: a server must not
/// be able to slip in others' (RFC 2181 §5.4.1).
pub(crate) fn interpret(question: &Question, answer: &Message) -> Said {
    let failed = |outcome| Said { aliases: Vec::new(), end: End::Outcome(outcome), ttl: None };
    match answer.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => {}
        ResponseCode::Refused => return failed(Outcome::Refused),
        code => return failed(Outcome::ServerFailure(code_name(code))),
    }
    let records: Vec<Record> =
        answer.answers.iter().filter(|record| record.dns_class == DNSClass::IN).map(from_wire).collect();
    let Some((aliases, name)) = follow(question, &records) else { return failed(Outcome::AliasLoop) };
    let found: Vec<Record> =
        records.into_iter().filter(|record| record.name == name && record.kind() == question.kind).collect();
    let least = found.iter().chain(&aliases).map(|record| record.ttl).min();
    if !found.is_empty() {
        return Said { aliases, end: End::Outcome(Outcome::Found(found)), ttl: least };
    }

    let negative = negative_ttl(&name, answer);
    // The TTL of what is missing at the end of aliases is bounded by theirs.
    let ttl = negative.map(|negative| least.map_or(negative, |aliases| aliases.min(negative)));
    let end = if answer.response_code == ResponseCode::NXDomain {
        // RFC 6604 §3: with aliases, the code is about the last name.
        End::Outcome(Outcome::NoDomain)
    } else if negative.is_some() {
        End::Outcome(Outcome::NoData)
    } else if !aliases.is_empty() {
        End::Elsewhere(name)
    } else if refers(answer) {
        End::Outcome(Outcome::Referral)
    } else {
        // RFC 2308 §2.2: NODATA also comes without a SOA; then it is not kept (§5).
        End::Outcome(Outcome::NoData)
    };
    let ttl = if matches!(end, End::Elsewhere(_)) { least } else { ttl };
    Said { aliases, end, ttl }
}

/// The aliases from the question's name on, and the name where they end; none for a circle or too many.
fn follow(question: &Question, records: &[Record]) -> Option<(Vec<Record>, Name)> {
    let mut name = question.name.clone();
    let mut aliases: Vec<Record> = Vec::new();
    if question.kind == Kind::Cname {
        return Some((aliases, name));
    }
    while let Some((alias, target)) = records.iter().find_map(|record| match &record.data {
        Data::Cname(target) if record.name == name => Some((record, target)),
        _ => None,
    }) {
        if aliases.len() == MAX_ALIASES || aliases.contains(alias) {
            return None;
        }
        aliases.push(alias.clone());
        name = target.clone();
    }
    Some((aliases, name))
}

/// RFC 2308 §5: the lesser of the SOA's TTL and its minimum field.
fn negative_ttl(name: &Name, answer: &Message) -> Option<u32> {
    answer.authorities.iter().map(from_wire).find_map(|record| match &record.data {
        Data::Soa(soa) if name.is_within(&record.name) => Some(record.ttl.min(soa.minimum)),
        _ => None,
    })
}

/// Whether the server only names other servers (RFC 2308 §2.2, "referral response").
fn refers(answer: &Message) -> bool {
    let resolves = answer.authoritative || answer.recursion_available;
    !resolves && answer.authorities.iter().any(|record| matches!(from_wire(record).data, Data::Ns(_)))
}

/// The usual name of a response code (RFC 6895 §2.3).
pub(crate) fn code_name(code: ResponseCode) -> String {
    match u16::from(code) {
        0 => "NOERROR".into(),
        1 => "FORMERR".into(),
        2 => "SERVFAIL".into(),
        3 => "NXDOMAIN".into(),
        4 => "NOTIMP".into(),
        5 => "REFUSED".into(),
        9 => "NOTAUTH".into(),
        16 => "BADVERS".into(),
        number => format!("RCODE{number}"),
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{MessageType, OpCode};

    use super::*;
    use crate::wire::to_wire;
    use crate::{Soa, Zone};

    /// Records in the form of zone files, absolute names.
    fn records(lines: &str) -> Vec<Record> {
        let zone = Zone::new(Name::root(), Name::parse("ns.test").unwrap());
        lines
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| zone.parse_record(line.trim()).unwrap())
            .collect()
    }

    fn said(kind: Kind, code: ResponseCode, answers: &str, authorities: &str) -> Said {
        let mut answer = Message::new(1, MessageType::Response, OpCode::Query);
        answer.metadata.response_code = code;
        answer.add_answers(records(answers).iter().filter_map(to_wire));
        answer.add_authorities(records(authorities).iter().filter_map(to_wire));
        interpret(&Question::new(Name::parse("a.test").unwrap(), kind), &answer)
    }

    const SOA: &str = "test. 900 SOA ns.test. root.test. 1 2 3 4 300";

    #[test]
    fn records_at_the_end_of_aliases_are_found_and_the_aliases_kept() {
        let said = said(
            Kind::A,
            ResponseCode::NoError,
            "b.test. 60 CNAME c.test.\na.test. 300 CNAME b.test.\nc.test. 600 A 192.0.2.1\nevil.test. 1 A 192.0.2.66",
            "",
        );
        assert_eq!(said.aliases, records("a.test. 300 CNAME b.test.\nb.test. 60 CNAME c.test."));
        assert_eq!(said.end, End::Outcome(Outcome::Found(records("c.test. 600 A 192.0.2.1"))));
        assert_eq!(said.ttl, Some(60));
    }

    #[test]
    fn an_alias_that_was_asked_for_is_not_followed() {
        let said = said(Kind::Cname, ResponseCode::NoError, "a.test. 300 CNAME b.test.", "");
        assert_eq!(said.end, End::Outcome(Outcome::Found(records("a.test. 300 CNAME b.test."))));
        assert!(said.aliases.is_empty());
    }

    #[test]
    fn aliases_in_a_circle_or_too_many_are_an_outcome() {
        let circle =
            said(Kind::A, ResponseCode::NoError, "a.test. 1 CNAME b.test.\nb.test. 1 CNAME a.test.", "");
        assert_eq!(circle.end, End::Outcome(Outcome::AliasLoop));
        let long: Vec<_> =
            ('a'..='k').zip('b'..='l').map(|(a, b)| format!("{a}.test. 1 CNAME {b}.test.")).collect();
        assert_eq!(
            said(Kind::A, ResponseCode::NoError, &long.join("\n"), "").end,
            End::Outcome(Outcome::AliasLoop)
        );
    }

    #[test]
    fn the_ways_of_having_nothing_are_told_apart() {
        use ResponseCode::{NXDomain, NoError, Refused, ServFail};
        let foreign = "evil. 900 SOA ns.evil. root.evil. 1 2 3 4 300";
        let rows = [
            ("no data", NoError, SOA, Outcome::NoData, Some(300)),
            ("no data, nobody says how long", NoError, "", Outcome::NoData, None),
            ("no name", NXDomain, SOA, Outcome::NoDomain, Some(300)),
            ("a SOA of strangers", NXDomain, foreign, Outcome::NoDomain, None),
            ("refused", Refused, "", Outcome::Refused, None),
            ("failed", ServFail, "", Outcome::ServerFailure("SERVFAIL".into()), None),
            ("a referral", NoError, "a.test. 300 NS ns.a.test.", Outcome::Referral, None),
        ];
        for (row, code, authorities, outcome, ttl) in rows {
            let said = said(Kind::A, code, "", authorities);
            assert_eq!((said.end, said.ttl), (End::Outcome(outcome), ttl), "{row}");
        }
    }

    #[test]
    fn an_alias_to_nowhere_is_not_an_alias_to_elsewhere() {
        let alias = "a.test. 100 CNAME b.other.";
        let elsewhere = said(Kind::A, ResponseCode::NoError, alias, "");
        assert_eq!(elsewhere.end, End::Elsewhere(Name::parse("b.other").unwrap()));
        let nowhere = said(Kind::A, ResponseCode::NXDomain, "a.test. 100 CNAME b.test.", SOA);
        assert_eq!((nowhere.end, nowhere.ttl), (End::Outcome(Outcome::NoDomain), Some(100)));
    }

    #[test]
    fn a_negative_ttl_is_the_lesser_of_two() {
        let soa = |ttl, minimum| Record {
            ttl,
            data: Data::Soa(Soa { minimum, ..Zone::new(Name::root(), Name::root()).soa().unwrap().clone() }),
            name: Name::parse("test").unwrap(),
        };
        for (ttl, minimum, expected) in [(10, 20, 10), (20, 10, 10)] {
            let mut answer = Message::new(1, MessageType::Response, OpCode::Query);
            answer.add_authorities(to_wire(&soa(ttl, minimum)));
            assert_eq!(negative_ttl(&Name::parse("a.test").unwrap(), &answer), Some(expected));
        }
    }
}
