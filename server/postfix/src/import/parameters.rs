//! Parameters of `main.cf` that are settings here.

use postigo_api::{BareNewlines, SettingValues, TlsLevel};

use super::{Reading, whole};
use crate::main_cf::entry;
use crate::map::{Grammar, base_name, is_table, rows, words};
use crate::{Fate, Reason};

/// Puts a number into its setting.
type Place = fn(&mut SettingValues, u32);

/// Numbers: name and place. A 0 means "no limit" to Postfix, which there is not here for the first ones.
const NUMBERS: [(&str, Place); 13] = [
    ("smtpd_recipient_limit", |s, n| s.recipient_limit = n),
    ("smtpd_client_connection_count_limit", |s, n| s.sessions_per_client = n),
    ("default_destination_concurrency_limit", |s, n| s.queue.destination_concurrency = n),
    ("initial_destination_concurrency", |s, n| s.queue.initial_concurrency = n),
    ("smtp_destination_recipient_limit", |s, n| s.queue.recipients_per_delivery = n),
    ("default_process_limit", |s, n| s.queue.deliveries = n),
    ("smtpd_client_connection_rate_limit", |s, n| s.client_limits.connection_rate = n),
    ("smtpd_client_message_rate_limit", |s, n| s.client_limits.message_rate = n),
    ("smtpd_client_recipient_rate_limit", |s, n| s.client_limits.recipient_rate = n),
    ("smtpd_client_auth_rate_limit", |s, n| s.client_limits.auth_rate = n),
    ("smtpd_soft_error_limit", |s, n| s.client_limits.soft_errors = n),
    ("smtpd_hard_error_limit", |s, n| s.client_limits.hard_errors = n),
    ("smtpd_junk_command_limit", |s, n| s.client_limits.junk_commands = n),
];

/// Those of which 0 is a value of its own.
const MAY_BE_ZERO: [&str; 7] = [
    "delay_warning_time",
    "bounce_queue_lifetime",
    "smtpd_client_connection_rate_limit",
    "smtpd_client_message_rate_limit",
    "smtpd_client_recipient_rate_limit",
    "smtpd_client_auth_rate_limit",
    "smtpd_error_sleep_time",
];

/// Times: name, seconds of the unit that is meant when none is written, and place.
const TIMES: [(&str, u32, Place); 17] = [
    ("minimal_backoff_time", 1, |s, n| s.queue.minimal_backoff_seconds = n),
    ("maximal_backoff_time", 1, |s, n| s.queue.maximal_backoff_seconds = n),
    ("queue_run_delay", 1, |s, n| s.queue.run_delay_seconds = n),
    ("maximal_queue_lifetime", 86_400, |s, n| s.queue.lifetime_seconds = n),
    ("bounce_queue_lifetime", 86_400, |s, n| s.queue.bounce_lifetime_seconds = n),
    ("delay_warning_time", 3_600, |s, n| s.queue.warning_seconds = n),
    ("anvil_rate_time_unit", 1, |s, n| s.client_limits.rate_unit_seconds = n),
    ("smtpd_error_sleep_time", 1, |s, n| s.client_limits.error_sleep_seconds = n),
    ("smtpd_timeout", 1, |s, n| s.client_limits.command_seconds = n),
    ("smtp_connect_timeout", 1, |s, n| s.timeouts.connect_seconds = n),
    ("smtp_helo_timeout", 1, |s, n| s.timeouts.helo_seconds = n),
    ("smtp_starttls_timeout", 1, |s, n| s.timeouts.starttls_seconds = n),
    ("smtp_mail_timeout", 1, |s, n| s.timeouts.mail_seconds = n),
    ("smtp_rcpt_timeout", 1, |s, n| s.timeouts.rcpt_seconds = n),
    ("smtp_data_init_timeout", 1, |s, n| s.timeouts.data_init_seconds = n),
    ("smtp_data_xfer_timeout", 1, |s, n| s.timeouts.data_xfer_seconds = n),
    ("smtp_data_done_timeout", 1, |s, n| s.timeouts.data_done_seconds = n),
];

