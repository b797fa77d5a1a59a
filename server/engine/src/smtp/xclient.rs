//! XCLIENT: a proxy before this server says for whom it speaks.

use std::net::IpAddr;

use postigo_smtp::{Answer, Claimed, Reply, Xclient};

use super::driver::Driver;

/// The client of a proxy.
pub(super) struct Proxied {
    pub address: IpAddr,
    /// Its name in DNS, if the proxy knows it.
    pub name: Option<String>,
}

impl Driver<'_> {
    /// Takes over what the proxy says. PORT, DESTADDR and DESTPORT are read, and decide nothing here.
    pub(super) fn xclient(&mut self, claims: Xclient) -> Answer {
        self.login.forget();
        if let Some(Claimed::Is(login)) = &claims.login
            && !self.login.assume(login)
        {
            return Answer::Refuse(Reply::XCLIENT_NO_ACCOUNT);
        }
        let name = match claims.name {
            Some(name) => name.known(),
            None => self.proxied.take().and_then(|before| before.name),
        };
        let address = claims.address.and_then(Claimed::known).unwrap_or_else(|| self.client_address());
        self.proxied = Some(Proxied { address, name });
        self.gate = super::policy::Gate::default();
        Answer::Accept
    }

    /// The address of the client, or of whom it speaks for.
    pub(super) fn client_address(&self) -> IpAddr {
        self.proxied.as_ref().map_or_else(|| self.connection.peer().ip(), |proxied| proxied.address)
    }

    /// Its name in DNS, as far as it is known without a question.
    pub(super) fn client_ptr_name(&self) -> Option<&str> {
        match &self.proxied {
            Some(proxied) => proxied.name.as_deref(),
            None => self.connection.is_loopback().then_some("localhost"),
        }
    }
}
