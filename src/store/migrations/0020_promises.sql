-- Promises that are looked after: reminders, the "no news yet" message, and what happens when nobody does anything.

-- How many "no news yet" messages in a row went before this one.
ALTER TABLE broadcast ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;

-- The "no news yet" message that was begun to keep it: one at most. When everybody was called because nobody kept it, and
-- why nothing was sent; when somebody took it over.
ALTER TABLE promise ADD COLUMN holding_id INTEGER REFERENCES broadcast (id);
ALTER TABLE promise ADD COLUMN escalated_at INTEGER;
ALTER TABLE promise ADD COLUMN escalated_why TEXT;
ALTER TABLE promise ADD COLUMN taken_at INTEGER;
CREATE INDEX promise_open ON promise (due_at) WHERE kept_at IS NULL;

-- Other deadlines of an incident, such as a regulator's 72 hours. They remind, and nothing else.
CREATE TABLE deadline (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    title TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    owner_id INTEGER REFERENCES person (id),
    made_by INTEGER REFERENCES person (id),
    made_at INTEGER NOT NULL,
    done_at INTEGER,
    done_by INTEGER REFERENCES person (id)
) STRICT;
CREATE INDEX deadline_by_incident ON deadline (incident_id);
CREATE INDEX deadline_open ON deadline (due_at) WHERE done_at IS NULL;

-- What was done about a promise or a deadline, each once, whatever the clock does: `remind:900`, `escalate`, `approvers`.
-- The calls of a step are written with it; `sent_at` is committed before a provider is asked.
CREATE TABLE reminder (
    noun TEXT NOT NULL CHECK (noun IN ('promise', 'deadline')),
    target_id INTEGER NOT NULL,
    step TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (noun, target_id, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE reminder_call (
    id INTEGER PRIMARY KEY,
    noun TEXT NOT NULL,
    target_id INTEGER NOT NULL,
    step TEXT NOT NULL,
    person_id INTEGER NOT NULL REFERENCES person (id),
    channel INTEGER NOT NULL,
    sent_at INTEGER,
    failed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (noun, target_id, step, person_id, channel)
) STRICT;
CREATE INDEX reminder_call_waiting ON reminder_call (id) WHERE sent_at IS NULL;
