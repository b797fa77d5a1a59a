//! `$name`, `${name}`, `${name?text}`, `${name:text}`, `${name?{a}:{b}}`, `${{a} == {b} ? {x} : {y}}`, `$$` (postconf(5)).

use crate::Reason;

/// How deep values may refer to one another.
const MAX_DEPTH: usize = 20;
/// Octets of an expanded value.
const MAX_OCTETS: usize = 1 << 20;
/// References followed for one value; with the depth it bounds the work.
const MAX_REFERENCES: usize = 10_000;

/// Expands a text; `lookup` gives the unexpanded value of a parameter.
pub(crate) fn expand(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Reason> {
    let mut expander = Expander { lookup, open: Vec::new(), references: 0, depth: 0 };
    let mut out = String::new();
    expander.text(text, &mut out)?;
    Ok(out)
}

/// The names a text refers to directly, without those in braces within braces.
pub(crate) fn references(text: &str) -> Vec<String> {
    let pieces = text.split('$').skip(1);
    let names = pieces.map(|piece| piece.trim_start_matches(['{', '(']));
    names.map(|name| name[..name_end(name)].to_owned()).filter(|name| !name.is_empty()).collect()
}

struct Expander<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    open: Vec<String>,
    references: usize,
    depth: usize,
}

impl Expander<'_> {
    fn text(&mut self, text: &str, out: &mut String) -> Result<(), Reason> {
        if self.depth >= MAX_DEPTH {
            return Err(Reason::ExpansionLimit);
        }
        self.depth += 1;
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = self.reference(&rest[at + 1..], out)?;
            if out.len() > MAX_OCTETS {
                return Err(Reason::ExpansionLimit);
            }
        }
        out.push_str(rest);
        self.depth -= 1;
        Ok(())
    }

    /// Reads what follows a `$` and returns the rest.
    fn reference<'t>(&mut self, rest: &'t str, out: &mut String) -> Result<&'t str, Reason> {
        match rest.chars().next() {
            Some('$') => {
                out.push('$');
                Ok(&rest[1..])
            }
            Some('{') => {
                let (inside, rest) = group(rest, '{', '}').ok_or(Reason::Syntax)?;
                self.braced(inside, out)?;
                Ok(rest)
            }
            Some('(') => {
                let (inside, rest) = group(rest, '(', ')').ok_or(Reason::Syntax)?;
                self.braced(inside, out)?;
                Ok(rest)
            }
            _ => {
                let end = name_end(rest);
                if end == 0 {
                    return Err(Reason::Syntax);
                }
                self.value(&rest[..end], out)?;
                Ok(&rest[end..])
            }
        }
    }

    fn braced(&mut self, inside: &str, out: &mut String) -> Result<(), Reason> {
        if inside.trim_start().starts_with('{') {
            return self.comparison(inside.trim(), out);
        }
        let end = name_end(inside);
        let (name, tail) = (&inside[..end], inside[end..].trim_start());
        if name.is_empty() {
            return Err(Reason::Syntax);
        }
        if tail.is_empty() {
            return self.value(name, out);
        }
        let mut value = String::new();
        self.value(name, &mut value)?;
        self.choose(!value.is_empty(), tail, out)
    }

    fn comparison(&mut self, inside: &str, out: &mut String) -> Result<(), Reason> {
        let (left, rest) = group(inside, '{', '}').ok_or(Reason::Syntax)?;
        let rest = rest.trim_start();
        let (equal, rest) = match (rest.strip_prefix("=="), rest.strip_prefix("!=")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(Reason::Expression),
        };
        let (right, tail) = group(rest.trim_start(), '{', '}').ok_or(Reason::Syntax)?;
        let (mut a, mut b) = (String::new(), String::new());
        self.text(left.trim(), &mut a)?;
        self.text(right.trim(), &mut b)?;
        self.choose((a == b) == equal, tail.trim_start(), out)
    }

    /// `?text`, `:text`, `?{a}:{b}`: what counts when a condition holds, and when not.
    fn choose(&mut self, holds: bool, tail: &str, out: &mut String) -> Result<(), Reason> {
        if let Some(text) = tail.strip_prefix(':') {
            return if holds { Ok(()) } else { self.text(unbraced(text), out) };
        }
        let text = tail.strip_prefix('?').ok_or(Reason::Syntax)?;
        let Some((yes, rest)) = group(text.trim_start(), '{', '}') else {
            return if holds { self.text(text, out) } else { Ok(()) };
        };
        match (holds, rest.trim_start().strip_prefix(':')) {
            (true, _) => self.text(yes.trim(), out),
            (false, Some(no)) => self.text(unbraced(no), out),
            (false, None) => Ok(()),
        }
    }

    fn value(&mut self, name: &str, out: &mut String) -> Result<(), Reason> {
        self.references += 1;
        if self.references > MAX_REFERENCES || self.open.iter().any(|open| open == name) {
            return Err(Reason::ExpansionLimit);
        }
        // An unknown name is empty, as in Postfix.
        let Some(value) = (self.lookup)(name) else { return Ok(()) };
        self.open.push(name.to_owned());
        self.text(&value, out)?;
        self.open.pop();
        Ok(())
    }
}

fn name_end(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// What stands between the first bracket and its counterpart, and what follows.
pub(crate) fn group(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let text = text.strip_prefix(open)?;
    let mut depth = 1_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some((&text[..at], &text[at + close.len_utf8()..]));
            }
        }
    }
    None
}

fn unbraced(text: &str) -> &str {
    match group(text.trim(), '{', '}') {
        Some((inside, "")) => inside.trim(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        let value = match name {
            "a" => "x",
            "b" => "<$a>",
            "empty" => "",
            "loop1" => "$loop2",
            "loop2" => "${loop1}",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn each_form_is_expanded() {
        for (text, expected) in [
            ("$a-$b", "x-<x>"),
            ("${a}b$(a)", "xbx"),
            ("$$a", "$a"),
            ("${a?yes}${empty?no}", "yes"),
            ("${empty:none $a}${a:no}", "none x"),
            ("${a?{1}:{2}}${empty?{1}:{2}}", "12"),
            ("${{$a} == {x} ? {same} : {other}}", "same"),
            ("${{$a} != {x} ? {other} : {same}}", "same"),
            ("$nobody", ""),
        ] {
            assert_eq!(expand(text, &lookup).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn loops_and_growth_end() {
        assert_eq!(expand("$loop1", &lookup), Err(Reason::ExpansionLimit));
        let deep = |name: &str| {
            let level: u32 = name.strip_prefix('n')?.parse().ok()?;
            Some(format!("$n{0}$n{0}", level + 1))
        };
        assert_eq!(expand("$n0", &deep), Err(Reason::ExpansionLimit));
        let wide = |name: &str| {
            let level: u32 = name.strip_prefix('n')?.parse().ok()?;
            Some(if level > 15 { "x".repeat(100) } else { format!("$n{0}$n{0}", level + 1) })
        };
        assert_eq!(expand("$n0", &wide), Err(Reason::ExpansionLimit));
        assert_eq!(expand("${a", &lookup), Err(Reason::Syntax));
        assert_eq!(expand(&"${a?{".repeat(50_000), &lookup), Err(Reason::Syntax));
        assert_eq!(expand("${{1} < {2} ? {x}}", &lookup), Err(Reason::Expression));
    }
}
