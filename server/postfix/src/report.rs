//! What became of each line.

/// One thing that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The base name of its file.
    pub file: String,
    /// Where it begins there, from 1; 0: the file as a whole.
    pub line: usize,
    /// The parameter, service, override or key.
    pub name: String,
    /// Its value as written; a password is replaced by `***`.
    pub value: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is in the settings now.
    Taken,
    /// It is not needed here.
    Ignored(Reason),
    /// It is lost, or only partly taken: a person should look at it.
    Unsupported(Reason),
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal;)*) => {
        /// Why a line was not simply taken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason { $($(#[$doc])* $variant,)* }

        impl Reason {
            /// The stable name of this reason, by which the faces find words.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

reasons! {
    /// A later line sets the same parameter; the last one counts.
    Overridden = "overridden";
    /// It serves other values only.
    OnlyReferenced = "onlyReferenced";
    /// It concerns how Postfix itself is built and runs.
    PostfixInternal = "postfixInternal";
    /// This server does so anyway.
    BuiltIn = "builtIn";
    /// `localhost` needs no entry.
    Localhost = "localhost";
    /// The certificate that Debian makes for tries; the local authority's is better.
    TestCertificate = "testCertificate";
    /// IPv4 written as IPv6: such clients count as IPv4 here.
    MappedIpv4 = "mappedIpv4";
    /// An address that leads to itself.
    Identity = "identity";
    /// No setting refers to this file.
    NotReferenced = "notReferenced";
    /// There is no such setting here.
    NoCounterpart = "noCounterpart";
    /// Not a parameter that is known here.
    Unknown = "unknown";
    /// Not of the form that the file has.
    Syntax = "syntax";
    /// `$name` leads back to itself, or too deep, or grows too long.
    ExpansionLimit = "expansionLimit";
    /// `${...}` in a form that is not evaluated.
    Expression = "expression";
    /// A value that this setting cannot have.
    Value = "value";
    /// Only the first of several values was taken.
    OnlyFirst = "onlyFirst";
    /// TLS is demanded, but certificates of servers are not checked.
    CertificateNotChecked = "certificateNotChecked";
    /// The file of this table was not given.
    FileMissing = "fileMissing";
    /// A type of table that is not read.
    MapType = "mapType";
    /// A program, file or list as the target of an alias.
    Target = "target";
    /// A port that fits no plan.
    Port = "port";
    /// Networks of the computer's interfaces, which are not known here.
    InterfaceNetworks = "interfaceNetworks";
    /// The file is longer than is read.
    TooLarge = "tooLarge";
    /// Logging in at the relay host is switched off.
    LoginOff = "loginOff";
    /// Passwords for other servers than the relay host.
    OtherServer = "otherServer";
}
