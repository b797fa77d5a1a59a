//! Octets to lines and content: line ends, line length, transparency (RFC 5321 §2.3.8, §4.5.2).
//!
//! The decoders keep no octets of their own: they look at the driver's buffer of unread input and say how much of it is
//! done with. Lines and content come out as slices of that buffer.

mod content;
mod line;

pub use content::{BareNewlines, Content, ContentDecoder, ContentEnd, ContentFault};
pub use line::{Line, LineDecoder};
