//! Drafts to begin with: empty, an answer, a forward, one saved earlier.

use mail_parser::MessageRef as ParsedRef;
use postigo_api::{Compose, ComposeKind, Draft, Error, File, MessageRef, Person};

use crate::failure::{bad_request, too_large};
use crate::fetched::parse;
use crate::message::{file, people, text};
use crate::part::Part;
use crate::recipients::typed;
use crate::{AccountConfig, Client, outgoing};

/// Octets of quoted text.
const QUOTE_LIMIT: usize = 256 * 1024;
/// Octets of attachments that are passed on.
const ATTACHMENTS_LIMIT: u64 = 30 * 1024 * 1024;

impl Client {
    /// Answers `mail.compose`.
    ///
    /// # Errors
    /// `mail.account_unknown`; for all but a new message those of [`Client::message`].
    pub async fn compose(&self, asked: Compose) -> Result<Draft, Error> {
        let config = self.pool.config(&asked.account).await?;
        let attribution = asked.attribution.as_deref();
        let (about, make): (MessageRef, Make) = match asked.kind {
            ComposeKind::New => return Ok(Draft::default()),
            ComposeKind::Reply(about) => (about, |original| Ok(original.reply(false))),
            ComposeKind::ReplyAll(about) => (about, |original| Ok(original.reply(true))),
            ComposeKind::Forward(about) => (about, |original| original.forward()),
            ComposeKind::Draft(about) => (about, |original| original.resume()),
        };
        let raw = self.raw(&about).await?;
        let parsed = parse(&raw);
        make(&Original { root: parsed.root(), about, config: &config, attribution })
    }
}

/// How a draft is made from the message it is about.
type Make = fn(&Original<'_>) -> Result<Draft, Error>;

/// The message a draft is about.
struct Original<'m> {
    root: ParsedRef<'m>,
    about: MessageRef,
    config: &'m AccountConfig,
    attribution: Option<&'m str>,
}

impl Original<'_> {
    fn reply(&self, all: bool) -> Draft {
        let from = people(self.root.from());
        let reply_to = people(self.root.reply_to());
        let to = people(self.root.to());
        let is_own = |person: &Person| person.address.eq_ignore_ascii_case(&self.config.address);
        // RFC 5322 §3.6.2: Reply-To says where answers go. An answer to what one wrote oneself goes on to its recipients.
        let mut answered = if from.iter().any(is_own) && !to.is_empty() {
            to.clone()
        } else if reply_to.is_empty() {
            from
        } else {
            reply_to
        };
        let mut copied: Vec<Person> = Vec::new();
        if all {
            for person in to.into_iter().chain(people(self.root.cc())) {
                let same = |known: &Person| known.address.eq_ignore_ascii_case(&person.address);
                if !is_own(&person) && !answered.iter().any(same) && !copied.iter().any(same) {
                    copied.push(person);
                }
            }
            // Nobody answers to oneself, unless nobody else is left.
            if answered.iter().any(|person| !is_own(person)) {
                answered.retain(|person| !is_own(person));
            }
        }
        Draft {
            to: answered.iter().map(typed).collect(),
            cc: copied.iter().map(typed).collect(),
            subject: prefixed("Re:", &["re:"], self.subject()),
            text: self.quoted(),
            answers: Some(self.about.clone()),
            ..Draft::default()
        }
    }

    fn forward(&self) -> Result<Draft, Error> {
        let field = |name: &str, value: &str| {
            if value.is_empty() { String::new() } else { format!("{name}: {value}\n") }
        };
        let list = |people: Vec<Person>| people.iter().map(typed).collect::<Vec<_>>().join(", ");
        let date = self.root.date().map(|date| date.to_rfc822()).unwrap_or_default();
        let mut passed = format!("\n\n{}\n", self.attribution.unwrap_or("----------"));
        passed.push_str(&field("From", &list(people(self.root.from()))));
        passed.push_str(&field("Date", &date));
        passed.push_str(&field("Subject", self.subject()));
        passed.push_str(&field("To", &list(people(self.root.to()))));
        passed.push_str(&field("Cc", &list(people(self.root.cc()))));
        passed.push('\n');
        passed.push_str(cut(&text(self.root)));
        Ok(Draft {
            subject: prefixed("Fwd:", &["fwd:", "fw:", "rv:"], self.subject()),
            text: passed,
            attachments: self.attachments()?,
            forwards: Some(self.about.clone()),
            ..Draft::default()
        })
    }

    fn resume(&self) -> Result<Draft, Error> {
        let list = |people: Vec<Person>| people.iter().map(typed).collect();
        // Only for messages of this account: what else the field says is none of its business.
        let relation = |name| {
            outgoing::relation(self.root, name)
                .filter(|about: &MessageRef| about.account == self.about.account)
        };
        Ok(Draft {
            to: list(people(self.root.to())),
            cc: list(people(self.root.cc())),
            bcc: list(people(self.root.bcc())),
            subject: self.subject().to_owned(),
            text: text(self.root).trim_end_matches('\n').to_owned(),
            attachments: self.attachments()?,
            answers: relation(outgoing::ANSWERS),
            forwards: relation(outgoing::FORWARDS),
            saved_as: Some(self.about.clone()),
        })
    }

    fn subject(&self) -> &str {
        self.root.subject().unwrap_or_default().trim()
    }

    fn quoted(&self) -> String {
        let text = text(self.root);
        let mut out = String::from("\n\n");
        if let Some(attribution) = self.attribution.filter(|line| !line.is_empty()) {
            out.push_str(attribution);
            out.push('\n');
        }
        let lines = cut(&text).trim_end().lines();
        // RFC 3676 §4.3: what follows `-- ` is the signature, which nobody wants quoted.
        for line in lines.take_while(|line| *line != "-- ") {
            // Quotes of quotes stand close together (RFC 3676 §4.5).
            out.push_str(if line.starts_with('>') || line.is_empty() { ">" } else { "> " });
            out.push_str(line);
            out.push('\n');
        }
        out
    }

    fn attachments(&self) -> Result<Vec<File>, Error> {
        let parts = Part::of(self.root);
        let attached = parts.attached();
        let octets: u64 = attached.iter().map(|part| part.decoded_octets).sum();
        if octets > ATTACHMENTS_LIMIT {
            return Err(too_large(octets, ATTACHMENTS_LIMIT));
        }
        let files = attached.into_iter().map(|part| {
            file(self.root, &part.section).ok_or_else(|| bad_request("an attachment cannot be read"))
        });
        files.collect()
    }
}

