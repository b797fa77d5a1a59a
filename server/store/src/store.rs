//! The store as a whole: open, deliver, close.

use crate::accounts::Home;
use crate::accounts::table::Table;
use crate::feed::Feed;
use crate::incoming::{Count, blocking};
use crate::journal::{self, Entry, Journal, LastRun, Message, Outcome, Spooled, Target};
use crate::lock::create_private_folder;
use crate::mail::{OpenMode, Placed};
use crate::maildir::{UniqueNames, keywords};
use crate::mails::Mails;
use crate::mbox::{MboxTrouble, Mirrors};
use crate::relocate;
use crate::spool::{self, Arriving, Body, Spool, SpoolEntry};
use crate::suppression::Suppressions;
use crate::watch::Watch;
use crate::{
    AccountId, AccountMail, Accounts, Append, Appended, Code, Delivered, Delivery, Error, Flags, Incoming,
    MailboxName, Result, Storage, StoreOptions, Subscription,
};
use jiff::Timestamp;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use tokio::sync::Semaphore;

/// Deliveries under way at the same time; more wait. Bounds the memory of contents between receipt and Maildir.
const MAX_DELIVERIES: usize = 512;

/// A mail store over one data folder. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

/// Does not keep a store open.
pub(crate) struct WeakStore(Weak<Inner>);

impl WeakStore {
    pub(crate) fn upgrade(&self) -> Option<Store> {
        self.0.upgrade().map(|inner| Store { inner })
    }
}

struct Inner {
    options: StoreOptions,
    incoming: Arc<Path>,
    names: Arc<UniqueNames>,
    accounts: Accounts,
    mails: Arc<Mails>,
    feed: Arc<Feed>,
    spool: Spool,
    suppressions: Suppressions,
    journal: Journal,
    watch: Watch,
    mirrors: Mirrors,
    deliveries: Semaphore,
}

impl Store {
    /// Opens the store, creates what is missing, and recovers what the last run left in the journal. Blocking.
    ///
    /// Takes no lock: whoever owns the folder holds a [`crate::DataLock`].
    pub fn open(options: StoreOptions) -> Result<Self> {
        let (mail_root, incoming) = (options.data.join("mail"), options.data.join("incoming"));
        for folder in [&options.data, &mail_root, &incoming] {
            create_private_folder(folder)?;
        }
        let journal_folder = journal::folder(&options.data);
        let last = LastRun::find(&journal_folder)?;
        let table = Table::open(&options.data.join("state.db"))?;
        let mode = OpenMode {
            power_losses: table.power_losses(last == LastRun::PowerLoss)?,
            check: last != LastRun::Closed,
        };
        let (feed, names) = (Arc::new(Feed::new()), Arc::new(UniqueNames::new(&options.host_name)));
        let mails = Arc::new(Mails::new(feed.clone(), names.clone(), mode, options.open_accounts));
        let accounts = Accounts::open(table, &mail_root, mails.clone())?;
        let queue = spool::open(&options.data.join("queue"), last)?;
        let recovery = journal::recover(&journal_folder, &incoming, &mail_root, &mails, &queue, last)?;
        if last != LastRun::Closed {
            tracing::warn!(?last, ?recovery, "the store was not closed; its journal was replayed");
        }
        LastRun::note_begin(&journal_folder)?;
        let spool = Spool::start(queue)?;
        let journal = Journal::start(&options, &mail_root, mails.clone(), &spool)?;
        let suppressions = Suppressions::open(&options.data.join("suppression.db"))?;
        let watch = Watch::start(mails.clone(), options.watched_folders)?;
        let deliveries = Semaphore::new(MAX_DELIVERIES);
        let incoming = incoming.into();
        let (mirrors, prepared) = Mirrors::prepare();
        let inner = Inner {
            options,
            incoming,
            names,
            accounts,
            mails,
            feed,
            spool,
            suppressions,
            journal,
            watch,
            mirrors,
            deliveries,
        };
        let store = Self { inner: Arc::new(inner) };
        let (mails, changes) = (store.inner.mails.clone(), store.subscribe_all());
        store.inner.mirrors.start(prepared, WeakStore(Arc::downgrade(&store.inner)), mails, changes)?;
        Ok(store)
    }

