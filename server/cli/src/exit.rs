//! Exit codes, those of sysexits where it has one. Scripts may rely on them; the man page lists them.

use std::process::ExitCode;

use postigo_api::{Code, Error};

/// The arguments are wrong (`EX_USAGE`).
pub(crate) const USAGE: u8 = 64;
/// The input is wrong (`EX_DATAERR`).
pub(crate) const DATA: u8 = 65;
/// No such account (`EX_NOUSER`).
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
/// Anything else.
pub(crate) const FAILED: u8 = 1;

/// The exit code for an error of the API.
pub(crate) fn of(error: &Error) -> ExitCode {
    ExitCode::from(match error.code {
        Code::NotRunning | Code::Unreachable => UNAVAILABLE,
        Code::AccountUnknown | Code::SessionUnknown | Code::JourneyUnknown => NO_USER,
        Code::AccountExists | Code::AlreadySetUp => EXISTS,
        Code::DataLocked => TRY_AGAIN,
        Code::DataUnusable | Code::DiskFull => IO,
        Code::NotSetUp | Code::ConfigInvalid | Code::SettingInvalid | Code::CertificateInvalid => CONFIG,
        Code::PortPrivileged | Code::Unauthorized => NOT_ALLOWED,
        Code::AccountNameInvalid
        | Code::AccountDomainForeign
        | Code::PasswordInvalid
        | Code::DomainInvalid
        | Code::DomainLocal
        | Code::HostInvalid
        | Code::AddressNotHere => DATA,
        _ => FAILED,
    })
}