impl Reading<'_> {
    /// Reads what `main.cf` says, and what Postfix does where it says nothing.
    pub(super) fn parameters(&mut self) {
        self.texts();
        self.domains();
        self.networks();
        self.tls();
        self.restrictions();
        self.clients();
        for (name, set) in NUMBERS {
            self.number(name, 1, set);
        }
        for (name, unit, set) in TIMES {
            self.number(name, unit, set);
        }
    }

    fn texts(&mut self) {
        if let Some(host) = self.written("myhostname").filter(|host| !host.is_empty()) {
            self.fate("myhostname", Fate::Taken);
            self.settings.host = host;
        }
        // Postfix's default of both is the empty text.
        if let Some(delimiter) = self.value_or_empty("recipient_delimiter") {
            self.settings.flow.recipient_delimiter = delimiter;
        }
        if let Some(hosts) = self.value_or_empty("relayhost") {
            let hosts = words(&hosts);
            if hosts.len() > 1 {
                self.fate("relayhost", Fate::Unsupported(Reason::OnlyFirst));
            }
            self.settings.flow.relayhost = hosts.first().map(|host| (*host).to_owned()).unwrap_or_default();
        }
        self.settings.flow.bind_address.clear();
        for name in ["smtp_bind_address6", "smtp_bind_address"] {
            if let Some(address) = self.written(name).filter(|address| !address.is_empty()) {
                self.fate(name, Fate::Taken);
                self.settings.flow.bind_address = address.trim_matches(['[', ']']).to_owned();
            }
        }
        self.interfaces();
        if let Some(value) = self.written("message_size_limit") {
            match value.parse() {
                Ok(limit) if limit > 0 => {
                    self.settings.message_size_limit = limit;
                    self.fate("message_size_limit", Fate::Taken);
                }
                _ => self.fate("message_size_limit", Fate::Unsupported(Reason::Value)),
            }
        }
        if let Some(value) = self.written("smtpd_forbid_bare_newline") {
            let newlines = match value.as_str() {
                "reject" => Some(BareNewlines::Refuse),
                "yes" | "normalize" => Some(BareNewlines::Normalise),
                _ => None,
            };
            let fate = newlines.map_or(Fate::Unsupported(Reason::Value), |_| Fate::Taken);
            self.fate("smtpd_forbid_bare_newline", fate);
            self.settings.bare_newlines = newlines.unwrap_or(self.settings.bare_newlines);
        }
    }

    /// Who is exempt from limits, and who may speak for others; then where users of the system have their mail.
    fn clients(&mut self) {
        let exempt = "smtpd_client_event_limit_exceptions";
        match self.main.get(exempt).map(|parameter| parameter.value.as_str()) {
            None => {}
            // Postfix's default: whatever mynetworks is, now and later.
            Some("$mynetworks") => {
                self.settings.client_limits.limit_exceptions = vec!["$mynetworks".to_owned()];
                self.fate(exempt, Fate::Taken);
            }
            Some(_) => self.settings.client_limits.limit_exceptions = bare(self.list(exempt)),
        }
        let speaking = "smtpd_authorized_xclient_hosts";
        self.settings.xclient_hosts =
            if self.main.get(speaking).is_some() { bare(self.list(speaking)) } else { Vec::new() };
        self.submit_users();
        if let Some(folder) = self.written("mail_spool_directory").filter(|folder| !folder.is_empty()) {
            self.fate("mail_spool_directory", Fate::Taken);
            self.settings.mail_spool_directory = folder;
        }
        if let Some(place) = self.value_or_empty("home_mailbox") {
            self.settings.home_mailbox = place;
        }
    }

    fn value_or_empty(&mut self, name: &str) -> Option<String> {
        if self.main.get(name).is_none() {
            return Some(String::new());
        }
        let value = self.value(name)?;
        self.fate(name, Fate::Taken);
        Some(value)
    }

    fn interfaces(&mut self) {
        let Some(value) = self.written("inet_interfaces") else { return };
        let protocols = self.value("inet_protocols");
        let fate = match *words(&value) {
            ["all"] => {
                let listen = if protocols.as_deref() == Some("ipv6") { "::" } else { "0.0.0.0" };
                self.settings.listen = listen.to_owned();
                Fate::Taken
            }
            ["loopback-only" | "localhost"] => {
                self.settings.listen = "127.0.0.1".to_owned();
                Fate::Taken
            }
            [address] if address.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok() => {
                self.settings.listen = address.trim_matches(['[', ']']).to_owned();
                Fate::Taken
            }
            _ => Fate::Unsupported(Reason::Value),
        };
        self.fate("inet_interfaces", fate);
    }

    /// `mydestination` and the virtual domains, the main domain first: the one that `myorigin` or `mydomain` names.
    fn domains(&mut self) {
        let mut domains: Vec<String> = Vec::new();
        // Without a host name the default of mydestination would be empty.
        let is_known = self.main.get("mydestination").is_some() || self.main.get("myhostname").is_some();
        let local = self.value("mydomain").map(|domain| format!("localhost.{domain}"));
        for name in ["mydestination", "virtual_alias_domains", "virtual_mailbox_domains"] {
            let wanted = if name == "mydestination" { is_known } else { self.main.get(name).is_some() };
            for word in if wanted { self.list(name) } else { Vec::new() } {
                if word == "localhost" || word == "localhost.localdomain" || Some(&word) == local.as_ref() {
                    self.word(name, &word, Reason::Localhost);
                } else if word.starts_with('!') {
                    self.fate(name, Fate::Unsupported(Reason::Value));
                } else if !domains.contains(&word) {
                    domains.push(word);
                }
            }
        }
        let origin = self.value("myorigin").and_then(|origin| self.first_line(origin));
        let main = [origin, self.value("mydomain")];
        let place =
            main.iter().flatten().find_map(|main| domains.iter().position(|domain| domain == main.trim()));
        if let Some(place) = place {
            domains[..=place].rotate_right(1);
        }
        self.fate("myorigin", if place.is_some() { Fate::Taken } else { Fate::Unsupported(Reason::Value) });
        if !domains.is_empty() {
            self.settings.domains = domains;
        }
        self.settings.flow.relay_domains =
            if self.main.get("relay_domains").is_some() { self.list("relay_domains") } else { Vec::new() };
    }

    /// Debian's `myorigin = /etc/mailname`: a path stands for the first line of its file.
    fn first_line(&mut self, value: String) -> Option<String> {
        let Some(path) = value.strip_prefix('/') else { return Some(value) };
        let text = self.files.get(base_name(path))?;
        self.report.push(whole(base_name(path), Fate::Taken));
        text.lines().next().map(str::to_owned)
    }

    /// Reports a word of a list that is left out.
    fn word(&mut self, name: &str, word: &str, reason: Reason) {
        let line = self.main.get(name).map_or(0, |parameter| parameter.line);
        self.report.push(entry(line, name, word, Fate::Ignored(reason)));
    }

    /// Not set is everybody, and an empty list is nobody. `static:` is the one table that needs no file; what follows another
    /// one is left out with it, for it could let somebody in whom the table keeps out.
    fn submit_users(&mut self) {
        let name = "authorized_submit_users";
        if self.main.get(name).is_none() {
            self.settings.submit_users = vec!["static:anyone".to_owned()];
            return;
        }
        let Some(text) = self.value_or_empty(name) else { return };
        let all = words(&text);
        let is_read = |word: &&str| {
            let word = word.strip_prefix('!').unwrap_or(word);
            word.starts_with("static:") || !(word.is_empty() || word.contains([':', '/', '!']))
        };
        let read: Vec<String> = all.iter().copied().take_while(is_read).map(str::to_owned).collect();
        if read.len() < all.len() {
            self.fate(name, Fate::Unsupported(Reason::Value));
        }
        self.settings.submit_users = read;
    }

    fn networks(&mut self) {
        if self.main.get("mynetworks").is_none() {
            if self.main.get("mynetworks_style").is_some_and(|style| style.value != "host") {
                self.fate("mynetworks_style", Fate::Unsupported(Reason::InterfaceNetworks));
            }
            self.settings.flow.my_networks = vec!["127.0.0.0/8".to_owned(), "::1".to_owned()];
            return;
        }
        let mut networks = Vec::new();
        for word in self.list("mynetworks") {
            let word = word.replace(['[', ']'], "");
            let address = word.split('/').next().unwrap_or_default();
            if word.starts_with("::ffff:") {
                self.word("mynetworks", &word, Reason::MappedIpv4);
            } else if address.parse::<std::net::IpAddr>().is_ok() {
                networks.push(word);
            } else {
                self.fate("mynetworks", Fate::Unsupported(Reason::Value));
            }
        }
        self.settings.flow.my_networks = networks;
    }

    /// The words of a list; a table or a file in it stands for its keys or lines.
    fn list(&mut self, name: &str) -> Vec<String> {
        let value = self.value(name).unwrap_or_default();
        self.fate(name, Fate::Taken);
        let mut list = Vec::new();
        for word in words(&value) {
            if !is_table(word) {
                list.push(word.to_owned());
            } else if let Some(path) = word.strip_prefix('/') {
                match self.files.get(base_name(path)) {
                    Some(text) => {
                        let lines = crate::logical::lines(text);
                        self.report.push(whole(base_name(path), Fate::Taken));
                        list.extend(lines.iter().flat_map(|line| words(&line.text)).map(str::to_owned));
                    }
                    None => self.fate(name, Fate::Unsupported(Reason::FileMissing)),
                }
            } else {
                match rows(word, name, Grammar::Table, self.files, &mut self.report) {
                    Ok(rows) => {
                        self.report.extend(rows.iter().map(|row| row.told(Fate::Taken)));
                        list.extend(rows.into_iter().map(|row| row.mapping.key));
                    }
                    Err(reason) => self.fate(name, Fate::Unsupported(reason)),
                }
            }
        }
        list
    }

    fn tls(&mut self) {
        let old = |reading: &mut Self, names: [&str; 2]| {
            let [enforce, offer] = names.map(|name| {
                let is_on = reading.written(name).is_some_and(|value| value == "yes");
                reading.fate(name, Fate::Taken);
                is_on
            });
            if enforce { Some(TlsLevel::Encrypt) } else { offer.then_some(TlsLevel::May) }
        };
        let before = old(self, ["smtpd_enforce_tls", "smtpd_use_tls"]);
        let inbound = self.level("smtpd_tls_security_level").or(before);
        self.settings.flow.inbound_tls = inbound.unwrap_or(self.settings.flow.inbound_tls);
        let before = old(self, ["smtp_enforce_tls", "smtp_use_tls"]);
        let outbound = self.level("smtp_tls_security_level").or(before);
        self.settings.flow.outbound_tls = outbound.unwrap_or(self.settings.flow.outbound_tls);
        let names = ["smtpd_tls_cert_file", "smtpd_tls_key_file"];
        let [certificate, key] = names.map(|name| self.written(name).filter(|path| !path.is_empty()));
        let is_test = certificate.as_deref().is_some_and(|path| path.contains("ssl-cert-snakeoil"));
        let fate = match (&certificate, &key) {
            _ if is_test => Fate::Ignored(Reason::TestCertificate),
            (Some(_), Some(_)) | (None, None) => Fate::Taken,
            _ => Fate::Unsupported(Reason::Value),
        };
        for name in names {
            self.fate(name, fate);
        }
        if fate == Fate::Taken && certificate.is_some() {
            self.settings.certificate_path = certificate;
            self.settings.key_path = key;
        }
    }

    fn level(&mut self, name: &str) -> Option<TlsLevel> {
        let (level, fate) = match self.written(name)?.as_str() {
            "none" => (Some(TlsLevel::None), Fate::Taken),
            "" => (None, Fate::Taken),
            "may" => (Some(TlsLevel::May), Fate::Taken),
            "encrypt" => (Some(TlsLevel::Encrypt), Fate::Taken),
            // DANE falls back to "may" where a domain has no TLSA record.
            "dane" => (Some(TlsLevel::May), Fate::Unsupported(Reason::CertificateNotChecked)),
            "dane-only" | "verify" | "secure" | "fingerprint" => {
                (Some(TlsLevel::Encrypt), Fate::Unsupported(Reason::CertificateNotChecked))
            }
            _ => (None, Fate::Unsupported(Reason::Value)),
        };
        self.fate(name, fate);
        level
    }

    fn number(&mut self, name: &str, unit: u32, set: Place) {
        let Some(value) = self.written(name) else { return };
        let may_be_zero = MAY_BE_ZERO.contains(&name);
        let is_time = TIMES.iter().any(|(time, ..)| *time == name);
        let number = if is_time { seconds(&value, unit) } else { value.parse().ok() };
        match number.filter(|number| may_be_zero || *number > 0) {
            Some(number) => {
                set(&mut self.settings, number);
                self.fate(name, Fate::Taken);
            }
            None => self.fate(name, Fate::Unsupported(Reason::Value)),
        }
    }
}

/// Networks without the brackets that Postfix wants around IPv6.
fn bare(networks: Vec<String>) -> Vec<String> {
    networks.iter().map(|network| network.replace(['[', ']'], "")).collect()
}

/// A time with one of `s m h d w`, or in the unit of the parameter.
fn seconds(text: &str, unit: u32) -> Option<u32> {
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];
    let found = units.iter().find_map(|(letter, seconds)| Some((text.strip_suffix(*letter)?, *seconds)));
    let (digits, unit) = found.unwrap_or((text, unit));
    digits.trim().parse::<u32>().ok()?.checked_mul(unit)
}
