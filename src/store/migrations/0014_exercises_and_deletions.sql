-- How an exercise went, written once when it ends: seconds from its beginning, NULL for what was not reached.
CREATE TABLE exercise_score (
    incident_id INTEGER PRIMARY KEY REFERENCES incident (id),
    began_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    ended_by INTEGER REFERENCES person (id),
    first_draft INTEGER,
    approval INTEGER,
    first_message INTEGER,
    last_message INTEGER,
    kept INTEGER NOT NULL,
    blocked INTEGER NOT NULL
) STRICT;
CREATE TRIGGER exercise_score_is_kept BEFORE UPDATE ON exercise_score
BEGIN SELECT RAISE(ABORT, 'a score is never changed'); END;

-- Somebody wants the posts of a broadcast deleted: those that are out, and those that turn out to be.
CREATE TABLE withdrawing (
    broadcast_id INTEGER PRIMARY KEY REFERENCES broadcast (id),
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL
) STRICT;
-- How far that is: one row a post that was tried, `waiting` for its next try, `deleted` or `failed`.
CREATE TABLE withdrawal (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'deleted', 'failed')),
    reason TEXT,
    detail TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (broadcast_id, channel, ordinal)
) STRICT, WITHOUT ROWID;
