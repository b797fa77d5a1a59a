//! Whole exchanges, with the vectors of the RFCs, and hostile input.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use postigo_sasl::{
    DecoySecret, Exchange, Failure, KeyKind, MAX_MESSAGE_OCTETS, Mechanism, Nonce, NonceSeed, Password,
    ScramHash, ScramVerifier, Step,
};
use proptest::prelude::*;

fn start(mechanism: Mechanism, initial: Option<&[u8]>) -> (Exchange, Step) {
    let nonce = Nonce::parse("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0").unwrap();
    Exchange::start(mechanism, initial, nonce, &DecoySecret::from_bytes([3; 32]), None)
}

fn challenge(step: Step) -> String {
    match step {
        Step::Challenge(octets) => String::from_utf8(octets).unwrap(),
        other => panic!("not a challenge: {other:?}"),
    }
}

fn failure(step: Step) -> Failure {
    match step {
        Step::Failure(failure) => failure,
        other => panic!("not a failure: {other:?}"),
    }
}

fn success(step: Step) -> String {
    match step {
        Step::Success { user } => user,
        other => panic!("not a success: {other:?}"),
    }
}

/// The keys of user "user", password "pencil", salt and 4096 iterations of RFC 7677 §3, computed independently.
fn rfc7677_keys() -> ScramVerifier {
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
     wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        .parse()
        .unwrap()
}

const RFC7677_FIRST: &[u8] = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const RFC7677_FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

#[test]
fn scram_sha_256_speaks_the_example_of_rfc_7677() {
    let (mut exchange, step) = start(Mechanism::ScramSha256, Some(RFC7677_FIRST));
    assert!(matches!(step, Step::NeedKeys { user, .. } if user == "user"));
    assert_eq!(
        challenge(exchange.keys(Some(rfc7677_keys().into()))),
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    );
    assert_eq!(
        challenge(exchange.respond(RFC7677_FINAL.as_bytes())),
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    );
    assert_eq!(success(exchange.respond(b"")), "user");
    assert_eq!(failure(exchange.respond(b"")), Failure::OutOfOrder);
}

#[test]
fn the_fast_path_knows_the_password_of_rfc_7677() {
    assert!(rfc7677_keys().verify(&Password::prepare("pencil").unwrap()));
    assert!(!rfc7677_keys().verify(&Password::prepare("Pencil").unwrap()));
}

#[test]
fn scram_without_an_initial_response_begins_with_an_empty_challenge() {
    let (mut exchange, step) = start(Mechanism::ScramSha256, None);
    assert_eq!(challenge(step), "");
    assert!(matches!(exchange.respond(RFC7677_FIRST), Step::NeedKeys { .. }));
}

fn scram_final(response: &str, keys: Option<ScramVerifier>) -> Step {
    let (mut exchange, _) = start(Mechanism::ScramSha256, Some(RFC7677_FIRST));
    exchange.keys(keys.map(Into::into));
    exchange.respond(response.as_bytes())
}

#[test]
fn scram_refuses_a_changed_nonce_header_or_proof() {
    let keys = || Some(rfc7677_keys());
    let other_nonce = RFC7677_FINAL.replace("hNlF", "hNlG");
    assert_eq!(failure(scram_final(&other_nonce, keys())), Failure::Malformed);
    // "eSws" is "y,,": the client's header was changed on its way, as an attacker who strips -PLUS would.
    assert_eq!(failure(scram_final(&RFC7677_FINAL.replace("biws", "eSws"), keys())), Failure::Malformed);
    assert_eq!(failure(scram_final(&RFC7677_FINAL.replace("p=d", "p=e"), keys())), Failure::Credentials);
}

#[test]
fn an_unknown_user_fails_only_at_the_end_and_has_a_stable_salt() {
    let server_first = || {
        let (mut exchange, _) = start(Mechanism::ScramSha256, Some(RFC7677_FIRST));
        challenge(exchange.keys(None))
    };
    assert_eq!(server_first(), server_first());
    assert!(server_first().ends_with(",i=15000"));
    let known = ScramVerifier::derive(&Password::prepare("x").unwrap(), &[1; 16]);
    let (mut exchange, _) = start(Mechanism::ScramSha256, Some(RFC7677_FIRST));
    assert_eq!(challenge(exchange.keys(Some(known.into()))).len(), server_first().len());
    assert_eq!(failure(scram_final(RFC7677_FINAL, None)), Failure::Credentials);
}

