//! Which styles a message may have.

/// Properties that cannot leave the message's own frame, hide its text from the reader's tools, or load anything. `position`,
/// `z-index`, `content`, `cursor` and the like are not among them.
pub(super) const PROPERTIES: [&str; 65] = [
    "background",
    "background-color",
    "background-image",
    "background-position",
    "background-repeat",
    "background-size",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "clear",
    "color",
    "direction",
    "display",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
];

/// Functions by which a style loads something (CSS Values 4 §4.5, CSS Images 4 §2).
const LOADING: [&str; 7] = ["url", "src", "image", "image-set", "-webkit-image-set", "cross-fade", "element"];

/// What became of a style attribute.
pub(super) struct Styled {
    /// What is left of it.
    pub style: String,
    /// Something on the network was left out.
    pub left_out: bool,
}

/// Leaves out declarations that load something: all of them, or with `remote` those that load other than by http and https.
/// Which properties are allowed is [`PROPERTIES`]' matter, by a real parser, afterwards.
pub(super) fn without_loading(style: &str, remote: bool) -> Styled {
    let mut kept = Vec::new();
    let mut left_out = false;
    for declaration in declarations(style) {
        let loads = loads(declaration);
        let lower = declaration.to_ascii_lowercase();
        let is_remote =
            loads && (lower.contains("http:") || lower.contains("https:") || lower.contains("//"));
        if !loads || (remote && is_remote && only_urls(&lower)) {
            kept.push(declaration);
        } else {
            left_out |= is_remote;
        }
    }
    Styled { style: kept.join(";"), left_out }
}

/// Cut at semicolons outside of quotes and parentheses.
fn declarations(style: &str) -> Vec<&str> {
    let mut quote = None;
    let mut depth = 0_usize;
    let mut escaped = false;
    style
        .split(|char| {
            let ends = char == ';' && quote.is_none() && depth == 0;
            match (char, quote) {
                _ if escaped => escaped = false,
                ('\\', _) => escaped = true,
                ('"' | '\'', None) => quote = Some(char),
                (_, Some(open)) if char == open => quote = None,
                ('(', None) => depth += 1,
                (')', None) => depth = depth.saturating_sub(1),
                _ => {}
            }
            ends
        })
        .collect()
}

/// A backslash can spell `url` in other ways, so a declaration with one counts as loading.
fn loads(declaration: &str) -> bool {
    let lower = declaration.to_ascii_lowercase();
    lower.contains('\\')
        || lower.contains("expression")
        || lower.match_indices('(').any(|(at, _)| {
            let before = lower.get(..at).unwrap_or_default();
            LOADING.iter().any(|name| before.ends_with(name))
        })
}

fn only_urls(lower: &str) -> bool {
    !lower.contains('\\')
        && !lower.contains("expression")
        && lower.match_indices("url(").all(|(at, _)| {
            let url = lower.get(at + 4..).unwrap_or_default().trim_start_matches([' ', '"', '\'']);
            url.starts_with("https://") || url.starts_with("http://")
        })
        && !LOADING.iter().any(|name| *name != "url" && lower.contains(&format!("{name}(")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loads_is_left_out() {
        for (style, kept, left_out) in [
            ("color: red; width: 10px", "color: red; width: 10px", false),
            ("color: red; background: url(http://x/a.png)", "color: red", true),
            ("background: URL( 'https://x/a;b' ); color: red", " color: red", true),
            ("background: u\\72l(http://x/)", "", true),
            ("background: image-set('//x/a' 1x)", "", true),
            ("background: url(data:image/png;base64,AA)", "", false),
            ("width: expression(alert(1))", "", false),
            ("font-family: 'a;b'; color: red", "font-family: 'a;b'; color: red", false),
        ] {
            let styled = without_loading(style, false);
            assert_eq!((styled.style.as_str(), styled.left_out), (kept, left_out), "{style}");
        }
    }

    #[test]
    fn asked_for_only_plain_http_addresses_load() {
        let keeps = |style: &str| !without_loading(style, true).style.is_empty();
        assert!(keeps("background: url('https://x/a.png')"));
        assert!(!keeps("background: url(file:///etc/passwd//)"));
        assert!(!keeps("background: u\\72l(http://x/)"));
        assert!(!keeps("background: image-set('http://x/a' 1x)"));
        assert!(!keeps("background: url(https://x/), url(javascript:x)"));
    }
}
