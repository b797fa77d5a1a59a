//! A complete message: made safe, then told of.

use std::time::{Duration, Instant};

use jiff::{Timestamp, tz::TimeZone};
use postigo_message::fields;
use postigo_smtp::{
    self as smtp, Answer, Envelope, EnvelopeRecipient, Hold, MailParameters, Received, Recipient, Reply, dsn,
};
use postigo_store::{Body, Incoming, Notify, Ret, SenderParameters};
use postigo_trace::{Event, Queued};

use super::driver::Driver;
use crate::queue::{Arrival, ArrivalRecipient, TakenIn};

/// Received fields beyond which a message is taken to run in a circle (RFC 5321 §6.3 wants at least 100).
const HOPS: usize = 100;

/// Recipients named in the trace.
const NAMED: usize = 5;

/// Characters of a subject in the trace.
const SUBJECT: usize = 200;

/// A message on its way from DATA to the reply.
pub(super) struct Message {
    pub envelope: Envelope,
    pub incoming: Incoming,
    pub begun: Instant,
}

/// A message that is on disk, until its reply is known and it can be told of.
pub(super) struct Accepted {
    pub queue_id: String,
    queued: Queued,
    taken: TakenIn,
    /// Seconds: until it was complete, and until it was on disk.
    took: (f64, f64),
}

impl Driver<'_> {
    /// Makes the message safe. Only then may the session say 250.
    pub(super) async fn deliver(&mut self, octets: u64) -> Answer {
        let message = match self.message.take() {
            Some(Ok(message)) => message,
            Some(Err(error)) => return self.not_delivered(&error),
            None => return Answer::Unavailable,
        };
        let about = About::read(message.incoming.head());
        if about.hops > HOPS {
            return Answer::Refuse(Reply::TOO_MANY_HOPS);
        }
        let complete = Instant::now();
        let now = Timestamp::now();
        let queue_id = self.context.queue_ids.next(now.as_microsecond());
        let queued = self.queued(&message.envelope, about, octets);
        let begun = message.begun;
        let arrival = self.arrival(message, &queue_id, now);
        let taken = match self.context.take_in(arrival).await {
            Ok(Some(taken)) => taken,
            // All of them were deleted since RCPT.
            Ok(None) => return Answer::Unavailable,
            Err(error) => return self.not_delivered(&error),
        };
        self.accepted = Some(Accepted {
            queued,
            taken,
            took: ((complete - begun).as_secs_f64(), complete.elapsed().as_secs_f64()),
            queue_id: queue_id.clone(),
        });
        Answer::Delivered { queue_id }
    }

    fn arrival(&self, message: Message, queue_id: &str, now: Timestamp) -> Arrival {
        Arrival {
            queue_id: queue_id.to_owned(),
            received_field: self.received(&message.envelope, queue_id, now).into_bytes(),
            parameters: parameters(&message.envelope.sender.parameters, now),
            reverse_path: message.envelope.sender.reverse_path,
            recipients: message.envelope.recipients.into_iter().map(asked).collect(),
            incoming: message.incoming,
            received_at: now,
            settles: Vec::new(),
        }
    }

    fn received(&self, envelope: &Envelope, queue_id: &str, now: Timestamp) -> String {
        let Some(client_name) = self.session.as_ref().and_then(|s| s.client_name()) else {
            return String::new();
        };
        let session = self.session.as_ref();
        let date = now.to_zoned_datetime(TimeZone::system()).strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
        let peer = self.client_address().to_canonical();
        let Some(mut protocol) = session.map(|s| s.protocol()) else { return String::new() };
        if envelope.sender.parameters.smtp_utf8 {
            protocol = protocol.with_smtp_utf8();
        }
        Received {
            client_name,
            ptr_name: self.client_ptr_name(),
            peer,
            local_user: self.connection.local_user().map(|user| (user.name.as_str(), user.uid)),
            tls: session.and_then(|s| s.tls()),
            host: &self.config.host,
            protocol,
            queue_id,
            recipient: match envelope.recipients.as_slice() {
                [only] => Some(&only.recipient),
                _ => None,
            },
            date: &date,
        }
        .to_string()
    }

    fn not_delivered(&self, error: &postigo_store::Error) -> Answer {
        let text = format!("a message could not be stored: {error}");
        self.trace.event(None, Event::Fault { service: Some(self.service), text });
        tracing::error!(error = error as &dyn std::error::Error, "a message could not be stored");
        match error.code() {
            postigo_store::Code::StoreFull => Answer::Refuse(Reply::STORAGE_FULL),
            _ => Answer::Unavailable,
        }
    }

    fn queued(&self, envelope: &Envelope, about: About, octets: u64) -> Queued {
        Queued {
            client: self.trace.client().to_owned(),
            service: self.service,
            sasl: self.login.proved().map(|(account, mechanism)| (mechanism.to_owned(), account.address())),
            message_id: about.message_id,
            subject: about.subject,
            reverse_path: envelope.sender.reverse_path.to_string(),
            recipients: envelope
                .recipients
                .iter()
                .take(NAMED)
                .map(|r| self.full_address(&r.recipient))
                .collect(),
            recipient_count: u32::try_from(envelope.recipients.len()).unwrap_or(u32::MAX),
            octets,
            reply: String::new(),
        }
    }

    /// Tells of a message once its reply is known.
    pub(super) fn tell(&self, accepted: Accepted, reply: String) {
        let id = accepted.queue_id;
        self.trace.queued(&id, Queued { reply, ..accepted.queued });
        let delays = [accepted.took.0, 0.0, 0.0, accepted.took.1];
        self.context.tell_local(&id, accepted.taken, delays, Some(self.trace.id()));
    }

    fn full_address(&self, recipient: &Recipient) -> String {
        match recipient.address() {
            Some(address) => address.to_string(),
            None => format!("postmaster@{}", self.config.domains.first().map_or("", String::as_str)),
        }
    }
}

