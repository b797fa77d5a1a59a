//! Every setting by name: the one list that the file, the command line and the export share.

use postigo_api::{BareNewlines, Mapping, Mode, PortPlan, Role, SettingValues, TlsLevel};

use super::form::{Form, Value};

/// A setting.
pub(crate) struct Key {
    /// Its name: Postfix's where Postfix has it.
    pub name: &'static str,
    /// The table of the file it stands in; none for those at the top.
    pub table: Option<&'static str>,
    /// Whether the name is Postfix's.
    pub postfix: bool,
    /// How it is written.
    pub form: Form,
    get: fn(&SettingValues) -> Value,
    set: fn(&mut SettingValues, Value) -> Result<(), String>,
}

impl Key {
    /// The setting with this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// Its value.
    pub fn get(&self, config: &SettingValues) -> Value {
        (self.get)(config)
    }

    /// Its value as text.
    pub fn show(&self, config: &SettingValues) -> String {
        self.form.show(&self.get(config))
    }

    /// Changes it. Errors: what values there are.
    pub fn set(&self, config: &mut SettingValues, value: Value) -> Result<(), String> {
        (self.set)(config, value)
    }
}

/// A type that a setting can have.
trait Field {
    fn get(&self) -> Value;
    fn set(&mut self, value: Value) -> Result<(), String>;
}

macro_rules! keys {
    ($($kind:ident $table:tt $name:literal $form:ident $($field:ident).+;)*) => {
        /// All settings, in the order of the file.
        pub(crate) static KEYS: &[Key] = &[$(Key {
            name: $name,
            table: keys!(@table $table),
            postfix: keys!(@postfix $kind),
            form: Form::$form,
            get: |config| config.$($field).+.get(),
            set: |config, value| config.$($field).+.set(value),
        },)*];
    };
    (@table -) => { None };
    (@table $table:literal) => { Some($table) };
    (@postfix postfix) => { true };
    (@postfix own) => { false };
}

