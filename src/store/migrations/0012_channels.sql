-- What is known of a provider besides its limits, each as JSON: how the last check of its credentials went, and what went
-- wrong lately. Both are bounded: one row a provider, one line a reason.
CREATE TABLE provider_memory (
    provider TEXT PRIMARY KEY,
    checked TEXT,
    troubles TEXT NOT NULL DEFAULT '[]'
) STRICT, WITHOUT ROWID;

-- Changes of components and contact routes: one person proposes, another makes them count. `before` is what the proposer
-- saw, so that a change made meanwhile is not undone unseen. `document` is the change itself, as JSON.
CREATE TABLE proposal (
    id INTEGER PRIMARY KEY,
    noun TEXT NOT NULL CHECK (noun IN ('component', 'contact_route')),
    target_id INTEGER,
    document TEXT NOT NULL,
    before TEXT,
    proposed_by INTEGER REFERENCES person (id),
    proposed_at INTEGER NOT NULL,
    decided_by INTEGER REFERENCES person (id),
    decided_at INTEGER,
    outcome TEXT CHECK (outcome IN ('accepted', 'declined', 'withdrawn'))
) STRICT;
CREATE INDEX proposal_open ON proposal (id) WHERE outcome IS NULL;

-- What changed of a contact route while an update waited for its approval: its approvers are told, since what they read
-- stays as it was submitted. `call` is one message to one of them; `sent_at` is committed before a provider is asked.
CREATE TABLE route_change (
    id INTEGER PRIMARY KEY,
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    route_id INTEGER NOT NULL,
    need TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('overloaded', 'free', 'changed', 'removed')),
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX route_change_by_broadcast ON route_change (broadcast_id);
CREATE TABLE route_call (
    change_id INTEGER NOT NULL REFERENCES route_change (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    channel INTEGER NOT NULL,
    sent_at INTEGER,
    PRIMARY KEY (change_id, person_id, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX route_call_waiting ON route_call (change_id) WHERE sent_at IS NULL;

-- A report asks for one month.
CREATE INDEX broadcast_by_start ON broadcast (started_at) WHERE started_at IS NOT NULL;
CREATE INDEX promise_by_due ON promise (due_at);
