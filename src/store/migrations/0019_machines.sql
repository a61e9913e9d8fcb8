-- Machines announce by prepared messages, and monitoring speaks through them.

-- Which machine asked, `key:3` or `intake:prometheus`; NULL: a person did.
ALTER TABLE playbook_instance ADD COLUMN machine TEXT;

-- What machines go on with: an incident by the key that they name it by. One is open by a key at a time. `settled` is 0
-- from when the update is written down until it is known whether it goes out or waits for an approval.
CREATE TABLE announced (
    id INTEGER PRIMARY KEY,
    dedup_key TEXT NOT NULL,
    exercise INTEGER NOT NULL,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    playbook_id INTEGER NOT NULL REFERENCES playbook (id),
    stage TEXT NOT NULL,
    update_id INTEGER NOT NULL REFERENCES incident_update (id),
    settled INTEGER NOT NULL,
    exceeded TEXT NOT NULL,
    machine TEXT NOT NULL,
    at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX announced_open ON announced (dedup_key, exercise) WHERE closed_at IS NULL;
CREATE INDEX announced_by_key ON announced (dedup_key, exercise, id);
CREATE INDEX announced_unsettled ON announced (id) WHERE settled = 0;

-- What monitoring called with, as it came, and what became of it.
CREATE TABLE intake_call (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    verdict TEXT NOT NULL,
    replay_of INTEGER
) STRICT;
CREATE INDEX intake_call_by_time ON intake_call (at);

-- What monitoring has to say, one for each rule and what it fills in, from the first alert until it is over.
-- `due_at` is when its state is looked at again: a hold-down that ends, or another try. `storm_id` is the one that speaks
-- for it where many began at once; `asked` is what is announced.
CREATE TABLE intake_voice (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    rule TEXT NOT NULL,
    asked TEXT NOT NULL,
    state TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    due_at INTEGER,
    flaps INTEGER NOT NULL,
    storm_id INTEGER REFERENCES intake_voice (id),
    incident_id INTEGER REFERENCES incident (id),
    problem TEXT,
    closed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX intake_voice_open ON intake_voice (name) WHERE closed_at IS NULL;
CREATE INDEX intake_voice_due ON intake_voice (due_at) WHERE closed_at IS NULL AND due_at IS NOT NULL;
CREATE INDEX intake_voice_by_storm ON intake_voice (storm_id) WHERE storm_id IS NOT NULL;

-- The alerts that still fire behind a voice, by the name that monitoring gives a group of them.
CREATE TABLE intake_alert (
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    voice_id INTEGER NOT NULL REFERENCES intake_voice (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (source, name, voice_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX intake_alert_by_voice ON intake_alert (voice_id);
