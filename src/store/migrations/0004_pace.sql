-- What may have arrived by one provider is sent again by that one alone: its name. NULL: whichever is free.
ALTER TABLE queue ADD COLUMN provider TEXT;
-- A slow destination leaves many rows that are not due for long: what is due is found without reading those.
CREATE INDEX queue_by_broadcast_due ON queue (broadcast_id, channel, due_at);
