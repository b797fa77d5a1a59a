//! The settings and messages of a transcript, as words.

use postigo_sasl::{ChannelBinding, Credentials, NonceSeed};
use postigo_smtp::client::{
    Config, Connection, ContentFacts, Established, Times, TlsUse, Transaction, TransactionRecipient,
};
use postigo_smtp::dsn::{Notify, OriginalRecipient, Returned};
use postigo_smtp::{Address, ClientName, Recipient, ReversePath, Tls};

pub fn tls() -> Established {
    let tls = Tls { version: "TLSv1.3".into(), cipher: "TLS_AES_256_GCM_SHA384".into(), bits: 256 };
    Established { tls, binding: None }
}

pub fn settings(words: &[&str]) -> (Config, Connection) {
    let mut config = Config {
        client_name: ClientName::parse(b"client.test").unwrap(),
        tls: TlsUse::IfOffered,
        credentials: None,
        times: Times::default(),
    };
    let mut connection =
        Connection { peer_is_loopback: false, tls: None, nonce_seed: NonceSeed::from_bytes([2; 32]) };
    for word in words {
        match *word {
            "tls=never" => config.tls = TlsUse::Never,
            "tls=required" => config.tls = TlsUse::Required,
            "tls=implicit" => config.tls = TlsUse::Implicit,
            "tls" => connection.tls = Some(tls()),
            "bound" => {
                let binding = Some(ChannelBinding::TlsExporter([7; 32]));
                connection.tls = Some(Established { binding, ..tls() });
            }
            "loopback" => connection.peer_is_loopback = true,
            "user" => config.credentials = Credentials::new("ana", "pencil"),
            "long-password" => config.credentials = Credentials::new("ana", &"x".repeat(500)),
            _ => panic!("unknown setting {word}"),
        }
    }
    (config, connection)
}

/// `SENDER to RECIPIENT,RECIPIENT words`
pub fn transaction(text: &str) -> Transaction {
    let mut words = text.split(' ');
    let address = |text: &str| Address::parse_utf8(text.as_bytes()).unwrap();
    let reverse_path = match words.next().unwrap() {
        "<>" => ReversePath::Null,
        sender => ReversePath::Address(address(sender)),
    };
    assert_eq!(words.next(), Some("to"));
    let recipients = words.next().unwrap().split(',').map(|text| {
        let recipient =
            if text == "postmaster" { Recipient::Postmaster } else { Recipient::Address(address(text)) };
        TransactionRecipient::from(recipient)
    });
    let mut transaction = Transaction {
        reverse_path,
        recipients: recipients.collect(),
        content: ContentFacts { octets: 100, line_octets: 100, ..ContentFacts::default() },
        smtp_utf8: false,
        require_tls: false,
        returned: None,
        envelope_id: None,
    };
    for word in words {
        match word {
            "8bit" => transaction.content.eight_bit = true,
            "utf8" => {
                transaction.content.eight_bit = true;
                transaction.content.eight_bit_header = true;
                transaction.smtp_utf8 = true;
            }
            "binary" => transaction.content.binary = true,
            "requiretls" => transaction.require_tls = true,
            "dsn" => {
                transaction.returned = Some(Returned::Headers);
                transaction.envelope_id = Some("id+1".into());
                for to in &mut transaction.recipients {
                    to.notify = Some(Notify { success: true, failure: true, delay: false });
                    let address = to.recipient.to_string();
                    to.original = Some(OriginalRecipient { address_type: "rfc822".into(), address });
                }
            }
            _ => panic!("unknown word {word}"),
        }
    }
    transaction
}
