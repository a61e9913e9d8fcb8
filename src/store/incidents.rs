//! Incidents, updates and their versions.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit};
use crate::{
    approve::State,
    compose::{
        content::Content,
        status::{Kind, Status},
    },
    world::{from_millis, millis},
};

/// Something customers are told about over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Incident {
    /// Its number.
    pub id: i64,
    /// What it is.
    pub kind: Kind,
    /// Its working title.
    pub title: String,
    /// Where it stands for customers; None before the first update is out.
    pub status: Option<Status>,
    /// True for practice: nothing of it leaves.
    pub exercise: bool,
    /// True where only named people may see it.
    pub restricted: bool,
    /// Who opened it.
    pub created_by: Option<i64>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
}

/// One numbered message of an incident, with its latest version.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Update {
    /// Its number in the whole store.
    pub id: i64,
    /// Which incident it tells of.
    pub incident_id: i64,
    /// Its place: 1, 2, 3 …
    pub number: i64,
    /// Where it stands.
    pub state: State,
    /// The latest version.
    pub version: i64,
    /// Why the approver sent it back, if so.
    pub return_reason: Option<String>,
    /// The latest version's content.
    pub content: Content,
    /// Who wrote the latest version.
    pub author_id: Option<i64>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When the latest version was saved.
    pub saved_at: Timestamp,
}

/// A version of a draft.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Version {
    /// Which one: 1, 2, 3 …
    pub version: i64,
    /// Who wrote it.
    pub author_id: Option<i64>,
    /// When.
    pub created_at: Timestamp,
    /// What it said.
    pub content: Content,
}

pub(super) fn incident(row: &SqliteRow) -> Incident {
    Incident {
        id: row.get("id"),
        kind: Kind::parse(row.get("kind")).unwrap_or(Kind::Incident),
        title: row.get("title"),
        status: row.get::<Option<&str>, _>("status").and_then(Status::parse),
        exercise: row.get("exercise"),
        restricted: row.get("restricted"),
        created_by: row.get("created_by"),
        created_at: from_millis(row.get("created_at")),
        ended_at: row.get::<Option<i64>, _>("ended_at").map(from_millis),
    }
}

const UPDATE: &str = "SELECT u.*, v.content, v.author_id, v.created_at AS saved_at
    FROM incident_update u JOIN update_version v ON v.update_id = u.id AND v.version = u.version";

fn update(row: &SqliteRow) -> Result<Update> {
    Ok(Update {
        id: row.get("id"),
        incident_id: row.get("incident_id"),
        number: row.get("number"),
        state: State::parse(row.get("state")).unwrap_or(State::Draft),
        version: row.get("version"),
        return_reason: row.get("return_reason"),
        content: serde_json::from_str(row.get("content"))?,
        author_id: row.get("author_id"),
        created_at: from_millis(row.get("created_at")),
        saved_at: from_millis(row.get("saved_at")),
    })
}

fn version_of(row: &SqliteRow) -> Result<Version> {
    Ok(Version {
        version: row.get("version"),
        author_id: row.get("author_id"),
        created_at: from_millis(row.get("created_at")),
        content: serde_json::from_str(row.get("content"))?,
    })
}

impl Store {
    /// Opens an incident.
    ///
    /// # Errors
    /// The database's.
    pub async fn add_incident(
        &self,
        kind: Kind,
        title: &str,
        exercise: bool,
        restricted: bool,
        created_by: Option<i64>,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id = open(&mut tx, kind, title, exercise, restricted, created_by, entry).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// One incident.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn incident(&self, id: i64) -> Result<Incident> {
        let row = sqlx::query("SELECT * FROM incident WHERE id = ?").bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(incident).ok_or(StoreError::Missing("incident"))
    }

