//! What ends without being sent, and what a correction then has nothing to correct of.

use std::collections::BTreeMap;

use sqlx::{Row as _, SqliteConnection};

use super::record::add_counts;
use crate::{store::Result, track::DeliveryState};

/// SQL: whether an earlier attempt of the delivery `of` may have arrived, and no later word settled it.
pub(in crate::store) fn in_doubt(of: &str) -> String {
    format!(
        "(COALESCE((SELECT SUM(CASE a.word WHEN 'in_doubt' THEN 1 WHEN 'settled' THEN -1 ELSE 0 END) FROM attempt a
           WHERE a.broadcast_id = {of}.broadcast_id AND a.channel = {of}.channel AND a.ordinal = {of}.ordinal), 0) > 0)"
    )
}

/// SQL: whether the reader of the delivery `of` has it, or may have it.
pub(in crate::store) fn may_have_it(of: &str) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM outcome h WHERE h.broadcast_id = {of}.broadcast_id AND h.channel = {of}.channel
           AND h.ordinal = {of}.ordinal AND h.state IN (1, 2, 3)) OR {})",
        in_doubt(of)
    )
}

/// SQL: whether the delivery `of` is claimed and was neither answered nor given back.
pub(in crate::store) fn on_the_wire(of: &str) -> String {
    let same = |row: &str| {
        format!(
            "{row}.broadcast_id = {of}.broadcast_id AND {row}.channel = {of}.channel AND {row}.ordinal = {of}.ordinal"
        )
    };
    format!(
        "(EXISTS (SELECT 1 FROM claim c WHERE c.broadcast_id = {of}.broadcast_id AND c.channel = {of}.channel
           AND {of}.ordinal >= c.low AND {of}.ordinal < c.high)
         AND NOT EXISTS (SELECT 1 FROM outcome h WHERE {}) AND NOT EXISTS (SELECT 1 FROM queue q WHERE {}))",
        same("h"),
        same("q")
    )
}

/// Ends deliveries that are not sent any more, given as a JSON list of (broadcast, channel, ordinal, state, attempts,
/// and why, where something is to be said).
/// What may have arrived ends in doubt: nobody must read of it that it was never sent.
pub(super) async fn end_unsent(tx: &mut SqliteConnection, rows: &str, now: i64) -> Result<()> {
    let sql = format!(
        "INSERT INTO outcome (broadcast_id, channel, ordinal, state, reason, attempts, at)
         SELECT s.broadcast_id, s.channel, s.ordinal, CASE WHEN {} THEN 3 ELSE s.state END, s.reason, s.attempts, ?2
         FROM (SELECT value->>0 AS broadcast_id, value->>1 AS channel, value->>2 AS ordinal, value->>3 AS state,
           value->>4 AS attempts, value->>5 AS reason FROM json_each(?1)) s WHERE true RETURNING broadcast_id, channel, state",
        in_doubt("s")
    );
    count(tx, sqlx::query(sqlx::AssertSqlSafe(sql)).bind(rows).bind(now)).await.map(drop)
}

/// Ends whatever waits of retracted broadcasts among these: what comes back from the wire after the sweep is not sent
/// any more. `rows` is a JSON list whose rows begin with the broadcast's number.
pub(super) async fn end_retracted(tx: &mut SqliteConnection, rows: &str, now: i64) -> Result<()> {
    let retracted = "SELECT b.id FROM broadcast b WHERE b.state = 'retracted'
                     AND b.id IN (SELECT DISTINCT value->>0 FROM json_each(?1))";
    let waiting: Vec<(i64, i64, i64, i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT q.broadcast_id, q.channel, q.ordinal, ?2, q.attempts FROM ({retracted}) r CROSS JOIN queue q
         ON q.broadcast_id = r.id"
    )))
    .bind(rows)
    .bind(DeliveryState::Retracted.code())
    .fetch_all(&mut *tx)
    .await?;
    if waiting.is_empty() {
        return Ok(());
    }
    sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM queue WHERE broadcast_id IN ({retracted})")))
        .bind(rows)
        .execute(&mut *tx)
        .await?;
    let waiting = serde_json::to_string(&waiting)?;
    end_unsent(tx, &waiting, now).await?;
    nothing_to_correct(tx, &waiting, now).await
}

/// Ends the correction's deliveries to those who turned out not to have its original: they were on the wire when the
/// correction began, and it waited for them. `rows` is a JSON list of (broadcast, channel, ordinal, …) that ended just
/// now. Rows of the correction that wait in the queue are dropped at their claim.
pub(super) async fn nothing_to_correct(tx: &mut SqliteConnection, rows: &str, now: i64) -> Result<()> {
    let sql = format!(
        "INSERT INTO outcome (broadcast_id, channel, ordinal, state, at)
         SELECT t.broadcast_id, t.channel, t.ordinal, ?2, ?3 FROM json_each(?1) w
         CROSS JOIN broadcast b ON b.id = w.value->>0 AND b.state = 'retracted'
         CROSS JOIN broadcast c ON c.source_id = b.id AND c.message = 'correction'
         CROSS JOIN snapshot s ON s.broadcast_id = b.id AND s.channel = w.value->>1 AND s.ordinal = w.value->>2
         CROSS JOIN snapshot t ON t.broadcast_id = c.id AND t.channel = s.channel AND t.address = s.address
         WHERE NOT {has} AND NOT EXISTS (SELECT 1 FROM snapshot p WHERE p.recipient_id = s.recipient_id
           AND p.broadcast_id = b.id AND {person_has})
         ON CONFLICT DO NOTHING RETURNING broadcast_id, channel, state",
        has = may_have_it("s"),
        person_has = may_have_it("p")
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(rows).bind(DeliveryState::Retracted.code()).bind(now);
    count(tx, query).await.map(drop)
}

/// Runs a statement that answers (broadcast, channel, state) of each outcome it wrote, and counts them. Answers how many.
pub(super) async fn count(
    tx: &mut SqliteConnection,
    query: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
) -> Result<usize> {
    let rows = query.fetch_all(&mut *tx).await?;
    let mut counts: BTreeMap<(i64, i64, i64), i64> = BTreeMap::new();
    for row in &rows {
        *counts.entry((row.get("broadcast_id"), row.get("channel"), row.get("state"))).or_default() += 1;
    }
    add_counts(tx, &counts).await?;
    Ok(rows.len())
}
