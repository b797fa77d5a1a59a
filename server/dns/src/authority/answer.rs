//! A query into its answer: RFC 1034 §4.3.2, without sockets.

use hickory_proto::op::{Edns, Header, Message, MessageType, Metadata, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder, BinEncodable, BinEncoder};

use super::zones::{Found, Zones};
use crate::exchange::DATAGRAM;
use crate::interpret::MAX_ALIASES;
use crate::wire::{decode, to_wire};
use crate::{Data, Kind, Name, Record, Transport};

/// The longest datagram that every client takes (RFC 1035 §4.2.1).
const PLAIN_DATAGRAM: u16 = 512;

/// The octets to send back; none if the peer shall get nothing: what is too short to be a query, or is an answer itself, might come
/// from another server, and two servers must not answer each other for ever.
pub(super) fn respond(zones: &Zones, query: &[u8], transport: Transport) -> Option<Vec<u8>> {
    let header = Header::read(&mut BinDecoder::new(query)).ok()?;
    if header.metadata.message_type != MessageType::Query {
        return None;
    }
    let Some(query) = decode(query) else {
        let mut answer = Message::new(header.metadata.id, MessageType::Response, header.metadata.op_code);
        answer.metadata.response_code = ResponseCode::FormErr;
        return answer.to_vec().ok();
    };
    let most = match transport {
        Transport::Tcp => u16::MAX,
        Transport::Udp => query
            .edns
            .as_ref()
            .map_or(PLAIN_DATAGRAM, |edns| edns.max_payload().clamp(PLAIN_DATAGRAM, DATAGRAM)),
    };
    encode(answer(zones, &query, transport), most)
}

fn answer(zones: &Zones, query: &Message, transport: Transport) -> Message {
    let mut answer = Message::new(query.id, MessageType::Response, query.op_code);
    answer.metadata = Metadata::response_from_request(&query.metadata);
    answer.add_queries(query.queries.iter().cloned());
    if let Some(theirs) = &query.edns {
        let mut edns = Edns::new();
        edns.set_max_payload(DATAGRAM);
        // RFC 3225 §3: the DO bit is copied, though we have no signatures to send.
        edns.set_dnssec_ok(theirs.flags().dnssec_ok);
        answer.set_edns(edns);
    }
    answer.metadata.response_code = match (query.op_code, query.queries.as_slice()) {
        _ if query.version() > 0 => ResponseCode::BADVERS,
        (OpCode::Query, [question]) => fill(zones, question, transport, &mut answer),
        (OpCode::Query, _) => ResponseCode::FormErr,
        _ => ResponseCode::NotImp,
    };
    answer
}

/// Fills the sections, and gives the code.
fn fill(zones: &Zones, question: &Query, transport: Transport, answer: &mut Message) -> ResponseCode {
    let transfer = matches!(question.query_type(), RecordType::AXFR | RecordType::IXFR);
    if question.query_class() != DNSClass::IN || transfer {
        return ResponseCode::Refused;
    }
    let mut name = Name::from_wire(question.name());
    let mut seen: Vec<Name> = Vec::new();
    loop {
        let Some(zone) = zones.zone_of(&name) else {
            // An alias may lead out of our zones; then the rest is for the client to find. Without one, the question was not for us.
            return if seen.is_empty() { ResponseCode::Refused } else { ResponseCode::NoError };
        };
        let node = match zone.find(&name) {
            Found::Delegated(servers) => {
                refer(zones, servers, answer);
                return ResponseCode::NoError;
            }
            Found::Nothing => {
                answer.metadata.authoritative = true;
                add_negative(zone.negative(), answer);
                return ResponseCode::NXDomain;
            }
            Found::Node(node) => node,
        };
        answer.metadata.authoritative = true;
        let found = select(node, question.query_type(), transport);
        if !found.is_empty() {
            add_found(zones, &name, &found, answer);
            return ResponseCode::NoError;
        }
        let Some([alias]) = node.get(&Kind::Cname).map(Vec::as_slice) else {
            add_negative(zone.negative(), answer);
            return ResponseCode::NoError;
        };
        let Data::Cname(target) = &alias.data else { return ResponseCode::ServFail };
        add_found(zones, &name, &[alias], answer);
        seen.push(name);
        if seen.contains(target) || seen.len() == MAX_ALIASES {
            return ResponseCode::NoError;
        }
        name = target.clone();
    }
}

/// The records of the type asked for. For ANY all of them over TCP, one set in a datagram, so that nobody can use us to flood others
/// (RFC 8482 §4.1, §4.4).
fn select(node: &super::zones::Node, wanted: RecordType, transport: Transport) -> Vec<&Record> {
    match (wanted, transport) {
        (RecordType::ANY, Transport::Tcp) => node.values().flatten().collect(),
        (RecordType::ANY, Transport::Udp) => node.values().next().into_iter().flatten().collect(),
        _ => node.get(&Kind::from_code(wanted.into())).into_iter().flatten().collect(),
    }
}

/// Adds records to the answer under the name asked for, which a wildcard's own is not; and the addresses of the hosts they name.
fn add_found(zones: &Zones, name: &Name, found: &[&Record], answer: &mut Message) {
    for record in found {
        let record = Record { name: name.clone(), ..(*record).clone() };
        answer.add_answers(to_wire(&record));
    }
    let hosts = found.iter().filter_map(|record| record.data.host());
    add_addresses(zones, hosts, answer);
}

fn refer(zones: &Zones, servers: &[Record], answer: &mut Message) {
    answer.add_authorities(servers.iter().filter_map(to_wire));
    add_addresses(zones, servers.iter().filter_map(|record| record.data.host()), answer);
}

fn add_addresses<'a>(zones: &Zones, hosts: impl Iterator<Item = &'a Name>, answer: &mut Message) {
    for host in hosts {
        for record in zones.addresses(host).filter_map(to_wire) {
            if !answer.additionals.contains(&record) {
                answer.add_additional(record);
            }
        }
    }
}

fn add_negative(soa: Option<&Record>, answer: &mut Message) {
    answer.add_authorities(soa.and_then(to_wire));
}

/// The message in at most so many octets. What does not fit is left out: first the additional records, which nobody asked for and are
/// no reason to set TC (RFC 2181 §9), then all records.
fn encode(mut answer: Message, most: u16) -> Option<Vec<u8>> {
    if let Some(octets) = fitting(&answer, most) {
        return Some(octets);
    }
    answer.additionals.clear();
    if let Some(octets) = fitting(&answer, most) {
        return Some(octets);
    }
    answer.answers.clear();
    answer.authorities.clear();
    answer.metadata.truncation = true;
    fitting(&answer, most)
}

fn fitting(answer: &Message, most: u16) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(usize::from(PLAIN_DATAGRAM));
    let mut encoder = BinEncoder::new(&mut octets);
    encoder.set_max_size(most);
    answer.emit(&mut encoder).ok()?;
    // The encoder sets TC (RFC 1035 §4.1.1) where it left something out.
    let cut = octets.get(2).is_some_and(|flags| flags & 0x02 != 0);
    (!cut || answer.metadata.truncation).then_some(octets)
}

#[cfg(test)]
mod tests;
