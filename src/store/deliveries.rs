//! Claims, outcomes, receipts: the rows of the hot path. Every counter moves in the transaction of its rows.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, DeliveryId, Reason, ReceiptWord};
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection};

use super::{Result, Store, StoreError, audit, broadcasts::step, channel_code, channel_of, recipients::Suppression};
use crate::{
    approve::State,
    render::MessageKind,
    track::{DeliveryState, after_receipt},
    world::{from_millis, millis},
};

/// How many unsent deliveries are settled in one transaction when a broadcast is replaced or retracted.
const SWEEP: i64 = 5_000;
/// How long a delivery waits when an earlier update to the same address is on the wire, in milliseconds.
const ORDER_WAIT: i64 = 50;

/// Deliveries that one connection may send now.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The broadcast.
    pub broadcast_id: i64,
    /// What may be sent. May be empty when everything in the range was settled otherwise.
    pub items: Vec<Claimed>,
    /// True where deliveries were settled without being sent, so that the broadcast may be complete.
    pub settled: bool,
}

/// One delivery of a claim.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The claim's number; an ended claim is forgotten.
    pub claim: i64,
    /// Which delivery.
    pub id: DeliveryId,
    /// Where it goes.
    pub address: String,
    /// Whose address it is; None for outlets and deleted people.
    pub recipient_id: Option<i64>,
    /// The variant's place.
    pub variant: usize,
    /// The locale of the text.
    pub locale: String,
    /// The hole values as JSON, if one person only has the address.
    pub hole_values: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
}

/// What to do with a delivery after an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It has an end.
    End {
        /// Which.
        state: DeliveryState,
        /// Why, where it is not a success.
        reason: Option<Reason>,
        /// The provider's reference.
        reference: Option<String>,
        /// The parts that the provider counted.
        parts: u32,
    },
    /// Another try.
    Again {
        /// When.
        due_at: Timestamp,
        /// Whether this attempt counts.
        counts: bool,
        /// Why.
        reason: Reason,
    },
}

/// What happened to one delivery, ready to be written.
#[derive(Clone, Debug)]
pub struct Record {
    /// The claim it belongs to.
    pub claim: i64,
    /// Which delivery.
    pub id: DeliveryId,
    /// How often it was tried before.
    pub attempts: u32,
    /// By which provider.
    pub provider: String,
    /// When the outcome was known.
    pub at: Timestamp,
    /// What to do.
    pub verdict: Verdict,
    /// The provider's words, kept for attempts that did not simply succeed: `word`, `reason`, `detail`.
    pub attempt: Option<(&'static str, Option<Reason>, String)>,
    /// Whether receipts may name it by reference.
    pub referable: bool,
    /// Whether this was the claim's last open delivery.
    pub ends_claim: bool,
    /// The address, where it must not be written to any more.
    pub suppress: Option<String>,
}

/// What a restart does with deliveries that were claimed and have no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rescue {
    /// Send again, marked as a possible duplicate.
    Resend,
    /// Send again: the provider makes one message of two.
    Repeat,
    /// Leave it to a person.
    Hold,
}

/// A delivery as it is listed.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Listed {
    /// Its name: `12-email-4711`.
    pub id: String,
    /// The channel.
    #[serde(skip)]
    pub channel: Channel,
    /// The place in the snapshot.
    #[serde(skip)]
    pub ordinal: i64,
    /// The address or outlet.
    pub address: String,
    /// The recipient's number; None for outlets.
    pub recipient_id: Option<i64>,
    /// The variant's place.
    pub variant: i64,
    /// The locale of the text.
    pub locale: String,
    /// `pending`, `sending`, `waiting`, or an outcome.
    pub state: String,
    /// Why, where it is not a success.
    pub reason: Option<String>,
    /// By which provider.
    pub provider: Option<String>,
    /// The provider's reference.
    pub reference: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When the outcome was known.
    pub at: Option<Timestamp>,
    /// When the next try is due.
    pub due_at: Option<Timestamp>,
    /// The hole values, for showing the text again.
    #[serde(skip)]
    pub hole_values: Option<String>,
}

