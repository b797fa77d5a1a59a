# What is refused, with the texts people see.
import os, smtplib, ssl
tls = ssl.create_default_context(cafile=os.environ["CA"])
tls.check_hostname = False


def ask(port, sign_in=True, secure=True):
    smtp = smtplib.SMTP("127.0.0.1", int(os.environ[port]))
    if secure:
        smtp.starttls(context=tls)
    if sign_in:
        smtp.login("ana@lab.test", os.environ["PASSWORD"])
    smtp.ehlo()
    return smtp


try:
    ask("SUBMISSION", sign_in=False).login("ana@lab.test", "no es")
    raise SystemExit("a wrong password was taken")
except smtplib.SMTPAuthenticationError as error:
    assert error.smtp_code == 535 and b"wrong user name or password" in error.smtp_error, error

smtp = ask("SUBMISSION", sign_in=False)
assert smtp.mail("ana@lab.test")[0] == 530

smtp = ask("SUBMISSION")
assert smtp.mail("luis@lab.test") == (553, b"5.7.1 <luis@lab.test>: Sender address rejected: not owned by user ana@lab.test")
assert smtp.mail("eva@otro.test")[0] == 553
assert smtp.mail("")[0] == 553
assert smtp.mail("ana@lab.test")[0] == 250
# Whoever has logged in may write to anybody.
assert smtp.rcpt("x@gran-correo.test")[0] == 250
code, text = smtp.rcpt("nadie@lab.test")
assert code == 550 and b"5.1.1" in text, text

smtp = ask("SMTP", sign_in=False, secure=False)
smtp.mail("eva@otro.test")
code, text = smtp.rcpt("x@gran-correo.test")
assert code == 554 and b"5.7.1 <x@gran-correo.test>: Relay access denied" in text, text

# SIZE (RFC 1870): as declared, and as it turns out.
smtp = ask("SUBMISSION")
limit = int(smtp.esmtp_features["size"])
code, text = smtp.mail("ana@lab.test", [f"SIZE={limit + 1}"])
assert code == 552 and b"5.3.4" in text, (code, text)
assert smtp.mail("ana@lab.test")[0] == 250 and smtp.rcpt("luis@lab.test")[0] == 250
code, text = smtp.data(b"Subject: grande\r\n\r\n" + (b"x" * 76 + b"\r\n") * (limit // 78 + 1))
assert code == 552 and b"5.3.4" in text, (code, text)
smtp.sendmail("ana@lab.test", ["luis@lab.test"], "Subject: y sigue\r\n\r\nx\r\n")
smtp.quit()
