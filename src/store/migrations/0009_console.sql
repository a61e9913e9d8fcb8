-- How many had it when, for the curve: one row a channel and moment, written beside the sending (track/reach.rs). A moment
-- at which nothing had changed has none.
CREATE TABLE reach (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    at INTEGER NOT NULL,
    handed INTEGER NOT NULL,
    PRIMARY KEY (broadcast_id, channel, at)
) STRICT, WITHOUT ROWID;
-- Of what may have arrived, how many somebody decided to leave as they are. Gone when they are sent again after all.
CREATE TABLE left_in_doubt (
    broadcast_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (broadcast_id, channel)
) STRICT, WITHOUT ROWID;

-- People are found by any word of their name, by its beginning and without its accents.
CREATE VIRTUAL TABLE recipient_name USING fts5 (
    name, content = 'recipient', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', columnsize = 0,
    prefix = '2'
);
INSERT INTO recipient_name (recipient_name) VALUES ('rebuild');
CREATE TRIGGER recipient_name_added AFTER INSERT ON recipient WHEN new.name <> '' BEGIN
    INSERT INTO recipient_name (rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER recipient_name_changed AFTER UPDATE OF name ON recipient WHEN old.name <> new.name BEGIN
    INSERT INTO recipient_name (recipient_name, rowid, name) VALUES ('delete', old.id, old.name);
    INSERT INTO recipient_name (rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER recipient_name_removed AFTER DELETE ON recipient WHEN old.name <> '' BEGIN
    INSERT INTO recipient_name (recipient_name, rowid, name) VALUES ('delete', old.id, old.name);
END;

-- What an import did not take, for who looks later: JSON, the lines without their values.
ALTER TABLE import ADD COLUMN bad_lines TEXT NOT NULL DEFAULT '[]';
ALTER TABLE import ADD COLUMN started_by TEXT NOT NULL DEFAULT '';
