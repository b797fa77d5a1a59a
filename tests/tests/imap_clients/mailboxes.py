# Mailboxes: listing, making, renaming, subscribing; names beyond ASCII travel in modified UTF-7 (RFC 3501 §5.1.3).
imap = imaps()


def names(*arguments):
    found = ok(imap.list(*arguments))
    return {re.search(rb'"\." "?([^"]*)"?$', line).group(1).decode() for line in found if line}


listed = b"\n".join(ok(imap.list()))
for use in [rb"\Drafts", rb"\Sent", rb"\Junk", rb"\Trash", rb"\Archive"]:
    assert use in listed, listed
assert "INBOX" in names()
separator = re.search(rb'\) "(.)" ', listed).group(1)
assert separator == b".", listed

year = "A&APE-o"  # Año
for name in [year, year + ".2026", "&ZeVnLIqe-"]:
    ok(imap.create(name))
assert "ALREADYEXISTS" in no(imap.create(year))
assert {year, year + ".2026", "&ZeVnLIqe-"} <= names()
assert year + ".2026" not in names('""', '"%"') and year in names('""', '"%"')
ok(imap.append(year, r"\Seen", None, b"Subject: en a\xc3\xb1o\r\n\r\nx\r\n"))
ok(imap.rename(year, "Viejo"))
assert {"Viejo", "Viejo.2026"} <= names() and year not in names()
assert ok(imap.select("Viejo")) == [b"1"]
ok(imap.close())
assert "NONEXISTENT" in no(imap.select(year))

ok(imap.subscribe("Viejo"))
assert b"Viejo" in b"".join(ok(imap.lsub()))
ok(imap.unsubscribe("Viejo"))
assert b"Viejo" not in b"".join(line for line in ok(imap.lsub()) if line)
ok(imap.delete("Viejo.2026"))
ok(imap.delete("Viejo"))
assert "Viejo" not in names()
no(imap.delete("INBOX"))
no(imap.create("../../fuera"))
assert "TRYCREATE" in no(imap.append("Nohay", "", None, b"Subject: a\r\n\r\nb\r\n"))

append(imap, b"Subject: uno\r\n\r\nx\r\n")
status = ok(imap.status("INBOX", "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT)"))[0]
assert b"MESSAGES 1" in status and b"UIDNEXT 2" in status and b"UNSEEN 1" in status, status
imap.logout()
