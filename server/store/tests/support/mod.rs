//! What the store's tests share: a store in a temporary folder, with people.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use jiff::Timestamp;
use postigo_sasl::{Password, Salts, Verifier};
use postigo_store::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Long enough for a busy machine; nothing waits for it unless it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn verifier() -> Verifier {
    Verifier::new(&Password::prepare("secret").unwrap(), Salts::random().unwrap())
}

pub fn options(data: &Path) -> StoreOptions {
    let checkpoint_interval = Duration::from_secs(3600);
    StoreOptions {
        segment_octets: 256 * 1024,
        checkpoint_interval,
        ..StoreOptions::new(data, "mail.lab.test")
    }
}

pub struct Lab {
    pub store: Store,
    pub ana: AccountId,
    pub luis: AccountId,
    folder: Arc<tempfile::TempDir>,
}

impl Lab {
    pub fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let store = Store::open(options(folder.path())).unwrap();
        let verifier = verifier();
        let add = |name: &str| {
            let new = NewAccount {
                local_part: name.into(),
                domain: "lab.test".into(),
                display_name: String::new(),
                verifier: verifier.clone(),
                storage: Storage::default(),
            };
            store.accounts().add(new).unwrap().id
        };
        let (ana, luis) = (add("ana"), add("luis"));
        Self { store, ana, luis, folder }
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Closes the store and opens it again.
    pub fn reopen(self) -> Self {
        self.store.close().unwrap();
        let store = Store::open(options(self.folder.path())).unwrap();
        Self { store, ..self }
    }

    /// Opens another store over a copy of the folder, as after a crash: the old one is not closed. No checkpoint may be
    /// under way, that is, less than a segment was delivered.
    pub fn open_again(self) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        copy_tree(self.folder.path(), folder.path());
        let store = Store::open(options(folder.path())).unwrap();
        Self { store, folder, ..self }
    }

    pub fn mail(&self) -> Arc<AccountMail> {
        self.store.mail(self.ana).unwrap()
    }

    pub fn maildir(&self) -> PathBuf {
        self.store.maildir(self.ana).unwrap()
    }

    pub fn inbox(&self) -> MailboxId {
        self.mailbox("INBOX")
    }

    pub fn mailbox(&self, name: &str) -> MailboxId {
        self.mail().find(&name_of(name)).unwrap().unwrap().id
    }

    /// Delivers a text to ana.
    pub async fn deliver(&self, text: &str) -> Uid {
        self.try_deliver(&[self.ana], text.as_bytes()).await.unwrap()[0].uid
    }

    pub async fn try_deliver(&self, accounts: &[AccountId], text: &[u8]) -> Result<Vec<Delivered>> {
        deliver(&self.store, accounts, text).await
    }

    pub async fn append(
        &self,
        mailbox: &str,
        text: &str,
        flags: Flags,
        keywords: &[&str],
    ) -> Result<Appended> {
        let mut incoming = self.store.incoming();
        incoming.write(text.as_bytes()).await?;
        let append = Append {
            mailbox: name_of(mailbox),
            incoming,
            flags,
            keywords: keywords.iter().map(|name| (*name).to_owned()).collect(),
            internal_date: Some(Timestamp::from_second(1_000_000_000).unwrap()),
        };
        self.store.append(self.ana, append).await
    }

    pub fn uids(&self, mailbox: MailboxId) -> Vec<u32> {
        self.mail().open(mailbox, Access::ReadOnly).unwrap().uids.iter().map(|uid| uid.get()).collect()
    }

    pub fn text(&self, mailbox: MailboxId, uid: Uid) -> String {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut self.mail().file(mailbox, uid).unwrap(), &mut text).unwrap();
        text
    }

    pub fn set(&self, mailbox: MailboxId, uid: Uid, flags: Flags, keywords: &[&str]) -> FlagOutcome {
        let change = FlagChange {
            action: FlagAction::Replace,
            flags,
            keywords: keywords.iter().map(|name| (*name).to_owned()).collect(),
            unless_changed_since: None,
        };
        self.mail().set_flags(mailbox, &[uid.into()], &change).unwrap()
    }
}

