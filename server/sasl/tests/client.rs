//! The client's side, with the vectors of the RFCs, against our own server, and against servers that lie.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use postigo_sasl::{
    Binding, ChannelBinding, ClientExchange, ClientFailure, ClientMechanism, Credentials, DecoySecret,
    Exchange, KeyKind, Keys, Mechanism, Nonce, Password, ScramVerifier, Step,
};
use proptest::prelude::*;

fn start(mechanism: ClientMechanism, user: &str, password: &str, nonce: &str) -> ClientExchange {
    let credentials = Credentials::new(user, password).unwrap();
    ClientExchange::start(mechanism, &credentials, &Nonce::parse(nonce).unwrap(), Binding::None).unwrap()
}

fn text(response: &[u8]) -> &str {
    std::str::from_utf8(response).unwrap()
}

/// RFC 7677 §3.
#[test]
fn scram_sha_256_speaks_the_example_of_rfc_7677() {
    let mut exchange = start(ClientMechanism::ScramSha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
    assert_eq!(text(&exchange.initial_response().unwrap()), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let last = exchange
        .respond(b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
        .unwrap();
    assert_eq!(
        text(&last),
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
         p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    assert!(exchange.respond(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").unwrap().is_empty());
    assert_eq!(exchange.succeeded(), Ok(()));
}

/// RFC 5802 §5.
#[test]
fn scram_sha_1_speaks_the_example_of_rfc_5802() {
    let mut exchange = start(ClientMechanism::ScramSha1, "user", "pencil", "fyko+d2lbbFgONRv9qkxdawL");
    assert_eq!(text(&exchange.respond(b"").unwrap()), "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    let last =
        exchange.respond(b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096").unwrap();
    assert_eq!(
        text(&last),
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    );
    exchange.respond(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=").unwrap();
    assert_eq!(exchange.succeeded(), Ok(()));
}

/// RFC 2195 §2.
#[test]
fn cram_md5_speaks_the_example_of_rfc_2195() {
    let mut exchange = start(ClientMechanism::CramMd5, "tim", "tanstaaftanstaaf", "x");
    assert_eq!(exchange.initial_response(), None);
    let response = exchange.respond(b"<1896.697170952@postoffice.reston.mci.net>").unwrap();
    assert_eq!(text(&response), "tim b913a602c7eda7a495b4e6e7334d3890");
    assert_eq!(exchange.succeeded(), Ok(()));
}

/// RFC 4616 §4.
#[test]
fn plain_and_login_send_the_password() {
    let mut exchange = start(ClientMechanism::Plain, "tim", "tanstaaftanstaaf", "x");
    assert_eq!(text(&exchange.initial_response().unwrap()), "\0tim\0tanstaaftanstaaf");
    assert_eq!(exchange.succeeded(), Ok(()));
    let mut exchange = start(ClientMechanism::Login, "tim", "secret", "x");
    assert_eq!(exchange.initial_response(), None);
    assert_eq!(text(&exchange.respond(b"User Name\0").unwrap()), "tim");
    assert_eq!(text(&exchange.respond(b"Password\0").unwrap()), "secret");
    assert_eq!(exchange.respond(b"").unwrap_err(), ClientFailure::Malformed);
}

#[test]
fn a_bound_exchange_says_to_what() {
    let credentials = Credentials::new("a,b=c", "x").unwrap();
    let nonce = Nonce::parse("abc").unwrap();
    let first = |mechanism, binding| {
        let mut exchange = ClientExchange::start(mechanism, &credentials, &nonce, binding)?;
        let first = text(&exchange.initial_response().unwrap()).to_owned();
        let last = exchange.respond(b"r=abcdef,s=c2FsdA==,i=4096")?;
        let channel_binding = text(&last).split(',').next().unwrap().strip_prefix("c=").unwrap().to_owned();
        Ok::<_, ClientFailure>((first, STANDARD.decode(channel_binding).unwrap()))
    };
    let exporter = ChannelBinding::TlsExporter([7; 32]);
    assert_eq!(
        first(ClientMechanism::ScramSha256Plus, Binding::Bound(&exporter)),
        Ok(("p=tls-exporter,,n=a=2Cb=3Dc,r=abc".into(), [&b"p=tls-exporter,,"[..], &[7; 32]].concat()))
    );
    let end_point = ChannelBinding::TlsServerEndPoint(b"hash".to_vec());
    assert_eq!(
        first(ClientMechanism::ScramSha1Plus, Binding::Bound(&end_point)).unwrap().1,
        b"p=tls-server-end-point,,hash"
    );
    assert_eq!(first(ClientMechanism::ScramSha256, Binding::NotOffered).unwrap().1, b"y,,");
    assert_eq!(first(ClientMechanism::ScramSha256Plus, Binding::None), Err(ClientFailure::NoBinding));
}

fn after_proof(server_final: Option<&[u8]>) -> Result<(), ClientFailure> {
    let mut exchange = start(ClientMechanism::ScramSha256, "user", "pencil", "abc");
    exchange.initial_response();
    exchange.respond(b"r=abcdef,s=c2FsdA==,i=4096")?;
    if let Some(challenge) = server_final {
        exchange.respond(challenge)?;
    }
    exchange.succeeded()
}

/// Invariant 5.
#[test]
fn a_server_that_does_not_know_the_password_is_not_believed() {
    assert_eq!(after_proof(None), Err(ClientFailure::ServerNotAuthentic));
    let forged = format!("v={}", STANDARD.encode([0; 32]));
    assert_eq!(after_proof(Some(forged.as_bytes())), Err(ClientFailure::ServerNotAuthentic));
    assert_eq!(after_proof(Some(b"v=")), Err(ClientFailure::ServerNotAuthentic));
    assert_eq!(after_proof(Some(b"")), Err(ClientFailure::ServerNotAuthentic));
    assert_eq!(after_proof(Some(b"e=invalid-proof")), Err(ClientFailure::ServerError));
}

#[test]
fn a_server_first_message_with_a_fault_is_refused() {
    for (message, failure) in [
        ("r=abc,s=c2FsdA==,i=4096", ClientFailure::Malformed),
        ("r=xbcdef,s=c2FsdA==,i=4096", ClientFailure::Malformed),
        ("r=abcdef,s=,i=4096", ClientFailure::Malformed),
        ("r=abcdef,s=c2FsdA==", ClientFailure::Malformed),
        ("m=1,r=abcdef,s=c2FsdA==,i=4096", ClientFailure::Malformed),
        ("r=abcdef,s=c2FsdA==,i=1", ClientFailure::Iterations),
        ("r=abcdef,s=c2FsdA==,i=4000000000", ClientFailure::Iterations),
        ("e=other-error", ClientFailure::ServerError),
    ] {
        let mut exchange = start(ClientMechanism::ScramSha256, "user", "pencil", "abc");
        exchange.initial_response();
        assert_eq!(exchange.respond(message.as_bytes()).unwrap_err(), failure, "{message}");
    }
}

/// Plays the client against our own server.
fn log_in(password: &str) -> Result<String, String> {
    let keys = ScramVerifier::derive(&Password::prepare("contrase\u{f1}a").unwrap(), b"saltsalt");
    let mut client = start(ClientMechanism::ScramSha256, "ana", password, "abc");
    let first = client.initial_response().unwrap();
    let (mut server, mut step) = Exchange::start(
        Mechanism::ScramSha256,
        Some(&first),
        Nonce::parse("def").unwrap(),
        &DecoySecret::from_bytes([1; 32]),
        None,
    );
    loop {
        step = match step {
            Step::NeedKeys { .. } => server.keys(Some(keys.clone().into())),
            Step::Challenge(challenge) => {
                let response = client.respond(&challenge).map_err(|failure| failure.to_string())?;
                server.respond(&response)
            }
            Step::Success { user } => return client.succeeded().map(|()| user).map_err(|f| f.to_string()),
            Step::Failure(failure) => return Err(failure.to_string()),
            Step::CheckPassword { .. } => panic!("not in SCRAM"),
        };
    }
}

#[test]
fn the_client_logs_in_at_our_own_server() {
    assert_eq!(log_in("contrasen\u{303}a"), Ok("ana".into()));
    assert_eq!(log_in("other"), Err("wrong user name or password".into()));
}

/// Plays the client's mechanism against our own server, each with what it is bound to; `offered` is what the server offers
/// channel binding with.
fn log_in_with(
    mechanism: (ClientMechanism, Mechanism),
    client_binding: Binding<'_>,
    offered: Option<&ChannelBinding>,
) -> Result<String, String> {
    let password = Password::prepare("pencil").unwrap();
    let credentials = Credentials::new("ana", "pencil").unwrap();
    let nonce = Nonce::parse("abc").unwrap();
    let mut client = ClientExchange::start(mechanism.0, &credentials, &nonce, client_binding).unwrap();
    let first = client.initial_response();
    let first = first.as_ref().map(|first| first.as_slice());
    let decoys = DecoySecret::from_bytes([1; 32]);
    let (mut server, mut step) =
        Exchange::start(mechanism.1, first, Nonce::parse("def").unwrap(), &decoys, offered);
    loop {
        step = match step {
            Step::NeedKeys { kind: KeyKind::Scram(hash), .. } => {
                server.keys(Some(ScramVerifier::derive_with(hash, &password, b"saltsalt").into()))
            }
            Step::NeedKeys { kind: KeyKind::Password, .. } => {
                server.keys(Some(Keys::Password(password.clone())))
            }
            Step::Challenge(challenge) => {
                let response = client.respond(&challenge).map_err(|failure| failure.to_string())?;
                server.respond(&response)
            }
            Step::Success { user } => return client.succeeded().map(|()| user).map_err(|f| f.to_string()),
            Step::Failure(failure) => return Err(failure.to_string()),
            Step::CheckPassword { .. } => panic!("no password is sent"),
        };
    }
}

/// RFC 5802 §6 and RFC 9266.
#[test]
fn client_and_server_are_bound_to_the_same_channel_or_to_none() {
    let (here, elsewhere) = (ChannelBinding::TlsExporter([1; 32]), ChannelBinding::TlsExporter([2; 32]));
    for (plus, plain) in [
        (
            (ClientMechanism::ScramSha256Plus, Mechanism::ScramSha256Plus),
            (ClientMechanism::ScramSha256, Mechanism::ScramSha256),
        ),
        (
            (ClientMechanism::ScramSha1Plus, Mechanism::ScramSha1Plus),
            (ClientMechanism::ScramSha1, Mechanism::ScramSha1),
        ),
    ] {
        assert_eq!(log_in_with(plus, Binding::Bound(&here), Some(&here)), Ok("ana".into()));
        let other = Err("the client is bound to another connection".into());
        assert_eq!(log_in_with(plus, Binding::Bound(&elsewhere), Some(&here)), other);
        let unsupported = Err("channel binding is not supported".into());
        assert_eq!(log_in_with(plus, Binding::Bound(&here), None), unsupported);
        assert_eq!(log_in_with(plain, Binding::None, Some(&here)), Ok("ana".into()));
        assert_eq!(log_in_with(plain, Binding::NotOffered, None), Ok("ana".into()));
        let downgraded = Err("the client did not see the mechanisms with channel binding".into());
        assert_eq!(log_in_with(plain, Binding::NotOffered, Some(&here)), downgraded);
    }
}

#[test]
fn cram_md5_lets_in_who_knows_the_password() {
    let cram = (ClientMechanism::CramMd5, Mechanism::CramMd5);
    assert_eq!(log_in_with(cram, Binding::None, None), Ok("ana".into()));
}

#[test]
fn debug_shows_no_secret() {
    let credentials = Credentials::new("ana", "s3cret").unwrap();
    let exchange = start(ClientMechanism::Login, "ana", "s3cret", "x");
    let shown = format!("{credentials:?} {exchange:?} {:?}", ChannelBinding::TlsExporter([115; 32]));
    assert!(!shown.contains("s3cret") && !shown.contains("115"), "{shown}");
    assert!(Credentials::new("", "x").is_none() && Credentials::new("a\0", "x").is_none());
}

proptest! {
    #[test]
    fn noise_from_the_server_never_counts_as_proof(
        challenges in prop::collection::vec("(r=abc[ -~]{0,9},s=[A-Za-z0-9=]{0,8},i=40[0-9]{2}|[ve]=[A-Za-z0-9=]{0,44}|[ -~]{0,20})", 0..4),
    ) {
        let mut exchange = start(ClientMechanism::ScramSha256, "ana", "secret", "abc");
        for challenge in challenges {
            if exchange.respond(challenge.as_bytes()).is_err() {
                return Ok(());
            }
        }
        prop_assert!(exchange.succeeded().is_err());
    }
}
