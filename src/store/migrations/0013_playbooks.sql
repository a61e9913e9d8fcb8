-- Prepared messages (playbooks): approved in advance by two people, sent within bounds.

CREATE TABLE playbook (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    retired_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
-- Every version as it was written, with the digest over all of it.
CREATE TABLE playbook_version (
    playbook_id INTEGER NOT NULL REFERENCES playbook (id),
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    digest TEXT NOT NULL,
    author_id INTEGER REFERENCES person (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (playbook_id, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER playbook_version_is_frozen BEFORE UPDATE ON playbook_version
BEGIN SELECT RAISE(ABORT, 'a version of a prepared message is never changed'); END;
CREATE TABLE playbook_approval (
    playbook_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    person_id INTEGER NOT NULL REFERENCES person (id),
    digest TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (playbook_id, version, person_id),
    FOREIGN KEY (playbook_id, version) REFERENCES playbook_version (playbook_id, version)
) STRICT, WITHOUT ROWID;

-- What was filled in, and when. `sent_at` is set where it went out within its bounds; else it waited for an approval.
-- `rest_update_id` is the update that asks for the channels that it may not go to alone.
CREATE TABLE playbook_instance (
    update_id INTEGER PRIMARY KEY REFERENCES incident_update (id),
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    playbook_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    stage TEXT NOT NULL,
    asked TEXT NOT NULL,
    component_id INTEGER NOT NULL,
    person_id INTEGER REFERENCES person (id),
    exercise INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sent_at INTEGER,
    rest_update_id INTEGER REFERENCES incident_update (id),
    FOREIGN KEY (playbook_id, version) REFERENCES playbook_version (playbook_id, version)
) STRICT;
CREATE INDEX playbook_instance_by_playbook ON playbook_instance (playbook_id, stage, sent_at);
CREATE INDEX playbook_instance_by_incident ON playbook_instance (incident_id);

-- Which version of which prepared message an approval rests on, and its digest; NULL: a person read this very update.
ALTER TABLE approval ADD COLUMN playbook_id INTEGER REFERENCES playbook (id);
ALTER TABLE approval ADD COLUMN playbook_version INTEGER;
ALTER TABLE approval ADD COLUMN playbook_digest TEXT;
