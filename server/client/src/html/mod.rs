//! HTML mail made safe to show.
//!
//! Two walls: the document holds nothing that runs, submits or loads, and the policy it is served with forbids the same
//! again. Whoever shows it puts it into a frame of another origin besides.

mod cost;
mod pictures;
mod sanitize;
mod style;

use mail_parser::{html_to_text, text_to_html};
pub(crate) use pictures::Pictures;
use postigo_api::MessageHtml;

/// A message lies on white paper also where the application is dark: its author chose colours for that.
const STYLESHEET: &str = "html{background:#fff;color:#1a1a1a;color-scheme:light}\
body{margin:0;padding:16px;font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;\
overflow-wrap:break-word}\
img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}a{color:#0b57d0}\
blockquote{margin:0 0 0 4px;padding:0 0 0 12px;border-left:2px solid #c9ccd1;color:#555}\
img:not([src]){min-width:1em;min-height:1em;outline:1px dashed #c9ccd1}";

/// What the document may do where it is shown: nothing but show itself. A link may open a window of its own.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
sandbox allow-popups allow-popups-to-escape-sandbox; img-src data:";

/// The message as a whole document with its policy. With `remote` pictures on the network are kept and allowed.
pub(crate) fn document(source: &str, pictures: &Pictures, remote: bool) -> MessageHtml {
    let body = if cost::is_affordable(source) {
        sanitize::clean(source, pictures, remote).html
    } else {
        // Its text can still be read.
        text_to_html(&html_to_text(source))
    };
    let html = format!(
        "<!doctype html>\n<html><head><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title></title><style>{STYLESHEET}</style></head>\n\
         <body>{body}</body></html>\n"
    );
    let policy = if remote { format!("{POLICY} https: http:") } else { POLICY.to_owned() };
    MessageHtml { html, policy }
}

/// Whether the message would load something from the network: just what [`document`] leaves out without `remote`.
pub(crate) fn has_remote(source: &str) -> bool {
    cost::is_affordable(source) && sanitize::clean(source, &Pictures::default(), false).left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_opens_the_network_only_when_asked() {
        let closed = document("<p>x", &Pictures::default(), false);
        assert!(closed.policy.starts_with("default-src 'none'; "));
        assert!(closed.policy.ends_with("img-src data:"));
        assert!(document("", &Pictures::default(), true).policy.ends_with("img-src data: https: http:"));
        assert!(closed.html.starts_with("<!doctype html>\n<html><head><meta charset=\"utf-8\">"));
        assert!(closed.html.contains("<body><p>x</p></body>"));
    }

    #[test]
    fn html_that_cannot_be_parsed_in_time_is_shown_as_text() {
        let bomb =
            format!("<p>Hola <script>alert(1)</script>{}<img src=http://x.test/a>", "<div>".repeat(50_000));
        let shown = document(&bomb, &Pictures::default(), true).html;
        assert!(shown.contains("Hola"));
        assert!(!shown.contains("<div>") && !shown.contains("<script") && !shown.contains("<img"));
        assert!(!has_remote(&bomb));
    }
}
