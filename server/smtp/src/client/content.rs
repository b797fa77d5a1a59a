//! Message content on its way to a server.
//!
//! [`ContentScanner`] finds out what the content needs of a server; it has to be read once before. [`DataEncoder`] makes
//! lines for DATA of it; for BDAT it is sent as it is. Where a server takes 7-bit content only, [`ConversionPlanner`] reads
//! it once more to plan, and [`Converter`] changes it on its way.

mod base64;
mod converter;
mod encoder;
mod facts;
mod plan;
mod quoted_printable;

pub use converter::Converter;
pub use encoder::DataEncoder;
pub use facts::{ContentFacts, ContentScanner};
pub use plan::{Conversion, ConversionPlanner, Unconvertible};

/// How content is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentForm {
    /// After DATA: through a [`DataEncoder`].
    Lines,
    /// After DATA, in 7 bits: through the [`Converter`] of the planned conversion, and then a [`DataEncoder`].
    ConvertedLines,
    /// After BDAT: these octets exactly as they are.
    Chunk {
        /// How many.
        octets: u64,
    },
}
