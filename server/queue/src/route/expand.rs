//! From one recipient to the mailboxes and next hops that get the message.

use super::{
    Account, AccountId, Class, Directory, NextHop, Outward, Refusal, Routes, Srs, Step, Target, compose,
    domain_text,
};
use jiff::Timestamp;
use postigo_smtp::{Address, Recipient, ReversePath};

/// Aliases and forwards that are followed for one recipient, and destinations it may have
/// (`virtual_alias_expansion_limit`).
pub const EXPANSIONS: usize = 1_000;

/// Aliases and forwards one behind the other. Postfix allows 1000 (`virtual_alias_recursion_limit`); nobody has 50.
const DEPTH: usize = 50;

/// Names that every server has (RFC 5321 §4.5.1, RFC 2142 §4, and those that Postfix's own aliases have), and where
/// their mail goes if nobody says.
const STANDARD_NAMES: [(&str, &str); 3] =
    [("abuse", "postmaster"), ("mailer-daemon", "postmaster"), ("postmaster", "root")];

/// The message as far as routing needs it.
#[derive(Debug, Clone, Copy)]
pub struct Mail<'a> {
    /// Its reverse-path as it came.
    pub reverse_path: &'a ReversePath,
    /// The addresses in its Delivered-To fields; empty before the content has come.
    pub delivered_to: &'a [String],
    /// Now, for rewritten reverse-paths.
    pub now: Timestamp,
}

/// One place that gets the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The mailbox of an account.
    Mailbox {
        /// Whose.
        account: AccountId,
        /// The account's own address, for Delivered-To.
        address: Address,
        /// What followed the delimiter, `list` of `ana+list@`.
        extension: Option<String>,
    },
    /// Another server.
    Remote {
        /// The recipient as the next hop gets it.
        recipient: Address,
        /// The reverse-path as the next hop gets it, rewritten if somebody here sends the message on.
        reverse_path: ReversePath,
        /// Where it goes.
        next_hop: NextHop,
        /// The accounts that send it on, first to last: each is to be added as a Delivered-To field, so that the
        /// message is known when it comes back.
        forwarded_by: Vec<Address>,
    },
    /// It cannot be delivered.
    Error {
        /// The address that leads nowhere.
        recipient: Address,
        /// Why.
        refusal: Refusal,
    },
    /// It is thrown away, as `transport_maps` says.
    Discard {
        /// The address.
        recipient: Address,
    },
}

/// What a recipient comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolution {
    /// Every place once; never empty.
    pub destinations: Vec<Destination>,
    /// How it came to this.
    pub steps: Vec<Step>,
}

impl Routes {
    /// The destinations of a recipient, whoever sends to it: whether the client may is [`Self::accept`]'s business.
    pub fn resolve(&self, directory: &dyn Directory, recipient: &Recipient, mail: Mail<'_>) -> Resolution {
        let mut steps = Vec::new();
        let Some(address) = self.address_of(recipient) else {
            return Resolution { destinations: Vec::new(), steps };
        };
        if matches!(recipient, Recipient::Postmaster) {
            steps.push(Step::BarePostmaster { address: address.to_string() });
        }
        let mut expansion = Expansion {
            routes: self,
            directory,
            mail,
            steps,
            destinations: Vec::new(),
            path: Vec::new(),
            forwarded_by: Vec::new(),
            forwarding: Vec::new(),
            expansions: 0,
            looped: None,
            excess: None,
        };
        expansion.expand(&address);
        expansion.keep_standard_names(&address);
        expansion.finish(&address)
    }
}

struct Expansion<'a> {
    routes: &'a Routes,
    directory: &'a dyn Directory,
    mail: Mail<'a>,
    steps: Vec<Step>,
    destinations: Vec<Destination>,
    /// The addresses from the recipient to the one looked at, in lower case.
    path: Vec<String>,
    forwarded_by: Vec<Address>,
    forwarding: Vec<AccountId>,
    expansions: usize,
    looped: Option<Vec<String>>,
    excess: Option<Destination>,
}

