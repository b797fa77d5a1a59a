//! What lists come to: each row is a list, what is known, and the reply.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use postigo_policy::{
    Answered, Answers, ClientName, Destination, Effect, Facts, ListName, Listing, MailDomain, Question,
    Restrictions, SenderOwner, Verification,
};
use postigo_smtp::{Address, Recipient, Reply, ReversePath};

fn path(text: &str) -> ReversePath {
    match text {
        "" => ReversePath::Null,
        text => ReversePath::Address(Address::parse(text.as_bytes()).unwrap()),
    }
}

fn recipient(text: &str) -> Recipient {
    Recipient::Address(Address::parse(text.as_bytes()).unwrap())
}

/// Eva at 192.0.2.7 writes to ana, who is ours, or to whom the row says.
struct Row<'a> {
    list: ListName,
    text: &'a str,
    hello: &'a str,
    sender: &'a str,
    recipient: &'a str,
    destination: Destination,
    network: Option<&'a str>,
    user: Option<&'a str>,
    pipelined: bool,
}

const ROW: Row<'_> = Row {
    list: ListName::Recipient,
    text: "",
    hello: "mail.b.test",
    sender: "eva@b.test",
    recipient: "ana@lab.test",
    destination: Destination::Ours,
    network: None,
    user: None,
    pipelined: false,
};

/// What the name servers, and the accounts, say here.
fn find(question: &Question, answers: &mut Answers) {
    match question {
        Question::ClientName => answers.client_name = Some(ClientName::Confirmed("mail.b.test".into())),
        Question::MailDomain(domain) => {
            let found = match domain.as_str() {
                "missing.test" => MailDomain::Missing,
                "null.test" => MailDomain::TakesNone,
                "slow.test" => MailDomain::Failed,
                _ => MailDomain::Exists,
            };
            answers.mail_domains.insert(domain.clone(), found);
        }
        Question::Listed(name) => {
            let listing = |code: &str, reason: &str| {
                let addresses = if code.is_empty() { vec![] } else { vec![code.parse().unwrap()] };
                Answered::Known(Listing { addresses, reason: reason.into() })
            };
            let found = match name.as_str() {
                "7.2.0.192.bl.test" => listing("127.0.0.4", "open proxy"),
                "b.test.dbl.test" | "mail.b.test.dbl.test" => listing("127.0.1.2", ""),
                "7.2.0.192.wl.test" => listing("127.0.0.2", ""),
                name if name.ends_with(".dead.test") => Answered::Failed,
                _ => listing("", ""),
            };
            answers.listings.insert(name.clone(), found);
        }
        Question::RecipientListed => answers.recipient = Some(None),
        Question::SenderListed => answers.sender_listed = Some(false),
        Question::SenderOwner => answers.sender_owner = Some(SenderOwner::Other),
        Question::Verify => answers.verification = Some(Verification::Unknown("asked just now".into())),
    }
}

fn judge(row: &Row<'_>, answers: &mut Answers) -> postigo_policy::Decision {
    let restrictions = Restrictions::parse(|list| if list == row.list { row.text } else { "" }).unwrap();
    let (sender, recipient) = (path(row.sender), recipient(row.recipient));
    let facts = Facts {
        client: "192.0.2.7".parse().unwrap(),
        network: row.network,
        user: row.user,
        hello: Some(row.hello),
        sender: Some(&sender),
        recipient: Some(&recipient),
        destination: row.destination,
        delimiters: "+",
        pipelined: row.pipelined,
    };
    for _ in 0..100 {
        match restrictions.judge(&ListName::AT_RECIPIENT, &facts, answers) {
            Ok(decision) => return decision,
            Err(question) => find(&question, answers),
        }
    }
    panic!("the same question again and again: {}", row.text)
}

fn reply(row: &Row<'_>) -> String {
    let decision = judge(row, &mut Answers::default());
    decision.refusal.as_ref().map_or_else(|| "ok".to_owned(), Reply::to_string)
}