keys! {
    own     - "mode" Text mode;
    own     - "role" Text role;
    postfix - "myhostname" Text host;
    postfix - "mydestination" List domains;
    postfix - "inet_interfaces" Text listen;
    own     - "ports" Choice ports;

    postfix "limits" "message_size_limit" Number message_size_limit;
    postfix "limits" "smtpd_forbid_bare_newline" Text bare_newlines;
    own     "limits" "cram_md5" Text cram_md5;
    postfix "limits" "smtpd_authorized_xclient_hosts" List xclient_hosts;
    postfix "limits" "authorized_submit_users" List submit_users;
    postfix "limits" "smtpd_recipient_limit" Number recipient_limit;
    postfix "limits" "smtpd_client_connection_count_limit" Number sessions_per_client;
    postfix "limits" "anvil_rate_time_unit" Duration client_limits.rate_unit_seconds;
    postfix "limits" "smtpd_client_connection_rate_limit" Number client_limits.connection_rate;
    postfix "limits" "smtpd_client_message_rate_limit" Number client_limits.message_rate;
    postfix "limits" "smtpd_client_recipient_rate_limit" Number client_limits.recipient_rate;
    postfix "limits" "smtpd_client_auth_rate_limit" Number client_limits.auth_rate;
    postfix "limits" "smtpd_client_event_limit_exceptions" List client_limits.limit_exceptions;
    postfix "limits" "smtpd_error_sleep_time" Duration client_limits.error_sleep_seconds;
    postfix "limits" "smtpd_soft_error_limit" Number client_limits.soft_errors;
    postfix "limits" "smtpd_hard_error_limit" Number client_limits.hard_errors;
    postfix "limits" "smtpd_junk_command_limit" Number client_limits.junk_commands;
    postfix "limits" "smtpd_timeout" Duration client_limits.command_seconds;
    own     "limits" "sessions_total" Number sessions_total;
    own     "limits" "stop_grace" Duration stop_grace_seconds;

    own     "trace" "trace_days" Number trace_days;
    own     "trace" "trace_megabytes" Number trace_megabytes;

    postfix "tls" "smtpd_tls_cert_file" Text certificate_path;
    postfix "tls" "smtpd_tls_key_file" Text key_path;

    postfix "mail_flow" "mynetworks" List flow.my_networks;
    postfix "mail_flow" "smtpd_tls_security_level" Text flow.inbound_tls;
    postfix "mail_flow" "smtp_tls_security_level" Text flow.outbound_tls;
    postfix "mail_flow" "recipient_delimiter" Text flow.recipient_delimiter;
    postfix "mail_flow" "relay_domains" List flow.relay_domains;
    postfix "mail_flow" "relay_recipient_maps" List flow.relay_recipients;
    postfix "mail_flow" "relayhost" Text flow.relayhost;
    own     "mail_flow" "relayhost_user" Text flow.relayhost_user;
    postfix "mail_flow" "sender_dependent_relayhost_maps" Table flow.sender_relayhosts;
    postfix "mail_flow" "transport_maps" Table flow.transports;
    postfix "mail_flow" "smtp_bind_address" Text flow.bind_address;

    postfix "restrictions" "smtpd_client_restrictions" Text restrictions.client_restrictions;
    postfix "restrictions" "smtpd_helo_restrictions" Text restrictions.helo_restrictions;
    postfix "restrictions" "smtpd_sender_restrictions" Text restrictions.sender_restrictions;
    postfix "restrictions" "smtpd_relay_restrictions" Text restrictions.relay_restrictions;
    postfix "restrictions" "smtpd_recipient_restrictions" Text restrictions.recipient_restrictions;
    postfix "restrictions" "smtpd_data_restrictions" Text restrictions.data_restrictions;
    postfix "restrictions" "smtpd_end_of_data_restrictions" Text restrictions.end_of_data_restrictions;
    postfix "restrictions" "smtpd_etrn_restrictions" Text restrictions.etrn_restrictions;
    postfix "restrictions" "mua_client_restrictions" Text restrictions.mua_client_restrictions;
    postfix "restrictions" "mua_helo_restrictions" Text restrictions.mua_helo_restrictions;
    postfix "restrictions" "mua_sender_restrictions" Text restrictions.mua_sender_restrictions;

    postfix "queue" "minimal_backoff_time" Duration queue.minimal_backoff_seconds;
    postfix "queue" "maximal_backoff_time" Duration queue.maximal_backoff_seconds;
    postfix "queue" "maximal_queue_lifetime" Duration queue.lifetime_seconds;
    postfix "queue" "bounce_queue_lifetime" Duration queue.bounce_lifetime_seconds;
    postfix "queue" "delay_warning_time" Duration queue.warning_seconds;
    postfix "queue" "queue_run_delay" Duration queue.run_delay_seconds;
    postfix "queue" "default_destination_concurrency_limit" Number queue.destination_concurrency;
    postfix "queue" "initial_destination_concurrency" Number queue.initial_concurrency;
    postfix "queue" "smtp_destination_recipient_limit" Number queue.recipients_per_delivery;
    postfix "queue" "default_process_limit" Number queue.deliveries;
    own     "queue" "suppression_time" Duration queue.suppression_seconds;

    postfix "timeouts" "smtp_connect_timeout" Duration timeouts.connect_seconds;
    postfix "timeouts" "smtp_helo_timeout" Duration timeouts.helo_seconds;
    postfix "timeouts" "smtp_starttls_timeout" Duration timeouts.starttls_seconds;
    postfix "timeouts" "smtp_mail_timeout" Duration timeouts.mail_seconds;
    postfix "timeouts" "smtp_rcpt_timeout" Duration timeouts.rcpt_seconds;
    postfix "timeouts" "smtp_data_init_timeout" Duration timeouts.data_init_seconds;
    postfix "timeouts" "smtp_data_xfer_timeout" Duration timeouts.data_xfer_seconds;
    postfix "timeouts" "smtp_data_done_timeout" Duration timeouts.data_done_seconds;

    postfix "delivery" "mail_spool_directory" Text mail_spool_directory;
    postfix "delivery" "home_mailbox" Text home_mailbox;

    own     "dns" "resolver" List dns.resolver;
    own     "dns" "dns_listen" Text dns.listen;
}

/// What a value of another form than the key's is told; the forms are chosen in the list above.
const OTHER_FORM: &str = "a value of another kind is needed";

impl Field for String {
    fn get(&self) -> Value {
        Value::Text(self.clone())
    }
    fn set(&mut self, value: Value) -> Result<(), String> {
        let Value::Text(text) = value else { return Err(OTHER_FORM.to_owned()) };
        *self = text;
        Ok(())
    }
}

/// An empty text is none.
impl Field for Option<String> {
    fn get(&self) -> Value {
        Value::Text(self.clone().unwrap_or_default())
    }
    fn set(&mut self, value: Value) -> Result<(), String> {
        let mut text = String::new();
        text.set(value)?;
        *self = Some(text).filter(|text| !text.is_empty());
        Ok(())
    }
}

