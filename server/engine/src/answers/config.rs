//! The settings by name, as text.

use postigo_api::{Code, ConfigEntry, ConfigSet, Error};

use super::settings;
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
    }
}
