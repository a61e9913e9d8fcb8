//! Claims: which deliveries a connection may send now. The intent is durable when a claim is answered.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, DeliveryId};
use sqlx::{Row as _, SqliteConnection};

use super::{Ask, Claim, Claimed, LONGEST_ORDER_WAIT, ORDER_WAIT, SWEEP, record::queue_rows, unsent::end_unsent};
use crate::{
    render::MessageKind,
    store::{Result, Store, channel_code},
    track::DeliveryState,
    world::{from_millis, millis},
};

struct Candidate {
    id: i64,
    message: MessageKind,
    total: i64,
    first: i64,
    taken: i64,
    has_due: bool,
    later: bool,
    earlier: bool,
    required_by_law: bool,
}

/// A row of the snapshot with what keeps it from being sent.
struct Looked {
    item: Claimed,
    suppressed: bool,
    superseded: bool,
    /// Until when what it waits for waits itself, where it has to wait.
    blocked: Option<i64>,
}

impl Store {
    /// Whether a connection that asks would get something, or something would be settled. Takes no writer, so that idle
    /// connections cost it nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_work(&self, channel: Channel, provider: &str, exercise: bool, now: Timestamp) -> Result<bool> {
        Ok(!candidates(&mut *self.read().acquire().await?, channel, provider, exercise, now).await?.is_empty())
    }

    /// Claims deliveries for one connection of a provider: at most `max`, of one broadcast, in lane order. The intent is
    /// durable when this returns. What must not be sent (suppressed since, replaced) is settled in the same
    /// transaction; what must wait for an earlier update to the same address is put back.
    ///
    /// # Errors
    /// The database's; nothing was claimed.
    pub async fn claim(
        &self,
        channel: Channel,
        provider: &str,
        exercise: bool,
        prefer_waiting: bool,
        max: i64,
        now: Timestamp,
    ) -> Result<Option<Claim>> {
        let ask = Ask { channel, provider: provider.to_owned(), exercise, prefer_waiting, max };
        Ok(self.turn(&[], &[], &[ask], now).await?.claims.pop().flatten())
    }

    /// When the next delivery of this channel that waits is due for this provider, if any.
    ///
    /// # Errors
    /// The database's.
    pub async fn next_due(&self, channel: Channel, provider: &str) -> Result<Option<Timestamp>> {
        // CROSS JOIN fixes the order, so that it ends at the first row that is good.
        let due: Option<i64> = sqlx::query_scalar(
            "SELECT q.due_at FROM queue q CROSS JOIN broadcast b ON b.id = q.broadcast_id AND b.state = 'running'
             WHERE q.channel = ? AND (q.provider IS NULL OR q.provider = ?) ORDER BY q.due_at LIMIT 1",
        )
        .bind(channel_code(channel))
        .bind(provider)
        .fetch_optional(self.read())
        .await?;
        Ok(due.map(from_millis))
    }
}

/// Claims within the ledger's transaction.
pub(super) async fn claim(tx: &mut SqliteConnection, ask: &Ask, now: Timestamp) -> Result<Option<Claim>> {
    let found = candidates(tx, ask.channel, &ask.provider, ask.exercise, now).await?;
    let Some(candidate) = found.into_iter().next() else { return Ok(None) };
    let from_queue = candidate.has_due && (ask.prefer_waiting || candidate.taken >= candidate.total);
    let (looked, dropped) = if from_queue {
        take_waiting(tx, &candidate, ask, now).await?
    } else {
        take_range(tx, &candidate, ask.channel, ask.max, now).await?
    };
    let is_range = !from_queue;
    let mut claim =
        settle_and_claim(tx, &candidate, ask.channel, &ask.provider, looked, is_range, ask.max, now).await?;
    claim.settled |= dropped;
    Ok(Some(claim))
}

