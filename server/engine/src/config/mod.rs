//! `postigo.toml`: commented, written by the faces, editable by hand.

pub(crate) mod form;
pub(crate) mod keys;

use std::ops::Range;
use std::path::Path;

use keys::{KEYS, Key};
use postigo_api::{
    BareNewlines, ClientLimits, ClientTimeouts, Code, DnsSettings, Error, MailFlow, Mode, PortPlan,
    QueueSettings, Restrictions, Role, SettingValues, TlsLevel,
};
use toml_edit::{Document, DocumentMut, Item, TableLike};

use crate::files::{replace, unusable};

/// The configuration of one engine.
pub(crate) type Config = SettingValues;

/// The name of the file in the data folder.
pub(crate) const FILE: &str = "postigo.toml";

/// The file of a server whose settings nobody has changed yet.
const TEMPLATE: &str = include_str!("template.toml");

/// What a server has that nobody configured yet.
pub(crate) fn defaults() -> Config {
    Config {
        mode: Mode::Lab,
        role: Role::Standalone,
        host: "mail.lab.test".into(),
        domains: vec!["lab.test".into()],
        listen: "127.0.0.1".into(),
        ports: PortPlan::Standard,
        // 25 MiB, what most providers take.
        message_size_limit: 26_214_400,
        bare_newlines: BareNewlines::Refuse,
        cram_md5: false,
        xclient_hosts: Vec::new(),
        submit_users: vec!["static:anyone".into()],
        // RFC 5321 §4.5.3.1.8 asks for 100 at least; Postfix has 1000.
        recipient_limit: 1_000,
        // As Postfix's smtpd_client_connection_count_limit.
        sessions_per_client: 50,
        sessions_total: 1_000,
        stop_grace_seconds: 10,
        trace_days: 30,
        trace_megabytes: 512,
        certificate_path: None,
        key_path: None,
        flow: default_flow(),
        queue: default_queue(),
        mail_spool_directory: "/var/mail".into(),
        home_mailbox: String::new(),
        dns: DnsSettings { resolver: Vec::new(), listen: String::new() },
        restrictions: default_restrictions(),
        client_limits: default_client_limits(),
        timeouts: default_timeouts(),
    }
}

fn default_flow() -> MailFlow {
    MailFlow {
        my_networks: vec!["127.0.0.0/8".into(), "::1".into()],
        inbound_tls: TlsLevel::May,
        outbound_tls: TlsLevel::May,
        recipient_delimiter: "+".into(),
        relay_domains: Vec::new(),
        relay_recipients: Vec::new(),
        relayhost: String::new(),
        relayhost_user: String::new(),
        sender_relayhosts: Vec::new(),
        transports: Vec::new(),
        bind_address: String::new(),
    }
}

/// Postfix's, but that who may not relay is refused for good, as `reject_unauth_destination` does: Postfix's own default is
/// careful with servers that were set up before the list existed, and there are none here.
fn default_restrictions() -> Restrictions {
    Restrictions {
        relay_restrictions: "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination".into(),
        ..Restrictions::default()
    }
}

/// Postfix's defaults.
fn default_client_limits() -> ClientLimits {
    ClientLimits {
        rate_unit_seconds: 60,
        connection_rate: 0,
        message_rate: 0,
        recipient_rate: 0,
        auth_rate: 0,
        limit_exceptions: vec!["$mynetworks".into()],
        error_sleep_seconds: 1,
        soft_errors: 10,
        hard_errors: 20,
        junk_commands: 100,
        command_seconds: 300,
    }
}

/// Postfix's defaults, but for the warning, which Postfix does not send unless asked.
fn default_queue() -> QueueSettings {
    QueueSettings {
        minimal_backoff_seconds: 300,
        maximal_backoff_seconds: 4_000,
        lifetime_seconds: 5 * 86_400,
        bounce_lifetime_seconds: 5 * 86_400,
        warning_seconds: 4 * 3_600,
        run_delay_seconds: 300,
        destination_concurrency: 20,
        initial_concurrency: 5,
        recipients_per_delivery: 50,
        deliveries: 100,
        suppression_seconds: 7 * 86_400,
    }
}

/// Those of RFC 5321 §4.5.3.2, as Postfix has them, but for TLS: who does not agree within a minute gets the mail in clear
/// where that is allowed, and no mail should wait longer for that.
fn default_timeouts() -> ClientTimeouts {
    ClientTimeouts {
        connect_seconds: 30,
        helo_seconds: 300,
        starttls_seconds: 60,
        mail_seconds: 300,
        rcpt_seconds: 300,
        data_init_seconds: 120,
        data_xfer_seconds: 180,
        data_done_seconds: 600,
    }
}

/// Reads the file; none when there is none.
///
/// Errors: [`Code::ConfigInvalid`] with what is wrong and where, [`Code::DataUnusable`].
pub(crate) fn load(path: &Path) -> Result<Option<Config>, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(path, &error)),
    };
    let config = read(&text).map_err(|detail| {
        Error::new(Code::ConfigInvalid, format!("{}: {detail}", path.display()))
            .with("path", path.display())
            .with("detail", detail)
    })?;
    crate::answers::check_settings(&config).map_err(|error| error.with("path", path.display()))?;
    Ok(Some(config))
}

