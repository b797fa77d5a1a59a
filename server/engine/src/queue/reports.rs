//! What the sender is told: the reports of a delivery, each in one commit with the recipients it is about.

use std::io::Read;

use jiff::Timestamp;
use postigo_queue::report::{self, Action, Original, RETURNED_OCTETS, Report, Reported};
use postigo_smtp::dsn::OriginalRecipient;
use postigo_smtp::{Address, EnhancedCode, Recipient, ReversePath};
use postigo_store::{
    AttemptOutcome, Body, Delivery, DeliveryRecipient, Notify, QueuedMessage, QueuedRecipient,
    RecipientChange, RecipientUpdate, Ret, SenderParameters, Settle, SettleEffect,
};
use postigo_trace::{Event, Queued, ReportKind};

use super::delivery::reverse_path;
use super::intake::{Arrival, ArrivalRecipient, delivered_to, notify, returned};
use crate::context::Context;
use crate::flow::People;

/// A recipient whose sender may want to know.
pub(super) struct Told {
    recipient: QueuedRecipient,
    outcome: AttemptOutcome,
    kind: ReportKind,
    /// It is in a mailbox here.
    is_here: bool,
}

impl Told {
    pub fn failed(recipient: &QueuedRecipient, outcome: &AttemptOutcome) -> Self {
        Self {
            recipient: recipient.clone(),
            outcome: outcome.clone(),
            kind: ReportKind::Failure,
            is_here: false,
        }
    }

    pub fn delayed(recipient: &QueuedRecipient, outcome: &AttemptOutcome) -> Self {
        Self {
            recipient: recipient.clone(),
            outcome: outcome.clone(),
            kind: ReportKind::Delay,
            is_here: false,
        }
    }

    fn delivered(recipient: &QueuedRecipient) -> Self {
        let outcome = AttemptOutcome {
            at: Timestamp::now(),
            code: None,
            enhanced: Some("2.0.0".to_owned()),
            text: String::new(),
            host: None,
            context: String::new(),
        };
        Self { is_here: true, ..Self::relayed(recipient, &outcome) }
    }

    pub fn relayed(recipient: &QueuedRecipient, outcome: &AttemptOutcome) -> Self {
        Self {
            recipient: recipient.clone(),
            outcome: outcome.clone(),
            kind: ReportKind::Success,
            is_here: false,
        }
    }

    /// What the report does to the recipient in the spool. One that was delivered is gone already.
    fn settle(&self) -> Option<Settle> {
        let effect = match self.kind {
            ReportKind::Failure => SettleEffect::Remove,
            ReportKind::Delay => SettleEffect::Warned,
            ReportKind::Success => return None,
        };
        Some(Settle { id: self.recipient.id.clone(), effect })
    }

    fn reported(&self) -> Option<Reported> {
        let Self { recipient, outcome, kind, is_here } = self;
        let reply = outcome.code.map(|code| report::Reply {
            host: outcome.host.clone().unwrap_or_default(),
            text: format!("{code} {} {}", outcome.enhanced.as_deref().unwrap_or_default(), outcome.text),
        });
        Some(Reported {
            recipient: Address::parse_utf8(recipient.address.as_bytes()).ok()?,
            original: recipient.orcpt.as_ref().and_then(|orcpt| OriginalRecipient::parse(orcpt.as_bytes())),
            action: match kind {
                ReportKind::Failure => Action::Failed,
                ReportKind::Delay => Action::Delayed { until: recipient.expires },
                ReportKind::Success if *is_here => Action::Delivered,
                ReportKind::Success => Action::Relayed,
            },
            status: self.status(),
            cause: (reply.is_none() && !is_here).then(|| outcome.text.clone()),
            reply,
            last_attempt: Some(outcome.at),
            notify: recipient.notify.map(notify),
        })
    }

    /// A failure is one for good in a report, also when its reason was one for now until the time was over.
    fn status(&self) -> EnhancedCode {
        let mut parts = self.outcome.enhanced.as_deref().unwrap_or_default().split('.').skip(1);
        let mut next = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        let class = match self.kind {
            ReportKind::Failure => 5,
            ReportKind::Delay => 4,
            ReportKind::Success => 2,
        };
        EnhancedCode(class, next(), next())
    }
}

