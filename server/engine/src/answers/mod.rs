//! The answers to the API: each command in one place, the work of each subject in its own file.

mod accounts;
mod config;
pub(crate) mod mail;
mod outward;
mod overview;
mod postfix;
pub(crate) mod queue;
mod relay;
mod routing;
mod settings;
mod setup;
mod storage;
mod suppression;
mod tls;
mod zones;

use std::time::Duration;

use async_trait::async_trait;
use postigo_api::*;

use crate::engine::Engine;
use crate::errors::{self, blocking};

/// How long an answer waits for what was said before the question to be written.
const SETTLED: Duration = Duration::from_secs(2);

pub(crate) use settings::check as check_settings;
pub(crate) use setup::write as set_up;
pub(crate) use storage::explain as explain_mailbox_file;

#[async_trait]
impl Handler for Engine {
    async fn server_status(&self, _: Nothing) -> Result<ServerStatus, Error> {
        Ok(self.0.status().await)
    }

    async fn server_start(&self, _: Nothing) -> Result<ServerStatus, Error> {
        self.start().await?;
        Ok(self.0.status().await)
    }

    async fn server_stop(&self, _: Nothing) -> Result<ServerStatus, Error> {
        self.stop().await;
        Ok(self.0.status().await)
    }

    async fn server_reload(&self, _: Nothing) -> Result<ServerStatus, Error> {
        self.reload().await?;
        self.0.feed.say(Event::Settings);
        self.0.say_status().await;
        Ok(self.0.status().await)
    }

    async fn setup_facts(&self, _: Nothing) -> Result<SetupFacts, Error> {
        setup::facts(&self.0).await
    }

    async fn setup_check(&self, check: SetupCheck) -> Result<SetupVerdict, Error> {
        Ok(setup::verdict(&self.0, &check).await)
    }

    async fn setup_plan(&self, setup: Setup) -> Result<SetupPlan, Error> {
        setup::plan(&self.0, setup).await
    }

    async fn setup_relay(&self, relay: RelayTry) -> Result<RelayTested, Error> {
        setup::relay(&self.0, relay).await
    }

    async fn setup_port25(&self, question: Port25Question) -> Result<Port25, Error> {
        setup::port25(&self.0, &question).await
    }

    async fn setup_records(&self, question: RecordsQuestion) -> Result<Vec<ProposedRecord>, Error> {
        setup::records(&question)
    }

    async fn setup_ports(&self, wish: PortWish) -> Result<Vec<PortChoice>, Error> {
        setup::ports(&self.0, wish).await
    }

    async fn setup_apply(&self, setup: Setup) -> Result<ServerStatus, Error> {
        setup::apply(self, setup).await
    }

    async fn setup_test(&self, message: TestMessage) -> Result<TestResult, Error> {
        setup::test(&self.0, message).await
    }

    async fn overview(&self, _: Nothing) -> Result<Overview, Error> {
        overview::answer(&self.0).await
    }

    async fn account_list(&self, _: Nothing) -> Result<Vec<Account>, Error> {
        accounts::list(&self.0).await
    }

    async fn account_get(&self, account: AccountRef) -> Result<AccountDetail, Error> {
        accounts::get(&self.0, account).await
    }

    async fn account_add(&self, new: NewAccount) -> Result<Account, Error> {
        accounts::add(&self.0, new).await
    }

    async fn account_update(&self, update: AccountUpdate) -> Result<Account, Error> {
        accounts::update(&self.0, update).await
    }

    async fn account_password(&self, password: AccountPassword) -> Result<Nothing, Error> {
        accounts::password(&self.0, password).await
    }

    async fn account_delete(&self, delete: AccountDelete) -> Result<AccountDeleted, Error> {
        accounts::delete(&self.0, delete).await
    }

    async fn account_system_users(&self, _: Nothing) -> Result<SystemUsers, Error> {
        storage::users(&self.0).await
    }

    async fn log_list(&self, query: LogQuery) -> Result<LogPage, Error> {
        let (trace, host) = (self.0.trace.clone(), self.0.host());
        blocking(move || {
            // Who asks for the log after doing something wants to see that in it.
            trace.flush(SETTLED);
            trace.log(&query, &host).map_err(|e| errors::trace(&e))
        })
        .await
    }

    async fn log_export(&self, filter: LogFilter) -> Result<TextFile, Error> {
        overview::export_log(&self.0, filter).await
    }

