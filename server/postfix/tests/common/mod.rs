//! Settings that tests start from.

use postigo_api::*;

/// What a server has that nobody configured.
pub fn base() -> SettingValues {
    SettingValues {
        mode: Mode::Lab,
        role: Role::Standalone,
        host: "mail.lab.test".into(),
        domains: vec!["lab.test".into()],
        listen: "127.0.0.1".into(),
        ports: PortPlan::Standard,
        message_size_limit: 26_214_400,
        bare_newlines: BareNewlines::Refuse,
        cram_md5: false,
        xclient_hosts: Vec::new(),
        recipient_limit: 1_000,
        sessions_per_client: 50,
        sessions_total: 1_000,
        stop_grace_seconds: 10,
        trace_days: 30,
        trace_megabytes: 512,
        certificate_path: None,
        key_path: None,
        flow: MailFlow {
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
        },
        queue: QueueSettings {
            minimal_backoff_seconds: 300,
            maximal_backoff_seconds: 4_000,
            lifetime_seconds: 432_000,
            bounce_lifetime_seconds: 432_000,
            warning_seconds: 14_400,
            run_delay_seconds: 300,
            destination_concurrency: 20,
            initial_concurrency: 5,
            recipients_per_delivery: 50,
            deliveries: 100,
            suppression_seconds: 604_800,
        },
        dns: DnsSettings { resolver: Vec::new(), listen: String::new() },
        mail_spool_directory: "/var/mail".into(),
        home_mailbox: String::new(),
        restrictions: Restrictions {
            relay_restrictions: "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination"
                .into(),
            ..Restrictions::default()
        },
        client_limits: ClientLimits {
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
        },
        timeouts: ClientTimeouts {
            connect_seconds: 30,
            helo_seconds: 300,
            starttls_seconds: 60,
            mail_seconds: 300,
            rcpt_seconds: 300,
            data_init_seconds: 120,
            data_xfer_seconds: 180,
            data_done_seconds: 600,
        },
    }
}
