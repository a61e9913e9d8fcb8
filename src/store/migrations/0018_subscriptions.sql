-- What somebody agreed to who subscribed by themselves, as JSON: the words, the language, by which means, when. NULL for
-- people whom the organisation lists itself.
ALTER TABLE recipient ADD COLUMN consent TEXT;

-- Who asked to subscribe and has not confirmed it yet. Numbers are never used again: confirmations are derived from them.
CREATE TABLE subscription_request (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel INTEGER NOT NULL,
    value TEXT NOT NULL,
    locale TEXT NOT NULL,
    -- Names of components as JSON; ["*"] for all of them.
    components TEXT NOT NULL,
    -- What they read when they asked.
    words TEXT NOT NULL,
    wrong_codes INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX subscription_request_by_address ON subscription_request (channel, value);

-- Confirmations and links to somebody's own subscription, until they are a day old.
CREATE TABLE subscription_message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel INTEGER NOT NULL,
    value TEXT NOT NULL,
    locale TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    -- Where the text leads to leave with one click; empty where there is nothing to leave yet.
    leave TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
    provider TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX subscription_message_due ON subscription_message (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX subscription_message_by_address ON subscription_message (channel, value);
CREATE INDEX subscription_message_by_time ON subscription_message (channel, at);

-- Who chose a component hears of it under its new name too.
CREATE TRIGGER component_renamed AFTER UPDATE OF name ON component WHEN old.name <> new.name BEGIN
    UPDATE recipient SET components = (
        SELECT json_group_array(CASE value WHEN old.name THEN new.name ELSE value END) FROM json_each(recipient.components)
    ) WHERE consent IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(recipient.components) WHERE value = old.name);
END;
