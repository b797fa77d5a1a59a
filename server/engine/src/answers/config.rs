//! The settings by name, as text.

use postigo_api::{Code, ConfigEntry, ConfigSet, Error};

use super::settings;
use crate::config::form::Value;
use crate::config::keys::{KEYS, Key};
use crate::config::{Config, defaults};
use crate::engine::Shared;

/// All settings.
pub(crate) fn list(engine: &Shared) -> Result<Vec<ConfigEntry>, Error> {
    let (config, defaults) = (engine.configured()?, defaults());
    Ok(KEYS.iter().map(|key| entry(key, &config, &defaults)).collect())
}

/// Changes one.
pub(crate) async fn set(engine: &Shared, set: ConfigSet) -> Result<ConfigEntry, Error> {
    let key = Key::find(&set.name).ok_or_else(|| {
        Error::new(Code::SettingUnknown, format!("There is no setting {}", set.name))
            .with("setting", &set.name)
    })?;
    let invalid = |detail: String| {
        Error::new(Code::SettingInvalid, format!("{}: {detail}", key.name))
            .with("setting", key.name)
            .with("detail", detail)
    };
    let defaults = defaults();
    let value = match &set.value {
        Some(text) => key.form.parse(text).map_err(invalid)?,
        None => key.get(&defaults),
    };
    let change = |config: &mut Config| key.set(config, value).map_err(invalid);
    let config = settings::change(engine, change, set.confirm_open_relay.as_deref()).await?;
    Ok(entry(key, &config, &defaults))
}

fn entry(key: &Key, config: &Config, defaults: &Config) -> ConfigEntry {
    ConfigEntry {
        name: key.name.to_owned(),
        value: key.show(config),
        default: key.show(defaults),
        postfix: key.postfix,
        main_cf: key.postfix.then(|| main_cf(key, config)),
    }
}

/// The line of main.cf. There a table needs a type, IPv6 needs brackets, and `$` begins a reference.
fn main_cf(key: &Key, config: &Config) -> String {
    let value = match (key.name, key.get(config)) {
        ("relay_recipient_maps", Value::List(list)) => inline(list.iter().map(|address| (&**address, "OK"))),
        ("mynetworks", Value::List(list)) => {
            list.iter().map(|network| bracketed(network)).collect::<Vec<_>>().join(", ")
        }
        (_, Value::Table(table)) => inline(table.iter().map(|row| (&*row.key, &*row.value))),
        (_, value) => key.form.show(&value),
    };
    let name = match key.name {
        "smtp_bind_address" if value.contains(':') => "smtp_bind_address6",
        name => name,
    };
    format!("{name} = {}", value.replace('$', "$$")).trim_end().to_owned()
}

fn inline<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let rows: Vec<_> = rows.map(|(key, value)| format!("{{{key} = {value}}}")).collect();
    if rows.is_empty() { String::new() } else { format!("inline:{{{}}}", rows.join(", ")) }
}

fn bracketed(network: &str) -> String {
    match network.split_once('/') {
        _ if !network.contains(':') || network.starts_with('[') => network.to_owned(),
        Some((address, prefix)) => format!("[{address}]/{prefix}"),
        None => format!("[{network}]"),
    }
}
