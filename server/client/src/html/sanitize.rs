//! From any HTML to harmless HTML.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ammonia::Builder;

use super::pictures::{Pictures, is_shown_data_url};
use super::style::{PROPERTIES, without_loading};

/// Elements that show text and pictures. No `style`: its rules reach beyond the message. No `form`, `input`, `svg`, `math`.
const TAGS: [&str; 67] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
];
/// Elements whose content is not text for a reader.
const REMOVED_WITH_CONTENT: [&str; 12] = [
    "script", "style", "title", "head", "noscript", "template", "iframe", "object", "svg", "math", "select",
    "textarea",
];
const ATTRIBUTES: [&str; 5] = ["align", "dir", "lang", "style", "title"];
const CELL: [&str; 9] =
    ["background", "bgcolor", "colspan", "height", "nowrap", "rowspan", "scope", "valign", "width"];

/// What came out.
pub(super) struct Cleaned {
    pub html: String,
    /// Something that would have been loaded from the network was left out.
    pub left_out: bool,
}

/// Decides about each attribute that an allowed element has.
struct Filter {
    pictures: Pictures,
    remote: bool,
    left_out: AtomicBool,
    spent: AtomicUsize,
}

/// Makes `source` safe. Pictures of the message itself are written into it.
pub(super) fn clean(source: &str, pictures: &Pictures, remote: bool) -> Cleaned {
    let filter = Arc::new(Filter {
        pictures: pictures.clone(),
        remote,
        left_out: AtomicBool::new(false),
        spent: AtomicUsize::new(0),
    });
    let deciding = Arc::clone(&filter);
    let html = builder()
        .attribute_filter(move |element, attribute, value| deciding.decide(element, attribute, value))
        .clean(source)
        .to_string();
    Cleaned { html, left_out: filter.left_out.load(Ordering::Relaxed) }
}

fn builder() -> Builder<'static> {
    let set = |names: &[&'static str]| names.iter().copied().collect::<HashSet<_>>();
    let mut by_tag: HashMap<&'static str, HashSet<&'static str>> = HashMap::new();
    for (tag, names) in [
        ("a", &["href", "name"][..]),
        ("col", &["span", "width"]),
        ("colgroup", &["span", "width"]),
        ("font", &["color", "face", "size"]),
        ("hr", &["color", "size", "width"]),
        ("img", &["alt", "border", "height", "hspace", "src", "vspace", "width"]),
        ("ol", &["start", "type"]),
        ("table", &["background", "bgcolor", "border", "cellpadding", "cellspacing", "height", "width"]),
        ("td", &CELL),
        ("th", &CELL),
        ("tr", &["bgcolor", "height", "valign"]),
        ("ul", &["type"]),
    ] {
        by_tag.insert(tag, set(names));
    }
    let mut builder = Builder::empty();
    builder
        .tags(set(&TAGS))
        .clean_content_tags(set(&REMOVED_WITH_CONTENT))
        .tag_attributes(by_tag)
        .generic_attributes(set(&ATTRIBUTES))
        .url_schemes(set(&["http", "https", "mailto", "tel", "cid", "data"]))
        .filter_style_properties(set(&PROPERTIES))
        .set_tag_attribute_value("a", "target", "_blank")
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
}

impl Filter {
    fn decide<'v>(&self, element: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
        // It is also asked about elements that are about to go.
        if !TAGS.contains(&element) {
            return None;
        }
        match attribute {
            "href" => is_link(value).then_some(Cow::Borrowed(value)),
            "src" | "background" => self.picture(element, value),
            "style" => {
                let styled = without_loading(value, self.remote);
                if styled.left_out {
                    self.left_out.store(true, Ordering::Relaxed);
                }
                Some(Cow::Owned(styled.style))
            }
            _ => Some(Cow::Borrowed(value)),
        }
    }

    fn picture<'v>(&self, element: &str, value: &'v str) -> Option<Cow<'v, str>> {
        let url = value.trim();
        match scheme(url).as_str() {
            "cid" => {
                let id = url.get(4..).unwrap_or_default();
                self.pictures.url(id, &self.spent).map(|url| Cow::Owned(url.to_owned()))
            }
            "data" if element == "img" => is_shown_data_url(url).then_some(Cow::Borrowed(value)),
            "http" | "https" => self.remote_picture(Cow::Borrowed(url)),
            // Without a scheme of its own it takes that of the page (RFC 3986 §4.2), which here is none.
            "" if url.starts_with("//") => self.remote_picture(Cow::Owned(format!("https:{url}"))),
            _ => None,
        }
    }

    fn remote_picture<'v>(&self, url: Cow<'v, str>) -> Option<Cow<'v, str>> {
        if !self.remote {
            self.left_out.store(true, Ordering::Relaxed);
        }
        self.remote.then_some(url)
    }
}

fn is_link(url: &str) -> bool {
    matches!(scheme(url.trim()).as_str(), "http" | "https" | "mailto" | "tel")
}

