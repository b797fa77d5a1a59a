//! CHUNKING and BINARYMIME.

use crate::{after_hello, in_transaction};

/// §2 and §4.2: chunks follow their commands at once, and each has its reply. Dots mean nothing.
#[test]
fn a_message_comes_in_chunks() {
    in_transaction(
        "",
        "",
        "",
        r"
C+ BDAT 10\r\nA: b\r\n\r\n.\r
S: 250 2.0.0 10 octets received
C: NOOP
S: 250 2.0.0 Ok
C+ BDAT 6\r\n\n.\r\nQUBDAT 2 LAST\r\nITNOOP\r\n
S: 250 2.0.0 6 octets received
= content A: b\r\n\r\n.\r\n.\r\nQUIT\r\n
? deliver 20 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
S: 250 2.0.0 Ok
",
    );
}

/// §2: RSET and EHLO give the message up; what belongs elsewhere is refused.
#[test]
fn between_chunks_only_a_few_commands_make_sense() {
    in_transaction(
        "",
        "",
        "",
        r"
C+ BDAT 1\r\nx
S: 250 2.0.0 1 octets received
C: RCPT TO:<ana@lab.test>
S: 503 5.5.1 Send the rest of the message with BDAT, or RSET
C: DATA
S: 503 5.5.1 Send the rest of the message with BDAT, or RSET
C: MAIL FROM:<a@x.test>
S: 503 5.5.1 Send the rest of the message with BDAT, or RSET
C: STARTTLS
S: 503 5.5.1 Send the rest of the message with BDAT, or RSET
C: XYZZY
S: 500 5.5.1 Command not recognized
C: RSET
= discard
S: 250 2.0.0 Ok
C+ BDAT 4 LAST\r\nQUIT
S: 503 5.5.1 Send MAIL first
C: MAIL FROM:<a@x.test>
? sender <a@x.test> -> accept
S: 250 2.1.0 Ok
",
    );
    in_transaction(
        "",
        "",
        "",
        r"
C+ BDAT 1\r\nx
S: 250 2.0.0 1 octets received
C: QUIT
= discard
S: 221 2.0.0 Bye
= close
",
    );
    in_transaction(
        "",
        "",
        "",
        r"
C+ BDAT 1\r\nx
S: 250 2.0.0 1 octets received
> timeout
S: 421 4.4.2 Nothing heard for too long, closing the connection
= close
",
    );
}

/// §2: the octets of a refused chunk are read, whatever they look like.
#[test]
fn a_refused_chunk_is_thrown_away() {
    after_hello(
        "",
        r"
C+ BDAT 6\r\nQUIT\r\nNOOP\r\n
S: 503 5.5.1 Send MAIL first
S: 250 2.0.0 Ok
C: MAIL FROM:<a@x.test>
? sender <a@x.test> -> accept
S: 250 2.1.0 Ok
C+ BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n
S: 554 5.5.1 No valid recipients
S: 250 2.0.0 Ok
C: RCPT TO:<luis@lab.test>
? recipient <luis@lab.test> -> accept
S: 250 2.1.5 Ok
",
    );
}

/// Its octets would be taken for commands, and nobody knows how many they are.
#[test]
fn a_chunk_of_unknown_size_ends_the_session() {
    for command in [
        "BDAT",
        "BDAT x",
        "BDAT 1 LAST x",
        "BDAT 1 FIRST",
        "BDAT -1",
        "BDAT 99999999999999999999",
        r"BDAT 1\x00",
    ] {
        in_transaction(
            "",
            "",
            "",
            &format!("C: {command}\nS: 501 5.5.4 Syntax: BDAT octets [LAST]\n= close\n"),
        );
    }
}

/// RFC 1870 §6 for chunks. One that is far beyond the limit is not even read.
#[test]
fn chunks_have_the_size_limit_together() {
    in_transaction(
        "size=10",
        "",
        "",
        r"
C+ BDAT 8\r\n12345678
S: 250 2.0.0 8 octets received
C+ BDAT 3\r\nabcBDAT 4 LAST\r\nQUIT
= discard
S: 552 5.3.4 The message is larger than the limit of 10 octets
S: 503 5.5.1 Send MAIL first
",
    );
    in_transaction(
        "size=10",
        "",
        "",
        "C: BDAT 16777227\n= discard\nS: 554 5.3.4 The chunk is far too big, closing the connection\n= close\n",
    );
}

/// RFC 5321 §2.3.8: text has its canonical line ends in chunks, too. As the chunk ends where it says, the session goes on.
#[test]
fn bare_newlines_in_text_are_refused_or_made_line_ends() {
    in_transaction(
        "",
        "",
        "",
        r"
C+ BDAT 4\r\na\nb\n
= discard
S: 550 5.5.2 The message has a bare <CR> or <LF>, lines must end in <CR><LF>
C: BDAT 0 LAST
S: 503 5.5.1 Send MAIL first
",
    );
    in_transaction(
        "normalise",
        "",
        "",
        r"
C+ BDAT 4\r\na\nb\r
S: 250 2.0.0 4 octets received
C+ BDAT 2\r\n\nc
S: 250 2.0.0 2 octets received
C+ BDAT 1 LAST\r\n\r
= content a\r\nb\r\nc \r\n
? deliver 10 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
",
    );
}

/// §3: binary content stays as it is, and DATA cannot carry it.
#[test]
fn binary_content_is_kept_octet_by_octet() {
    in_transaction(
        "",
        " BODY=BINARYMIME",
        " BinaryMime",
        r"
C: DATA
S: 503 5.5.1 BODY=BINARYMIME needs BDAT, not DATA
C+ BDAT 5\r\n\x00\n\r.\r
S: 250 2.0.0 5 octets received
",
    );
    in_transaction(
        "",
        " BODY=BINARYMIME",
        " BinaryMime",
        r"
C+ BDAT 7 LAST\r\n\x00\n\r.\r\xff\n
= content \x00\n\r.\r\xff\n
? deliver 7 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
",
    );
}

/// Chunks of nothing are no way to keep a session for ever.
#[test]
fn empty_chunks_have_a_limit() {
    in_transaction(
        "idle=2",
        "",
        "",
        r"
C: BDAT 0
S: 250 2.0.0 0 octets received
C: BDAT 0
S: 421 4.7.0 Too many commands without a message, closing the connection
= close
",
    );
}
