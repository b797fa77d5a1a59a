//! What goes wrong below, as the API says it. Private causes go to the program's own log and no further.

use postigo_api::{Code, Error};

/// An error of the store. Its subject is what it is about: an address, a mailbox.
pub(crate) fn store(error: &postigo_store::Error) -> Error {
    use postigo_store::Code as Store;
    let subject = error.subject();
    let api = |code: Code, name: &str| Error::new(code, error.to_string()).with(name, subject);
    match error.code() {
        Store::StoreFull => api(Code::DiskFull, "path"),
        Store::AccountUnknown => api(Code::AccountUnknown, "address"),
        Store::AddressTaken => api(Code::AccountExists, "address"),
        Store::BadLocalPart => api(Code::AccountNameInvalid, "user"),
        Store::BadDomain => api(Code::DomainInvalid, "domain"),
        Store::DataFolderInUse => api(Code::DataLocked, "pid"),
        Store::UserUnknown => api(Code::SystemUserUnknown, "user"),
        Store::NoRight => api(Code::SystemRightMissing, "detail"),
        Store::PathTaken => api(Code::SystemPlaceTaken, "address"),
        Store::MailboxLocked => api(Code::MailboxLocked, "path"),
        Store::NotMbox => api(Code::MailboxInvalid, "path"),
        Store::Closed => api(Code::NotRunning, "detail"),
        _ => {
            tracing::error!(error = error as &dyn std::error::Error, "the store");
            // What the system said ("Permission denied") is what a person needs; it names nothing private.
            let said =
                std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
            let detail = said.map_or_else(|| error.to_string(), ToString::to_string);
            Error::new(Code::DataUnusable, format!("{error}: {detail}")).with("detail", detail)
        }
    }
}

/// An error of the trace.
pub(crate) fn trace(error: &postigo_trace::Error) -> Error {
    tracing::error!(error = error as &dyn std::error::Error, "the trace");
    Error::new(Code::Internal, error.to_string()).with("detail", error)
}

/// An error with our certificates.
pub(crate) fn tls(error: &postigo_tls::Error) -> Error {
    tracing::error!(error = error as &dyn std::error::Error, "certificates");
    Error::new(Code::CertificateInvalid, error.to_string()).with("path", error.object()).with("detail", error)
}

/// A task of ours that panicked or was stopped.
pub(crate) fn task(error: &tokio::task::JoinError) -> Error {
    Error::new(Code::Internal, "A task of the server ended unexpectedly").with("detail", error)
}

/// Runs something that blocks where it may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| task(&error))?
}
