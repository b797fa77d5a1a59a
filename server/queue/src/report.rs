//! Reports to the sender: it failed, it waits, it arrived (RFC 3464), in words that a person understands, Spanish and
//! English in one text.
//!
//! [`Report::build`] gives the message and whom it is for; its own reverse-path is null, so that nobody reports about it
//! (RFC 3464 §2), and there is none about a message whose reverse-path is null.

mod status;
mod text;
mod words;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use postigo_message::build::{MultipartReport, Returned};
use postigo_smtp::dsn::{self, Notify, OriginalRecipient};
use postigo_smtp::{Address, EnhancedCode, ReversePath};

/// Octets of a message up to which all of it is returned, and of its beginning that are needed for its header
/// (`bounce_size_limit`, which is the same in Postfix).
pub const RETURNED_OCTETS: usize = 50_000;

/// What happened to a recipient (RFC 3464 §2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It was given up.
    Failed,
    /// It is tried until this time.
    Delayed {
        /// When it is given up.
        until: Timestamp,
    },
    /// It is in a mailbox here.
    Delivered,
    /// A server without DSN took it, and will not report (RFC 3461 §5.2.2).
    Relayed,
    /// It was sent on to several others, whose reports do not come here (RFC 3461 §5.2.7.3).
    Expanded,
}

impl Action {
    /// Whether the sender asked for it. Without NOTIFY that is for failures, and for delays, where RFC 3461 §4.1 leaves
    /// the choice to us.
    fn is_wanted(self, notify: Option<Notify>) -> bool {
        let notify = notify.unwrap_or(Notify { success: false, failure: true, delay: true });
        match self {
            Self::Failed => notify.failure,
            Self::Delayed { .. } => notify.delay,
            Self::Delivered | Self::Relayed | Self::Expanded => notify.success,
        }
    }
}

/// What another server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The name or address of the server.
    pub host: String,
    /// Its reply with codes, lines separated by LF or spaces.
    pub text: String,
}

/// One recipient of the message and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// To whom it went in the end.
    pub recipient: Address,
    /// ORCPT.
    pub original: Option<OriginalRecipient>,
    /// What happened.
    pub action: Action,
    /// The enhanced code, the peer's or ours.
    pub status: EnhancedCode,
    /// What the other server said, if one said anything.
    pub reply: Option<Reply>,
    /// What went wrong on our side, in English, if no server said anything: `connection to mx.test timed out`.
    pub cause: Option<String>,
    /// When it was last tried.
    pub last_attempt: Option<Timestamp>,
    /// NOTIFY; none if it was not given.
    pub notify: Option<Notify>,
}

/// The message that is reported about.
#[derive(Debug, Clone, Copy)]
pub struct Original<'a> {
    /// Its reverse-path as it came to us: whom the report is for.
    pub reverse_path: &'a ReversePath,
    /// Its queue id.
    pub queue_id: &'a str,
    /// ENVID, not encoded.
    pub envelope_id: Option<&'a str>,
    /// RET.
    pub returned: Option<dsn::Returned>,
    /// When it arrived.
    pub arrived: Timestamp,
    /// Its size.
    pub octets: u64,
    /// Its beginning: all of it up to [`RETURNED_OCTETS`], else at least its header up to there.
    pub beginning: &'a [u8],
}

/// The report's own data.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Our host name, Reporting-MTA.
    pub host: &'a str,
    /// Its Message-ID without angle brackets, new and unique.
    pub message_id: &'a str,
    /// Now.
    pub date: Timestamp,
    /// The message it is about.
    pub original: Original<'a>,
}

/// A report as a message to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Whom it is for. Its reverse-path is null, and NOTIFY is NEVER (RFC 3461 §5.1 asks for no reports about it).
    pub recipient: Address,
    /// The content, with CRLF; 7-bit if the addresses are ASCII.
    pub content: Vec<u8>,
}

impl Report<'_> {
    /// Writes one report about all recipients whose sender asked for it. None if there is nobody to tell, or nothing.
    pub fn build(&self, recipients: &[Reported]) -> Option<Built> {
        let recipient = self.original.reverse_path.address()?.clone();
        let wanted = recipients.iter().filter(|reported| reported.action.is_wanted(reported.notify));
        let wanted: Vec<&Reported> = wanted.collect();
        let kind = Kind::of(&wanted)?;
        let mut fields = vec![
            ("From", format!("\"Mail Delivery System\" <MAILER-DAEMON@{}>", self.host)),
            ("To", format!("<{recipient}>")),
            ("Subject", kind.subject().to_owned()),
            ("Date", written(self.date)),
            ("Message-ID", format!("<{}>", self.message_id)),
            // RFC 3834 §5.
            ("Auto-Submitted", "auto-replied".to_owned()),
        ];
        if let Some(message_id) = original_message_id(self.original.beginning) {
            fields.push(("In-Reply-To", message_id.clone()));
            fields.push(("References", message_id));
        }
        let machine = status::write(self, &wanted);
        let report = MultipartReport {
            fields: &fields,
            report_type: "delivery-status",
            languages: "es, en",
            text: &text::write(self, kind, &wanted),
            machine: ("message/delivery-status", &machine),
            returned: self.returned(kind),
            unique: self.message_id,
        };
        Some(Built { recipient, content: report.build() })
    }

    /// RET counts for failures only; the other reports return the header (RFC 3461 §4.3).
    fn returned(&self, kind: Kind) -> Returned<'_> {
        let Original { octets, beginning, returned, .. } = self.original;
        let is_whole = beginning.len() <= RETURNED_OCTETS && octets <= beginning.len() as u64;
        let is_asked = returned != Some(dsn::Returned::Headers);
        if kind == Kind::Failure && is_asked && is_whole {
            return Returned::Message(beginning);
        }
        Returned::Header(&beginning[..beginning.len().min(RETURNED_OCTETS)])
    }
}

/// What a report as a whole is about: the worst that happened to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Failure,
    Delay,
    Success,
}

impl Kind {
    fn of(reported: &[&Reported]) -> Option<Self> {
        let has = |test: fn(Action) -> bool| reported.iter().any(|reported| test(reported.action));
        if has(|action| action == Action::Failed) {
            Some(Self::Failure)
        } else if has(|action| matches!(action, Action::Delayed { .. })) {
            Some(Self::Delay)
        } else {
            (!reported.is_empty()).then_some(Self::Success)
        }
    }

    /// In ASCII, so that it can be read wherever it is listed.
    fn subject(self) -> &'static str {
        match self {
            Self::Failure => "Correo no entregado / Undelivered mail",
            Self::Delay => "Correo retrasado, se sigue intentando / Delayed mail, still being tried",
            Self::Success => "Correo entregado / Delivered mail",
        }
    }
}

/// RFC 5322 §3.3, in UTC.
fn written(time: Timestamp) -> String {
    time.to_zoned_datetime(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

/// The Message-ID of the message, if it has the form of one.
fn original_message_id(beginning: &[u8]) -> Option<String> {
    let header = &beginning[..beginning.len().min(RETURNED_OCTETS)];
    let field = postigo_message::fields(header).find(|field| field.is(b"Message-ID"))?;
    let message_id = field.unfolded();
    let inner = message_id.strip_prefix('<')?.strip_suffix('>')?;
    let is_good = inner.contains('@')
        && inner.bytes().all(|octet| matches!(octet, b'!'..=b'~' if octet != b'<' && octet != b'>'));
    (is_good && message_id.len() <= 250).then_some(message_id)
}
