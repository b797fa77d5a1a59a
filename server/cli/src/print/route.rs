//! What would happen to a message, in words.

use std::collections::BTreeMap;

use postigo_api::{RouteDestination, RouteExplanation, RouteStep};

use super::plain;

/// Verdict, destinations, reasons.
pub(crate) fn explanation(explanation: &RouteExplanation) -> String {
    let verdict = if explanation.accepted { "Accepted" } else { "Refused" };
    let mut text = format!("{verdict}: {}\n", plain(&explanation.reply));
    for found in &explanation.destinations {
        text.push_str(&format!("  -> {}\n", plain(&destination(found))));
    }
    if !explanation.steps.is_empty() {
        text.push_str("Why:\n");
    }
    for (step, number) in explanation.steps.iter().zip(1..) {
        let setting = step.setting.as_ref().map(|name| format!(" [{name}]")).unwrap_or_default();
        text.push_str(&format!("  {number}. {}{setting}\n", plain(&sentence(step))));
    }
    text
}

fn destination(destination: &RouteDestination) -> String {
    match destination {
        RouteDestination::Mailbox { account } => format!("the mailbox of {account}"),
        RouteDestination::Remote { recipient, sender, next_hop, setting } => {
            let chosen = setting.as_deref().unwrap_or("the domain's MX");
            let sender = if sender.is_empty() { "<>" } else { sender };
            format!("{recipient}, by {next_hop} ({chosen}), from {sender}")
        }
        RouteDestination::Error { text } => format!("nowhere: it would come back with {text}"),
        RouteDestination::Discard => "nowhere, and nobody is told".to_owned(),
    }
}

/// A step of the decision as a sentence. One that a newer server made up is shown as it came.
fn sentence(step: &RouteStep) -> String {
    match (step.code.as_str(), step.params.get("asDomain")) {
        // Every domain here goes by itself, but for the host name and literals of our addresses.
        ("localDomain", Some(other)) if step.params.get("domain") != Some(other) => {
            fill("{domain} is this server; its people are those of {asDomain}.", &step.params)
        }
        (code, _) => match SENTENCES.iter().chain(OF_LISTS).find(|(known, _)| *known == code) {
            Some((_, sentence)) => fill(sentence, &step.params),
            None => {
                let params: Vec<_> =
                    step.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("{code} {}", params.join(" ")).trim_end().to_owned()
            }
        },
    }
}

/// Puts parameters into their places. What is put in is not looked at again, so a value with braces stays what it is.
fn fill(sentence: &str, params: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, place)| Some((before, place.split_once('}')?)))
    {
        text.push_str(before);
        text.push_str(params.get(name).map_or("?", String::as_str));
        rest = after;
    }
    text + rest
}

/// The sentence of each step, with its parameters in braces.
const SENTENCES: &[(&str, &str)] = &[
    ("barePostmaster", "postmaster without a domain is {address}."),
    ("localDomain", "{domain} is one of the domains whose mail is delivered here."),
    ("virtualAliasDomain", "{domain} consists of aliases only."),
    (
        "relayDomain",
        "{domain} lies behind this server ({entry}): its mail is taken from anybody and passed on.",
    ),
    ("foreignDomain", "{domain} is not a domain of this server."),
    (
        "routedAddress",
        "{localPart} hides another address, and strangers may not have mail passed on to that.",
    ),
    ("trustedNetwork", "{address} is in the trusted network {network}: it may send anywhere."),
    ("loggedIn", "The client has logged in as {user}: it may send anywhere."),
    ("relayDenied", "{address} is in no trusted network and has not logged in: it may not send elsewhere."),
    ("virtualAlias", "{key} is an alias for {targets}."),
    ("alias", "{name} is an alias for {targets}."),
    (
        "standardName",
        "Every server must have {name} (RFC 2142); without an alias, its mail goes to {target}.",
    ),
    ("account", "{address} is an account."),
    ("accountWithExtension", "Without its extension {extension} it is {address}, an account."),
    ("accountDisabled", "The account {address} is disabled."),
    ("catchAll", "Nobody at {domain} has this name; mail for such names goes to {targets}."),
    ("forwardWithCopy", "The mail of {account} goes on to {targets}, and a copy stays."),
    ("forward", "The mail of {account} goes on to {targets}."),
    ("loop", "It leads back to where it began: {chain}."),
    ("deliveredBefore", "The message was delivered to {address} before: it goes round in circles."),
    ("tooManyAliases", "The aliases lead to more than {limit} addresses, or over too many stations."),
    ("unknownUser", "There is no account or alias {address}."),
    ("unknownVirtualAlias", "There is no alias {address}, and its domain has nothing else."),
    ("unknownRelayRecipient", "{address} is not in the list of those who exist behind this server."),
    ("knownRelayRecipient", "The list of those who exist behind this server has {entry}."),
    (
        "bounced",
        "Its server said that there is no {address}: {reply}. It is on the suppression list for now.",
    ),
    ("suppressed", "{address} is on the suppression list: nothing is sent there."),
    ("callAhead", "{nextHop} is asked whether it knows the recipient, while the client waits."),
    ("transport", "The table of transports has {pattern}: {transport}."),
    ("senderRelayhost", "Mail from {key} has a relay host of its own, {nextHop}."),
    ("relayhost", "Mail for elsewhere goes by the relay host, {nextHop}."),
    ("mx", "There is no relay host: the mail exchangers (MX) of {domain} are looked up."),
    ("addressLiteral", "The domain is the address {address}: the message goes right there."),
    ("unknownLiteral", "{domain} is an address of a kind that leads nowhere."),
    ("tlsPolicy", "With {nextHop} the TLS level is {level}."),
    ("credentials", "This server logs in there, with the password kept for {key}."),
    ("senderRewritten", "The sender {from} becomes {to}, so that SPF holds there."),
    ("senderTooLong", "The sender {address} is too long to be rewritten, and stays."),
    ("senderRestored", "{from} was made here for {to}: the report goes there."),
    ("senderNotRestored", "{address} looks like an address made here, and is none: {why}."),
];

