//! Tables as plain text (texthash), and the file of Dovecot's users.

use super::{Writing, one_line};
use crate::Files;

impl Writing<'_> {
    /// All tables; an empty one holds its heading only.
    pub(super) fn tables(&self) -> Files {
        let flow = &self.settings.flow;
        let files = [
            ("virtual", self.virtual_aliases()),
            ("forwards", self.forwards()),
            (
                "transport",
                self.table(
                    "Where mail for some domains goes (transport(5)).",
                    "Adónde va el correo de algunos dominios (transport(5)).",
                    flow.transports.iter().map(|m| (m.key.clone(), m.value.clone())),
                ),
            ),
            (
                "relay_recipients",
                self.table(
                    "Who exists in the domains that mail is passed on to.",
                    "Quién existe en los dominios a los que se reenvía el correo.",
                    flow.relay_recipients.iter().map(|key| (key.clone(), "OK".to_owned())),
                ),
            ),
            (
                "sender_relay",
                self.table(
                    "Relay hosts that depend on the sender.",
                    "Servidores de salida según el remitente.",
                    flow.sender_relayhosts.iter().map(|m| (m.key.clone(), m.value.clone())),
                ),
            ),
            (
                "mailboxes",
                self.table(
                    "The mailboxes: a path that ends in / is a Maildir.",
                    "Los buzones: una ruta que acaba en / es un Maildir.",
                    self.people.iter().map(|p| (p.address.clone(), format!("{}/", relative(&p.maildir)))),
                ),
            ),
            ("sasl_passwd", self.sasl_passwd()),
            ("dovecot-users", self.dovecot_users()),
        ];
        files.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
    }

    fn table(&self, en: &str, es: &str, rows: impl Iterator<Item = (String, String)>) -> String {
        let mut text = self.note(en, es);
        for (key, value) in rows {
            let (key, value) = (one_line(&key), one_line(&value));
            // Such a row would be read as another one, or not at all.
            if key.is_empty() || value.is_empty() || key.starts_with('#') || key.contains(char::is_whitespace)
            {
                let sentence =
                    self.say("This row cannot be written in a table", "Esta fila no cabe en una tabla");
                text.push_str(&format!("# {sentence}: {key} {value}\n"));
            } else {
                text.push_str(&format!("{key}\t{value}\n"));
            }
        }
        text
    }

    /// Aliases. A catch-all in Postfix also catches those who exist, unless they lead to themselves.
    fn virtual_aliases(&self) -> String {
        let caught = |address: &str| {
            let domain = address.rsplit('@').next().unwrap_or_default();
            self.aliases
                .iter()
                .any(|a| a.name.strip_prefix('@').is_some_and(|d| d.eq_ignore_ascii_case(domain)))
                && !self.aliases.iter().any(|a| a.name.eq_ignore_ascii_case(address))
                && !self
                    .forwards
                    .iter()
                    .any(|f| f.account.eq_ignore_ascii_case(address) && !f.targets.is_empty())
        };
        let people = self.people.iter().filter(|p| caught(&p.address));
        let identities = people.map(|p| (p.address.clone(), p.address.clone()));
        let aliases = self.aliases.iter().map(|a| (a.name.clone(), a.targets.join(", ")));
        self.table(
            "Aliases: a name counts in every domain of mydestination, user@domain and @domain in that one.",
            "Alias: un nombre vale en todos los dominios de mydestination; usuario@dominio y @dominio, solo en ese.",
            aliases.chain(identities),
        )
    }

    fn forwards(&self) -> String {
        let rows = self.forwards.iter().filter(|f| !f.targets.is_empty()).map(|forward| {
            let mut targets = forward.targets.clone();
            if forward.keep_copy {
                targets.insert(0, forward.account.clone());
            }
            (forward.account.clone(), targets.join(", "))
        });
        self.table(
            "Forwards of people; whoever keeps a copy is among the targets.",
            "Reenvíos de las personas; quien conserva una copia figura entre los destinos.",
            rows,
        )
    }

    fn sasl_passwd(&self) -> String {
        let flow = &self.settings.flow;
        let wanted = !flow.relayhost.is_empty() && !flow.relayhost_user.is_empty();
        let row = wanted.then(|| (flow.relayhost.clone(), format!("{}:", flow.relayhost_user)));
        self.table(
            "The login at the relay host. Write the password behind the colon, and let only root read this file (chmod 600).",
            "El usuario en el servidor de salida. Escribe la contraseña tras los dos puntos, y que solo root lea este fichero (chmod 600).",
            row.into_iter(),
        )
    }

    fn dovecot_users(&self) -> String {
        let mut text = self.note(
            "user:password:uid:gid::home. Passwords are not exported: make each with `doveadm pw` and write it in place of the !.\nNobody can log in until then.",
            "usuario:contraseña:uid:gid::carpeta. Las contraseñas no se exportan: genera cada una con `doveadm pw` y escríbela en lugar de !.\nHasta entonces nadie puede entrar.",
        );
        for person in self.people {
            let home = one_line(&person.maildir);
            let home = home.trim_end_matches('/').trim_end_matches("/Maildir");
            let user = one_line(&person.address);
            if user.contains(':') || home.contains(':') {
                continue;
            }
            text.push_str(&format!("{user}:!:5000:5000::{home}\n"));
        }
        text
    }
}

/// A path behind `virtual_mailbox_base = /`.
fn relative(path: &str) -> &str {
    path.trim_matches('/')
}
