//! RFC 5322 and MIME: what a message consists of, where its parts lie, and what its header says.
//!
//! Does: read a message once, in chunks and in bounded memory, into an [`ImapEnvelope`] and a [`Structure`] with octet
//! offsets; address its sections; pick header fields; decode header fields and text for searching and previews; [`build`]
//! the reports that this server writes.
//! Does not: open files, speak IMAP, change messages, judge them.
//! Follows: RFC 5322 (fields, addresses), RFC 2045 and RFC 2046 (MIME), RFC 2183 (disposition), RFC 3501 §6.4.5 and
//! §7.4.2 (sections, what ENVELOPE and BODYSTRUCTURE hold), RFC 6522 (multipart/report).
//! Departs: a multipart without a usable boundary is a text/plain leaf, and a message/rfc822 that is itself
//! transfer-encoded or nested too deeply is an application/octet-stream leaf, because BODYSTRUCTURE has no form for them.
//!
//! All offsets and octets are those of the *served* message, in which every line ends in CRLF. A file with bare LF, as
//! other programs write into a Maildir, is served through [`ToCrlf`] or [`SpanReader`];
//! [`Structure::bare_line_feeds`] says whether it has to be.
//!
//! Invariants:
//! 1. No input panics, and memory is bounded by [`limits`], whatever the size of the message.
//! 2. Spans lie within the message and within their parent's body.
//! 3. Any chunking of the same octets gives the same result.

mod address;
pub mod build;
mod content;
mod envelope;
mod header;
pub mod limits;
mod line_ends;
mod parsed;
mod scanner;
mod section;
mod span_reader;
mod structure;
mod text;
mod word;

pub use address::EnvelopeAddress;
pub use envelope::ImapEnvelope;
pub use header::{Field, FieldChoice, Fields, fields, select_fields};
pub use line_ends::{ToCrlf, served, served_octets};
pub use parsed::{BadCache, ParsedMessage};
pub use scanner::Scanner;
pub use section::{BadSection, Section, SectionSource, SectionText};
pub use span_reader::SpanReader;
pub use structure::{Content, Disposition, NestedMessage, Parameter, Part, Span, Structure};
pub use text::{decoded_field, part_text, preview};
