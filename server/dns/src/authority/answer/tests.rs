//! Answers by the sections of RFC 1034, 2308, 4592 and 6604.

use super::*;
use crate::Zone;

const ZONES: [&str; 2] = [
    r#"$ORIGIN lab.test.
$TTL 3600
@ SOA ns hostmaster 7 1h 15m 1w 5m
@ NS ns
ns A 192.0.2.1
@ MX 10 mail
mail A 192.0.2.2
mail AAAA 2001:db8::2
www CNAME mail
gone CNAME missing
away CNAME host.elsewhere.test.
over CNAME www.other.test.
circle1 CNAME circle2
circle2 CNAME circle1
a.deep TXT "x"
*.wild A 192.0.2.9
exists.wild TXT "y"
sub NS ns.sub
sub NS ns.foreign.test.
ns.sub A 192.0.2.53
hidden.sub A 192.0.2.54
"#,
    "$ORIGIN other.test.\n@ 60 SOA ns.lab.test. root 1 1 1 1 900\n@ NS ns.lab.test.\nwww A 192.0.2.80\n",
];

fn zones() -> Zones {
    Zones::new(ZONES.iter().map(|text| Zone::parse(text, None).unwrap()).collect()).unwrap()
}

fn query(name: &str, kind: &str) -> Message {
    let kind = match kind {
        "ANY" => RecordType::ANY,
        "AXFR" => RecordType::AXFR,
        kind => crate::wire::record_type(kind.parse().unwrap()),
    };
    let mut query = Message::new(77, MessageType::Query, OpCode::Query);
    query.add_query(Query::query(Name::parse(name).unwrap().to_wire(), kind));
    query
}

fn send(query: &Message, transport: Transport) -> Message {
    Message::from_vec(&respond(&zones(), &query.to_vec().unwrap(), transport).unwrap()).unwrap()
}

/// `NOERROR aa | answers | authorities | additionals`, each record by owner and type.
fn ask(name: &str, kind: &str) -> String {
    shown(&send(&query(name, kind), Transport::Udp))
}

fn shown(answer: &Message) -> String {
    let section = |records: &[hickory_proto::rr::Record]| {
        let texts: Vec<_> = records
            .iter()
            .map(crate::wire::from_wire)
            .map(|record| {
                format!("{} {}", record.name.relative_to(&Name::parse("lab.test").unwrap()), record.kind())
            })
            .collect();
        texts.join(", ")
    };
    let aa = if answer.authoritative { " aa" } else { "" };
    let code = crate::interpret::code_name(answer.response_code);
    let sections =
        [&answer.answers, &answer.authorities, &answer.additionals].map(|records| section(records));
    format!("{code}{aa} | {}", sections.join(" | "))
}

#[test]
fn records_are_given_with_the_addresses_of_the_hosts_they_name() {
    assert_eq!(ask("lab.test", "MX"), "NOERROR aa | @ MX |  | mail A, mail AAAA");
    assert_eq!(ask("LAB.Test", "SOA"), "NOERROR aa | @ SOA |  | ");
    assert_eq!(ask("other.test", "NS"), "NOERROR aa | other.test. NS |  | ns A");
}

#[test]
fn no_data_and_no_name_are_told_apart_and_carry_the_soa() {
    assert_eq!(ask("mail.lab.test", "TXT"), "NOERROR aa |  | @ SOA | ");
    assert_eq!(ask("nobody.lab.test", "A"), "NXDOMAIN aa |  | @ SOA | ");
    // A name that only has names below it exists.
    assert_eq!(ask("deep.lab.test", "A"), "NOERROR aa |  | @ SOA | ");
    // RFC 2308 §3: the TTL of that SOA is the lesser of its own and its last field.
    for (name, ttl) in [("nobody.lab.test", 300), ("nobody.other.test", 60)] {
        assert_eq!(send(&query(name, "A"), Transport::Udp).authorities[0].ttl, ttl);
    }
}

#[test]
fn aliases_are_followed_through_our_zones() {
    assert_eq!(ask("www.lab.test", "A"), "NOERROR aa | www CNAME, mail A |  | ");
    assert_eq!(ask("www.lab.test", "CNAME"), "NOERROR aa | www CNAME |  | ");
    assert_eq!(ask("www.lab.test", "TXT"), "NOERROR aa | www CNAME | @ SOA | ");
    assert_eq!(ask("over.lab.test", "A"), "NOERROR aa | over CNAME, www.other.test. A |  | ");
    assert_eq!(ask("away.lab.test", "A"), "NOERROR aa | away CNAME |  | ");
    // RFC 6604 §3: the code is about the last name.
    assert_eq!(ask("gone.lab.test", "A"), "NXDOMAIN aa | gone CNAME | @ SOA | ");
    assert_eq!(ask("circle1.lab.test", "A"), "NOERROR aa | circle1 CNAME, circle2 CNAME |  | ");
}

#[test]
fn a_wildcard_stands_for_names_that_do_not_exist_and_for_no_others() {
    assert_eq!(ask("x.wild.lab.test", "A"), "NOERROR aa | x.wild A |  | ");
    assert_eq!(ask("y.x.wild.lab.test", "A"), "NOERROR aa | y.x.wild A |  | ");
    assert_eq!(ask("x.wild.lab.test", "MX"), "NOERROR aa |  | @ SOA | ");
    assert_eq!(ask("exists.wild.lab.test", "A"), "NOERROR aa |  | @ SOA | ");
    // RFC 4592 §3.3.1: below a name that exists, the wildcard beside it does not count.
    assert_eq!(ask("x.exists.wild.lab.test", "A"), "NXDOMAIN aa |  | @ SOA | ");
}

