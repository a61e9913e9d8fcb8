"""Prints exchanges that Mastodon.py's authors recorded with a real Mastodon, as JSON.

Arguments: the folder of the recordings, then their names. Prints {name: [exchange, ...]}.
"""

import json
import pathlib
import sys

import yaml


def exchange(recorded):
    request, response = recorded["request"], recorded["response"]
    body = request["body"]
    return {
        "method": request["method"],
        "path": request["uri"].removeprefix("http://localhost:3000"),
        "authorization": request["headers"]["Authorization"][0],
        "body": body.decode() if isinstance(body, bytes) else body or "",
        "code": response["status"]["code"],
        "limit": response["headers"]["x-ratelimit-limit"][0],
        "answer": json.loads(response["body"]["string"]),
    }


def exchanges(file):
    recording = yaml.load(file.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return [exchange(recorded) for recorded in recording["interactions"]]


folder = pathlib.Path(sys.argv[1])
print(json.dumps({name: exchanges(folder / f"{name}.yaml") for name in sys.argv[2:]}))
