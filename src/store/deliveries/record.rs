//! Outcomes: what happened, written in groups; every counter moves in the transaction of its rows.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use onevoice_channels::{
    contract::{DeliveryId, Reason},
    failpoint,
};
use sqlx::{Row as _, SqliteConnection};

use super::{
    Claimed, Record, Returned, Verdict,
    receipts::{apply_receipt, read_word},
    unsent::{end_retracted, nothing_to_correct},
};
use crate::{
    approve::State,
    store::{Result, Store, audit, bounces, broadcasts::step, channel_code, recipients},
    track::DeliveryState,
    world::{from_millis, millis},
};

impl Store {
    /// Writes what happened, all in one durable transaction.
    ///
    /// # Errors
    /// The database's; nothing was written, and the caller keeps the records.
    pub async fn record(&self, records: &[Record]) -> Result<()> {
        self.turn(records, &[], &[], records.first().map_or(Timestamp::UNIX_EPOCH, |record| record.at)).await.map(drop)
    }

    /// Gives back deliveries that were claimed and not written, without counting an attempt.
    ///
    /// # Errors
    /// The database's.
    pub async fn release(
        &self,
        items: &[Claimed],
        ended: &[i64],
        due_at: Timestamp,
        reason: &'static str,
    ) -> Result<()> {
        let items = items.iter().cloned().map(Arc::new).collect();
        let returned = Returned { items, claims: ended.to_vec(), reason };
        self.turn(&[], &[returned], &[], due_at).await.map(drop)
    }

