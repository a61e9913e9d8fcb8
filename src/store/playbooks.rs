//! Playbooks: their versions and approvals, and what was sent by them.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{
    Result, Store, StoreError,
    approvals::{Approval, approve},
    audit,
};
use crate::{
    schedule::playbook::{Playbook, fill::Asked},
    world::{from_millis, millis},
};

/// How many people approve a playbook.
pub const PEOPLE: usize = 2;

/// A playbook at one version.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Stored {
    /// Its number.
    pub id: i64,
    /// The version.
    pub version: i64,
    /// What it says.
    pub playbook: Playbook,
    /// The digest that is approved: SHA-256 over all of it.
    pub digest: String,
    /// Who wrote this version.
    pub author_id: Option<i64>,
    /// When.
    pub written_at: Timestamp,
    /// When it was put away for good.
    pub retired_at: Option<Timestamp>,
    /// True where this is the latest version.
    pub latest: bool,
    /// Who approved this version, with its digest, the first one first.
    pub approvals: Vec<PlaybookYes>,
    /// Who wrote a word since the last version that was approved; none of them may approve.
    pub writers: Vec<i64>,
    /// When an update was last sent by it, practice left out.
    pub last_used_at: Option<Timestamp>,
}

/// One approval of a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlaybookYes {
    /// Whose.
    pub person_id: i64,
    /// When.
    pub at: Timestamp,
}

impl Stored {
    /// Whether two people approved it who wrote no word of it. Says nothing about its time.
    pub fn is_approved(&self) -> bool {
        self.approvals.iter().filter(|yes| !self.writers.contains(&yes.person_id)).count() >= PEOPLE
    }
}

/// What was asked of a playbook for an update.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Instance {
    /// The update.
    pub update_id: i64,
    /// Its incident.
    pub incident_id: i64,
    /// The playbook.
    pub playbook_id: i64,
    /// Its version.
    pub version: i64,
    /// The digest of that version.
    pub digest: String,
    /// Stage and values.
    pub asked: Asked,
    /// The component that it is about.
    pub component_id: i64,
    /// Who asked; of a machine, the person behind it.
    pub person_id: Option<i64>,
    /// The machine that asked: `key:3`, `intake:prometheus`. None where a person did.
    pub machine: Option<String>,
    /// True for practice.
    pub exercise: bool,
    /// When it was asked; times are counted from here.
    pub at: Timestamp,
    /// When it was sent within its bounds; None where it waited for an approval.
    pub sent_at: Option<Timestamp>,
    /// The update that asks for the other channels.
    pub rest_update_id: Option<i64>,
}

const STORED: &str = "SELECT p.id, p.version = v.version AS latest, p.retired_at, v.version, v.document, v.digest, v.author_id, v.at,
    (SELECT json_group_array(json_array(a.person_id, a.at)) FROM playbook_approval a
       WHERE a.playbook_id = v.playbook_id AND a.version = v.version AND a.digest = v.digest) AS approvals,
    (SELECT json_group_array(DISTINCT w.author_id) FROM playbook_version w
       WHERE w.playbook_id = v.playbook_id AND w.version <= v.version AND w.author_id IS NOT NULL AND w.version > COALESCE((
         SELECT MAX(e.version) FROM playbook_version e WHERE e.playbook_id = v.playbook_id AND e.version < v.version
           AND (SELECT COUNT(*) FROM playbook_approval o WHERE o.playbook_id = e.playbook_id AND o.version = e.version) >= 2), 0)) AS writers,
    (SELECT MAX(i.sent_at) FROM playbook_instance i WHERE i.playbook_id = v.playbook_id AND i.exercise = 0) AS used_at
    FROM playbook p JOIN playbook_version v ON v.playbook_id = p.id";

fn stored(row: &SqliteRow) -> Result<Stored> {
    let time = |name| row.get::<Option<i64>, _>(name).map(from_millis);
    let mut approvals: Vec<(i64, i64)> = serde_json::from_str(row.get("approvals"))?;
    approvals.sort_by_key(|(_, at)| *at);
    Ok(Stored {
        id: row.get("id"),
        version: row.get("version"),
        playbook: serde_json::from_str(row.get("document"))?,
        digest: row.get("digest"),
        author_id: row.get("author_id"),
        written_at: from_millis(row.get("at")),
        retired_at: time("retired_at"),
        latest: row.get("latest"),
        approvals: approvals
            .into_iter()
            .map(|(person_id, at)| PlaybookYes { person_id, at: from_millis(at) })
            .collect(),
        writers: serde_json::from_str(row.get("writers"))?,
        last_used_at: time("used_at"),
    })
}

fn instance(row: &SqliteRow) -> Result<Instance> {
    Ok(Instance {
        update_id: row.get("update_id"),
        incident_id: row.get("incident_id"),
        playbook_id: row.get("playbook_id"),
        version: row.get("version"),
        digest: row.get("digest"),
        asked: serde_json::from_str(row.get("asked"))?,
        component_id: row.get("component_id"),
        person_id: row.get("person_id"),
        machine: row.get("machine"),
        exercise: row.get("exercise"),
        at: from_millis(row.get("at")),
        sent_at: row.get::<Option<i64>, _>("sent_at").map(from_millis),
        rest_update_id: row.get("rest_update_id"),
    })
}

