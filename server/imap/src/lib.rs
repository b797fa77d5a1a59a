//! IMAP sessions without I/O
