-- Who may see an incident that is restricted; who said so, and when.
CREATE TABLE incident_named (
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    named_by INTEGER REFERENCES person (id),
    named_at INTEGER NOT NULL,
    PRIMARY KEY (incident_id, person_id)
) STRICT, WITHOUT ROWID;
INSERT INTO incident_named (incident_id, person_id, named_by, named_at)
    SELECT id, created_by, created_by, created_at FROM incident WHERE restricted = 1 AND created_by IS NOT NULL;
-- Every list leaves out what its reader may not see: the few that are restricted are found without reading the others.
CREATE INDEX incident_restricted ON incident (id) WHERE restricted = 1;
-- The story of an incident: what was done with it, with its updates and with what was sent.
CREATE INDEX audit_by_subject ON audit (subject);