/// The message that is reported about.
pub(super) struct About<'a> {
    pub queue_id: &'a str,
    pub reverse_path: &'a ReversePath,
    pub parameters: &'a SenderParameters,
    pub arrived: Timestamp,
    pub octets: u64,
    /// Its beginning, as [`Original::beginning`].
    pub beginning: &'a [u8],
}

impl Context {
    /// Tells the sender, and settles what it was told about. Where nobody wants to be told, failed recipients are settled
    /// without a word.
    pub(super) async fn report(
        &self,
        message: &QueuedMessage,
        told: Vec<Told>,
    ) -> Result<(), postigo_store::Error> {
        for kind in [ReportKind::Failure, ReportKind::Delay, ReportKind::Success] {
            let told: Vec<&Told> = told.iter().filter(|told| told.kind == kind).collect();
            if !told.is_empty() {
                self.report_of(message, kind, &told).await?;
            }
        }
        Ok(())
    }

    async fn report_of(
        &self,
        message: &QueuedMessage,
        kind: ReportKind,
        told: &[&Told],
    ) -> Result<(), postigo_store::Error> {
        let settles: Vec<Settle> = told.iter().filter_map(|told| told.settle()).collect();
        let reported: Vec<Reported> = told.iter().filter_map(|told| told.reported()).collect();
        let about = About {
            queue_id: &message.envelope.queue_id,
            reverse_path: &reverse_path(&message.envelope.reverse_path),
            parameters: &message.envelope.parameters,
            arrived: message.envelope.arrived,
            octets: message.envelope.octets,
            beginning: &self.beginning(message).await,
        };
        if let Some(report) = self.send_report(&about, &reported, settles).await? {
            self.trace.event_of(about.queue_id, Event::Reported { kind, report });
        }
        Ok(())
    }

    /// Writes a report and takes it in; its queue id. None if there is nobody to tell: then what it would have settled is
    /// settled without a word.
    pub(super) async fn send_report(
        &self,
        about: &About<'_>,
        reported: &[Reported],
        settles: Vec<Settle>,
    ) -> Result<Option<String>, postigo_store::Error> {
        let now = Timestamp::now();
        let queue_id = self.queue_ids.next(now.as_microsecond());
        let host = self.config.load().host.clone();
        let parameters = about.parameters;
        // RFC 8689 §5: what must not travel in clear is not returned, because the way back may have no TLS.
        let ret = if parameters.require_tls { Some(Ret::Headers) } else { parameters.ret };
        let report = Report {
            host: &host,
            message_id: &format!("{queue_id}@{host}"),
            date: now,
            original: Original {
                reverse_path: about.reverse_path,
                queue_id: about.queue_id,
                envelope_id: parameters.envid.as_deref(),
                returned: ret.map(returned),
                arrived: about.arrived,
                octets: about.octets,
                beginning: about.beginning,
            },
        };
        let Some(built) = report.build(reported) else {
            self.settle_silently(settles).await?;
            return Ok(None);
        };
        let recipient = built.recipient.to_string();
        let mut incoming = self.store.incoming();
        incoming.write(&built.content).await?;
        let never = Notify { success: false, failure: false, delay: false };
        let arrival = Arrival {
            queue_id: queue_id.clone(),
            reverse_path: ReversePath::Null,
            recipients: vec![ArrivalRecipient {
                recipient: Recipient::Address(built.recipient),
                notify: Some(never),
                orcpt: None,
            }],
            parameters: SenderParameters {
                // Its texts are UTF-8, and what it returns may have a header outside of ASCII.
                body: Body::EightBit,
                smtputf8: parameters.smtputf8,
                require_tls: parameters.require_tls,
                ..SenderParameters::default()
            },
            received_field: Vec::new(),
            incoming,
            received_at: now,
            settles: settles.clone(),
        };
        let Some(taken) = self.take_in(arrival).await? else {
            self.settle_silently(settles).await?;
            return Ok(None);
        };
        let queued = queued(recipient, built.content.len() as u64);
        self.trace.event_of(&queue_id, Event::Queued(Box::new(queued)));
        self.tell_local(&queue_id, taken, [0.0, 0.0, 0.0, 0.0], None);
        Ok(Some(queue_id))
    }