    async fn session_list(&self, query: SessionQuery) -> Result<SessionPage, Error> {
        let trace = self.0.trace.clone();
        blocking(move || trace.sessions(&query).map_err(|e| errors::trace(&e))).await
    }

    async fn session_get(&self, session: SessionRef) -> Result<SessionDetail, Error> {
        let trace = self.0.trace.clone();
        let found = blocking(move || {
            let read = || trace.session_detail(session.id, session.from_line).map_err(|e| errors::trace(&e));
            // One that ended a moment ago is not open any more, and not written yet.
            match read()? {
                Some(found) => Ok(Some(found)),
                None => {
                    trace.flush(SETTLED);
                    read()
                }
            }
        });
        found.await?.ok_or_else(|| {
            Error::new(Code::SessionUnknown, format!("There is no session {}", session.id))
                .with("id", session.id)
        })
    }

    async fn journey_get(&self, journey: JourneyRef) -> Result<Journey, Error> {
        self.0.journey(journey.queue_id).await
    }

    async fn tls_status(&self, _: Nothing) -> Result<TlsStatus, Error> {
        tls::status(&self.0).await
    }

    async fn tls_authority(&self, _: Nothing) -> Result<TextFile, Error> {
        tls::authority(&self.0)
    }

    async fn settings_get(&self, _: Nothing) -> Result<Settings, Error> {
        settings::get(&self.0)
    }

    async fn settings_set(&self, patch: SettingsPatch) -> Result<Settings, Error> {
        settings::set(&self.0, patch).await
    }

    async fn config_list(&self, _: Nothing) -> Result<Vec<ConfigEntry>, Error> {
        config::list(&self.0)
    }

    async fn config_set(&self, set: ConfigSet) -> Result<ConfigEntry, Error> {
        config::set(&self.0, set).await
    }

    async fn postfix_import(&self, import: PostfixImport) -> Result<PostfixImported, Error> {
        postfix::import(&self.0, import).await
    }

    async fn postfix_export(&self, export: PostfixExport) -> Result<PostfixFiles, Error> {
        postfix::export(&self.0, export).await
    }

    async fn queue_list(&self, query: QueueQuery) -> Result<QueuePage, Error> {
        queue::list(&self.0, query).await
    }

    async fn queue_get(&self, message: QueueRef) -> Result<QueueMessage, Error> {
        queue::get(&self.0, message.queue_id).await
    }

    async fn queue_act(&self, act: QueueAct) -> Result<QueueActed, Error> {
        queue::act(&self.0, act).await
    }

    async fn queue_edit(&self, edit: QueueEdit) -> Result<QueueMessage, Error> {
        queue::edit(&self.0, edit).await
    }

    async fn suppression_list(&self, query: SuppressionQuery) -> Result<SuppressionPage, Error> {
        suppression::list(&self.0, query).await
    }

    async fn suppression_add(&self, new: NewSuppression) -> Result<Suppression, Error> {
        suppression::add(&self.0, new).await
    }

    async fn suppression_remove(&self, suppression: SuppressionRef) -> Result<Nothing, Error> {
        suppression::remove(&self.0, suppression.address).await
    }

    async fn route_explain(&self, question: RouteQuestion) -> Result<RouteExplanation, Error> {
        routing::explain(&self.0, &question).await
    }

    async fn relay_test(&self, test: RelayTest) -> Result<RelayTested, Error> {
        relay::test(&self.0, test).await
    }

    async fn relay_password(&self, password: RelayPassword) -> Result<Nothing, Error> {
        relay::password(&self.0, password).await
    }

    async fn alias_list(&self, _: Nothing) -> Result<Vec<Alias>, Error> {
        Ok(routing::aliases(&self.0))
    }

    async fn alias_set(&self, alias: Alias) -> Result<Nothing, Error> {
        routing::set_alias(&self.0, alias).await
    }

    async fn alias_remove(&self, alias: AliasRef) -> Result<Nothing, Error> {
        routing::remove_alias(&self.0, alias.name).await
    }

    async fn alias_import(&self, file: AliasImport) -> Result<AliasImported, Error> {
        routing::import_aliases(&self.0, &file.text).await
    }

    async fn forward_list(&self, _: Nothing) -> Result<Vec<Forward>, Error> {
        Ok(routing::forwards(&self.0))
    }

    async fn forward_set(&self, forward: Forward) -> Result<Nothing, Error> {
        routing::set_forward(&self.0, forward).await
    }

