//! The settings of a transcript, as words.

use postigo_sasl::{ChannelBinding, DecoySecret, Mechanism, NonceSeed};
use postigo_smtp::{BareNewlines, Config, Connection, Established, Limits, Service, Tls};

pub fn tls() -> Established {
    let tls = Tls { version: "TLSv1.3".into(), cipher: "TLS_AES_256_GCM_SHA384".into(), bits: 256 };
    Established { tls, binding: Some(ChannelBinding::TlsExporter([9; 32])) }
}

/// Reads the words; the bool says whether notes are shown.
pub fn settings<'a>(words: impl Iterator<Item = &'a str>) -> (Config, Connection, bool) {
    let mut config = Config {
        host: "mail.lab.test".into(),
        service: Service::Mta,
        tls_available: true,
        tls_required: false,
        size_octets: 1000,
        longest_hold: 0,
        mechanisms: vec![Mechanism::ScramSha256, Mechanism::Plain, Mechanism::Login],
        bare_newlines: BareNewlines::Refuse,
        asks_data: false,
        limits: Limits::default(),
        decoys: DecoySecret::from_bytes([1; 32]),
    };
    let mut connection = Connection {
        peer_is_loopback: false,
        tls: None,
        nonce_seed: NonceSeed::from_bytes([2; 32]),
        since: "2026-11-24T20:00:00Z".parse().unwrap(),
        may_xclient: false,
    };
    let mut notes = false;
    for word in words {
        let (name, number) = word.split_once('=').unwrap_or((word, "0"));
        let number: u32 = number.parse().unwrap();
        match name {
            "submission" => config.service = Service::Submission,
            "no-tls" => config.tls_available = false,
            "tls" => connection.tls = Some(tls()),
            "loopback" => connection.peer_is_loopback = true,
            "no-auth" => config.mechanisms.clear(),
            "plain-only" => config.mechanisms = vec![Mechanism::Plain],
            "every-auth" => config.mechanisms = Mechanism::ALL.to_vec(),
            "normalise" => config.bare_newlines = BareNewlines::Normalise,
            "recipients" => config.limits.recipients = usize::try_from(number).unwrap(),
            "refused" => config.limits.refused_recipients = number,
            "bad" => config.limits.bad_commands = number,
            "idle" => config.limits.idle_commands = number,
            "logins" => config.limits.authentication_failures = number,
            "transactions" => config.limits.transactions = number,
            "size" => config.size_octets = number.into(),
            "line" => config.limits.text_line_octets = number.into(),
            "asks-data" => config.asks_data = true,
            "hold" => config.longest_hold = number,
            "xclient" => connection.may_xclient = true,
            "notes" => notes = true,
            _ => panic!("unknown setting {word}"),
        }
    }
    (config, connection, notes)
}