/// Two spellings of one unknown account: the caller answers with the keys of the full name for both.
#[test]
fn spellings_of_an_unknown_user_can_share_a_salt() {
    let decoys = DecoySecret::from_bytes([3; 32]);
    let server_first = |user: &str| {
        let first = format!("n,,n={user},r=abc");
        let (mut exchange, _) = start(Mechanism::ScramSha256, Some(first.as_bytes()));
        challenge(exchange.keys(Some(decoys.verifier(ScramHash::Sha256, "nobody@lab.test").into())))
    };
    assert_eq!(server_first("nobody"), server_first("nobody@lab.test"));
    assert_eq!(
        failure(scram_final(RFC7677_FINAL, Some(decoys.verifier(ScramHash::Sha256, "user")))),
        Failure::Credentials
    );
}

#[test]
fn scram_needs_the_client_to_confirm_the_servers_signature() {
    let (mut exchange, _) = start(Mechanism::ScramSha256, Some(RFC7677_FIRST));
    exchange.keys(Some(rfc7677_keys().into()));
    exchange.respond(RFC7677_FINAL.as_bytes());
    assert_eq!(failure(exchange.respond(b"no")), Failure::Malformed);
}

/// RFC 5802 §5, its keys computed independently.
#[test]
fn scram_sha_1_speaks_the_example_of_rfc_5802() {
    let keys: ScramVerifier =
        "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y=:D+CSWLOshSulAsxiupA+qs2/fTE="
            .parse()
            .unwrap();
    assert!(keys.verify(&Password::prepare("pencil").unwrap()));
    let nonce = Nonce::parse("3rfcNHYJY1ZVvWVs7j").unwrap();
    let first = b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL";
    let decoys = DecoySecret::from_bytes([3; 32]);
    let (mut exchange, step) = Exchange::start(Mechanism::ScramSha1, Some(first), nonce, &decoys, None);
    assert!(matches!(step, Step::NeedKeys { kind: KeyKind::Scram(ScramHash::Sha1), .. }));
    assert_eq!(
        challenge(exchange.keys(Some(keys.into()))),
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
    );
    let last = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    assert_eq!(challenge(exchange.respond(last.as_bytes())), "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
    assert_eq!(success(exchange.respond(b"")), "user");
}

/// Keys of another hash are a fault of our own.
#[test]
fn keys_have_to_be_of_the_kind_that_was_asked_for() {
    let (mut exchange, _) = start(Mechanism::ScramSha1, Some(RFC7677_FIRST));
    assert_eq!(failure(exchange.keys(Some(rfc7677_keys().into()))), Failure::OutOfOrder);
    let (mut exchange, _) = start(Mechanism::CramMd5, None);
    exchange.respond(b"user 0123");
    assert_eq!(failure(exchange.keys(Some(rfc7677_keys().into()))), Failure::OutOfOrder);
    let (mut exchange, _) = start(Mechanism::CramMd5, None);
    exchange.respond(b"user 0123");
    assert_eq!(failure(exchange.keys(None)), Failure::Credentials);
    assert_eq!(failure(start(Mechanism::CramMd5, Some(b"user 0123")).1), Failure::Malformed);
}

fn checked_password(step: Step) -> (String, Password) {
    match step {
        Step::CheckPassword { user, password } => (user, password),
        other => panic!("no password to check: {other:?}"),
    }
}

/// RFC 4616 §4, first example.
#[test]
fn plain_hands_over_name_and_password() {
    let (mut exchange, step) = start(Mechanism::Plain, Some(b"\0tim\0tanstaaftanstaaf"));
    let (user, password) = checked_password(step);
    assert_eq!(user, "tim");
    let expected = ScramVerifier::derive(&Password::prepare("tanstaaftanstaaf").unwrap(), b"salt");
    assert!(expected.verify(&password));
    assert_eq!(success(exchange.password_checked(true)), "tim");
    assert_eq!(failure(exchange.password_checked(true)), Failure::OutOfOrder);
}

#[test]
fn plain_without_an_initial_response_begins_with_an_empty_challenge() {
    let (mut exchange, step) = start(Mechanism::Plain, None);
    assert_eq!(challenge(step), "");
    checked_password(exchange.respond(b"ana\0ana\0secret"));
    assert_eq!(failure(exchange.password_checked(false)), Failure::Credentials);
}

/// RFC 4616 §4, second example: Ursel wants to act as Kurt.
#[test]
fn plain_refuses_to_act_as_another_user() {
    let (_, step) = start(Mechanism::Plain, Some(b"Ursel\0Kurt\0xipj3plmq"));
    assert_eq!(failure(step), Failure::Authorization);
}

#[test]
fn plain_with_a_fault_is_refused() {
    for fault in [&b""[..], b"tim", b"\0tim", b"\0tim\0pass\0", b"\0\xff\0pass", b"\0tim\0\xff"] {
        let (_, step) = start(Mechanism::Plain, Some(fault));
        assert_eq!(failure(step), Failure::Malformed, "{fault:?}");
    }
    for nobody in [&b"\0\0pass"[..], b"\0tim\0", b"\0ti\x07m\0pass"] {
        let (_, step) = start(Mechanism::Plain, Some(nobody));
        assert_eq!(failure(step), Failure::Credentials, "{nobody:?}");
    }
}

#[test]
fn login_asks_for_name_and_password() {
    let (mut exchange, step) = start(Mechanism::Login, None);
    assert_eq!(challenge(step), "Username:");
    assert_eq!(challenge(exchange.respond(b"ana@lab.test")), "Password:");
    let (user, _) = checked_password(exchange.respond(b"secret"));
    assert_eq!(user, "ana@lab.test");
    assert_eq!(success(exchange.password_checked(true)), "ana@lab.test");
}

#[test]
fn login_takes_the_name_as_initial_response() {
    let (mut exchange, step) = start(Mechanism::Login, Some(b"ana"));
    assert_eq!(challenge(step), "Password:");
    checked_password(exchange.respond(b"secret"));
}

#[test]
fn answers_that_nobody_asked_for_end_the_exchange() {
    let (mut exchange, _) = start(Mechanism::Plain, None);
    assert_eq!(failure(exchange.password_checked(true)), Failure::OutOfOrder);
    assert_eq!(failure(exchange.respond(b"\0ana\0secret")), Failure::OutOfOrder);
    let (mut exchange, _) = start(Mechanism::Login, None);
    assert_eq!(failure(exchange.keys(Some(rfc7677_keys().into()))), Failure::OutOfOrder);
}

#[test]
fn a_message_over_the_limit_is_refused() {
    let (mut exchange, _) = start(Mechanism::Login, None);
    assert_eq!(failure(exchange.respond(&[b'a'; MAX_MESSAGE_OCTETS + 1])), Failure::Malformed);
}

#[test]
fn debug_shows_no_secret() {
    let (exchange, step) = start(Mechanism::Plain, Some(b"\0ana\0s3cret"));
    let shown = format!("{exchange:?} {step:?} {:?} {:?}", rfc7677_keys(), NonceSeed::from_bytes([1; 32]));
    assert!(!shown.contains("s3cret") && !shown.contains(&STANDARD.encode([1; 32])), "{shown}");
}

/// Plays the inputs against the mechanism, answers its questions with no, and gives the last step.
fn play(mechanism: Mechanism, inputs: &[Vec<u8>]) {
    let (mut exchange, mut step) = start(mechanism, inputs.first().map(Vec::as_slice));
    for input in &inputs[inputs.len().min(1)..] {
        step = match step {
            Step::NeedKeys { .. } => exchange.keys(None),
            Step::CheckPassword { .. } => exchange.password_checked(false),
            Step::Challenge(_) | Step::Failure(_) => exchange.respond(input),
            Step::Success { user } => panic!("{user} got in"),
        };
    }
    assert!(!matches!(step, Step::Success { .. }));
}

proptest! {
    #[test]
    fn nobody_gets_in_with_noise(inputs in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..6)) {
        Mechanism::ALL.into_iter().for_each(|mechanism| play(mechanism, &inputs));
    }

    #[test]
    fn nobody_gets_in_with_noise_of_the_right_shape(
        first in "[nyp](=[a-z]{1,4})?,(a=[a-z=,]{0,4})?,n=[a-z=0-9DC]{0,6},r=[ -~]{0,10}(,[a-z]=.{0,3})?",
        last in "c=(biws|eSws|[a-zA-Z]{0,6}),r=[ -~]{0,40}(,p=[A-Za-z0-9+/]{43}=)?",
    ) {
        play(Mechanism::ScramSha256, &[first.into_bytes(), vec![], last.into_bytes(), vec![], vec![]]);
    }
}
