//! Broadcasts: born at the submit, approved, started, paused, ended.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{
    Result, Store, StoreError, audit, channel_code,
    renderings::{self, StoredRendering},
};
use crate::{
    approve::State,
    compose::status::Status,
    pace::Timing,
    render::MessageKind,
    world::{from_millis, millis},
};

/// The carrying-out of an update, or of its correction or "no news yet" message.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Broadcast {
    /// Its number.
    pub id: i64,
    /// Which incident.
    pub incident_id: i64,
    /// Which update.
    pub update_id: i64,
    /// Which version of it.
    pub version: i64,
    /// The update itself, its correction, or its "no news yet".
    pub message: MessageKind,
    /// The broadcast that a correction corrects, or whose approval covers a "no news yet" message.
    pub source_id: Option<i64>,
    /// How many "no news yet" messages in a row went before this one.
    pub turn: u8,
    /// Where it stands.
    pub state: State,
    /// True for practice.
    pub exercise: bool,
    /// True where it drops unsent earlier updates for everyone.
    pub replaces_everywhere: bool,
    /// True where it goes to people who opted out too.
    pub required_by_law: bool,
    /// SHA-256 over everything that is approved, as 64 hexadecimal characters.
    pub digest: String,
    /// How many people get it: the number that the approver names.
    pub people: i64,
    /// What the plan measured, as it was at the submit.
    pub plan: serde_json::Value,
    /// Who submitted it.
    pub submitted_by: Option<i64>,
    /// When.
    pub submitted_at: Timestamp,
    /// Until when it may be approved.
    pub expires_at: Timestamp,
    /// When it is to start; None means at the approval.
    pub start_at: Option<Timestamp>,
    /// What was chosen about time; None sends at once, to everybody. A correction never has any.
    pub timing: Option<Timing>,
    /// The last group that may be written to, where groups go one after the other.
    pub stage: i64,
    /// For how long it was stopped, without a stop that lasts.
    #[serde(skip)]
    pub paused_for: SignedDuration,
    /// Who approved it.
    pub approved_by: Option<i64>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When every delivery had an end.
    pub ended_at: Option<Timestamp>,
}

impl Broadcast {
    /// Whether it corrects that one.
    pub fn is_correction_of(&self, broadcast: i64) -> bool {
        self.message == MessageKind::Correction && self.source_id == Some(broadcast)
    }
}

/// What a broadcast is born with.
#[derive(Clone, Debug)]
pub struct NewBroadcast {
    /// Which incident.
    pub incident_id: i64,
    /// Which update.
    pub update_id: i64,
    /// Which version of it.
    pub version: i64,
    /// True for practice.
    pub exercise: bool,
    /// True where it drops unsent earlier updates for everyone.
    pub replaces_everywhere: bool,
    /// True where it goes to people who opted out too.
    pub required_by_law: bool,
    /// The sending lane: 0 before 1 before 2 …
    pub lane: i64,
    /// Who submitted it.
    pub submitted_by: Option<i64>,
    /// Until when it may be approved.
    pub expires_at: Timestamp,
    /// When it is to start.
    pub start_at: Option<Timestamp>,
    /// What was chosen about time; None where nothing was.
    pub timing: Option<Timing>,
}

