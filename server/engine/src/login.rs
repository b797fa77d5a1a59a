//! The login of one client, as the drivers of both protocols have it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use postigo_api::Service;
use postigo_sasl::{KeyKind, Keys, Password};
use postigo_store::Account;
use postigo_trace::SessionTrace;
use tokio::sync::watch;

use crate::connection::Connection;
use crate::context::Context;

/// Who the client is, as far as that is known.
pub(crate) struct Login {
    context: Arc<Context>,
    service: Service,
    peer: IpAddr,
    /// Whose password or SCRAM keys were found.
    account: Option<Account>,
    /// How the client proved that it is this account.
    mechanism: Option<&'static str>,
    revocations: watch::Receiver<()>,
}

impl Login {
    pub fn new(context: &Arc<Context>, service: Service, connection: &Connection) -> Self {
        Self {
            context: Arc::clone(context),
            service,
            peer: connection.peer().ip(),
            account: None,
            mechanism: None,
            revocations: context.auth.revocations(),
        }
    }

    /// The account the client has logged in to, and how.
    pub fn proved(&self) -> Option<(&Account, &'static str)> {
        self.account.as_ref().zip(self.mechanism)
    }

    /// The account the client has logged in to.
    pub fn account(&self) -> Option<&Account> {
        self.proved().map(|(account, _)| account)
    }

    /// Nothing is known of the client any more: after STARTTLS, it could be anybody (RFC 3207 §4.2, RFC 3501 §6.2.1).
    pub fn forget(&mut self) {
        (self.account, self.mechanism) = (None, None);
    }

    /// The keys for an exchange that does not send the password.
    pub fn keys(&mut self, user: &str, kind: KeyKind) -> Option<Keys> {
        let config = self.context.config.load();
        let main_domain = config.domains.first().map_or("", String::as_str);
        let (account, keys) = self.context.auth.keys(user, main_domain, kind);
        self.account = account;
        keys
    }

    /// A proxy that we trust says that the client has logged in to this account. Whether there is one.
    pub fn assume(&mut self, user: &str) -> bool {
        self.account = self.context.store.accounts().by_login(user).filter(|account| account.enabled);
        self.mechanism = self.account.as_ref().map(|_| "XCLIENT");
        self.account.is_some()
    }

    /// Whether this is the user's password.
    pub async fn check(&mut self, user: &str, password: Password) -> bool {
        self.account = self.context.auth.check(user, password, self.peer).await;
        self.account.is_some()
    }

    /// The client has proved who it is. `client`: its name, where it gave one.
    pub fn succeeded(&mut self, trace: &SessionTrace, mechanism: &'static str, client: Option<&str>) {
        self.mechanism = Some(mechanism);
        if let Some(account) = &self.account {
            trace.authenticated(mechanism, &account.address());
            let peer = self.peer.to_string();
            self.context.auth.note(account, self.service, client.unwrap_or(&peer));
        }
    }

    /// The client has not proved who it is. Returns when it may hear of it: who guesses has to wait.
    pub async fn failed(&mut self, trace: &SessionTrace, mechanism: &str, user: Option<&str>) {
        self.forget();
        trace.login_failed(mechanism, user.unwrap_or(""));
        let wait = self.context.auth.failed(self.peer, Instant::now());
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.context.stopping.cancelled() => {}
        }
    }

    /// Whether the account is still what it was when the client logged in. True for a client that has not.
    pub fn holds(&self) -> bool {
        self.account.as_ref().is_none_or(|account| self.context.auth.may_go_on(account))
    }

    /// Returns when it [`Self::holds`] no more. May be dropped and asked again.
    pub async fn revoked(&mut self) {
        while self.revocations.changed().await.is_ok() {
            if !self.holds() {
                return;
            }
        }
        std::future::pending().await
    }
}
