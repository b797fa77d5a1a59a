//! Judges by the lists.

use postigo_smtp::{Address, Judged, Recipient, Reply, ReversePath};

use crate::access::{AccessKey, AccessTable, Action};
use crate::answers::{Answered, Answers, ClientName, MailDomain, Question, SenderOwner, Verification};
use crate::dns_list::{DnsList, Listing};
use crate::facts::{Destination, Facts};
use crate::list::{ListName, Restrictions};
use crate::name;
use crate::restriction::Restriction;

/// What the lists came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The reply that refuses; none: the lists allow it.
    pub refusal: Option<Reply>,
    /// What decided, in its order; entries that had nothing to say are left out.
    pub steps: Vec<Step>,
}

/// An entry that decided something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// In which list.
    pub list: ListName,
    /// The entry, as it was written.
    pub entry: String,
    /// What it did.
    pub effect: Effect,
}

/// What an entry did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It said yes: the rest of its list is not asked.
    Permits,
    /// It refused.
    Refuses(Reply),
    /// It would have refused (`warn_if_reject`).
    Warns(Reply),
    /// It could not know, and refuses for now if nothing else refuses.
    Defers(Reply),
    /// Somebody may be on a list that allows it and could not be asked: no refusal is for good.
    Softens,
}

/// What one entry says.
enum Said {
    Nothing,
    Permit,
    Refuse(Reply),
    DeferIfPermit(Reply),
    DeferIfReject,
}

/// `Err` asks a question: with its answer, judge again.
type Judgement = Result<Said, Question>;

impl Restrictions {
    /// Judges by these lists, in this order. Each list is asked until it permits, all until one refuses.
    ///
    /// Errors: what has to be found out. The caller puts it into the answers and judges again; each question comes once.
    pub fn judge(
        &self,
        lists: &[ListName],
        facts: &Facts<'_>,
        answers: &Answers,
    ) -> Result<Decision, Question> {
        let mut steps = Vec::new();
        let (mut deferral, mut softens) = (None, false);
        for &list in lists {
            let judge = Judge { list, facts, answers };
            for entry in self.entries(list) {
                let said = judge.restriction(&entry.restriction)?;
                let mut tell = |effect| steps.push(Step { list, entry: entry.text.clone(), effect });
                match said {
                    Said::Nothing => {}
                    Said::Permit => {
                        tell(Effect::Permits);
                        break;
                    }
                    Said::Refuse(reply) | Said::DeferIfPermit(reply) if entry.warn_only => {
                        tell(Effect::Warns(reply));
                    }
                    Said::Refuse(reply) => {
                        let reply = if softens { reply.for_now() } else { reply };
                        tell(Effect::Refuses(reply.clone()));
                        return Ok(Decision { refusal: Some(reply), steps });
                    }
                    Said::DeferIfPermit(reply) => {
                        tell(Effect::Defers(reply.clone()));
                        deferral.get_or_insert(reply);
                    }
                    Said::DeferIfReject if entry.warn_only => {}
                    Said::DeferIfReject => {
                        tell(Effect::Softens);
                        softens = true;
                    }
                }
            }
        }
        Ok(Decision { refusal: deferral, steps })
    }
}

/// One list, with what is known.
struct Judge<'a> {
    list: ListName,
    facts: &'a Facts<'a>,
    answers: &'a Answers,
}