/// The scheme as a browser finds it, which passes over control characters (URL Standard §4.4).
fn scheme(url: &str) -> String {
    let plain: String = url.chars().filter(|char| !char.is_ascii_control()).collect();
    match plain.split_once(':') {
        Some((scheme, _)) if !scheme.contains(['/', '?', '#']) => scheme.trim().to_ascii_lowercase(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    fn cleaned(source: &str) -> String {
        clean(source, &Pictures::default(), false).html
    }

    #[test]
    fn nothing_that_runs_loads_or_submits_is_left() {
        for hostile in [
            "<script>alert(1)</script>",
            "<SCRIPT SRC=//evil.test/x.js></SCRIPT>",
            "<img src=x onerror=alert(1)>",
            "<svg onload=alert(1)><script>alert(1)</script></svg>",
            "<svg><style><img src=x onerror=alert(1)></style></svg>",
            "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
            "<meta http-equiv=refresh content='0;url=http://evil.test'>",
            "<form action=http://evil.test><input name=a><button formaction=http://evil.test>x</button></form>",
            "<base href=http://evil.test/>",
            "<p style='background:url(http://evil.test/a)'>x</p>",
            "<p style='background:u\\72l(http://evil.test/a)'>x</p>",
            "<style>@import 'http://evil.test/a.css'; p{background:url(http://evil.test)}</style>",
            "<iframe src=http://evil.test srcdoc='<script>alert(1)</script>'></iframe>",
            "<object data=http://evil.test></object><embed src=http://evil.test>",
            "<link rel=stylesheet href=http://evil.test/a.css><link rel=dns-prefetch href=//evil.test>",
            "<a href='javascript:alert(1)'>x</a>",
            "<a href='java\nscript:alert(1)'>x</a>",
            "<a href=' &#1;javascript:alert(1)'>x</a>",
            "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
            "<a href='vbscript:alert(1)'>x</a>",
            "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
            "<img srcset='http://evil.test/a 1x'>",
            "<picture><source srcset=http://evil.test/a></picture>",
            "<video poster=http://evil.test/a src=http://evil.test/b></video><audio src=http://evil.test>",
            "<table background=http://evil.test/a><tr><td background='//evil.test/b'>x</table>",
            "<body background=http://evil.test onload=alert(1)>x</body>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
            "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
            "<a href=x ping=http://evil.test>x</a>",
            "<div style='position:fixed;top:0;z-index:9'>x</div>",
            "<div style='width:expression(alert(1))'>x</div>",
            "<template><script>alert(1)</script></template>",
            "<!--[if mso]><script>alert(1)</script><![endif]-->",
        ] {
            let html = cleaned(hostile);
            let lower = html.to_lowercase();
            for bad in [
                "script",
                "alert",
                "onerror",
                "onload",
                "evil.test",
                "<svg",
                "<form",
                "<input",
                "<style",
                "<iframe",
                "<meta",
                "<link",
                "<base",
                "position",
                "expression",
                "<!--",
                "ping",
                "data:",
            ] {
                assert!(!lower.contains(bad), "{hostile}\nbecame {html}");
            }
        }
    }

    #[test]
    fn what_a_letter_is_made_of_stays() {
        let letter = "<table width=\"600\" cellpadding=\"0\"><tbody><tr><td bgcolor=\"#eee\" style=\"color:red;padding:4px\">\
                      <font color=\"blue\">Hola</font></td></tr></tbody></table>";
        assert_eq!(
            cleaned(letter).replace("color:red;padding:4px", "S"),
            letter.replace("color:red;padding:4px", "S")
        );
    }

    #[test]
    fn links_open_elsewhere_and_tell_nothing() {
        let html = cleaned("<a href=\"https://lab.test/?a=1\">x</a>");
        assert!(html.contains("href=\"https://lab.test/?a=1\""), "{html}");
        assert!(html.contains("target=\"_blank\""), "{html}");
        assert!(html.contains("rel=\"noopener noreferrer nofollow\""), "{html}");
    }

    #[test]
    fn what_is_left_out_is_what_is_shown_when_asked() {
        for source in [
            "<img src=http://x.test/a.png>",
            "<img src=//x.test/a.png>",
            "<td background=https://x.test/a.png>",
            "<table background=https://x.test/a.png><tr><td>x</table>",
            "<p style=\"background-image:url('https://x.test/a.png')\">x</p>",
        ] {
            let source = &source.replace("<td b", "<table><tr><td b");
            let closed = clean(source, &Pictures::default(), false);
            assert!(closed.left_out && !closed.html.contains("x.test"), "{source}: {}", closed.html);
            let open = clean(source, &Pictures::default(), true);
            assert!(open.html.contains("x.test/a.png") && !open.left_out, "{source}: {}", open.html);
        }
        for harmless in
            ["<a href=http://x.test>x</a>", "<img src=cid:a>", "<script src=http://x.test></script>"]
        {
            assert!(!clean(harmless, &Pictures::default(), false).left_out, "{harmless}");
        }
    }

    #[test]
    fn pictures_of_the_message_are_written_into_it() {
        let raw = include_bytes!("../../tests/messages/mixed.eml");
        let parsed = MessageParser::new().parse(raw).expect("a message");
        let pictures = Pictures::of(parsed.root());
        let html =
            clean("<img src=\"cid:logo@lab.test\"><img src=\"cid:logo%40lab.test\">", &pictures, false).html;
        assert_eq!(html.matches("src=\"data:image/png;base64,iVBORw0KGgo=\"").count(), 2, "{html}");
    }
}
