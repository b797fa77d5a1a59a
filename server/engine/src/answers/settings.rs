//! The settings.

use postigo_api::{Code, Error, Event, SettingValues, Settings, SettingsPatch};

use super::setup;
use crate::config;
use crate::engine::Shared;
use crate::errors::blocking;
use crate::flow;
use crate::running::{check_address, check_ports, listen_address};

/// All settings.
pub(crate) fn get(engine: &Shared) -> Result<Settings, Error> {
    let current = engine.configured()?;
    Ok(Settings {
        current: SettingValues::clone(&current),
        defaults: SettingValues {
            // These have no default that would make sense for this server.
            host: current.host.clone(),
            domains: current.domains.clone(),
            mode: current.mode,
            ..config::defaults()
        },
        path: engine.config_path().display().to_string(),
        relay_password: engine.secrets.relayhost_place(),
    })
}

/// Changes some of them.
pub(crate) async fn set(engine: &Shared, patch: SettingsPatch) -> Result<Settings, Error> {
    let confirmed = patch.confirm_open_relay.clone();
    let apply = |config: &mut SettingValues| {
        *config = patched(config.clone(), patch)?;
        Ok(())
    };
    change(engine, apply, confirmed.as_deref()).await?;
    get(engine)
}

/// Changes the configuration, checks it, applies it, and writes it.
///
/// Errors: [`Code::OpenRelay`] when it makes an open relay and the host name was not typed to confirm that.
pub(crate) async fn change(
    engine: &Shared,
    change: impl FnOnce(&mut SettingValues) -> Result<(), Error>,
    confirmed: Option<&str>,
) -> Result<SettingValues, Error> {
    let _changing = engine.changing.lock().await;
    let old = engine.configured()?;
    let mut config = SettingValues::clone(&old);
    change(&mut config)?;
    check(&config)?;
    refuse_open_relay(&old, &config, confirmed)?;
    check_address(&config).await?;
    if let Err(error) = apply_and_save(engine, config.clone()).await {
        // Half of it may have worked: the old values did.
        let _ = engine.apply(SettingValues::clone(&old)).await;
        return Err(error);
    }
    engine.feed.say(Event::Settings);
    engine.say_status().await;
    Ok(config)
}

/// What was an open relay already may be changed otherwise.
fn refuse_open_relay(old: &SettingValues, new: &SettingValues, confirmed: Option<&str>) -> Result<(), Error> {
    let Some((setting, value)) = flow::open_relay(new) else { return Ok(()) };
    let was = flow::open_relay(old).is_some_and(|(_, before)| before == value);
    if was || confirmed.is_some_and(|typed| typed.eq_ignore_ascii_case(&new.host)) {
        return Ok(());
    }
    let text = format!(
        "{setting} = {value} lets strangers send through this server; confirm it with the host name {}",
        new.host
    );
    Err(Error::new(Code::OpenRelay, text)
        .with("setting", setting)
        .with("value", value)
        .with("host", &new.host))
}

/// They apply first and are written then, so that a value that does not work is never written.
pub(crate) async fn apply_and_save(engine: &Shared, config: SettingValues) -> Result<(), Error> {
    engine.apply(config.clone()).await?;
    let path = engine.config_path();
    blocking(move || config::save(&path, &config)).await
}

fn patched(mut config: SettingValues, patch: SettingsPatch) -> Result<SettingValues, Error> {
    fn set<T>(place: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *place = value;
        }
    }
    set(&mut config.host, patch.host);
    if let Some(domains) = patch.domains {
        config.domains = domains.iter().map(|d| setup::domain(d)).collect::<Result<_, _>>()?;
    }
    set(&mut config.listen, patch.listen);
    set(&mut config.ports, patch.ports);
    set(&mut config.message_size_limit, patch.message_size_limit);
    set(&mut config.bare_newlines, patch.bare_newlines);
    set(&mut config.cram_md5, patch.cram_md5);
    set(&mut config.xclient_hosts, patch.xclient_hosts);
    set(&mut config.submit_users, patch.submit_users);
    set(&mut config.recipient_limit, patch.recipient_limit);
    set(&mut config.sessions_per_client, patch.sessions_per_client);
    set(&mut config.sessions_total, patch.sessions_total);
    set(&mut config.stop_grace_seconds, patch.stop_grace_seconds);
    set(&mut config.trace_days, patch.trace_days);
    set(&mut config.trace_megabytes, patch.trace_megabytes);
    // An empty path is none.
    set(&mut config.certificate_path, patch.certificate_path.map(|p| Some(p).filter(|p| !p.is_empty())));
    set(&mut config.key_path, patch.key_path.map(|p| Some(p).filter(|p| !p.is_empty())));
    set(&mut config.flow, patch.flow.map(|flow| *flow));
    set(&mut config.queue, patch.queue);
    set(&mut config.dns, patch.dns);
    set(&mut config.mail_spool_directory, patch.mail_spool_directory);
    set(&mut config.home_mailbox, patch.home_mailbox);
    set(&mut config.restrictions, patch.restrictions.map(|lists| *lists));
    set(&mut config.client_limits, patch.client_limits);
    Ok(config)
}

