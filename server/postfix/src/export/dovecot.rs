//! `dovecot.conf` for Dovecot 2.3.

use super::{Writing, one_line};

impl Writing<'_> {
    /// IMAP over the same Maildirs, and logins for Postfix.
    pub(super) fn dovecot_conf(&self) -> String {
        let listen = one_line(&self.settings.listen);
        let mut text = self.note(
            "IMAP over the mailboxes of Postigo, for Dovecot 2.3. Stop Postigo before you start this on the same mailboxes.",
            "IMAP sobre los buzones de Postigo, para Dovecot 2.3. Detén Postigo antes de arrancar esto sobre los mismos buzones.",
        );
        text.push_str(&format!("protocols = imap\nlisten = {listen}\n"));
        text.push_str("mail_location = maildir:~/Maildir\nfirst_valid_uid = 5000\n");
        text.push_str("# myhostname\n");
        text.push_str(&format!("hostname = {}\n", one_line(&self.settings.host)));
        text.push_str("namespace inbox {\n  inbox = yes\n  separator = /\n}\n");
        text.push_str(&self.note(
            "People and passwords: write the passwords into this file, they are not exported.",
            "Personas y contraseñas: escribe las contraseñas en este fichero; no se exportan.",
        ));
        let users = format!("{}/dovecot-users", one_line(self.folder));
        text.push_str("auth_mechanisms = plain login\ndisable_plaintext_auth = yes\n");
        text.push_str(&format!(
            "passdb {{\n  driver = passwd-file\n  args = scheme=CRYPT username_format=%u {users}\n}}\n"
        ));
        text.push_str(&format!(
            "userdb {{\n  driver = passwd-file\n  args = username_format=%u {users}\n}}\n"
        ));
        text.push_str(&self.note(
            "The socket where Postfix asks about logins (smtpd_sasl_path).",
            "El socket donde Postfix pregunta por los accesos (smtpd_sasl_path).",
        ));
        text.push_str("service auth {\n  unix_listener /var/spool/postfix/private/auth {\n    mode = 0660\n    user = postfix\n    group = postfix\n  }\n}\n");
        text.push_str("service imap-login {\n");
        for (name, port, tls) in
            [("imap", self.port(143, 2_143), ""), ("imaps", self.port(993, 2_993), "    ssl = yes\n")]
        {
            // Port 0 switches a listener off.
            text.push_str(&format!(
                "  inet_listener {name} {{\n    port = {}\n{tls}  }}\n",
                port.unwrap_or(0)
            ));
        }
        text.push_str("}\n");
        text + &self.dovecot_tls()
    }

    fn dovecot_tls(&self) -> String {
        match (&self.settings.certificate_path, &self.settings.key_path) {
            (Some(certificate), Some(key)) => {
                format!("ssl = yes\nssl_cert = <{}\nssl_key = <{}\n", one_line(certificate), one_line(key))
            }
            _ => {
                self.note(
                    "Postigo's certificate comes from its own authority. For Dovecot, name a certificate and its key, and set ssl = yes:\nssl_cert = </path/cert.pem\nssl_key = </path/key.pem",
                    "El certificado de Postigo es de su propia autoridad. Para Dovecot, indica un certificado y su clave, y pon ssl = yes:\nssl_cert = </ruta/cert.pem\nssl_key = </ruta/clave.pem",
                ) + "ssl = no\n"
            }
        }
    }
}