/// What an approved broadcast does to the incident, at its start.
#[derive(Clone, Debug)]
pub struct StartEffects {
    /// The incident's new status.
    pub status: Status,
    /// Components' new statuses.
    pub components: Vec<(i64, &'static str)>,
    /// The promise it makes.
    pub next_update_at: Option<Timestamp>,
}

fn broadcast(row: &SqliteRow) -> Result<Broadcast> {
    let time = |name| row.get::<Option<i64>, _>(name).map(from_millis);
    Ok(Broadcast {
        id: row.get("id"),
        incident_id: row.get("incident_id"),
        update_id: row.get("update_id"),
        version: row.get("version"),
        message: MessageKind::parse(row.get("message")).unwrap_or(MessageKind::Update),
        source_id: row.get("source_id"),
        turn: row.get("turn"),
        state: State::parse(row.get("state")).unwrap_or(State::Voided),
        exercise: row.get("exercise"),
        replaces_everywhere: row.get("replaces_everywhere"),
        required_by_law: row.get("required_by_law"),
        digest: row.get("digest"),
        people: row.get("people"),
        plan: serde_json::from_str(row.get("plan"))?,
        submitted_by: row.get("submitted_by"),
        submitted_at: from_millis(row.get("submitted_at")),
        expires_at: from_millis(row.get("expires_at")),
        start_at: time("start_at"),
        timing: row.get::<Option<&str>, _>("timing").map(serde_json::from_str).transpose()?,
        stage: row.get("stage"),
        paused_for: SignedDuration::from_millis(row.get("paused_for")),
        approved_by: row.get("approved_by"),
        approved_at: time("approved_at"),
        started_at: time("started_at"),
        ended_at: time("ended_at"),
    })
}

/// Moves a broadcast along the transition table; the row must still be where the caller read it.
pub(crate) async fn step(tx: &mut SqliteConnection, id: i64, to: State, now: Timestamp) -> Result<State> {
    let name: String = sqlx::query_scalar("SELECT state FROM broadcast WHERE id = ?")
        .bind(id)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(StoreError::Missing("broadcast"))?;
    let from = State::parse(&name).unwrap_or(State::Voided);
    if !from.allows(to) {
        return Err(StoreError::Conflict(format!(
            "a broadcast that is {} cannot become {}",
            from.as_str(),
            to.as_str()
        )));
    }
    if to == State::Running && super::is_held(tx).await? {
        return Err(StoreError::Conflict("everything is stopped; start again first, with a reason".into()));
    }
    let ended = matches!(to, State::Completed | State::Partial | State::Retracted | State::Voided).then(|| millis(now));
    // How long it was stopped is kept: what is spread over hours goes on where it stood.
    sqlx::query(
        "UPDATE broadcast SET state = ?2, ended_at = ?3,
           paused_for = paused_for + CASE WHEN started_at IS NULL THEN 0 ELSE MAX(COALESCE(?4 - paused_at, 0), 0) END,
           paused_at = CASE WHEN ?2 = 'paused' THEN ?4 END, stepped_at = ?4
         WHERE id = ?1",
    )
    .bind(id)
    .bind(to.as_str())
    .bind(ended)
    .bind(millis(now))
    .execute(tx)
    .await?;
    Ok(from)
}

impl Store {
    /// Begins a broadcast: its audience is about to be frozen.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the update is not a draft of that version.
    pub async fn begin_broadcast(&self, new: &NewBroadcast, now: Timestamp) -> Result<i64> {
        let mut tx = self.begin().await?;
        let row = sqlx::query("SELECT state, version FROM incident_update WHERE id = ?")
            .bind(new.update_id)
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::Missing("update"))?;
        let state = State::parse(row.get("state")).unwrap_or(State::Draft);
        if !state.allows(State::Submitted) || row.get::<i64, _>("version") != new.version {
            return Err(StoreError::Conflict(format!(
                "this update is {} at version {}; only the latest draft can be submitted",
                state.as_str(),
                row.get::<i64, _>("version")
            )));
        }
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO broadcast (incident_id, update_id, version, message, state, lane, exercise, replaces_everywhere,
               required_by_law, submitted_by, submitted_at, expires_at, start_at, timing)
             VALUES (?, ?, ?, 'update', 'planning', ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(new.incident_id)
        .bind(new.update_id)
        .bind(new.version)
        .bind(new.lane)
        .bind(new.exercise)
        .bind(new.replaces_everywhere)
        .bind(new.required_by_law)
        .bind(new.submitted_by)
        .bind(millis(now))
        .bind(millis(new.expires_at))
        .bind(new.start_at.map(millis))
        .bind(new.timing.as_ref().map(serde_json::to_string).transpose()?)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Seals a planned broadcast: renderings, totals by channel and stage, digest. It waits for an approval from here on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the update was changed meanwhile.
    #[allow(clippy::too_many_arguments, reason = "what an approval binds, named one by one")]
    pub async fn seal_broadcast(
        &self,
        id: i64,
        texts: &[StoredRendering],
        totals: &BTreeMap<Channel, Vec<i64>>,
        digest: &str,
        people: i64,
        plan: &serde_json::Value,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        for rendering in texts {
            renderings::put(&mut tx, id, rendering).await?;
        }
        for (channel, stages) in totals {
            put_cursors(&mut tx, id, *channel, stages).await?;
        }
        sqlx::query("UPDATE broadcast SET digest = ?, people = ?, plan = ? WHERE id = ?")
            .bind(digest)
            .bind(people)
            .bind(plan.to_string())
            .bind(id)
            .execute(&mut *tx)
            .await?;
        step(&mut tx, id, State::Submitted, entry.at).await?;
        let changed = sqlx::query(
            "UPDATE incident_update SET state = 'submitted', return_reason = NULL
             WHERE id = (SELECT update_id FROM broadcast WHERE id = ?1)
             AND version = (SELECT version FROM broadcast WHERE id = ?1) AND state IN ('draft', 'returned')",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Conflict(
                "this update was changed while it was being submitted; submit it again".into(),
            ));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Gives up a broadcast that was never sealed, and its snapshot.
    ///
    /// # Errors
    /// The database's.
    pub async fn abandon_broadcast(&self, id: i64, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        step(&mut tx, id, State::Voided, now).await?;
        for sql in ["DELETE FROM snapshot WHERE broadcast_id = ?", "DELETE FROM sharer WHERE broadcast_id = ?"] {
            sqlx::query(sql).bind(id).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }

    /// One broadcast.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn broadcast(&self, id: i64) -> Result<Broadcast> {
        let row = sqlx::query("SELECT * FROM broadcast WHERE id = ?").bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(broadcast).ok_or(StoreError::Missing("broadcast"))?
    }

    /// The broadcasts of an update, the oldest first; voided ones too.
    ///
    /// # Errors
    /// The database's.
    pub async fn broadcasts_of(&self, update_id: i64) -> Result<Vec<Broadcast>> {
        sqlx::query("SELECT * FROM broadcast WHERE update_id = ? ORDER BY id")
            .bind(update_id)
            .fetch_all(self.read())
            .await?
            .iter()
            .map(broadcast)
            .collect()
    }

    /// The broadcasts of an incident that started, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn broadcasts_of_incident(&self, incident_id: i64) -> Result<Vec<Broadcast>> {
        sqlx::query("SELECT * FROM broadcast WHERE incident_id = ? AND started_at IS NOT NULL ORDER BY started_at, id")
            .bind(incident_id)
            .fetch_all(self.read())
            .await?
            .iter()
            .map(broadcast)
            .collect()
    }

