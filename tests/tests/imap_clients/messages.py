# Messages: fetch, store, search, copy, move, expunge.
MIME = "\r\n".join([
    "From: =?utf-8?q?Jos=C3=A9?= <jose@otro.test>", "To: Luis <luis@lab.test>, ana@lab.test", "Cc: eva@otro.test",
    "Subject: =?utf-8?q?A=C3=B1o?= nuevo", "Date: Thu, 01 Jan 2026 10:00:00 +0100", "Message-ID: <mime@otro.test>",
    "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', "", "preamble",
    "--b", "Content-Type: text/plain; charset=utf-8", "", "¿Qué tal?",
    "--b", 'Content-Type: application/pdf; name="a.pdf"', "Content-Transfer-Encoding: base64",
    'Content-Disposition: attachment; filename="a.pdf"', "", "JVBERg==",
    "--b", "Content-Type: message/rfc822", "", "Subject: dentro", "From: x@y.test", "", "interior", "--b--", ""]).encode()
imap = imaps()
answer = append(imap, MIME, r"(\Flagged)")
assert re.search(rb"APPENDUID \d+ 1\]", answer[0]), answer
append(imap, b"Subject: dos\r\nFrom: eva@otro.test\r\n\r\ncuerpo\r\n", r"(\Seen)")
append(imap, b"Subject: tres\r\nFrom: eva@otro.test\r\n\r\nlargo " + b"relleno " * 2000 + b"\r\n")

ok(imap.select("INBOX", readonly=True))
assert b"READ-ONLY" in exchange(imap, b"EXAMINE INBOX")[-1]
assert exchange(imap, b"STORE 1 +FLAGS (\\Deleted)")[-1].split()[1] == b"NO"
assert ok(imap.select("INBOX")) == [b"3"]


def fetch(items, number="1"):
    found = ok(imap.fetch(number, items))
    return b"".join(b"".join(part) if isinstance(part, tuple) else part for part in found)


def literal(items, number="1"):
    return ok(imap.fetch(number, items))[0][1]


assert rb"\Flagged" in fetch("(FLAGS UID)") and b"UID 1" in fetch("UID")
assert b"RFC822.SIZE %d" % len(MIME) in fetch("RFC822.SIZE")
envelope = fetch("ENVELOPE")
assert b'"=?utf-8?q?A=C3=B1o?= nuevo"' in envelope and b'"jose" "otro.test"' in envelope, envelope
structure = fetch("BODYSTRUCTURE")
for part in [b'"TEXT" "PLAIN"', b'"APPLICATION" "PDF"', b'"MESSAGE" "RFC822"', b'"MIXED"', b'"a.pdf"']:
    assert part.lower() in structure.lower(), structure
assert b"BODY (" in fetch("BODY") and b"INTERNALDATE" in fetch("ALL") and b"BODY (" in fetch("FULL")
assert literal("BODY.PEEK[]") == MIME
assert literal("BODY.PEEK[HEADER.FIELDS (SUBJECT)]") == b"Subject: =?utf-8?q?A=C3=B1o?= nuevo\r\n\r\n"
assert b"Subject" not in literal("BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT)]")
assert literal("BODY.PEEK[1]") == "¿Qué tal?".encode()
assert literal("BODY.PEEK[2.MIME]").startswith(b"Content-Type: application/pdf")
assert literal("BODY.PEEK[3.HEADER]") == b"Subject: dentro\r\nFrom: x@y.test\r\n\r\n"
assert literal("BODY.PEEK[3.TEXT]") == b"interior"
assert literal("BODY.PEEK[3.1]") == b"interior"
assert literal("BODY.PEEK[]<5.10>") == MIME[5:15]
assert b"BODY[]<5>" in fetch("BODY.PEEK[]<5.10>")
assert literal("BODY.PEEK[]<999999.10>") == b""
assert rb"\Seen" not in fetch("FLAGS")
assert literal("RFC822.HEADER") + literal("BODY.PEEK[TEXT]") == MIME
assert rb"\Seen" not in fetch("FLAGS")
assert literal("RFC822") == MIME and rb"\Seen" in fetch("FLAGS")

ok(imap.store("1", "+FLAGS", r"($Forwarded \Answered)"))
flags = fetch("FLAGS")
assert b"$Forwarded" in flags and rb"\Answered" in flags and rb"\Flagged" in flags, flags
ok(imap.store("1", "-FLAGS.SILENT", r"\Flagged"))
assert rb"\Flagged" not in fetch("FLAGS")
ok(imap.store("3", "FLAGS", r"(\Draft)"))
assert rb"\Draft" in fetch("FLAGS", "3")


def search(*keys, charset=None):
    return ok(imap.search(charset, *keys))[0]


for keys, found in [
    (["ALL"], b"1 2 3"), (["UNSEEN"], b"3"), (["ANSWERED"], b"1"), (["KEYWORD", "$Forwarded"], b"1"),
    (["FROM", "eva"], b"2 3"), (["SUBJECT", "dos"], b"2"), (["BODY", "cuerpo"], b"2"), (["TEXT", "interior"], b"1"),
    (["LARGER", "10000"], b"3"), (["SMALLER", "100"], b"2"), (["NOT", "SEEN"], b"3"), (["OR", "DRAFT", "ANSWERED"], b"1 3"),
    (["UID", "2:*"], b"2 3"), (["HEADER", "Message-ID", "mime@"], b"1"), (["SINCE", "1-Jan-2020"], b"1 2 3"),
    (["BEFORE", "1-Jan-2020"], b""), (["SENTON", "1-Jan-2026"], b"1"), (["CC", "eva"], b"1"), (["1:2", "SEEN"], b"1 2"),
]:
    assert search(*keys) == found, (keys, search(*keys))
imap.literal = "Año".encode()
assert search("SUBJECT", charset="UTF-8") == b"1"
assert "BADCHARSET" in no(imap.search("KOI-8-NO", "SUBJECT", "a"))

ok(imap.create("Guardado"))
ok(imap.copy("1:2", "Guardado"))
assert b"COPYUID" in imap.response("COPYUID")[0].encode()
assert b"TRYCREATE" in no(imap.copy("1", "Nohay")).encode()
assert b"MESSAGES 2" in ok(imap.status("Guardado", "(MESSAGES)"))[0]
moved = exchange(imap, b"UID MOVE 2 Guardado")
assert any(b"COPYUID" in line for line in moved) and b"* 2 EXPUNGE" in moved, moved
assert search("ALL") == b"1 2"
ok(imap.store("1:2", "+FLAGS.SILENT", r"\Deleted"))
assert ok(imap.uid("EXPUNGE", "3"))
assert ok(imap.uid("SEARCH", "ALL")) == [b"1"]
assert ok(imap.expunge())[-1] == b"1"
assert search("ALL") == b""
ok(imap.select("Guardado"))
assert literal("BODY.PEEK[]") == MIME and b"$Forwarded" in fetch("FLAGS")
assert ok(imap.uid("FETCH", "3", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))[0][1] == b"Subject: dos\r\n\r\n"
imap.logout()
