//! What became of Postfix's files, as text.

use std::fmt::Write;

use postigo_api::{ForwardChange, PostfixFate, PostfixImported, PostfixLine};

use super::plain;

/// The report, then the changes, then what to do.
pub(crate) fn imported(imported: &PostfixImported) -> String {
    let mut text = String::new();
    let mut file = None;
    for line in &imported.report {
        if file != Some(&line.file) {
            let _ = writeln!(text, "{}", plain(&line.file));
            file = Some(&line.file);
        }
        let _ = writeln!(text, "{}", report_line(line));
    }
    let will = if imported.applied { "Changed" } else { "Would change" };
    let changes = changes(imported);
    if changes.is_empty() {
        text.push_str("\nNothing changes: everything is like this already.\n");
    } else {
        let _ = writeln!(text, "\n{will}:");
        changes.iter().for_each(|change| {
            let _ = writeln!(text, "  {}", plain(change));
        });
    }
    let lost = imported.report.iter().filter(|line| line.fate == PostfixFate::Unsupported).count();
    if lost > 0 {
        let _ = writeln!(text, "\n{lost} marked NOT TAKEN: this server does not do what they say.");
    }
    if let (false, Some(open)) = (imported.applied, &imported.open_relay) {
        let _ = writeln!(
            text,
            "\n{} = {} lets strangers send through this server: it is taken only with --confirm-open-relay {}",
            open.setting,
            plain(&open.value),
            open.host
        );
    }
    text
}

fn report_line(line: &PostfixLine) -> String {
    let fate = match line.fate {
        PostfixFate::Taken => "taken",
        PostfixFate::Ignored => "not needed",
        PostfixFate::Unsupported => "NOT TAKEN",
    };
    let number = if line.line == 0 { String::new() } else { line.line.to_string() };
    let what = match (line.name.as_str(), line.value.as_str()) {
        ("", "") => "(the file)".to_owned(),
        (name, "") => name.to_owned(),
        (name, value) => format!("{name} = {value}"),
    };
    let why = match (&line.error, &line.reason) {
        (Some(error), _) => format!(": {error}"),
        (None, Some(reason)) => format!(": {}", words(reason)),
        (None, None) => String::new(),
    };
    plain(&format!("{number:>6}  {fate:<11} {what}{why}"))
}

fn changes(imported: &PostfixImported) -> Vec<String> {
    let nothing = |text: &str| if text.is_empty() { "(nothing)".to_owned() } else { text.to_owned() };
    let mut changes: Vec<String> = imported
        .settings
        .iter()
        .map(|c| format!("{}: {} -> {}", c.name, nothing(&c.before), nothing(&c.after)))
        .collect();
    changes.extend(
        imported.aliases.iter().map(|c| {
            format!("alias {}: {} -> {}", c.name, nothing(&c.before.join(", ")), c.after.join(", "))
        }),
    );
    changes.extend(imported.forwards.iter().map(|ForwardChange { before, after }| {
        let copy = if after.keep_copy { " (a copy stays)" } else { "" };
        let (old, new) = (nothing(&before.targets.join(", ")), after.targets.join(", "));
        format!("forward of {}: {old} -> {new}{copy}", after.account)
    }));
    if imported.relay_password {
        changes.push("the password at the relay host".to_owned());
    }
    changes
}

/// Why a line was not simply taken. A reason of a later version is shown as it is.
fn words(reason: &str) -> &str {
    match reason {
        "overridden" => "an earlier or later line about the same counts",
        "onlyReferenced" => "it serves other values, which were read with it",
        "postfixInternal" => "it is about how Postfix itself is built and runs",
        "builtIn" => "this server does so anyway",
        "localhost" => "localhost needs no entry here",
        "testCertificate" => "the certificate of the local authority is better than Debian's for tries",
        "mappedIpv4" => "IPv4 clients count as IPv4 here, however they come",
        "identity" => "it leads to itself",
        "notReferenced" => "no setting refers to this file",
        "noCounterpart" => "there is no such setting here",
        "unknown" => "not a parameter that is known here",
        "syntax" => "this line has not the form of the others",
        "expansionLimit" => "its references lead back to itself, or too deep",
        "expression" => "an expression that is not evaluated here",
        "value" => "not a value that this setting can have here",
        "onlyFirst" => "only the first of several values was taken",
        "certificateNotChecked" => "TLS is demanded, but certificates of servers are not checked here yet",
        "fileMissing" => "the file of this table was not given",
        "mapType" => "tables of this type are not read",
        "target" => "programs, files and :include: lists are no targets here",
        "port" => "the ports fit none of standard, practice, or one number added to all",
        "interfaceNetworks" => "the networks of the interfaces are not known here: name them in mynetworks",
        "tooLarge" => "the file is longer than is read",
        "loginOff" => "smtp_sasl_auth_enable is not yes",
        "otherServer" => "it is the password of another server than the relay host",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postigo_api::{AliasChange, OpenRelay, SettingChange};

    fn line(name: &str, fate: PostfixFate, reason: Option<&str>) -> PostfixLine {
        PostfixLine {
            file: "main.cf".into(),
            line: 7,
            name: name.into(),
            value: "a\u{1b}".into(),
            fate,
            reason: reason.map(str::to_owned),
            error: None,
        }
    }

    #[test]
    fn each_line_has_its_fate_and_each_change_its_before_and_after() {
        let told = imported(&PostfixImported {
            applied: false,
            report: vec![
                line("relayhost", PostfixFate::Taken, None),
                line("biff", PostfixFate::Ignored, Some("postfixInternal")),
                line("content_filter", PostfixFate::Unsupported, Some("noCounterpart")),
            ],
            settings: vec![SettingChange { name: "relayhost".into(), before: "".into(), after: "a".into() }],
            aliases: vec![AliasChange { name: "root".into(), before: vec![], after: vec!["ana".into()] }],
            forwards: Vec::new(),
            relay_password: false,
            open_relay: Some(OpenRelay {
                setting: "mynetworks".into(),
                value: "0.0.0.0/0".into(),
                host: "mail.lab.test".into(),
            }),
        });
        for expected in [
            "main.cf\n     7  taken       relayhost = a?\n",
            "     7  not needed  biff = a?: it is about how",
            "     7  NOT TAKEN   content_filter = a?: there is no such setting here\n",
            "Would change:\n  relayhost: (nothing) -> a\n  alias root: (nothing) -> ana\n",
            "\n1 marked NOT TAKEN",
            "--confirm-open-relay mail.lab.test",
        ] {
            assert!(told.contains(expected), "{expected}\n{told}");
        }
    }
}
