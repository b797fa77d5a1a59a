//! The restriction lists of a configuration.

use postigo_api::{Code, Error};
use postigo_policy::{ListName, Restrictions, Who};

use crate::config::Config;

/// Reads the lists. Errors: [`Code::SettingInvalid`], with the list by its Postfix name, and the place.
pub(crate) fn read(config: &Config) -> Result<Restrictions, Error> {
    Restrictions::parse(|list| text(config, list)).map_err(|bad| {
        Error::new(Code::SettingInvalid, bad.to_string())
            .with("setting", bad.list)
            .with("detail", &bad.bad)
            .with("position", bad.bad.position)
    })
}

/// The list that lets strangers send through this server, and the entry at fault, or all of it.
pub(crate) fn open_relay(config: &Config) -> Option<(&'static str, String)> {
    let open = read(config).ok()?.lets_relay(Who::Stranger)?;
    let whole = || text(config, open.list).trim().to_owned();
    Some((open.list.setting(), open.entry.clone().unwrap_or_else(whole)))
}

fn text(config: &Config, list: ListName) -> &str {
    let lists = &config.restrictions;
    match list {
        ListName::Client => &lists.client_restrictions,
        ListName::Helo => &lists.helo_restrictions,
        ListName::Sender => &lists.sender_restrictions,
        ListName::Relay => &lists.relay_restrictions,
        ListName::Recipient => &lists.recipient_restrictions,
        ListName::Data => &lists.data_restrictions,
        ListName::EndOfData => &lists.end_of_data_restrictions,
        ListName::Etrn => &lists.etrn_restrictions,
        ListName::MuaClient => &lists.mua_client_restrictions,
        ListName::MuaHelo => &lists.mua_helo_restrictions,
        ListName::MuaSender => &lists.mua_sender_restrictions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::defaults;

    #[test]
    fn a_fault_names_the_list_and_the_place() {
        let mut config = defaults();
        config.restrictions.recipient_restrictions = "reject_non_fqdn_sender, reject_all".into();
        let error = read(&config).err().unwrap();
        assert_eq!(error.params["setting"], "smtpd_recipient_restrictions");
        assert_eq!(error.params["position"], "25");
        assert_eq!(error.params["detail"], "at character 25: reject_all is not a restriction");
    }

    #[test]
    fn lists_without_a_refusal_are_an_open_relay() {
        let mut config = defaults();
        assert_eq!(open_relay(&config), None);
        config.restrictions.relay_restrictions = "permit_mynetworks".into();
        assert_eq!(open_relay(&config), Some(("smtpd_relay_restrictions", "permit_mynetworks".into())));
        config.restrictions.recipient_restrictions = "reject_unauth_destination".into();
        assert_eq!(open_relay(&config), None);
    }
}
