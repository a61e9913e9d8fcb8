"""Reads a feed with feedparser and prints what it found as JSON: argument is the address."""

import json
import sys

import feedparser

feed = feedparser.parse(sys.argv[1])
wanted = ("id", "title", "link", "updated", "published", "summary")
print(json.dumps({
    "bozo": str(feed.get("bozo_exception", "")),
    "version": feed.version,
    "status": feed.get("status"),
    "feed": {key: feed.feed.get(key) for key in ("id", "title", "link", "updated", "author", "language")},
    "entries": [{key: entry.get(key) for key in wanted} for entry in feed.entries],
}))