    /// The accounts of this data folder.
    pub fn accounts(&self) -> &Accounts {
        &self.inner.accounts
    }

    /// The mail of one account. Blocking; cheap if its index is already open. Errors: [`Code::AccountUnknown`].
    pub fn mail(&self, account: AccountId) -> Result<Arc<AccountMail>> {
        self.inner.mails.get(account)
    }

    /// The messages that wait for delivery elsewhere.
    pub fn spool(&self) -> &Spool {
        &self.inner.spool
    }

    /// Addresses elsewhere to which nothing is sent.
    pub fn suppressions(&self) -> &Suppressions {
        &self.inner.suppressions
    }

    /// Where the Maildir of an account lies: `DATA/mail/DOMAIN/USER/Maildir`, or in the home of its system user. In memory.
    pub fn maildir(&self, account: AccountId) -> Option<PathBuf> {
        self.inner.mails.home(account).map(|home| home.maildir())
    }

    /// The file that is equal to an account's INBOX, if it has one. In memory.
    pub fn mbox(&self, account: AccountId) -> Option<PathBuf> {
        self.inner.mails.home(account).and_then(|home| Some(home.mbox()?.0))
    }

    /// The mbox files that cannot follow. Their mail waits in INBOX. In memory.
    pub fn mbox_troubles(&self) -> Vec<MboxTrouble> {
        self.inner.mirrors.troubles()
    }

    /// Makes an account's mbox equal to its INBOX now, where it has one. Blocking. Errors: [`Code::MailboxLocked`] if another program has it.
    pub fn sync_mbox(&self, account: AccountId) -> Result<()> {
        self.inner.mirrors.sync(account)
    }

    /// Lets an account's mail lie elsewhere from now on, and moves what is there. Blocking. Whoever has the mail open gets
    /// [`Code::Closed`] if it moves, and has to open it again.
    ///
    /// An mbox of our own that is given up is removed once all of it is in INBOX; one of a system user stays as it is.
    ///
    /// Errors: [`Code::AccountUnknown`], [`Code::PathTaken`], [`Code::MailboxLocked`] if another program has the mbox that is given up,
    /// and those of [`Storage::check`]. On an error everything is as it was.
    pub fn set_storage(&self, account: AccountId, storage: Storage) -> Result<()> {
        let accounts = &self.inner.accounts;
        let old = accounts.home(account)?;
        if old.storage == storage {
            return Ok(());
        }
        storage.check()?;
        accounts.refuse_shared(&storage, Some(account))?;
        if old.storage.has_mbox() {
            // What other programs put there comes along.
            self.inner.mirrors.sync(account)?;
        }
        let new = Home { storage: storage.clone(), ..old.clone() };
        if new.maildir() == old.maildir() {
            self.inner.mails.know(account, accounts.note_storage(account, &storage)?);
        } else {
            self.inner.mails.rehouse(account, |old| {
                let copied = relocate::copy(old, &new)?;
                let home = accounts.note_storage(account, &storage)?;
                if let Err(error) = copied.remove_originals() {
                    tracing::warn!(%account, cause = ?error, "mail was moved and could not be removed where it was");
                }
                Ok(home)
            })?;
        }
        // The old file is no longer followed, the new one is.
        let followed = self.inner.mirrors.sync(account);
        if old.storage == Storage::Mbox {
            remove_mbox(&old)?;
        }
        // Whatever keeps the new file from following is told as a trouble of its own.
        if let Err(error) = followed {
            tracing::info!(%account, cause = ?error, "a mailbox file does not follow yet");
        }
        Ok(())
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.inner.options.data
    }

    /// Starts to collect the content of a message.
    pub fn incoming(&self) -> Incoming {
        let name = self.inner.names.next(Timestamp::now(), 0, 0);
        Incoming::new(self.inner.incoming.clone(), name, self.inner.options.memory_octets)
    }

