//! `postigo.toml`: commented, written by the faces, editable by hand.

use std::io::Write;
use std::path::Path;

use postigo_api::{BareNewlines, Code, Error, Mode, PortPlan, SettingValues};
use serde::Deserialize;
use toml_edit::{DocumentMut, Item, Value};

/// The configuration of one engine.
pub(crate) type Config = SettingValues;

/// The name of the file in the data folder.
pub(crate) const FILE: &str = "postigo.toml";

/// What a server has that nobody configured yet.
pub(crate) fn defaults() -> Config {
    Config {
        mode: Mode::Lab,
        host: "mail.lab.test".into(),
        domains: vec!["lab.test".into()],
        listen: "127.0.0.1".into(),
        ports: PortPlan::Standard,
        // 25 MiB, what most providers take.
        message_size_limit: 26_214_400,
        bare_newlines: BareNewlines::Refuse,
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
    let file: File = toml::from_str(&text).map_err(|error| {
        let detail = error.to_string().trim_end().to_owned();
        Error::new(Code::ConfigInvalid, format!("{}: {detail}", path.display()))
            .with("path", path.display())
            .with("detail", detail)
    })?;
    let config = file.into_config();
    crate::answers::check_settings(&config).map_err(|error| error.with("path", path.display()))?;
    Ok(Some(config))
}

/// Writes the file, keeping what a person wrote around the values. The old file is replaced in one step.
pub(crate) fn save(path: &Path, config: &Config) -> Result<(), Error> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let document = text.parse::<DocumentMut>().ok().filter(|d| d.get("host").is_some());
    let mut document = document.unwrap_or_else(|| TEMPLATE.parse().unwrap_or_default());
    write_values(&mut document, config);
    replace(path, document.to_string().as_bytes()).map_err(|error| unusable(path, &error))
}

fn replace(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(octets)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Code::DataUnusable, format!("{} cannot be read or written: {error}", path.display()))
        .with("path", path.display())
        .with("detail", error)
}

