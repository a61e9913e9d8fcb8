//! Voices: what monitoring has to say, and the alerts behind each. Their times are those of `Clock::steady`.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{Result, Store, StoreError};
use crate::{
    intake::{
        rules::{self, Saying},
        state::{Event, State, Wait},
    },
    world::{from_millis, millis},
};

/// The name of the voice that speaks for many.
pub const STORM: &str = "storm";

/// A voice: what monitoring has to say, from the first alert until it is over.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Voice {
    /// Its number.
    pub id: i64,
    /// Its name: alerts that say the same have one.
    pub name: String,
    /// Whose alert was the first.
    pub source: String,
    /// The rule; `storm` for the one that speaks for many.
    pub rule: String,
    /// What it says.
    pub saying: Saying,
    /// `holding`, `speaking`, `clearing` or `closed`.
    #[schemars(with = "String")]
    #[serde(serialize_with = "as_word")]
    pub state: State,
    /// When its first alert fired.
    pub began_at: Timestamp,
    /// When it is looked at again.
    pub due_at: Option<Timestamp>,
    /// How often it was quiet for a while and fired again.
    pub flaps: i64,
    /// The voice that speaks for it, where many began at once.
    pub storm_id: Option<i64>,
    /// The incident, once it was announced.
    pub incident_id: Option<i64>,
    /// Why it could not be announced so far.
    pub problem: Option<String>,
    /// How many groups of alerts fire behind it.
    pub groups: i64,
}

fn as_word<S: serde::Serializer>(state: &State, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(state.as_str())
}

/// How a group of alerts stands.
#[derive(Clone, Debug)]
pub struct Change {
    /// What monitoring calls it.
    pub group: String,
    /// The voices of its alerts that fire.
    pub firing: Vec<rules::Voice>,
    /// The names of voices whose alerts in it are over.
    pub over: Vec<String>,
    /// True where it has no other alerts.
    pub complete: bool,
    /// True where it is one thing that goes on, whatever its fields say by now: what was announced of it stays said.
    pub goes_on: bool,
}

fn voice(row: &SqliteRow) -> Result<Voice> {
    Ok(Voice {
        id: row.get("id"),
        name: row.get("name"),
        source: row.get("source"),
        rule: row.get("rule"),
        saying: serde_json::from_str(row.get("asked"))?,
        state: State::parse(row.get("state")).unwrap_or(State::Closed),
        began_at: from_millis(row.get("began_at")),
        due_at: row.get::<Option<i64>, _>("due_at").map(from_millis),
        flaps: row.get("flaps"),
        storm_id: row.get("storm_id"),
        incident_id: row.get("incident_id"),
        problem: row.get("problem"),
        groups: row.get("groups"),
    })
}

const VOICE: &str =
    "SELECT v.*, (SELECT COUNT(*) FROM intake_alert a WHERE a.voice_id = v.id) AS groups FROM intake_voice v";

