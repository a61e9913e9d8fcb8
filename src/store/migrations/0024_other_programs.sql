-- What happened, for other programs. Each row is written by the statement that makes it happen, so that no crash and no
-- forgotten call can tell of what did not happen, or leave out what did. `data` has numbers, words of ours and times in
-- milliseconds: no text of a message, no title, no address.

-- When it last came from one state to another.
ALTER TABLE broadcast ADD COLUMN stepped_at INTEGER;

CREATE TABLE webhook_event (
    -- Never used twice, even after the last row was forgotten: receivers know events by it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    incident_id INTEGER,
    promise_id INTEGER,
    -- The only endpoint that it is for: tests.
    endpoint TEXT,
    data TEXT NOT NULL
) STRICT;
CREATE INDEX webhook_event_by_at ON webhook_event (at);
CREATE INDEX webhook_event_by_promise ON webhook_event (promise_id, type) WHERE promise_id IS NOT NULL;

-- How the endpoints of the configuration stand. Events up to `seen` were given to it.
CREATE TABLE webhook_endpoint (
    name TEXT PRIMARY KEY,
    seen INTEGER NOT NULL,
    delivered_at INTEGER,
    failing_since INTEGER,
    trouble TEXT,
    not_before INTEGER,
    disabled_at INTEGER,
    disabled_why TEXT CHECK (disabled_why IN ('gone', 'failing'))
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_delivery (
    endpoint TEXT NOT NULL,
    event_id INTEGER NOT NULL REFERENCES webhook_event (id) ON DELETE CASCADE,
    incident_id INTEGER,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    at INTEGER,
    trouble TEXT,
    PRIMARY KEY (endpoint, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint, due_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_order ON webhook_delivery (endpoint, incident_id, event_id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_by_event ON webhook_delivery (event_id);

CREATE VIEW webhook_incident AS
    SELECT id, json_object('id', id, 'kind', kind, 'status', status, 'exercise', exercise, 'restricted', restricted) AS data
    FROM incident;

CREATE TRIGGER webhook_of_a_new_incident AFTER INSERT ON incident BEGIN
    INSERT INTO webhook_event (type, at, incident_id, data)
    SELECT 'incident.opened', new.created_at, new.id, json_object('incident', json(w.data))
    FROM webhook_incident w WHERE w.id = new.id;
END;

CREATE TRIGGER webhook_of_an_incident AFTER UPDATE OF status, ended_at ON incident
WHEN new.status IS NOT old.status OR new.ended_at IS NOT old.ended_at BEGIN
    INSERT INTO webhook_event (type, at, incident_id, data)
    SELECT t.type, COALESCE(
        CASE t.type WHEN 'incident.closed' THEN new.ended_at END,
        (SELECT MAX(started_at) FROM broadcast WHERE incident_id = new.id), new.ended_at, new.created_at),
      new.id, json_object('incident', json(w.data))
    FROM webhook_incident w JOIN (
      SELECT 1 AS place, 'incident.status_changed' AS type WHERE new.status IS NOT old.status
      UNION ALL SELECT 2, 'incident.closed' WHERE old.ended_at IS NULL AND new.ended_at IS NOT NULL
      UNION ALL SELECT 3, 'incident.reopened' WHERE old.ended_at IS NOT NULL AND new.ended_at IS NULL) t
    WHERE w.id = new.id ORDER BY t.place;
END;

CREATE TRIGGER webhook_of_a_broadcast AFTER UPDATE OF state ON broadcast
WHEN new.state <> old.state AND NOT (new.state = 'voided' AND old.state = 'planning') BEGIN
    INSERT INTO webhook_event (type, at, incident_id, data)
    SELECT
      CASE
        WHEN new.state = 'submitted' THEN 'update.submitted'
        WHEN new.state = 'scheduled' AND old.state = 'submitted' THEN 'update.approved'
        WHEN new.state = 'voided' THEN 'update.voided'
        WHEN new.state = 'running' AND new.started_at IS NULL THEN 'broadcast.started'
        WHEN new.state = 'paused' THEN 'broadcast.paused'
        WHEN new.state = 'retracted' THEN 'broadcast.retracted'
        WHEN new.state IN ('completed', 'partial') THEN 'broadcast.completed'
        ELSE 'broadcast.resumed'
      END,
      COALESCE(new.stepped_at, new.submitted_at), new.incident_id,
      json_object(
        'incident', json(w.data),
        'update', json_object('id', u.id, 'number', u.number, 'version', new.version),
        'broadcast', json_object(
          'id', new.id, 'message', new.message, 'state', new.state, 'people', new.people, 'source_id', new.source_id,
          'outcomes', json((SELECT json_group_object(CAST(k.state AS TEXT), k.n) FROM (
            SELECT state, SUM(n) AS n FROM counter WHERE broadcast_id = new.id GROUP BY state) k))))
    FROM webhook_incident w JOIN incident_update u ON u.id = new.update_id WHERE w.id = new.incident_id;
END;

CREATE TRIGGER webhook_of_a_new_promise AFTER INSERT ON promise BEGIN
    INSERT INTO webhook_event (type, at, incident_id, promise_id, data)
    SELECT 'promise.made', new.made_at, new.incident_id, new.id, json_object(
      'incident', json(w.data), 'promise', json_object('id', new.id, 'broadcast_id', new.broadcast_id, 'due_at', new.due_at))
    FROM webhook_incident w WHERE w.id = new.incident_id;
END;

-- People are told a minute, so a promise is kept until that minute is over.
CREATE TRIGGER webhook_of_a_promise AFTER UPDATE OF kept_at ON promise
WHEN old.kept_at IS NULL AND new.kept_at IS NOT NULL BEGIN
    INSERT INTO webhook_event (type, at, incident_id, promise_id, data)
    SELECT CASE WHEN new.kept_at - new.due_at < 60000 THEN 'promise.kept' ELSE 'promise.late' END,
      new.kept_at, new.incident_id, new.id, json_object('incident', json(w.data), 'promise', json_object(
        'id', new.id, 'broadcast_id', new.broadcast_id, 'due_at', new.due_at, 'kept_at', new.kept_at, 'kept_by', new.kept_by,
        'message', (SELECT message FROM broadcast WHERE id = new.kept_by)))
    FROM webhook_incident w WHERE w.id = new.incident_id;
END;

-- What tools wrote that take us for Statuspage, each as it stands: their calls change parts of it. What is over is
-- forgotten with the calls.
CREATE TABLE intake_page (
    source TEXT NOT NULL,
    noun TEXT NOT NULL CHECK (noun IN ('incident', 'component')),
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    over INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (source, noun, id)
) STRICT, WITHOUT ROWID;
