//! Where a click may lead: the page stays in its window, and addresses of the world open in the user's own programs.

use tauri::{AppHandle, Url};
use tauri_plugin_opener::OpenerExt;

use crate::frame;

/// Hosts that the window library gives to our schemes on Windows.
const OWN_HOSTS: [&str; 2] = ["tauri.localhost", "mail.localhost"];

/// Whether the window, or a frame in it, may show this address.
pub fn is_own(url: &Url, dev_url: Option<&Url>) -> bool {
    match url.scheme() {
        "tauri" | frame::SCHEME => true,
        "about" => url.path() == "blank" || url.path() == "srcdoc",
        "http" | "https" => {
            url.host_str().is_some_and(|host| OWN_HOSTS.contains(&host))
                || dev_url.is_some_and(|dev_url| dev_url.origin() == url.origin())
        }
        _ => false,
    }
}

/// Whether another program may be asked to open this address. Schemes such as `file:` or those of installed programs
/// are not for a message to use.
fn is_for_outside(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https" | "mailto")
}

/// Opens an address that the user clicked, in the program the system has for it.
pub fn open_outside(app: &AppHandle, url: &Url) {
    let dev_url = if cfg!(debug_assertions) { app.config().build.dev_url.as_ref() } else { None };
    if !is_for_outside(url) || is_own(url, dev_url) {
        return;
    }
    if let Err(failure) = app.opener().open_url(url.as_str(), None::<&str>) {
        tracing::warn!(%failure, "a link could not be opened");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_only_what_is_ours() {
        let dev_url = Url::parse("http://127.0.0.1:5173/").unwrap();
        let rows = [
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/", true),
            ("mail://localhost/message?uid=7", true),
            ("http://mail.localhost/message?uid=7", true),
            ("about:blank", true),
            ("http://127.0.0.1:5173/src/main.ts", true),
            ("http://127.0.0.1:5174/", false),
            ("https://lab.test/", false),
            ("http://mail.localhost.lab.test/", false),
            ("data:text/html,x", false),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
        ];
        for (address, expected) in rows {
            assert_eq!(is_own(&Url::parse(address).unwrap(), Some(&dev_url)), expected, "{address}");
        }
        assert!(!is_own(&dev_url, None));
    }

    #[test]
    fn only_web_and_mail_addresses_leave_the_window() {
        for (address, expected) in [
            ("https://lab.test/", true),
            ("http://lab.test/", true),
            ("mailto:ana@lab.test", true),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            ("smb://lab.test/share", false),
        ] {
            assert_eq!(is_for_outside(&Url::parse(address).unwrap()), expected, "{address}");
        }
    }
}
