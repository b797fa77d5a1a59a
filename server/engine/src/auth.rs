//! Who may log in.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use postigo_api::{Code, Error, Service};
use postigo_sasl::{
    DecoySecret, KeyKind, Keys, Mechanism, Nonce, Password, ScramHash, ScramVerifier, Verifier,
};
use postigo_store::{Account, AccountId, LastLogin, Store};
use tokio::sync::{Semaphore, watch};

use crate::files::{replace, unusable};
use crate::peers::Peers;

/// Argon2id takes 19 MiB and a core each time: so many at once.
const HASHES_AT_ONCE: usize = 2;

/// A login is noted on disk at most this often for one account: busy clients log in several times a second.
const NOTE_EVERY: Duration = Duration::from_secs(30);

/// A password of the built-in client, with the keys it is checked by.
struct Ticket {
    text: String,
    keys: ScramVerifier,
}

/// Checks passwords and hands out the keys of exchanges. Clones are the same.
#[derive(Clone)]
pub(crate) struct Authenticator(Arc<Shared>);

struct Shared {
    store: Store,
    decoys: DecoySecret,
    hashing: Semaphore,
    peers: Peers,
    /// Accounts whose password Argon2id has accepted under the SCRAM keys given here. From then on these are enough, and
    /// a hundred times quicker; another password has other keys.
    proved: Mutex<HashSet<(AccountId, String)>>,
    tickets: Mutex<HashMap<AccountId, Ticket>>,
    noted: Mutex<HashMap<AccountId, Instant>>,
    /// Moves on with each [`Authenticator::revoke`].
    revoked: watch::Sender<()>,
}

impl Authenticator {
    /// `decoys` must be the same after a restart, see [`decoy_secret`].
    pub fn new(store: Store, decoys: DecoySecret) -> Self {
        Self(Arc::new(Shared {
            store,
            decoys,
            hashing: Semaphore::new(HASHES_AT_ONCE),
            peers: Peers::default(),
            proved: Mutex::default(),
            tickets: Mutex::default(),
            noted: Mutex::default(),
            revoked: watch::Sender::new(()),
        }))
    }

    /// An account was deleted, switched off, or got another password: what was proved of it before counts no more.
    pub fn revoke(&self, account: AccountId) {
        self.proved().retain(|(id, _)| *id != account);
        self.0.noted.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
        self.tickets().remove(&account);
        self.0.revoked.send_replace(());
    }

    /// Changes with each [`Self::revoke`]: then a session asks whether it [`Self::may_go_on`].
    pub fn revocations(&self) -> watch::Receiver<()> {
        self.0.revoked.subscribe()
    }

    /// Whether somebody who logged in as `account`, as it was then, may still be served. In memory.
    pub fn may_go_on(&self, account: &Account) -> bool {
        let now = self.0.store.accounts().get(account.id).filter(|now| now.enabled);
        now.is_some_and(|now| now.verifier.fingerprint() == account.verifier.fingerprint())
    }

    /// For the exchanges of `postigo-sasl`: what unknown users are answered with.
    pub fn decoys(&self) -> &DecoySecret {
        &self.0.decoys
    }

    /// The account that this login name and password open. Takes about the same time whether the name exists or not.
    /// The built-in client's tickets count only for a `peer` on loopback.
    pub async fn check(&self, login: &str, password: Password, peer: IpAddr) -> Option<Account> {
        let account = self.0.store.accounts().by_login(login).filter(|a| a.enabled);
        let keys = account.as_ref().map(|account| self.quick_keys(account, peer)).unwrap_or_default();
        let password = Arc::new(password);
        if !keys.is_empty() {
            let password = Arc::clone(&password);
            let fits = move || keys.iter().any(|keys| keys.verify(&password));
            if tokio::task::spawn_blocking(fits).await.ok()? {
                return account;
            }
        }
        // In this order: of each peer at most one waits for what all share, and the semaphore is fair.
        let turn = self.0.peers.hashing(peer, Instant::now());
        let _turn = turn.acquire().await.ok()?;
        let _permit = self.0.hashing.acquire().await.ok()?;
        let this = self.clone();
        tokio::task::spawn_blocking(move || this.check_slowly(account, &password)).await.ok().flatten()
    }

    /// A wrong password came from this peer. Answers how long it has to wait to hear so.
    pub fn failed(&self, peer: IpAddr, now: Instant) -> Duration {
        self.0.peers.failed(peer, now)
    }

    /// Keys that are enough to let somebody in to this account, without Argon2id.
    fn quick_keys(&self, account: &Account, peer: IpAddr) -> Vec<ScramVerifier> {
        let loopback = peer.to_canonical().is_loopback();
        let ticket =
            loopback.then(|| self.tickets().get(&account.id).map(|ticket| ticket.keys.clone())).flatten();
        let key = (account.id, account.verifier.fingerprint());
        let known = self.proved().contains(&key);
        ticket.into_iter().chain(known.then(|| account.verifier.scram().clone())).collect()
    }