    async fn zone_list(&self, _: Nothing) -> Result<Vec<ZoneRow>, Error> {
        zones::list(&self.0).await
    }

    async fn zone_get(&self, zone: ZoneRef) -> Result<Zone, Error> {
        zones::get(&self.0, &zone.origin).await
    }

    async fn zone_set(&self, zone: ZoneText) -> Result<Zone, Error> {
        zones::set(&self.0, zone).await
    }

    async fn zone_add(&self, edit: ZoneEdit) -> Result<Zone, Error> {
        zones::add(&self.0, edit).await
    }

    async fn zone_remove(&self, edit: ZoneEdit) -> Result<Zone, Error> {
        zones::remove(&self.0, edit).await
    }

    async fn zone_delete(&self, zone: ZoneRef) -> Result<Nothing, Error> {
        zones::delete(&self.0, &zone.origin).await
    }

    async fn dns_query(&self, question: DnsQuestion) -> Result<DnsAnswer, Error> {
        zones::query(&self.0, question).await
    }

    async fn mail_accounts(&self, _: Nothing) -> Result<Vec<MailAccount>, Error> {
        self.0.mail.accounts(&self.0).await
    }

    async fn mail_account_add(&self, account: ExternalAccount) -> Result<MailAccount, Error> {
        self.0.mail.add(&self.0, account).await
    }

    async fn mail_account_remove(&self, account: MailAccountRef) -> Result<Nothing, Error> {
        self.0.mail.remove(&account.account)
    }

    async fn mail_folders(&self, account: MailAccountRef) -> Result<Vec<Folder>, Error> {
        self.0.mail.client().folders(account).await
    }

    async fn mail_folder_create(&self, folder: FolderRef) -> Result<Nothing, Error> {
        self.0.mail.client().folder_create(folder).await
    }

    async fn mail_folder_rename(&self, rename: FolderRename) -> Result<Nothing, Error> {
        self.0.mail.client().folder_rename(rename).await
    }

    async fn mail_folder_delete(&self, folder: FolderRef) -> Result<Nothing, Error> {
        self.0.mail.client().folder_delete(folder).await
    }

    async fn mail_list(&self, query: MessageQuery) -> Result<MessagePage, Error> {
        self.0.mail.client().list(query).await
    }

    async fn mail_message(&self, message: MessageRef) -> Result<Message, Error> {
        self.0.mail.client().message(message).await
    }

    async fn mail_html(&self, html: MessageHtmlRef) -> Result<MessageHtml, Error> {
        self.0.mail.client().html(html).await
    }

    async fn mail_source(&self, source: MessageSourceRef) -> Result<MessageSource, Error> {
        self.0.mail.client().source(source).await
    }

    async fn mail_part(&self, part: MessagePartRef) -> Result<File, Error> {
        self.0.mail.client().part(part).await
    }

    async fn mail_flag(&self, change: FlagChange) -> Result<Nothing, Error> {
        self.0.mail.client().flag(change).await
    }

    async fn mail_move(&self, messages: MessageMove) -> Result<Moved, Error> {
        self.0.mail.client().move_messages(messages).await
    }

    async fn mail_delete(&self, messages: MessageRefs) -> Result<Moved, Error> {
        self.0.mail.client().delete(messages).await
    }

    async fn mail_compose(&self, compose: Compose) -> Result<Draft, Error> {
        self.0.mail.client().compose(compose).await
    }

    async fn mail_send(&self, outgoing: Outgoing) -> Result<Sent, Error> {
        self.0.mail.client().send(outgoing).await
    }

    async fn mail_draft_save(&self, outgoing: Outgoing) -> Result<SavedDraft, Error> {
        self.0.mail.client().draft_save(outgoing).await
    }

    async fn mail_route(&self, query: RouteQuery) -> Result<Vec<RouteAnswer>, Error> {
        mail::route(&self.0, query)
    }

    async fn mail_journey(&self, message: MessageRef) -> Result<Journey, Error> {
        let message = self.0.mail.client().message(message).await?;
        match message.queue_id {
            Some(id) => self.0.journey(id).await,
            None => Err(Error::new(Code::JourneyUnknown, "This message did not come through this server")),
        }
    }

    async fn mail_watch(&self, folder: FolderRef) -> Result<Nothing, Error> {
        self.0.mail.client().watch(folder).await
    }
}