/// One attempt as it is listed.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct ListedAttempt {
    /// Which try: 1, 2, …; 0 for a later word of the provider.
    pub number: i64,
    /// What came of it.
    pub word: String,
    /// Why.
    pub reason: Option<String>,
    /// The provider's words.
    pub detail: String,
    /// By which provider.
    pub provider: String,
    /// When.
    pub at: Timestamp,
}

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
    blocked: bool,
}

impl Store {
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
        // Looked at without the writer first: an idle worker costs the writer nothing.
        if candidates(&mut *self.read().acquire().await?, channel, exercise, now).await?.is_empty() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        let found = candidates(&mut tx, channel, exercise, now).await?;
        let Some(candidate) = found.into_iter().next() else { return Ok(None) };
        let from_queue = candidate.has_due && (prefer_waiting || candidate.taken >= candidate.total);
        let looked = if from_queue {
            take_waiting(&mut tx, &candidate, channel, max, now).await?
        } else {
            take_range(&mut tx, &candidate, channel, max, now).await?
        };
        let claim = settle_and_claim(&mut tx, &candidate, channel, provider, looked, !from_queue, max, now).await?;
        tx.commit().await?;
        Ok(Some(claim))
    }

    /// When the next waiting delivery of this channel is due, if any.
    ///
    /// # Errors
    /// The database's.
    pub async fn next_due(&self, channel: Channel) -> Result<Option<Timestamp>> {
        let due: Option<i64> = sqlx::query_scalar(
            "SELECT MIN(q.due_at) FROM queue q JOIN broadcast b ON b.id = q.broadcast_id AND b.state = 'running'
             WHERE q.channel = ?",
        )
        .bind(channel_code(channel))
        .fetch_one(self.read())
        .await?;
        Ok(due.map(from_millis))
    }

    /// Writes what happened, all in one durable transaction.
    ///
    /// # Errors
    /// The database's; nothing was written, and the caller keeps the records.
    pub async fn record(&self, records: &[Record]) -> Result<()> {
        let mut tx = self.begin().await?;
        let now = records.first().map_or(0, |record| millis(record.at));
        put_outcomes(&mut tx, records).await?;
        put_waiting(&mut tx, records).await?;
        put_attempts(&mut tx, records).await?;
        for record in records {
            if let (Some(address), Verdict::End { reason: Some(reason), .. }) = (&record.suppress, &record.verdict) {
                let suppression = Suppression {
                    channel: record.id.channel,
                    value: address.clone(),
                    reason: reason.as_str().to_owned(),
                    note: String::new(),
                    created_at: from_millis(now),
                    expires_at: None,
                    created_by: format!("provider:{}", record.provider),
                };
                super::recipients::suppress(&mut tx, &suppression).await?;
            }
        }
        let ended: Vec<i64> = records.iter().filter(|record| record.ends_claim).map(|record| record.claim).collect();
        if !ended.is_empty() {
            sqlx::query("DELETE FROM claim WHERE id IN (SELECT value FROM json_each(?))")
                .bind(serde_json::to_string(&ended)?)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Gives back deliveries that were claimed and not written, without counting an attempt.
    ///
    /// # Errors
    /// The database's.
    pub async fn release(&self, items: &[Claimed], ended: &[i64], due_at: Timestamp, reason: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let rows: Vec<_> = items
            .iter()
            .map(|item| {
                (
                    item.id.broadcast,
                    channel_code(item.id.channel),
                    item.id.ordinal,
                    millis(due_at),
                    item.attempts,
                    reason,
                )
            })
            .collect();
        queue_rows(&mut tx, &serde_json::to_string(&rows)?).await?;
        sqlx::query("DELETE FROM claim WHERE id IN (SELECT value FROM json_each(?))")
            .bind(serde_json::to_string(ended)?)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
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
        tx.commit().await?;
        Ok(Some(to))
    }

    /// Applies a provider's later word to a delivery; answers the new state, None where nothing changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn apply_receipt(
        &self,
        id: DeliveryId,
        provider: &str,
        word: ReceiptWord,
        now: Timestamp,
    ) -> Result<Option<DeliveryState>> {
        let mut tx = self.begin().await?;
        let changed = apply_receipt(&mut tx, id, provider, word, now).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Finds the delivery of a provider's reference; an unknown one is parked for 15 minutes with its word.
    ///
    /// # Errors
    /// The database's.
    pub async fn delivery_by_reference(
        &self,
        provider: &str,
        reference: &str,
        word: ReceiptWord,
        now: Timestamp,
    ) -> Result<Option<DeliveryId>> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM parked_receipt WHERE at < ?").bind(millis(now) - 900_000).execute(&mut *tx).await?;
        let row = sqlx::query("SELECT * FROM reference WHERE provider = ? AND reference = ?")
            .bind(provider)
            .bind(reference)
            .fetch_optional(&mut *tx)
            .await?;
        let found = row.map(|row| DeliveryId {
            broadcast: row.get("broadcast_id"),
            channel: channel_of(row.get("channel")),
            ordinal: row.get("ordinal"),
        });
        if found.is_none() {
            sqlx::query("INSERT INTO parked_receipt (provider, reference, word, at) VALUES (?, ?, ?, ?)")
                .bind(provider)
                .bind(reference)
                .bind(write_word(word))
                .bind(millis(now))
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    /// After a crash: everything claimed without an outcome is settled by the rule for its channel, provider and age.
    /// Answers how many were in doubt.
    ///
    /// # Errors
    /// The database's.
    pub async fn rescue(&self, rule: impl Fn(Channel, &str, Duration) -> Rescue, now: Timestamp) -> Result<i64> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query(
            "SELECT s.broadcast_id, s.channel, s.ordinal, c.provider, MIN(c.at) AS claimed_at,
               (SELECT COUNT(*) FROM attempt a WHERE a.broadcast_id = s.broadcast_id AND a.channel = s.channel
                AND a.ordinal = s.ordinal AND a.number > 0) AS tried
             FROM claim c CROSS JOIN snapshot s ON s.broadcast_id = c.broadcast_id AND s.channel = c.channel
               AND s.ordinal >= c.low AND s.ordinal < c.high
             LEFT JOIN outcome o ON o.broadcast_id = s.broadcast_id AND o.channel = s.channel AND o.ordinal = s.ordinal
             LEFT JOIN queue q ON q.broadcast_id = s.broadcast_id AND q.channel = s.channel AND q.ordinal = s.ordinal
             WHERE o.state IS NULL AND q.due_at IS NULL GROUP BY s.broadcast_id, s.channel, s.ordinal",
        )
        .fetch_all(&mut *tx)
        .await?;
        let records: Vec<Record> = rows
            .iter()
            .map(|row| {
                let id = DeliveryId {
                    broadcast: row.get("broadcast_id"),
                    channel: channel_of(row.get("channel")),
                    ordinal: row.get("ordinal"),
                };
                let provider: String = row.get("provider");
                let age = now.duration_since(from_millis(row.get("claimed_at")));
                let age = Duration::try_from(age).unwrap_or_default();
                let verdict = match rule(id.channel, &provider, age) {
                    Rescue::Hold => {
                        Verdict::End { state: DeliveryState::InDoubt, reason: None, reference: None, parts: 0 }
                    }
                    _ => Verdict::Again { due_at: now, counts: true, reason: Reason::Temporary },
                };
                let tried = u32::try_from(row.get::<i64, _>("tried")).unwrap_or_default();
                let attempt = Some(("in_doubt", None, "the daemon ended before the answer was recorded".to_owned()));
                Record {
                    claim: 0,
                    id,
                    attempts: tried,
                    provider,
                    at: now,
                    verdict,
                    attempt,
                    referable: false,
                    ends_claim: false,
                    suppress: None,
                }
            })
            .collect();
        put_outcomes(&mut tx, &records).await?;
        put_waiting(&mut tx, &records).await?;
        put_attempts(&mut tx, &records).await?;
        sqlx::query("DELETE FROM claim").execute(&mut *tx).await?;
        sqlx::query("UPDATE broadcast SET state = 'voided' WHERE state = 'planning'").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(i64::try_from(records.len()).unwrap_or(i64::MAX))
    }

    /// Settles up to [`SWEEP`] deliveries of a retracted broadcast that were not sent; answers whether more may be left.
    ///
    /// # Errors
    /// The database's.
    pub async fn sweep_retracted(&self, id: i64, now: Timestamp) -> Result<bool> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query(
            "INSERT INTO outcome (broadcast_id, channel, ordinal, state, at)
             SELECT s.broadcast_id, s.channel, s.ordinal, ?2, ?3 FROM snapshot s
             LEFT JOIN outcome o USING (broadcast_id, channel, ordinal)
             WHERE s.broadcast_id = ?1 AND o.state IS NULL AND NOT EXISTS (SELECT 1 FROM claim c
               WHERE c.broadcast_id = s.broadcast_id AND c.channel = s.channel AND s.ordinal >= c.low AND s.ordinal < c.high
               AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.broadcast_id = s.broadcast_id AND q.channel = s.channel
                 AND q.ordinal = s.ordinal))
             LIMIT ?4 RETURNING channel",
        )
        .bind(id)
        .bind(DeliveryState::Retracted.code())
        .bind(millis(now))
        .bind(SWEEP)
        .fetch_all(&mut *tx)
        .await?;
        let mut counts: BTreeMap<(i64, i64, i64), i64> = BTreeMap::new();
        for row in &rows {
            *counts.entry((id, row.get("channel"), DeliveryState::Retracted.code())).or_default() += 1;
        }
        add_counts(&mut tx, &counts).await?;
        sqlx::query(
            "DELETE FROM queue WHERE broadcast_id = ?1 AND EXISTS (SELECT 1 FROM outcome o WHERE o.broadcast_id = ?1
             AND o.channel = queue.channel AND o.ordinal = queue.ordinal)",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(i64::try_from(rows.len()).unwrap_or(0) == SWEEP)
    }

    /// Puts deliveries with one of these outcomes back to be sent, and the broadcast back to running. Answers how many.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has not ended, or there are none.
    pub async fn retry(
        &self,
        id: i64,
        states: &[DeliveryState],
        channel: Option<Channel>,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let codes: Vec<i64> = states.iter().map(|state| state.code()).collect();
        let rows = sqlx::query(
            "SELECT channel, ordinal, state, reason, provider, attempts FROM outcome WHERE broadcast_id = ?1
             AND state IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR channel = ?3)",
        )
        .bind(id)
        .bind(serde_json::to_string(&codes)?)
        .bind(channel.map(channel_code))
        .fetch_all(&mut *tx)
        .await?;
        if rows.is_empty() {
            return Err(StoreError::Conflict("there is nothing to send again".into()));
        }
        let mut counts: BTreeMap<(i64, i64, i64), i64> = BTreeMap::new();
        let mut waiting = Vec::with_capacity(rows.len());
        for row in &rows {
            let (channel, ordinal, state): (i64, i64, i64) = (row.get("channel"), row.get("ordinal"), row.get("state"));
            *counts.entry((id, channel, state)).or_default() -= 1;
            waiting.push((id, channel, ordinal, millis(entry.at), 0, "retry"));
        }
        add_counts(&mut tx, &counts).await?;
        queue_rows(&mut tx, &serde_json::to_string(&waiting)?).await?;
        sqlx::query(
            "DELETE FROM outcome WHERE broadcast_id = ?1 AND state IN (SELECT value FROM json_each(?2))
             AND (?3 IS NULL OR channel = ?3)",
        )
        .bind(id)
        .bind(serde_json::to_string(&codes)?)
        .bind(channel.map(channel_code))
        .execute(&mut *tx)
        .await?;
        let name: String =
            sqlx::query_scalar("SELECT state FROM broadcast WHERE id = ?").bind(id).fetch_one(&mut *tx).await?;
        if State::parse(&name) == Some(State::Partial) {
            step(&mut tx, id, State::Running, entry.at).await?;
        } else if !State::parse(&name).is_some_and(State::is_open) {
            return Err(StoreError::Conflict(format!("a broadcast that is {name} cannot be sent again")));
        }
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
    }

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
    /// try.
    ///
    /// # Errors
    /// The database's.
    pub async fn troubles(&self, id: i64) -> Result<Vec<(Channel, String, String, i64, Option<Timestamp>)>> {
        let rows = sqlx::query(
            "SELECT channel, state, COALESCE(reason, '') AS reason, COUNT(*) AS n, NULL AS due FROM outcome
             WHERE broadcast_id = ?1 AND state > 2 GROUP BY channel, state, reason
             UNION ALL SELECT channel, 0, reason, COUNT(*), MIN(due_at) FROM queue WHERE broadcast_id = ?1
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
             WHERE me.id = ?1 AND o.reference IS NOT NULL AND o.state IN (1, 2) ORDER BY b.id",
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
             FROM broadcast b JOIN cursor c ON c.broadcast_id = b.id WHERE b.state = 'running' GROUP BY c.channel",
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

async fn candidates(
    tx: &mut SqliteConnection,
    channel: Channel,
    exercise: bool,
    now: Timestamp,
) -> Result<Vec<Candidate>> {
    let rows = sqlx::query(
        "SELECT b.id, b.message, b.required_by_law, c.total, c.first, c.taken,
           EXISTS (SELECT 1 FROM queue q WHERE q.broadcast_id = b.id AND q.channel = c.channel AND q.due_at <= ?3) AS has_due,
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
) -> Result<Vec<Looked>> {
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
    let wanted: Vec<(i64, u32)> = (low..high).map(|ordinal| (ordinal, 0)).collect();
    look(tx, candidate, channel, &wanted, now).await
}

async fn take_waiting(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    channel: Channel,
    max: i64,
    now: Timestamp,
) -> Result<Vec<Looked>> {
    let rows = sqlx::query(
        "DELETE FROM queue WHERE (broadcast_id, channel, ordinal) IN (SELECT broadcast_id, channel, ordinal FROM queue
           WHERE broadcast_id = ?1 AND channel = ?2 AND due_at <= ?3 ORDER BY due_at, ordinal LIMIT ?4)
         RETURNING ordinal, attempts",
    )
    .bind(candidate.id)
    .bind(channel_code(channel))
    .bind(millis(now))
    .bind(max)
    .fetch_all(&mut *tx)
    .await?;
    let mut wanted: Vec<(i64, u32)> = rows
        .iter()
        .map(|row| (row.get("ordinal"), u32::try_from(row.get::<i64, _>("attempts")).unwrap_or(0)))
        .collect();
    wanted.sort_unstable();
    look(tx, candidate, channel, &wanted, now).await
}

/// Reads rows of the snapshot with what keeps each from being sent. Invariant 4 is decided here.
async fn look(
    tx: &mut SqliteConnection,
    candidate: &Candidate,
    channel: Channel,
    wanted: &[(i64, u32)],
    now: Timestamp,
) -> Result<Vec<Looked>> {
    // A later update replaces this one for whom it reaches, or everywhere. Corrections are never replaced.
    let superseded = if candidate.later && candidate.message != MessageKind::Correction {
        "EXISTS (SELECT 1 FROM broadcast m WHERE m.incident_id = b.incident_id AND m.id > b.id AND m.started_at IS NOT NULL
           AND m.message = 'update' AND (m.replaces_everywhere OR EXISTS (SELECT 1 FROM snapshot ms
             WHERE ms.broadcast_id = m.id AND ms.channel = s.channel AND ms.address = s.address)))"
    } else {
        "0"
    };
    // An earlier one to the same address that is on the wire has to end first. A "no news yet" message, which replaces
    // nothing, also waits for an earlier one that is running and has not reached the address.
    let blocked = if candidate.earlier {
        "EXISTS (SELECT 1 FROM broadcast e JOIN snapshot es ON es.broadcast_id = e.id AND es.channel = s.channel
             AND es.address = s.address
           LEFT JOIN outcome eo ON eo.broadcast_id = e.id AND eo.channel = es.channel AND eo.ordinal = es.ordinal
           WHERE e.incident_id = b.incident_id AND e.id < b.id AND e.started_at IS NOT NULL AND eo.state IS NULL AND (
             (b.message = 'holding' AND e.state = 'running') OR (
               EXISTS (SELECT 1 FROM claim c WHERE c.broadcast_id = e.id AND c.channel = es.channel
                 AND es.ordinal >= c.low AND es.ordinal < c.high)
               AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.broadcast_id = e.id AND q.channel = es.channel
                 AND q.ordinal = es.ordinal))))"
    } else {
        "0"
    };
    // CROSS JOIN fixes the order: the other way round the list is read again for every row of the snapshot.
    let sql = format!(
        "SELECT s.ordinal, s.address, s.recipient_id, s.variant, s.locale, s.hole_values, w.value->>1 AS attempts,
           EXISTS (SELECT 1 FROM suppression p WHERE p.channel = s.channel AND p.value = s.address
             AND (p.expires_at IS NULL OR p.expires_at > ?4) AND NOT (?5 AND p.reason = 'opted_out')) AS suppressed,
           {superseded} AS superseded, {blocked} AS blocked
         FROM json_each(?3) w CROSS JOIN snapshot s ON s.broadcast_id = ?1 AND s.channel = ?2 AND s.ordinal = w.value->>0
         JOIN broadcast b ON b.id = s.broadcast_id
         LEFT JOIN outcome o ON o.broadcast_id = s.broadcast_id AND o.channel = s.channel AND o.ordinal = s.ordinal
         WHERE o.state IS NULL ORDER BY s.ordinal"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(candidate.id)
        .bind(channel_code(channel))
        .bind(serde_json::to_string(wanted)?)
        .bind(millis(now))
        .bind(candidate.required_by_law)
        .fetch_all(tx)
        .await?;
    Ok(rows
        .iter()
        .map(|row| Looked {
            item: Claimed {
                claim: 0,
                id: DeliveryId { broadcast: candidate.id, channel, ordinal: row.get("ordinal") },
                address: row.get("address"),
                recipient_id: row.get("recipient_id"),
                variant: usize::try_from(row.get::<i64, _>("variant")).unwrap_or_default(),
                locale: row.get("locale"),
                hole_values: row.get("hole_values"),
                attempts: u32::try_from(row.get::<i64, _>("attempts")).unwrap_or_default(),
            },
            suppressed: row.get("suppressed"),
            superseded: row.get("superseded"),
            blocked: row.get("blocked"),
        })
        .collect())
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
        let row = |due: i64, reason| (candidate.id, channel_code(channel), item.id.ordinal, due, item.attempts, reason);
        if let Some(state) = end {
            settled.push((
                candidate.id,
                channel_code(channel),
                item.id.ordinal,
                state.code(),
                item.attempts,
                millis(now),
            ));
        } else if blocked {
            waiting.push(row(millis(now) + ORDER_WAIT, "order"));
        } else if i64::try_from(items.len()).unwrap_or(i64::MAX) >= max {
            waiting.push(row(millis(now), "order"));
        } else {
            items.push(item);
        }
    }
    if !settled.is_empty() {
        sqlx::query(
            "INSERT INTO outcome (broadcast_id, channel, ordinal, state, attempts, at)
             SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?)",
        )
        .bind(serde_json::to_string(&settled)?)
        .execute(&mut *tx)
        .await?;
        let mut counts = BTreeMap::new();
        for (broadcast, channel, _, state, _, _) in &settled {
            *counts.entry((*broadcast, *channel, *state)).or_default() += 1;
        }
        add_counts(tx, &counts).await?;
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

