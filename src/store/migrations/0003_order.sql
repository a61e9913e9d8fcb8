-- Order and timing.

-- What was chosen about time, as JSON, read by the approver and part of the digest; NULL: at once, to everybody.
ALTER TABLE broadcast ADD COLUMN timing TEXT;
-- The last audience that may be written to; the ones after it wait until enough of this one is handed over.
ALTER TABLE broadcast ADD COLUMN stage INTEGER NOT NULL DEFAULT 0;
-- Since when it is stopped, and for how many milliseconds it was before: a spread broadcast goes on where it stood.
ALTER TABLE broadcast ADD COLUMN paused_at INTEGER;
ALTER TABLE broadcast ADD COLUMN paused_for INTEGER NOT NULL DEFAULT 0;

-- What is not claimed yet, now by audience: its ordinals are `low` to `low + total`, which go from `low + first` on,
-- wrapping round; `taken` of `total` have been claimed. `turn` is when a channel of a broadcast was last claimed from:
-- the one with the lowest is next.
CREATE TABLE staged_cursor (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    stage INTEGER NOT NULL DEFAULT 0,
    low INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL,
    first INTEGER NOT NULL DEFAULT 0,
    taken INTEGER NOT NULL DEFAULT 0,
    turn INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (broadcast_id, channel, stage)
) STRICT, WITHOUT ROWID;
INSERT INTO staged_cursor (broadcast_id, channel, total, first, taken)
    SELECT broadcast_id, channel, total, first, taken FROM cursor;
DROP TABLE cursor;
ALTER TABLE staged_cursor RENAME TO cursor;

-- What waits for another try is kept apart from what waits for its first one, and the first due of each is found
-- without reading what is due later: a night's worth of messages may wait for the morning.
ALTER TABLE queue ADD COLUMN again INTEGER NOT NULL
    GENERATED ALWAYS AS (reason NOT IN ('order', 'stopped', 'pace', 'quiet_hours')) VIRTUAL;
DROP INDEX queue_by_due;
CREATE INDEX queue_by_turn ON queue (broadcast_id, channel, again, due_at);
