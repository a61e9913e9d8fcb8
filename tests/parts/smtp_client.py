"""Sends one mail with Python's own client and prints the code of the reply that settled it.

Arguments: port, plain|starttls|implicit, authority file, name, password, sender, message, recipients...
"""

import json
import smtplib
import ssl
import sys


def send(port, security, authority, name, password, sender, message, *recipients):
    context = ssl.create_default_context(cafile=authority) if authority else None
    if security == "implicit":
        client = smtplib.SMTP_SSL("localhost", int(port), timeout=30, context=context)
    else:
        client = smtplib.SMTP("localhost", int(port), timeout=30)
    with client:
        if security == "starttls":
            client.starttls(context=context)
        if name:
            client.login(name, password)
        refused = client.sendmail(sender, recipients, message.replace("\n", "\r\n").encode())
        return next(iter(refused.values()))[0] if refused else 250


def code():
    try:
        return send(*sys.argv[1:])
    except smtplib.SMTPRecipientsRefused as refused:
        return next(iter(refused.recipients.values()))[0]
    except smtplib.SMTPResponseException as answered:
        return max(answered.smtp_code, 0)
    except (smtplib.SMTPServerDisconnected, ConnectionError):
        return 0


print(json.dumps({"code": code()}))
