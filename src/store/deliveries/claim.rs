//! Claims: which deliveries a connection may send now. The intent is durable when a claim is answered.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, DeliveryId};
use sqlx::{Row as _, SqliteConnection};

use super::{
    Ask, Claim, Claimed, LONGEST_ORDER_WAIT, ORDER_WAIT, SWEEP,
    lanes::{Candidate, Stage, Work, candidates, in_turn},
    record::queue_rows,
    unsent::end_unsent,
};
use crate::{
    pace::{Quiet, QuietAnswer},
    render::MessageKind,
    store::{Result, Store, channel_code},
    track::DeliveryState,
    world::{from_millis, millis},
};

/// How often a range that must wait as a whole is followed by a larger one in the same claim: where everybody is asleep,
/// a million deliveries are set aside in hundreds of steps and not in tens of thousands.
const LARGER_STEPS: usize = 3;

/// A row of the snapshot with what keeps it from being sent.
struct Looked {
    item: Claimed,
    suppressed: bool,
    superseded: bool,
    /// Until when what it waits for waits itself, where it has to wait.
    blocked: Option<i64>,
    /// The recipient's zone; empty where it is not known, or nothing asks for it.
    zone: String,
}

/// What a claim is made for, and when.
struct Taker<'a> {
    ask: &'a Ask,
    now: Timestamp,
}

impl Store {
    /// Whether a connection that asks would get something, or something would be settled or put aside. Takes no writer,
    /// so that idle connections cost it nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_work(&self, channel: Channel, provider: &str, exercise: bool, now: Timestamp) -> Result<bool> {
        let found = candidates(&mut *self.read().acquire().await?, channel, provider, exercise, now).await?;
        Ok(!in_turn(&found, channel, false).is_empty())
    }

    /// Claims deliveries for one connection of a provider: at most `max`, of one broadcast, of the one whose turn it is
    /// (`lanes.rs`). The intent is durable when this returns. What must not be sent (suppressed since, replaced) is settled
    /// in the same transaction; what must wait (for an earlier update to the same address, for the end of somebody's
    /// quiet hours) is put aside, and whoever is next in turn is looked at.
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
        let due: Option<i64> = sqlx::query_scalar(
            "SELECT MIN((SELECT q.due_at FROM queue q WHERE q.broadcast_id = b.id AND q.channel = ?1 AND q.again = kind.value
               AND (q.provider IS NULL OR q.provider = ?2) ORDER BY q.due_at LIMIT 1))
             FROM broadcast b CROSS JOIN json_each('[0, 1]') kind WHERE b.state = 'running'",
        )
        .bind(channel_code(channel))
        .bind(provider)
        .fetch_one(self.read())
        .await?;
        Ok(due.map(from_millis))
    }
}

/// Claims within the ledger's transaction.
pub(super) async fn claim(tx: &mut SqliteConnection, ask: &Ask, now: Timestamp) -> Result<Option<Claim>> {
    let found = candidates(tx, ask.channel, &ask.provider, ask.exercise, now).await?;
    let mut set_aside = None;
    for (candidate, work) in in_turn(&found, ask.channel, ask.prefer_waiting) {
        let taker = Taker { ask, now };
        let claim = match work {
            Work::Range(stage, left) => take_ranges(tx, candidate, &taker, stage, left).await?,
            Work::Waiting { again } => take_waiting(tx, candidate, &taker, again).await?,
        };
        if !claim.items.is_empty() || claim.settled || claim.for_others {
            return Ok(Some(claim));
        }
        if matches!(work, Work::Range(..)) {
            set_aside = set_aside.or(Some(claim));
        }
    }
    Ok(set_aside)
}

