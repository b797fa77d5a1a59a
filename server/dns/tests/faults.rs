//! Name servers that are silent, fail, cut, lie, or send nonsense.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{LOOPBACK, Over, Peer, impatient, name, reply, resolver, short};
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME, PTR};
use hickory_proto::rr::{Name as WireName, RData, Record, RecordType};
use postigo_dns::{Kind, Limits, Lookup, Outcome, Question, Reaction, Resolver, Reverse, Servers, Transport};
use tokio::net::UdpSocket;

fn host(owner: &str, last: u8) -> Record {
    Record::from_rdata(WireName::from_ascii(owner).unwrap(), 60, RData::A(A(Ipv4Addr::new(192, 0, 2, last))))
}

fn alias(owner: &str, target: &str) -> Record {
    let target = WireName::from_ascii(target).unwrap();
    Record::from_rdata(WireName::from_ascii(owner).unwrap(), 60, RData::CNAME(CNAME(target)))
}

fn found(query: &Message) -> Message {
    let mut answer = reply(query);
    answer.add_answer(host("a.test.", 1));
    answer
}

fn code(query: &Message, code: ResponseCode) -> Vec<u8> {
    let mut answer = reply(query);
    answer.metadata.response_code = code;
    answer.to_vec().unwrap()
}

async fn ask(servers: &[SocketAddr]) -> Lookup {
    resolver(servers).lookup(Question::new(name("a.test"), Kind::A)).await
}

async fn ask_impatiently(servers: &[SocketAddr]) -> Lookup {
    impatient(servers).lookup(Question::new(name("a.test"), Kind::A)).await
}

fn reactions(lookup: &Lookup) -> Vec<Reaction> {
    lookup.attempts.iter().map(|attempt| attempt.reaction.clone()).collect()
}

fn answered(code: &str) -> Reaction {
    Reaction::Answered(code.to_owned())
}

#[tokio::test]
async fn silence_is_a_timeout_after_two_attempts() {
    let peer = Peer::start(|_, _| vec![]).await;
    let start = Instant::now();
    let lookup = ask_impatiently(&[peer.address]).await;
    assert_eq!((lookup.outcome.clone(), lookup.server), (Outcome::Timeout, None));
    assert_eq!(reactions(&lookup), [Reaction::Timeout, Reaction::Timeout]);
    assert!(start.elapsed() >= Duration::from_secs(1) && lookup.took < Duration::from_secs(4), "{lookup:?}");
}

#[tokio::test]
async fn a_lookup_ends_in_its_time_however_many_servers_are_silent() {
    let peer = Peer::start(|_, _| vec![]).await;
    let lookup = ask_impatiently(&[peer.address; 8]).await;
    assert_eq!(lookup.outcome, Outcome::Timeout);
    assert!(
        lookup.took >= Duration::from_millis(1900) && lookup.took < Duration::from_secs(5),
        "{:?}",
        lookup.took
    );
}

#[tokio::test]
async fn a_failing_server_is_not_a_missing_name() {
    for (given, outcome) in [
        (ResponseCode::ServFail, Outcome::ServerFailure("SERVFAIL".into())),
        (ResponseCode::Refused, Outcome::Refused),
        (ResponseCode::NXDomain, Outcome::NoDomain),
        (ResponseCode::NoError, Outcome::NoData),
        (ResponseCode::NotImp, Outcome::ServerFailure("NOTIMP".into())),
    ] {
        let peer = Peer::start(move |query, _| vec![code(&query, given)]).await;
        let lookup = ask(&[peer.address]).await;
        assert_eq!((lookup.outcome, lookup.server), (outcome, Some(peer.address)));
    }
}

#[tokio::test]
async fn where_nobody_listens_no_server_is_reached() {
    // Bound and dropped: the port is free.
    let free = UdpSocket::bind(LOOPBACK).await.unwrap().local_addr().unwrap();
    let lookup = ask(&[free]).await;
    assert!(matches!(lookup.outcome, Outcome::Unreachable(_)), "{lookup:?}");
    assert_eq!(lookup.attempts.len(), 1);
}