/// The same of restriction lists.
const OF_LISTS: &[(&str, &str)] = &[
    ("listPermits", "{entry} says yes; the rest of the list {list} is not asked."),
    ("listRefuses", "{entry} in {list} refuses it: {reply}."),
    ("listWarns", "{entry} in {list} would refuse it, and is only tried out: {reply}."),
    (
        "listDefers",
        "{entry} in {list} could not find out what it needs: refused for now, unless something else refuses.",
    ),
    ("listSoftens", "{entry} in {list} could not be asked: whatever refuses now does so for now."),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn step(code: &str, params: &[(&str, &str)]) -> RouteStep {
        RouteStep {
            code: code.into(),
            params: params.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            setting: None,
        }
    }

    #[test]
    fn steps_are_sentences_with_their_parameters() {
        let rows = [
            (
                step("trustedNetwork", &[("address", "10.0.0.7"), ("network", "10.0.0.0/8")]),
                "10.0.0.7 is in the trusted network 10.0.0.0/8: it may send anywhere.",
            ),
            (
                step("localDomain", &[("domain", "lab.test"), ("asDomain", "lab.test")]),
                "lab.test is one of the domains whose mail is delivered here.",
            ),
            (
                step("localDomain", &[("domain", "[127.0.0.1]"), ("asDomain", "lab.test")]),
                "[127.0.0.1] is this server; its people are those of lab.test.",
            ),
            (
                step("routedAddress", &[("localPart", "{x}%{y}")]),
                "{x}%{y} hides another address, and strangers may not have mail passed on to that.",
            ),
            (step("ofTomorrow", &[("a", "1"), ("b", "2")]), "ofTomorrow a=1 b=2"),
        ];
        for (step, expected) in rows {
            assert_eq!(sentence(&step), expected);
        }
    }

    /// The codes and parameters are those of routing; its source is the list.
    #[test]
    fn every_step_of_routing_has_its_sentence_and_no_other_parameters() {
        let source = include_str!("../../../queue/src/route/step.rs");
        let variants = source.split("pub enum Step {").nth(1).unwrap().split("\n}\n").next().unwrap();
        let camel = |name: &str| {
            let mut words = name.split('_');
            let first = words.next().unwrap().to_owned();
            words.fold(first, |all, word| all + &word[..1].to_uppercase() + &word[1..])
        };
        let mut seen = 0;
        for line in variants.lines().map(str::trim).filter(|line| line.ends_with("},")) {
            let (name, fields) = line.trim_end_matches(" },").split_once(" { ").unwrap();
            let code = name[..1].to_lowercase() + &name[1..];
            let params: Vec<_> =
                fields.split(", ").map(|field| (camel(field.split(':').next().unwrap()), "@")).collect();
            let params: Vec<_> = params.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            let text = sentence(&step(&code, &params));
            assert!(!text.starts_with(&format!("{code} ")), "{code} has no sentence");
            assert!(!text.contains('?'), "{code} needs a parameter that it does not have: {text}");
            seen += 1;
        }
        assert_eq!(seen, SENTENCES.len());
    }

    #[test]
    fn an_explanation_says_verdict_ways_and_reasons() {
        let told = explanation(&RouteExplanation {
            accepted: true,
            reply: "250 2.1.5 Ok".into(),
            steps: vec![RouteStep {
                setting: Some("relayhost".into()),
                ..step("relayhost", &[("nextHop", "[127.0.0.1]:3525")])
            }],
            destinations: vec![
                RouteDestination::Remote {
                    recipient: "ana@otro.test".into(),
                    sender: String::new(),
                    next_hop: "[127.0.0.1]:3525".into(),
                    setting: Some("relayhost".into()),
                },
                RouteDestination::Mailbox { account: "ana@lab.test".into() },
            ],
        });
        assert_eq!(
            told,
            "Accepted: 250 2.1.5 Ok\n  \
             -> ana@otro.test, by [127.0.0.1]:3525 (relayhost), from <>\n  \
             -> the mailbox of ana@lab.test\n\
             Why:\n  1. Mail for elsewhere goes by the relay host, [127.0.0.1]:3525. [relayhost]\n"
        );
    }
}
