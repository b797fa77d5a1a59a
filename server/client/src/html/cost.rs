//! Whether HTML can be parsed at a bearable cost.
//!
//! The parsing that browsers do (HTML Standard §13.2) is quadratic by its rules: an element looks for others along all that
//! are open, and formatting elements that were never closed are opened again in each block after them. A few hundred kilobytes
//! can so take hours, or all memory. Tags alone are cheap to read, so they are read first, and the cost is counted.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Elements that parsing makes.
const ELEMENTS_LIMIT: u64 = 300_000;
/// Looks at open elements.
const LOOKS_LIMIT: u64 = 20_000_000;
/// Comparisons of names: reading a tag is quadratic too, in its attributes. These are cheap, and the
/// limit lets pass a picture of 2 MiB written out in base64, whose slashes count as attributes.
const COMPARISONS_LIMIT: u64 = 550_000_000;
/// Octets read before the costs are looked at.
const PIECE: usize = 4096;
/// Octets of HTML that has SVG or MathML in it, in which the same tags mean something else. Mail hardly has any.
const FOREIGN_LIMIT: usize = 8 * 1024;

/// Elements that are opened again when they were not closed (HTML Standard §13.2.4.3).
const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// Within these an end tag does not reach what was opened outside of them.
const SCOPES: [&str; 8] = ["applet", "caption", "marquee", "object", "table", "td", "template", "th"];
/// These have no content, or end where the next of them begins.
const UNCOUNTED: [&str; 24] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option",
    "p", "param", "source", "tbody", "tfoot", "thead", "tr", "track", "wbr", "body",
];

/// Whether parsing `source` has an end in sight.
pub(super) fn is_affordable(source: &str) -> bool {
    let mut comparisons = 0_u64;
    let mut attributes = 0_u64;
    let tokenizer = Tokenizer::new(Counter::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut rest = source;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE.min(rest.len())));
        let tokens = tokenizer.sink.tokens.get();
        queue.push_back(StrTendril::from_slice(piece));
        // The sink never asks for a script to run, so all of the piece is read.
        let _ = tokenizer.feed(&queue);
        // As long as no token comes, all of this may be attributes of one tag.
        let more = separators(piece);
        attributes =
            if tokenizer.sink.tokens.get() == tokens { attributes.saturating_add(more) } else { more };
        comparisons = comparisons.saturating_add(attributes.saturating_mul(more));
        if comparisons > COMPARISONS_LIMIT || tokenizer.sink.is_over() {
            return false;
        }
        rest = after;
    }
    !tokenizer.sink.foreign.get() || source.len() <= FOREIGN_LIMIT
}

/// What can stand between attributes.
fn separators(piece: &str) -> u64 {
    let count = piece
        .bytes()
        .filter(|octet| matches!(octet, b' ' | b'\t' | b'\n' | b'\r' | 0x0c | b'/' | b'"' | b'\''));
    u64::try_from(count.count()).unwrap_or(u64::MAX)
}

#[derive(Default)]
struct Counter {
    /// What is open in each scope, the innermost last.
    scopes: RefCell<Vec<(String, HashMap<String, u64>)>>,
    open: Cell<u64>,
    open_formatting: Cell<u64>,
    elements: Cell<u64>,
    looks: Cell<u64>,
    foreign: Cell<bool>,
    /// Tokens that were read, of any kind.
    tokens: Cell<u64>,
}

impl TokenSink for Counter {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if !matches!(token, Token::ParseError(_)) {
            add(&self.tokens, 1);
        }
        let Token::TagToken(Tag { kind, name, .. }) = token else {
            return TokenSinkResult::Continue;
        };
        match kind {
            TagKind::StartTag => self.start(&name),
            TagKind::EndTag => {
                self.end(&name);
                TokenSinkResult::Continue
            }
        }
    }
}

impl Counter {
    fn is_over(&self) -> bool {
        self.elements.get() > ELEMENTS_LIMIT || self.looks.get() > LOOKS_LIMIT
    }

    fn start(&self, name: &str) -> TokenSinkResult<()> {
        add(&self.elements, 1 + self.open_formatting.get());
        add(&self.looks, self.open.get());
        let mut scopes = self.scopes.borrow_mut();
        if !UNCOUNTED.contains(&name) {
            add(&self.open, 1);
            if FORMATTING.contains(&name) {
                add(&self.open_formatting, 1);
            }
            if scopes.is_empty() {
                scopes.push((String::new(), HashMap::new()));
            }
            if SCOPES.contains(&name) {
                scopes.push((name.to_owned(), HashMap::new()));
            } else if let Some((_, open)) = scopes.last_mut() {
                *open.entry(name.to_owned()).or_default() += 1;
            }
        }
        match name {
            "svg" | "math" => self.foreign.set(true),
            "plaintext" => return TokenSinkResult::Plaintext,
            "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                return TokenSinkResult::RawData(RawKind::Rawtext);
            }
            "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    /// What was left open in a scope that ends stays counted: whether it really ends with it depends on more than tags.
    fn end(&self, name: &str) {
        let mut scopes = self.scopes.borrow_mut();
        if SCOPES.contains(&name) {
            let at = scopes.iter().rposition(|(known, _)| known == name);
            if let Some(at) = at.filter(|at| name == "table" || at + 1 == scopes.len()) {
                let ended = u64::try_from(scopes.len() - at).unwrap_or(0);
                scopes.truncate(at);
                self.open.set(self.open.get().saturating_sub(ended));
            }
            return;
        }
        if let Some((_, open)) = scopes.last_mut()
            && let Some(count) = open.get_mut(name).filter(|count| **count > 0)
        {
            *count -= 1;
            self.open.set(self.open.get().saturating_sub(1));
            if FORMATTING.contains(&name) {
                self.open_formatting.set(self.open_formatting.get().saturating_sub(1));
            }
        }
    }
}

fn add(cell: &Cell<u64>, count: u64) {
    cell.set(cell.get().saturating_add(count));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_affordable() {
        let row = "<tr><td><font color=red><b>x</b></font><p>y<br><td>z</td></tr>";
        assert!(is_affordable(&format!("<table>{}</table>", row.repeat(1000))));
        assert!(is_affordable(&"<div><p>a<p>b<ul><li>c<li>d</ul></div>".repeat(1000)));
        assert!(is_affordable(&format!(
            "<img src=\"data:image/png;base64,{}\">",
            format!("{}/", "A".repeat(63)).repeat(30_000)
        )));
        assert!(is_affordable(""));
    }

    #[test]
    fn bombs_are_not() {
        let many = |tag: &str, count: usize| (0..count).map(|n| format!("<{tag} a={n}>")).collect::<String>();
        for bomb in [
            "<div>".repeat(50_000),
            many("b", 2000) + &"<p>".repeat(2000),
            many("font", 1000) + &"<table><td></font></table>".repeat(1000),
            format!("<a {}>", (0..40_000).map(|n| format!("a{n}/")).collect::<String>()),
            format!("<svg>{}", "<g>".repeat(10_000)),
            "<style></div></style><div>".repeat(20_000),
        ] {
            assert!(!is_affordable(&bomb), "{}", &bomb[..60]);
        }
    }
}