    /// Delivers to the INBOX of each local recipient, puts the message into the spool for the others, and settles recipients
    /// of other messages there: all of it or nothing, also after `kill -9`. Returns the local copies in the order of the recipients
    /// when the message is durable, visible for all of them, and due in the spool; on an error it is there for none.
    ///
    /// Not cancel-safe in one way: if the future is dropped, the message may be delivered all the same.
    ///
    /// Errors: [`Code::StoreFull`], [`Code::Io`], [`Code::Closed`] (temporary); [`Code::AccountUnknown`] if a recipient was
    /// deleted meanwhile; [`Code::BadMessage`] if there is no recipient, no content, or no queue id to spool it under;
    /// [`Code::QueueIdTaken`]; [`Code::NotQueued`] if a recipient to settle has left the spool.
    pub async fn deliver(&self, delivery: Delivery) -> Result<Vec<Delivered>> {
        let common = delivery.return_path_field.len() + delivery.received_field.len();
        let count = delivery.incoming.count();
        let mut accounts = HashSet::new();
        let targets = delivery
            .recipients
            .into_iter()
            .filter(|recipient| accounts.insert(recipient.account))
            .map(|recipient| {
                let fields = common + recipient.delivered_to_field.len();
                let (base, octets) = self.name(fields, count, delivery.received_at);
                Target {
                    account: recipient.account,
                    mailbox: MailboxName::inbox(),
                    base,
                    field: recipient.delivered_to_field,
                    octets,
                    flags: Flags::NONE,
                    keywords: Vec::new(),
                }
            })
            .collect();
        let spool = delivery.spool.map(|entry| {
            let fields = delivery.received_field.len() as u64;
            Box::new(self.spooled(entry, fields, count, delivery.received_at))
        });
        let content = delivery.incoming.finish().await?;
        let placed = self
            .place(Message {
                queue_id: delivery.queue_id,
                targets,
                spool,
                settles: delivery.settles,
                first_field: delivery.return_path_field,
                last_field: delivery.received_field,
                content,
                internal_date: delivery.received_at.as_second(),
                is_dated: false,
            })
            .await?;
        Ok(placed.into_iter().map(delivered).collect())
    }

    /// Appends to a mailbox; durable and visible when it returns. Cancelling as for [`Store::deliver`].
    ///
    /// Keywords that are malformed or do not fit in the mailbox are left out.
    ///
    /// Errors: as [`Store::deliver`], and [`Code::MailboxUnknown`].
    pub async fn append(&self, account: AccountId, append: Append) -> Result<Appended> {
        let now = Timestamp::now();
        let (base, octets) = self.name(0, append.incoming.count(), now);
        let keywords = append.keywords.into_iter().filter(|name| keywords::is_keyword(name)).collect();
        let (mailbox, flags) = (append.mailbox, append.flags);
        let target = Target { account, mailbox, base, field: Vec::new(), octets, flags, keywords };
        let content = append.incoming.finish().await?;
        let placed = self
            .place(Message {
                queue_id: String::new(),
                targets: vec![target],
                spool: None,
                settles: Vec::new(),
                first_field: Vec::new(),
                last_field: Vec::new(),
                content,
                internal_date: append.internal_date.unwrap_or(now).as_second(),
                is_dated: append.internal_date.is_some(),
            })
            .await?;
        let placed = placed.first().ok_or_else(|| Error::new(Code::Io))?;
        Ok(Appended { mailbox: placed.mailbox, uid_validity: placed.uid_validity, uid: placed.uid })
    }

    /// The changes of one account, from now on. While a subscription lives, the account's folders are watched for changes
    /// by other programs.
    pub fn subscribe(&self, account: AccountId) -> Subscription {
        self.inner.feed.subscribe(account, self.inner.watch.account(account))
    }

    /// The changes of all accounts made through this store, from now on (for live views). It watches no folder.
    pub fn subscribe_all(&self) -> Subscription {
        self.inner.feed.subscribe_all()
    }

