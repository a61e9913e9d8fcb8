//! Restricted incidents, and the people who may see them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection};

use super::{Result, Store, StoreError, audit};
use crate::world::{from_millis, millis};

/// Somebody who may see a restricted incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Named {
    /// Who.
    pub person_id: i64,
    /// Who said so.
    pub named_by: Option<i64>,
    /// When.
    pub named_at: Timestamp,
}

/// A restricted incident as somebody hears of it who may not see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HiddenIncident {
    /// Its number.
    pub id: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// How many may see it.
    pub named: i64,
}

/// What an incident is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// Its own number.
    Incident,
    /// The number of an update of it.
    Update,
    /// The number of a broadcast of it.
    Broadcast,
    /// The number of a promise of it.
    Promise,
    /// The number of a deadline of it.
    Deadline,
}

impl Noun {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Noun::Incident => "incident",
            Noun::Update => "update",
            Noun::Broadcast => "broadcast",
            Noun::Promise => "promise",
            Noun::Deadline => "deadline",
        }
    }
}

/// Names somebody within a transaction; who is named already stays as they are.
pub(super) async fn name(
    tx: &mut SqliteConnection,
    incident: i64,
    person: i64,
    by: Option<i64>,
    at: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO incident_named (incident_id, person_id, named_by, named_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(incident)
    .bind(person)
    .bind(by)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// Whether a person may see what belongs to an incident: it is not restricted, or they are named. Nobody for who is
    /// no person.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub async fn is_seen(&self, noun: Noun, id: i64, person: Option<i64>) -> Result<bool> {
        const SEEN: &str = "SELECT i.restricted = 0 OR EXISTS (SELECT 1 FROM incident_named n
            WHERE n.incident_id = i.id AND n.person_id = ?2) FROM incident i";
        let of = match noun {
            Noun::Incident => "WHERE i.id = ?1",
            Noun::Update => "JOIN incident_update x ON x.incident_id = i.id WHERE x.id = ?1",
            Noun::Broadcast => "JOIN broadcast x ON x.incident_id = i.id WHERE x.id = ?1",
            Noun::Promise => "JOIN promise x ON x.incident_id = i.id WHERE x.id = ?1",
            Noun::Deadline => "JOIN deadline x ON x.incident_id = i.id WHERE x.id = ?1",
        };
        let seen: Option<bool> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("{SEEN} {of}")))
            .bind(id)
            .bind(person)
            .fetch_optional(self.read())
            .await?;
        seen.ok_or(StoreError::Missing(noun.as_str()))
    }

    /// The incidents that a person may not see, the newest first; all that are restricted for who is no person.
    ///
    /// # Errors
    /// The database's.
    pub async fn hidden_from(&self, person: Option<i64>) -> Result<Vec<HiddenIncident>> {
        let rows = sqlx::query(
            "SELECT i.id, i.created_at, (SELECT COUNT(*) FROM incident_named n WHERE n.incident_id = i.id) AS named
             FROM incident i WHERE i.restricted = 1 AND NOT EXISTS (SELECT 1 FROM incident_named n
               WHERE n.incident_id = i.id AND n.person_id = ?) ORDER BY i.id DESC",
        )
        .bind(person)
        .fetch_all(self.read())
        .await?;
        Ok(rows
            .iter()
            .map(|row| HiddenIncident {
                id: row.get("id"),
                created_at: from_millis(row.get("created_at")),
                named: row.get("named"),
            })
            .collect())
    }

    /// Who is named for an incident, in the order in which they were.
    ///
    /// # Errors
    /// The database's.
    pub async fn named(&self, incident_id: i64) -> Result<Vec<Named>> {
        let rows = sqlx::query("SELECT * FROM incident_named WHERE incident_id = ? ORDER BY named_at, person_id")
            .bind(incident_id)
            .fetch_all(self.read())
            .await?;
        Ok(rows
            .iter()
            .map(|row| Named {
                person_id: row.get("person_id"),
                named_by: row.get("named_by"),
                named_at: from_millis(row.get("named_at")),
            })
            .collect())
    }

    /// Writes who may see an incident: whether it is restricted, who is named besides, and who is no longer.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when nobody who has access and writes would be left to see it.
    pub async fn restrict(
        &self,
        incident_id: i64,
        restricted: bool,
        (add, remove): (&[i64], &[i64]),
        by: Option<i64>,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE incident SET restricted = ? WHERE id = ?")
            .bind(restricted)
            .bind(incident_id)
            .execute(&mut *tx)
            .await?;
        for person in add {
            name(&mut tx, incident_id, *person, by, millis(entry.at)).await?;
        }
        for person in remove {
            sqlx::query("DELETE FROM incident_named WHERE incident_id = ? AND person_id = ?")
                .bind(incident_id)
                .bind(person)
                .execute(&mut *tx)
                .await?;
        }
        let writes: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM incident_named n JOIN person p ON p.id = n.person_id
             WHERE n.incident_id = ? AND p.active = 1 AND p.role <> 'viewer'",
        )
        .bind(incident_id)
        .fetch_one(&mut *tx)
        .await?;
        if restricted && writes == 0 {
            let detail = "nobody who writes would be left to see it; name a colleague who writes or approves first";
            return Err(StoreError::Conflict(detail.to_owned()));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }
}
