//! Every restriction there is.

use crate::access::{AccessKey, AccessTable};
use crate::dns_list::DnsList;

/// One restriction, by its name in Postfix.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as Postfix names it, and explained there")]
pub enum Restriction {
    Permit,
    Reject,
    Defer,
    DeferIfPermit,
    DeferIfReject,
    PermitMynetworks,
    PermitSaslAuthenticated,
    PermitAuthDestination,
    RejectUnauthDestination,
    DeferUnauthDestination,
    RejectUnknownSenderDomain,
    RejectUnknownRecipientDomain,
    RejectNonFqdnSender,
    RejectNonFqdnRecipient,
    RejectNonFqdnHeloHostname,
    RejectInvalidHeloHostname,
    RejectUnknownHeloHostname,
    RejectUnknownClientHostname,
    RejectUnknownReverseClientHostname,
    RejectUnlistedRecipient,
    RejectUnlistedSender,
    RejectUnverifiedRecipient,
    RejectSenderLoginMismatch,
    RejectAuthenticatedSenderLoginMismatch,
    RejectUnauthenticatedSenderLoginMismatch,
    RejectKnownSenderLoginMismatch,
    RejectUnauthPipelining,
    RejectRblClient(DnsList),
    RejectRhsblClient(DnsList),
    RejectRhsblHelo(DnsList),
    RejectRhsblSender(DnsList),
    RejectRhsblRecipient(DnsList),
    PermitDnswlClient(DnsList),
    /// `check_client_access` and its kin.
    CheckAccess(AccessKey, AccessTable),
}

/// Why a restriction of Postfix is not one here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsupported {
    /// It would need a certificate of the client, and clients are not asked for one.
    NoClientCertificates,
    /// It would need another program.
    NoPrograms,
    /// Nothing here does it.
    NotHere,
}

/// Those that are one word.
const WORDS: [(&str, Restriction); 27] = [
    ("permit", Restriction::Permit),
    ("reject", Restriction::Reject),
    ("defer", Restriction::Defer),
    ("defer_if_permit", Restriction::DeferIfPermit),
    ("defer_if_reject", Restriction::DeferIfReject),
    ("permit_mynetworks", Restriction::PermitMynetworks),
    ("permit_sasl_authenticated", Restriction::PermitSaslAuthenticated),
    ("permit_auth_destination", Restriction::PermitAuthDestination),
    ("reject_unauth_destination", Restriction::RejectUnauthDestination),
    ("defer_unauth_destination", Restriction::DeferUnauthDestination),
    ("reject_unknown_sender_domain", Restriction::RejectUnknownSenderDomain),
    ("reject_unknown_recipient_domain", Restriction::RejectUnknownRecipientDomain),
    ("reject_non_fqdn_sender", Restriction::RejectNonFqdnSender),
    ("reject_non_fqdn_recipient", Restriction::RejectNonFqdnRecipient),
    ("reject_non_fqdn_helo_hostname", Restriction::RejectNonFqdnHeloHostname),
    ("reject_invalid_helo_hostname", Restriction::RejectInvalidHeloHostname),
    ("reject_unknown_helo_hostname", Restriction::RejectUnknownHeloHostname),
    ("reject_unknown_client_hostname", Restriction::RejectUnknownClientHostname),
    ("reject_unknown_reverse_client_hostname", Restriction::RejectUnknownReverseClientHostname),
    ("reject_unlisted_recipient", Restriction::RejectUnlistedRecipient),
    ("reject_unlisted_sender", Restriction::RejectUnlistedSender),
    ("reject_unverified_recipient", Restriction::RejectUnverifiedRecipient),
    ("reject_sender_login_mismatch", Restriction::RejectSenderLoginMismatch),
    ("reject_authenticated_sender_login_mismatch", Restriction::RejectAuthenticatedSenderLoginMismatch),
    ("reject_unauthenticated_sender_login_mismatch", Restriction::RejectUnauthenticatedSenderLoginMismatch),
    ("reject_known_sender_login_mismatch", Restriction::RejectKnownSenderLoginMismatch),
    ("reject_unauth_pipelining", Restriction::RejectUnauthPipelining),
];

