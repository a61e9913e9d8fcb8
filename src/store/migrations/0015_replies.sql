-- What people wrote back, once each. `incident_id` is the incident whose message their address got last; NULL where it got
-- none. `word` says what it asked for.
CREATE TABLE reply (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    provider_id TEXT,
    channel INTEGER NOT NULL,
    address TEXT NOT NULL,
    sent_to TEXT NOT NULL,
    text TEXT NOT NULL,
    word TEXT NOT NULL CHECK (word IN ('stop', 'start', 'help', 'other')),
    incident_id INTEGER REFERENCES incident (id),
    at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX reply_once ON reply (provider, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX reply_by_incident ON reply (incident_id, id);
CREATE INDEX reply_by_address ON reply (channel, address, id);

-- Messages of the service itself, in words of the configuration: the answer that a STOP is owed, and replies handed on to a
-- help desk. `due_at` is NULL once it has its end; until then it is sent again, so that it arrives at least once.
CREATE TABLE service_message (
    id INTEGER PRIMARY KEY,
    reply_id INTEGER NOT NULL REFERENCES reply (id) ON DELETE CASCADE,
    channel INTEGER NOT NULL,
    address TEXT NOT NULL,
    provider TEXT NOT NULL,
    word TEXT NOT NULL,
    text TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX service_message_due ON service_message (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX service_message_by_reply ON service_message (reply_id);
CREATE INDEX service_message_by_address ON service_message (channel, address, id);