    /// Incidents, the newest first, before `cursor` (0 for the first page); only open ones when asked.
    ///
    /// # Errors
    /// The database's.
    pub async fn incidents(&self, only_open: bool, cursor: i64, limit: i64) -> Result<Vec<Incident>> {
        let rows = sqlx::query(
            "SELECT * FROM incident WHERE (?1 = 0 OR id < ?1) AND (?2 = 0 OR ended_at IS NULL)
             ORDER BY id DESC LIMIT ?3",
        )
        .bind(cursor)
        .bind(only_open)
        .bind(limit)
        .fetch_all(self.read())
        .await?;
        Ok(rows.iter().map(incident).collect())
    }

    /// Begins the next update of an incident.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one is being written already.
    pub async fn add_update(
        &self,
        incident_id: i64,
        content: &Content,
        author_id: Option<i64>,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id = begin(&mut tx, incident_id, content, author_id, entry).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Saves a new version of a draft. A submitted one becomes a draft again, and what was submitted is voided.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is approved already, or `based_on` is not its latest version.
    pub async fn save_version(
        &self,
        update_id: i64,
        based_on: i64,
        content: &Content,
        author_id: Option<i64>,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let row = sqlx::query("SELECT state, version FROM incident_update WHERE id = ?")
            .bind(update_id)
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::Missing("update"))?;
        let state = State::parse(row.get("state")).unwrap_or(State::Draft);
        let latest: i64 = row.get("version");
        if !state.allows(State::Draft) {
            return Err(StoreError::Conflict(format!(
                "this update is {} and can no longer be changed; write the next update, or send the correction",
                state.as_str()
            )));
        }
        if based_on != latest {
            return Err(StoreError::Conflict(format!(
                "somebody saved version {latest} after the version {based_on} that this is based on; read theirs and save again"
            )));
        }
        let version = latest + 1;
        sqlx::query(
            "INSERT INTO update_version (update_id, version, content, author_id, created_at) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(update_id)
        .bind(version)
        .bind(serde_json::to_string(content)?)
        .bind(author_id)
        .bind(millis(entry.at))
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE incident_update SET state = 'draft', version = ? WHERE id = ?")
            .bind(version)
            .bind(update_id)
            .execute(&mut *tx)
            .await?;
        void_submitted(&mut tx, update_id, entry.at).await?;
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Drops a draft that never went out.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was approved already.
    pub async fn discard_update(&self, update_id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE incident_update SET state = 'discarded' WHERE id = ? AND state IN ('draft', 'submitted', 'returned')",
        )
        .bind(update_id)
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Conflict("only a draft can be discarded".to_owned()));
        }
        void_submitted(&mut tx, update_id, entry.at).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// One update with its latest version.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn update(&self, id: i64) -> Result<Update> {
        let sql = sqlx::AssertSqlSafe(format!("{UPDATE} WHERE u.id = ?"));
        let row = sqlx::query(sql).bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(update).ok_or(StoreError::Missing("update"))?
    }

    /// An incident's updates in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn updates(&self, incident_id: i64) -> Result<Vec<Update>> {
        let sql = sqlx::AssertSqlSafe(format!("{UPDATE} WHERE u.incident_id = ? ORDER BY u.number"));
        sqlx::query(sql).bind(incident_id).fetch_all(self.read()).await?.iter().map(update).collect()
    }

    /// Updates that wait for an approval, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn updates_in(&self, state: State) -> Result<Vec<Update>> {
        let sql = sqlx::AssertSqlSafe(format!("{UPDATE} WHERE u.state = ? ORDER BY u.id LIMIT 200"));
        sqlx::query(sql).bind(state.as_str()).fetch_all(self.read()).await?.iter().map(update).collect()
    }

    /// Every version of an update in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn versions(&self, update_id: i64) -> Result<Vec<Version>> {
        sqlx::query("SELECT * FROM update_version WHERE update_id = ? ORDER BY version")
            .bind(update_id)
            .fetch_all(self.read())
            .await?
            .iter()
            .map(version_of)
            .collect()
    }

    /// One version of an update.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn version(&self, update_id: i64, version: i64) -> Result<Version> {
        let row = sqlx::query("SELECT * FROM update_version WHERE update_id = ? AND version = ?")
            .bind(update_id)
            .bind(version)
            .fetch_optional(self.read())
            .await?;
        row.as_ref().map(version_of).ok_or(StoreError::Missing("version of this update"))?
    }

    /// Everyone who wrote a word of an update since it was last approved; of one that came of a playbook also those who
    /// wrote a word of that since two approved it.
    ///
    /// # Errors
    /// The database's.
    pub async fn writers(&self, update_id: i64) -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar(
            "SELECT author_id FROM update_version WHERE update_id = ?1 AND author_id IS NOT NULL
             UNION
             SELECT w.author_id FROM playbook_instance i JOIN playbook_version w ON w.playbook_id = i.playbook_id
             WHERE i.update_id = ?1 AND w.author_id IS NOT NULL AND w.version <= i.version AND w.version > COALESCE((
               SELECT MAX(e.version) FROM playbook_version e WHERE e.playbook_id = i.playbook_id AND e.version <= i.version
                 AND (SELECT COUNT(*) FROM playbook_approval o WHERE o.playbook_id = e.playbook_id AND o.version = e.version) >= 2), 0)",
        )
        .bind(update_id)
        .fetch_all(self.read())
        .await?)
    }
}