/// Claims what was never claimed. A range that has to wait as a whole is followed by a larger one.
async fn take_ranges(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    taker: &Taker<'_>,
    mut stage: Stage,
    mut left: i64,
) -> Result<Claim> {
    // A replaced broadcast is swept in large steps; what is left of it goes through the queue in small claims.
    let mut step = if candidate.later { SWEEP } else { taker.ask.max };
    let mut steps = 0;
    loop {
        let low = (stage.first + stage.taken) % stage.total;
        let end = if low < stage.first { stage.first } else { stage.total };
        let high = (low + step.min(left)).min(end);
        sqlx::query(
            "UPDATE cursor SET taken = taken + ?, turn = ? WHERE broadcast_id = ? AND channel = ? AND stage = ?",
        )
        .bind(high - low)
        .bind(candidate.next_turn)
        .bind(candidate.id)
        .bind(channel_code(taker.ask.channel))
        .bind(stage.stage)
        .execute(&mut *tx)
        .await?;
        let (looked, dropped) = look(tx, candidate, taker, &Wanted::Range(stage.low + low, stage.low + high)).await?;
        let mut claim = settle_and_claim(tx, candidate, taker, looked, true, &HashSet::new()).await?;
        claim.settled |= dropped;
        stage.taken += high - low;
        left -= high - low;
        steps += 1;
        if !claim.items.is_empty() || claim.settled || left == 0 || steps > LARGER_STEPS {
            return Ok(claim);
        }
        step = (step * 8).min(SWEEP);
    }
}

/// Claims what waits and is due.
async fn take_waiting(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    taker: &Taker<'_>,
    again: bool,
) -> Result<Claim> {
    let channel = channel_code(taker.ask.channel);
    let rows = sqlx::query(
        "DELETE FROM queue WHERE (broadcast_id, channel, ordinal) IN (SELECT broadcast_id, channel, ordinal FROM queue
           WHERE broadcast_id = ?1 AND channel = ?2 AND again = ?5 AND due_at <= ?3
           AND (provider IS NULL OR provider = ?6) ORDER BY due_at, ordinal LIMIT ?4)
         RETURNING ordinal, attempts, reason = 'quiet_hours' AS slept, provider IS NOT NULL AS pinned",
    )
    .bind(candidate.id)
    .bind(channel)
    .bind(millis(taker.now))
    .bind(taker.ask.max)
    .bind(again)
    .bind(&taker.ask.provider)
    .fetch_all(&mut *tx)
    .await?;
    let mut wanted = Vec::with_capacity(rows.len());
    let (mut slept, mut pinned) = (HashSet::new(), HashSet::new());
    for row in &rows {
        let ordinal: i64 = row.get("ordinal");
        wanted.push((ordinal, row.get("attempts")));
        if row.get("slept") {
            slept.insert(ordinal);
        }
        if row.get("pinned") {
            pinned.insert(ordinal);
        }
    }
    sqlx::query("UPDATE cursor SET turn = ? WHERE broadcast_id = ? AND channel = ?")
        .bind(candidate.next_turn)
        .bind(candidate.id)
        .bind(channel)
        .execute(&mut *tx)
        .await?;
    let (mut looked, dropped) = look(tx, candidate, taker, &Wanted::Listed(wanted)).await?;
    for row in looked.iter_mut().filter(|row| pinned.contains(&row.item.id.ordinal)) {
        row.item.pinned = Some(taker.ask.provider.clone());
    }
    let mut claim = settle_and_claim(tx, candidate, taker, looked, false, &slept).await?;
    claim.settled |= dropped;
    Ok(claim)
}

/// Which deliveries are looked at.
enum Wanted {
    /// Never tried: from the first to before the second.
    Range(i64, i64),
    /// Each with how often it was tried.
    Listed(Vec<(i64, i64)>),
}

/// A row of the snapshot as [`look`] reads it: ordinal, address, recipient, variant, locale, hole values, attempts,
/// suppressed, superseded, blocked, zone.
type Seen = (i64, String, Option<i64>, usize, String, Option<String>, u32, u8, u8, Option<i64>, String);

/// Reads rows of the snapshot with what keeps each from being sent, and whether some are not among them because they
/// have an end already: a receipt gave them one, or there is nothing to correct. Invariant 4 is decided here.
async fn look(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    taker: &Taker<'_>,
    wanted: &Wanted,
) -> Result<(Vec<Looked>, bool)> {
    let (channel, now) = (taker.ask.channel, taker.now);
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
    // Whose quiet hours matter is read only where somebody's do.
    let zone = if quiet(candidate, channel).is_some() {
        "COALESCE((SELECT r.time_zone FROM recipient r WHERE r.id = s.recipient_id), '')"
    } else {
        "''"
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
           {superseded}, {blocked}, {zone}))
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
                zone,
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
                    zone,
                }
            },
        )
        .collect();
    Ok((looked, dropped))
}