    /// Ends a broadcast whose outcomes sum up to its snapshot; answers its new state.
    ///
    /// # Errors
    /// The database's.
    pub async fn close_if_done(&self, id: i64, now: Timestamp) -> Result<Option<State>> {
        if open_deliveries(&mut *self.read().acquire().await?, id).await? > 0 {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        if open_deliveries(&mut tx, id).await? > 0 {
            return Ok(None);
        }
        let bad: i64 =
            sqlx::query_scalar("SELECT COALESCE(SUM(n), 0) FROM counter WHERE broadcast_id = ? AND state IN (?, ?)")
                .bind(id)
                .bind(DeliveryState::InDoubt.code())
                .bind(DeliveryState::Failed.code())
                .fetch_one(&mut *tx)
                .await?;
        let to = if bad > 0 { State::Partial } else { State::Completed };
        let name: String =
            sqlx::query_scalar("SELECT state FROM broadcast WHERE id = ?").bind(id).fetch_one(&mut *tx).await?;
        let from = State::parse(&name).unwrap_or(State::Voided);
        if !from.allows(to) || from == State::Paused {
            return Ok(None);
        }
        step(&mut tx, id, to, now).await?;
        let entry = audit::Entry {
            at: now,
            actor: "system",
            action: "broadcast.end",
            subject: &format!("broadcast:{id}"),
            detail: serde_json::json!({ "state": to.as_str() }),
        };
        audit::append(&mut tx, &entry).await?;
        failpoint::pass("close");
        tx.commit().await?;
        failpoint::pass("closed");
        Ok(Some(to))
    }
}

/// Writes what happened within the ledger's transaction.
pub(super) async fn put(tx: &mut SqliteConnection, records: &[Record]) -> Result<()> {
    let Some(first) = records.first() else { return Ok(()) };
    put_attempts(tx, records).await?;
    put_outcomes(tx, records).await?;
    put_waiting(tx, records).await?;
    for record in records {
        let (Some(address), Verdict::End { state, reason: Some(reason), .. }) = (&record.suppress, &record.verdict)
        else {
            continue;
        };
        if reason.suppresses() {
            let suppression = recipients::Suppression {
                channel: record.id.channel,
                value: address.clone(),
                reason: reason.as_str().to_owned(),
                note: String::new(),
                created_at: first.at,
                expires_at: None,
                created_by: format!("provider:{}", record.provider),
            };
            recipients::suppress(tx, &suppression).await?;
        } else {
            let failure = (*state, Some(*reason));
            bounces::weigh(tx, record.id, address.clone(), failure, &record.provider, record.at).await?;
        }
    }
    let ended = records.iter().filter(|record| record.ends_claim).map(|record| record.claim).collect();
    forget_claims(tx, ended).await
}

/// Gives back within the ledger's transaction.
pub(super) async fn give_back(tx: &mut SqliteConnection, returned: &Returned, due_at: Timestamp) -> Result<()> {
    let rows: Vec<_> = returned
        .items
        .iter()
        .map(|item| {
            let id = item.id;
            let due = millis(due_at);
            (id.broadcast, channel_code(id.channel), id.ordinal, due, item.attempts, returned.reason, &item.pinned)
        })
        .collect();
    let rows = serde_json::to_string(&rows)?;
    queue_rows(tx, &rows).await?;
    end_retracted(tx, &rows, millis(due_at)).await?;
    forget_claims(tx, returned.claims.clone()).await
}

async fn forget_claims(tx: &mut SqliteConnection, ended: Vec<i64>) -> Result<()> {
    if !ended.is_empty() {
        sqlx::query("DELETE FROM claim WHERE id IN (SELECT value FROM json_each(?))")
            .bind(serde_json::to_string(&ended)?)
            .execute(tx)
            .await?;
    }
    Ok(())
}

pub(super) async fn put_outcomes(tx: &mut SqliteConnection, records: &[Record]) -> Result<()> {
    // What many rows share is bound once; what differs goes as one list.
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut references = Vec::new();
    for record in records {
        let Verdict::End { state, reason, reference, parts } = &record.verdict else { continue };
        let id = record.id;
        let reference = reference.as_ref().map(|reference| reference.chars().take(512).collect::<String>());
        if let (true, Some(reference)) = (record.referable, &reference) {
            references.push((&record.provider, reference.clone(), id));
        }
        let shared = (
            id.broadcast,
            channel_code(id.channel),
            state.code(),
            reason.map(Reason::as_str),
            record.provider.as_str(),
            record.attempts + 1,
        );
        groups.entry(shared).or_default().push((id.ordinal, reference, parts, millis(record.at)));
    }
    let mut counts = BTreeMap::new();
    for (shared, mut rows) in groups {
        rows.sort_unstable();
        let count = rows.len() as u64;
        let rows = serde_json::to_string(&rows)?;
        let insert = |on_conflict| {
            let sql = format!(
                "INSERT INTO outcome (broadcast_id, channel, ordinal, state, reason, provider, reference, parts, attempts, at)
                 SELECT ?1, ?2, value->>0, ?3, ?4, ?5, value->>1, value->>2, ?6, value->>3 FROM json_each(?7) WHERE true
                 ON CONFLICT DO {on_conflict}"
            );
            let (broadcast, channel, state, reason, provider, attempts) = shared;
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(broadcast)
                .bind(channel)
                .bind(state)
                .bind(reason)
                .bind(provider)
                .bind(attempts)
                .bind(rows.clone())
        };
        let written = insert("NOTHING").execute(&mut *tx).await?.rows_affected();
        *counts.entry((shared.0, shared.1, shared.2)).or_default() += i64::try_from(written).unwrap_or(0);
        if written < count {
            // A receipt overtook the outcome: its state stays, and what it could not know is filled in.
            insert(
                "UPDATE SET reference = COALESCE(reference, excluded.reference), parts = MAX(parts, excluded.parts),
                 attempts = MAX(attempts, excluded.attempts)",
            )
            .execute(&mut *tx)
            .await?;
        }
    }
    if !counts.is_empty() {
        failpoint::pass("counter");
    }
    add_counts(tx, &counts).await?;
    for (provider, reference, id) in references {
        put_reference(tx, provider, &reference, id).await?;
    }
    let failed = |record: &&Record| matches!(record.verdict, Verdict::End { state: DeliveryState::Failed, .. });
    let failed: Vec<_> = records.iter().filter(failed).map(|record| key(record.id)).collect();
    if let (Some(first), false) = (records.first(), failed.is_empty()) {
        nothing_to_correct(tx, &serde_json::to_string(&failed)?, millis(first.at)).await?;
    }
    Ok(())
}

/// A delivery as its tables name it.
fn key(id: DeliveryId) -> (i64, i64, i64) {
    (id.broadcast, channel_code(id.channel), id.ordinal)
}

async fn put_reference(tx: &mut SqliteConnection, provider: &str, reference: &str, id: DeliveryId) -> Result<()> {
    sqlx::query(
        "INSERT OR IGNORE INTO reference (provider, reference, broadcast_id, channel, ordinal) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(provider)
    .bind(reference)
    .bind(id.broadcast)
    .bind(channel_code(id.channel))
    .bind(id.ordinal)
    .execute(&mut *tx)
    .await?;
    let parked = sqlx::query("DELETE FROM parked_receipt WHERE provider = ? AND reference = ? RETURNING word, at")
        .bind(provider)
        .bind(reference)
        .fetch_all(&mut *tx)
        .await?;
    for row in parked {
        if let Some(word) = read_word(row.get("word")) {
            apply_receipt(tx, id, provider, word, from_millis(row.get("at"))).await?;
        }
    }
    Ok(())
}

pub(super) async fn put_waiting(tx: &mut SqliteConnection, records: &[Record]) -> Result<()> {
    let rows: Vec<_> = records
        .iter()
        .filter_map(|record| {
            let (due_at, counts, reason) = match &record.verdict {
                Verdict::Again { due_at, counts, reason } => (due_at, *counts, reason.as_str()),
                Verdict::Aside { due_at } => (due_at, false, "pace"),
                Verdict::End { .. } => return None,
            };
            Some((
                record.id.broadcast,
                channel_code(record.id.channel),
                record.id.ordinal,
                millis(*due_at),
                record.attempts + u32::from(counts),
                reason,
                record.pinned.then_some(&record.provider),
            ))
        })
        .collect();
    let Some(now) = records.first().map(|record| millis(record.at)).filter(|_| !rows.is_empty()) else { return Ok(()) };
    let rows = serde_json::to_string(&rows)?;
    queue_rows(tx, &rows).await?;
    end_retracted(tx, &rows, now).await
}

/// Puts deliveries into the queue, unless a receipt has given them an end already.
pub(super) async fn queue_rows(tx: &mut SqliteConnection, rows: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO queue (broadcast_id, channel, ordinal, due_at, attempts, reason, provider)
         SELECT w.value->>0, w.value->>1, w.value->>2, w.value->>3, w.value->>4, w.value->>5, w.value->>6
         FROM json_each(?) w
         WHERE NOT EXISTS (SELECT 1 FROM outcome o WHERE o.broadcast_id = w.value->>0 AND o.channel = w.value->>1
           AND o.ordinal = w.value->>2 AND w.value->>5 <> 'retry')
         ON CONFLICT DO UPDATE SET due_at = excluded.due_at, attempts = excluded.attempts, reason = excluded.reason,
           provider = excluded.provider",
    )
    .bind(rows)
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn put_attempts(tx: &mut SqliteConnection, records: &[Record]) -> Result<()> {
    let rows: Vec<_> = records
        .iter()
        .filter_map(|record| {
            record.attempt.as_ref().map(|(word, reason, detail)| {
                let id = record.id;
                (
                    id.broadcast,
                    channel_code(id.channel),
                    id.ordinal,
                    record.attempts + 1,
                    word,
                    reason.map(Reason::as_str),
                    detail,
                    &record.provider,
                    millis(record.at),
                )
            })
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO attempt (broadcast_id, channel, ordinal, number, word, reason, detail, provider, at)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8
         FROM json_each(?)",
    )
    .bind(serde_json::to_string(&rows)?)
    .execute(tx)
    .await?;
    Ok(())
}

/// Adds to counters by (broadcast, channel, state).
pub(super) async fn add_counts(tx: &mut SqliteConnection, counts: &BTreeMap<(i64, i64, i64), i64>) -> Result<()> {
    for ((broadcast, channel, state), n) in counts {
        sqlx::query(
            "INSERT INTO counter (broadcast_id, channel, state, n) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )
        .bind(broadcast)
        .bind(channel)
        .bind(state)
        .bind(n)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn open_deliveries(tx: &mut SqliteConnection, id: i64) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT (SELECT COALESCE(SUM(total), 0) FROM cursor WHERE broadcast_id = ?1)
              - (SELECT COALESCE(SUM(n), 0) FROM counter WHERE broadcast_id = ?1)",
    )
    .bind(id)
    .fetch_one(tx)
    .await?)
}