#[tokio::test]
async fn a_cut_answer_is_had_over_tcp() {
    let peer = Peer::start(|query, over| {
        let mut answer = if over == Over::Udp { reply(&query) } else { found(&query) };
        answer.metadata.truncation = over == Over::Udp;
        answer.metadata.authentic_data = true;
        vec![answer.to_vec().unwrap()]
    })
    .await;
    let lookup = ask(&[peer.address]).await;
    assert_eq!(lookup.outcome.records().len(), 1);
    assert_eq!((lookup.server, lookup.authenticated, lookup.ttl), (Some(peer.address), true, Some(60)));
    assert_eq!(reactions(&lookup), [Reaction::Truncated, answered("NOERROR")]);
    assert_eq!(lookup.attempts[1].transport, Transport::Tcp);
}

#[tokio::test]
async fn an_answer_that_stays_cut_is_an_outcome_of_its_own() {
    let peer = Peer::start(|query, _| {
        let mut answer = found(&query);
        answer.metadata.truncation = true;
        vec![answer.to_vec().unwrap()]
    })
    .await;
    assert_eq!(ask(&[peer.address]).await.outcome, Outcome::Truncated);
    // And so is one whose server breaks off over TCP.
    let peer = Peer::start(|query, over| {
        let mut answer = reply(&query);
        answer.metadata.truncation = true;
        if over == Over::Udp { vec![answer.to_vec().unwrap()] } else { vec![] }
    })
    .await;
    let lookup = ask(&[peer.address]).await;
    assert_eq!(lookup.outcome, Outcome::Truncated);
    assert_eq!(reactions(&lookup), [Reaction::Truncated, Reaction::Malformed]);
}

#[tokio::test]
async fn answers_to_other_questions_are_ignored() {
    let peer = Peer::start(|query, _| {
        let mut wrong_id = found(&query);
        wrong_id.answers = vec![host("a.test.", 66)];
        wrong_id.metadata.id = query.id.wrapping_add(1);
        let mut wrong_name = wrong_id.clone();
        wrong_name.metadata.id = query.id;
        wrong_name.queries[0].set_name(WireName::from_ascii("b.test.").unwrap());
        let mut query_itself = query.clone();
        query_itself.answers = wrong_id.answers.clone();
        let lies = [wrong_id, wrong_name, query_itself].map(|lie| lie.to_vec().unwrap());
        lies.into_iter().chain([b"noise".to_vec(), found(&query).to_vec().unwrap()]).collect()
    })
    .await;
    let lookup = ask(&[peer.address]).await;
    assert_eq!(lookup.outcome.records()[0].data.to_string(), "192.0.2.1");
    assert_eq!((lookup.attempts.len(), lookup.attempts[0].ignored), (1, 4));
}

#[tokio::test]
async fn only_lies_end_as_silence() {
    let peer = Peer::start(|query, _| {
        let mut answer = found(&query);
        answer.metadata.id ^= 1;
        vec![answer.to_vec().unwrap()]
    })
    .await;
    let lookup = ask_impatiently(&[peer.address]).await;
    assert_eq!(lookup.outcome, Outcome::Timeout);
    assert_eq!(lookup.attempts[0].ignored, 1);
}

#[tokio::test]
async fn records_that_do_not_belong_to_the_question_are_not_taken() {
    let peer = Peer::start(|query, _| {
        let mut answer = reply(&query);
        answer.add_answer(host("bank.test.", 66));
        vec![answer.to_vec().unwrap()]
    })
    .await;
    assert_eq!(ask(&[peer.address]).await.outcome, Outcome::NoData);
}

