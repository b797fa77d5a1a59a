# What other programs do in the Maildir is seen.
maildir = pathlib.Path(MAILDIR)


def drop(name, text):
    (maildir / "tmp" / name).write_bytes(text)
    (maildir / "tmp" / name).rename(maildir / "new" / name)


imap = imaps()
ok(imap.select("INBOX"))
idle = Idle(imap)
drop("1700000000.M1P1.otra", b"Subject: de fuera\n\nuno\ndos\n")
idle.until(rb"\* 1 EXISTS")
idle.done()
served = ok(imap.fetch("1", "(RFC822.SIZE FLAGS BODY.PEEK[])"))
assert served[0][1] == b"Subject: de fuera\r\n\r\nuno\r\ndos\r\n", served
assert b"RFC822.SIZE %d" % len(served[0][1]) in served[0][0] + b"".join(p for p in served if isinstance(p, bytes)), served

idle = Idle(imap)
file = next(path for folder in ["new", "cur"] for path in (maildir / folder).iterdir())
file.rename(maildir / "cur" / (file.name.split(":")[0] + ":2,S"))
idle.until(rb"\* 1 FETCH \(.*\\Seen")
idle.done()
assert rb"\Seen" in ok(imap.fetch("1", "FLAGS"))[0]

idle = Idle(imap)
next((maildir / "cur").iterdir()).unlink()
idle.until(rb"\* 1 EXPUNGE")
idle.done()
drop("1700000001.M1P1.otra", b"Subject: sin IDLE\n\nx\n")
time.sleep(0.3)
ok(imap.noop())
assert ok(imap.uid("SEARCH", "ALL")) == [b"2"]
imap.logout()
