-- Failures of an address that may pass, by broadcast, as long as they count: an address that fails again and again rests.
CREATE TABLE bounce (
  channel INTEGER NOT NULL,
  value TEXT NOT NULL,
  reason TEXT NOT NULL,
  broadcast_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (channel, value, reason, broadcast_id)
);
CREATE INDEX bounce_at ON bounce (at);
