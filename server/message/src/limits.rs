//! Every limit of this crate, with its reason.

/// Octets of one header block that are parsed. Real ones have some KiB, long lists of recipients some tens of KiB; what
/// is beyond it is still served, only not shown in ENVELOPE and BODYSTRUCTURE.
pub const HEADER_OCTETS: usize = 256 << 10;

/// Octets of all header blocks of a message that are parsed, so that a message of many parts cannot take more memory
/// than one of few. Parts beyond it are text/plain without parameters.
pub const ALL_HEADERS_OCTETS: usize = 1 << 20;

/// Parts of a message. The part at which the limit is reached runs to the end of the message.
pub const PARTS: usize = 1_000;

/// Containers (multiparts and messages) within each other. What is deeper is a leaf.
pub const DEPTH: usize = 32;

/// Octets of a boundary. RFC 2046 §5.1.1 allows 70; some programs write longer ones.
pub const BOUNDARY_OCTETS: usize = 200;

/// Addresses of one field that ENVELOPE lists.
pub const ADDRESSES: usize = 5_000;

/// Parameters of one field that BODYSTRUCTURE lists.
pub const PARAMETERS: usize = 64;

/// Languages of one part that BODYSTRUCTURE lists.
pub const LANGUAGES: usize = 32;

/// Numbers in a section path; deeper parts than [`DEPTH`] do not exist, and a multipart in a message counts twice at most.
pub const SECTION_NUMBERS: usize = 2 * DEPTH;
