-- What went wrong is looked up by broadcast and state; successes, which are nearly all rows, cost the index nothing.
CREATE INDEX outcome_trouble ON outcome (broadcast_id, state, channel) WHERE state > 2;
