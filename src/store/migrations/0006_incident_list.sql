-- Customer ids that somebody gave for one incident. They are forgotten after their time.
CREATE TABLE incident_list (
    incident_id INTEGER PRIMARY KEY REFERENCES incident (id),
    created_by INTEGER REFERENCES person (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE incident_listed (
    incident_id INTEGER NOT NULL REFERENCES incident_list (incident_id) ON DELETE CASCADE,
    customer_id TEXT NOT NULL,
    PRIMARY KEY (incident_id, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_listed_by_customer ON incident_listed (customer_id);
-- Who is removed is removed here too.
CREATE TRIGGER recipient_leaves_lists AFTER DELETE ON recipient
BEGIN DELETE FROM incident_listed WHERE customer_id = old.customer_id; END;
