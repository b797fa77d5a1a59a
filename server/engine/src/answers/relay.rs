//! The relay host: its password, and a test that sends nothing.

use postigo_api::{Code, Error, Event, Nothing, RelayPassword, RelayTest, RelayTested};
use postigo_queue::route::{HostPort, NextHop};
use postigo_sasl::Credentials;

use crate::engine::Shared;
use crate::errors::blocking;
use crate::outgoing::Tried;

/// Keeps the password, or forgets it.
pub(crate) async fn password(engine: &Shared, password: RelayPassword) -> Result<Nothing, Error> {
    let secrets = std::sync::Arc::clone(&engine.secrets);
    let kept = Some(password.password).filter(|password| !password.is_empty());
    blocking(move || secrets.set_relayhost(kept)).await?;
    engine.reroute()?;
    engine.feed.say(Event::Settings);
    Ok(Nothing {})
}

/// Connects, encrypts and logs in.
pub(crate) async fn test(engine: &Shared, test: RelayTest) -> Result<RelayTested, Error> {
    let host: HostPort = test.relayhost.parse().map_err(|bad: postigo_queue::route::BadSetting| {
        Error::new(Code::SettingInvalid, format!("relayhost: {bad}"))
            .with("setting", "relayhost")
            .with("detail", bad)
    })?;
    let password = test.password.or_else(|| engine.secrets.relayhost());
    let credentials = match (test.user.as_str(), password) {
        ("", _) | (_, None) => None,
        (user, Some(password)) => Credentials::new(user, &password),
    };
    let config = engine.configured()?;
    let agent = match engine.running(|running| running.context.agent()).await {
        Some(agent) => agent,
        None => engine.stopped_agent(&config)?,
    };
    let tls = crate::flow::tls_level(config.flow.outbound_tls);
    let key = credentials.is_some().then(|| host.to_string());
    let next_hop = NextHop::new(&host, tls, key, engine.routes.load().bind.clone());
    let agent = crate::outgoing::Agent { credentials, ..agent };
    let Tried { works, text, session } = agent.try_out(&next_hop).await;
    Ok(RelayTested { works, text, session })
}