/// What MAIL asked for, as the spool keeps it.
fn parameters(said: &MailParameters, now: Timestamp) -> SenderParameters {
    let hold_until = said.hold.and_then(|hold| match hold {
        Hold::For(seconds) => now.checked_add(Duration::from_secs(seconds.into())).ok(),
        Hold::Until(time) => Some(time),
    });
    SenderParameters {
        ret: said.returned.map(|returned| match returned {
            dsn::Returned::Full => Ret::Full,
            dsn::Returned::Headers => Ret::Headers,
        }),
        envid: said.envelope_id.clone(),
        body: match said.body {
            None | Some(smtp::Body::SevenBit) => Body::SevenBit,
            Some(smtp::Body::EightBitMime) => Body::EightBit,
            Some(smtp::Body::BinaryMime) => Body::Binary,
        },
        smtputf8: said.smtp_utf8,
        require_tls: said.require_tls,
        hold_until: hold_until.map(Timestamp::as_microsecond),
    }
}

/// What RCPT asked for, as the spool keeps it.
fn asked(said: EnvelopeRecipient) -> ArrivalRecipient {
    let notify = |dsn::Notify { success, failure, delay }| Notify { success, failure, delay };
    ArrivalRecipient {
        recipient: said.recipient,
        notify: said.parameters.notify.map(notify),
        orcpt: said.parameters.original.map(|original| original.to_string()),
    }
}

/// What the trace wants to know of a message's header.
struct About {
    message_id: Option<String>,
    subject: Option<String>,
    hops: usize,
}

impl About {
    fn read(head: &[u8]) -> Self {
        let mut about = Self { message_id: None, subject: None, hops: 0 };
        for field in fields(head) {
            if field.is(b"Received") {
                about.hops += 1;
            } else if field.is(b"Message-ID") {
                let id = field.unfolded();
                about.message_id = Some(id.trim_matches(['<', '>', ' ']).chars().take(250).collect());
            } else if field.is(b"Subject") {
                let subject = postigo_message::decoded_field(field.value);
                about.subject = Some(subject.chars().take(SUBJECT).collect());
            }
        }
        about
    }
}
