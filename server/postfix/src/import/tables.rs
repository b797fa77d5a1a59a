//! Aliases, routes and passwords: what stands in tables.

use postigo_api::{Alias, Forward, Mapping};

use super::Reading;
use crate::map::{Grammar, Row, rows, words};
use crate::{Fate, Reason};

impl Reading<'_> {
    /// Reads all tables that the parameters name.
    pub(super) fn tables(&mut self) {
        for row in self.rows_of("alias_maps", Grammar::Aliases) {
            self.alias(&row);
        }
        for row in self.rows_of("virtual_alias_maps", Grammar::Table) {
            self.alias(&row);
        }
        // Without main.cf nothing is known about routes; with it, what it does not name is empty in Postfix, too.
        if !self.files.contains_key(crate::main_cf::FILE) {
            return;
        }
        self.settings.flow.transports = self.mappings("transport_maps", is_transport);
        self.settings.flow.sender_relayhosts =
            self.mappings("sender_dependent_relayhost_maps", |value| !value.contains([' ', ',']));
        let keys = self.mappings("relay_recipient_maps", |_| true);
        self.settings.flow.relay_recipients = keys.into_iter().map(|mapping| mapping.key).collect();
        self.password();
    }

    fn rows_of(&mut self, name: &str, grammar: Grammar) -> Vec<Row> {
        // alias_maps alone has a default that names a file, and so is read without a line of main.cf.
        let Some(value) = self.value(name).filter(|_| name == "alias_maps" || self.main.get(name).is_some())
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for word in words(&value) {
            match rows(word, name, grammar, self.files, &mut self.report) {
                Ok(rows) => {
                    self.fate(name, Fate::Taken);
                    found.extend(rows);
                }
                Err(reason) => self.fate(name, Fate::Unsupported(reason)),
            }
        }
        self.fate(name, Fate::Taken);
        found
    }

    fn mappings(&mut self, name: &str, is_good: impl Fn(&str) -> bool) -> Vec<Mapping> {
        let mut mappings = Vec::new();
        for row in self.rows_of(name, Grammar::Table) {
            let is_good = is_good(&row.mapping.value);
            let fate = if is_good { Fate::Taken } else { Fate::Unsupported(Reason::Value) };
            self.report.push(row.told(fate));
            if is_good {
                mappings.push(row.mapping);
            }
        }
        mappings
    }

    fn alias(&mut self, row: &Row) {
        let name = row.mapping.key.clone();
        let all = targets(&row.mapping.value);
        let mut good: Vec<String> = all.iter().filter(|target| is_address(target)).cloned().collect();
        let fate = match (good.is_empty(), good.len() == all.len()) {
            (_, true) if !good.is_empty() => Fate::Taken,
            _ => Fate::Unsupported(Reason::Target),
        };
        let before = good.len();
        good.retain(|target| *target != name);
        if before > 0 && good.is_empty() {
            self.report.push(row.told(Fate::Ignored(Reason::Identity)));
            return;
        }
        // The first table that knows a name decides.
        let is_known = self.aliases.iter().any(|alias| alias.name == name)
            || self.forwards.iter().any(|forward| forward.account == name);
        self.report.push(row.told(if is_known { Fate::Ignored(Reason::Overridden) } else { fate }));
        if good.is_empty() || is_known {
            return;
        }
        if good.len() < before {
            self.forwards.push(Forward { account: name, targets: good, keep_copy: true });
        } else {
            self.aliases.push(Alias { name, targets: good });
        }
    }

    /// `smtp_sasl_password_maps`: the entry of the relay host, as written or without its port (SASL_README).
    fn password(&mut self) {
        self.settings.flow.relayhost_user.clear();
        if self.main.get("smtp_sasl_password_maps").is_none() {
            return;
        }
        let is_on = self.value("smtp_sasl_auth_enable").is_some_and(|value| value == "yes");
        self.fate("smtp_sasl_auth_enable", Fate::Taken);
        let relayhost = self.settings.flow.relayhost.clone();
        let bare = relayhost.rsplit_once(':').map_or(relayhost.clone(), |(host, _)| host.to_owned());
        let mut found = None;
        for mut row in self.rows_of("smtp_sasl_password_maps", Grammar::Table) {
            let key = row.mapping.key.clone();
            let value = std::mem::replace(&mut row.mapping.value, "***".to_owned());
            let fits = !relayhost.is_empty() && (key == relayhost || key == bare || key == "*");
            let fate = match (fits, is_on) {
                (false, _) => Fate::Unsupported(Reason::OtherServer),
                (true, false) => Fate::Ignored(Reason::LoginOff),
                (true, true) => Fate::Taken,
            };
            self.report.push(row.told(fate));
            if fate == Fate::Taken && (found.is_none() || key == relayhost) {
                found = Some(value);
            }
        }
        if let Some(found) = found {
            let (user, password) = found.split_once(':').unwrap_or((&found, ""));
            self.settings.flow.relayhost_user = user.to_owned();
            self.relay_password = Some(password.to_owned()).filter(|password| !password.is_empty());
        }
    }
}

/// The targets of an alias: between commas or blanks, in quotes where they have such.
fn targets(value: &str) -> Vec<String> {
    let (mut targets, mut target, mut quoted) = (Vec::new(), String::new(), false);
    for c in value.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => targets.push(std::mem::take(&mut target)),
            c if c.is_whitespace() && !quoted => targets.push(std::mem::take(&mut target)),
            c => target.push(c),
        }
    }
    targets.push(target);
    // A leading \ keeps a name from being looked up again (aliases(5)), which happens once only here anyway.
    let plain = |target: String| target.strip_prefix('\\').map(str::to_owned).unwrap_or(target);
    targets.into_iter().filter(|target| !target.is_empty()).map(plain).collect()
}

fn is_address(target: &str) -> bool {
    !target.starts_with(['|', '/', ':', '\\'])
        && !target.contains(|c: char| c.is_control() || c.is_whitespace())
}

fn is_transport(value: &str) -> bool {
    let name = value.split(':').next().unwrap_or_default();
    value.contains(':') && matches!(name, "" | "smtp" | "relay" | "error" | "retry" | "discard")
}
