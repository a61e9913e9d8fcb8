//! Exercises: what one measured so far, and the scores of those that ended.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit, taken};
use crate::world::{from_millis, millis};

/// How an exercise went. Times are seconds from its beginning, null for what was not reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ExerciseScore")]
pub struct Score {
    /// The incident that was practised on.
    pub incident_id: i64,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended; null while it goes on.
    pub ended_at: Option<Timestamp>,
    /// Who ended it.
    pub ended_by: Option<i64>,
    /// Until the first update was sent for approval.
    pub first_draft: Option<i64>,
    /// Until somebody first approved one.
    pub approval: Option<i64>,
    /// Until the first reader of the first update would have had it.
    pub first_message: Option<i64>,
    /// Until its last reader would have had it.
    pub last_message: Option<i64>,
    /// Findings that the author kept with a reason, in what was approved.
    pub kept: i64,
    /// Findings that stopped an update from being sent for approval.
    pub blocked: i64,
}

fn score(row: &SqliteRow) -> Score {
    Score {
        incident_id: row.get("incident_id"),
        began_at: from_millis(row.get("began_at")),
        ended_at: Some(from_millis(row.get("ended_at"))),
        ended_by: row.get("ended_by"),
        first_draft: row.get("first_draft"),
        approval: row.get("approval"),
        first_message: row.get("first_message"),
        last_message: row.get("last_message"),
        kept: row.get("kept"),
        blocked: row.get("blocked"),
    }
}

impl Store {
    /// How an exercise stands now.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn measure_exercise(&self, incident_id: i64) -> Result<Score> {
        let row = sqlx::query(
            "SELECT i.created_at AS began,
               (SELECT MIN(submitted_at) FROM broadcast WHERE incident_id = i.id AND digest <> '') AS submitted,
               (SELECT MIN(approved_at) FROM broadcast WHERE incident_id = i.id) AS approved,
               (SELECT id FROM broadcast WHERE incident_id = i.id AND message = 'update' AND started_at IS NOT NULL
                 ORDER BY started_at, id LIMIT 1) AS sent
             FROM incident i WHERE i.id = ?",
        )
        .bind(incident_id)
        .fetch_optional(self.read())
        .await?
        .ok_or(StoreError::Missing("incident"))?;
        let sent = sqlx::query(
            "SELECT (SELECT MIN(at) FROM outcome WHERE broadcast_id = b.id AND state IN (1, 2, 3)) AS first,
               CASE WHEN b.state IN ('completed', 'partial') THEN b.ended_at END AS last FROM broadcast b WHERE b.id = ?",
        )
        .bind(row.get::<Option<i64>, _>("sent"))
        .fetch_optional(self.read())
        .await?;
        let began: i64 = row.get("began");
        let since = |at: Option<i64>| at.map(|at| (at - began).max(0) / 1000);
        let of_sent = |name| since(sent.as_ref().and_then(|sent| sent.get(name)));
        Ok(Score {
            incident_id,
            began_at: from_millis(began),
            ended_at: None,
            ended_by: None,
            first_draft: since(row.get("submitted")),
            approval: since(row.get("approved")),
            first_message: of_sent("first"),
            last_message: of_sent("last"),
            kept: self.findings_kept(incident_id).await?,
            blocked: self.findings_blocked(incident_id).await?,
        })
    }

    async fn findings_kept(&self, incident_id: i64) -> Result<i64> {
        let plans: Vec<String> = sqlx::query_scalar(
            "SELECT plan FROM broadcast WHERE incident_id = ? AND message = 'update' AND approved_at IS NOT NULL",
        )
        .bind(incident_id)
        .fetch_all(self.read())
        .await?;
        let mut kept = 0;
        for plan in plans {
            let plan: serde_json::Value = serde_json::from_str(&plan)?;
            let findings = plan["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
            kept += findings.iter().filter(|finding| finding["kept"].is_string()).count();
        }
        Ok(i64::try_from(kept).unwrap_or(i64::MAX))
    }

    async fn findings_blocked(&self, incident_id: i64) -> Result<i64> {
        let refused: Vec<String> = sqlx::query_scalar(
            "SELECT a.detail FROM incident_update u JOIN audit a ON a.subject = 'update:' || u.id
             WHERE u.incident_id = ? AND a.action = 'update.refused'",
        )
        .bind(incident_id)
        .fetch_all(self.read())
        .await?;
        let mut blocked = 0;
        for detail in refused {
            let detail: serde_json::Value = serde_json::from_str(&detail)?;
            blocked += detail["findings"].as_i64().unwrap_or_default();
        }
        Ok(blocked)
    }

    /// Ends an exercise with its score: it is over, and what was still being written of it is dropped.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it ended before.
    pub async fn end_exercise(&self, score: &Score, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let now = millis(entry.at);
        sqlx::query(
            "INSERT INTO exercise_score (incident_id, began_at, ended_at, ended_by, first_draft, approval, first_message,
               last_message, kept, blocked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(score.incident_id)
        .bind(millis(score.began_at))
        .bind(now)
        .bind(score.ended_by)
        .bind(score.first_draft)
        .bind(score.approval)
        .bind(score.first_message)
        .bind(score.last_message)
        .bind(score.kept)
        .bind(score.blocked)
        .execute(&mut *tx)
        .await
        .map_err(taken("score of this exercise"))?;
        sqlx::query("UPDATE incident SET ended_at = COALESCE(ended_at, ?) WHERE id = ?")
            .bind(now)
            .bind(score.incident_id)
            .execute(&mut *tx)
            .await?;
        for sql in [
            "UPDATE broadcast SET state = 'voided', stepped_at = ?2
             WHERE incident_id = ?1 AND state IN ('planning', 'submitted')",
            "UPDATE incident_update SET state = 'discarded' WHERE incident_id = ? AND state IN ('draft', 'submitted', 'returned')",
        ] {
            sqlx::query(sql).bind(score.incident_id).bind(now).execute(&mut *tx).await?;
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The score of an exercise that ended; None while it goes on.
    ///
    /// # Errors
    /// The database's.
    pub async fn exercise_score(&self, incident_id: i64) -> Result<Option<Score>> {
        let row = sqlx::query("SELECT * FROM exercise_score WHERE incident_id = ?")
            .bind(incident_id)
            .fetch_optional(self.read())
            .await?;
        Ok(row.as_ref().map(score))
    }

    /// The scores of exercises, the last one that ended first: those that ended before `before`, where it is given.
    ///
    /// # Errors
    /// The database's.
    pub async fn exercise_scores(&self, before: Option<Timestamp>, limit: i64) -> Result<Vec<Score>> {
        let rows = sqlx::query(
            "SELECT * FROM exercise_score WHERE (?1 IS NULL OR ended_at < ?1) ORDER BY ended_at DESC, incident_id DESC LIMIT ?2",
        )
        .bind(before.map(millis))
        .bind(limit)
        .fetch_all(self.read())
        .await?;
        Ok(rows.iter().map(score).collect())
    }

    /// The incidents of exercises that go on, the newest first: nobody ended them yet, whatever their last update says.
    ///
    /// # Errors
    /// The database's.
    pub async fn exercises_going_on(&self, limit: i64) -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar(
            "SELECT id FROM incident WHERE exercise = 1 AND id NOT IN (SELECT incident_id FROM exercise_score)
             ORDER BY id DESC LIMIT ?",
        )
        .bind(limit)
        .fetch_all(self.read())
        .await?)
    }
}