#[tokio::test]
async fn names_that_point_to_themselves_are_nonsense_and_end() {
    // RFC 1035 §4.1.4: a pointer leads backwards. One record, its owner a pointer to itself, or to a name that leads to it.
    for pointer in [|end: u8| vec![0xc0, end], |end: u8| vec![1, b'x', 0xc0, end]] {
        let peer = Peer::start(move |query, _| {
            let mut octets = reply(&query).to_vec().unwrap();
            octets[7] = 1;
            octets.extend(pointer(u8::try_from(octets.len()).unwrap()));
            octets.extend([0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 66]);
            vec![octets]
        })
        .await;
        let lookup = ask(&[peer.address]).await;
        assert_eq!(lookup.outcome, Outcome::Malformed);
        assert_eq!(reactions(&lookup), [Reaction::Malformed]);
    }
}

#[tokio::test]
async fn the_next_server_is_asked_and_the_one_that_answered_first_next_time() {
    let silent = Peer::start(|_, _| vec![]).await;
    let failing = Peer::start(|query, _| vec![code(&query, ResponseCode::ServFail)]).await;
    let good = Peer::start(|query, _| {
        let mut answer = reply(&query);
        answer.add_answer(Record::from_rdata(
            query.queries[0].name().clone(),
            60,
            RData::A(A::new(192, 0, 2, 1)),
        ));
        vec![answer.to_vec().unwrap()]
    })
    .await;
    let resolver = impatient(&[silent.address, failing.address, good.address]);
    let lookup = resolver.lookup(Question::new(name("a.test"), Kind::A)).await;
    assert_eq!(reactions(&lookup), [Reaction::Timeout, answered("SERVFAIL"), answered("NOERROR")]);
    assert_eq!(lookup.server, Some(good.address));
    let lookup = resolver.lookup(Question::new(name("b.test"), Kind::A)).await;
    assert_eq!(reactions(&lookup), [answered("NOERROR")]);
}

#[tokio::test]
async fn of_several_failures_the_one_that_says_most_is_told() {
    let silent = Peer::start(|_, _| vec![]).await;
    let refusing = Peer::start(|query, _| vec![code(&query, ResponseCode::Refused)]).await;
    assert_eq!(ask_impatiently(&[refusing.address, silent.address]).await.outcome, Outcome::Refused);
    assert_eq!(ask_impatiently(&[silent.address, refusing.address]).await.outcome, Outcome::Refused);
}

#[tokio::test]
async fn a_server_without_edns_is_asked_without() {
    let peer = Peer::start(|query, _| {
        if query.edns.is_none() {
            return vec![found(&query).to_vec().unwrap()];
        }
        let mut answer = reply(&query);
        answer.queries.clear();
        answer.metadata.response_code = ResponseCode::FormErr;
        vec![answer.to_vec().unwrap()]
    })
    .await;
    let lookup = ask(&[peer.address]).await;
    assert_eq!(lookup.outcome.records().len(), 1);
    assert_eq!(reactions(&lookup), [answered("FORMERR"), answered("NOERROR")]);
}

#[tokio::test]
async fn aliases_to_elsewhere_are_asked_for_and_circles_end() {
    // Answers each alias alone, as an authority for one zone does.
    let peer = Peer::start(|query, _| {
        let mut answer = reply(&query);
        answer.add_answer(match query.queries[0].name().to_ascii().as_str() {
            "a.test." => alias("a.test.", "b.test."),
            "b.test." => alias("b.test.", "c.test."),
            "c.test." => host("c.test.", 3),
            "x.test." => alias("x.test.", "y.test."),
            _ => alias("y.test.", "x.test."),
        });
        vec![answer.to_vec().unwrap()]
    })
    .await;
    let resolver = resolver(&[peer.address]);
    let lookup = resolver.lookup(Question::new(name("a.test"), Kind::A)).await;
    let aliases: Vec<_> = lookup.aliases.iter().map(ToString::to_string).collect();
    assert_eq!(aliases, ["a.test. 60 IN CNAME b.test.", "b.test. 60 IN CNAME c.test."]);
    assert_eq!(lookup.outcome.records()[0].to_string(), "c.test. 60 IN A 192.0.2.3");
    let asked: Vec<_> = lookup.attempts.iter().map(|attempt| attempt.name.to_string()).collect();
    assert_eq!(asked, ["a.test", "b.test", "c.test"]);
    let lookup = resolver.lookup(Question::new(name("x.test"), Kind::A)).await;
    assert_eq!(lookup.outcome, Outcome::AliasLoop);
}