pub async fn deliver(store: &Store, accounts: &[AccountId], text: &[u8]) -> Result<Vec<Delivered>> {
    let recipient = |account: &AccountId| DeliveryRecipient {
        account: *account,
        delivered_to_field: format!("Delivered-To: {account}\r\n").into(),
    };
    let mut delivery = try_delivery(store, "4bXyZ1", text).await?;
    delivery.recipients = accounts.iter().map(recipient).collect();
    store.deliver(delivery).await
}

pub fn name_of(name: &str) -> MailboxName {
    MailboxName::parse(name).unwrap()
}

/// File names in a folder, sorted.
pub fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Copies a folder tree.
pub fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A recipient that is due at once.
pub fn waiting(address: &str) -> SpoolRecipient {
    let (_, domain) = address.split_once('@').unwrap();
    SpoolRecipient {
        address: address.to_owned(),
        original: None,
        notify: None,
        orcpt: None,
        destination: domain.to_owned(),
        priority: 1,
        next_try: at(0),
        expires: at(432_000),
        held: false,
    }
}

pub fn entry_for(addresses: &[&str]) -> SpoolEntry {
    SpoolEntry {
        reverse_path: "ana@lab.test".to_owned(),
        parameters: SenderParameters::default(),
        context: r#"{"client":"127.0.0.1"}"#.to_owned(),
        recipients: addresses.iter().map(|address| waiting(address)).collect(),
    }
}

/// A delivery with nothing but its text: to be filled.
pub async fn delivery(store: &Store, queue_id: &str, text: &[u8]) -> Delivery {
    try_delivery(store, queue_id, text).await.unwrap()
}

async fn try_delivery(store: &Store, queue_id: &str, text: &[u8]) -> Result<Delivery> {
    let mut incoming = store.incoming();
    incoming.write(text).await?;
    Ok(Delivery {
        queue_id: queue_id.to_owned(),
        recipients: Vec::new(),
        spool: None,
        settles: Vec::new(),
        return_path_field: b"Return-Path: <>\r\n".to_vec(),
        received_field: b"Received: by mail.lab.test\r\n".to_vec(),
        incoming,
        received_at: Timestamp::now(),
    })
}

/// Puts a message into the spool.
pub async fn spool(store: &Store, queue_id: &str, addresses: &[&str], text: &str) {
    let mut delivery = delivery(store, queue_id, text.as_bytes()).await;
    delivery.spool = Some(entry_for(addresses));
    store.deliver(delivery).await.unwrap();
}

pub fn local(account: AccountId) -> DeliveryRecipient {
    DeliveryRecipient { account, delivered_to_field: Vec::new() }
}

pub fn recipient(queue_id: &str, number: u32) -> RecipientId {
    RecipientId { queue_id: queue_id.to_owned(), number }
}

pub fn removes(queue_id: &str, number: u32) -> Settle {
    Settle { id: recipient(queue_id, number), effect: SettleEffect::Remove }
}

pub fn done(queue_id: &str, number: u32) -> RecipientUpdate {
    RecipientUpdate { id: recipient(queue_id, number), change: RecipientChange::Done }
}

/// Seconds after the beginning of the tests' time.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000_000 + seconds).unwrap()
}

/// Claims what is due at a time, and says whom.
pub fn claim(spool: &Spool, now: Timestamp, limit: usize) -> Vec<String> {
    let exclude = std::collections::HashSet::new();
    let query = DueQuery { now, limit, per_destination: limit, priorities: 0..=255, exclude: &exclude };
    spool.claim_due(&query).unwrap().into_iter().map(|due| due.recipient.id.to_string()).collect()
}

/// The queue ids in the spool, in the order of arrival.
pub fn queued(store: &Store) -> Vec<String> {
    let query = ListQuery { limit: 1000, ..ListQuery::default() };
    let page = store.spool().list(&query).unwrap();
    page.messages.into_iter().map(|message| message.envelope.queue_id).collect()
}
