//! Parts of messages that this server writes itself: folded fields, quoted-printable, multipart/report.

mod quoted_printable;
mod report;

pub use quoted_printable::quoted_printable;
pub use report::{MultipartReport, Returned};

/// The longest line that is written where there is a choice (RFC 5322 §2.1.1).
const LINE_OCTETS: usize = 78;

/// A header field with CRLF, folded at spaces. Control characters of the value become spaces, so that nothing in it can
/// begin a field of its own.
pub fn field(name: &str, value: &str) -> String {
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut folded = format!("{name}:");
    let mut column = folded.len();
    for word in value.split(' ').filter(|word| !word.is_empty()) {
        if column + 1 + word.len() > LINE_OCTETS && column > name.len() + 1 {
            folded.push_str("\r\n");
            column = 0;
        }
        folded.push(' ');
        folded.push_str(word);
        column += 1 + word.len();
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_folded_and_nothing_breaks_out_of_it() {
        assert_eq!(field("To", "<ana@lab.test>"), "To: <ana@lab.test>\r\n");
        assert_eq!(field("X", "a\r\nBcc: eva@far.test"), "X: a Bcc: eva@far.test\r\n");
        assert_eq!(field("X", " "), "X:\r\n");
        let long = field("Subject", &"palabra ".repeat(30));
        assert!(long.lines().all(|line| line.len() <= LINE_OCTETS), "{long}");
        assert!(long.lines().skip(1).all(|line| line.starts_with(" palabra")), "{long}");
        let unbroken = field("References", &format!("<{}@x>", "y".repeat(200)));
        assert_eq!(unbroken.matches("\r\n").count(), 1);
    }
}
