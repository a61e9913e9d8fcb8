-- `queue_by_turn` finds the same rows, once for the first tries and once for the rest; each row of the queue paid for this.
DROP INDEX queue_by_broadcast_due;