/// As Postfix writes it.
impl Field for bool {
    fn get(&self) -> Value {
        Value::Text(if *self { "yes" } else { "no" }.to_owned())
    }
    fn set(&mut self, value: Value) -> Result<(), String> {
        let mut text = String::new();
        text.set(value)?;
        *self = match text.as_str() {
            "yes" => true,
            "no" => false,
            _ => return Err(format!("{text} is none of yes, no")),
        };
        Ok(())
    }
}

impl Field for u64 {
    fn get(&self) -> Value {
        Value::Number(*self)
    }
    fn set(&mut self, value: Value) -> Result<(), String> {
        let Value::Number(number) = value else { return Err(OTHER_FORM.to_owned()) };
        *self = number;
        Ok(())
    }
}

impl Field for u32 {
    fn get(&self) -> Value {
        Value::Number(u64::from(*self))
    }
    fn set(&mut self, value: Value) -> Result<(), String> {
        let mut wide = 0_u64;
        wide.set(value)?;
        *self = Self::try_from(wide).map_err(|_| format!("{wide} is too large"))?;
        Ok(())
    }
}

impl Field for Vec<String> {
    fn get(&self) -> Value {
        Value::List(self.clone())
    }
    fn set(&mut self, value: Value) -> Result<(), String> {
        let Value::List(list) = value else { return Err(OTHER_FORM.to_owned()) };
        *self = list;
        Ok(())
    }
}

impl Field for Vec<Mapping> {
    fn get(&self) -> Value {
        Value::Table(self.clone())
    }
    fn set(&mut self, value: Value) -> Result<(), String> {
        let Value::Table(table) = value else { return Err(OTHER_FORM.to_owned()) };
        *self = table;
        Ok(())
    }
}

macro_rules! words {
    ($type:ident: $($word:literal = $variant:ident),+) => {
        impl Field for $type {
            fn get(&self) -> Value {
                Value::Text(match self { $(Self::$variant => $word,)+ }.to_owned())
            }
            fn set(&mut self, value: Value) -> Result<(), String> {
                let mut text = String::new();
                text.set(value)?;
                *self = match text.as_str() {
                    $($word => Self::$variant,)+
                    _ => return Err(format!("{text} is none of {}", [$($word),+].join(", "))),
                };
                Ok(())
            }
        }
    };
}

words!(Mode: "lab" = Lab, "classroom" = Classroom, "internet" = Internet);
words!(Role: "standalone" = Standalone, "client" = Client, "inner" = Inner, "edge" = Edge);
words!(BareNewlines: "reject" = Refuse, "normalize" = Normalise);
words!(TlsLevel: "none" = None, "may" = May, "encrypt" = Encrypt);

impl Field for PortPlan {
    fn get(&self) -> Value {
        Value::Text(match self {
            Self::Standard => "standard".to_owned(),
            Self::Practice => "practice".to_owned(),
            Self::Base(base) => base.to_string(),
        })
    }
    fn set(&mut self, value: Value) -> Result<(), String> {
        let mut text = String::new();
        text.set(value)?;
        *self = match text.as_str() {
            "standard" => Self::Standard,
            "practice" => Self::Practice,
            number => Self::Base(
                number
                    .parse()
                    .map_err(|_| format!("{number} is neither standard nor practice nor a number"))?,
            ),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_given_once_and_each_value_survives_its_text() {
        let names: BTreeSet<_> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), KEYS.len());
        let defaults = super::super::defaults();
        for key in KEYS {
            let mut config = defaults.clone();
            let value = key.form.parse(&key.show(&defaults)).unwrap();
            assert_eq!(value, key.get(&defaults), "{}", key.name);
            key.set(&mut config, value).unwrap();
            assert_eq!(config, defaults, "{}", key.name);
        }
    }

    #[test]
    fn a_key_changes_its_own_setting_only() {
        let defaults = super::super::defaults();
        for key in KEYS {
            let text = match key.form {
                Form::Text | Form::Choice => continue,
                Form::Number => "123",
                Form::Duration => "77m",
                Form::List => "x, y",
                Form::Table => "x=y",
            };
            let mut config = defaults.clone();
            key.set(&mut config, key.form.parse(text).unwrap()).unwrap();
            let changed: Vec<_> =
                KEYS.iter().filter(|k| k.show(&config) != k.show(&defaults)).map(|k| k.name).collect();
            assert_eq!(changed, [key.name]);
        }
    }

    #[test]
    fn a_word_that_is_none_is_told_which_there_are() {
        let mut config = super::super::defaults();
        let key = Key::find("smtp_tls_security_level").unwrap();
        let error = key.set(&mut config, Value::Text("dane".into())).unwrap_err();
        assert_eq!(error, "dane is none of none, may, encrypt");
    }
}
