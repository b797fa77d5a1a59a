//! The straight road through the user interface, the same in the window and in a browser.

use super::{Page, Words};

/// What luis answers to the message of the wizard.
const ANSWER: &str = "Recibido. 250 y sin perder nada.";

/// Somebody at a page, who reads one language.
#[derive(Debug)]
pub struct Visit<'a> {
    page: &'a Page,
    words: &'a Words,
}

impl<'a> Visit<'a> {
    /// Sits down at a page.
    pub fn new(page: &'a Page, words: &'a Words) -> Self {
        Self { page, words }
    }

    fn word(&self, key: &str) -> String {
        self.words.get(key)
    }

    async fn next(&self) {
        self.page.click("button", &self.word("wizard.next")).await;
    }

    /// The whole road: from the wizard to a message that is read and answered, and what can be seen of it.
    pub async fn road(&self) {
        self.wizard().await;
        self.read().await;
        self.reply().await;
        self.log().await;
        self.inside().await;
        self.overview().await;
    }

    /// All five screens, with what they propose, to the arrival of the first message.
    pub async fn wizard(&self) {
        self.wizard_to_ports().await;
        self.wizard_to_arrival().await;
    }

    /// The screens of the wizard until it shows the ports.
    pub async fn wizard_to_ports(&self) {
        let Self { page, words } = self;
        page.click("radio", &words.get(&format!("wizard.language.name.{}", words.language()))).await;
        page.find("heading", &self.word("wizard.language.title")).await;
        page.shot("wizard-1-language").await;
        self.next().await;
        page.find("heading", &self.word("wizard.purpose.title")).await;
        page.see(&self.word("wizard.purpose.classroom.missing")).await;
        page.shot("wizard-2-purpose").await;
        self.next().await;
        self.names().await;
        self.next().await;
        page.find("heading", &self.word("wizard.people.title")).await;
        page.see("ana@lab.test").await;
        page.see("luis@lab.test").await;
        page.shot("wizard-4-people").await;
        self.next().await;
        page.find("heading", &self.word("wizard.ports.title")).await;
        page.see("993").await;
        page.shot("wizard-5-ports").await;
    }

    /// From the ports to the arrival of the first message.
    pub async fn wizard_to_arrival(&self) {
        let Self { page, words } = self;
        page.click("button", &self.word("wizard.ports.go")).await;
        page.find("heading", &self.word("wizard.test.title.arrived")).await;
        for said in ["EHLO", "AUTH", "RCPT TO:<luis@lab.test>", "250 2.0.0"] {
            page.see(said).await;
        }
        page.see(&words.with("wizard.test.step.deliver", &[("to", "Luis")])).await;
        page.shot("wizard-6-arrived").await;
    }

    /// The third screen: a name that does not do is refused with the reason, and one cannot go on with it. Back leads back.
    async fn names(&self) {
        let Self { page, words } = self;
        page.find("heading", &self.word("wizard.domain.title")).await;
        let domain = self.word("wizard.domain.domain");
        assert_eq!(page.value(&domain).await, "lab.test");
        assert_eq!(page.value(&self.word("wizard.domain.host")).await, "mail.lab.test");
        page.fill(&domain, "casa.local").await;
        page.see(&words.with("error.domain.local", &[("better", "casa.test")])).await;
        page.shot("wizard-3-refused").await;
        self.next().await;
        page.find("heading", &self.word("wizard.domain.title")).await;
        page.fill(&domain, "lab.test").await;
        page.see(&self.word("wizard.domain.test")).await;
        page.click("button", &self.word("wizard.back")).await;
        page.find("heading", &self.word("wizard.purpose.title")).await;
        self.next().await;
        page.find("heading", &self.word("wizard.domain.title")).await;
        assert_eq!(page.value(&domain).await, "lab.test");
        page.shot("wizard-3-names").await;
    }

    /// From the wizard's end to luis's mail, where the message lies open, and how it travelled.
    pub async fn read(&self) {
        let Self { page, words } = self;
        page.click("button", &words.with("wizard.test.open", &[("to", "Luis")])).await;
        page.find("heading", &self.subject()).await;
        page.find("option", &self.subject()).await;
        let text = words.with("wizard.test.text", &[("from", "Ana"), ("to", "Luis")]);
        for paragraph in text.lines().filter(|line| !line.is_empty()) {
            page.see(paragraph).await;
        }
        page.shot("mail-1-message").await;
        page.click("tab", &self.word("mail.tab.journey")).await;
        page.see(&self.word("mail.journey.accepted")).await;
        page.see(&words.with("mail.journey.delivered", &[("recipient", "luis@lab.test")])).await;
        page.see("250 2.0.0").await;
        page.shot("mail-2-journey").await;
    }