impl Judge<'_> {
    fn restriction(&self, restriction: &Restriction) -> Judgement {
        use Restriction as R;
        let facts = self.facts;
        let permit_if = |yes| if yes { Said::Permit } else { Said::Nothing };
        match restriction {
            R::Permit => Ok(Said::Permit),
            R::Reject => Ok(Said::Refuse(Reply::access_denied(self.judged(), &self.subject()))),
            R::Defer => Ok(Said::Refuse(Reply::try_again_later(self.judged(), &self.subject()))),
            R::DeferIfPermit => {
                Ok(Said::DeferIfPermit(Reply::try_again_later(self.judged(), &self.subject())))
            }
            R::DeferIfReject => Ok(Said::DeferIfReject),
            R::PermitMynetworks => Ok(permit_if(facts.network.is_some())),
            R::PermitSaslAuthenticated => Ok(permit_if(facts.user.is_some())),
            R::PermitAuthDestination => {
                Ok(permit_if(facts.recipient.is_some() && facts.destination == Destination::Ours))
            }
            R::RejectUnauthDestination => Ok(self.unauthorised(Reply::relay_denied)),
            R::DeferUnauthDestination => Ok(self.unauthorised(Reply::relay_deferred)),
            R::RejectUnknownSenderDomain => self.domain(Judged::Sender),
            R::RejectUnknownRecipientDomain => self.domain(Judged::Recipient),
            R::RejectNonFqdnSender => Ok(self.not_qualified(Judged::Sender)),
            R::RejectNonFqdnRecipient => Ok(self.not_qualified(Judged::Recipient)),
            R::RejectNonFqdnHeloHostname => Ok(self.hello(|name| {
                (!name::is_literal(name) && !name::is_qualified(name))
                    .then(|| Reply::hello_not_qualified(name))
            })),
            R::RejectInvalidHeloHostname => {
                Ok(self.hello(|name| (!name::is_valid_hello(name)).then(|| Reply::hello_invalid(name))))
            }
            R::RejectUnknownHeloHostname => self.hello_unknown(),
            R::RejectUnknownClientHostname => self.client_unknown(),
            R::RejectUnknownReverseClientHostname => self.client_nameless(),
            R::RejectUnlistedRecipient => self.recipient_unlisted(),
            R::RejectUnlistedSender => self.sender_unlisted(),
            R::RejectUnverifiedRecipient => self.unverified(),
            R::RejectSenderLoginMismatch => match self.login_mismatch()? {
                Said::Nothing => self.not_logged_in(),
                refusal => Ok(refusal),
            },
            R::RejectAuthenticatedSenderLoginMismatch => self.login_mismatch(),
            R::RejectUnauthenticatedSenderLoginMismatch => self.not_logged_in(),
            R::RejectKnownSenderLoginMismatch => match self.owner()? {
                Some(SenderOwner::Other) if facts.user.is_some() => self.login_mismatch(),
                _ => self.not_logged_in(),
            },
            R::RejectUnauthPipelining => Ok(match facts.pipelined {
                true => Said::Refuse(Reply::improper_pipelining(self.judged(), &self.subject())),
                false => Said::Nothing,
            }),
            R::RejectRblClient(list) => self.client_blocklisted(list),
            R::RejectRhsblClient(list) => match self.client_name()? {
                ClientName::Confirmed(name) => self.name_blocklisted(list, Judged::Client, Some(name)),
                _ => Ok(Said::Nothing),
            },
            R::RejectRhsblHelo(list) => {
                self.name_blocklisted(list, Judged::Hello, facts.hello.filter(|name| !name::is_literal(name)))
            }
            R::RejectRhsblSender(list) => {
                self.name_blocklisted(list, Judged::Sender, self.sender().and_then(|a| a.domain().name()))
            }
            R::RejectRhsblRecipient(list) => self.name_blocklisted(
                list,
                Judged::Recipient,
                self.recipient().and_then(|a| a.domain().name()),
            ),
            R::PermitDnswlClient(list) => self.client_trusted(list),
            R::CheckAccess(key, table) => self.access(*key, table),
        }
    }

    /// What the list is about, for replies.
    fn judged(&self) -> Judged {
        match self.list {
            ListName::Client | ListName::MuaClient => Judged::Client,
            ListName::Helo | ListName::MuaHelo => Judged::Hello,
            ListName::Sender | ListName::MuaSender => Judged::Sender,
            ListName::Relay | ListName::Recipient => Judged::Recipient,
            ListName::Data => Judged::Data,
            ListName::EndOfData => Judged::EndOfData,
            ListName::Etrn => Judged::Etrn,
        }
    }

    fn subject(&self) -> String {
        self.name_of(self.judged())
    }

    fn name_of(&self, judged: Judged) -> String {
        match judged {
            Judged::Client => {
                let name = match &self.answers.client_name {
                    Some(ClientName::Confirmed(name)) => name,
                    _ => "unknown",
                };
                format!("{name}[{}]", self.facts.client)
            }
            Judged::Hello => self.facts.hello.unwrap_or_default().to_owned(),
            Judged::Sender => self.facts.sender.map(ReversePath::to_string).unwrap_or_default(),
            Judged::Recipient => self.facts.recipient.map(Recipient::to_string).unwrap_or_default(),
            Judged::Data => "DATA".to_owned(),
            Judged::EndOfData => "END-OF-MESSAGE".to_owned(),
            Judged::Etrn => "ETRN".to_owned(),
        }
    }

    fn sender(&self) -> Option<&Address> {
        self.facts.sender.and_then(ReversePath::address)
    }

    fn recipient(&self) -> Option<&Address> {
        self.facts.recipient.and_then(Recipient::address)
    }

    fn address(&self, judged: Judged) -> Option<&Address> {
        if judged == Judged::Sender { self.sender() } else { self.recipient() }
    }

    /// `<Postmaster>` has no domain and is ours (RFC 5321 §4.5.1).
    fn unauthorised(&self, reply: fn(&Address) -> Reply) -> Said {
        match self.recipient() {
            Some(address) if self.facts.destination != Destination::Ours => Said::Refuse(reply(address)),
            _ => Said::Nothing,
        }
    }

    fn not_qualified(&self, judged: Judged) -> Said {
        let address = self.address(judged);
        let name = address.and_then(|address| address.domain().name());
        match (address, name) {
            (Some(address), Some(name)) if !name::is_qualified(name) => {
                Said::Refuse(Reply::address_not_qualified(judged, address))
            }
            _ => Said::Nothing,
        }
    }

    fn domain(&self, judged: Judged) -> Judgement {
        let Some(address) = self.address(judged) else { return Ok(Said::Nothing) };
        // Our own domains need no DNS to exist; literals have none.
        let ours = judged == Judged::Recipient && self.facts.destination == Destination::Ours;
        let Some(name) = address.domain().name().filter(|_| !ours) else { return Ok(Said::Nothing) };
        Ok(match self.mail_domain(name)? {
            MailDomain::Exists => Said::Nothing,
            MailDomain::TakesNone => Said::Refuse(Reply::domain_takes_no_mail(judged, address)),
            MailDomain::Missing => Said::Refuse(Reply::domain_unknown(judged, address)),
            MailDomain::Failed => Said::DeferIfPermit(Reply::domain_unknown(judged, address)),
        })
    }

    fn hello(&self, fault: impl Fn(&str) -> Option<Reply>) -> Said {
        self.facts.hello.and_then(fault).map_or(Said::Nothing, Said::Refuse)
    }

    fn hello_unknown(&self) -> Judgement {
        let Some(name) = self.facts.hello.filter(|name| !name::is_literal(name)) else {
            return Ok(Said::Nothing);
        };
        Ok(match self.mail_domain(name)? {
            MailDomain::Exists | MailDomain::TakesNone => Said::Nothing,
            MailDomain::Missing => Said::Refuse(Reply::hello_unknown(name)),
            MailDomain::Failed => Said::DeferIfPermit(Reply::hello_unknown(name)),
        })
    }

    fn client_unknown(&self) -> Judgement {
        Ok(match self.client_name()? {
            ClientName::Confirmed(_) => Said::Nothing,
            _ => Said::Refuse(Reply::client_name_unknown(&self.facts.client.to_string())),
        })
    }

    fn client_nameless(&self) -> Judgement {
        Ok(match self.client_name()? {
            ClientName::Confirmed(_) | ClientName::Unconfirmed | ClientName::Failed { claimed: true } => {
                Said::Nothing
            }
            _ => Said::Refuse(Reply::client_nameless(&self.facts.client.to_string())),
        })
    }

    fn recipient_unlisted(&self) -> Judgement {
        if self.facts.recipient.is_none() {
            return Ok(Said::Nothing);
        }
        let known = self.answers.recipient.as_ref().ok_or(Question::RecipientListed)?;
        Ok(known.clone().map_or(Said::Nothing, Said::Refuse))
    }

    fn sender_unlisted(&self) -> Judgement {
        let Some(address) = self.sender() else { return Ok(Said::Nothing) };
        let listed = self.answers.sender_listed.ok_or(Question::SenderListed)?;
        Ok(if listed { Said::Nothing } else { Said::Refuse(Reply::sender_unlisted(address)) })
    }

    fn unverified(&self) -> Judgement {
        let Some(address) = self.recipient() else { return Ok(Said::Nothing) };
        Ok(match self.answers.verification.as_ref().ok_or(Question::Verify)? {
            Verification::Deliverable => Said::Nothing,
            Verification::Undeliverable(said) => Said::Refuse(Reply::recipient_undeliverable(address, said)),
            Verification::Unknown(why) => Said::DeferIfPermit(Reply::recipient_unverified(address, why)),
        })
    }

    /// None for the null sender, who is nobody's.
    fn owner(&self) -> Result<Option<SenderOwner>, Question> {
        match self.sender() {
            None => Ok(None),
            Some(_) => self.answers.sender_owner.map(Some).ok_or(Question::SenderOwner),
        }
    }

    fn login_mismatch(&self) -> Judgement {
        let (Some(address), Some(user)) = (self.sender(), self.facts.user) else { return Ok(Said::Nothing) };
        Ok(match self.owner()? {
            Some(SenderOwner::Nobody | SenderOwner::Other) => {
                Said::Refuse(Reply::sender_not_owned(address, user))
            }
            _ => Said::Nothing,
        })
    }

    fn not_logged_in(&self) -> Judgement {
        let Some(address) = self.sender().filter(|_| self.facts.user.is_none()) else {
            return Ok(Said::Nothing);
        };
        Ok(match self.owner()? {
            Some(SenderOwner::Other) => Said::Refuse(Reply::sender_not_logged_in(address)),
            _ => Said::Nothing,
        })
    }

    fn client_blocklisted(&self, list: &DnsList) -> Judgement {
        let name = list.name_of_address(self.facts.client);
        Ok(match self.on_list(list, name)? {
            Some(listing) => {
                let client = self.facts.client.to_string();
                Said::Refuse(Reply::client_blocklisted(&client, list.zone(), &listing.reason))
            }
            None => Said::Nothing,
        })
    }

    fn name_blocklisted(&self, list: &DnsList, judged: Judged, domain: Option<&str>) -> Judgement {
        let Some(name) = domain.and_then(|domain| list.name_of_domain(domain)) else {
            return Ok(Said::Nothing);
        };
        Ok(match self.on_list(list, name)? {
            Some(listing) => {
                let subject = match judged {
                    Judged::Client => domain.unwrap_or_default().to_owned(),
                    _ => self.name_of(judged),
                };
                Said::Refuse(Reply::name_blocklisted(judged, &subject, list.zone(), &listing.reason))
            }
            None => Said::Nothing,
        })
    }

    /// What others think of a client gives it no right to relay, wherever it stands, as in Postfix.
    fn client_trusted(&self, list: &DnsList) -> Judgement {
        if self.facts.recipient.is_some() && self.facts.destination != Destination::Ours {
            return Ok(Said::Nothing);
        }
        let name = list.name_of_address(self.facts.client);
        Ok(match self.answers.listings.get(&name).ok_or(Question::Listed(name))? {
            Answered::Failed => Said::DeferIfReject,
            Answered::Known(listing) if list.has(listing) => Said::Permit,
            Answered::Known(_) => Said::Nothing,
        })
    }

    /// A list that does not answer has nothing on it: mail must not stop when a list does (RFC 5782 §6 leaves it to us).
    fn on_list(&self, list: &DnsList, name: String) -> Result<Option<&Listing>, Question> {
        match self.answers.listings.get(&name).ok_or(Question::Listed(name))? {
            Answered::Known(listing) if list.has(listing) => Ok(Some(listing)),
            _ => Ok(None),
        }
    }

    fn access(&self, key: AccessKey, table: &AccessTable) -> Judgement {
        let delimiters = self.facts.delimiters;
        let (judged, found) = match key {
            AccessKey::Client => {
                let by_name = match table.has_names().then(|| self.client_name()).transpose()? {
                    Some(ClientName::Confirmed(name)) => table.of_name(name),
                    _ => None,
                };
                (Judged::Client, by_name.or_else(|| table.of_address(self.facts.client)))
            }
            AccessKey::Hello => (Judged::Hello, self.facts.hello.and_then(|name| table.of_name(name))),
            AccessKey::Sender => {
                let found = self.facts.sender.and_then(|path| table.of_reverse_path(path, delimiters));
                (Judged::Sender, found)
            }
            AccessKey::Recipient => {
                let found = self.recipient().and_then(|address| {
                    table.of_mail(address.local_part(), &address.domain().to_string(), delimiters)
                });
                (Judged::Recipient, found)
            }
        };
        Ok(match found {
            None | Some(Action::Pass) => Said::Nothing,
            Some(Action::Permit) => Said::Permit,
            Some(Action::Refuse(said)) => Said::Refuse(said.reply(judged, &self.name_of(judged))),
            Some(Action::DeferIfPermit(said)) => {
                Said::DeferIfPermit(said.reply(judged, &self.name_of(judged)))
            }
            Some(Action::DeferIfReject(_)) => Said::DeferIfReject,
        })
    }

    fn client_name(&self) -> Result<&ClientName, Question> {
        self.answers.client_name.as_ref().ok_or(Question::ClientName)
    }

    fn mail_domain(&self, name: &str) -> Result<MailDomain, Question> {
        let name = name::without_root(name).to_lowercase();
        self.answers.mail_domains.get(&name).copied().ok_or(Question::MailDomain(name))
    }
}