/// Reads the text of a file. Errors: what is wrong, with the line.
fn read(text: &str) -> Result<Config, String> {
    let document = Document::parse(text).map_err(|error| error.to_string().trim_end().to_owned())?;
    let mut config = defaults();
    read_table(&mut config, None, document.as_table(), text)?;
    Ok(config)
}

fn read_table(
    config: &mut Config,
    table: Option<&str>,
    items: &dyn TableLike,
    text: &str,
) -> Result<(), String> {
    for (name, item) in items.iter() {
        let wrong = |detail: String| format!("line {}: {name}: {detail}", line(text, item.span()));
        let is_table = KEYS.iter().any(|key| key.table == Some(name));
        if table.is_none()
            && is_table
            && let Some(items) = item.as_table_like()
        {
            read_table(config, Some(name), items, text)?;
            continue;
        }
        let key = Key::find(name).ok_or_else(|| wrong("there is no such setting".to_owned()))?;
        if key.table != table {
            let place = key.table.map_or("at the top".to_owned(), |table| format!("under [{table}]"));
            return Err(wrong(format!("this setting stands {place}")));
        }
        let value = item.as_value().ok_or_else(|| wrong("a value is needed".to_owned()))?;
        key.form.read_toml(value).and_then(|value| key.set(config, value)).map_err(wrong)?;
    }
    Ok(())
}

fn line(text: &str, span: Option<Range<usize>>) -> usize {
    let before = text.get(..span.map_or(0, |span| span.start)).unwrap_or_default();
    before.matches('\n').count() + 1
}

/// Writes the file, keeping what a person wrote around the values. The old file is replaced in one step.
pub(crate) fn save(path: &Path, config: &Config) -> Result<(), Error> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // What cannot be read has no comments worth keeping.
    let document =
        if read(&text).is_ok() && !text.trim().is_empty() { text.parse() } else { TEMPLATE.parse() };
    let mut document: DocumentMut = document.unwrap_or_default();
    let defaults = defaults();
    for key in KEYS {
        write_key(&mut document, key, config, &defaults);
    }
    replace(path, document.to_string().as_bytes()).map_err(|error| unusable(path, &error))
}

/// Writes a value where it stands already, or where it differs from the default.
fn write_key(document: &mut DocumentMut, key: &Key, config: &Config, defaults: &Config) {
    let value = key.get(config);
    let items: &mut dyn TableLike = match key.table {
        None => document.as_table_mut(),
        Some(table) => {
            let place = document.entry(table).or_insert_with(toml_edit::table);
            match place.as_table_like_mut() {
                Some(items) => items,
                None => return,
            }
        }
    };
    let is_default = value == key.get(defaults);
    match items.get_mut(key.name) {
        // No certificate is no line: an empty path would look like one.
        Some(_) if is_default && value == form::Value::Text(String::new()) => {
            items.remove(key.name);
        }
        // The comment behind a value stays.
        Some(Item::Value(old)) => {
            let decor = old.decor().clone();
            *old = key.form.write_toml(&value);
            *old.decor_mut() = decor;
        }
        _ if is_default => {}
        _ => {
            items.insert(key.name, Item::Value(key.form.write_toml(&value)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postigo_api::Mapping;

    #[test]
    fn the_template_says_what_the_defaults_are() {
        assert_eq!(read(TEMPLATE).unwrap(), defaults());
        for key in KEYS {
            assert!(TEMPLATE.contains(&format!("{} =", key.name)), "{} is not explained", key.name);
        }
    }

    #[test]
    fn what_is_saved_is_read_back_and_comments_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        assert_eq!(load(&path).unwrap(), None);
        let mut config = Config {
            ports: PortPlan::Base(41_000),
            domains: vec!["a.test".into(), "b.test".into()],
            ..defaults()
        };
        config.certificate_path = Some("/c.pem".into());
        config.key_path = Some("/k.pem".into());
        config.flow.relayhost = "[127.0.0.1]:3525".into();
        config.flow.transports =
            vec![Mapping { key: "inner.test".into(), value: "smtp:[127.0.0.1]:2125".into() }];
        save(&path, &config).unwrap();
        assert_eq!(load(&path).unwrap().as_ref(), Some(&config));

        let text = std::fs::read_to_string(&path).unwrap();
        let commented = text.replace("trace_days = 30", "trace_days = 30 # the teacher wants a month");
        assert_ne!(text, commented);
        std::fs::write(&path, commented).unwrap();
        config.trace_days = 7;
        config.certificate_path = None;
        config.key_path = None;
        config.flow.relayhost.clear();
        save(&path, &config).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("trace_days = 7 # the teacher wants a month"), "{text}");
        assert_eq!(load(&path).unwrap(), Some(config));
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        for (text, expected) in [
            ("mode = \"lab\"\nlissen = \"127.0.0.1\"\n", "line 2: lissen: there is no such setting"),
            ("[queue]\n\nmynetworks = []\n", "line 3: mynetworks: this setting stands under [mail_flow]"),
            ("[mail_flow]\nmynetworks = 7\n", "line 2: mynetworks: a list like"),
            ("[queue]\nmaximal_queue_lifetime = \"5y\"", "line 2: maximal_queue_lifetime: 5y is not a time"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
