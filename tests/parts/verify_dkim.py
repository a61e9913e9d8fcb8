"""Verifies every DKIM signature of mails with dkimpy.

Reads {"records": {"name.": "record"}, "mails": ["base64"]} and prints, for each mail, what became of each signature.
"""

import base64
import json
import sys

import dkim

asked = json.load(sys.stdin)
records = {name.encode(): record.encode() for name, record in asked["records"].items()}


def verify(mail, place):
    try:
        return dkim.DKIM(mail).verify(idx=place, dnsfunc=lambda name, timeout=5: records.get(name))
    except dkim.ValidationError:  # How dkimpy says that the body is another one.
        return False


def signatures(mail):
    return sum(1 for name, _ in dkim.rfc822_parse(mail)[0] if name.lower() == b"dkim-signature")


mails = [base64.b64decode(mail) for mail in asked["mails"]]
json.dump([[verify(mail, place) for place in range(signatures(mail))] for mail in mails], sys.stdout)
