//! What other programs are told: the events that the database writes by itself (`0024_other_programs.sql`), and what came of
//! each at each endpoint. The times that something waits for are those of `Clock::steady`.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit};
use crate::{
    webhooks::event::{Event, Facts},
    world::{from_millis, millis},
};

/// So many events are given to an endpoint, or forgotten, in one transaction.
const AT_ONCE: i64 = 500;

/// How an endpoint stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Endpoint {
    /// Its name in the configuration.
    pub name: String,
    /// When it last took an event.
    pub delivered_at: Option<Timestamp>,
    /// Since when it has taken none that it was called with.
    pub failing_since: Option<Timestamp>,
    /// What the last call came to, where it took nothing.
    pub trouble: Option<String>,
    /// Until when it asked not to be called.
    pub not_before: Option<Timestamp>,
    /// When it was switched off.
    pub disabled_at: Option<Timestamp>,
    /// Why: `gone` (it answered 410) or `failing` (for days).
    pub disabled_why: Option<String>,
    /// Events that wait to be delivered.
    pub waiting: i64,
    /// Events that were given up.
    pub failed: i64,
}

/// What an endpoint wants to hear of.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The endpoint's name.
    pub endpoint: &'a str,
    /// The types.
    pub types: Vec<&'static str>,
    /// Practice too.
    pub exercises: bool,
    /// Restricted incidents too.
    pub restricted: bool,
}

/// An event that is due at an endpoint.
#[derive(Clone, Debug)]
pub struct Due {
    /// The event.
    pub event: Event,
    /// How often it was tried.
    pub attempts: u32,
}

/// What came of a call.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It was taken.
    Delivered,
    /// It is tried again, or given up without a time.
    Again {
        /// When.
        due_at: Option<Timestamp>,
        /// Why it was not taken.
        trouble: String,
        /// Until when the endpoint asked not to be called at all.
        not_before: Option<Timestamp>,
        /// Why the endpoint is switched off, if it is.
        disable: Option<&'static str>,
    },
}

/// An event at an endpoint, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "WebhookEvent")]
pub struct Listed {
    /// Its id, as `webhook-id` has it.
    pub event: String,
    /// Its number.
    #[serde(skip)]
    pub number: i64,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub timestamp: Timestamp,
    /// The incident.
    pub incident_id: Option<i64>,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// When it is tried next.
    pub due_at: Option<Timestamp>,
    /// Why it was not taken.
    pub trouble: Option<String>,
}

fn event(row: &SqliteRow) -> Result<Event> {
    Ok(Event {
        number: row.get("id"),
        kind: row.get("type"),
        at: from_millis(row.get("at")),
        facts: serde_json::from_str::<Facts>(row.get("data"))?,
    })
}

impl Store {
    /// Makes the rows of configured endpoints; a new one hears of what happens from now on.
    ///
    /// # Errors
    /// The database's.
    pub async fn put_endpoints(&self, names: &[&str]) -> Result<()> {
        let mut tx = self.begin().await?;
        for name in names {
            sqlx::query(
                "INSERT INTO webhook_endpoint (name, seen) VALUES (?, (SELECT COALESCE(MAX(id), 0) FROM webhook_event))
                 ON CONFLICT (name) DO NOTHING",
            )
            .bind(name)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// How each endpoint stands that was ever configured, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>> {
        let rows = sqlx::query(
            "SELECT e.*, (SELECT COUNT(*) FROM webhook_delivery d WHERE d.endpoint = e.name AND d.state = 'waiting') AS waiting,
               (SELECT COUNT(*) FROM webhook_delivery d WHERE d.endpoint = e.name AND d.state = 'failed') AS failed
             FROM webhook_endpoint e ORDER BY e.name",
        )
        .fetch_all(self.read())
        .await?;
        let of = |row: &SqliteRow| {
            let time = |name| row.get::<Option<i64>, _>(name).map(from_millis);
            Endpoint {
                name: row.get("name"),
                delivered_at: time("delivered_at"),
                failing_since: time("failing_since"),
                trouble: row.get("trouble"),
                not_before: time("not_before"),
                disabled_at: time("disabled_at"),
                disabled_why: row.get("disabled_why"),
                waiting: row.get("waiting"),
                failed: row.get("failed"),
            }
        };
        Ok(rows.iter().map(of).collect())
    }

    /// Gives an endpoint the events that it has not got yet and wants.
    ///
    /// # Errors
    /// The database's.
    pub async fn give_events(&self, wanted: &Wanted<'_>, now: Timestamp) -> Result<()> {
        loop {
            let news: Option<i64> = sqlx::query_scalar(
                "SELECT MAX(id) FROM (SELECT id FROM webhook_event
                 WHERE id > (SELECT seen FROM webhook_endpoint WHERE name = ?1) ORDER BY id LIMIT ?2)",
            )
            .bind(wanted.endpoint)
            .bind(AT_ONCE)
            .fetch_one(self.read())
            .await?;
            let Some(last) = news else { return Ok(()) };
            let mut tx = self.begin().await?;
            let from: i64 = sqlx::query_scalar("SELECT seen FROM webhook_endpoint WHERE name = ?")
                .bind(wanted.endpoint)
                .fetch_one(&mut *tx)
                .await?;
            queue(&mut tx, wanted, "e.id > ?6 AND e.id <= ?7", (from, last), now).await?;
            sqlx::query("UPDATE webhook_endpoint SET seen = MAX(seen, ?2) WHERE name = ?1")
                .bind(wanted.endpoint)
                .bind(last)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        }
    }

