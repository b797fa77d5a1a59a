//! Exit codes, those of sysexits where it has one. Scripts may rely on them; the man page lists them.

use std::process::ExitCode;

use postigo_api::{Code, Error};

/// The arguments are wrong (`EX_USAGE`).
pub(crate) const USAGE: u8 = 64;
/// The input is wrong (`EX_DATAERR`).
pub(crate) const DATA: u8 = 65;
/// No such account, message, alias or zone (`EX_NOUSER`).
pub(crate) const NO_USER: u8 = 67;
/// No server runs here, or it cannot be reached (`EX_UNAVAILABLE`).
pub(crate) const UNAVAILABLE: u8 = 69;
/// A file or folder cannot be used (`EX_IOERR`).
pub(crate) const IO: u8 = 74;
/// Try again later (`EX_TEMPFAIL`).
pub(crate) const TRY_AGAIN: u8 = 75;
/// Not allowed (`EX_NOPERM`).
pub(crate) const NOT_ALLOWED: u8 = 77;
/// The configuration has a fault, or there is none (`EX_CONFIG`).
pub(crate) const CONFIG: u8 = 78;
/// It already is as asked, or exists already.
pub(crate) const EXISTS: u8 = 2;
/// The question was answered, and the answer is no: the message would be refused, the relay host does not work, the name
/// was not found.
pub(crate) const NO: u8 = 3;
/// Nobody reads what is printed any more: as shells name an end by SIGPIPE.
pub(crate) const NOBODY_READS: i32 = 141;
/// Anything else.
pub(crate) const FAILED: u8 = 1;

/// The exit code of a question that has an answer.
pub(crate) fn answered(yes: bool) -> ExitCode {
    if yes { ExitCode::SUCCESS } else { ExitCode::from(NO) }
}

/// The exit code for an error of the API.
pub(crate) fn of(error: &Error) -> ExitCode {
    ExitCode::from(match error.code {
        Code::BadRequest => USAGE,
        Code::NotRunning | Code::Unreachable => UNAVAILABLE,
        Code::AccountUnknown
        | Code::SystemUserUnknown
        | Code::SessionUnknown
        | Code::JourneyUnknown
        | Code::QueueUnknown
        | Code::AliasUnknown
        | Code::ZoneUnknown => NO_USER,
        Code::AccountExists | Code::SystemPlaceTaken | Code::AlreadySetUp => EXISTS,
        Code::DataLocked | Code::MailboxLocked => TRY_AGAIN,
        Code::DataUnusable | Code::DiskFull => IO,
        Code::NotSetUp
        | Code::ConfigInvalid
        | Code::SettingUnknown
        | Code::SettingInvalid
        | Code::CertificateInvalid => CONFIG,
        Code::SystemRightMissing | Code::OpenRelay | Code::PortPrivileged | Code::Unauthorized => NOT_ALLOWED,
        Code::AccountNameInvalid
        | Code::AccountDomainForeign
        | Code::PasswordInvalid
        | Code::DomainInvalid
        | Code::DomainLocal
        | Code::HostInvalid
        | Code::AddressNotHere
        | Code::AddressInvalid
        | Code::IpInvalid
        | Code::NetworkInvalid
        | Code::NetworkHostBits
        | Code::NextHopInvalid
        | Code::NextHopOurselves
        | Code::NextHopMissing
        | Code::RelayhostMissing
        | Code::RelayPasswordInClear
        | Code::RelayPasswordMissing
        | Code::RelayDomainMissing
        | Code::RelayDomainOurs
        | Code::RelayDomainTwice
        | Code::RelayRecipientForeign
        | Code::AliasLoop
        | Code::ZoneInvalid => DATA,
        _ => FAILED,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_can_tell_apart_what_was_wrong() {
        let cases = [
            (Code::SettingUnknown, CONFIG),
            (Code::SettingInvalid, CONFIG),
            (Code::OpenRelay, NOT_ALLOWED),
            (Code::QueueUnknown, NO_USER),
            (Code::AliasUnknown, NO_USER),
            (Code::ZoneUnknown, NO_USER),
            (Code::AddressInvalid, DATA),
            (Code::AliasLoop, DATA),
            (Code::ZoneInvalid, DATA),
        ];
        for (code, expected) in cases {
            assert_eq!(of(&Error::new(code, "")), ExitCode::from(expected), "{}", code.id());
        }
    }
}
