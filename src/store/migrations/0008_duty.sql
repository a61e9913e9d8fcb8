-- Who is on duty, and who was called about what waits for an approval.

-- `place` is the order in which they are called: 1 first.
CREATE TABLE duty (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    place INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL
) STRICT;
CREATE INDEX duty_by_end ON duty (until_at);

-- Calls are rows with a due time, so that a restart forgets none. `sent_at` is committed before a provider is asked.
CREATE TABLE summons (
    id INTEGER PRIMARY KEY,
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    channel INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    sent_at INTEGER,
    failed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (broadcast_id, person_id, channel)
) STRICT;
-- Which of those who may approve have opened it: then nobody else is called.
CREATE TABLE opened (
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (broadcast_id, person_id)
) STRICT, WITHOUT ROWID;
