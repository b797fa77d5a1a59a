//! Postfix's files taken over, and this server's settings as files of Postfix and Dovecot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Error, Forward};

/// Files of Postfix to take over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostfixImport {
    /// Their texts by base name: `main.cf`, `master.cf`, `aliases`, `virtual`, `transport`, `sasl_passwd`, `mailname`.
    pub files: BTreeMap<String, String>,
    /// Only says what would change.
    pub dry_run: bool,
    /// See [`crate::SettingsPatch::confirm_open_relay`].
    pub confirm_open_relay: Option<String>,
}

/// Shows no file: there may be passwords in them.
impl std::fmt::Debug for PostfixImport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files: Vec<_> = self.files.keys().collect();
        f.debug_struct("PostfixImport")
            .field("files", &files)
            .field("dry_run", &self.dry_run)
            .finish_non_exhaustive()
    }
}

/// What was made of the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PostfixImported {
    /// Whether the changes were made; otherwise they would be.
    pub applied: bool,
    /// What became of each line, by file and line.
    pub report: Vec<PostfixLine>,
    /// Settings that change.
    pub settings: Vec<SettingChange>,
    /// Aliases that are new or change. Those that the files do not name stay.
    pub aliases: Vec<AliasChange>,
    /// Forwards that are new or change.
    pub forwards: Vec<ForwardChange>,
    /// Whether a password of the relay host was in the files.
    pub relay_password: bool,
    /// What makes an open relay of this: it needs the host name as confirmation.
    pub open_relay: Option<OpenRelay>,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PostfixLine {
    /// The base name of its file.
    pub file: String,
    /// Where it begins there, from 1; 0: the file as a whole.
    pub line: u32,
    /// The parameter, service, override or key.
    pub name: String,
    /// Its value as written; a password is replaced by `***`.
    pub value: String,
    /// What became of it.
    pub fate: PostfixFate,
    /// Why it was not simply taken; none when it was.
    pub reason: Option<String>,
    /// What this server says to the value, where that is the reason.
    pub error: Option<Error>,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PostfixFate {
    /// It is in the settings.
    Taken,
    /// It is not needed here.
    Ignored,
    /// It is lost, or only partly taken: a person should look at it.
    Unsupported,
}

/// A setting before and after, as text in Postfix's manner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SettingChange {
    /// Its name: Postfix's where Postfix has it.
    pub name: String,
    /// As it was.
    pub before: String,
    /// As it is then.
    pub after: String,
}

/// An alias before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AliasChange {
    /// See [`crate::Alias::name`].
    pub name: String,
    /// Whom it stood for; nobody: there was none.
    pub before: Vec<String>,
    /// Whom it stands for then.
    pub after: Vec<String>,
}

/// Where an account's mail goes, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ForwardChange {
    /// As it was; without targets, the mail stayed here.
    pub before: Forward,
    /// As it is then.
    pub after: Forward,
}

/// What lets strangers send through this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OpenRelay {
    /// The setting, by its Postfix name.
    pub setting: String,
    /// Its entry at fault.
    pub value: String,
    /// The host name that confirms it.
    pub host: String,
}

/// Asks for the files of Postfix and Dovecot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostfixExport {
    /// The language of the comments.
    pub language: CommentLanguage,
    /// The folder they will lie in, absolute: Dovecot's file names its file of users with it.
    pub folder: String,
}

/// The language of comments in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CommentLanguage {
    /// English.
    En,
    /// Spanish.
    Es,
}

/// The files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PostfixFiles {
    /// Their texts by name.
    pub files: BTreeMap<String, String>,
}
