//! Accounts, mailboxes, Maildir, index and change feed