#[test]
fn each_restriction_refuses_with_postfix_s_reply() {
    use Destination::{Foreign, Routed};
    let elsewhere = Row { recipient: "u@ext.test", destination: Foreign, ..ROW };
    let cases: &[(Row<'_>, &str)] = &[
        (
            Row { text: "reject", ..ROW },
            "554 5.7.1 <ana@lab.test>: Recipient address rejected: Access denied",
        ),
        (
            Row { text: "defer", ..ROW },
            "450 4.3.2 <ana@lab.test>: Recipient address rejected: Try again later",
        ),
        (Row { text: "permit, reject", ..ROW }, "ok"),
        (Row { text: "reject_unauth_destination", ..ROW }, "ok"),
        (
            Row { text: "reject_unauth_destination", ..elsewhere },
            "554 5.7.1 <u@ext.test>: Relay access denied",
        ),
        (
            Row { text: "defer_unauth_destination", destination: Routed, ..elsewhere },
            "454 4.7.1 <u@ext.test>: Relay access denied",
        ),
        (Row { text: "permit_auth_destination, reject", ..ROW }, "ok"),
        (Row { text: "permit_mynetworks, reject", network: Some("192.0.2.0/24"), ..elsewhere }, "ok"),
        (Row { text: "permit_sasl_authenticated, reject", user: Some("ana@lab.test"), ..elsewhere }, "ok"),
        (
            Row { text: "reject_unknown_sender_domain", sender: "x@missing.test", ..ROW },
            "450 4.1.8 <x@missing.test>: Sender address rejected: Domain not found",
        ),
        (
            Row { text: "reject_unknown_sender_domain", sender: "x@null.test", ..ROW },
            "550 5.7.27 <x@null.test>: Sender address rejected: Domain null.test does not accept mail (nullMX)",
        ),
        (
            Row { text: "reject_unknown_recipient_domain", recipient: "x@missing.test", ..elsewhere },
            "450 4.1.2 <x@missing.test>: Recipient address rejected: Domain not found",
        ),
        (Row { text: "reject_unknown_recipient_domain", recipient: "x@missing.test", ..ROW }, "ok"),
        (Row { text: "reject_unknown_sender_domain", sender: "", ..ROW }, "ok"),
        (
            Row { text: "reject_non_fqdn_sender", sender: "eva@b", ..ROW },
            "504 5.5.2 <eva@b>: Sender address rejected: need fully-qualified address",
        ),
        (Row { text: "reject_non_fqdn_sender", sender: "eva@[192.0.2.7]", ..ROW }, "ok"),
        (
            Row { text: "reject_non_fqdn_helo_hostname", hello: "pc", ..ROW },
            "504 5.5.2 <pc>: Helo command rejected: need fully-qualified hostname",
        ),
        (
            Row { text: "reject_invalid_helo_hostname", hello: "-", ..ROW },
            "501 5.5.2 <->: Helo command rejected: Invalid name",
        ),
        (
            Row { text: "reject_unknown_helo_hostname", hello: "missing.test", ..ROW },
            "450 4.7.1 <missing.test>: Helo command rejected: Host not found",
        ),
        (Row { text: "reject_unknown_client_hostname", ..ROW }, "ok"),
        (
            Row { text: "reject_unlisted_sender", ..ROW },
            "550 5.1.0 <eva@b.test>: Sender address rejected: User unknown in local recipient table",
        ),
        (
            Row { text: "reject_sender_login_mismatch", ..ROW },
            "553 5.7.1 <eva@b.test>: Sender address rejected: not logged in",
        ),
        (
            Row { text: "reject_authenticated_sender_login_mismatch", user: Some("ana@lab.test"), ..ROW },
            "553 5.7.1 <eva@b.test>: Sender address rejected: not owned by user ana@lab.test",
        ),
        (Row { text: "reject_authenticated_sender_login_mismatch", ..ROW }, "ok"),
        (
            Row { text: "reject_unauth_pipelining", pipelined: true, ..ROW },
            "503 5.5.0 <ana@lab.test>: Recipient address rejected: Improper use of SMTP command pipelining",
        ),
        (
            Row { text: "reject_rbl_client bl.test", ..ROW },
            "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using bl.test; open proxy",
        ),
        (Row { text: "reject_rbl_client bl.test=127.0.0.[2..3]", ..ROW }, "ok"),
        (Row { text: "reject_rbl_client x.dead.test", ..ROW }, "ok"),
        (
            Row { text: "reject_rhsbl_sender dbl.test", ..ROW },
            "554 5.7.1 Service unavailable; Sender address [eva@b.test] blocked using dbl.test",
        ),
        (
            Row { text: "reject_rhsbl_helo dbl.test", ..ROW },
            "554 5.7.1 Service unavailable; Helo command [mail.b.test] blocked using dbl.test",
        ),
        (
            Row { text: "reject_rhsbl_client dbl.test", ..ROW },
            "554 5.7.1 Service unavailable; Client host [mail.b.test] blocked using dbl.test",
        ),
        (Row { text: "permit_dnswl_client wl.test, reject", ..ROW }, "ok"),
        (
            Row { text: "permit_dnswl_client wl.test, reject", ..elsewhere },
            "554 5.7.1 <u@ext.test>: Recipient address rejected: Access denied",
        ),
        (
            Row { text: "reject_unverified_recipient", ..ROW },
            "450 4.1.1 <ana@lab.test>: Recipient address rejected: unverified address: asked just now",
        ),
        (
            Row { text: "check_client_access inline:{ { b.test = 550 5.7.9 We know you } }", ..ROW },
            "550 5.7.9 <mail.b.test[192.0.2.7]>: Client host rejected: We know you",
        ),
        (Row { text: "check_client_access inline:{ 192.0.2=OK }, reject", ..ROW }, "ok"),
        (Row { text: "check_sender_access inline:{ eva@b.test=OK }, reject", ..ROW }, "ok"),
        (
            Row { text: "check_helo_access inline:{ b.test=REJECT }", ..ROW },
            "554 5.7.1 <mail.b.test>: Helo command rejected: Access denied",
        ),
        (
            Row { text: "check_recipient_access inline:{ ana@lab.test=DEFER }", ..ROW },
            "450 4.7.1 <ana@lab.test>: Recipient address rejected: Access denied",
        ),
    ];
    for (row, expected) in cases {
        assert_eq!(reply(row), *expected, "{}", row.text);
    }
}

#[test]
fn what_could_not_be_looked_up_defers_only_what_would_pass() {
    let slow = Row { sender: "x@slow.test", ..ROW };
    let text = "reject_unknown_sender_domain";
    let deferred = "450 4.1.8 <x@slow.test>: Sender address rejected: Domain not found";
    assert_eq!(reply(&Row { text, ..slow }), deferred);
    assert_eq!(
        reply(&Row { text: "reject_unknown_sender_domain, reject", ..slow }),
        "554 5.7.1 <ana@lab.test>: Recipient address rejected: Access denied"
    );
    let text = "permit_dnswl_client x.dead.test, reject";
    assert_eq!(
        reply(&Row { text, ..ROW }),
        "450 4.7.1 <ana@lab.test>: Recipient address rejected: Access denied",
        "who may be on the list is not refused for good"
    );
}

#[test]
fn a_warning_refuses_nobody_and_is_told() {
    let row = Row { text: "warn_if_reject reject_rbl_client bl.test, permit", ..ROW };
    let decision = judge(&row, &mut Answers::default());
    assert_eq!(decision.refusal, None);
    let effects: Vec<_> = decision.steps.iter().map(|step| (&*step.entry, &step.effect)).collect();
    assert!(matches!(
        effects[..],
        [("warn_if_reject reject_rbl_client bl.test", Effect::Warns(_)), ("permit", Effect::Permits)]
    ));
}

#[test]
fn a_yes_ends_its_own_list_and_no_other() {
    let restrictions = Restrictions::parse(|list| match list {
        ListName::Client => "permit_mynetworks, reject",
        ListName::Recipient => "check_recipient_access inline:{ ana@lab.test=REJECT }",
        _ => "",
    })
    .unwrap();
    let (sender, recipient) = (path(""), recipient("ana@lab.test"));
    let facts = Facts {
        client: "192.0.2.7".parse().unwrap(),
        network: Some("192.0.2.0/24"),
        user: None,
        hello: None,
        sender: Some(&sender),
        recipient: Some(&recipient),
        destination: Destination::Ours,
        delimiters: "",
        pipelined: false,
    };
    let decision = restrictions.judge(&ListName::AT_RECIPIENT, &facts, &Answers::default()).unwrap();
    let lists: Vec<_> = decision.steps.iter().map(|step| step.list).collect();
    assert_eq!(lists, [ListName::Client, ListName::Recipient]);
    assert!(decision.refusal.is_some());
}

#[test]
fn nothing_is_asked_that_the_lists_do_not_need() {
    let restrictions = Restrictions::parse(|list| match list {
        ListName::Recipient => "permit_mynetworks, reject_rbl_client bl.test",
        _ => "",
    })
    .unwrap();
    let facts = Facts {
        client: "192.0.2.7".parse().unwrap(),
        network: Some("192.0.2.0/24"),
        user: None,
        hello: None,
        sender: None,
        recipient: None,
        destination: Destination::Ours,
        delimiters: "",
        pipelined: false,
    };
    let judged = |facts: &Facts<'_>| {
        restrictions
            .judge(&ListName::AT_RECIPIENT, facts, &Answers::default())
            .map(|decision| decision.refusal)
    };
    assert_eq!(judged(&facts), Ok(None));
    let stranger = Facts { network: None, ..facts };
    assert_eq!(judged(&stranger), Err(Question::Listed("7.2.0.192.bl.test".into())));
}