/// The subject with its prefix, unless it has one already.
fn prefixed(prefix: &str, known: &[&str], subject: &str) -> String {
    let lower = subject.to_lowercase();
    if known.iter().any(|known| lower.starts_with(known)) {
        subject.to_owned()
    } else {
        format!("{prefix} {subject}").trim_end().to_owned()
    }
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(QUOTE_LIMIT)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use postigo_api::{Endpoint, Security};

    const MIXED: &[u8] = include_bytes!("../tests/messages/mixed.eml");

    fn config(address: &str) -> AccountConfig {
        let endpoint = Endpoint { host: "mail.lab.test".into(), port: 1, security: Security::Tls };
        AccountConfig {
            id: address.into(),
            address: address.into(),
            display_name: "Luis".into(),
            user: address.into(),
            password: Secret::new(String::new()),
            imap: endpoint.clone(),
            submission: endpoint,
            connect: None,
            roots: Vec::new(),
        }
    }

    fn with<T>(raw: &[u8], own: &str, make: impl FnOnce(&Original<'_>) -> T) -> T {
        let parsed = parse(raw);
        let config = config(own);
        let about = MessageRef { account: own.into(), folder: "INBOX".into(), uid: 1 };
        make(&Original { root: parsed.root(), about, config: &config, attribution: Some("Ana wrote:") })
    }

    #[test]
    fn a_reply_goes_where_the_author_wants_it() {
        let draft = with(MIXED, "luis@lab.test", |original| original.reply(false));
        assert_eq!(draft.to, ["ana.perez@lab.test"]);
        assert!(draft.cc.is_empty());
        assert_eq!(draft.subject, "Re: Informe de mañana");
        assert_eq!(draft.text, "\n\nAna wrote:\n> Hola Luis,\n>\n> te envío el informe.\n");
        assert_eq!(draft.answers.map(|about| about.uid), Some(1));
    }

    #[test]
    fn a_reply_to_all_leaves_out_oneself() {
        let draft = with(MIXED, "LUIS@lab.test", |original| original.reply(true));
        assert_eq!(draft.to, ["ana.perez@lab.test"]);
        assert_eq!(draft.cc, ["\"Diez, Eva\" <eva@lab.test>", "carlos@lab.test"]);
    }

    #[test]
    fn a_reply_to_ones_own_message_goes_to_its_recipients() {
        let draft = with(MIXED, "ana@lab.test", |original| original.reply(false));
        assert_eq!(draft.to, ["Luis <luis@lab.test>", "\"Diez, Eva\" <eva@lab.test>"]);
    }

    #[test]
    fn a_forward_carries_text_and_files() {
        let draft = with(MIXED, "luis@lab.test", |original| original.forward().expect("a draft"));
        assert_eq!(draft.subject, "Fwd: Informe de mañana");
        assert!(draft.text.contains("From: Ana Pérez <ana@lab.test>\n"), "{}", draft.text);
        assert!(draft.text.contains("te envío el informe."), "{}", draft.text);
        let names: Vec<_> = draft.attachments.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["part-2.eml", "informe año.pdf"]);
    }

    #[test]
    fn prefixes_are_not_doubled_and_quotes_stand_together() {
        let raw = b"From: a@lab.test\r\nSubject: RE: x\r\n\r\n> old\r\nnew\r\n";
        let draft = with(raw, "luis@lab.test", |original| original.reply(false));
        assert_eq!(draft.subject, "RE: x");
        assert_eq!(draft.text, "\n\nAna wrote:\n>> old\n> new\n");
        assert_eq!(prefixed("Fwd:", &["fwd:", "fw:", "rv:"], "RV: x"), "RV: x");
        assert_eq!(prefixed("Re:", &["re:"], ""), "Re:");
    }
}
