# Several sessions on one mailbox.
one, two = imaps(), imaps()
ok(one.select("INBOX"))
idle = Idle(one)
began = time.monotonic()
deliver("primero")
idle.until(rb"\* 1 EXISTS")
assert time.monotonic() - began < 2.5
ok(two.select("INBOX"))
ok(two.store("1", "+FLAGS", r"\Flagged"))
idle.until(rb"\* 1 FETCH \(.*\\Flagged")
idle.done()
for subject in ["segundo", "tercero", "cuarto"]:
    deliver(subject)
ok(one.noop()), ok(two.noop())

# two expunges; one must keep its numbers until a command that may tell it (RFC 3501 §7.4.1).
ok(two.store("2:3", "+FLAGS.SILENT", r"\Deleted"))
assert sorted(ok(two.expunge())) in ([b"2", b"2"], [b"2", b"3"])
lines = exchange(one, b"FETCH 4 (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
assert not any(b"EXPUNGE" in line for line in lines), lines
assert any(b"UID 4" in line for line in lines) and b"Subject: cuarto" in lines, lines
lines = exchange(one, b"STORE 4 +FLAGS (\\Answered)")
assert not any(b"EXPUNGE" in line for line in lines) and any(b"* 4 FETCH" in line for line in lines), lines
lines = exchange(one, b"NOOP")
gone = [line for line in lines if b"EXPUNGE" in line]
assert sorted(gone) in ([b"* 2 EXPUNGE"] * 2, [b"* 2 EXPUNGE", b"* 3 EXPUNGE"]), lines
assert ok(one.uid("SEARCH", "ALL")) == [b"1 4"]
lines = exchange(two, b"FETCH 1:* (UID FLAGS)")
assert any(b"UID 4" in line and rb"\Answered" in line for line in lines), lines

# An expunge wakes IDLE, too.
idle = Idle(one)
ok(two.store("1", "+FLAGS.SILENT", r"\Deleted"))
ok(two.expunge())
idle.until(rb"\* 1 EXPUNGE")
idle.done()
one.logout(), two.logout()