async fn candidates(
    tx: &mut SqliteConnection,
    channel: Channel,
    provider: &str,
    exercise: bool,
    now: Timestamp,
) -> Result<Vec<Candidate>> {
    let rows = sqlx::query(
        "SELECT b.id, b.message, b.required_by_law, c.total, c.first, c.taken,
           EXISTS (SELECT 1 FROM queue q WHERE q.broadcast_id = b.id AND q.channel = c.channel AND q.due_at <= ?3
             AND (q.provider IS NULL OR q.provider = ?4)) AS has_due,
           EXISTS (SELECT 1 FROM broadcast m WHERE m.incident_id = b.incident_id AND m.id > b.id AND m.started_at IS NOT NULL
             AND m.message = 'update') AS later,
           EXISTS (SELECT 1 FROM broadcast e WHERE e.incident_id = b.incident_id AND e.id < b.id AND e.started_at IS NOT NULL)
             AS earlier
         FROM broadcast b JOIN cursor c ON c.broadcast_id = b.id AND c.channel = ?1
         WHERE b.state = 'running' AND b.exercise = ?2 AND (c.taken < c.total OR has_due) ORDER BY b.lane, b.id LIMIT 1",
    )
    .bind(channel_code(channel))
    .bind(exercise)
    .bind(millis(now))
    .bind(provider)
    .fetch_all(tx)
    .await?;
    Ok(rows
        .iter()
        .map(|row| Candidate {
            id: row.get("id"),
            message: MessageKind::parse(row.get("message")).unwrap_or(MessageKind::Update),
            total: row.get("total"),
            first: row.get("first"),
            taken: row.get("taken"),
            has_due: row.get("has_due"),
            later: row.get("later"),
            earlier: row.get("earlier"),
            required_by_law: row.get("required_by_law"),
        })
        .collect())
}

async fn take_range(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    channel: Channel,
    max: i64,
    now: Timestamp,
) -> Result<(Vec<Looked>, bool)> {
    let low = (candidate.first + candidate.taken) % candidate.total;
    let end = if low < candidate.first { candidate.first } else { candidate.total };
    // A replaced broadcast is swept in large steps; what is left of it goes through the queue in small claims.
    let step = if candidate.later { SWEEP } else { max };
    let high = (low + step).min(end);
    sqlx::query("UPDATE cursor SET taken = taken + ? WHERE broadcast_id = ? AND channel = ?")
        .bind(high - low)
        .bind(candidate.id)
        .bind(channel_code(channel))
        .execute(&mut *tx)
        .await?;
    look(tx, candidate, channel, &Wanted::Range(low, high), now).await
}

async fn take_waiting(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    ask: &Ask,
    now: Timestamp,
) -> Result<(Vec<Looked>, bool)> {
    let rows: Vec<(i64, i64, bool)> = sqlx::query_as(
        "DELETE FROM queue WHERE (broadcast_id, channel, ordinal) IN (SELECT broadcast_id, channel, ordinal FROM queue
           WHERE broadcast_id = ?1 AND channel = ?2 AND due_at <= ?3 AND (provider IS NULL OR provider = ?5)
           ORDER BY due_at, ordinal LIMIT ?4)
         RETURNING ordinal, attempts, provider IS NOT NULL",
    )
    .bind(candidate.id)
    .bind(channel_code(ask.channel))
    .bind(millis(now))
    .bind(ask.max)
    .bind(&ask.provider)
    .fetch_all(&mut *tx)
    .await?;
    let pinned: HashSet<i64> = rows.iter().filter(|row| row.2).map(|row| row.0).collect();
    let wanted = rows.iter().map(|row| (row.0, row.1)).collect();
    let (mut looked, dropped) = look(tx, candidate, ask.channel, &Wanted::Listed(wanted), now).await?;
    for row in looked.iter_mut().filter(|row| pinned.contains(&row.item.id.ordinal)) {
        row.item.pinned = Some(ask.provider.clone());
    }
    Ok((looked, dropped))
}

/// Which deliveries are looked at.
enum Wanted {
    /// Never tried: from the first to before the second.
    Range(i64, i64),
    /// Each with how often it was tried.
    Listed(Vec<(i64, i64)>),
}

/// A row of the snapshot as [`look`] reads it: ordinal, address, recipient, variant, locale, hole values, attempts,
/// suppressed, superseded, blocked.
type Seen = (i64, String, Option<i64>, usize, String, Option<String>, u32, u8, u8, Option<i64>);

