//! What can be wrong in a setting.

use thiserror::Error;

/// Why a text is not the value of a routing setting. The text says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadSetting {
    /// Not an entry of `mynetworks`.
    #[error("{0} is not a network: write 10.0.0.0/8, 192.0.2.7 or [2001:db8::]/32")]
    Network(String),
    /// An entry of `mynetworks` whose address is not the first of its network.
    #[error("{written} has bits set behind its prefix: write {meant}")]
    HostBits {
        /// As written.
        written: String,
        /// The network it lies in.
        meant: String,
    },
    /// Not a host, or not a port.
    #[error(
        "{0} is not a next hop: write example.net, example.net:587, [mail.example.net] or [192.0.2.7]:25"
    )]
    NextHop(String),
    /// A transport that there is not.
    #[error(
        "{0} is not a transport: write smtp:[host]:port, smtp:domain, error:text, retry:text, discard: or :"
    )]
    Transport(String),
    /// An entry of `transport_maps` without its value, or with a bad pattern.
    #[error("{0} is not a pattern of transports: write example.net, .example.net, user@example.net or *")]
    Pattern(String),
    /// An alias that leads to a program, a file or an included list.
    #[error("{0} is not supported as a target: an alias leads to names and addresses only")]
    UnsupportedTarget(String),
    /// A target that is neither a name nor an address.
    #[error("{0} is not a name or an address")]
    Target(String),
}

impl BadSetting {
    /// The stable name of this fault.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Network(_) => "route.network",
            Self::HostBits { .. } => "route.hostBits",
            Self::NextHop(_) => "route.nextHop",
            Self::Transport(_) => "route.transport",
            Self::Pattern(_) => "route.pattern",
            Self::UnsupportedTarget(_) => "route.unsupportedTarget",
            Self::Target(_) => "route.target",
        }
    }
}
