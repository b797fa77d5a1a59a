//! The one list of commands. Everything else about them is made from it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::*;

/// For commands that take nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident $function:ident $id:literal: $params:ty => $reply:ty;)*) => {
        /// A command with its parameters, as JSON `{"method": "...", "params": {...}}`.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(tag = "method", content = "params")]
        pub enum Request { $($(#[$doc])* #[serde(rename = $id)] $variant($params),)* }

        /// What answers the commands: the engine, or a connection to one.
        #[async_trait]
        pub trait Handler: Send + Sync {
            $($(#[$doc])* async fn $function(&self, params: $params) -> Result<$reply, Error>;)*
        }

        impl Request {
            /// The stable name, e.g. `server.status`.
            pub const fn method(&self) -> &'static str {
                match self { $(Self::$variant(_) => $id,)* }
            }

            /// Asks `handler` and gives its reply as JSON.
            pub async fn answer(self, handler: &dyn Handler) -> Result<serde_json::Value, Error> {
                match self {
                    $(Self::$variant(params) => json(handler.$function(params).await?),)*
                }
            }
        }

        /// A type that can carry a request to a [`Handler`] elsewhere: it gets every command from this one function.
        #[async_trait]
        pub trait Carrier: Send + Sync {
            /// Carries the request there and the reply back.
            async fn carry(&self, request: Request) -> Result<serde_json::Value, Error>;
        }

        #[async_trait]
        impl<C: Carrier> Handler for C {
            $(async fn $function(&self, params: $params) -> Result<$reply, Error> {
                unjson(self.carry(Request::$variant(params)).await?)
            })*
        }

        pub(crate) fn visit_commands(visit: &mut impl CommandVisitor) {
            $(visit.command::<$params, $reply>($id);)*
        }
    };
}

pub(crate) trait CommandVisitor {
    fn command<P: TS + 'static, R: TS + 'static>(&mut self, id: &str);
}

fn json(reply: impl Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(reply)
        .map_err(|e| Error::new(Code::Internal, "The reply cannot be written").with("detail", e))
}

fn unjson<R: serde::de::DeserializeOwned>(reply: serde_json::Value) -> Result<R, Error> {
    serde_json::from_value(reply)
        .map_err(|e| Error::new(Code::Internal, "The reply is not the one of this version").with("detail", e))
}

commands! {
    /// What is running here, and whether it was ever set up.
    ServerStatus server_status "server.status": Nothing => ServerStatus;
    /// Opens the listeners.
    ServerStart server_start "server.start": Nothing => ServerStatus;
    /// Closes the listeners and ends the sessions, politely at first.
    ServerStop server_stop "server.stop": Nothing => ServerStatus;
    /// Reads the configuration file again.
    ServerReload server_reload "server.reload": Nothing => ServerStatus;

    /// The addresses of this computer, and how mail comes and goes now.
    SetupFacts setup_facts "setup.facts": Nothing => SetupFacts;
    /// Which entries can be used, and why not. Asks no other computer.
    SetupCheck setup_check "setup.check": SetupCheck => SetupVerdict;
    /// Which ports a server would get now. Opens nothing.
    SetupPorts setup_ports "setup.ports": PortWish => Vec<PortChoice>;
    /// The settings that [`Self::SetupApply`] would write. Writes nothing.
    SetupPlan setup_plan "setup.plan": Setup => SetupPlan;
    /// Connects to a relay host, encrypts and logs in, as mail would. Sends nothing, and needs no server that runs.
    SetupRelay setup_relay "setup.relay": RelayTry => RelayTested;
    /// Whether port 25 is open on the way out, tried at the mail hosts of a domain.
    SetupPort25 setup_port25 "setup.port25": Port25Question => Port25;
    /// DNS records to publish.
    SetupRecords setup_records "setup.records": RecordsQuestion => Vec<ProposedRecord>;
    /// Writes a configuration with its accounts and starts the server. Never overwrites mail or accounts: run again, it
    /// changes what was asked for and adds who is missing.
    SetupApply setup_apply "setup.apply": Setup => ServerStatus;
    /// Sends a real message between two accounts over the submission port.
    SetupTest setup_test "setup.test": TestMessage => TestResult;

    /// The figures and what needs attention.
    Overview overview "overview": Nothing => Overview;

    /// All accounts of this server.
    AccountList account_list "account.list": Nothing => Vec<Account>;
    /// One account with its folders and open sessions.
    AccountGet account_get "account.get": AccountRef => AccountDetail;
    /// Adds an account.
    AccountAdd account_add "account.add": NewAccount => Account;
    /// Changes the display name, whether the account may be used, or where its mail lies.
    AccountUpdate account_update "account.update": AccountUpdate => Account;
    /// Sets a new password.
    AccountPassword account_password "account.password": AccountPassword => Nothing;
    /// Deletes an account, with or without its mail.
    AccountDelete account_delete "account.delete": AccountDelete => AccountDeleted;
    /// The users of the system whose mail could lie where their own programs look for it.
    AccountSystemUsers account_system_users "account.system_users": Nothing => SystemUsers;

    /// Lines of the log, newest last.
    LogList log_list "log.list": LogQuery => LogPage;
    /// The matching lines as one text in the format of Postfix.
    LogExport log_export "log.export": LogFilter => TextFile;
    /// Sessions, newest first.
    SessionList session_list "session.list": SessionQuery => SessionPage;
    /// One session with its transcript.
    SessionGet session_get "session.get": SessionRef => SessionDetail;
    /// How a message travelled.
    JourneyGet journey_get "journey.get": JourneyRef => Journey;

    /// The certificates, and what each listener offers.
    TlsStatus tls_status "tls.status": Nothing => TlsStatus;
    /// The certificate of the local authority, for clients to trust.
    TlsAuthority tls_authority "tls.authority": Nothing => TextFile;

    /// All settings, with their defaults.
    SettingsGet settings_get "settings.get": Nothing => Settings;
    /// Changes settings; they apply at once.
    SettingsSet settings_set "settings.set": SettingsPatch => Settings;

    /// All settings by name, as text.
    ConfigList config_list "config.list": Nothing => Vec<ConfigEntry>;
    /// Changes one setting by name; it applies at once.
    ConfigSet config_set "config.set": ConfigSet => ConfigEntry;
    /// Takes over files of Postfix, or says what that would change.
    PostfixImport postfix_import "postfix.import": PostfixImport => PostfixImported;
    /// The settings as files of Postfix and Dovecot.
    PostfixExport postfix_export "postfix.export": PostfixExport => PostfixFiles;

    /// Messages of the queue.
    QueueList queue_list "queue.list": QueueQuery => QueuePage;
    /// One message of the queue.
    QueueGet queue_get "queue.get": QueueRef => QueueMessage;
    /// Does something with messages of the queue.
    QueueAct queue_act "queue.act": QueueAct => QueueActed;
    /// Gives a recipient another address, and tries it.
    QueueEdit queue_edit "queue.edit": QueueEdit => QueueMessage;

    /// Addresses to which nothing is sent.
    SuppressionList suppression_list "suppression.list": SuppressionQuery => SuppressionPage;
    /// Sends nothing to an address any more.
    SuppressionAdd suppression_add "suppression.add": NewSuppression => Suppression;
    /// Sends to an address again.
    SuppressionRemove suppression_remove "suppression.remove": SuppressionRef => Nothing;

    /// What would happen to a message, without sending it.
    RouteExplain route_explain "route.explain": RouteQuestion => RouteExplanation;
    /// Tries a relay host without sending anything.
    RelayTest relay_test "relay.test": RelayTest => RelayTested;
    /// Keeps the password of the relay host.
    RelayPassword relay_password "relay.password": RelayPassword => Nothing;
    /// All aliases.
    AliasList alias_list "alias.list": Nothing => Vec<Alias>;
    /// Makes an alias, or changes whom it stands for.
    AliasSet alias_set "alias.set": Alias => Nothing;
    /// Removes an alias.
    AliasRemove alias_remove "alias.remove": AliasRef => Nothing;
    /// Takes the aliases of a file.
    AliasImport alias_import "alias.import": AliasImport => AliasImported;
    /// All accounts that forward.
    ForwardList forward_list "forward.list": Nothing => Vec<Forward>;
    /// Says where an account's mail goes.
    ForwardSet forward_set "forward.set": Forward => Nothing;

    /// The zones of the name server here.
    ZoneList zone_list "zone.list": Nothing => Vec<ZoneRow>;
    /// One zone.
    ZoneGet zone_get "zone.get": ZoneRef => Zone;
    /// Makes or replaces a zone.
    ZoneSet zone_set "zone.set": ZoneText => Zone;
    /// Adds a record to a zone, which it makes when there is none.
    ZoneAdd zone_add "zone.add": ZoneEdit => Zone;
    /// Takes a record away.
    ZoneRemove zone_remove "zone.remove": ZoneEdit => Zone;
    /// Deletes a zone.
    ZoneDelete zone_delete "zone.delete": ZoneRef => Nothing;
    /// Asks a name server as the server does when it delivers.
    DnsQuery dns_query "dns.query": DnsQuestion => DnsAnswer;

    /// The accounts the built-in client can open.
    MailAccounts mail_accounts "mail.accounts": Nothing => Vec<MailAccount>;
    /// Adds an account of another server, after trying it.
    MailAccountAdd mail_account_add "mail.account_add": ExternalAccount => MailAccount;
    /// Forgets an account of another server.
    MailAccountRemove mail_account_remove "mail.account_remove": MailAccountRef => Nothing;
    /// The folders of an account.
    MailFolders mail_folders "mail.folders": MailAccountRef => Vec<Folder>;
    /// Creates a folder.
    MailFolderCreate mail_folder_create "mail.folder_create": FolderRef => Nothing;
    /// Renames a folder.
    MailFolderRename mail_folder_rename "mail.folder_rename": FolderRename => Nothing;
    /// Deletes a folder with its messages.
    MailFolderDelete mail_folder_delete "mail.folder_delete": FolderRef => Nothing;
    /// Messages of a folder, newest first.
    MailList mail_list "mail.list": MessageQuery => MessagePage;
    /// One message, parsed.
    MailMessage mail_message "mail.message": MessageRef => Message;
    /// The HTML of a message, made safe, with the policy under which it may be shown.
    MailHtml mail_html "mail.html": MessageHtmlRef => MessageHtml;
    /// The message as it came over the wire, in pieces.
    MailSource mail_source "mail.source": MessageSourceRef => MessageSource;
    /// One part of a message, decoded, or the whole message.
    MailPart mail_part "mail.part": MessagePartRef => File;
    /// Adds and removes flags.
    MailFlag mail_flag "mail.flag": FlagChange => Nothing;
    /// Moves messages to another folder.
    MailMove mail_move "mail.move": MessageMove => Moved;
    /// Moves messages to the trash; those that lie there already are gone for good.
    MailDelete mail_delete "mail.delete": MessageRefs => Moved;
    /// A draft to begin with: empty, a reply, a forward, or one saved earlier.
    MailCompose mail_compose "mail.compose": Compose => Draft;
    /// Sends a message over the submission port, and files it under Sent.
    MailSend mail_send "mail.send": Outgoing => Sent;
    /// Keeps an unfinished message under Drafts.
    MailDraftSave mail_draft_save "mail.draft_save": Outgoing => SavedDraft;
    /// Where mail to these addresses would go.
    MailRoute mail_route "mail.route": RouteQuery => Vec<RouteAnswer>;
    /// How a message came to lie in this folder.
    MailJourney mail_journey "mail.journey": MessageRef => Journey;
    /// Says that a folder is being looked at: its changes come as events for the next two minutes.
    MailWatch mail_watch "mail.watch": FolderRef => Nothing;
}