/// Whether these values can work together.
pub(crate) fn check(config: &SettingValues) -> Result<(), Error> {
    let bad = |setting: &str, detail: &str| {
        Error::new(Code::SettingInvalid, format!("{setting}: {detail}"))
            .with("setting", setting)
            .with("detail", detail)
    };
    listen_address(config)?;
    check_ports(config)?;
    setup::domain(&config.host)?;
    if config.domains.is_empty() {
        return Err(bad("domains", "at least one is needed"));
    }
    for domain in &config.domains {
        setup::domain(domain)?;
    }
    super::storage::check(config).map_err(|(setting, detail)| bad(setting, detail))?;
    let within = |setting: &str, value: u64, least: u64, most: u64| {
        if (least..=most).contains(&value) {
            Ok(())
        } else {
            Err(bad(setting, &format!("{value} is not between {least} and {most}")))
        }
    };
    // RFC 5321 §4.5.3.1.7: 64 KiB must be possible.
    within("messageSizeLimit", config.message_size_limit, 65_536, 1 << 30)?;
    // RFC 5321 §4.5.3.1.8: 100 recipients must be possible.
    within("recipientLimit", config.recipient_limit.into(), 100, 50_000)?;
    within("sessionsPerClient", config.sessions_per_client.into(), 1, 10_000)?;
    within("sessionsTotal", config.sessions_total.into(), 10, 50_000)?;
    let limits = &config.client_limits;
    within("anvil_rate_time_unit", limits.rate_unit_seconds.into(), 1, 86_400)?;
    within("smtpd_error_sleep_time", limits.error_sleep_seconds.into(), 0, 60)?;
    within("smtpd_soft_error_limit", limits.soft_errors.into(), 1, 10_000)?;
    within("smtpd_hard_error_limit", limits.hard_errors.into(), 1, 10_000)?;
    within("smtpd_junk_command_limit", limits.junk_commands.into(), 1, 100_000)?;
    // RFC 5321 §4.5.3.2.7 asks for five minutes; under stress Postfix itself waits ten seconds.
    within("smtpd_timeout", limits.command_seconds.into(), 10, 3_600)?;
    crate::rates::exceptions(config)?;
    within("stopGraceSeconds", config.stop_grace_seconds.into(), 0, 300)?;
    flow::check(config)?;
    crate::names::check(config)?;
    within("queue.deliveries", config.queue.deliveries.into(), 1, 1_000)?;
    within("queue.destinationConcurrency", config.queue.destination_concurrency.into(), 1, 1_000)?;
    within("queue.initialConcurrency", config.queue.initial_concurrency.into(), 1, 1_000)?;
    within("queue.recipientsPerDelivery", config.queue.recipients_per_delivery.into(), 1, 1_000)?;
    within("queue.runDelaySeconds", config.queue.run_delay_seconds.into(), 1, 86_400)?;
    within("queue.suppressionSeconds", config.queue.suppression_seconds.into(), 0, 366 * 86_400)?;
    within("queue.minimalBackoffSeconds", config.queue.minimal_backoff_seconds.into(), 1, 86_400)?;
    within("queue.maximalBackoffSeconds", config.queue.maximal_backoff_seconds.into(), 1, 7 * 86_400)?;
    within("queue.lifetimeSeconds", config.queue.lifetime_seconds.into(), 0, 100 * 86_400)?;
    within("queue.bounceLifetimeSeconds", config.queue.bounce_lifetime_seconds.into(), 0, 100 * 86_400)?;
    within("timeouts.connectSeconds", config.timeouts.connect_seconds.into(), 1, 86_400)?;
    within("timeouts.heloSeconds", config.timeouts.helo_seconds.into(), 1, 86_400)?;
    within("timeouts.starttlsSeconds", config.timeouts.starttls_seconds.into(), 1, 86_400)?;
    within("timeouts.mailSeconds", config.timeouts.mail_seconds.into(), 1, 86_400)?;
    within("timeouts.rcptSeconds", config.timeouts.rcpt_seconds.into(), 1, 86_400)?;
    within("timeouts.dataInitSeconds", config.timeouts.data_init_seconds.into(), 1, 86_400)?;
    within("timeouts.dataXferSeconds", config.timeouts.data_xfer_seconds.into(), 1, 86_400)?;
    within("timeouts.dataDoneSeconds", config.timeouts.data_done_seconds.into(), 1, 86_400)?;
    within("traceDays", config.trace_days.into(), 1, 3_650)?;
    within("traceMegabytes", config.trace_megabytes.into(), 16, 1 << 20)?;
    if config.certificate_path.is_some() != config.key_path.is_some() {
        return Err(bad("certificatePath", "a certificate needs its key, and a key its certificate"));
    }
    Ok(())
}