    /// Broadcasts in one of these states, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn broadcasts_in(&self, states: &[State]) -> Result<Vec<Broadcast>> {
        let names: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        sqlx::query("SELECT * FROM broadcast WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id")
            .bind(serde_json::to_string(&names)?)
            .fetch_all(self.read())
            .await?
            .iter()
            .map(broadcast)
            .collect()
    }

    /// Broadcasts, the newest first, before `cursor` (0 for the first page); in one state when asked.
    ///
    /// # Errors
    /// The database's.
    pub async fn broadcasts(&self, state: Option<State>, cursor: i64, limit: i64) -> Result<Vec<Broadcast>> {
        sqlx::query("SELECT * FROM broadcast WHERE (?1 = 0 OR id < ?1) AND (?2 IS NULL OR state = ?2) ORDER BY id DESC LIMIT ?3")
            .bind(cursor)
            .bind(state.map(State::as_str))
            .bind(limit)
            .fetch_all(self.read())
            .await?
            .iter()
            .map(broadcast)
            .collect()
    }

    /// Starts a scheduled broadcast: it may be claimed from here on. In the same transaction the incident and its
    /// components get their new statuses, the promise before is kept, the new one made, and the readers whom an
    /// unfinished earlier update did not reach yet move to the front.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not scheduled any more.
    pub async fn start_broadcast(
        &self,
        id: i64,
        effects: Option<&StartEffects>,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        // Somebody may have stopped it since it was seen to be due.
        if step(&mut tx, id, State::Running, entry.at).await? != State::Scheduled {
            return Err(StoreError::Conflict("it is not scheduled any more".into()));
        }
        let now = millis(entry.at);
        sqlx::query("UPDATE broadcast SET started_at = ? WHERE id = ?").bind(now).bind(id).execute(&mut *tx).await?;
        sqlx::query(
            "UPDATE cursor SET first = COALESCE((
               SELECT mine.ordinal - cursor.low FROM broadcast b
               JOIN broadcast e ON e.incident_id = b.incident_id AND e.id < b.id AND e.started_at IS NOT NULL AND e.message = 'update'
               JOIN cursor c ON c.broadcast_id = e.id AND c.channel = cursor.channel AND c.taken < c.total AND (c.taken > 0 OR c.first > 0)
               JOIN snapshot edge ON edge.broadcast_id = e.id AND edge.channel = c.channel
                 AND edge.ordinal = c.low + (c.first + c.taken) % c.total
               JOIN snapshot mine ON mine.broadcast_id = b.id AND mine.channel = c.channel AND mine.address >= edge.address
                 AND mine.ordinal >= cursor.low AND mine.ordinal < cursor.low + cursor.total
               WHERE b.id = cursor.broadcast_id ORDER BY e.id DESC, mine.address LIMIT 1), 0)
             WHERE broadcast_id = ?",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        if let Some(effects) = effects {
            apply_effects(&mut tx, id, effects, now).await?;
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Moves a broadcast along the transition table.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the table has no such step.
    pub async fn step_broadcast(&self, id: i64, to: State, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        step(&mut tx, id, to, entry.at).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Pauses everything that is running or scheduled; answers which broadcasts.
    ///
    /// # Errors
    /// The database's.
    pub async fn stop_everything(&self, entry: &audit::Entry<'_>) -> Result<Vec<i64>> {
        let mut tx = self.begin().await?;
        let ids = sqlx::query_scalar(
            "UPDATE broadcast SET state = 'paused', paused_at = ?1, stepped_at = ?1 WHERE state IN ('running', 'scheduled') RETURNING id",
        )
        .bind(millis(entry.at))
        .fetch_all(&mut *tx)
        .await?;
        super::put_meta(&mut tx, "stopped", Some(entry.actor)).await?;
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(ids)
    }
}

#[cfg(test)]
impl Store {
    /// Writes another plan, for tests of what becomes of one in time.
    pub async fn replan(&self, id: i64, plan: &serde_json::Value) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE broadcast SET plan = ?2 WHERE id = ?1")
            .bind(id)
            .bind(plan.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

async fn apply_effects(tx: &mut SqliteConnection, id: i64, effects: &StartEffects, now: i64) -> Result<()> {
    sqlx::query(
        "UPDATE incident SET status = ?2, ended_at = CASE WHEN ?3 THEN COALESCE(ended_at, ?4) END
         WHERE id = (SELECT incident_id FROM broadcast WHERE id = ?1)",
    )
    .bind(id)
    .bind(effects.status.as_str())
    .bind(effects.status.is_final())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    // An exercise changes nothing that the public sees.
    let exercise: bool =
        sqlx::query_scalar("SELECT exercise FROM broadcast WHERE id = ?").bind(id).fetch_one(&mut *tx).await?;
    for (component, status) in effects.components.iter().filter(|_| !exercise) {
        sqlx::query("UPDATE component SET status = ?, updated_at = ? WHERE id = ?")
            .bind(status)
            .bind(now)
            .bind(component)
            .execute(&mut *tx)
            .await?;
    }
    // The same promise, made again on other channels, is one promise: neither kept by that, nor made twice.
    sqlx::query(
        "UPDATE promise SET kept_at = ?2, kept_by = ?1 WHERE kept_at IS NULL AND due_at IS DISTINCT FROM ?3
         AND incident_id = (SELECT incident_id FROM broadcast WHERE id = ?1)",
    )
    .bind(id)
    .bind(now)
    .bind(effects.next_update_at.map(millis))
    .execute(&mut *tx)
    .await?;
    if let Some(due) = effects.next_update_at {
        sqlx::query(
            "INSERT INTO promise (incident_id, broadcast_id, owner_id, made_at, due_at)
             SELECT b.incident_id, b.id, b.submitted_by, ?2, ?3 FROM broadcast b WHERE b.id = ?1 AND NOT EXISTS (
               SELECT 1 FROM promise p WHERE p.incident_id = b.incident_id AND p.kept_at IS NULL)",
        )
        .bind(id)
        .bind(now)
        .bind(millis(due))
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// One row for each audience of a channel; a channel without anybody keeps one, so that it is seen to have none.
async fn put_cursors(tx: &mut SqliteConnection, id: i64, channel: Channel, stages: &[i64]) -> Result<()> {
    let mut low = 0;
    for (stage, total) in stages.iter().enumerate().filter(|(stage, total)| *stage == 0 || **total > 0) {
        sqlx::query("INSERT INTO cursor (broadcast_id, channel, stage, low, total) VALUES (?, ?, ?, ?, ?)")
            .bind(id)
            .bind(channel_code(channel))
            .bind(stage as i64)
            .bind(low)
            .bind(total)
            .execute(&mut *tx)
            .await?;
        low += total;
    }
    Ok(())
}
