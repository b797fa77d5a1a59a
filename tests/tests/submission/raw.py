# What only a hostile client sends.
import os, socket, ssl, time
tls = ssl.create_default_context(cafile=os.environ["CA"])
tls.check_hostname = False


def dial(port):
    link = socket.create_connection(("127.0.0.1", int(os.environ[port])))
    link.settimeout(10)
    return link


def reply(link):
    got = b""
    while not (got.endswith(b"\r\n") and got.split(b"\r\n")[-2][3:4] == b" "):
        more = link.recv(4096)
        if not more:
            return got
        got += more
    return got


def say(link, text):
    link.sendall(text)
    return reply(link)


def begin(link):
    reply(link)
    for line in [b"EHLO otro.test", b"MAIL FROM:<eva@otro.test>", b"RCPT TO:<luis@lab.test>", b"DATA"]:
        assert say(link, line + b"\r\n")[:1] in b"23", line


# SMTP smuggling: an end of data that is none must not begin another message.
SMUGGLED = b"MAIL FROM:<admin@lab.test>\r\nRCPT TO:<luis@lab.test>\r\nDATA\r\nSubject: pasado\r\n\r\nx\r\n.\r\n"
for end in [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r\n\0.\r\n"]:
    link = dial("SMTP")
    begin(link)
    link.sendall(b"Subject: contrabando\r\n\r\nx" + end + SMUGGLED)
    answer = reply(link)
    if b"\0" in end:
        # A line like any other: all of it is one message.
        assert answer.startswith(b"250") and answer.count(b"\r\n") == 1, (end, answer)
        assert say(link, b"NOOP\r\n") == b"250 2.0.0 Ok\r\n"
    else:
        assert answer.startswith(b"5"), (end, answer)
    link.close()

# STARTTLS injection (CVE-2011-0411): what was sent in the clear is not done after the handshake.
for service in ["SUBMISSION", "SMTP"]:
    link = dial(service)
    reply(link)
    say(link, b"EHLO otro.test\r\n")
    answer = say(link, b"STARTTLS\r\nRSET\r\n")
    if answer.startswith(b"220"):
        secure = tls.wrap_socket(link)
        answer = say(secure, b"NOOP\r\n")
        assert answer.startswith(b"250"), answer
        secure.settimeout(0.5)
        try:
            assert not secure.recv(1000), "the injected command was answered"
        except TimeoutError:
            pass
    else:
        assert answer.startswith(b"5"), answer
    link.close()