    /// The keys for a login name, and its account if it may log in. Whoever may not, or has none of this kind, gets keys
    /// that no password fits; they are the same for `ana` and `ana@lab.test`, as those of an account are, so that neither
    /// tells whether it exists.
    pub fn keys(&self, login: &str, main_domain: &str, kind: KeyKind) -> (Option<Account>, Option<Keys>) {
        let account = self.0.store.accounts().by_login(login).filter(|a| a.enabled);
        if let Some((account, keys)) =
            account.and_then(|account| account.verifier.keys(kind).map(|keys| (account, keys)))
        {
            return (Some(account), Some(keys));
        }
        let KeyKind::Scram(hash) = kind else { return (None, None) };
        let decoy = match login.contains('@') {
            true => self.0.decoys.verifier(hash, login),
            false => self.0.decoys.verifier(hash, &format!("{login}@{main_domain}")),
        };
        (None, Some(Keys::Scram(decoy)))
    }

    /// Notes on disk that somebody logged in, without waiting for it.
    pub fn note(&self, account: &Account, service: Service, client: &str) {
        {
            let mut noted = self.0.noted.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            if noted.get(&account.id).is_some_and(|at| now.duration_since(*at) < NOTE_EVERY) {
                return;
            }
            noted.insert(account.id, now);
        }
        let login =
            LastLogin { at: Timestamp::now(), protocol: service.name().to_owned(), peer: client.to_owned() };
        let (this, id) = (self.clone(), account.id);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = this.0.store.accounts().record_login(id, &login) {
                tracing::warn!(%error, "a login could not be noted");
            }
        });
    }

    /// A password for the built-in client, good on loopback and until this process ends.
    pub fn ticket(&self, account: AccountId) -> Option<String> {
        let mut tickets = self.tickets();
        if let Some(ticket) = tickets.get(&account) {
            return Some(ticket.text.clone());
        }
        let text = Nonce::random().ok()?.as_str().to_owned();
        let keys =
            ScramVerifier::derive(&Password::prepare(&text).ok()?, Nonce::random().ok()?.as_str().as_bytes());
        tickets.insert(account, Ticket { text: text.clone(), keys });
        Some(text)
    }

    fn tickets(&self) -> MutexGuard<'_, HashMap<AccountId, Ticket>> {
        self.0.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn proved(&self) -> MutexGuard<'_, HashSet<(AccountId, String)>> {
        self.0.proved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an account that is older than our SCRAM-SHA-1 its keys, now that its password is at hand.
    fn complete(&self, account: &Account, password: &Password) {
        let sha1 = KeyKind::Scram(ScramHash::Sha1);
        if account.verifier.keys(sha1).is_some() {
            return;
        }
        let complete = account.verifier.clone().with_scram_sha1(password);
        if let Err(error) =
            self.0.store.accounts().complete_verifier(account.id, &account.verifier, &complete)
        {
            tracing::warn!(%error, "SCRAM-SHA-1 keys could not be kept");
        }
    }

    /// What may be offered to log in with: SCRAM-SHA-1 only once every account has keys for it, because a client that
    /// chooses it would be told that its password is wrong; CRAM-MD5 only where it was turned on.
    pub fn mechanisms(&self, cram_md5: bool) -> Vec<Mechanism> {
        let sha1 = KeyKind::Scram(ScramHash::Sha1);
        let everybody = self.0.store.accounts().all(|account| account.verifier.keys(sha1).is_some());
        let offered = |mechanism: &Mechanism| match mechanism.key_kind() {
            Some(KeyKind::Scram(ScramHash::Sha1)) => everybody,
            Some(KeyKind::Password) => cram_md5,
            _ => true,
        };
        Mechanism::ALL.into_iter().filter(offered).collect()
    }

    fn check_slowly(&self, account: Option<Account>, password: &Password) -> Option<Account> {
        let Some(account) = account else {
            Verifier::verify_absent(password);
            return None;
        };
        if !account.verifier.verify(password) {
            return None;
        }
        self.proved().insert((account.id, account.verifier.fingerprint()));
        self.complete(&account, password);
        Some(account)
    }
}

/// The secret behind the keys that unknown users are answered with, kept in `data/decoys.key`: salts that changed at each
/// start would show which accounts do not exist. Blocking.
pub(crate) fn decoy_secret(data: &Path) -> Result<DecoySecret, Error> {
    let path = data.join("decoys.key");
    match std::fs::read(&path) {
        Ok(octets) => {
            if let Ok(octets) = <[u8; 32]>::try_from(octets) {
                return Ok(DecoySecret::from_bytes(octets));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(unusable(&path, &error)),
    }
    let secret = DecoySecret::random()
        .map_err(|e| Error::new(Code::Internal, "The system gives no random numbers").with("detail", e))?;
    replace(&path, secret.as_bytes()).map_err(|error| unusable(&path, &error))?;
    Ok(secret)
}
