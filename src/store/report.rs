//! What a report is made of: what was told in a span of time, and what was promised for it. Restricted incidents are in
//! none.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, de::IgnoredAny};
use sqlx::Row as _;

use super::{Result, Store};
use crate::{
    compose::status::Kind,
    render::MessageKind,
    world::{from_millis, millis},
};

/// A message that went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whose incident.
    pub incident_id: i64,
    /// What kind of incident.
    pub kind: Kind,
    /// An update, a correction, or "no news yet".
    pub message: MessageKind,
    /// When the incident was opened.
    pub opened_at: Timestamp,
    /// When this went out.
    pub started_at: Timestamp,
    /// True for the first that went out about it.
    pub first: bool,
    /// The components that it is about.
    pub components: Vec<i64>,
    /// Deliveries in all …
    pub total: i64,
    /// … those that were handed over …
    pub handed: i64,
    /// … and of these the ones that arrived, as far as networks tell.
    pub confirmed: i64,
}

/// A promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// The components that the message was about that made it.
    pub components: Vec<i64>,
    /// For when.
    pub due_at: Timestamp,
    /// When it was kept, and by what.
    pub kept: Option<(Timestamp, MessageKind)>,
}

/// As much of an update's content as a report needs.
#[derive(Deserialize)]
struct About {
    #[serde(default)]
    components: BTreeMap<i64, IgnoredAny>,
}

fn components(content: &str) -> Result<Vec<i64>> {
    Ok(serde_json::from_str::<About>(content)?.components.into_keys().collect())
}

impl Store {
    /// What went out from `from` to before `until`, of practice or of the real thing; `most` at most.
    ///
    /// # Errors
    /// The database's.
    pub async fn told(&self, from: Timestamp, until: Timestamp, exercise: bool, most: i64) -> Result<Vec<Told>> {
        let rows = sqlx::query(
            "SELECT b.incident_id, i.kind, b.message, i.created_at, b.started_at, v.content,
               NOT EXISTS (SELECT 1 FROM broadcast e WHERE e.incident_id = b.incident_id AND e.started_at < b.started_at)
                 AS first,
               (SELECT COALESCE(SUM(c.total), 0) FROM cursor c WHERE c.broadcast_id = b.id) AS total,
               (SELECT COALESCE(SUM(k.n), 0) FROM counter k WHERE k.broadcast_id = b.id AND k.state IN (1, 2)) AS handed,
               (SELECT COALESCE(SUM(k.n), 0) FROM counter k WHERE k.broadcast_id = b.id AND k.state = 1) AS confirmed
             FROM broadcast b JOIN incident i ON i.id = b.incident_id AND i.restricted = 0 AND i.exercise = ?3
             JOIN update_version v ON v.update_id = b.update_id AND v.version = b.version
             WHERE b.started_at >= ?1 AND b.started_at < ?2 ORDER BY b.started_at, b.id LIMIT ?4",
        )
        .bind(millis(from))
        .bind(millis(until))
        .bind(exercise)
        .bind(most)
        .fetch_all(self.read())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Told {
                    incident_id: row.get("incident_id"),
                    kind: Kind::parse(row.get("kind")).unwrap_or(Kind::Incident),
                    message: MessageKind::parse(row.get("message")).unwrap_or(MessageKind::Update),
                    opened_at: from_millis(row.get("created_at")),
                    started_at: from_millis(row.get("started_at")),
                    first: row.get("first"),
                    components: components(row.get("content"))?,
                    total: row.get("total"),
                    handed: row.get("handed"),
                    confirmed: row.get("confirmed"),
                })
            })
            .collect()
    }

    /// What was promised for a time from `from` to before `until`; `most` at most.
    ///
    /// # Errors
    /// The database's.
    pub async fn promised(
        &self,
        from: Timestamp,
        until: Timestamp,
        exercise: bool,
        most: i64,
    ) -> Result<Vec<Promised>> {
        let rows = sqlx::query(
            "SELECT p.due_at, p.kept_at, k.message AS kept_message, v.content FROM promise p
             LEFT JOIN broadcast k ON k.id = p.kept_by
             JOIN incident i ON i.id = p.incident_id AND i.restricted = 0 AND i.exercise = ?3
             JOIN broadcast b ON b.id = p.broadcast_id
             JOIN update_version v ON v.update_id = b.update_id AND v.version = b.version
             WHERE p.due_at >= ?1 AND p.due_at < ?2 ORDER BY p.due_at, p.id LIMIT ?4",
        )
        .bind(millis(from))
        .bind(millis(until))
        .bind(exercise)
        .bind(most)
        .fetch_all(self.read())
        .await?;
        rows.iter()
            .map(|row| {
                let by = row.get::<Option<&str>, _>("kept_message").and_then(MessageKind::parse);
                let kept = row.get::<Option<i64>, _>("kept_at").map(from_millis);
                Ok(Promised {
                    components: components(row.get("content"))?,
                    due_at: from_millis(row.get("due_at")),
                    kept: kept.map(|at| (at, by.unwrap_or(MessageKind::Update))),
                })
            })
            .collect()
    }
}