async fn put_outcomes(tx: &mut SqliteConnection, records: &[Record]) -> Result<()> {
    let mut rows = Vec::new();
    let mut references = Vec::new();
    for record in records {
        let Verdict::End { state, reason, reference, parts } = &record.verdict else { continue };
        let id = record.id;
        let reference = reference.as_ref().map(|reference| reference.chars().take(512).collect::<String>());
        if let (true, Some(reference)) = (record.referable, &reference) {
            references.push((&record.provider, reference.clone(), id));
        }
        rows.push((
            id.broadcast,
            channel_code(id.channel),
            id.ordinal,
            state.code(),
            reason.map(Reason::as_str),
            &record.provider,
            reference,
            parts,
            record.attempts + 1,
            millis(record.at),
        ));
    }
    if rows.is_empty() {
        return Ok(());
    }
    let written: Vec<(i64, i64, i64)> = sqlx::query_as(
        "INSERT INTO outcome (broadcast_id, channel, ordinal, state, reason, provider, reference, parts, attempts, at)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9
         FROM json_each(?) WHERE true ON CONFLICT DO NOTHING RETURNING broadcast_id, channel, state",
    )
    .bind(serde_json::to_string(&rows)?)
    .fetch_all(&mut *tx)
    .await?;
    let mut counts = BTreeMap::new();
    for key in &written {
        *counts.entry(*key).or_default() += 1;
    }
    add_counts(tx, &counts).await?;
    if written.len() < rows.len() {
        // A receipt overtook the outcome: its state stays, and what it could not know is filled in.
        sqlx::query(
            "INSERT INTO outcome (broadcast_id, channel, ordinal, state, reason, provider, reference, parts, attempts, at)
             SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9
             FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET reference = COALESCE(reference, excluded.reference),
               parts = MAX(parts, excluded.parts), attempts = MAX(attempts, excluded.attempts)",
        )
        .bind(serde_json::to_string(&rows)?)
        .execute(&mut *tx)
        .await?;
    }
    for (provider, reference, id) in references {
        put_reference(tx, provider, &reference, id).await?;
    }
    Ok(())
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

async fn put_waiting(tx: &mut SqliteConnection, records: &[Record]) -> Result<()> {
    let rows: Vec<_> = records
        .iter()
        .filter_map(|record| match &record.verdict {
            Verdict::Again { due_at, counts, reason } => Some((
                record.id.broadcast,
                channel_code(record.id.channel),
                record.id.ordinal,
                millis(*due_at),
                record.attempts + u32::from(*counts),
                reason.as_str(),
            )),
            Verdict::End { .. } => None,
        })
        .collect();
    if rows.is_empty() { Ok(()) } else { queue_rows(tx, &serde_json::to_string(&rows)?).await }
}

/// Puts deliveries into the queue, unless a receipt has given them an end already.
async fn queue_rows(tx: &mut SqliteConnection, rows: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO queue (broadcast_id, channel, ordinal, due_at, attempts, reason)
         SELECT w.value->>0, w.value->>1, w.value->>2, w.value->>3, w.value->>4, w.value->>5 FROM json_each(?) w
         WHERE NOT EXISTS (SELECT 1 FROM outcome o WHERE o.broadcast_id = w.value->>0 AND o.channel = w.value->>1
           AND o.ordinal = w.value->>2 AND w.value->>5 <> 'retry')
         ON CONFLICT DO UPDATE SET due_at = excluded.due_at, attempts = excluded.attempts, reason = excluded.reason",
    )
    .bind(rows)
    .execute(tx)
    .await?;
    Ok(())
}

