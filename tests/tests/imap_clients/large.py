# 20 MiB in and out.
line = bytes(range(33, 109))
body = b"".join(b"%08d" % n + line[:68] + b"\r\n" for n in range(20 * 1024 * 1024 // 78 + 1))
message = b"Subject: grande\r\n\r\n" + body
assert len(message) >= 20 * 1024 * 1024
imap = imaps()
append(imap, message)
assert ok(imap.select("INBOX")) == [b"1"]
for size in [1024 * 1024, 100_003 * 37]:
    digest = hashlib.sha256()
    for start in range(0, len(message), size):
        digest.update(ok(imap.uid("FETCH", "1", f"(BODY.PEEK[]<{start}.{size}>)"))[0][1])
    assert digest.digest() == hashlib.sha256(message).digest(), size
assert ok(imap.fetch("1", "(BODY.PEEK[])"))[0][1] == message
imap.logout()
