//! What can be wrong with a command, and what the client is told about it.

use std::fmt;

/// Why a command cannot be read: a fault of the client program. The text is sent in the tagged BAD or NO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCommand {
    /// No tag, or one with characters that a tag cannot have.
    Tag,
    /// A name that is no command.
    Unknown,
    /// The arguments are outside of the grammar.
    Arguments,
    /// There are too few arguments.
    Missing,
    /// There is something after the last argument.
    Trailing,
    /// A mailbox name that is not in modified UTF-7 or too long.
    MailboxName,
    /// A flag that cannot be set.
    Flag,
    /// A date outside of the grammar.
    Date,
    /// A section outside of the grammar.
    Section,
    /// A sequence set outside of the grammar.
    Set,
    /// Search keys are nested too deeply.
    SearchDepth,
    /// A charset that is not UTF-8 or US-ASCII; answered with NO [BADCHARSET].
    Charset,
    /// A text that is not in the charset it should be in.
    Text,
}

impl BadCommand {
    /// The text that is sent.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Tag => "The command has no usable tag",
            Self::Unknown => "Unknown command",
            Self::Arguments => "The arguments are not understood",
            Self::Missing => "An argument is missing",
            Self::Trailing => "There is something after the last argument",
            Self::MailboxName => "The mailbox name is not modified UTF-7 (RFC 3501 section 5.1.3)",
            Self::Flag => "That flag cannot be set",
            Self::Date => "The date is not understood",
            Self::Section => "The section is not understood",
            Self::Set => "The message set is not understood",
            Self::SearchDepth => "The search is nested too deeply",
            Self::Charset => "That charset is not supported",
            Self::Text => "The text is not in its charset",
        }
    }
}

impl fmt::Display for BadCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for BadCommand {}
