//! What machines announced, by the key that they name an outage by: one incident is open by a key at a time.

use jiff::Timestamp;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit, incidents, playbooks};
use crate::{
    compose::{content::Content, status::Status},
    schedule::playbook::fill::Exceeded,
    store::playbooks::Instance,
    world::{from_millis, millis},
};

/// An incident that a machine goes on with by a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Announced {
    /// Its number.
    pub id: i64,
    /// The key.
    pub dedup_key: String,
    /// True for practice.
    pub exercise: bool,
    /// The incident.
    pub incident_id: i64,
    /// The playbook.
    pub playbook_id: i64,
    /// The last stage that was asked.
    pub stage: Status,
    /// Its update.
    pub update_id: i64,
    /// False until it is known whether that goes out or waits.
    pub settled: bool,
    /// The bounds that it passed.
    pub exceeded: Vec<Exceeded>,
    /// Which machine asked last.
    pub machine: String,
    /// When.
    pub at: Timestamp,
    /// Of a timer or a plan: which time of it was asked last.
    pub occurrence: Option<String>,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
}

/// What is written down before anything goes out.
pub struct Words<'a> {
    /// The key.
    pub dedup_key: &'a str,
    /// A new incident's working title.
    pub title: &'a str,
    /// What the update says.
    pub content: &'a Content,
    /// What was asked; its update and incident are filled in here.
    pub instance: Instance,
    /// Which bounds it passes.
    pub exceeded: &'a [Exceeded],
    /// Of a timer or a plan: which time of it this is.
    pub occurrence: Option<&'a str>,
}

fn announced(row: &SqliteRow) -> Result<Announced> {
    Ok(Announced {
        id: row.get("id"),
        dedup_key: row.get("dedup_key"),
        exercise: row.get("exercise"),
        incident_id: row.get("incident_id"),
        playbook_id: row.get("playbook_id"),
        stage: Status::parse(row.get("stage")).unwrap_or(Status::Investigating),
        update_id: row.get("update_id"),
        settled: row.get("settled"),
        exceeded: serde_json::from_str(row.get("exceeded"))?,
        machine: row.get("machine"),
        at: from_millis(row.get("at")),
        occurrence: row.get("occurrence"),
        closed_at: row.get::<Option<i64>, _>("closed_at").map(from_millis),
    })
}

impl Store {
    /// The latest incident by a key, open or closed.
    ///
    /// # Errors
    /// The database's.
    pub async fn announced(&self, dedup_key: &str, exercise: bool) -> Result<Option<Announced>> {
        let row = sqlx::query("SELECT * FROM announced WHERE dedup_key = ? AND exercise = ? ORDER BY id DESC LIMIT 1")
            .bind(dedup_key)
            .bind(exercise)
            .fetch_optional(self.read())
            .await?;
        row.as_ref().map(announced).transpose()
    }

    /// Why an update that a machine or a timer announced waits for a person; empty where it does not.
    ///
    /// # Errors
    /// The database's.
    pub async fn why_it_waits(&self, update_id: i64) -> Result<Vec<Exceeded>> {
        let sql = "SELECT exceeded FROM announced WHERE update_id = ?";
        let found: Option<String> = sqlx::query_scalar(sql).bind(update_id).fetch_optional(self.read()).await?;
        Ok(found.map(|exceeded| serde_json::from_str(&exceeded)).transpose()?.unwrap_or_default())
    }

    /// What was written down and is not settled: the daemon ended in between.
    ///
    /// # Errors
    /// The database's.
    pub async fn unsettled(&self) -> Result<Vec<Announced>> {
        let rows = sqlx::query("SELECT * FROM announced WHERE settled = 0 ORDER BY id").fetch_all(self.read()).await?;
        rows.iter().map(announced).collect()
    }

    /// Writes down what a machine says, all of it or nothing: its incident (None opens one), the update, what was asked, and
    /// by which key it goes on.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when one was opened by this key meanwhile; [`StoreError::Conflict`] when an update of the
    /// incident is being written.
    pub async fn announce(
        &self,
        known: Option<&Announced>,
        words: &Words<'_>,
        entry: &audit::Entry<'_>,
    ) -> Result<(Announced, Instance)> {
        let mut tx = self.begin().await?;
        let mut instance = words.instance.clone();
        let author = instance.person_id;
        instance.incident_id = match known {
            Some(known) => known.incident_id,
            None => {
                let open = audit::Entry { action: "incident.open", ..entry.clone() };
                incidents::open(
                    &mut tx,
                    words.content.status.kind(),
                    words.title,
                    instance.exercise,
                    false,
                    author,
                    &open,
                )
                .await?
            }
        };
        let begin = audit::Entry { action: "update.begin", ..entry.clone() };
        instance.update_id = incidents::begin(&mut tx, instance.incident_id, words.content, author, &begin).await?;
        playbooks::note(&mut tx, &instance).await?;
        let sql = match known {
            Some(_) => {
                "UPDATE announced SET stage = ?5, update_id = ?6, settled = 0, exceeded = ?7, machine = ?8, at = ?9, occurrence = ?11
                 WHERE id = ?10 AND closed_at IS NULL RETURNING *"
            }
            None => {
                "INSERT INTO announced (dedup_key, exercise, incident_id, playbook_id, stage, update_id, settled, exceeded, machine, at, occurrence)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?11) RETURNING *"
            }
        };
        let row = sqlx::query(sql)
            .bind(words.dedup_key)
            .bind(instance.exercise)
            .bind(instance.incident_id)
            .bind(instance.playbook_id)
            .bind(instance.asked.stage.as_str())
            .bind(instance.update_id)
            .bind(serde_json::to_string(words.exceeded)?)
            .bind(&instance.machine)
            .bind(millis(entry.at))
            .bind(known.map_or(0, |known| known.id))
            .bind(words.occurrence)
            .fetch_optional(&mut *tx)
            .await
            .map_err(super::taken("open incident by this key"))?;
        let row = row.as_ref().map(announced).transpose()?;
        let row = row.ok_or_else(|| StoreError::Conflict("it was closed meanwhile; ask again".into()))?;
        tx.commit().await?;
        Ok((row, instance))
    }

    /// Notes that it is known what became of the last update, and by which bounds it waits.
    ///
    /// # Errors
    /// The database's.
    pub async fn settle(&self, id: i64, exceeded: &[Exceeded]) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE announced SET settled = 1, exceeded = ? WHERE id = ?")
            .bind(serde_json::to_string(exceeded)?)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Goes back to the last stage that was told: the one after it was dropped.
    ///
    /// # Errors
    /// The database's.
    pub async fn announced_back(&self, id: i64, stage: Status, update_id: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE announced SET stage = ?2, update_id = ?3, settled = 1, exceeded = '[]' WHERE id = ?1")
            .bind(id)
            .bind(stage.as_str())
            .bind(update_id)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Closes what is open by a key. `untold` ends its incident too, of which nobody was ever told.
    ///
    /// # Errors
    /// The database's.
    pub async fn close_announced(&self, known: &Announced, untold: bool, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE announced SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL")
            .bind(known.id)
            .bind(millis(entry.at))
            .execute(&mut *tx)
            .await?;
        if untold {
            sqlx::query("UPDATE incident SET ended_at = ?2 WHERE id = ?1 AND status IS NULL AND ended_at IS NULL")
                .bind(known.incident_id)
                .bind(millis(entry.at))
                .execute(&mut *tx)
                .await?;
            let subject = format!("incident:{}", known.incident_id);
            audit::append(&mut tx, &audit::Entry { subject: &subject, ..entry.clone() }).await?;
        }
        Ok(tx.commit().await?)
    }
}
