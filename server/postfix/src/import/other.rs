//! Parameters of `main.cf` that are no setting here.

use crate::main_cf::MainCf;
use crate::{Fate, Reason};

/// What became of a parameter that is no setting here.
pub(super) fn other(name: &str, main: &MainCf) -> Fate {
    const INTERNAL: [&str; 15] = [
        "biff",
        "append_dot_mydomain",
        "readme_directory",
        "compatibility_level",
        "mail_owner",
        "setgid_group",
        "smtpd_banner",
        "mail_name",
        "html_directory",
        "sample_directory",
        "mydomain",
        "alias_database",
        "debugger_command",
        "unknown_local_recipient_reject_code",
        "inet_protocols",
    ];
    const BUILT_IN: [&str; 14] = [
        "smtpd_sasl_auth_enable",
        "smtpd_sasl_type",
        "smtpd_sasl_path",
        "smtpd_sasl_security_options",
        "smtpd_sasl_tls_security_options",
        "smtpd_tls_auth_only",
        "smtp_sasl_security_options",
        "smtpd_helo_required",
        "mailbox_size_limit",
        "virtual_mailbox_limit",
        "virtual_mailbox_base",
        "virtual_uid_maps",
        "virtual_gid_maps",
        "smtp_tls_CApath",
    ];
    let value = main.value(name).ok().flatten().unwrap_or_default();
    let is_internal =
        name.ends_with("_directory") || name.ends_with("_path") || name.ends_with("_cache_database");
    if value.is_empty() || BUILT_IN.contains(&name) {
        return Fate::Ignored(Reason::BuiltIn);
    }
    // People of this server are found by their addresses, as with Postfix's virtual(8), whatever the system knows of them.
    let is_by_address = match name {
        "local_transport" => matches!(value.as_str(), "virtual" | "local"),
        "local_recipient_maps" => main.get(name).is_some_and(|p| p.value.contains("$virtual_mailbox_maps")),
        _ => false,
    };
    if is_by_address {
        return Fate::Ignored(Reason::BuiltIn);
    }
    if INTERNAL.contains(&name) || is_internal {
        return Fate::Ignored(Reason::PostfixInternal);
    }
    if main.is_referenced(name) {
        return Fate::Ignored(Reason::OnlyReferenced);
    }
    let known = [
        "smtp_",
        "smtpd_",
        "virtual_",
        "local_",
        "mailbox_",
        "milter_",
        "non_smtpd_",
        "content_filter",
        "header_checks",
        "body_checks",
        "always_bcc",
        "sender_",
        "recipient_",
        "canonical_",
        "masquerade_",
        "relay_",
        "tls_",
        "postscreen_",
        "parent_domain_",
        "mynetworks_style",
        "transport_",
        "luser_relay",
    ];
    let is_known = known.iter().any(|prefix| name.starts_with(prefix));
    Fate::Unsupported(if is_known { Reason::NoCounterpart } else { Reason::Unknown })
}

/// A value as the report shows it: passwords in an inline or static table are not shown.
pub(super) fn shown(name: &str, value: &str) -> String {
    let is_secret = name.contains("password") && (value.contains("inline:") || value.contains("static:"));
    if is_secret { "***".to_owned() } else { value.to_owned() }
}
