-- What people prove themselves with besides their password.

-- A phone's codes (RFC 6238). Only a confirmed secret counts; a time step is taken once.
CREATE TABLE totp (
    person_id INTEGER PRIMARY KEY REFERENCES person (id),
    secret BLOB NOT NULL,
    confirmed_at INTEGER,
    last_step INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Codes for when the phone is gone: ten, by their hashes, each used once.
CREATE TABLE recovery_code (
    person_id INTEGER NOT NULL REFERENCES person (id),
    code_hash BLOB NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (person_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Where to text them, and for which sign-offs they read, as a JSON list of names.
ALTER TABLE person ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN signs TEXT NOT NULL DEFAULT '[]';

-- What a reader said for a sign-off: a remark, or a signature on the digest they read.
CREATE TABLE sign_off (
    id INTEGER PRIMARY KEY,
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    name TEXT NOT NULL,
    person_id INTEGER NOT NULL REFERENCES person (id),
    digest TEXT NOT NULL,
    signed INTEGER NOT NULL,
    remark TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sign_off_is_signed_once ON sign_off (broadcast_id, name) WHERE signed = 1;
CREATE INDEX sign_off_by_broadcast ON sign_off (broadcast_id);

-- What an approver said of a passage when they sent an update back.
CREATE TABLE note (
    id INTEGER PRIMARY KEY,
    update_id INTEGER NOT NULL REFERENCES incident_update (id),
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    message TEXT NOT NULL,
    variant INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    locale TEXT NOT NULL,
    quote TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX note_by_update ON note (update_id, broadcast_id);