#[test]
fn what_is_delegated_is_referred_without_authority() {
    let referral = "NOERROR |  | sub NS, sub NS | ns.sub A";
    for (name, kind) in [
        ("sub.lab.test", "A"),
        ("sub.lab.test", "NS"),
        ("hidden.sub.lab.test", "A"),
        ("x.y.sub.lab.test", "MX"),
    ] {
        assert_eq!(ask(name, kind), referral, "{name}");
    }
}

#[test]
fn what_is_not_ours_is_refused() {
    assert_eq!(ask("example.com", "A"), "REFUSED |  |  | ");
    assert_eq!(ask("test", "NS"), "REFUSED |  |  | ");
    assert_eq!(ask("lab.test", "AXFR"), "REFUSED |  |  | ");
    let mut chaos = query("lab.test", "TXT");
    chaos.queries[0].set_query_class(DNSClass::CH);
    assert_eq!(shown(&send(&chaos, Transport::Udp)), "REFUSED |  |  | ");
}

#[test]
fn any_is_whole_over_tcp_and_small_in_a_datagram() {
    assert_eq!(ask("mail.lab.test", "ANY"), "NOERROR aa | mail A |  | ");
    let whole = shown(&send(&query("mail.lab.test", "ANY"), Transport::Tcp));
    assert_eq!(whole, "NOERROR aa | mail A, mail AAAA |  | ");
}

#[test]
fn questions_that_are_none_get_their_codes() {
    let mut two = query("lab.test", "A");
    two.add_query(two.queries[0].clone());
    assert_eq!(send(&two, Transport::Udp).response_code, ResponseCode::FormErr);
    let mut update = query("lab.test", "SOA");
    update.metadata.op_code = OpCode::Notify;
    assert_eq!(send(&update, Transport::Udp).response_code, ResponseCode::NotImp);
    let mut edns = Edns::new();
    edns.set_version(1);
    let mut new = query("lab.test", "A");
    new.set_edns(edns);
    assert_eq!(shown(&send(&new, Transport::Udp)), "BADVERS |  |  | ");
    let broken = &query("lab.test", "A").to_vec().unwrap()[..20];
    let answer = Message::from_vec(&respond(&zones(), broken, Transport::Udp).unwrap()).unwrap();
    assert_eq!((answer.id, answer.response_code), (77, ResponseCode::FormErr));
}

#[test]
fn answers_and_scraps_are_not_answered() {
    let mut answer = query("lab.test", "A");
    answer.metadata.message_type = MessageType::Response;
    assert!(respond(&zones(), &answer.to_vec().unwrap(), Transport::Udp).is_none());
    assert!(respond(&zones(), b"scrap", Transport::Udp).is_none());
}

#[test]
fn an_answer_that_does_not_fit_is_cut_and_says_so() {
    let mut zone = Zone::parse(ZONES[0], None).unwrap();
    for number in 0..40 {
        let line = format!("long TXT \"{number:030}\"");
        zone.records.push(zone.parse_record(&line).unwrap());
        let line = format!("many MX {number} mail{number}");
        zone.records.push(zone.parse_record(&line).unwrap());
        let line = format!("mail{number} AAAA 2001:db8::{number}");
        zone.records.push(zone.parse_record(&line).unwrap());
    }
    let zones = Zones::new(vec![zone]).unwrap();
    let sizes = |query: &Message, transport| {
        let octets = respond(&zones, &query.to_vec().unwrap(), transport).unwrap();
        let answer = Message::from_vec(&octets).unwrap();
        (
            octets.len(),
            answer.truncation,
            answer.answers.len(),
            answer.additionals.len(),
            answer.edns.is_some(),
        )
    };
    let mut long = query("long.lab.test", "TXT");
    let (octets, cut, answers, ..) = sizes(&long, Transport::Udp);
    assert!(octets <= 512 && cut && answers == 0, "{octets} {answers}");
    let (_, cut, answers, ..) = sizes(&long, Transport::Tcp);
    assert!(!cut && answers == 40);
    // Whatever the client says it takes, it gets no more than 1232 octets; EDNS stays in a cut answer.
    let mut edns = Edns::new();
    edns.set_max_payload(65_000);
    long.set_edns(edns.clone());
    let (octets, cut, answers, _, has_edns) = sizes(&long, Transport::Udp);
    assert!(octets <= 1232 && cut && answers == 0 && has_edns, "{octets} {answers}");
    // Additional records alone are left out without TC.
    let mut many = query("many.lab.test", "MX");
    many.set_edns(edns);
    let (octets, cut, answers, additionals, has_edns) = sizes(&many, Transport::Udp);
    assert_eq!((cut, answers, additionals, has_edns), (false, 40, 0, true), "{octets}");
}

proptest::proptest! {
    #[test]
    fn no_octets_panic(octets in proptest::collection::vec(0u8.., 0..100), header in 0u8..2) {
        let zones = zones();
        let mut octets = octets;
        if header == 1 {
            let mut whole = query("x.wild.lab.test", "A").to_vec().unwrap();
            whole.extend(octets);
            octets = whole;
        }
        let _ = respond(&zones, &octets, Transport::Udp);
        let _ = respond(&zones, &octets, Transport::Tcp);
    }
}