impl Store {
    /// Writes a playbook: a new one (None), or the next version of the one of that number, from `based_on`. Whatever was
    /// approved of it no longer counts.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when `based_on` is not its latest version, or it was put away; [`StoreError::Missing`].
    pub async fn put_playbook(
        &self,
        known: Option<(i64, i64)>,
        playbook: &Playbook,
        author_id: Option<i64>,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let at = millis(entry.at);
        let (id, version) = match known {
            None => {
                let id: i64 =
                    sqlx::query_scalar("INSERT INTO playbook (version, created_at) VALUES (1, ?) RETURNING id")
                        .bind(at)
                        .fetch_one(&mut *tx)
                        .await?;
                (id, 1)
            }
            Some((id, based_on)) => {
                let latest: i64 =
                    sqlx::query_scalar("SELECT version FROM playbook WHERE id = ? AND retired_at IS NULL")
                        .bind(id)
                        .fetch_optional(&mut *tx)
                        .await?
                        .ok_or(StoreError::Missing("prepared message"))?;
                if latest != based_on {
                    return Err(StoreError::Conflict(format!(
                        "somebody saved version {latest} after the version {based_on} that this is based on; read theirs and save again"
                    )));
                }
                sqlx::query("UPDATE playbook SET version = version + 1 WHERE id = ?")
                    .bind(id)
                    .execute(&mut *tx)
                    .await?;
                (id, latest + 1)
            }
        };
        sqlx::query(
            "INSERT INTO playbook_version (playbook_id, version, document, digest, author_id, at) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(id)
        .bind(version)
        .bind(serde_json::to_string(playbook)?)
        .bind(playbook.digest()?)
        .bind(author_id)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("playbook:{id}"), ..entry.clone() }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Puts a playbook away for good: nothing is sent by it any more. What was sent keeps its record.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn retire_playbook(&self, id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query("UPDATE playbook SET retired_at = ? WHERE id = ? AND retired_at IS NULL")
            .bind(millis(entry.at))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Missing("prepared message"));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Every playbook at its latest version, by name; without those that were put away.
    ///
    /// # Errors
    /// The database's.
    pub async fn playbooks(&self) -> Result<Vec<Stored>> {
        let sql =
            sqlx::AssertSqlSafe(format!("{STORED} WHERE p.version = v.version AND p.retired_at IS NULL ORDER BY p.id"));
        sqlx::query(sql).fetch_all(self.read()).await?.iter().map(stored).collect()
    }

    /// Every name that a playbook has or had: its number, the name, whether it has it now, whether it was put away.
    ///
    /// # Errors
    /// The database's.
    pub async fn playbook_names(&self) -> Result<Vec<(i64, String, bool, bool)>> {
        Ok(sqlx::query_as(
            "SELECT DISTINCT p.id, json_extract(v.document, '$.name'), p.version = v.version, p.retired_at IS NOT NULL
             FROM playbook p JOIN playbook_version v ON v.playbook_id = p.id ORDER BY p.id",
        )
        .fetch_all(self.read())
        .await?)
    }

    /// One playbook at its latest version.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn playbook(&self, id: i64) -> Result<Stored> {
        let sql = sqlx::AssertSqlSafe(format!("{STORED} WHERE p.id = ? AND v.version = p.version"));
        let row = sqlx::query(sql).bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(stored).ok_or(StoreError::Missing("prepared message"))?
    }

