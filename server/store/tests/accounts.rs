//! Accounts: names, logins, recipients, deletion.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]

mod support;

use postigo_store::*;
use support::*;

fn add(store: &Store, local_part: &str, domain: &str) -> Result<Account> {
    store.accounts().add(NewAccount {
        local_part: local_part.into(),
        domain: domain.into(),
        display_name: "Ana Gil".into(),
        verifier: verifier(),
        storage: Storage::default(),
    })
}

#[test]
fn addresses_are_compared_without_case_and_kept_as_given() {
    let lab = Lab::new();
    let account = add(&lab.store, "Eva.Ruiz", "LAB.test").unwrap();
    assert_eq!(account.address(), "Eva.Ruiz@lab.test");
    assert_eq!(add(&lab.store, "eva.RUIZ", "lab.test").unwrap_err().code(), Code::AddressTaken);
    assert_eq!(add(&lab.store, "../x", "lab.test").unwrap_err().code(), Code::BadLocalPart);
    assert_eq!(add(&lab.store, "x", "../lab").unwrap_err().code(), Code::BadDomain);
    let found = lab.store.accounts().by_login("EVA.ruiz@Lab.Test").unwrap();
    assert_eq!((found.id, found.display_name.as_str()), (account.id, "Ana Gil"));
    assert!(lab.data().join("mail/lab.test/eva.ruiz/Maildir/new").is_dir());
}

#[test]
fn a_bare_login_works_only_where_it_is_unambiguous() {
    let lab = Lab::new();
    assert_eq!(lab.store.accounts().by_login("Ana").unwrap().id, lab.ana);
    add(&lab.store, "ana", "other.test").unwrap();
    assert!(lab.store.accounts().by_login("ana").is_none());
    assert!(lab.store.accounts().by_login("ana@lab.test").is_some());
    assert!(lab.store.accounts().by_login("nobody").is_none());
}

fn alias(name: &str, targets: &[&str]) -> Alias {
    Alias { name: name.into(), targets: targets.iter().map(|&target| target.to_owned()).collect() }
}

#[test]
fn aliases_and_forwards_are_kept_and_an_address_is_given_once() {
    let lab = Lab::new();
    let accounts = lab.store.accounts();
    accounts.set_alias(&alias("Postmaster@lab.test", &["ana@lab.test"])).unwrap();
    accounts.set_alias(&alias("todos", &["ana@lab.test", "luis@lab.test"])).unwrap();
    accounts.set_alias(&alias("postmaster@LAB.test", &["ana@lab.test", "root"])).unwrap();
    let forward = Forward { account: lab.luis, targets: vec!["luis@otro.test".into()], keep_copy: true };
    accounts.set_forward(&forward).unwrap();
    assert_eq!(accounts.set_alias(&alias("ANA@lab.test", &["x"])).unwrap_err().code(), Code::AddressTaken);
    assert_eq!(add(&lab.store, "postmaster", "lab.test").unwrap_err().code(), Code::AddressTaken);
    assert!(accounts.by_login("postmaster@lab.test").is_none(), "nobody logs in as an alias");
    assert_eq!(accounts.domains(), ["lab.test"]);
    let lab = lab.reopen();
    let accounts = lab.store.accounts();
    let expected = [
        alias("postmaster@LAB.test", &["ana@lab.test", "root"]),
        alias("todos", &["ana@lab.test", "luis@lab.test"]),
    ];
    assert_eq!(accounts.aliases(), expected);
    assert_eq!(accounts.forwards(), [forward]);
    assert!(accounts.remove_alias("TODOS").unwrap());
    assert!(!accounts.remove_alias("todos").unwrap());
    accounts.set_forward(&Forward { account: lab.luis, targets: Vec::new(), keep_copy: true }).unwrap();
    assert_eq!(accounts.forwards(), []);
}