/// Those with a DNS list behind them.
pub(crate) type WithList = fn(DnsList) -> Restriction;
const WITH_LIST: [(&str, WithList); 6] = [
    ("reject_rbl_client", Restriction::RejectRblClient),
    ("reject_rhsbl_client", Restriction::RejectRhsblClient),
    ("reject_rhsbl_helo", Restriction::RejectRhsblHelo),
    ("reject_rhsbl_sender", Restriction::RejectRhsblSender),
    ("reject_rhsbl_recipient", Restriction::RejectRhsblRecipient),
    ("permit_dnswl_client", Restriction::PermitDnswlClient),
];

/// Those with a table behind them.
const WITH_TABLE: [(&str, AccessKey); 4] = [
    ("check_client_access", AccessKey::Client),
    ("check_helo_access", AccessKey::Hello),
    ("check_sender_access", AccessKey::Sender),
    ("check_recipient_access", AccessKey::Recipient),
];

/// What Postfix has besides, and why it is not here.
const UNSUPPORTED: [(&str, Unsupported); 34] = [
    ("permit_tls_all_clientcerts", Unsupported::NoClientCertificates),
    ("permit_tls_clientcerts", Unsupported::NoClientCertificates),
    ("check_ccert_access", Unsupported::NoClientCertificates),
    ("check_policy_service", Unsupported::NoPrograms),
    ("check_sasl_access", Unsupported::NotHere),
    ("check_etrn_access", Unsupported::NotHere),
    ("check_client_a_access", Unsupported::NotHere),
    ("check_client_mx_access", Unsupported::NotHere),
    ("check_client_ns_access", Unsupported::NotHere),
    ("check_reverse_client_hostname_access", Unsupported::NotHere),
    ("check_reverse_client_hostname_a_access", Unsupported::NotHere),
    ("check_reverse_client_hostname_mx_access", Unsupported::NotHere),
    ("check_reverse_client_hostname_ns_access", Unsupported::NotHere),
    ("check_helo_a_access", Unsupported::NotHere),
    ("check_helo_mx_access", Unsupported::NotHere),
    ("check_helo_ns_access", Unsupported::NotHere),
    ("check_sender_a_access", Unsupported::NotHere),
    ("check_sender_mx_access", Unsupported::NotHere),
    ("check_sender_ns_access", Unsupported::NotHere),
    ("check_recipient_a_access", Unsupported::NotHere),
    ("check_recipient_mx_access", Unsupported::NotHere),
    ("check_recipient_ns_access", Unsupported::NotHere),
    ("permit_inet_interfaces", Unsupported::NotHere),
    ("permit_mx_backup", Unsupported::NotHere),
    ("permit_naked_ip_address", Unsupported::NotHere),
    ("permit_rhswl_client", Unsupported::NotHere),
    ("reject_forged_rdns", Unsupported::NotHere),
    ("reject_multi_recipient_bounce", Unsupported::NotHere),
    ("reject_plaintext_session", Unsupported::NotHere),
    ("reject_rhsbl_reverse_client", Unsupported::NotHere),
    ("reject_unverified_sender", Unsupported::NotHere),
    ("check_relay_domains", Unsupported::NotHere),
    ("reject_maps_rbl", Unsupported::NotHere),
    ("sleep", Unsupported::NotHere),
];

/// What a name in a list stands for.
pub(crate) enum Named {
    Whole(Restriction),
    WithList(WithList),
    WithTable(AccessKey),
    Unsupported(Unsupported),
}

/// The restriction of a name; Postfix compares without case.
pub(crate) fn named(name: &str) -> Option<Named> {
    fn find<T: Clone>(table: &[(&str, T)], name: &str) -> Option<T> {
        table.iter().find(|(word, _)| word.eq_ignore_ascii_case(name)).map(|(_, found)| found.clone())
    }
    find(&WORDS, name)
        .map(Named::Whole)
        .or_else(|| find(&WITH_LIST, name).map(Named::WithList))
        .or_else(|| find(&WITH_TABLE, name).map(Named::WithTable))
        .or_else(|| find(&UNSUPPORTED, name).map(Named::Unsupported))
}

impl Restriction {
    /// Whether it refuses, or may, so that `warn_if_reject` has something to do.
    pub(crate) fn can_refuse(&self) -> bool {
        !matches!(
            self,
            Self::Permit
                | Self::PermitMynetworks
                | Self::PermitSaslAuthenticated
                | Self::PermitAuthDestination
                | Self::PermitDnswlClient(_)
        )
    }
}
