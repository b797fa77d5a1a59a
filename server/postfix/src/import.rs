//! Files to settings.

mod other;
mod parameters;
pub(crate) mod restrictions;
mod tables;

use std::collections::BTreeMap;

use postigo_api::{Alias, Forward, SettingValues};

use crate::main_cf::{self, MainCf, entry};
use crate::{Fate, Files, Line, MAX_FILE_OCTETS, Reason, master_cf};

/// What was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Imported {
    /// The settings: those that the files say nothing of are those that were passed in.
    pub settings: SettingValues,
    /// Aliases and catch-alls.
    pub aliases: Vec<Alias>,
    /// Virtual aliases that keep a copy, which are forwards here.
    pub forwards: Vec<Forward>,
    /// The password at the relay host: a secret, for the keyring.
    pub relay_password: Option<String>,
    /// What became of each line, by file and line.
    pub report: Vec<Line>,
}

/// Shows no password.
impl std::fmt::Debug for Imported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Imported")
            .field("settings", &self.settings)
            .field("aliases", &self.aliases)
            .field("forwards", &self.forwards)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

/// Reads Postfix's files over settings. Never fails: what is not understood is in the report.
pub fn import(files: &Files, base: SettingValues) -> Imported {
    let (files, too_large): (Files, Files) =
        files.clone().into_iter().partition(|(_, text)| text.len() <= MAX_FILE_OCTETS);
    let mut report: Vec<_> =
        too_large.keys().map(|file| whole(file, Fate::Unsupported(Reason::TooLarge))).collect();
    let main = MainCf::read(files.get(main_cf::FILE).map_or("", String::as_str), &mut report);
    let mut reading = Reading {
        files: &files,
        main: &main,
        settings: base,
        aliases: Vec::new(),
        forwards: Vec::new(),
        relay_password: None,
        fates: BTreeMap::new(),
        report,
    };
    if files.contains_key(main_cf::FILE) {
        reading.parameters();
    }
    reading.tables();
    if let Some(plan) = files.get(master_cf::FILE).and_then(|text| master_cf::read(text, &mut reading.report))
    {
        reading.settings.ports = plan;
    }
    reading.finish()
}

/// The state of one import.
struct Reading<'a> {
    files: &'a Files,
    main: &'a MainCf,
    settings: SettingValues,
    aliases: Vec<Alias>,
    forwards: Vec<Forward>,
    relay_password: Option<String>,
    /// What became of each parameter that was looked at.
    fates: BTreeMap<String, Fate>,
    report: Vec<Line>,
}

impl Reading<'_> {
    /// The value of a parameter, or Postfix's default. None: neither, or it cannot be expanded, which is reported.
    fn value(&mut self, name: &str) -> Option<String> {
        match self.main.value(name) {
            Ok(value) => value,
            Err(reason) => {
                self.fate(name, Fate::Unsupported(reason));
                None
            }
        }
    }

    /// The value of a parameter that the file itself sets.
    fn written(&mut self, name: &str) -> Option<String> {
        self.main.get(name)?;
        self.value(name)
    }

    /// Records what became of a parameter. The worst of several counts.
    fn fate(&mut self, name: &str, fate: Fate) {
        match (self.fates.get(name), fate) {
            (Some(Fate::Unsupported(_)), _) | (Some(_), Fate::Taken) => {}
            _ => {
                self.fates.insert(name.to_owned(), fate);
            }
        }
    }

    fn finish(mut self) -> Imported {
        for (name, parameter) in self.main.iter() {
            let fate = self.fates.get(name).copied().unwrap_or_else(|| other::other(name, self.main));
            self.report.push(entry(parameter.line, name, &parameter.value, fate));
        }
        for file in self.files.keys() {
            if !self.report.iter().any(|line| line.file == *file) {
                self.report.push(whole(file, Fate::Ignored(Reason::NotReferenced)));
            }
        }
        // Overridden lines and overrides of services may hold a password, too.
        for line in &mut self.report {
            line.value = other::shown(&line.name, &line.value);
        }
        self.report.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        Imported {
            settings: self.settings,
            aliases: self.aliases,
            forwards: self.forwards,
            relay_password: self.relay_password,
            report: self.report,
        }
    }
}

fn whole(file: &str, fate: Fate) -> Line {
    Line { file: file.to_owned(), line: 0, name: String::new(), value: String::new(), fate }
}
