//! Between our records and those of hickory-proto.

use hickory_proto::op::Message;
use hickory_proto::rr::rdata::{A, AAAA, CAA, CNAME, MX, NS, PTR, SOA, SRV, TLSA, TXT};
use hickory_proto::rr::{RData, Record as WireRecord, RecordType};

use crate::record::MAX_TTL;
use crate::{Data, Kind, Name, Record, Soa, Srv, Tlsa};

/// A message; none if the octets are broken, or hold more than one question (RFC 9619 §4: such a message is malformed). The decoder makes
/// room for as many questions as the header claims, so that is looked at first: twelve octets must not cost megabytes.
pub(crate) fn decode(octets: &[u8]) -> Option<Message> {
    let [_, _, _, _, 0, 0 | 1, ..] = octets else { return None };
    Message::from_vec(octets).ok()
}

/// The wire's type.
pub(crate) fn record_type(kind: Kind) -> RecordType {
    RecordType::from(kind.code())
}

/// Our form of a record from an answer.
pub(crate) fn from_wire(record: &WireRecord) -> Record {
    // RFC 2181 §8: a TTL with the highest bit set is taken as zero.
    let ttl = if record.ttl > MAX_TTL { 0 } else { record.ttl };
    Record { name: Name::from_wire(&record.name), ttl, data: data(&record.data) }
}

fn data(data: &RData) -> Data {
    match data {
        RData::A(A(address)) => Data::A(*address),
        RData::AAAA(AAAA(address)) => Data::Aaaa(*address),
        RData::NS(NS(host)) => Data::Ns(Name::from_wire(host)),
        RData::CNAME(CNAME(target)) => Data::Cname(Name::from_wire(target)),
        RData::PTR(PTR(host)) => Data::Ptr(Name::from_wire(host)),
        RData::MX(mx) => Data::Mx { preference: mx.preference, exchange: Name::from_wire(&mx.exchange) },
        RData::TXT(txt) => Data::Txt(txt.txt_data.iter().map(|string| string.to_vec()).collect()),
        RData::SOA(soa) => Data::Soa(Soa {
            primary: Name::from_wire(&soa.mname),
            contact: Name::from_wire(&soa.rname),
            serial: soa.serial,
            refresh: soa.refresh.cast_unsigned(),
            retry: soa.retry.cast_unsigned(),
            expire: soa.expire.cast_unsigned(),
            minimum: soa.minimum,
        }),
        RData::SRV(srv) => Data::Srv(Srv {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            target: Name::from_wire(&srv.target),
        }),
        RData::TLSA(tlsa) => Data::Tlsa(Tlsa {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            data: tlsa.cert_data.clone(),
        }),
        RData::CAA(caa) => {
            Data::Caa { flags: caa.flags(), tag: caa.tag.to_ascii_lowercase(), value: caa.value.clone() }
        }
        other => Data::Other { kind: Kind::from_code(other.record_type().into()), text: other.to_string() },
    }
}

/// The wire's form; none for a type that this crate does not know.
pub(crate) fn to_wire(record: &Record) -> Option<WireRecord> {
    let data = match &record.data {
        Data::A(address) => RData::A(A(*address)),
        Data::Aaaa(address) => RData::AAAA(AAAA(*address)),
        Data::Ns(host) => RData::NS(NS(host.to_wire())),
        Data::Cname(target) => RData::CNAME(CNAME(target.to_wire())),
        Data::Ptr(host) => RData::PTR(PTR(host.to_wire())),
        Data::Mx { preference, exchange } => RData::MX(MX::new(*preference, exchange.to_wire())),
        Data::Txt(strings) => RData::TXT(TXT::from_bytes(strings.iter().map(Vec::as_slice).collect())),
        Data::Soa(soa) => RData::SOA(SOA::new(
            soa.primary.to_wire(),
            soa.contact.to_wire(),
            soa.serial,
            soa.refresh.cast_signed(),
            soa.retry.cast_signed(),
            soa.expire.cast_signed(),
            soa.minimum,
        )),
        Data::Srv(Srv { priority, weight, port, target }) => {
            RData::SRV(SRV::new(*priority, *weight, *port, target.to_wire()))
        }
        Data::Tlsa(Tlsa { usage, selector, matching, data }) => {
            RData::TLSA(TLSA::new((*usage).into(), (*selector).into(), (*matching).into(), data.clone()))
        }
        Data::Caa { flags, tag, value } => {
            let mut caa = CAA::new_issue(flags & 0x80 != 0, None, Vec::new());
            caa.reserved_flags = flags & 0x7f;
            caa.tag.clone_from(tag);
            caa.value.clone_from(value);
            RData::CAA(caa)
        }
        Data::Other { .. } => return None,
    };
    Some(WireRecord::from_rdata(record.name.to_wire(), record.ttl, data))
}