    /// Stops taking deliveries, finishes those under way, and makes everything durable. Blocking. Idempotent.
    pub fn close(&self) -> Result<()> {
        self.inner.watch.close();
        self.inner.mirrors.close();
        self.inner.journal.close()?;
        self.inner.spool.close()?;
        self.inner.journal.note_clean_end()?;
        self.inner.feed.close();
        self.inner.mails.close();
        Ok(())
    }

    /// A file name for a message, and its size as served.
    fn name(&self, field_octets: usize, count: Count, now: Timestamp) -> (String, u64) {
        let fields = field_octets as u64;
        let octets = fields + count.octets_with_crlf();
        (self.inner.names.next(now, fields + count.octets, octets), octets)
    }

    /// How a message lies in the spool.
    fn spooled(&self, entry: SpoolEntry, fields: u64, count: Count, arrived: Timestamp) -> Spooled {
        // What is no text has no line ends to mend (RFC 3030 §3).
        let is_binary = entry.parameters.body == Body::Binary;
        let octets = if is_binary { count.octets } else { count.octets_with_crlf() };
        Spooled {
            base: self.inner.names.next(arrived, 0, 0),
            entry,
            arrived,
            octets: fields + octets,
            is_crlf: octets == count.octets,
        }
    }

    /// Places a message in all its mailboxes and in the spool, or nowhere.
    async fn place(&self, message: Message) -> Result<Vec<Placed>> {
        let is_nowhere = message.targets.is_empty() && message.spool.is_none();
        let cannot_wait = message.spool.as_ref().is_some_and(|spooled| {
            spooled.entry.recipients.is_empty() || !Spool::is_queue_id(&message.queue_id)
        });
        if is_nowhere || cannot_wait || message.content.is_empty() {
            return Err(Error::new(Code::BadMessage));
        }
        let permit = self.inner.deliveries.acquire().await;
        let _permit = permit.map_err(|_| Error::new(Code::Closed))?;
        let bases: Vec<_> = message.bases().cloned().collect();
        let Outcome { mut placed, arriving, error } =
            self.inner.journal.write(Arc::new(Entry::Place(message))).await?;
        match error {
            None => {
                placed.sort_by_key(|(target, _)| *target);
                Ok(placed.into_iter().map(|(_, placed)| placed).collect())
            }
            Some(error) => {
                self.take_back(bases, placed, arriving).await;
                Err(error)
            }
        }
    }

    /// After a failure: the message is withdrawn where it was placed, and recovery is told to leave it alone.
    async fn take_back(&self, bases: Vec<String>, placed: Vec<(usize, Placed)>, arriving: Option<Arriving>) {
        let store = self.clone();
        let withdrawn = blocking(move || {
            for (_, placed) in placed {
                store.mail(placed.account)?.withdraw(placed.mailbox, placed.uid)?;
            }
            Ok(())
        })
        .await;
        let unspooled = match arriving {
            Some(arriving) => self.inner.spool.withdraw(arriving.queue_id).await,
            None => Ok(()),
        };
        let cancelled = self.inner.journal.write(Arc::new(Entry::Cancel(bases))).await;
        // The sender was told that it failed and will try again; at worst the message is there twice.
        if let Some(error) = withdrawn.err().or(unspooled.err()).or(cancelled.err()) {
            tracing::warn!(cause = ?error, "a failed delivery could not be withdrawn everywhere");
        }
    }
}

/// Removes an mbox of our own, and what is noted of it.
fn remove_mbox(home: &Home) -> Result<()> {
    let Some((path, None)) = home.mbox() else { return Ok(()) };
    for path in [path, home.folder.join("mbox.rewrite")] {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    crate::database::remove(&home.folder.join("mbox.db"))
}

fn delivered(placed: Placed) -> Delivered {
    let Placed { account, mailbox, uid, path, octets, uid_validity: _ } = placed;
    Delivered { account, mailbox, uid, path, octets }
}
