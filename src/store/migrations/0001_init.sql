-- The first shape. Times are milliseconds since 1970 UTC. `channel` in the delivery tables is the place of the
-- channel in Channel::ALL, because it is repeated a million times.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- People who use Onevoice.
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'author', 'approver', 'administrator')),
    password_hash TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE api_key (
    id INTEGER PRIMARY KEY,
    prefix TEXT NOT NULL UNIQUE,
    secret_hash BLOB NOT NULL,
    person_id INTEGER NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE TABLE idempotency (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER,
    content_type TEXT,
    body BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

-- People who are told.
CREATE TABLE recipient (
    id INTEGER PRIMARY KEY,
    customer_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL DEFAULT '',
    locale TEXT NOT NULL DEFAULT '',
    time_zone TEXT NOT NULL DEFAULT '',
    attributes TEXT NOT NULL DEFAULT '{}',
    tags TEXT NOT NULL DEFAULT '[]',
    components TEXT NOT NULL DEFAULT '[]',
    generation INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE address (
    recipient_id INTEGER NOT NULL REFERENCES recipient (id) ON DELETE CASCADE,
    channel INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (recipient_id, channel, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX address_by_value ON address (channel, value);
CREATE TABLE suppression (
    channel INTEGER NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    created_by TEXT NOT NULL,
    PRIMARY KEY (channel, value, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    filter TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE import (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    good INTEGER NOT NULL DEFAULT 0,
    bad INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What they are told about.
CREATE TABLE component (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL DEFAULT '',
    group_name TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'operational',
    position INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE contact_route (
    id INTEGER PRIMARY KEY,
    document TEXT NOT NULL,
    overloaded INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE incident (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT,
    exercise INTEGER NOT NULL DEFAULT 0,
    restricted INTEGER NOT NULL DEFAULT 0,
    created_by INTEGER REFERENCES person (id),
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE TRIGGER incident_exercise_is_for_life BEFORE UPDATE OF exercise ON incident
WHEN old.exercise <> new.exercise BEGIN SELECT RAISE(ABORT, 'exercise is set at birth'); END;
CREATE TABLE incident_update (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    return_reason TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (incident_id, number)
) STRICT;
CREATE TABLE update_version (
    update_id INTEGER NOT NULL REFERENCES incident_update (id),
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    author_id INTEGER REFERENCES person (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (update_id, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER update_version_is_kept BEFORE UPDATE ON update_version
BEGIN SELECT RAISE(ABORT, 'a draft version is never changed'); END;

-- Carrying it out. A broadcast is born at the submit, so that its snapshot has one name for life.
CREATE TABLE broadcast (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    update_id INTEGER NOT NULL REFERENCES incident_update (id),
    version INTEGER NOT NULL,
    message TEXT NOT NULL CHECK (message IN ('update', 'correction', 'holding')),
    source_id INTEGER REFERENCES broadcast (id),
    state TEXT NOT NULL,
    lane INTEGER NOT NULL,
    exercise INTEGER NOT NULL,
    replaces_everywhere INTEGER NOT NULL,
    required_by_law INTEGER NOT NULL,
    digest TEXT NOT NULL DEFAULT '',
    people INTEGER NOT NULL DEFAULT 0,
    plan TEXT NOT NULL DEFAULT '{}',
    submitted_by INTEGER REFERENCES person (id),
    submitted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    start_at INTEGER,
    approved_by INTEGER REFERENCES person (id),
    approved_at INTEGER,
    started_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX broadcast_by_state ON broadcast (state);
CREATE INDEX broadcast_by_incident ON broadcast (incident_id);
CREATE INDEX broadcast_by_update ON broadcast (update_id);
CREATE TABLE rendering (
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    message TEXT NOT NULL,
    variant INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    locale TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (broadcast_id, message, variant, channel, locale)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER rendering_is_frozen BEFORE UPDATE ON rendering
BEGIN SELECT RAISE(ABORT, 'a rendering is never changed'); END;
CREATE TABLE approval (
    id INTEGER PRIMARY KEY,
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    digest TEXT NOT NULL,
    recipients INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- The snapshot: written once at the submit, in the order of addresses, so that both trees grow at their end.
CREATE TABLE snapshot (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    address TEXT NOT NULL,
    recipient_id INTEGER,
    variant INTEGER NOT NULL,
    locale TEXT NOT NULL,
    hole_values TEXT,
    PRIMARY KEY (broadcast_id, channel, ordinal)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX snapshot_one_delivery_an_address ON snapshot (broadcast_id, channel, address);
CREATE TRIGGER snapshot_is_frozen BEFORE UPDATE OF broadcast_id, channel, ordinal, address, variant, locale ON snapshot
BEGIN SELECT RAISE(ABORT, 'a snapshot is never changed'); END;
-- Who stands behind a delivery besides its first recipient: people who share an address.
CREATE TABLE sharer (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    recipient_id INTEGER NOT NULL,
    PRIMARY KEY (recipient_id, broadcast_id, channel, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_by_recipient ON snapshot (recipient_id, broadcast_id) WHERE recipient_id IS NOT NULL;

-- What is not claimed yet: ordinals from `first` on, wrapping round; `taken` of `total` have been claimed.
CREATE TABLE cursor (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    total INTEGER NOT NULL,
    first INTEGER NOT NULL DEFAULT 0,
    taken INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (broadcast_id, channel)
) STRICT, WITHOUT ROWID;
-- The intent: ordinals low to high (exclusive) may be on the wire. Gone when the last outcome is in.
CREATE TABLE claim (
    id INTEGER PRIMARY KEY,
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    provider TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX claim_by_broadcast ON claim (broadcast_id, channel);
-- Single ordinals that wait: retries, and what a provider gave back.
CREATE TABLE queue (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (broadcast_id, channel, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_by_due ON queue (channel, due_at);
-- One row a delivery, once it has an end. A receipt moves `state` forward, by the table in track/.
CREATE TABLE outcome (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    state INTEGER NOT NULL,
    reason TEXT,
    provider TEXT,
    reference TEXT,
    parts INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL,
    PRIMARY KEY (broadcast_id, channel, ordinal)
) STRICT, WITHOUT ROWID;
-- Attempts that did not simply succeed, and later words of the provider.
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    number INTEGER NOT NULL,
    word TEXT NOT NULL,
    reason TEXT,
    detail TEXT NOT NULL,
    provider TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX attempt_by_delivery ON attempt (broadcast_id, channel, ordinal);
CREATE TABLE counter (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    state INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (broadcast_id, channel, state)
) STRICT, WITHOUT ROWID;
-- Providers' references by which receipts find a delivery.
CREATE TABLE reference (
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (provider, reference)
) STRICT, WITHOUT ROWID;
CREATE TABLE parked_receipt (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    word TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX parked_by_reference ON parked_receipt (provider, reference);

CREATE TABLE promise (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    owner_id INTEGER REFERENCES person (id),
    made_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    kept_at INTEGER,
    kept_by INTEGER REFERENCES broadcast (id)
) STRICT;
CREATE INDEX promise_by_incident ON promise (incident_id);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