/// Whose sleep is kept: nobody's where the approver chose so, and nobody's from a correction, which has no timing.
fn quiet(candidate: &Candidate, channel: Channel) -> Option<Quiet<'_>> {
    candidate.timing.as_ref().and_then(|timing| timing.quiet(channel))
}

async fn settle_and_claim(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    taker: &Taker<'_>,
    looked: Vec<Looked>,
    is_range: bool,
    slept: &HashSet<i64>,
) -> Result<Claim> {
    let channel = channel_code(taker.ask.channel);
    let now = millis(taker.now);
    let quiet = quiet(candidate, taker.ask.channel);
    // People live in few zones: each is looked at once a claim.
    let mut by_zone: HashMap<String, QuietAnswer> = HashMap::new();
    let mut items = Vec::new();
    let (mut settled, mut waiting) = (Vec::new(), Vec::new());
    for Looked { item, suppressed, superseded, blocked, zone } in looked {
        let mut end = |state: DeliveryState, reason: Option<&'static str>| {
            settled.push((candidate.id, channel, item.id.ordinal, state.code(), item.attempts, reason));
        };
        // Each account posts what is its own: an outlet's address is its provider's name.
        let is_anothers = !taker.ask.channel.is_shared() && !taker.ask.exercise && item.address != taker.ask.provider;
        let owner = if is_anothers { Some(item.address.clone()) } else { item.pinned.clone() };
        let mut wait = |due: i64, reason| {
            waiting.push((candidate.id, channel, item.id.ordinal, due, item.attempts, reason, owner.clone()));
        };
        let too_late = candidate.over && slept.contains(&item.id.ordinal);
        let asleep = match &quiet {
            Some(quiet) => *by_zone.entry(zone).or_insert_with_key(|zone| quiet.ask(zone, taker.now)),
            None => QuietAnswer::Go,
        };
        let blocked = blocked.map(|until| until.clamp(now, now + LONGEST_ORDER_WAIT) + ORDER_WAIT);
        match (asleep, blocked) {
            _ if superseded => end(DeliveryState::Superseded, None),
            _ if suppressed => end(DeliveryState::Suppressed, None),
            _ if too_late => end(DeliveryState::Superseded, Some("quiet_hours")),
            (QuietAnswer::Skip, _) => end(DeliveryState::Suppressed, Some("quiet_hours")),
            (QuietAnswer::Wait(until), _) => wait(millis(until), "quiet_hours"),
            (QuietAnswer::Go, Some(until)) => wait(until, "order"),
            (QuietAnswer::Go, None) if is_anothers => wait(now, "outlet"),
            (QuietAnswer::Go, None) if i64::try_from(items.len()).unwrap_or(i64::MAX) >= taker.ask.max => {
                wait(now, "order")
            }
            (QuietAnswer::Go, None) => items.push(item),
        }
    }
    if !settled.is_empty() {
        end_unsent(tx, &serde_json::to_string(&settled)?, now).await?;
    }
    if !waiting.is_empty() {
        queue_rows(tx, &serde_json::to_string(&waiting)?).await?;
    }
    let whole = is_range && waiting.is_empty();
    let for_others = waiting.iter().any(|row| row.5 == "outlet");
    claim_rows(tx, candidate.id, taker, &mut items, whole).await?;
    Ok(Claim { broadcast_id: candidate.id, items, settled: !settled.is_empty(), for_others })
}

/// Writes the intent: one row for a range, one a delivery for scattered ones.
async fn claim_rows(
    tx: &mut SqliteConnection,
    broadcast: i64,
    taker: &Taker<'_>,
    items: &mut [Claimed],
    is_range: bool,
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
    .bind(channel_code(taker.ask.channel))
    .bind(&taker.ask.provider)
    .bind(millis(taker.now))
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