#[test]
fn a_deleted_account_leaves_the_aliases() {
    let lab = Lab::new();
    let accounts = lab.store.accounts();
    accounts.set_alias(&alias("postmaster@lab.test", &["ana@lab.test"])).unwrap();
    accounts.set_alias(&alias("todos", &["Ana@lab.test", "luis@lab.test"])).unwrap();
    accounts.delete(lab.ana, FateOfMail::Keep).unwrap();
    assert_eq!(accounts.aliases(), [alias("todos", &["luis@lab.test"])]);
}

#[test]
fn aliases_of_the_first_version_are_taken_over() {
    let lab = Lab::new();
    let data = lab.data().to_owned();
    lab.store.close().unwrap();
    let old = rusqlite::Connection::open(data.join("state.db")).unwrap();
    old.execute_batch(
        "DROP TABLE redirects; DROP TABLE forwards;
         ALTER TABLE accounts DROP COLUMN storage;
         ALTER TABLE accounts DROP COLUMN storage_user;
         ALTER TABLE accounts DROP COLUMN storage_path;
         CREATE TABLE aliases (local_part TEXT NOT NULL COLLATE NOCASE, domain TEXT NOT NULL, account INTEGER NOT NULL
             REFERENCES accounts (id) ON DELETE CASCADE, PRIMARY KEY (domain, local_part)) STRICT, WITHOUT ROWID;
         INSERT INTO aliases SELECT 'abuse', 'lab.test', id FROM accounts WHERE local_part = 'ana';
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);
    let lab = lab.reopen();
    assert_eq!(lab.store.accounts().aliases(), [alias("abuse@lab.test", &["ana@lab.test"])]);
}

#[test]
fn changes_survive_a_restart() {
    let lab = Lab::new();
    let login = LastLogin {
        at: jiff::Timestamp::from_second(1_800_000_000).unwrap(),
        protocol: "imap".into(),
        peer: "127.0.0.1:4711".into(),
    };
    lab.store.accounts().record_login(lab.ana, &login).unwrap();
    assert_eq!(lab.store.accounts().get(lab.ana).unwrap().last_login.as_ref(), Some(&login));
    let change = AccountChange { display_name: Some("Ana G.".into()), enabled: Some(false) };
    lab.store.accounts().change(lab.ana, change).unwrap();
    let new_password = verifier();
    lab.store.accounts().set_password(lab.ana, &new_password).unwrap();
    let lab = lab.reopen();
    let ana = lab.store.accounts().get(lab.ana).unwrap();
    assert_eq!((ana.display_name.as_str(), ana.enabled, ana.last_login), ("Ana G.", false, Some(login)));
    assert!(ana.verifier == new_password);
    let unknown = AccountId::new(99);
    assert_eq!(
        lab.store
            .accounts()
            .record_login(
                unknown,
                &LastLogin { at: jiff::Timestamp::now(), protocol: String::new(), peer: String::new() }
            )
            .unwrap_err()
            .code(),
        Code::AccountUnknown
    );
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_mail_has_the_fate_that_was_chosen() {
    let outside = tempfile::tempdir().unwrap();
    for fate in [FateOfMail::Keep, FateOfMail::Remove, FateOfMail::Archive(outside.path().join("ana"))] {
        let lab = Lab::new();
        lab.deliver("x").await;
        let mail = lab.mail();
        let kept = lab.store.accounts().delete(lab.ana, fate.clone()).unwrap();
        assert_eq!(mail.list().unwrap_err().code(), Code::AccountUnknown);
        assert_eq!(lab.try_deliver(&[lab.ana], b"y").await.unwrap_err().code(), Code::AccountUnknown);
        assert!(!lab.data().join("mail/lab.test/ana").exists());
        assert!(lab.store.accounts().by_address("ana", "lab.test").is_none());
        match &fate {
            FateOfMail::Remove => assert_eq!(kept, None),
            _ => assert_eq!(files(&kept.unwrap().join("Maildir/new")).len(), 1),
        }
        let again = add(&lab.store, "ana", "lab.test").unwrap();
        assert!(again.id > lab.luis, "an id is not used again");
        assert!(lab.store.mail(again.id).unwrap().totals().unwrap() == Totals::default());
    }
}