impl Store {
    /// Forgets voices that closed before `before`.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_voices(&self, before: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE intake_voice SET storm_id = NULL WHERE closed_at < ?")
            .bind(millis(before))
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "DELETE FROM intake_voice WHERE closed_at < ? AND id NOT IN
               (SELECT storm_id FROM intake_voice WHERE storm_id IS NOT NULL)",
        )
        .bind(millis(before))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// The voices that are open, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn voices(&self, cursor: i64, limit: i64) -> Result<Vec<Voice>> {
        let sql = sqlx::AssertSqlSafe(format!("{VOICE} WHERE v.closed_at IS NULL AND v.id > ? ORDER BY v.id LIMIT ?"));
        sqlx::query(sql).bind(cursor).bind(limit).fetch_all(self.read()).await?.iter().map(voice).collect()
    }

    /// One voice.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn voice(&self, id: i64) -> Result<Voice> {
        let sql = sqlx::AssertSqlSafe(format!("{VOICE} WHERE v.id = ?"));
        let row = sqlx::query(sql).bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(voice).ok_or(StoreError::Missing("voice"))?
    }

    /// The next voice whose time has come and that speaks for itself.
    ///
    /// # Errors
    /// The database's.
    pub async fn due_voice(&self, now: Timestamp) -> Result<Option<Voice>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{VOICE} WHERE v.closed_at IS NULL AND v.due_at <= ? AND v.storm_id IS NULL ORDER BY v.due_at, v.id LIMIT 1"
        ));
        let row = sqlx::query(sql).bind(millis(now)).fetch_optional(self.read()).await?;
        row.as_ref().map(voice).transpose()
    }

    /// The open voice that speaks for many, practice or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn storm(&self, exercise: bool) -> Result<Option<Voice>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{VOICE} WHERE v.closed_at IS NULL AND v.rule = '{STORM}' AND json_extract(v.asked, '$.exercise') = ?"
        ));
        let row = sqlx::query(sql).bind(exercise).fetch_optional(self.read()).await?;
        row.as_ref().map(voice).transpose()
    }

    /// How many open voices fire that began between two instants, practice or not: those that hold, and those that were
    /// announced by themselves.
    ///
    /// # Errors
    /// The database's.
    pub async fn began_between(&self, from: Timestamp, to: Timestamp, exercise: bool) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "SELECT COUNT(*) FROM intake_voice WHERE closed_at IS NULL AND rule <> ?1 AND storm_id IS NULL
               AND state <> 'clearing' AND began_at BETWEEN ?2 AND ?3 AND json_extract(asked, '$.exercise') = ?4",
        )
        .bind(STORM)
        .bind(millis(from))
        .bind(millis(to))
        .bind(exercise)
        .fetch_one(self.read())
        .await?)
    }

    /// Begins to speak for many: for every voice whose hold-down is over.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when one does so already.
    pub async fn begin_storm(&self, saying: &Saying, source: &str, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let name = if saying.exercise { "storm/exercise" } else { STORM };
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO intake_voice (name, source, rule, asked, state, began_at, due_at, flaps)
             VALUES (?1, ?2, ?3, ?4, 'holding', ?5, ?5, 0) RETURNING id",
        )
        .bind(name)
        .bind(source)
        .bind(STORM)
        .bind(serde_json::to_string(saying)?)
        .bind(millis(now))
        .fetch_one(&mut *tx)
        .await
        .map_err(super::taken("storm"))?;
        fold(&mut tx, id, saying.exercise, now).await?;
        Ok(tx.commit().await?)
    }

    /// Lets a storm speak for every further voice whose hold-down is over; all at once, however many they are.
    ///
    /// # Errors
    /// The database's.
    pub async fn fold(&self, storm: &Voice, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        fold(&mut tx, storm.id, storm.saying.exercise, now).await?;
        if storm.state == State::Clearing {
            set(&mut tx, storm.id, State::Clearing, &storm.saying, Event::Firing, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Closes the voices that a storm speaks for and that were quiet long enough; a storm without any is over.
    ///
    /// # Errors
    /// The database's.
    pub async fn clear_folded(&self, now: Timestamp) -> Result<()> {
        let due: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM intake_voice WHERE closed_at IS NULL AND storm_id IS NOT NULL AND due_at <= ?)",
        )
        .bind(millis(now))
        .fetch_one(self.read())
        .await?;
        if !due {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE intake_voice SET state = 'closed', due_at = NULL, closed_at = ?1
             WHERE closed_at IS NULL AND storm_id IS NOT NULL AND state = 'clearing' AND due_at <= ?1",
        )
        .bind(millis(now))
        .execute(&mut *tx)
        .await?;
        let over = sqlx::query(
            "SELECT v.* FROM intake_voice v WHERE v.closed_at IS NULL AND v.rule = ?1 AND v.state <> 'clearing'
               AND NOT EXISTS (SELECT 1 FROM intake_voice f WHERE f.storm_id = v.id AND f.closed_at IS NULL)",
        )
        .bind(STORM)
        .fetch_all(&mut *tx)
        .await?;
        for row in &over {
            let (id, saying): (i64, Saying) = (row.get("id"), serde_json::from_str(row.get("asked"))?);
            let state = State::parse(row.get("state")).unwrap_or(State::Closed);
            set(&mut tx, id, state, &saying, Event::Quiet, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Lets a voice speak. It stays due until what it says first was taken.
    ///
    /// # Errors
    /// The database's.
    pub async fn voice_speaks(&self, id: i64, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let (state, _) = State::Holding.step(Event::Due);
        sqlx::query("UPDATE intake_voice SET state = ?2, due_at = ?3 WHERE id = ?1 AND state = 'holding'")
            .bind(id)
            .bind(state.as_str())
            .bind(millis(now))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Notes that what a voice says first was taken. Where its alerts went quiet meanwhile, that is said in its time.
    ///
    /// # Errors
    /// The database's.
    pub async fn voice_said(&self, id: i64, incident: Option<i64>, problem: Option<&str>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE intake_voice SET incident_id = ?2, problem = ?3,
               due_at = CASE WHEN state = 'speaking' THEN NULL ELSE due_at END WHERE id = ?1",
        )
        .bind(id)
        .bind(incident)
        .bind(problem)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Notes that it was said that a voice is over. Where its alerts fired again meanwhile, it begins anew.
    ///
    /// # Errors
    /// The database's.
    pub async fn voice_ended(&self, voice: &Voice, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let hold = SignedDuration::from_secs(i64::from(voice.saying.hold_seconds));
        sqlx::query(
            "UPDATE intake_voice SET problem = NULL,
               incident_id = CASE WHEN state = 'clearing' THEN incident_id END,
               closed_at = CASE WHEN state = 'clearing' THEN ?2 END,
               due_at = CASE WHEN state = 'clearing' THEN NULL ELSE ?3 END,
               began_at = CASE WHEN state = 'clearing' THEN began_at ELSE ?2 END,
               state = CASE WHEN state = 'clearing' THEN 'closed' ELSE 'holding' END
             WHERE id = ?1 AND closed_at IS NULL",
        )
        .bind(voice.id)
        .bind(millis(now))
        .bind(millis(now + hold))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Notes why a voice could not say it, and when it tries again.
    ///
    /// # Errors
    /// The database's.
    pub async fn voice_waits(&self, id: i64, problem: &str, again: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE intake_voice SET problem = ?2, due_at = ?3 WHERE id = ?1 AND due_at IS NOT NULL")
            .bind(id)
            .bind(problem)
            .bind(millis(again))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// Lets a storm speak for what is due.
async fn fold(tx: &mut SqliteConnection, storm: i64, exercise: bool, now: Timestamp) -> Result<()> {
    let (state, _) = State::Holding.step(Event::Due);
    sqlx::query(
        "UPDATE intake_voice SET storm_id = ?1, state = ?2, due_at = NULL, problem = NULL
         WHERE closed_at IS NULL AND state = 'holding' AND due_at <= ?3 AND storm_id IS NULL AND rule <> ?4
           AND json_extract(asked, '$.exercise') = ?5",
    )
    .bind(storm)
    .bind(state.as_str())
    .bind(millis(now))
    .bind(STORM)
    .bind(exercise)
    .execute(tx)
    .await?;
    Ok(())
}

/// Applies how a group of alerts stands to the voices.
pub(super) async fn apply(tx: &mut SqliteConnection, source: &str, change: &Change, now: Timestamp) -> Result<()> {
    // It is not over because a rule fits no more, and is no second incident because another one fits.
    if change.goes_on && is_told(&mut *tx, source, &change.group).await? {
        return Ok(());
    }
    let (mut firing, over) = (HashSet::new(), change.over.iter().collect::<HashSet<_>>());
    for voice in &change.firing {
        let id = fire(&mut *tx, source, &change.group, voice, now).await?;
        sqlx::query("INSERT INTO intake_alert (source, name, voice_id, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(source)
            .bind(&change.group)
            .bind(id)
            .bind(millis(now))
            .execute(&mut *tx)
            .await?;
        firing.insert(id);
    }
    let known = sqlx::query(
        "SELECT v.id, v.name FROM intake_alert a JOIN intake_voice v ON v.id = a.voice_id WHERE a.source = ? AND a.name = ?",
    )
    .bind(source)
    .bind(&change.group)
    .fetch_all(&mut *tx)
    .await?;
    for row in &known {
        let (id, name): (i64, String) = (row.get("id"), row.get("name"));
        if !firing.contains(&id) && (change.complete || over.contains(&name)) {
            hush(&mut *tx, source, &change.group, id, now).await?;
        }
    }
    Ok(())
}

/// Whether a group fires that customers were told of.
async fn is_told(tx: &mut SqliteConnection, source: &str, group: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM intake_alert a JOIN intake_voice v ON v.id = a.voice_id
                 WHERE a.source = ? AND a.name = ? AND v.closed_at IS NULL AND v.state <> 'holding')";
    Ok(sqlx::query_scalar(sql).bind(source).bind(group).fetch_one(tx).await?)
}

/// An alert fires: its voice begins, or goes on. Where a person ended what it announced, alerts that went on stay as they
/// are, and a new one begins it anew.
async fn fire(
    tx: &mut SqliteConnection,
    source: &str,
    group: &str,
    voice: &rules::Voice,
    now: Timestamp,
) -> Result<i64> {
    let name = voice.name();
    let due = now + SignedDuration::from_secs(i64::from(voice.saying.hold_seconds));
    let row = sqlx::query(
        "SELECT v.id, v.state, i.ended_at IS NOT NULL AND v.storm_id IS NULL AND NOT EXISTS
           (SELECT 1 FROM intake_alert a WHERE a.source = ?2 AND a.name = ?3 AND a.voice_id = v.id) AS anew
         FROM intake_voice v LEFT JOIN incident i ON i.id = v.incident_id WHERE v.name = ?1 AND v.closed_at IS NULL",
    )
    .bind(&name)
    .bind(source)
    .bind(group)
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(row) = row {
        let (id, state) = (row.get("id"), State::parse(row.get("state")).unwrap_or(State::Closed));
        if state == State::Speaking && row.get("anew") {
            sqlx::query(
                "UPDATE intake_voice SET state = 'holding', incident_id = NULL, problem = NULL, began_at = ?2, due_at = ?3
                 WHERE id = ?1",
            )
            .bind(id)
            .bind(millis(now))
            .bind(millis(due))
            .execute(tx)
            .await?;
            return Ok(id);
        }
        set(&mut *tx, id, state, &voice.saying, Event::Firing, now).await?;
        return Ok(id);
    }
    Ok(sqlx::query_scalar(
        "INSERT INTO intake_voice (name, source, rule, asked, state, began_at, due_at, flaps)
         VALUES (?, ?, ?, ?, 'holding', ?, ?, 0) RETURNING id",
    )
    .bind(name)
    .bind(source)
    .bind(&voice.rule)
    .bind(serde_json::to_string(&voice.saying)?)
    .bind(millis(now))
    .bind(millis(due))
    .fetch_one(tx)
    .await?)
}

/// A group of alerts is over; its voice is quiet when it was the last.
async fn hush(tx: &mut SqliteConnection, source: &str, group: &str, id: i64, now: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM intake_alert WHERE source = ? AND name = ? AND voice_id = ?")
        .bind(source)
        .bind(group)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    let row = sqlx::query(
        "SELECT state, asked FROM intake_voice WHERE id = ?1 AND closed_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM intake_alert WHERE voice_id = ?1)",
    )
    .bind(id)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let state = State::parse(row.get("state")).unwrap_or(State::Closed);
    set(tx, id, state, &serde_json::from_str(row.get("asked"))?, Event::Quiet, now).await
}

/// Takes one step of the table, and writes down until when.
async fn set(
    tx: &mut SqliteConnection,
    id: i64,
    from: State,
    saying: &Saying,
    event: Event,
    now: Timestamp,
) -> Result<()> {
    let (to, wait) = from.step(event);
    let seconds = match wait {
        Wait::Same => return Ok(()),
        Wait::Open => None,
        Wait::Hold => Some(saying.hold_seconds),
        Wait::Clear => Some(saying.clear_seconds),
    };
    let due = seconds.map(|seconds| millis(now + SignedDuration::from_secs(i64::from(seconds))));
    let flapped = from == State::Clearing && to == State::Speaking;
    sqlx::query(
        "UPDATE intake_voice SET state = ?2, flaps = flaps + ?4, closed_at = CASE WHEN ?2 = 'closed' THEN ?5 END,
           due_at = CASE WHEN ?2 = 'speaking' AND incident_id IS NULL AND storm_id IS NULL THEN COALESCE(due_at, ?5) ELSE ?3 END
         WHERE id = ?1",
    )
    .bind(id)
    .bind(to.as_str())
    .bind(due)
    .bind(flapped)
    .bind(millis(now))
    .execute(tx)
    .await?;
    Ok(())
}
