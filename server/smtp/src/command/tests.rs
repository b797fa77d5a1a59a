use super::*;

fn parse(line: &str) -> Result<Command<'_>, BadCommand> {
    Command::parse(line.as_bytes())
}

fn mail(line: &str) -> (String, MailParameters) {
    match parse(line) {
        Ok(Command::Mail(reverse_path, parameters)) => (reverse_path.to_string(), parameters),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn verbs_are_known_in_any_case_and_with_spaces_after_them() {
    assert_eq!(parse("quit"), Ok(Command::Quit));
    assert_eq!(parse("QuIt  "), Ok(Command::Quit));
    assert_eq!(parse("NOOP whatever"), Ok(Command::Noop));
    assert_eq!(parse("RSET now"), Err(BadCommand::UnexpectedArgument));
    assert_eq!(parse("STARTTLS x"), Err(BadCommand::UnexpectedArgument));
    assert_eq!(parse(""), Err(BadCommand::Unknown));
    assert_eq!(parse(" QUIT"), Err(BadCommand::Unknown));
    assert_eq!(parse("QUIT\0"), Err(BadCommand::Nul));
    assert_eq!(parse("GET / HTTP/1.1"), Err(BadCommand::Http));
}

#[test]
fn a_client_name_is_one_printable_word() {
    assert!(matches!(parse("EHLO [192.0.2.1]"), Ok(Command::Ehlo(name)) if name.as_str() == "[192.0.2.1]"));
    assert!(matches!(parse("helo client"), Ok(Command::Helo(name)) if name.as_str() == "client"));
    for fault in ["EHLO", "EHLO ", "EHLO two words", "EHLO caf\u{e9}", "EHLO a\tb"] {
        assert_eq!(parse(fault), Err(BadCommand::ClientName), "{fault}");
    }
    assert_eq!(parse(&format!("EHLO {}", "a".repeat(256))), Err(BadCommand::ClientName));
}

#[test]
fn mail_takes_a_path_and_parameters() {
    let (reverse_path, parameters) =
        mail("MAIL FROM:<ana@lab.test> SIZE=1000 body=8bitmime AUTH=luis+2Bx@lab.test");
    assert_eq!(reverse_path, "ana@lab.test");
    assert_eq!(parameters.size, Some(1000));
    assert_eq!(parameters.body, Some(Body::EightBitMime));
    assert_eq!(parameters.auth.unwrap().to_string(), "luis+x@lab.test");
    let (reverse_path, parameters) = mail("mail from:<> AUTH=<>");
    assert_eq!(reverse_path, "");
    assert_eq!(parameters.auth, Some(ReversePath::Null));
    assert_eq!(mail("MAIL FROM:<\"a>b\"@lab.test>").0, "\"a>b\"@lab.test");
    assert_eq!(mail("MAIL FROM:<\"a\\\">b\"@lab.test>").0, "\"a\\\">b\"@lab.test");
    assert_eq!(mail("MAIL FROM:<@x.test:ana@lab.test>").0, "ana@lab.test");
}

#[test]
fn spaces_and_missing_brackets_are_forgiven() {
    assert_eq!(mail("MAIL FROM: <ana@lab.test>").0, "ana@lab.test");
    assert_eq!(mail("MAIL FROM:ana@lab.test SIZE=1").0, "ana@lab.test");
    assert!(matches!(parse("RCPT TO: luis@lab.test"), Ok(Command::Rcpt(..))));
}

#[test]
fn mail_with_a_fault_says_which() {
    let table = [
        ("MAIL", BadCommand::MailSyntax),
        ("MAIL ana@lab.test", BadCommand::MailSyntax),
        ("MAIL TO:<ana@lab.test>", BadCommand::MailSyntax),
        ("MAIL FROM:", BadCommand::Sender(BadAddress::Syntax)),
        ("MAIL FROM:<ana@lab.test", BadCommand::Sender(BadAddress::Syntax)),
        ("MAIL FROM:<ana@lab.test>SIZE=1", BadCommand::Sender(BadAddress::Syntax)),
        ("MAIL FROM:<ana>", BadCommand::Sender(BadAddress::NoDomain)),
        ("MAIL FROM:<jos\u{e9}@lab.test>", BadCommand::Sender(BadAddress::NonAscii)),
        ("MAIL FROM:<a@b.test> XYZZY", BadCommand::UnknownParameter),
        ("MAIL FROM:<a@b.test> NOTIFY=NEVER", BadCommand::UnknownParameter),
        ("MAIL FROM:<a@b.test> SIZE", BadCommand::ParameterValue),
        ("MAIL FROM:<a@b.test> SIZE=", BadCommand::ParameterValue),
        ("MAIL FROM:<a@b.test> SIZE=-1", BadCommand::ParameterValue),
        ("MAIL FROM:<a@b.test> SIZE=1 SIZE=1", BadCommand::ParameterValue),
        ("MAIL FROM:<a@b.test> BODY=", BadCommand::ParameterValue),
        ("MAIL FROM:<a@b.test> AUTH=", BadCommand::ParameterValue),
        ("MAIL FROM:<a@b.test> AUTH=a+2b@x", BadCommand::ParameterValue),
        ("MAIL FROM:<a@b.test> AUTH=nobody", BadCommand::ParameterValue),
    ];
    for (line, fault) in table {
        assert_eq!(parse(line), Err(fault), "{line}");
    }
}

#[test]
fn a_size_beyond_all_numbers_is_the_largest() {
    assert_eq!(mail("MAIL FROM:<> SIZE=99999999999999999999").1.size, Some(u64::MAX));
    assert_eq!(parse("MAIL FROM:<> SIZE=999999999999999999999"), Err(BadCommand::ParameterValue));
}

#[test]
fn rcpt_takes_a_path_and_parameters_of_its_own() {
    assert_eq!(
        parse("RCPT TO:<Postmaster>"),
        Ok(Command::Rcpt(Recipient::Postmaster, RcptParameters::default()))
    );
    assert_eq!(parse("RCPT TO:<>"), Err(BadCommand::Recipient(BadAddress::Syntax)));
    assert_eq!(parse("RCPT FROM:<a@b.test>"), Err(BadCommand::RcptSyntax));
    assert_eq!(parse("RCPT TO:<a@b.test> RET=FULL"), Err(BadCommand::UnknownParameter));
    assert_eq!(parse("RCPT TO:<a@b.test> NOTIFY=NEVER,DELAY"), Err(BadCommand::ParameterValue));
}

#[test]
fn auth_takes_a_mechanism_and_perhaps_a_response() {
    let auth = |mechanism, initial_response| Ok(Command::Auth { mechanism, initial_response });
    assert_eq!(parse("AUTH plain"), auth(b"plain", None));
    assert_eq!(parse("AUTH PLAIN AGFuYQ=="), auth(b"PLAIN", Some(b"AGFuYQ==")));
    assert_eq!(parse("AUTH"), Err(BadCommand::AuthSyntax));
    assert_eq!(parse("AUTH PLAIN a b"), Err(BadCommand::AuthSyntax));
}