#[tokio::test]
async fn answers_and_failures_are_kept_and_can_be_forgotten() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let peer = Peer::start(move |query, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        let failing = query.queries[0].name().to_ascii() != "a.test.";
        vec![if failing { code(&query, ResponseCode::Refused) } else { found(&query).to_vec().unwrap() }]
    })
    .await;
    let resolver = resolver(&[peer.address]);
    for (owner, asks) in [("a.test", 1), ("dead.test", 2)] {
        let question = Question::new(name(owner), Kind::A);
        let first = resolver.lookup(question.clone()).await;
        let second = resolver.clone().lookup(question).await;
        assert_eq!((first.from_cache, second.from_cache), (false, true));
        assert_eq!((first.outcome, first.server), (second.outcome, second.server));
        assert!(second.attempts.is_empty());
        assert_eq!(asked.load(Ordering::SeqCst), asks);
    }
    resolver.forget();
    resolver.lookup(Question::new(name("dead.test"), Kind::A)).await;
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn lookups_wait_for_their_turn_within_their_time() {
    let peer = Peer::start(|_, _| vec![]).await;
    let limits = Limits { concurrent: 1, rounds: 8, ..short() };
    let resolver = Resolver::with_limits(Servers::new(vec![peer.address]).unwrap(), limits);
    let ask = |owner| resolver.lookup(Question::new(name(owner), Kind::A));
    let (first, second) = tokio::join!(ask("a.test"), ask("b.test"));
    assert_eq!((first.outcome, second.outcome), (Outcome::Timeout, Outcome::Timeout));
    assert!(second.attempts.is_empty() && second.took < Duration::from_secs(5), "{:?}", second.took);
}

#[tokio::test]
async fn localhost_is_here_and_no_server_is_asked() {
    let peer = Peer::start(|query, _| vec![found(&query).to_vec().unwrap()]).await;
    let resolver = resolver(&[peer.address]);
    let traced = resolver.addresses(&name("localhost")).await;
    let here = ["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
    assert_eq!(traced.value.found(), Some(&here.to_vec()));
    assert!(traced.lookups.iter().all(|lookup| lookup.attempts.is_empty() && lookup.server.is_none()));
    let mail = resolver.lookup(Question::new(name("mail.localhost"), Kind::Mx)).await;
    assert_eq!(mail.outcome, Outcome::NoData);
}

#[tokio::test]
async fn an_address_with_names_nobody_answers_for_takes_the_time_of_one_lookup() {
    // Names the address nine times, and is silent about each.
    let peer = Peer::start(|query, _| {
        if query.queries[0].query_type() != RecordType::PTR {
            return vec![];
        }
        let owner = query.queries[0].name().clone();
        let name = |number| WireName::from_ascii(format!("host{number}.test.")).unwrap();
        let mut answer = reply(&query);
        answer.add_answers((0..9).map(|n| Record::from_rdata(owner.clone(), 60, RData::PTR(PTR(name(n))))));
        vec![answer.to_vec().unwrap()]
    })
    .await;
    let start = Instant::now();
    let traced = impatient(&[peer.address]).reverse("192.0.2.1".parse().unwrap()).await;
    assert!(matches!(&traced.value, Reverse::Failed(names) if names.len() == 5), "{traced:?}");
    assert_eq!(traced.lookups.len(), 6);
    // One after the other they would take five seconds.
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}
