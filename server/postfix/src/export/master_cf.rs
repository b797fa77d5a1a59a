//! `master.cf`.

use super::Writing;

/// The services that Postfix runs for itself (master.cf of the distribution).
const INTERNAL: &str = "\
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
";

impl Writing<'_> {
    /// The services that listen, and Postfix's own.
    pub(super) fn master_cf(&self) -> String {
        let login = "  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n  \
                     -o smtpd_client_restrictions=$mua_client_restrictions\n  -o smtpd_helo_restrictions=$mua_helo_restrictions\n  \
                     -o smtpd_sender_restrictions=$mua_sender_restrictions\n  \
                     -o smtpd_recipient_restrictions=\n";
        let services = [
            (self.port(25, 2_525), "", "", "Mail from other servers.", "Correo de otros servidores."),
            (
                self.port(587, 2_587),
                "  -o smtpd_tls_security_level=encrypt\n",
                login,
                "People's programs, with STARTTLS and a password.",
                "Los programas de las personas, con STARTTLS y contraseña.",
            ),
            (
                self.port(465, 2_465),
                "  -o smtpd_tls_wrappermode=yes\n",
                login,
                "The same, with TLS from the first octet.",
                "Lo mismo, con TLS desde el primer octeto.",
            ),
        ];
        let mut text = String::new();
        for (port, tls, login, en, es) in services {
            text.push_str(&self.note(en, es));
            match port {
                Some(port) => text.push_str(&format!("{port} inet n - n - - smtpd\n{tls}{login}")),
                None => text.push_str(&self.note(
                    "The chosen base leads past the last port (65535).",
                    "La base elegida lleva más allá del último puerto (65535).",
                )),
            }
        }
        text.push_str(&self.note("What Postfix runs for itself.", "Lo que Postfix ejecuta para sí."));
        text + INTERNAL
    }
}