    /// One playbook at one version.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn playbook_version(&self, id: i64, version: i64) -> Result<Stored> {
        let sql = sqlx::AssertSqlSafe(format!("{STORED} WHERE p.id = ? AND v.version = ?"));
        let row = sqlx::query(sql).bind(id).bind(version).fetch_optional(self.read()).await?;
        row.as_ref().map(stored).ok_or(StoreError::Missing("prepared message"))?
    }

    /// Binds a person's yes to the digest of the latest version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when that is no longer the latest; [`StoreError::Taken`] when they said so already.
    pub async fn approve_playbook(
        &self,
        id: i64,
        digest: &str,
        person_id: i64,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "INSERT INTO playbook_approval (playbook_id, version, person_id, digest, at)
             SELECT v.playbook_id, v.version, ?3, v.digest, ?4 FROM playbook p
             JOIN playbook_version v ON v.playbook_id = p.id AND v.version = p.version
             WHERE p.id = ?1 AND v.digest = ?2 AND p.retired_at IS NULL",
        )
        .bind(id)
        .bind(digest)
        .bind(person_id)
        .bind(millis(entry.at))
        .execute(&mut *tx)
        .await
        .map_err(super::taken("approval of yours"))?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Conflict("it was changed while you read it; read it again".into()));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Notes what was asked of a playbook for an update.
    ///
    /// # Errors
    /// The database's.
    pub async fn put_instance(&self, new: &Instance) -> Result<()> {
        let mut tx = self.begin().await?;
        note(&mut tx, new).await?;
        Ok(tx.commit().await?)
    }

    /// What was asked of a playbook for an update, if it came of one.
    ///
    /// # Errors
    /// The database's.
    pub async fn instance(&self, update_id: i64) -> Result<Option<Instance>> {
        let row = sqlx::query("SELECT * FROM playbook_instance WHERE update_id = ?")
            .bind(update_id)
            .fetch_optional(self.read())
            .await?;
        row.as_ref().map(instance).transpose()
    }

    /// What was asked of playbooks for an incident, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn instances_of(&self, incident_id: i64) -> Result<Vec<Instance>> {
        sqlx::query("SELECT * FROM playbook_instance WHERE incident_id = ? ORDER BY update_id DESC")
            .bind(incident_id)
            .fetch_all(self.read())
            .await?
            .iter()
            .map(instance)
            .collect()
    }

    /// The latest of a playbook that is not about an incident that is over, practice or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_instance(&self, playbook_id: i64, exercise: bool) -> Result<Option<Instance>> {
        let row = sqlx::query(
            "SELECT i.* FROM playbook_instance i JOIN incident n ON n.id = i.incident_id
             WHERE i.playbook_id = ? AND i.exercise = ? AND i.sent_at IS NOT NULL AND n.ended_at IS NULL
             ORDER BY i.update_id DESC LIMIT 1",
        )
        .bind(playbook_id)
        .bind(exercise)
        .fetch_optional(self.read())
        .await?;
        row.as_ref().map(instance).transpose()
    }

    /// When another update of this stage was last sent by this playbook, up to `until`.
    ///
    /// # Errors
    /// The database's.
    pub async fn last_sent(&self, asked: &Instance, until: Timestamp) -> Result<Option<Timestamp>> {
        last_sent(&mut *self.read().acquire().await?, asked, until).await
    }

    /// Notes which update asks for the channels that an instance may not go to alone.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_rest(&self, update_id: i64, rest: Option<i64>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE playbook_instance SET rest_update_id = ? WHERE update_id = ?")
            .bind(rest)
            .bind(update_id)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Approves a submitted broadcast by the playbook that it came of: the latest version, approved by two, and no other of
    /// its stage within `every`. False where one was.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the playbook or the broadcast is no longer what was looked at.
    pub async fn approve_within(
        &self,
        id: i64,
        digest: &str,
        asked: &Instance,
        every: SignedDuration,
        entry: &audit::Entry<'_>,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let sql =
            sqlx::AssertSqlSafe(format!("{STORED} WHERE p.id = ? AND v.version = p.version AND p.retired_at IS NULL"));
        let row = sqlx::query(sql).bind(asked.playbook_id).fetch_optional(&mut *tx).await?;
        let known = row.as_ref().map(stored).transpose()?;
        if !known
            .is_some_and(|known| known.version == asked.version && known.digest == asked.digest && known.is_approved())
        {
            return Err(StoreError::Conflict("the prepared message was changed meanwhile; read it again".into()));
        }
        let last = last_sent(&mut tx, asked, entry.at).await?;
        if last.is_some_and(|last| entry.at.duration_since(last) < every) {
            return Ok(false);
        }
        let approval = Approval {
            person_id: asked.person_id,
            playbook: Some((asked.playbook_id, asked.version, asked.digest.clone())),
        };
        approve(&mut tx, id, (digest, digest), &approval, 0, entry.at).await?;
        sqlx::query("UPDATE playbook_instance SET sent_at = ? WHERE update_id = ?")
            .bind(millis(entry.at))
            .bind(asked.update_id)
            .execute(&mut *tx)
            .await?;
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Notes what was asked of a playbook for an update, within a transaction.
pub(super) async fn note(tx: &mut SqliteConnection, new: &Instance) -> Result<()> {
    sqlx::query(
        "INSERT INTO playbook_instance (update_id, incident_id, playbook_id, version, digest, stage, asked, component_id,
           person_id, machine, exercise, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.update_id)
    .bind(new.incident_id)
    .bind(new.playbook_id)
    .bind(new.version)
    .bind(&new.digest)
    .bind(new.asked.stage.as_str())
    .bind(serde_json::to_string(&new.asked)?)
    .bind(new.component_id)
    .bind(new.person_id)
    .bind(&new.machine)
    .bind(new.exercise)
    .bind(millis(new.at))
    .execute(tx)
    .await?;
    Ok(())
}

async fn last_sent(tx: &mut SqliteConnection, asked: &Instance, until: Timestamp) -> Result<Option<Timestamp>> {
    let at: Option<i64> = sqlx::query_scalar(
        "SELECT MAX(sent_at) FROM playbook_instance
         WHERE playbook_id = ? AND stage = ? AND sent_at <= ? AND exercise = ? AND update_id <> ?",
    )
    .bind(asked.playbook_id)
    .bind(asked.asked.stage.as_str())
    .bind(millis(until))
    .bind(asked.exercise)
    .bind(asked.update_id)
    .fetch_one(tx)
    .await?;
    Ok(at.map(from_millis))
}
