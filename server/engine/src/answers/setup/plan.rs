//! What would be written, before it is.

use postigo_api::{Error, PlannedSetting, Setup, SetupPlan};

use crate::config::Config;
use crate::config::keys::{KEYS, Key};
use crate::engine::Shared;

/// The settings that the wizard decides. The ports are not among them: which ones there are is found out at each start.
const DECIDED: [&str; 13] = [
    "mode",
    "role",
    "myhostname",
    "mydestination",
    "inet_interfaces",
    "mynetworks",
    "smtp_tls_security_level",
    "relay_domains",
    "relay_recipient_maps",
    "relayhost",
    "relayhost_user",
    "transport_maps",
    "smtpd_recipient_restrictions",
];

/// The settings of a setup, beside those that are there.
pub(crate) async fn plan(engine: &Shared, setup: Setup) -> Result<SetupPlan, Error> {
    let old = engine.config.load_full();
    let config = super::planned(engine, &setup).await?;
    let is_decided = |key: &&Key| DECIDED.contains(&key.name);
    let settings = KEYS.iter().filter(is_decided).map(|key| planned(key, &config, old.as_deref())).collect();
    Ok(SetupPlan { settings })
}

fn planned(key: &Key, config: &Config, old: Option<&Config>) -> PlannedSetting {
    PlannedSetting {
        name: key.name.to_owned(),
        postfix: key.postfix,
        value: key.show(config),
        old: old.map(|old| key.show(old)),
    }
}
