# 8-bit content, and a message to many.
import os, smtplib, ssl
tls = ssl.create_default_context(cafile=os.environ["CA"])
tls.check_hostname = False
smtp = smtplib.SMTP_SSL("127.0.0.1", int(os.environ["SUBMISSIONS"]), context=tls)
smtp.login("ana@lab.test", os.environ["PASSWORD"])
eight = b"Subject: ocho\r\n\r\n.punto\r\n..\r\n" + bytes(set(range(1, 256)) - {10, 13}) + b"\r\n"
smtp.sendmail("ana@lab.test", ["luis@lab.test"], eight, ["BODY=8BITMIME"])
everybody = [f"p{n}@lab.test" for n in range(100)]
assert smtp.sendmail("ana@lab.test", everybody, b"Subject: a todos\r\n\r\nx\r\n") == {}
smtp.quit()
