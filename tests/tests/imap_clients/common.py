# What the programs of this folder share: connections by Python's own imaplib. Written before each of them.
import hashlib, imaplib, os, pathlib, re, select, smtplib, ssl, time

PASSWORD = os.environ["PASSWORD"]
TLS = ssl.create_default_context(cafile=os.environ["CA"])
TLS.check_hostname = False
imaplib._MAXLINE = 40_000_000


def imaps(user="luis"):
    imap = imaplib.IMAP4_SSL("127.0.0.1", int(os.environ["IMAPS"]), ssl_context=TLS)
    ok(imap.login(user, PASSWORD))
    return imap


def ok(answer):
    assert answer[0] == "OK", answer
    return answer[1]


def no(answer):
    assert answer[0] == "NO", answer
    return answer[1][0].decode()


def deliver(subject, text="texto"):
    smtp = smtplib.SMTP("127.0.0.1", int(os.environ["SMTP"]))
    smtp.sendmail("eva@otro.test", ["luis@lab.test"], f"Subject: {subject}\r\n\r\n{text}\r\n")
    smtp.quit()


def append(imap, message, flags="", mailbox="INBOX"):
    return ok(imap.append(mailbox, flags, None, message))


def exchange(imap, line):
    """Sends a command as it stands; gives every line up to its tagged answer."""
    tag = imap._new_tag()
    imap.send(tag + b" " + line + b"\r\n")
    lines = []
    while True:
        got = imap.readline()
        assert got, lines
        lines.append(got.rstrip(b"\r\n"))
        if got.startswith(tag + b" "):
            return lines


class Idle:
    """RFC 2177, which this imaplib does not know."""

    def __init__(self, imap):
        self.imap, self.tag = imap, imap._new_tag()
        imap.send(self.tag + b" IDLE\r\n")
        assert imap.readline().startswith(b"+")

    def until(self, pattern, seconds=2):
        """Every line until one that matches; fails when it does not come in time."""
        seen, end = [], time.monotonic() + seconds
        self.imap.sock.settimeout(seconds)
        try:
            while time.monotonic() < end:
                seen.append(self.imap.readline())
                if re.search(pattern, seen[-1]):
                    return seen
        except TimeoutError:
            pass
        raise AssertionError(f"{pattern} did not come in {seconds} s: {seen}")

    def done(self):
        self.imap.sock.settimeout(60)
        self.imap.send(b"DONE\r\n")
        while not (line := self.imap.readline()).startswith(self.tag + b" "):
            assert line
        assert b" OK " in line, line
