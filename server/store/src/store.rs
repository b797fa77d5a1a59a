//! The store as a whole: open, deliver, close.

use crate::accounts::table::Table;
use crate::feed::Feed;
use crate::incoming::{Count, blocking};
use crate::journal::{self, Entry, Journal, LastRun, Message, Outcome, Spooled, Target};
use crate::lock::create_private_folder;
use crate::mail::{OpenMode, Placed};
use crate::maildir::{UniqueNames, keywords};
use crate::mails::Mails;
use crate::spool::{self, Arriving, Spool, SpoolEntry};
use crate::watch::Watch;
use crate::{
    AccountId, AccountMail, Accounts, Append, Appended, Code, Delivered, Delivery, Error, Flags, Incoming,
    MailboxName, Result, StoreOptions, Subscription,
};
use jiff::Timestamp;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Deliveries under way at the same time; more wait. Bounds the memory of contents between receipt and Maildir.
const MAX_DELIVERIES: usize = 512;

/// A mail store over one data folder. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    options: StoreOptions,
    incoming: Arc<Path>,
    names: Arc<UniqueNames>,
    accounts: Accounts,
    mails: Arc<Mails>,
    feed: Arc<Feed>,
    spool: Spool,
    journal: Journal,
    watch: Watch,
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
        let watch = Watch::start(mails.clone(), options.watched_folders)?;
        let deliveries = Semaphore::new(MAX_DELIVERIES);
        let incoming = incoming.into();
        let inner =
            Inner { options, incoming, names, accounts, mails, feed, spool, journal, watch, deliveries };
        Ok(Self { inner: Arc::new(inner) })
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

    /// Where the mail of an account lies: `DATA/mail/DOMAIN/USER/Maildir`. In memory.
    pub fn maildir(&self, account: AccountId) -> Option<PathBuf> {
        self.inner.mails.folder(account).map(|folder| folder.join("Maildir"))
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
        Spooled {
            base: self.inner.names.next(arrived, 0, 0),
            entry,
            arrived,
            octets: fields + count.octets_with_crlf(),
            is_crlf: count.octets_with_crlf() == count.octets,
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

fn delivered(placed: Placed) -> Delivered {
    let Placed { account, mailbox, uid, path, octets, uid_validity: _ } = placed;
    Delivered { account, mailbox, uid, path, octets }
}
