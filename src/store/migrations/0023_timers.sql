-- Timers and planned work: prepared messages that are sent at their time. All of it is rows, so that a restart forgets
-- nothing and repeats nothing.

-- A recurring notice. `armed_at` is when `next_at` was computed: a clock that shows an earlier time was set back.
CREATE TABLE timer (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    playbook_id INTEGER NOT NULL REFERENCES playbook (id),
    stage TEXT NOT NULL,
    asked TEXT NOT NULL,
    cron TEXT NOT NULL,
    zone TEXT NOT NULL,
    until_at INTEGER,
    exercise INTEGER NOT NULL,
    made_by INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL,
    armed_at INTEGER NOT NULL,
    next_at INTEGER,
    ended_at INTEGER
) STRICT;

-- Planned work: `planned`, `under_way`, `over` or `cancelled`. `revision` counts the times that it was moved to, since
-- `timed_at`; leads that lie before that are not announced.
CREATE TABLE planned_work (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    playbook_id INTEGER NOT NULL REFERENCES playbook (id),
    asked TEXT NOT NULL,
    components TEXT NOT NULL,
    zone TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    leads TEXT NOT NULL,
    exercise INTEGER NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    timed_at INTEGER NOT NULL,
    made_by INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX planned_work_open ON planned_work (id) WHERE ended_at IS NULL;

-- A time of one of them that has come, each once, whatever the clock does. It is settled when it is known what became of
-- it; `again_at`, in steady time, is when it is tried again. `missed` counts the times that were passed over with it.
CREATE TABLE firing (
    id INTEGER PRIMARY KEY,
    timer_id INTEGER REFERENCES timer (id),
    work_id INTEGER REFERENCES planned_work (id),
    occurrence TEXT NOT NULL,
    step TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    outcome TEXT,
    incident_id INTEGER REFERENCES incident (id),
    update_id INTEGER REFERENCES incident_update (id),
    problem TEXT,
    again_at INTEGER
) STRICT;
CREATE UNIQUE INDEX firing_of_timer ON firing (timer_id, occurrence) WHERE timer_id IS NOT NULL;
CREATE UNIQUE INDEX firing_of_work ON firing (work_id, occurrence) WHERE work_id IS NOT NULL;
CREATE INDEX firing_unsettled ON firing (id) WHERE outcome IS NULL;

-- Which time of a timer or plan was asked last by a key.
ALTER TABLE announced ADD COLUMN occurrence TEXT;
-- Why an update waits is asked by its number.
CREATE INDEX announced_by_update ON announced (update_id);

-- People are called about a firing too.
CREATE TABLE reminder_of_all (
    noun TEXT NOT NULL CHECK (noun IN ('promise', 'deadline', 'firing')),
    target_id INTEGER NOT NULL,
    step TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (noun, target_id, step)
) STRICT, WITHOUT ROWID;
INSERT INTO reminder_of_all SELECT noun, target_id, step, at FROM reminder;
DROP TABLE reminder;
ALTER TABLE reminder_of_all RENAME TO reminder;
