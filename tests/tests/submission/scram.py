# SCRAM-SHA-256 (RFC 7677) by hand, as the sender of a message; the server proves itself, too.
import base64, hashlib, hmac, os, secrets, smtplib, ssl
tls = ssl.create_default_context(cafile=os.environ["CA"])
tls.check_hostname = False
password = os.environ["PASSWORD"].encode()


def digest(key, text):
    return hmac.digest(key, text, "sha256")


def sign_in(smtp, password):
    nonce = secrets.token_urlsafe(18)
    bare = f"n=ana@lab.test,r={nonce}"
    code, challenge = smtp.docmd("AUTH", "SCRAM-SHA-256 " + base64.b64encode(f"n,,{bare}".encode()).decode())
    assert code == 334, challenge
    first = base64.b64decode(challenge).decode()
    fields = dict(field.split("=", 1) for field in first.split(","))
    assert fields["r"].startswith(nonce) and int(fields["i"]) >= 4096
    salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(fields["s"]), int(fields["i"]))
    client = digest(salted, b"Client Key")
    last = f"c=biws,r={fields['r']}"
    signed = f"{bare},{first},{last}".encode()
    proof = bytes(a ^ b for a, b in zip(client, digest(hashlib.sha256(client).digest(), signed)))
    code, answer = smtp.docmd(base64.b64encode(f"{last},p={base64.b64encode(proof).decode()}".encode()).decode())
    if code == 334:
        assert base64.b64decode(answer) == b"v=" + base64.b64encode(digest(digest(salted, b"Server Key"), signed))
        code, answer = smtp.docmd("")
    return code, answer


smtp = smtplib.SMTP_SSL("127.0.0.1", int(os.environ["SUBMISSIONS"]), context=tls)
smtp.ehlo()
code, answer = sign_in(smtp, b"no es")
assert code == 535, (code, answer)
code, answer = sign_in(smtp, password)
assert code == 235, (code, answer)
smtp.sendmail("ana@lab.test", ["luis@lab.test"], "Subject: SCRAM\r\n\r\nx\r\n")
smtp.quit()
