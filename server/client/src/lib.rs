//! The built-in mail client: IMAP and submission as any client speaks them
