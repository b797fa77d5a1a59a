//! `main.cf`.

use postigo_api::{BareNewlines, TlsLevel};

use super::{Writing, one_line};
use crate::import::restrictions::LISTS;

impl Writing<'_> {
    /// All settings that Postfix has, and a note about those that it has not.
    pub(super) fn main_cf(&self) -> String {
        let mut text = self.note(
            "Written by Postigo. The tables it names lie in the same folder.",
            "Escrito por Postigo. Las tablas que nombra están en la misma carpeta.",
        );
        set(&mut text, "compatibility_level", "3.6");
        self.names(&mut text);
        self.flow(&mut text);
        self.mailboxes(&mut text);
        self.tls(&mut text);
        self.limits(&mut text);
        self.clients(&mut text);
        self.timeouts(&mut text);
        self.restrictions(&mut text);
        self.without_counterpart(&mut text);
        text
    }

    fn names(&self, text: &mut String) {
        let s = self.settings;
        text.push_str(&self.note("The server and its domains.", "El servidor y sus dominios."));
        set(text, "myhostname", &s.host);
        set(text, "mydestination", &s.domains.join(", "));
        set(text, "myorigin", s.domains.first().map_or("$myhostname", String::as_str));
        let (interfaces, protocols) = match s.listen.as_str() {
            "0.0.0.0" => ("all", "ipv4"),
            "::" => ("all", "ipv6"),
            other => (other, "all"),
        };
        set(text, "inet_interfaces", interfaces);
        set(text, "inet_protocols", protocols);
    }

    fn flow(&self, text: &mut String) {
        let flow = &self.settings.flow;
        text.push_str(&self.note(
            "Who may send anywhere without a password.",
            "Quién puede enviar a cualquier sitio sin contraseña.",
        ));
        let networks: Vec<_> = flow.my_networks.iter().map(|network| bracketed(network)).collect();
        set(text, "mynetworks", &networks.join(", "));
        text.push_str(&self.note(
            "Domains of others whose mail is passed on; without their subdomains, as in Postigo.",
            "Dominios ajenos cuyo correo se reenvía; sin sus subdominios, como en Postigo.",
        ));
        set(text, "relay_domains", &flow.relay_domains.join(", "));
        set(text, "parent_domain_matches_subdomains", "");
        let table = |wanted: bool, name: &str| {
            if wanted { format!("texthash:$config_directory/{name}") } else { String::new() }
        };
        raw(text, "relay_recipient_maps", &table(!flow.relay_recipients.is_empty(), "relay_recipients"));
        text.push_str(&self.note("Where mail for others goes.", "Adónde va el correo para otros."));
        set(text, "relayhost", &flow.relayhost);
        raw(
            text,
            "sender_dependent_relayhost_maps",
            &table(!flow.sender_relayhosts.is_empty(), "sender_relay"),
        );
        raw(text, "transport_maps", &table(!flow.transports.is_empty(), "transport"));
        if !flow.relayhost.is_empty() && !flow.relayhost_user.is_empty() {
            text.push_str(&self.note(
                "The password is not exported: write it into sasl_passwd.",
                "La contraseña no se exporta: escríbela en sasl_passwd.",
            ));
            set(text, "smtp_sasl_auth_enable", "yes");
            set(text, "smtp_sasl_security_options", "noanonymous");
            raw(text, "smtp_sasl_password_maps", &table(true, "sasl_passwd"));
        }
        let is_six = flow.bind_address.contains(':');
        if !flow.bind_address.is_empty() {
            set(text, if is_six { "smtp_bind_address6" } else { "smtp_bind_address" }, &flow.bind_address);
        }
        set(text, "recipient_delimiter", &flow.recipient_delimiter);
    }

    fn mailboxes(&self, text: &mut String) {
        text.push_str(&self.note(
            "Mailboxes: not of system users, but Maildirs that all belong to one user (here 5000; change the owner of the files, or these numbers).",
            "Buzones: no de usuarios del sistema, sino Maildirs de un único usuario (aquí 5000; cambia el dueño de los ficheros o estos números).",
        ));
        set(text, "local_transport", "virtual");
        raw(text, "local_recipient_maps", "$virtual_mailbox_maps");
        set(text, "alias_maps", "");
        raw(
            text,
            "virtual_alias_maps",
            "texthash:$config_directory/virtual, texthash:$config_directory/forwards",
        );
        set(text, "virtual_alias_domains", "");
        set(text, "virtual_mailbox_domains", "");
        raw(text, "virtual_mailbox_maps", "texthash:$config_directory/mailboxes");
        set(text, "virtual_mailbox_base", "/");
        set(text, "virtual_uid_maps", "static:5000");
        set(text, "virtual_gid_maps", "static:5000");
        set(text, "virtual_mailbox_limit", "0");
        set(text, "mailbox_size_limit", "0");
    }

    fn tls(&self, text: &mut String) {
        let s = self.settings;
        text.push_str("# TLS\n");
        set(text, "smtpd_tls_security_level", level(s.flow.inbound_tls));
        set(text, "smtp_tls_security_level", level(s.flow.outbound_tls));
        match (&s.certificate_path, &s.key_path) {
            (Some(certificate), Some(key)) => {
                set(text, "smtpd_tls_cert_file", certificate);
                set(text, "smtpd_tls_key_file", key);
            }
            _ => text.push_str(&self.note(
                "Postigo's certificate comes from its own authority. Name one for Postfix here:\nsmtpd_tls_cert_file = /path/cert.pem\nsmtpd_tls_key_file = /path/key.pem",
                "El certificado de Postigo es de su propia autoridad. Indica aquí uno para Postfix:\nsmtpd_tls_cert_file = /ruta/cert.pem\nsmtpd_tls_key_file = /ruta/clave.pem",
            )),
        }
        text.push_str(&self.note("Logins are checked by Dovecot.", "Dovecot comprueba las contraseñas."));
        set(text, "smtpd_sasl_type", "dovecot");
        set(text, "smtpd_sasl_path", "private/auth");
        set(text, "smtpd_tls_auth_only", "yes");
    }

    fn limits(&self, text: &mut String) {
        let (s, q, t) = (self.settings, &self.settings.queue, &self.settings.timeouts);
        text.push_str(&self.note("Limits and times.", "Límites y tiempos."));
        set(text, "message_size_limit", &s.message_size_limit.to_string());
        let newlines = match s.bare_newlines {
            BareNewlines::Refuse => "reject",
            BareNewlines::Normalise => "normalize",
        };
        set(text, "smtpd_forbid_bare_newline", newlines);
        for (name, number) in [
            ("smtpd_recipient_limit", s.recipient_limit),
            ("smtpd_client_connection_count_limit", s.sessions_per_client),
            ("default_destination_concurrency_limit", q.destination_concurrency),
            ("initial_destination_concurrency", q.initial_concurrency),
            ("smtp_destination_recipient_limit", q.recipients_per_delivery),
            ("default_process_limit", q.deliveries),
        ] {
            set(text, name, &number.to_string());
        }
        for (name, seconds) in [
            ("minimal_backoff_time", q.minimal_backoff_seconds),
            ("maximal_backoff_time", q.maximal_backoff_seconds),
            ("queue_run_delay", q.run_delay_seconds),
            ("maximal_queue_lifetime", q.lifetime_seconds),
            ("bounce_queue_lifetime", q.bounce_lifetime_seconds),
            ("delay_warning_time", q.warning_seconds),
            ("smtp_connect_timeout", t.connect_seconds),
            ("smtp_helo_timeout", t.helo_seconds),
            ("smtp_starttls_timeout", t.starttls_seconds),
            ("smtp_mail_timeout", t.mail_seconds),
            ("smtp_rcpt_timeout", t.rcpt_seconds),
            ("smtp_data_init_timeout", t.data_init_seconds),
            ("smtp_data_xfer_timeout", t.data_xfer_seconds),
            ("smtp_data_done_timeout", t.data_done_seconds),
        ] {
            set(text, name, &format!("{seconds}s"));
        }
    }

    fn restrictions(&self, text: &mut String) {
        text.push_str(&self.note(
            "Who is judged how. The list about relaying is what keeps this from being an open relay.",
            "A quién se juzga y cómo. La lista sobre el reenvío es la que evita que esto sea un relay abierto.",
        ));
        let mut lists = self.settings.restrictions.clone();
        for (name, list) in LISTS {
            set(text, name, list(&mut lists));
        }
    }

    fn clients(&self, text: &mut String) {
        let (s, c) = (self.settings, &self.settings.client_limits);
        text.push_str(
            &self.note("How much of one client is too much.", "Cuánto es demasiado para un cliente."),
        );
        for (name, number) in [
            ("smtpd_client_connection_rate_limit", c.connection_rate),
            ("smtpd_client_message_rate_limit", c.message_rate),
            ("smtpd_client_recipient_rate_limit", c.recipient_rate),
            ("smtpd_client_auth_rate_limit", c.auth_rate),
            ("smtpd_soft_error_limit", c.soft_errors),
            ("smtpd_hard_error_limit", c.hard_errors),
            ("smtpd_junk_command_limit", c.junk_commands),
        ] {
            set(text, name, &number.to_string());
        }
        for (name, seconds) in [
            ("anvil_rate_time_unit", c.rate_unit_seconds),
            ("smtpd_error_sleep_time", c.error_sleep_seconds),
            ("smtpd_timeout", c.command_seconds),
        ] {
            set(text, name, &format!("{seconds}s"));
        }
        let exempt: Vec<_> = c.limit_exceptions.iter().map(|network| bracketed(&one_line(network))).collect();
        raw(text, "smtpd_client_event_limit_exceptions", &exempt.join(", "));
        let speaking: Vec<_> = s.xclient_hosts.iter().map(|network| bracketed(network)).collect();
        set(text, "smtpd_authorized_xclient_hosts", &speaking.join(", "));
        set(text, "authorized_submit_users", &s.submit_users.join(", "));
        set(text, "mail_spool_directory", &s.mail_spool_directory);
        set(text, "home_mailbox", &s.home_mailbox);
    }

    fn timeouts(&self, text: &mut String) {
        let t = &self.settings.timeouts;
        text.push_str(
            &self.note("How long other servers are waited for.", "Cuánto se espera a otros servidores."),
        );
        for (name, seconds) in [
            ("smtp_connect_timeout", t.connect_seconds),
            ("smtp_helo_timeout", t.helo_seconds),
            ("smtp_starttls_timeout", t.starttls_seconds),
            ("smtp_mail_timeout", t.mail_seconds),
            ("smtp_rcpt_timeout", t.rcpt_seconds),
            ("smtp_data_init_timeout", t.data_init_seconds),
            ("smtp_data_xfer_timeout", t.data_xfer_seconds),
            ("smtp_data_done_timeout", t.data_done_seconds),
        ] {
            set(text, name, &format!("{seconds}s"));
        }
    }

    fn without_counterpart(&self, text: &mut String) {
        let s = self.settings;
        text.push_str(&self.note(
            "Settings of Postigo that Postfix has no place for:",
            "Ajustes de Postigo que no tienen lugar en Postfix:",
        ));
        for (name, value) in [
            ("sessions_total", s.sessions_total.to_string()),
            ("stop_grace", format!("{}s", s.stop_grace_seconds)),
            ("trace_days", s.trace_days.to_string()),
            ("trace_megabytes", s.trace_megabytes.to_string()),
            ("resolver", s.dns.resolver.join(", ")),
            ("dns_listen", s.dns.listen.clone()),
        ] {
            text.push_str(&format!("#   {name} = {}\n", one_line(&value)));
        }
    }
}

/// Writes a value in which `$` stands for itself, except at the start of `$myhostname`.
fn set(text: &mut String, name: &str, value: &str) {
    let value = one_line(value);
    raw(text, name, &if value == "$myhostname" { value } else { value.replace('$', "$$") });
}

/// Writes a value as it is.
fn raw(text: &mut String, name: &str, value: &str) {
    text.push_str(format!("{name} = {value}").trim_end());
    text.push('\n');
}

fn level(level: TlsLevel) -> &'static str {
    match level {
        TlsLevel::None => "none",
        TlsLevel::May => "may",
        TlsLevel::Encrypt => "encrypt",
    }
}

/// Postfix wants IPv6 addresses in brackets.
fn bracketed(network: &str) -> String {
    match network.split_once('/') {
        _ if !network.contains(':') => network.to_owned(),
        Some((address, prefix)) => format!("[{address}]/{prefix}"),
        None => format!("[{network}]"),
    }
}