    /// Luis answers, and ana finds the answer in her mail.
    pub async fn reply(&self) {
        let Self { page, words: _ } = self;
        page.click("button", &self.word("mail.action.reply")).await;
        let text = self.word("mail.field.text");
        page.find("textbox", &text).await;
        page.has_focus(&text).await;
        // The caret stands above what is quoted already.
        page.write(ANSWER).await;
        assert!(page.value(&text).await.starts_with(ANSWER));
        page.shot("mail-3-reply").await;
        page.click("button", &self.word("mail.compose.send")).await;
        page.see(&self.word("mail.sent.answered")).await;
        page.shot("mail-4-sent").await;
        if page.find("button", "ana@lab.test").await.attr("aria-expanded").await.unwrap().as_deref()
            == Some("false")
        {
            page.click("button", "ana@lab.test").await;
        }
        // The mark of the one that she has not read tells her folder from luis's.
        let inbox = format!("{} 1 {}", self.word("mail.folder.inbox"), self.word("mail.folder.unread"));
        page.click("link", &inbox).await;
        page.at("ana%40lab.test/INBOX").await;
        page.click("option", &format!("Re: {}", self.subject())).await;
        page.find("heading", &format!("Re: {}", self.subject())).await;
        page.click("tab", &self.word("mail.tab.message")).await;
        page.see(ANSWER).await;
        page.see("luis@lab.test").await;
        page.shot("mail-5-answer").await;
    }

    fn subject(&self) -> String {
        self.words.with("wizard.test.subject", &[("from", "Ana")])
    }

    /// What the log says of it, and what was said in a session.
    pub async fn log(&self) {
        let Self { page, words: _ } = self;
        self.go("shell.nav.log").await;
        page.find("heading", &self.word("sessions.title")).await;
        page.find("option", "status=sent (delivered to maildir)").await;
        page.find("option", "to=<ana@lab.test>").await;
        page.shot("log-1-live").await;
        page.click("option", "status=sent (delivered to maildir)").await;
        page.shot("log-2-line").await;
        page.click("tab", &self.word("sessions.tab.sessions")).await;
        page.find("option", &self.word("sessions.protocol.imap")).await;
        page.shot("log-3-sessions").await;
        page.click("option", &self.word("sessions.protocol.submission")).await;
        // What lies further down is drawn when one goes there.
        for said in ["EHLO", "STARTTLS", "AUTH PLAIN •••••••", "235 2.7.0"] {
            page.see(said).await;
        }
        page.shot("log-4-session").await;
    }

    /// Goes to a view by its name in the sidebar.
    pub async fn go(&self, view: &str) {
        self.page.click("link", &self.word(view)).await;
    }

    /// The mailboxes, and the certificates.
    pub async fn inside(&self) {
        let Self { page, words: _ } = self;
        self.go("shell.nav.tls").await;
        page.find("heading", &self.word("tls.chain")).await;
        page.see("Lab CA for lab.test").await;
        page.shot("tls").await;
        self.go("shell.nav.mailboxes").await;
        page.find("heading", &self.word("mailboxes.title")).await;
        page.see("ana@lab.test").await;
        page.see("luis@lab.test").await;
        page.shot("mailboxes").await;
    }

    /// The overview: what arrived, and how a program is connected.
    pub async fn overview(&self) {
        let Self { page, words: _ } = self;
        self.go("shell.nav.overview").await;
        page.find("heading", &self.word("overview.client")).await;
        page.see(&format!("Re: {}", self.subject())).await;
        page.see("mail.lab.test").await;
        page.shot("overview").await;
    }

    /// Chooses the language and the theme in the settings. What is on the screen changes while one looks.
    pub async fn change(&self, to: &Words, dark: bool) {
        let Self { page, words: _ } = self;
        self.go("shell.nav.settings").await;
        page.find("heading", &self.word("shell.nav.settings")).await;
        page.shot("settings-before").await;
        page.choose(&self.word("settings.language"), to.language()).await;
        page.find("heading", &to.get("shell.nav.settings")).await;
        page.find("link", &to.get("shell.nav.overview")).await;
        page.see_no_more(&self.word("settings.appearance")).await;
        let theme = if dark { "settings.theme.dark" } else { "settings.theme.light" };
        page.click("radio", &to.get(theme)).await;
        page.is_dark(dark).await;
        page.shot("settings-after").await;
        page.click("link", &to.get("shell.nav.overview")).await;
        page.find("heading", &to.get("overview.client")).await;
        page.shot("overview-after").await;
    }
}
