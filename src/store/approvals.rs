//! The yes that a broadcast goes by, bound to a digest; and its going back.

use sqlx::{Row as _, SqliteConnection};

use jiff::Timestamp;

use super::{Result, Store, StoreError, audit, broadcasts::step};
use crate::{approve::State, pace::Timing, world::millis};

/// What an approver chose otherwise than the author, as a part of their yes.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The other timing.
    pub timing: Option<Timing>,
    /// The digest over all of it, with that timing.
    pub digest: String,
}

/// What lets a broadcast go: a person's yes to this very update, or a playbook that two people approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who said yes, or who sent it by the playbook.
    pub person_id: Option<i64>,
    /// The playbook, its version and its digest, where it rests on one.
    pub playbook: Option<(i64, i64, String)>,
}

impl Store {
    /// Binds a person's yes to the digest they read. The broadcast is scheduled from here on; it starts when its time
    /// has come.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is no longer what they read.
    pub async fn approve_broadcast(
        &self,
        id: i64,
        digest: &str,
        person_id: i64,
        people: i64,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        self.approve_with(id, digest, None, person_id, people, entry).await
    }

    /// The same, where the approver chose something otherwise: it takes the place of the author's choice, and the yes binds
    /// to the digest that is then right.
    ///
    /// # Errors
    /// As [`Store::approve_broadcast`].
    pub async fn approve_with(
        &self,
        id: i64,
        digest: &str,
        choice: Option<&Choice>,
        person_id: i64,
        people: i64,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let approval = Approval { person_id: Some(person_id), playbook: None };
        let bound = choice.map_or(digest, |choice| &choice.digest);
        approve(&mut tx, id, (digest, bound), &approval, people, entry.at).await?;
        if let Some(choice) = choice {
            sqlx::query("UPDATE broadcast SET timing = ?2, digest = ?3 WHERE id = ?1")
                .bind(id)
                .bind(choice.timing.as_ref().map(serde_json::to_string).transpose()?)
                .bind(&choice.digest)
                .execute(&mut *tx)
                .await?;
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The approval of this digest, if there is one: for a correction, of the broadcast that it corrects.
    ///
    /// # Errors
    /// The database's.
    pub async fn approval(&self, id: i64, digest: &str) -> Result<Option<Approval>> {
        let row = sqlx::query(
            "SELECT a.* FROM approval a JOIN broadcast b ON a.broadcast_id = COALESCE(b.source_id, b.id)
             WHERE b.id = ? AND a.digest = ? ORDER BY a.id LIMIT 1",
        )
        .bind(id)
        .bind(digest)
        .fetch_optional(self.read())
        .await?;
        Ok(row.map(|row| {
            let playbook: Option<i64> = row.get("playbook_id");
            Approval {
                person_id: row.get("person_id"),
                playbook: playbook.map(|id| {
                    let (version, digest): (Option<i64>, Option<String>) =
                        (row.get("playbook_version"), row.get("playbook_digest"));
                    (id, version.unwrap_or_default(), digest.unwrap_or_default())
                }),
            }
        }))
    }

    /// Sends a submitted update back with a reason, or voids it because it expired.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not waiting any more.
    pub async fn return_broadcast(&self, id: i64, reason: &str, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        give_back(&mut tx, id, reason, entry.at).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }
}

/// Binds an approval to a digest: of what was submitted, or of that with what the approver chose. The broadcast is
/// scheduled from here on. Who sent it by a playbook is no approver: two people approved that.
pub(super) async fn approve(
    tx: &mut SqliteConnection,
    id: i64,
    (digest, bound): (&str, &str),
    approval: &Approval,
    people: i64,
    now: Timestamp,
) -> Result<()> {
    step(tx, id, State::Scheduled, now).await?;
    let approved_by = approval.person_id.filter(|_| approval.playbook.is_none());
    let changed = sqlx::query("UPDATE broadcast SET approved_by = ?2, approved_at = ?3 WHERE id = ?1 AND digest = ?4")
        .bind(id)
        .bind(approved_by)
        .bind(millis(now))
        .bind(digest)
        .execute(&mut *tx)
        .await?;
    let update = sqlx::query(
        "UPDATE incident_update SET state = 'approved' WHERE id = (SELECT update_id FROM broadcast WHERE id = ?1)
         AND state = 'submitted' AND version = (SELECT version FROM broadcast WHERE id = ?1)",
    )
    .bind(id)
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() == 0 || update.rows_affected() == 0 {
        return Err(StoreError::Conflict("it was changed while you read it; read it again".into()));
    }
    let (playbook, version, playbook_digest) = approval
        .playbook
        .clone()
        .map_or((None, None, None), |(id, version, digest)| (Some(id), Some(version), Some(digest)));
    sqlx::query(
        "INSERT INTO approval (broadcast_id, person_id, digest, recipients, at, playbook_id, playbook_version, playbook_digest)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(approval.person_id)
    .bind(bound)
    .bind(people)
    .bind(millis(now))
    .bind(playbook)
    .bind(version)
    .bind(playbook_digest)
    .execute(tx)
    .await?;
    Ok(())
}

/// Voids a submitted broadcast and gives its update back.
pub(super) async fn give_back(tx: &mut SqliteConnection, id: i64, reason: &str, now: Timestamp) -> Result<()> {
    step(tx, id, State::Voided, now).await?;
    sqlx::query(
        "UPDATE incident_update SET state = 'returned', return_reason = ?2
         WHERE id = (SELECT update_id FROM broadcast WHERE id = ?1) AND state = 'submitted'",
    )
    .bind(id)
    .bind(reason)
    .execute(tx)
    .await?;
    Ok(())
}