    /// Delivers a recipient of the queue to a mailbox here: one that it had not when the message came, or that of a message
    /// which was to be delivered later.
    pub(super) async fn deliver_here(
        &self,
        message: &QueuedMessage,
        recipient: &QueuedRecipient,
    ) -> Result<(), postigo_store::Error> {
        let settles = vec![Settle { id: recipient.id.clone(), effect: SettleEffect::Remove }];
        let Some((local_part, domain)) = recipient.address.rsplit_once('@') else {
            return self.settle_silently(settles).await;
        };
        let account = postigo_queue::route::Directory::account(&People(&self.store), local_part, domain);
        let Some(account) = account else {
            self.store.spool().release(std::slice::from_ref(&recipient.id));
            return Ok(());
        };
        let mut incoming = self.store.incoming();
        incoming.write(&self.everything(message).await?).await?;
        let reverse_path = reverse_path(&message.envelope.reverse_path);
        let delivered = self
            .store
            .deliver(Delivery {
                queue_id: message.envelope.queue_id.clone(),
                recipients: vec![DeliveryRecipient {
                    account: postigo_store::AccountId::new(account.id.0),
                    delivered_to_field: delivered_to(&account.address.to_string()).into_bytes(),
                }],
                spool: None,
                settles,
                return_path_field: postigo_smtp::return_path(&reverse_path).into_bytes(),
                received_field: Vec::new(),
                incoming,
                received_at: message.envelope.arrived,
            })
            .await?;
        let local = delivered.into_iter().map(|copy| (recipient.address.clone(), copy)).collect();
        let taken = super::intake::TakenIn { local, waiting: 1, report: None };
        self.tell_local(&message.envelope.queue_id, taken, [0.0; 4], None);
        if recipient.notify.is_some_and(|notify| notify.success) {
            let told = Told::delivered(recipient);
            self.report_of(message, ReportKind::Success, &[&told]).await?;
        }
        Ok(())
    }

    async fn settle_silently(&self, settles: Vec<Settle>) -> Result<(), postigo_store::Error> {
        let done = settles.into_iter().filter(|settle| settle.effect == SettleEffect::Remove);
        let updates = done.map(|settle| RecipientUpdate { id: settle.id, change: RecipientChange::Done });
        self.store.spool().record(updates.collect()).await
    }

    /// The beginning of a message, for what a report returns of it. What cannot be read is not returned.
    async fn beginning(&self, message: &QueuedMessage) -> Vec<u8> {
        let (spool, envelope) = (self.store.spool().clone(), message.envelope.clone());
        let read = tokio::task::spawn_blocking(move || {
            let mut octets = Vec::new();
            let content = spool.content(&envelope).ok()?;
            content.take(RETURNED_OCTETS as u64).read_to_end(&mut octets).ok()?;
            Some(octets)
        });
        read.await.ok().flatten().unwrap_or_default()
    }

    async fn everything(&self, message: &QueuedMessage) -> Result<Vec<u8>, postigo_store::Error> {
        let (spool, envelope) = (self.store.spool().clone(), message.envelope.clone());
        let read = tokio::task::spawn_blocking(move || {
            let mut octets = Vec::new();
            spool.content(&envelope)?.read_to_end(&mut octets)?;
            Ok(octets)
        });
        read.await.unwrap_or_else(|error| Err(std::io::Error::other(error).into()))
    }
}

fn queued(recipient: String, octets: u64) -> Queued {
    Queued {
        client: String::new(),
        service: postigo_api::Service::Smtp,
        sasl: None,
        message_id: None,
        subject: Some("Delivery report".to_owned()),
        reverse_path: String::new(),
        recipients: vec![recipient],
        recipient_count: 1,
        octets,
        reply: String::new(),
    }
}