/// Reads rows of the snapshot with what keeps each from being sent, and whether some are not among them because they
/// have an end already: a receipt gave them one, or there is nothing to correct. Invariant 4 is decided here.
async fn look(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    channel: Channel,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<(Vec<Looked>, bool)> {
    // A later update replaces this one for whom it reaches, or everywhere. Corrections are never replaced.
    let superseded = if candidate.later && candidate.message != MessageKind::Correction {
        "EXISTS (SELECT 1 FROM broadcast m WHERE m.incident_id = b.incident_id AND m.id > b.id AND m.started_at IS NOT NULL
           AND m.message = 'update' AND (m.replaces_everywhere OR EXISTS (SELECT 1 FROM snapshot ms
             WHERE ms.broadcast_id = m.id AND ms.channel = s.channel AND ms.address = s.address)))"
    } else {
        "0"
    };
    // An earlier one to the same address that is on the wire has to end first. A correction, which nothing replaces,
    // keeps its turn while it goes out; and a "no news yet" message, which replaces nothing, lets every earlier one go
    // first that is running.
    let blocked = if candidate.earlier {
        "(SELECT MAX(COALESCE(q.due_at, 0)) FROM broadcast e JOIN snapshot es ON es.broadcast_id = e.id
             AND es.channel = s.channel AND es.address = s.address
           LEFT JOIN outcome eo ON eo.broadcast_id = e.id AND eo.channel = es.channel AND eo.ordinal = es.ordinal
           LEFT JOIN queue q ON q.broadcast_id = e.id AND q.channel = es.channel AND q.ordinal = es.ordinal
           WHERE e.incident_id = b.incident_id AND e.id < b.id AND e.started_at IS NOT NULL AND eo.state IS NULL AND (
             (e.state = 'running' AND (b.message = 'holding' OR e.message = 'correction')) OR (q.due_at IS NULL
               AND EXISTS (SELECT 1 FROM claim c WHERE c.broadcast_id = e.id AND c.channel = es.channel
                 AND es.ordinal >= c.low AND es.ordinal < c.high))))"
    } else {
        "NULL"
    };
    let (attempts, from, list, low, high) = match wanted {
        Wanted::Range(low, high) => ("0", "snapshot s", String::new(), *low, *high),
        // CROSS JOIN fixes the order: the other way round the list is read again for every row of the snapshot.
        Wanted::Listed(list) => (
            "w.value->>1",
            "json_each(?3) w CROSS JOIN snapshot s ON s.ordinal = w.value->>0",
            serde_json::to_string(list)?,
            0,
            i64::MAX,
        ),
    };
    // One row with all of them: a row each would cross two threads each.
    let sql = format!(
        "SELECT json_group_array(json_array(s.ordinal, s.address, s.recipient_id, s.variant, s.locale, s.hole_values, {attempts},
           EXISTS (SELECT 1 FROM suppression p WHERE p.channel = s.channel AND p.value = s.address
             AND (p.expires_at IS NULL OR p.expires_at > ?4) AND NOT (?5 AND p.reason = 'opted_out')),
           {superseded}, {blocked}))
         FROM {from} JOIN broadcast b ON b.id = s.broadcast_id
         LEFT JOIN outcome o ON o.broadcast_id = s.broadcast_id AND o.channel = s.channel AND o.ordinal = s.ordinal
         WHERE s.broadcast_id = ?1 AND s.channel = ?2 AND s.ordinal >= ?6 AND s.ordinal < ?7 AND o.state IS NULL"
    );
    let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(candidate.id)
        .bind(channel_code(channel))
        .bind(list)
        .bind(millis(now))
        .bind(candidate.required_by_law)
        .bind(low)
        .bind(high)
        .fetch_one(tx)
        .await?;
    let mut rows: Vec<Seen> = serde_json::from_str(&rows)?;
    rows.sort_unstable_by_key(|seen| seen.0);
    let dropped = rows.len()
        < match wanted {
            Wanted::Range(low, high) => usize::try_from(high - low).unwrap_or_default(),
            Wanted::Listed(list) => list.len(),
        };
    let looked = rows
        .into_iter()
        .map(
            |(
                ordinal,
                address,
                recipient_id,
                variant,
                locale,
                hole_values,
                attempts,
                suppressed,
                superseded,
                blocked,
            )| {
                let id = DeliveryId { broadcast: candidate.id, channel, ordinal };
                Looked {
                    item: Claimed {
                        claim: 0,
                        id,
                        address,
                        recipient_id,
                        variant,
                        locale,
                        hole_values,
                        attempts,
                        pinned: None,
                    },
                    suppressed: suppressed > 0,
                    superseded: superseded > 0,
                    blocked,
                }
            },
        )
        .collect();
    Ok((looked, dropped))
}

