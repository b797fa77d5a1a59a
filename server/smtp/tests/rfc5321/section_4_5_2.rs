//! Transparency, and the end of the content as the border between content and commands.

use crate::{common::unescape, in_content};

#[test]
fn dots_are_unstuffed() {
    in_content(
        "",
        r"
C: ..
C: ...a
C: .b
C: .
= content .\r\n..a\r\nb\r\n
? deliver 11 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
",
    );
}

/// The forms in which "SMTP smuggling" hides an end of data, and more. What follows each is content, never a command;
/// if the form has a bare CR or LF, the message is refused and the connection closed.
#[test]
fn no_other_sequence_ends_content() {
    let forms = [
        r"\n.\n",
        r"\n.\r\n",
        r"\r\n.\n",
        r"\r.\r",
        r"\r.\r\n",
        r"\r\n.\r",
        r"\r.\n",
        r"\n.\r",
        r"\n\n.\r\n",
        r"\r\r\n.\r\r\n",
        r"\r\n.\r\r\n",
        r"\r\n\r.\r\n",
    ];
    for form in forms {
        in_content(
            "",
            &format!(
                "C+ a{form}MAIL FROM:<evil@x.test>\\r\\n.\\r\\nNOOP\\r\\n\n\
                 = discard\nS: 550 5.5.2 The message has a bare <CR> or <LF>, lines must end in <CR><LF>\n= close\n"
            ),
        );
    }
}

#[test]
fn octets_around_the_dot_make_it_content() {
    for form in
        [r"\r\n\x00.\r\n", r"\r\n.\x00\r\n", r"\r\n. \r\n", r"\r\n..\r\n", r"\r\n .\r\n", r"\r\n.\xe9\r\n"]
    {
        // What is stored is the form without the dot that transparency drops.
        let stored = unescape(&format!("a{form}RSET\\r\\n").replace("\\r\\n.", "\\r\\n"));
        in_content(
            "",
            &format!(
                "C+ a{form}RSET\\r\\n.\\r\\n\n= content {}\n? deliver {} -> queued 4Q\n\
                 S: 250 2.0.0 Ok: queued as 4Q\n",
                stored.escape_ascii(),
                stored.len()
            ),
        );
    }
}