async fn put_attempts(tx: &mut SqliteConnection, records: &[Record]) -> Result<()> {
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
async fn add_counts(tx: &mut SqliteConnection, counts: &BTreeMap<(i64, i64, i64), i64>) -> Result<()> {
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

async fn open_deliveries(tx: &mut SqliteConnection, id: i64) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT (SELECT COALESCE(SUM(total), 0) FROM cursor WHERE broadcast_id = ?1)
              - (SELECT COALESCE(SUM(n), 0) FROM counter WHERE broadcast_id = ?1)",
    )
    .bind(id)
    .fetch_one(tx)
    .await?)
}

async fn apply_receipt(
    tx: &mut SqliteConnection,
    id: DeliveryId,
    provider: &str,
    word: ReceiptWord,
    now: Timestamp,
) -> Result<Option<DeliveryState>> {
    let binds = (id.broadcast, channel_code(id.channel), id.ordinal);
    let row = sqlx::query(
        "SELECT s.address, o.state, (q.due_at IS NOT NULL OR EXISTS (SELECT 1 FROM claim c WHERE c.broadcast_id = ?1
           AND c.channel = ?2 AND c.low <= ?3 AND c.high > ?3)) AS tried
         FROM snapshot s LEFT JOIN outcome o USING (broadcast_id, channel, ordinal)
         LEFT JOIN queue q USING (broadcast_id, channel, ordinal)
         WHERE s.broadcast_id = ?1 AND s.channel = ?2 AND s.ordinal = ?3",
    )
    .bind(binds.0)
    .bind(binds.1)
    .bind(binds.2)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let from = row.get::<Option<i64>, _>("state").map(DeliveryState::from_code);
    if from.is_none() && !row.get::<bool, _>("tried") {
        return Ok(None); // Nothing was ever handed over: no provider can know of it.
    }
    let Some(to) = after_receipt(from, word) else { return Ok(None) };
    let reason = if let ReceiptWord::Failed(reason) = word { Some(reason) } else { None };
    sqlx::query(
        "INSERT INTO outcome (broadcast_id, channel, ordinal, state, reason, provider, attempts, at) VALUES (?, ?, ?, ?, ?, ?, 1, ?)
         ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason, at = excluded.at",
    )
    .bind(binds.0)
    .bind(binds.1)
    .bind(binds.2)
    .bind(to.code())
    .bind(reason.map(Reason::as_str))
    .bind(provider)
    .bind(millis(now))
    .execute(&mut *tx)
    .await?;
    let mut counts = BTreeMap::from([((binds.0, binds.1, to.code()), 1)]);
    if let Some(from) = from {
        counts.insert((binds.0, binds.1, from.code()), -1);
    }
    add_counts(tx, &counts).await?;
    sqlx::query("DELETE FROM queue WHERE broadcast_id = ? AND channel = ? AND ordinal = ?")
        .bind(binds.0)
        .bind(binds.1)
        .bind(binds.2)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO attempt (broadcast_id, channel, ordinal, number, word, reason, detail, provider, at)
         VALUES (?, ?, ?, 0, 'receipt', ?, ?, ?, ?)",
    )
    .bind(binds.0)
    .bind(binds.1)
    .bind(binds.2)
    .bind(reason.map(Reason::as_str))
    .bind(to.as_str())
    .bind(provider)
    .bind(millis(now))
    .execute(&mut *tx)
    .await?;
    if let Some(reason) = reason.filter(|reason| reason.suppresses()) {
        let suppression = Suppression {
            channel: id.channel,
            value: row.get("address"),
            reason: reason.as_str().to_owned(),
            note: String::new(),
            created_at: now,
            expires_at: None,
            created_by: format!("provider:{provider}"),
        };
        super::recipients::suppress(tx, &suppression).await?;
    }
    Ok(Some(to))
}

fn write_word(word: ReceiptWord) -> String {
    match word {
        ReceiptWord::Accepted => "accepted".to_owned(),
        ReceiptWord::Delivered => "delivered".to_owned(),
        ReceiptWord::Failed(reason) => format!("failed:{}", reason.as_str()),
    }
}

fn read_word(text: &str) -> Option<ReceiptWord> {
    match text {
        "accepted" => Some(ReceiptWord::Accepted),
        "delivered" => Some(ReceiptWord::Delivered),
        other => Some(ReceiptWord::Failed(Reason::parse(other.strip_prefix("failed:")?)?)),
    }
}
