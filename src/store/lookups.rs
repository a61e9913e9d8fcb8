//! What pages and the public site read: the state of things as last committed.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row as _;

use super::{Result, Store, channel_code, channel_of};
use crate::{
    render::MessageKind,
    schedule::promise::Why,
    world::{from_millis, millis},
};

/// A promise to customers: "the next update comes at T".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Promise {
    /// Its number.
    pub id: i64,
    /// Whose incident.
    pub incident_id: i64,
    /// The broadcast that made it.
    pub broadcast_id: i64,
    /// Who has to keep it.
    pub owner_id: Option<i64>,
    /// When it was made.
    pub made_at: Timestamp,
    /// For when.
    pub due_at: Timestamp,
    /// When it was kept; later than `due_at` means late.
    pub kept_at: Option<Timestamp>,
    /// By which broadcast.
    pub kept_by: Option<i64>,
    /// Whether that was an update or a "no news yet" message.
    pub kept_message: Option<MessageKind>,
    /// The "no news yet" message that was begun to keep it.
    pub holding_id: Option<i64>,
    /// When those on duty were called because nobody kept it.
    pub escalated_at: Option<Timestamp>,
    /// Why they were called, and no "no news yet" message was sent.
    pub escalated_why: Option<Why>,
    /// When somebody took it over last.
    pub taken_at: Option<Timestamp>,
}

/// A page document that is out: what the banner or the status page shows of one broadcast.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The broadcast.
    pub broadcast_id: i64,
    /// The incident.
    pub incident_id: i64,
    /// The update's place in the incident.
    pub number: i64,
    /// The locale.
    pub locale: String,
    /// The rendering as stored.
    pub document: String,
    /// When the outcome was committed.
    pub at: Timestamp,
}

/// A promise as [`promise`] reads it.
pub(super) const PROMISE: &str =
    "SELECT p.*, (SELECT k.message FROM broadcast k WHERE k.id = p.kept_by) AS kept_message FROM promise p";

pub(super) fn promise(row: &sqlx::sqlite::SqliteRow) -> Promise {
    Promise {
        id: row.get("id"),
        incident_id: row.get("incident_id"),
        broadcast_id: row.get("broadcast_id"),
        owner_id: row.get("owner_id"),
        made_at: from_millis(row.get("made_at")),
        due_at: from_millis(row.get("due_at")),
        kept_at: row.get::<Option<i64>, _>("kept_at").map(from_millis),
        kept_by: row.get("kept_by"),
        kept_message: row.get::<Option<&str>, _>("kept_message").and_then(MessageKind::parse),
        holding_id: row.get("holding_id"),
        escalated_at: row.get::<Option<i64>, _>("escalated_at").map(from_millis),
        escalated_why: row.get::<Option<&str>, _>("escalated_why").and_then(Why::parse),
        taken_at: row.get::<Option<i64>, _>("taken_at").map(from_millis),
    }
}

impl Store {
    /// Promises that are not kept yet, of live incidents, the nearest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_promises(&self, exercise: bool) -> Result<Vec<Promise>> {
        let sql = format!(
            "{PROMISE} JOIN incident i ON i.id = p.incident_id
             WHERE p.kept_at IS NULL AND i.exercise = ? ORDER BY p.due_at, p.id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(exercise).fetch_all(self.read()).await?;
        Ok(rows.iter().map(promise).collect())
    }

    /// Every promise of an incident, in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn promises_of(&self, incident_id: i64) -> Result<Vec<Promise>> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{PROMISE} WHERE p.incident_id = ? ORDER BY p.id")))
            .bind(incident_id)
            .fetch_all(self.read())
            .await?;
        Ok(rows.iter().map(promise).collect())
    }

    /// The banner or status page documents that are out, of live incidents that are open or ended after `since`: the
    /// accepted deliveries of page channels, the oldest first. Retracted broadcasts no longer show.
    ///
    /// # Errors
    /// The database's.
    pub async fn shown(&self, channel: Channel, since: Timestamp) -> Result<Vec<Shown>> {
        let rows = sqlx::query(
            "SELECT b.id, b.incident_id, u.number, r.locale, r.document, MIN(o.at) AS at
             FROM broadcast b
             JOIN incident i ON i.id = b.incident_id AND i.exercise = 0 AND i.restricted = 0
             JOIN incident_update u ON u.id = b.update_id
             JOIN outcome o ON o.broadcast_id = b.id AND o.channel = ?1 AND o.state IN (1, 2)
             JOIN rendering r ON r.broadcast_id = COALESCE(b.source_id, b.id) 
               AND r.message = b.message || CASE WHEN b.turn > 0 THEN CAST(b.turn + 1 AS TEXT) ELSE '' END
               AND r.channel = ?1 AND r.variant = 0
             WHERE (i.ended_at IS NULL OR i.ended_at > ?2) AND b.state <> 'retracted' AND b.exercise = 0
             GROUP BY b.id, r.locale ORDER BY b.started_at, b.id",
        )
        .bind(channel_code(channel))
        .bind(millis(since))
        .fetch_all(self.read())
        .await?;
        Ok(rows
            .iter()
            .map(|row| Shown {
                broadcast_id: row.get("id"),
                incident_id: row.get("incident_id"),
                number: row.get("number"),
                locale: row.get("locale"),
                document: row.get("document"),
                at: from_millis(row.get("at")),
            })
            .collect())
    }

    /// The newest deliveries that were accepted by the named providers: what the outbox shows. Before `cursor` (a
    /// broadcast's number; 0 for the newest).
    ///
    /// # Errors
    /// The database's.
    pub async fn newest_deliveries(
        &self,
        providers: &[String],
        channel: Option<Channel>,
        limit: i64,
    ) -> Result<Vec<(i64, Channel, i64)>> {
        let rows = sqlx::query(
            "SELECT o.broadcast_id, o.channel, o.ordinal FROM outcome o WHERE o.state IN (1, 2)
             AND o.provider IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR o.channel = ?2)
             ORDER BY o.broadcast_id DESC, o.channel, o.ordinal LIMIT ?3",
        )
        .bind(serde_json::to_string(providers)?)
        .bind(channel.map(channel_code))
        .bind(limit)
        .fetch_all(self.read())
        .await?;
        Ok(rows
            .iter()
            .map(|row| (row.get("broadcast_id"), channel_of(row.get("channel")), row.get("ordinal")))
            .collect())
    }
}
