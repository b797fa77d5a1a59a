//! Settings to files.

mod dovecot;
mod main_cf;
mod master_cf;
mod tables;

use postigo_api::{Alias, Forward, PortPlan, SettingValues};

use crate::Files;

/// The language of the comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
}

/// Somebody who has a mailbox here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `user@domain`.
    pub address: String,
    /// The path of the Maildir, absolute.
    pub maildir: String,
}

/// Writes the files, by name: `main.cf`, `master.cf`, `virtual`, `forwards`, `transport`, `relay_recipients`,
/// `sender_relay`, `mailboxes`, `sasl_passwd`, `dovecot.conf` and `dovecot-users`. They refer to one another by
/// Postfix's `$config_directory`, so they may lie in any folder; `folder` is where Dovecot will find its file of users.
pub fn export(
    settings: &SettingValues,
    aliases: &[Alias],
    forwards: &[Forward],
    people: &[Person],
    language: Language,
    folder: &str,
) -> Files {
    let writing = Writing { settings, aliases, forwards, people, language, folder };
    let mut files = writing.tables();
    files.insert("main.cf".to_owned(), writing.main_cf());
    files.insert("master.cf".to_owned(), writing.master_cf());
    files.insert("dovecot.conf".to_owned(), writing.dovecot_conf());
    files
}

/// What is written of.
struct Writing<'a> {
    settings: &'a SettingValues,
    aliases: &'a [Alias],
    forwards: &'a [Forward],
    people: &'a [Person],
    language: Language,
    folder: &'a str,
}

impl Writing<'_> {
    /// The words of the language.
    fn say<'t>(&self, english: &'t str, spanish: &'t str) -> &'t str {
        match self.language {
            Language::English => english,
            Language::Spanish => spanish,
        }
    }

    /// Comment lines.
    fn note(&self, english: &str, spanish: &str) -> String {
        self.say(english, spanish).lines().map(|line| format!("# {line}\n")).collect()
    }

    /// The port of a service by its standard and its practice port; none when the plan leads past the last port.
    fn port(&self, standard: u16, practice: u16) -> Option<u16> {
        match self.settings.ports {
            PortPlan::Standard => Some(standard),
            PortPlan::Practice => Some(practice),
            PortPlan::Base(base) => base.checked_add(standard),
        }
    }
}

/// A text on one line, so that no value can begin a line of its own.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ").trim().to_owned()
}
