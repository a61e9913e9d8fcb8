//! Deliveries as people see them.

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, DeliveryId};
use sqlx::Row as _;

use super::{Listed, ListedAttempt};
use crate::{
    store::{Result, Store, StoreError, channel_code, channel_of},
    track::DeliveryState,
    world::from_millis,
};

impl Store {
    /// Deliveries after a cursor, in order of channel and place; of one channel, of one state.
    ///
    /// # Errors
    /// The database's.
    pub async fn deliveries(
        &self,
        id: i64,
        channel: Option<Channel>,
        state: Option<&str>,
        after: Option<(Channel, i64)>,
        limit: i64,
    ) -> Result<Vec<Listed>> {
        self.listed(
            "s.broadcast_id = ?1 AND (?2 IS NULL OR s.channel = ?2) AND (?3 IS NULL OR (s.channel, s.ordinal) > (?3, ?4))",
            [Some(id), channel.map(channel_code), after.map(|after| channel_code(after.0)), after.map(|after| after.1)],
            "channel, ordinal",
            state,
            limit,
        )
        .await
    }

    /// Everything that was sent, or is to be sent, to a person, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn deliveries_to(&self, recipient_id: i64, limit: i64) -> Result<Vec<Listed>> {
        self.listed(
            "(s.recipient_id = ?1 OR EXISTS (SELECT 1 FROM sharer h WHERE h.recipient_id = ?1 AND h.broadcast_id = s.broadcast_id
               AND h.channel = s.channel AND h.ordinal = s.ordinal))
             AND s.broadcast_id IN (SELECT broadcast_id FROM snapshot WHERE recipient_id = ?1 UNION
               SELECT broadcast_id FROM sharer WHERE recipient_id = ?1)
             AND EXISTS (SELECT 1 FROM broadcast b WHERE b.id = s.broadcast_id AND b.started_at IS NOT NULL)
             AND (?2 IS NULL AND ?3 IS NULL AND ?4 IS NULL)",
            [Some(recipient_id), None, None, None],
            "broadcast_id DESC, channel",
            None,
            limit,
        )
        .await
    }

    /// One delivery.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn delivery(&self, id: DeliveryId) -> Result<Listed> {
        self.listed(
            "s.broadcast_id = ?1 AND s.channel = ?2 AND s.ordinal = ?3 AND ?4 IS NULL",
            [Some(id.broadcast), Some(channel_code(id.channel)), Some(id.ordinal), None],
            "channel",
            None,
            1,
        )
        .await?
        .pop()
        .ok_or(StoreError::Missing("delivery"))
    }

    async fn listed(
        &self,
        filter: &'static str,
        binds: [Option<i64>; 4],
        order: &'static str,
        state: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Listed>> {
        let sql = format!(
            "SELECT * FROM (SELECT s.*, o.state, o.reason, o.provider, o.reference, o.at, q.due_at, q.reason AS waits,
               COALESCE(o.attempts, q.attempts, 0) AS attempts,
               CASE WHEN o.state IS NOT NULL THEN o.state WHEN q.due_at IS NOT NULL THEN -1
                 WHEN EXISTS (SELECT 1 FROM claim c WHERE c.broadcast_id = s.broadcast_id AND c.channel = s.channel
                   AND s.ordinal >= c.low AND s.ordinal < c.high) THEN -2 ELSE -3 END AS place
             FROM snapshot s LEFT JOIN outcome o USING (broadcast_id, channel, ordinal)
             LEFT JOIN queue q USING (broadcast_id, channel, ordinal) WHERE {filter})
             WHERE (?5 IS NULL OR place = ?5) ORDER BY {order} LIMIT ?6"
        );
        let place = state.map(|state| match state {
            "waiting" => -1,
            "sending" => -2,
            "pending" => -3,
            other => DeliveryState::parse(other).map_or(0, DeliveryState::code),
        });
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for bind in binds {
            query = query.bind(bind);
        }
        let rows = query.bind(place).bind(limit).fetch_all(self.read()).await?;
        Ok(rows
            .iter()
            .map(|row| {
                let id = DeliveryId {
                    broadcast: row.get("broadcast_id"),
                    channel: channel_of(row.get("channel")),
                    ordinal: row.get("ordinal"),
                };
                let state = match row.get::<i64, _>("place") {
                    -1 => "waiting",
                    -2 => "sending",
                    -3 => "pending",
                    code => DeliveryState::from_code(code).as_str(),
                };
                Listed {
                    id: id.to_string(),
                    channel: id.channel,
                    ordinal: id.ordinal,
                    address: row.get("address"),
                    recipient_id: row.get("recipient_id"),
                    variant: row.get("variant"),
                    locale: row.get("locale"),
                    state: state.to_owned(),
                    reason: row.get::<Option<String>, _>("reason").or_else(|| row.get("waits")),
                    provider: row.get("provider"),
                    reference: row.get("reference"),
                    attempts: row.get("attempts"),
                    at: row.get::<Option<i64>, _>("at").map(from_millis),
                    due_at: row.get::<Option<i64>, _>("due_at").map(from_millis),
                    hole_values: row.get("hole_values"),
                }
            })
            .collect())
    }

    /// The kept attempts of a delivery, in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn attempts(&self, id: DeliveryId) -> Result<Vec<ListedAttempt>> {
        let rows =
            sqlx::query("SELECT * FROM attempt WHERE broadcast_id = ? AND channel = ? AND ordinal = ? ORDER BY id")
                .bind(id.broadcast)
                .bind(channel_code(id.channel))
                .bind(id.ordinal)
                .fetch_all(self.read())
                .await?;
        Ok(rows
            .iter()
            .map(|row| ListedAttempt {
                number: row.get("number"),
                word: row.get("word"),
                reason: row.get("reason"),
                detail: row.get("detail"),
                provider: row.get("provider"),
                at: from_millis(row.get("at")),
            })
            .collect())
    }

    /// What went wrong in a broadcast: how many deliveries by channel, state and reason, waiting ones with their next
    /// try. Sleep is nothing wrong.
    ///
    /// # Errors
    /// The database's.
    pub async fn troubles(&self, id: i64) -> Result<Vec<(Channel, String, String, i64, Option<Timestamp>)>> {
        let rows = sqlx::query(
            "SELECT channel, state, COALESCE(reason, '') AS reason, COUNT(*) AS n, NULL AS due FROM outcome
             WHERE broadcast_id = ?1 AND state > 2 AND reason IS NOT 'quiet_hours' GROUP BY channel, state, reason
             UNION ALL SELECT channel, 0, reason, COUNT(*), MIN(due_at) FROM queue
             WHERE broadcast_id = ?1 AND reason <> 'quiet_hours'
             GROUP BY channel, reason ORDER BY n DESC",
        )
        .bind(id)
        .fetch_all(self.read())
        .await?;
        Ok(rows
            .iter()
            .map(|row| {
                let state = match row.get::<i64, _>("state") {
                    0 => "waiting".to_owned(),
                    code => DeliveryState::from_code(code).as_str().to_owned(),
                };
                let due = row.get::<Option<i64>, _>("due").map(from_millis);
                (channel_of(row.get("channel")), state, row.get("reason"), row.get("n"), due)
            })
            .collect())
    }

    /// The incident's posts on an outlet before a broadcast, in order: the references that a thread hangs on.
    ///
    /// # Errors
    /// The database's.
    pub async fn thread(&self, broadcast_id: i64, channel: Channel, outlet: &str) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT o.reference FROM broadcast me JOIN broadcast b ON b.incident_id = me.incident_id AND b.id < me.id
             JOIN snapshot s ON s.broadcast_id = b.id AND s.channel = ?2 AND s.address = ?3
             JOIN outcome o ON o.broadcast_id = s.broadcast_id AND o.channel = s.channel AND o.ordinal = s.ordinal
             WHERE me.id = ?1 AND o.reference IS NOT NULL AND o.state IN (1, 2)
             AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.broadcast_id = o.broadcast_id AND w.channel = o.channel
               AND w.ordinal = o.ordinal AND w.state = 'deleted') ORDER BY b.id",
        )
        .bind(broadcast_id)
        .bind(channel_code(channel))
        .bind(outlet)
        .fetch_all(self.read())
        .await?)
    }

    /// Reads several facts of the queue for metrics: running deliveries not yet ended by channel, and the age of the
    /// oldest running broadcast's start.
    ///
    /// # Errors
    /// The database's.
    pub async fn backlog(&self) -> Result<Vec<(Channel, i64, Option<Timestamp>)>> {
        let rows = sqlx::query(
            "SELECT c.channel, SUM(c.total) - COALESCE(SUM((SELECT SUM(n) FROM counter k WHERE k.broadcast_id = c.broadcast_id
               AND k.channel = c.channel)), 0) AS n, MIN(b.started_at) AS since
             FROM broadcast b JOIN (SELECT c.broadcast_id, c.channel, SUM(c.total) AS total FROM broadcast r
               JOIN cursor c ON c.broadcast_id = r.id WHERE r.state = 'running' GROUP BY c.broadcast_id, c.channel) c
               ON c.broadcast_id = b.id WHERE b.state = 'running' GROUP BY c.channel",
        )
        .fetch_all(self.read())
        .await?;
        Ok(rows
            .iter()
            .map(|row| {
                (channel_of(row.get("channel")), row.get("n"), row.get::<Option<i64>, _>("since").map(from_millis))
            })
            .collect())
    }
}