impl Expansion<'_> {
    fn expand(&mut self, address: &Address) {
        self.expansions += 1;
        if self.expansions > EXPANSIONS || self.path.len() >= DEPTH {
            return self.too_many(address);
        }
        let class = self.routes.class(address.domain());
        let domain = match &class {
            Class::Local(domain) => domain.clone(),
            Class::VirtualAlias | Class::Relay(_) | Class::Foreign => domain_text(address.domain()),
        };
        let key = format!("{}@{domain}", address.local_part().to_lowercase());
        match self.path.iter().position(|before| *before == key) {
            // `ana: ana, luis@b.test`: an address among its own targets means its own mailbox, no loop.
            Some(at) if at + 1 == self.path.len() => self.settle(address, &class),
            Some(at) => self.note_loop(at, key),
            None => {
                self.path.push(key);
                self.note_class(&class, domain_text(address.domain()));
                match self.alias(address, &class, &domain) {
                    Some(targets) => targets.iter().for_each(|target| self.expand(target)),
                    None => self.settle(address, &class),
                }
                self.path.pop();
            }
        }
    }

    /// The targets of an address in the alias tables.
    fn alias(&mut self, address: &Address, class: &Class, domain: &str) -> Option<Vec<Address>> {
        let (whole, split) = self.routes.local_parts(address.local_part());
        let names: Vec<(&str, &str)> = [(whole.as_str(), "")]
            .into_iter()
            .chain(split.as_ref().map(|(base, extension)| (base.as_str(), extension.as_str())))
            .collect();
        let full = names.iter().map(|(name, extension)| (format!("{name}@{domain}"), *extension));
        let bare = names.iter().map(|(name, extension)| ((*name).to_owned(), *extension));
        let bare = bare.filter(|_| matches!(class, Class::Local(_)));
        // virtual(5): the address, the name if the domain is local, the domain.
        let keys: Vec<_> = full.chain(bare).chain([(format!("@{domain}"), "")]).collect();
        let table = &self.routes.virtual_aliases;
        let found = keys.iter().find_map(|(key, extension)| Some((table.get(key)?, *extension)));
        if let Some(((key, targets), extension)) = found {
            self.steps.push(Step::VirtualAlias { key: key.to_owned(), targets: list(targets) });
            // A target `@domain` keeps the local part, extension and all.
            return Some(self.addresses(targets, address.local_part(), extension));
        }
        if !matches!(class, Class::Local(_)) {
            return None;
        }
        let (name, targets) = names.iter().find_map(|(name, _)| self.routes.aliases.get(name))?;
        self.steps.push(Step::Alias { name: name.to_owned(), targets: list(targets) });
        // Extensions are not passed on by aliases(5) (`propagate_unmatched_extensions = canonical, virtual`).
        Some(self.addresses(targets, address.local_part(), ""))
    }

    /// The addresses of targets. `extension`, with its delimiter, is added to their local parts.
    fn addresses(&self, targets: &[Target], local_part: &str, extension: &str) -> Vec<Address> {
        let extended = |base: &str, domain: &str| {
            compose(&format!("{base}{extension}"), domain).or_else(|| compose(base, domain))
        };
        let address = |target: &Target| match target {
            Target::Address(address) if extension.is_empty() => Some(address.clone()),
            Target::Address(address) => extended(address.local_part(), &address.domain().to_string()),
            Target::Name(name) => extended(name, self.routes.main_domain()),
            Target::Domain(domain) => compose(local_part, domain),
        };
        targets.iter().filter_map(address).collect()
    }

    /// An address without (further) aliases.
    fn settle(&mut self, address: &Address, class: &Class) {
        match class {
            Class::Local(_) if Srs::is_rewritten(address.local_part()) && self.routes.srs.is_some() => {
                self.restore(address);
            }
            Class::Local(domain) => self.local(address, domain),
            Class::VirtualAlias => {
                self.steps.push(Step::UnknownVirtualAlias { address: address.to_string() });
                self.fail(address, Refusal::user_unknown_in_virtual_alias_table(address));
            }
            Class::Relay(_) | Class::Foreign => self.remote(address),
        }
    }

    fn local(&mut self, address: &Address, domain: &str) {
        let (whole, split) = self.routes.local_parts(address.local_part());
        if let Some(account) = self.directory.account(&whole, domain) {
            self.steps.push(Step::Account { address: account.address.to_string() });
            return self.account(address, &account, None);
        }
        if let Some((base, extension)) = split
            && let Some(account) = self.directory.account(&base, domain)
        {
            let mut characters = extension.chars();
            characters.next();
            let extension = characters.as_str().to_owned();
            let address_of = account.address.to_string();
            self.steps.push(Step::AccountWithExtension { address: address_of, extension: extension.clone() });
            return self.account(address, &account, Some(extension));
        }
        if let Some((name, target)) = STANDARD_NAMES.iter().find(|(name, _)| *name == whole)
            && let Some(next) = compose(target, self.routes.main_domain())
        {
            self.steps.push(Step::StandardName { name: (*name).to_owned(), target: next.to_string() });
            return self.expand(&next);
        }
        if whole == "root" {
            return self.first_account(address, domain);
        }
        if let Some((_, targets)) = self.routes.catch_all.get(domain) {
            self.steps.push(Step::CatchAll { domain: domain.to_owned(), targets: list(targets) });
            let targets = self.addresses(targets, address.local_part(), "");
            return targets.iter().for_each(|target| self.expand(target));
        }
        self.steps.push(Step::UnknownUser { address: address.to_string() });
        self.fail(address, Refusal::user_unknown(address));
    }

    fn first_account(&mut self, address: &Address, domain: &str) {
        match self.directory.first_account(domain) {
            Some(account) => {
                let (name, target) = (address.local_part().to_owned(), account.address.to_string());
                self.steps.push(Step::StandardName { name, target });
                self.account(address, &account, None);
            }
            None => self.fail(address, Refusal::nobody_here(address)),
        }
    }

    fn account(&mut self, address: &Address, account: &Account, extension: Option<String>) {
        let own = account.address.to_string();
        if !account.enabled {
            self.steps.push(Step::AccountDisabled { address: own });
            return self.fail(address, Refusal::mailbox_disabled(address));
        }
        if self.mail.delivered_to.iter().any(|before| before.trim().eq_ignore_ascii_case(&own)) {
            self.steps.push(Step::DeliveredBefore { address: own.clone() });
            return self.fail(address, Refusal::forwarding_loop(&own));
        }
        let forward = self.routes.forwards.get(&account.id).filter(|forward| !forward.targets.is_empty());
        // Whoever forwards to their own address keeps a copy.
        let forward = forward.filter(|_| !self.forwarding.contains(&account.id));
        if forward.is_none_or(|forward| forward.keep_copy) {
            let mailbox =
                Destination::Mailbox { account: account.id, address: account.address.clone(), extension };
            self.add(mailbox);
        }
        let Some(forward) = forward else { return };
        let (account_text, targets) = (own, list(&forward.targets));
        self.steps.push(match forward.keep_copy {
            true => Step::ForwardWithCopy { account: account_text, targets },
            false => Step::Forward { account: account_text, targets },
        });
        self.forwarding.push(account.id);
        self.forwarded_by.push(account.address.clone());
        let targets = self.addresses(&forward.targets, account.address.local_part(), "");
        targets.iter().for_each(|target| self.expand(target));
        self.forwarded_by.pop();
        self.forwarding.pop();
    }

    fn remote(&mut self, address: &Address) {
        // What is relayed for others is theirs to know: they may make an account at any time.
        let is_foreign = self.routes.class(address.domain()) == Class::Foreign;
        if let Some(found) = is_foreign.then(|| self.directory.suppressed(address)).flatten() {
            let address_text = address.to_string();
            let refusal = Refusal::suppressed(address, found.bounced, &found.reply);
            self.steps.push(match found.bounced {
                true => Step::Bounced { address: address_text, reply: found.reply },
                false => Step::Suppressed { address: address_text },
            });
            return self.fail(address, refusal);
        }
        let reverse_path = self.reverse_path();
        match self.routes.next_hop(address, &reverse_path, &mut self.steps) {
            Outward::To(next_hop) => self.add(Destination::Remote {
                recipient: address.clone(),
                reverse_path,
                next_hop,
                forwarded_by: self.forwarded_by.clone(),
            }),
            Outward::Error(refusal) => self.fail(address, refusal),
            Outward::Discard => self.add(Destination::Discard { recipient: address.clone() }),
        }
    }

    /// The reverse-path with which the message leaves: ours, if it is sent on by somebody here and its sender is
    /// somewhere else, since SPF of the sender's domain does not allow us to use it.
    fn reverse_path(&mut self) -> ReversePath {
        let original = self.mail.reverse_path;
        let is_sent_on = self.path.len() > 1 || !self.forwarded_by.is_empty();
        let (Some(srs), Some(sender)) = (&self.routes.srs, original.address()) else {
            return original.clone();
        };
        if !is_sent_on || self.routes.is_our_sender(original) {
            return original.clone();
        }
        let (step, reverse_path) = match srs.rewrite(sender, self.mail.now) {
            Some(ours) => {
                let step = Step::SenderRewritten { from: sender.to_string(), to: ours.to_string() };
                (step, ReversePath::Address(ours))
            }
            None => (Step::SenderTooLong { address: sender.to_string() }, original.clone()),
        };
        if !self.steps.contains(&step) {
            self.steps.push(step);
        }
        reverse_path
    }

    /// A bounce to an address that [`Srs`] made. Only bounces: with another sender it would be a way to send to others.
    fn restore(&mut self, address: &Address) {
        let Some(srs) = &self.routes.srs else { return };
        let restored = match self.mail.reverse_path {
            ReversePath::Null => {
                srs.restore(address.local_part(), self.mail.now).map_err(|why| why.to_string())
            }
            ReversePath::Address(_) => Err("it takes bounces only".to_owned()),
        };
        match restored {
            Ok(sender) => {
                self.steps.push(Step::SenderRestored { from: address.to_string(), to: sender.to_string() });
                self.expand(&sender);
            }
            Err(why) => {
                let refusal = Refusal::bad_return_address(address, &why);
                self.steps.push(Step::SenderNotRestored { address: address.to_string(), why });
                self.fail(address, refusal);
            }
        }
    }

    fn note_class(&mut self, class: &Class, domain: String) {
        self.steps.push(match class {
            Class::Local(as_domain) => Step::LocalDomain { domain, as_domain: as_domain.clone() },
            Class::VirtualAlias => Step::VirtualAliasDomain { domain },
            Class::Relay(entry) => Step::RelayDomain { domain, entry: entry.clone() },
            Class::Foreign => Step::ForeignDomain { domain },
        });
    }

    fn note_loop(&mut self, from: usize, key: String) {
        let chain: Vec<String> = self.path[from..].iter().cloned().chain([key]).collect();
        self.steps.push(Step::Loop { chain: chain.join(" → ") });
        self.looped.get_or_insert(chain);
    }

    fn too_many(&mut self, address: &Address) {
        let step = Step::TooManyAliases { limit: EXPANSIONS };
        if !self.steps.contains(&step) {
            self.steps.push(step);
            self.excess = Some(Destination::Error {
                recipient: address.clone(),
                refusal: Refusal::too_many_aliases(address),
            });
        }
    }

    fn fail(&mut self, address: &Address, refusal: Refusal) {
        self.add(Destination::Error { recipient: address.clone(), refusal });
    }

    /// Adds a destination, unless another road has led there already.
    fn add(&mut self, new: Destination) {
        let is_same = |known: &Destination| match (known, &new) {
            (Destination::Mailbox { account: one, .. }, Destination::Mailbox { account: other, .. }) => {
                one == other
            }
            (Destination::Remote { recipient: one, .. }, Destination::Remote { recipient: other, .. }) => {
                one == other
            }
            (known, new) => known == new,
        };
        if !self.destinations.iter().any(is_same) {
            self.destinations.push(new);
        }
    }

    /// Mail to postmaster is never refused (RFC 5321 §4.5.1), however its aliases are set up.
    fn keep_standard_names(&mut self, address: &Address) {
        let Class::Local(domain) = self.routes.class(address.domain()) else { return };
        let name = address.local_part().to_lowercase();
        let is_standard = name == "root" || STANDARD_NAMES.iter().any(|(standard, _)| *standard == name);
        let was_delivered_before = self.steps.iter().any(|step| matches!(step, Step::DeliveredBefore { .. }));
        let is_lost = self.destinations.iter().all(|found| matches!(found, Destination::Error { .. }));
        if is_standard && is_lost && !was_delivered_before {
            self.excess = None;
            self.destinations.clear();
            self.first_account(address, &domain);
        }
    }

    fn finish(mut self, address: &Address) -> Resolution {
        // Delivering to a part would be worse than to none: this refuses for now, until the aliases are put right.
        if let Some(excess) = self.excess.take() {
            self.destinations = vec![excess];
        }
        if self.destinations.is_empty() {
            let refusal = match &self.looped {
                Some(chain) => Refusal::alias_loop(chain),
                // Aliases without a usable target.
                None => Refusal::user_unknown(address),
            };
            self.fail(address, refusal);
        }
        Resolution { destinations: self.destinations, steps: self.steps }
    }
}

fn list(targets: &[Target]) -> String {
    targets.iter().map(Target::to_string).collect::<Vec<_>>().join(", ")
}
