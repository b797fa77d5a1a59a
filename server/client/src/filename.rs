//! Names of attached files, made safe to save under.

use crate::part::Part;

/// Characters at most; file systems allow 255 octets.
const LENGTH_LIMIT: usize = 120;
/// Names that Windows gives to devices, with any extension.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// The name of a part: its own, made safe, or one made from what it is.
pub(crate) fn of(part: &Part) -> String {
    let own = part.name.as_deref().map(safe).filter(|name| !name.is_empty());
    own.unwrap_or_else(|| {
        let number = if part.section.is_empty() { "1" } else { &part.section };
        format!("part-{}.{}", number.replace('.', "-"), extension(&part.media_type))
    })
}

/// The last component of a name without anything that a file system or a shell takes for more than a letter. Empty when
/// nothing is left.
pub(crate) fn safe(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|char| !is_unsafe(*char)).take(LENGTH_LIMIT).collect();
    // A leading dot hides a file, a trailing one or a space is lost on Windows.
    let trimmed = plain.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    let stem = trimmed.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    if is_device(&stem) { format!("_{trimmed}") } else { trimmed.to_owned() }
}

/// Control characters, what Windows forbids, and the marks that reverse the direction of writing, by which `gpj.exe` can
/// look like `exe.jpg`.
fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '/' | '\\')
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn is_device(stem: &str) -> bool {
    let numbered = |prefix: &str| {
        let number = stem.strip_prefix(prefix);
        number
            .is_some_and(|number| matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9"))
    };
    DEVICES.contains(&stem) || numbered("COM") || numbered("LPT")
}

fn extension(media_type: &str) -> &'static str {
    match media_type {
        "text/plain" => "txt",
        "text/html" => "html",
        "text/calendar" => "ics",
        "message/rfc822" | "message/global" => "eml",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_is_dangerous_and_keep_the_rest() {
        for (name, expected) in [
            ("informe año.pdf", "informe año.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\x.dll", "x.dll"),
            ("a\0b\r\nc.txt", "abc.txt"),
            (".bashrc", "bashrc"),
            ("nul.txt", "_nul.txt"),
            ("COM1", "_COM1"),
            ("company.txt", "company.txt"),
            ("a<b>:c?.txt. ", "abc.txt"),
            ("x\u{202e}gpj.exe", "xgpj.exe"),
            ("..", ""),
            ("dir/", ""),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
    }

    #[test]
    fn a_part_without_a_name_gets_one_from_its_type() {
        let part = Part { section: "2.1".into(), media_type: "message/rfc822".into(), ..Part::default() };
        assert_eq!(of(&part), "part-2-1.eml");
    }
}
