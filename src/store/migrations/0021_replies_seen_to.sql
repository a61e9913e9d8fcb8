-- Somebody saw to what was written back: who, and when. By time, because replies are forgotten after a while.
ALTER TABLE reply ADD COLUMN handled_by INTEGER REFERENCES person (id);
ALTER TABLE reply ADD COLUMN handled_at INTEGER;
CREATE INDEX reply_by_time ON reply (at);
CREATE INDEX reply_open ON reply (id) WHERE handled_at IS NULL AND word = 'other';