/// The file as it is written. Every key may be left out: then the default counts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mode: Option<Mode>,
    host: Option<String>,
    domains: Option<Vec<String>>,
    listen: Option<String>,
    ports: Option<Ports>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    trace: Trace,
    #[serde(default)]
    tls: Tls,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Ports {
    Plan(NamedPlan),
    Base(u16),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum NamedPlan {
    Standard,
    Practice,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Limits {
    message_size: Option<u64>,
    bare_newlines: Option<BareNewlines>,
    recipients: Option<u32>,
    sessions_per_client: Option<u32>,
    sessions_total: Option<u32>,
    stop_grace_seconds: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Trace {
    days: Option<u32>,
    megabytes: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Tls {
    certificate: Option<String>,
    key: Option<String>,
}

impl File {
    fn into_config(self) -> Config {
        let default = defaults();
        Config {
            mode: self.mode.unwrap_or(default.mode),
            host: self.host.unwrap_or(default.host),
            domains: self.domains.unwrap_or(default.domains),
            listen: self.listen.unwrap_or(default.listen),
            ports: match self.ports {
                None => default.ports,
                Some(Ports::Plan(NamedPlan::Standard)) => PortPlan::Standard,
                Some(Ports::Plan(NamedPlan::Practice)) => PortPlan::Practice,
                Some(Ports::Base(base)) => PortPlan::Base(base),
            },
            message_size_limit: self.limits.message_size.unwrap_or(default.message_size_limit),
            bare_newlines: self.limits.bare_newlines.unwrap_or(default.bare_newlines),
            recipient_limit: self.limits.recipients.unwrap_or(default.recipient_limit),
            sessions_per_client: self.limits.sessions_per_client.unwrap_or(default.sessions_per_client),
            sessions_total: self.limits.sessions_total.unwrap_or(default.sessions_total),
            stop_grace_seconds: self.limits.stop_grace_seconds.unwrap_or(default.stop_grace_seconds),
            trace_days: self.trace.days.unwrap_or(default.trace_days),
            trace_megabytes: self.trace.megabytes.unwrap_or(default.trace_megabytes),
            certificate_path: self.tls.certificate,
            key_path: self.tls.key,
        }
    }
}

const TEMPLATE: &str = r#"# The configuration of this Postigo server.
# You may edit it by hand: the server reads it again on SIGHUP, on `postigo reload`, and at each start.
# A key that is left out has its default. The names in brackets are those of Postfix.

# What the server is for: "lab" (learning on one computer), "classroom", "internet".
mode = "lab"

# How the server calls itself [myhostname].
host = "mail.lab.test"

# The domains whose mail is delivered here, the main one first [mydestination].
domains = ["lab.test"]

# The address to listen on: 127.0.0.1 is this computer only, 0.0.0.0 every network [inet_interfaces].
listen = "127.0.0.1"

# "standard" (25, 587, 465, 143, 993; practice ports where that is not possible),
# "practice" (2525, 2587, 2465, 2143, 2993), or a number that is added to the standard ports.
ports = "standard"

[limits]
# Octets of the largest message [message_size_limit].
message_size = 26214400
# Messages with a bare CR or LF: "refuse" or "normalise" [smtpd_forbid_bare_newline].
bare_newlines = "refuse"
# Recipients of one message [smtpd_recipient_limit].
recipients = 1000
# Sessions of one address at a time; this computer is exempt [smtpd_client_connection_count_limit].
sessions_per_client = 50
# Sessions in all.
sessions_total = 1000
# Seconds that a stopping server waits for its sessions.
stop_grace_seconds = 10

[trace]
# How long transcripts and log entries are kept, and how much of them.
days = 30
megabytes = 512

[tls]
# A certificate of your own instead of the local authority's, as PEM files [smtpd_tls_cert_file, smtpd_tls_key_file].
# certificate = "/etc/ssl/mail.pem"
# key = "/etc/ssl/mail.key"
"#;

fn write_values(document: &mut DocumentMut, config: &Config) {
    for (key, path) in [("certificate", &config.certificate_path), ("key", &config.key_path)] {
        if path.is_none()
            && let Some(tls) = document.get_mut("tls").and_then(Item::as_table_mut)
        {
            tls.remove(key);
        }
    }
    let mut set = |table: Option<&str>, key: &str, value: Value| {
        let place = match table {
            None => &mut document[key],
            Some(table) => {
                if document.get(table).is_none() {
                    document[table] = toml_edit::table();
                }
                &mut document[table][key]
            }
        };
        match place {
            // The comment behind a value stays.
            Item::Value(old) => {
                let decor = old.decor().clone();
                *old = value;
                *old.decor_mut() = decor;
            }
            place => *place = Item::Value(value),
        }
    };
    set(None, "mode", name(&config.mode).into());
    set(None, "host", config.host.as_str().into());
    set(None, "domains", config.domains.iter().map(String::as_str).collect());
    set(None, "listen", config.listen.as_str().into());
    set(
        None,
        "ports",
        match config.ports {
            PortPlan::Standard => "standard".into(),
            PortPlan::Practice => "practice".into(),
            PortPlan::Base(base) => i64::from(base).into(),
        },
    );
    let limits = Some("limits");
    set(limits, "message_size", i64::try_from(config.message_size_limit).unwrap_or(i64::MAX).into());
    set(limits, "bare_newlines", name(&config.bare_newlines).into());
    set(limits, "recipients", i64::from(config.recipient_limit).into());
    set(limits, "sessions_per_client", i64::from(config.sessions_per_client).into());
    set(limits, "sessions_total", i64::from(config.sessions_total).into());
    set(limits, "stop_grace_seconds", i64::from(config.stop_grace_seconds).into());
    set(Some("trace"), "days", i64::from(config.trace_days).into());
    set(Some("trace"), "megabytes", i64::from(config.trace_megabytes).into());
    for (key, path) in [("certificate", &config.certificate_path), ("key", &config.key_path)] {
        if let Some(path) = path {
            set(Some("tls"), key, path.as_str().into());
        }
    }
}

/// An enum of the API as it is written.
fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_says_what_the_defaults_are() {
        let file: File = toml::from_str(TEMPLATE).unwrap();
        assert_eq!(file.into_config(), defaults());
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
        save(&path, &config).unwrap();
        assert_eq!(load(&path).unwrap().as_ref(), Some(&config));

        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("days = 30", "days = 30 # the teacher wants a month")).unwrap();
        config.trace_days = 7;
        config.certificate_path = None;
        config.key_path = None;
        save(&path, &config).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("days = 7 # the teacher wants a month"), "{text}");
        assert_eq!(load(&path).unwrap(), Some(config));
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "host = \"mail.lab.test\"\nlissen = \"127.0.0.1\"\n").unwrap();
        let error = load(&path).unwrap_err();
        assert_eq!(error.code, Code::ConfigInvalid);
        assert!(error.text.contains("lissen") && error.text.contains("line 2"), "{error}");
    }
}