#[allow(clippy::too_many_arguments, reason = "one transaction's facts, used once")]
async fn settle_and_claim(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    channel: Channel,
    provider: &str,
    looked: Vec<Looked>,
    is_range: bool,
    max: i64,
    now: Timestamp,
) -> Result<Claim> {
    let mut items = Vec::new();
    let (mut settled, mut waiting) = (Vec::new(), Vec::new());
    for Looked { item, suppressed, superseded, blocked } in looked {
        let end =
            if superseded { Some(DeliveryState::Superseded) } else { suppressed.then_some(DeliveryState::Suppressed) };
        let row = |due: i64, reason| {
            (candidate.id, channel_code(channel), item.id.ordinal, due, item.attempts, reason, item.pinned.clone())
        };
        if let Some(state) = end {
            settled.push((candidate.id, channel_code(channel), item.id.ordinal, state.code(), item.attempts));
        } else if let Some(until) = blocked {
            let until = until.clamp(millis(now), millis(now) + LONGEST_ORDER_WAIT);
            waiting.push(row(until + ORDER_WAIT, "order"));
        } else if i64::try_from(items.len()).unwrap_or(i64::MAX) >= max {
            waiting.push(row(millis(now), "order"));
        } else {
            items.push(item);
        }
    }
    if !settled.is_empty() {
        end_unsent(tx, &serde_json::to_string(&settled)?, millis(now)).await?;
    }
    if !waiting.is_empty() {
        queue_rows(tx, &serde_json::to_string(&waiting)?).await?;
    }
    claim_rows(tx, candidate.id, channel, provider, &mut items, is_range && waiting.is_empty(), now).await?;
    Ok(Claim { broadcast_id: candidate.id, items, settled: !settled.is_empty() })
}

/// Writes the intent: one row for a range, one a delivery for scattered ones.
async fn claim_rows(
    tx: &mut SqliteConnection,
    broadcast: i64,
    channel: Channel,
    provider: &str,
    items: &mut [Claimed],
    is_range: bool,
    now: Timestamp,
) -> Result<()> {
    let (Some(first), Some(last)) = (items.first(), items.last()) else { return Ok(()) };
    let ranges: Vec<(i64, i64)> = if is_range {
        vec![(first.id.ordinal, last.id.ordinal + 1)]
    } else {
        items.iter().map(|item| (item.id.ordinal, item.id.ordinal + 1)).collect()
    };
    let ids: Vec<(i64, i64)> = sqlx::query_as(
        "INSERT INTO claim (broadcast_id, channel, low, high, provider, at)
         SELECT ?1, ?2, value->>0, value->>1, ?3, ?4 FROM json_each(?5) RETURNING id, low",
    )
    .bind(broadcast)
    .bind(channel_code(channel))
    .bind(provider)
    .bind(millis(now))
    .bind(serde_json::to_string(&ranges)?)
    .fetch_all(tx)
    .await?;
    let by_low: HashMap<i64, i64> = ids.iter().map(|(id, low)| (*low, *id)).collect();
    for item in items {
        let low = if is_range { ids.first().map_or(0, |(_, low)| *low) } else { item.id.ordinal };
        item.claim = by_low.get(&low).copied().unwrap_or_default();
    }
    Ok(())
}