    /// Delivers events again, as if they were new: one, or all of which it wants since an instant. Answers how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn replay_events(
        &self,
        wanted: &Wanted<'_>,
        from: (i64, Option<Timestamp>),
        now: Timestamp,
        entry: &audit::Entry<'_>,
    ) -> Result<u64> {
        let mut tx = self.begin().await?;
        let count = match from {
            (number, None) => queue(&mut tx, wanted, "e.id >= ?6 AND e.id <= ?7", (number, number), now).await?,
            (_, Some(since)) => {
                queue(&mut tx, wanted, "e.at >= ?6 AND e.id <= ?7", (millis(since), i64::MAX), now).await?
            }
        };
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// The next event that is due at an endpoint: none while it is switched off or asked to be left alone, and of an
    /// incident none before the one before it has an end.
    ///
    /// # Errors
    /// The database's.
    pub async fn due_event(&self, wanted: &Wanted<'_>, now: Timestamp) -> Result<Option<Due>> {
        let row = sqlx::query(
            "SELECT e.*, d.attempts FROM webhook_delivery d JOIN webhook_event e ON e.id = d.event_id
             JOIN webhook_endpoint p ON p.name = d.endpoint AND p.disabled_at IS NULL AND COALESCE(p.not_before, 0) <= ?2
             WHERE d.endpoint = ?1 AND d.state = 'waiting' AND d.due_at <= ?2
               AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.id = d.incident_id
                 AND (i.restricted AND NOT ?3 OR i.exercise AND NOT ?4))
               AND NOT EXISTS (SELECT 1 FROM webhook_delivery b WHERE b.endpoint = d.endpoint AND b.state = 'waiting'
                 AND b.incident_id = d.incident_id AND b.event_id < d.event_id)
             ORDER BY d.event_id LIMIT 1",
        )
        .bind(wanted.endpoint)
        .bind(millis(now))
        .bind(wanted.restricted)
        .bind(wanted.exercises)
        .fetch_optional(self.read())
        .await?;
        row.map(|row| Ok(Due { event: event(&row)?, attempts: row.get("attempts") })).transpose()
    }

    /// Since when an endpoint has taken nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn endpoint_failing_since(&self, name: &str) -> Result<Option<Timestamp>> {
        let since: Option<Option<i64>> =
            sqlx::query_scalar("SELECT failing_since FROM webhook_endpoint WHERE name = ?")
                .bind(name)
                .fetch_optional(self.read())
                .await?;
        Ok(since.flatten().map(from_millis))
    }

    /// Writes down what came of a call. `entry` is about the endpoint, where it is switched off.
    ///
    /// # Errors
    /// The database's.
    pub async fn event_tried(
        &self,
        endpoint: &str,
        number: i64,
        fate: &Fate,
        now: Timestamp,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let (state, due_at, trouble) = match fate {
            Fate::Delivered => ("delivered", None, None),
            Fate::Again { due_at: None, trouble, disable: None, .. } => ("failed", None, Some(trouble)),
            Fate::Again { due_at, trouble, .. } => ("waiting", due_at.map(millis), Some(trouble)),
        };
        sqlx::query(
            "UPDATE webhook_delivery SET state = ?3, attempts = attempts + 1, due_at = COALESCE(?4, due_at), at = ?5, trouble = ?6
             WHERE endpoint = ?1 AND event_id = ?2",
        )
        .bind(endpoint)
        .bind(number)
        .bind(state)
        .bind(due_at)
        .bind(millis(now))
        .bind(trouble)
        .execute(&mut *tx)
        .await?;
        match fate {
            Fate::Delivered => {
                sqlx::query(
                    "UPDATE webhook_endpoint SET delivered_at = ?2, failing_since = NULL, trouble = NULL, not_before = NULL
                     WHERE name = ?1",
                )
                .bind(endpoint)
                .bind(millis(now))
                .execute(&mut *tx)
                .await?;
            }
            Fate::Again { trouble, not_before, disable, .. } => {
                sqlx::query(
                    "UPDATE webhook_endpoint SET failing_since = COALESCE(failing_since, ?2), trouble = ?3, not_before = ?4,
                       disabled_at = CASE WHEN ?5 IS NULL THEN disabled_at ELSE ?2 END, disabled_why = COALESCE(?5, disabled_why)
                     WHERE name = ?1",
                )
                .bind(endpoint)
                .bind(millis(now))
                .bind(trouble)
                .bind(not_before.map(millis))
                .bind(*disable)
                .execute(&mut *tx)
                .await?;
                if disable.is_some() {
                    audit::append(&mut tx, entry).await?;
                }
            }
        }
        Ok(tx.commit().await?)
    }

    /// Switches an endpoint on again: what waits for it is tried now, in order, with all its tries.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is on.
    pub async fn enable_endpoint(&self, name: &str, now: Timestamp, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE webhook_endpoint SET disabled_at = NULL, disabled_why = NULL, failing_since = NULL, not_before = NULL
             WHERE name = ? AND disabled_at IS NOT NULL",
        )
        .bind(name)
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Conflict("this endpoint is switched on".to_owned()));
        }
        sqlx::query("UPDATE webhook_delivery SET attempts = 0, due_at = ?2 WHERE endpoint = ?1 AND state = 'waiting'")
            .bind(name)
            .bind(millis(now))
            .execute(&mut *tx)
            .await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Writes an event that is for one endpoint alone, to see whether it arrives. Answers its number.
    ///
    /// # Errors
    /// The database's.
    pub async fn put_test_event(&self, endpoint: &str, kind: &str, entry: &audit::Entry<'_>) -> Result<i64> {
        let mut tx = self.begin().await?;
        let number = sqlx::query_scalar(
            "INSERT INTO webhook_event (type, at, endpoint, data) VALUES (?, ?, ?, '{}') RETURNING id",
        )
        .bind(kind)
        .bind(millis(entry.at))
        .bind(endpoint)
        .fetch_one(&mut *tx)
        .await?;
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// What became of the events of an endpoint, the newest before a number first; in one state when asked.
    ///
    /// # Errors
    /// The database's.
    pub async fn events_at(
        &self,
        endpoint: &str,
        state: Option<&str>,
        before: i64,
        hidden: &[i64],
        limit: i64,
    ) -> Result<Vec<Listed>> {
        let rows = sqlx::query(
            "SELECT d.*, e.type, e.at AS happened_at FROM webhook_delivery d JOIN webhook_event e ON e.id = d.event_id
             WHERE d.endpoint = ?1 AND (?2 IS NULL OR d.state = ?2) AND (?3 = 0 OR d.event_id < ?3)
               AND (d.incident_id IS NULL OR d.incident_id NOT IN (SELECT value FROM json_each(?4)))
             ORDER BY d.event_id DESC LIMIT ?5",
        )
        .bind(endpoint)
        .bind(state)
        .bind(before)
        .bind(serde_json::to_string(hidden)?)
        .bind(limit)
        .fetch_all(self.read())
        .await?;
        let of = |row: &SqliteRow| {
            let (number, timestamp) = (row.get("event_id"), from_millis(row.get("happened_at")));
            let state: String = row.get("state");
            Listed {
                event: Event::id_of(number, timestamp),
                number,
                kind: row.get("type"),
                timestamp,
                incident_id: row.get("incident_id"),
                due_at: (state == "waiting").then(|| from_millis(row.get("due_at"))),
                state,
                attempts: row.get("attempts"),
                tried_at: row.get::<Option<i64>, _>("at").map(from_millis),
                trouble: row.get("trouble"),
            }
        };
        Ok(rows.iter().map(of).collect())
    }

    /// One event.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn webhook_event(&self, number: i64) -> Result<Event> {
        let row =
            sqlx::query("SELECT * FROM webhook_event WHERE id = ?").bind(number).fetch_optional(self.read()).await?;
        row.as_ref().map(event).ok_or(StoreError::Missing("event"))?
    }

    /// Writes down, once each, that promises were missed: nobody kept them for `missed`, while this ran or not. Those that were due before `since`
    /// are left out; theirs were forgotten.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_missed(&self, missed: SignedDuration, since: Timestamp, now: Timestamp) -> Result<()> {
        const MISSED: &str = "FROM promise p JOIN webhook_incident w ON w.id = p.incident_id
             WHERE p.due_at <= COALESCE(p.kept_at, ?1) - ?2 AND p.due_at >= ?3
               AND p.incident_id NOT IN (SELECT incident_id FROM exercise_score)
               AND NOT EXISTS (SELECT 1 FROM webhook_event e WHERE e.promise_id = p.id AND e.type = 'promise.missed')";
        let missed = i64::try_from(missed.as_millis()).unwrap_or(i64::MAX);
        let binds = (millis(now), missed, millis(since));
        let any: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT EXISTS (SELECT 1 {MISSED})")))
            .bind(binds.0)
            .bind(binds.1)
            .bind(binds.2)
            .fetch_one(self.read())
            .await?;
        if !any {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "INSERT INTO webhook_event (type, at, incident_id, promise_id, data)
             SELECT 'promise.missed', ?1, p.incident_id, p.id, json_object('incident', json(w.data),
               'promise', json_object('id', p.id, 'broadcast_id', p.broadcast_id, 'due_at', p.due_at)) {MISSED} ORDER BY p.due_at, p.id"
        )))
        .bind(binds.0)
        .bind(binds.1)
        .bind(binds.2)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Forgets some events of before an instant, with what became of them; answers how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_events(&self, before: Timestamp) -> Result<u64> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query(
            "DELETE FROM webhook_event WHERE id IN (SELECT id FROM webhook_event WHERE at < ? ORDER BY at LIMIT ?)",
        )
        .bind(millis(before))
        .bind(AT_ONCE)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        tx.commit().await?;
        Ok(gone)
    }
}

/// Puts events that an endpoint wants into its queue, anew where they are there already.
async fn queue(
    tx: &mut sqlx::SqliteConnection,
    wanted: &Wanted<'_>,
    which: &'static str,
    (from, to): (i64, i64),
    now: Timestamp,
) -> Result<u64> {
    let sql = format!(
        "INSERT INTO webhook_delivery (endpoint, event_id, incident_id, state, due_at)
         SELECT ?1, e.id, e.incident_id, 'waiting', ?5 FROM webhook_event e LEFT JOIN incident i ON i.id = e.incident_id
         WHERE {which} AND (e.endpoint = ?1 OR (e.endpoint IS NULL AND e.type IN (SELECT value FROM json_each(?2))
           AND (?3 OR NOT COALESCE(i.exercise, 0)) AND (?4 OR NOT COALESCE(i.restricted, 0))))
         ON CONFLICT (endpoint, event_id) DO UPDATE SET state = 'waiting', attempts = 0, due_at = excluded.due_at,
           trouble = NULL"
    );
    let done = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(wanted.endpoint)
        .bind(serde_json::to_string(&wanted.types)?)
        .bind(wanted.exercises)
        .bind(wanted.restricted)
        .bind(millis(now))
        .bind(from)
        .bind(to)
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}