/// Opens an incident, within a transaction.
pub(super) async fn open(
    tx: &mut SqliteConnection,
    kind: Kind,
    title: &str,
    exercise: bool,
    restricted: bool,
    created_by: Option<i64>,
    entry: &audit::Entry<'_>,
) -> Result<i64> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO incident (kind, title, exercise, restricted, created_by, created_at)
         VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(kind.as_str())
    .bind(title)
    .bind(exercise)
    .bind(restricted)
    .bind(created_by)
    .bind(millis(entry.at))
    .fetch_one(&mut *tx)
    .await?;
    audit::append(&mut *tx, &audit::Entry { subject: &format!("incident:{id}"), ..entry.clone() }).await?;
    // Whoever opens it is the first to see it.
    if let (true, Some(person)) = (restricted, created_by) {
        super::named::name(tx, id, person, created_by, millis(entry.at)).await?;
    }
    Ok(id)
}

/// Begins the next update of an incident, within a transaction.
pub(super) async fn begin(
    tx: &mut SqliteConnection,
    incident_id: i64,
    content: &Content,
    author_id: Option<i64>,
    entry: &audit::Entry<'_>,
) -> Result<i64> {
    let open: Option<i64> = sqlx::query_scalar(
        "SELECT number FROM incident_update WHERE incident_id = ? AND state IN ('draft', 'submitted', 'returned')",
    )
    .bind(incident_id)
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(number) = open {
        return Err(StoreError::Conflict(format!(
            "update {number} of this incident is not approved yet; change that one, or discard it"
        )));
    }
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO incident_update (incident_id, number, state, version, created_at)
         VALUES (?1, (SELECT COALESCE(MAX(number), 0) + 1 FROM incident_update WHERE incident_id = ?1), 'draft', 1, ?2)
         RETURNING id",
    )
    .bind(incident_id)
    .bind(millis(entry.at))
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO update_version (update_id, version, content, author_id, created_at) VALUES (?, 1, ?, ?, ?)",
    )
    .bind(id)
    .bind(serde_json::to_string(content)?)
    .bind(author_id)
    .bind(millis(entry.at))
    .execute(&mut *tx)
    .await?;
    audit::append(&mut *tx, &audit::Entry { subject: &format!("update:{id}"), ..entry.clone() }).await?;
    Ok(id)
}

/// What was submitted of an update stands no more.
async fn void_submitted(tx: &mut SqliteConnection, update_id: i64, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE broadcast SET state = 'voided', stepped_at = ?2 WHERE update_id = ?1 AND state IN ('planning', 'submitted')",
    )
    .bind(update_id)
    .bind(millis(now))
    .execute(tx)
    .await?;
    Ok(())
}
