# Every way to sign in, and what is announced before and after.
plain = imaplib.IMAP4("127.0.0.1", int(os.environ["IMAP"]))
assert {"IMAP4REV1", "STARTTLS"} <= set(plain.capabilities), plain.capabilities
ok(plain.starttls(TLS))
assert "STARTTLS" not in plain.capabilities and "AUTH=PLAIN" in plain.capabilities, plain.capabilities
assert "LOGINDISABLED" not in plain.capabilities
ok(plain.login("luis@lab.test", PASSWORD))
after = ok(plain.capability())[0].split()
for extension in [b"IDLE", b"MOVE", b"UIDPLUS", b"SPECIAL-USE", b"NAMESPACE", b"ID"]:
    assert extension in after, after
assert b"AUTH=PLAIN" not in after and b"STARTTLS" not in after, after
assert plain.logout()[0] == "BYE"

tls = imaplib.IMAP4_SSL("127.0.0.1", int(os.environ["IMAPS"]), ssl_context=TLS)
assert "STARTTLS" not in tls.capabilities and "AUTH=PLAIN" in tls.capabilities, tls.capabilities
ok(tls.authenticate("PLAIN", lambda _: b"\0ana@lab.test\0" + PASSWORD.encode()))
ok(tls.select("INBOX"))
tls.logout()

for user, password in [("luis", "no es"), ("nadie", PASSWORD)]:
    wrong = imaplib.IMAP4_SSL("127.0.0.1", int(os.environ["IMAPS"]), ssl_context=TLS)
    try:
        wrong.login(user, password)
        raise SystemExit("a wrong password was taken")
    except imaplib.IMAP4.error as error:
        assert "AUTHENTICATIONFAILED" in str(error), error
    wrong.shutdown()
