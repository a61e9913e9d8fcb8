"""Drives a server with Mastodon.py and prints what it saw, as JSON. Arguments: the server's URL, the access token."""

import json
import sys

import mastodon

url, token = sys.argv[1:]


def client(token):
    return mastodon.Mastodon(api_base_url=url, access_token=token, ratelimit_method="throw", request_timeout=30)


def refused(act):
    try:
        act()
    except mastodon.MastodonError as error:
        return type(error).__name__
    return None


mine = client(token)
first = mine.status_post("Power is out.", idempotency_key="delivery-1", language="en", visibility="unlisted")
again = mine.status_post("Power is out.", idempotency_key="delivery-1", language="en", visibility="unlisted")
reply = mine.status_post("It is back.", in_reply_to_id=first.id, idempotency_key="delivery-2")
link = "https://status.example.test/" + "x" * 600
print(
    json.dumps(
        {
            "same": first.id == again.id,
            "reply": mine.status(reply.id).in_reply_to_id == first.id,
            "thread": [status.id == reply.id for status in mine.status_context(first.id).descendants],
            "language": first.language,
            "visibility": first.visibility,
            "me": mine.account_verify_credentials().acct,
            "most": mine.instance_v2().configuration.statuses.max_characters,
            "most_v1": mine.instance_v1().configuration.statuses.max_characters,
            "500": refused(lambda: mine.status_post("x" * 500)),
            "501": refused(lambda: mine.status_post("x" * 501)),
            "long link": refused(lambda: mine.status_post("x" * 476 + " " + link)),
            "stranger": refused(lambda: client("wrong").status_post("Hello")),
            "remaining": mine.ratelimit_remaining,
        }
    )
)
