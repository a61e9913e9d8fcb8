//! Replies at the desk: what nobody saw to yet, who wrote it and about what; seen to, forgotten in time, and erased with the
//! person.

use jiff::Timestamp;
use sqlx::{Row as _, SqliteConnection};

use super::{
    Result, Store, StoreError, audit,
    replies::{self, Reply},
};
use crate::world::millis;

/// A reply as it is read at the desk.
#[derive(Clone, Debug)]
pub struct Received {
    /// What was kept of it.
    pub reply: Reply,
    /// The incident whose message they got last, with its title.
    pub incident: Option<(i64, String)>,
    /// The recipient whose address it came from, with their name; None where nobody has it, or several do.
    pub recipient: Option<(i64, String)>,
    /// The help desk that it was handed on to, or is.
    pub forwarded_to: Option<String>,
    /// Who saw to it, where somebody did.
    pub handled_by: Option<i64>,
}

/// How many replies there are of an incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replies {
    /// All of them.
    pub all: i64,
    /// Those that somebody has to see to.
    pub open: i64,
}

/// What somebody has to see to: what asked for nothing that was done at once.
const OPEN: &str = "r.handled_at IS NULL AND r.word = 'other'";

/// Whose eyes look, as `people::sight` has it: everything, or what this person may see.
pub type Eyes = (bool, Option<i64>);

impl Store {
    /// Replies before number `before`, the newest first: of an incident or of all that may be seen, those that somebody has
    /// to see to or the others.
    ///
    /// # Errors
    /// The database's.
    pub async fn inbox(
        &self,
        incident: Option<i64>,
        open: bool,
        (everything, person): Eyes,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Received>> {
        // Two statements, so that what waits is found by its own index.
        let wanted = if open { OPEN.to_owned() } else { format!("NOT ({OPEN})") };
        let sql = format!(
            "SELECT r.*, i.title,
               (SELECT m.state FROM service_message m WHERE m.reply_id = r.id LIMIT 1) AS answer,
               (SELECT m.address FROM service_message m WHERE m.reply_id = r.id AND m.word = 'other' LIMIT 1) AS forwarded_to,
               (SELECT CASE COUNT(*) WHEN 1 THEN MIN(a.recipient_id) END FROM address a
                WHERE a.channel = r.channel AND a.value = r.address) AS recipient_id,
               (SELECT MIN(p.name) FROM address a JOIN recipient p ON p.id = a.recipient_id
                WHERE a.channel = r.channel AND a.value = r.address) AS name
             FROM reply r LEFT JOIN incident i ON i.id = r.incident_id
             WHERE (?1 IS NULL OR r.incident_id = ?1) AND {wanted} AND r.id < ?2
               AND (?3 OR i.id IS NULL OR i.restricted = 0 OR EXISTS (SELECT 1 FROM incident_named n
                 WHERE n.incident_id = i.id AND n.person_id = ?4))
             ORDER BY r.id DESC LIMIT ?5"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(incident)
            .bind(before)
            .bind(everything)
            .bind(person)
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        let with = |id: Option<i64>, name: Option<String>| id.map(|id| (id, name.unwrap_or_default()));
        Ok(rows
            .iter()
            .map(|row| Received {
                reply: replies::read(row),
                incident: with(row.get("incident_id"), row.get("title")),
                recipient: with(row.get("recipient_id"), row.get("name")),
                forwarded_to: row.get("forwarded_to"),
                handled_by: row.get("handled_by"),
            })
            .collect())
    }

    /// How many replies an incident has.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_replies(&self, incident: i64) -> Result<Replies> {
        let sql = format!(
            "SELECT COUNT(*) AS n, COUNT(CASE WHEN {OPEN} THEN 1 END) AS open FROM reply r WHERE r.incident_id = ?"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(incident).fetch_one(self.read()).await?;
        Ok(Replies { all: row.get("n"), open: row.get("open") })
    }

    /// The incident of a reply.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn incident_of_reply(&self, id: i64) -> Result<Option<i64>> {
        let found: Option<Option<i64>> = sqlx::query_scalar("SELECT incident_id FROM reply WHERE id = ?")
            .bind(id)
            .fetch_optional(self.read())
            .await?;
        found.ok_or(StoreError::Missing("reply"))
    }

    /// Notes that somebody saw to a reply, or, without `by`, that it is open again.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn handle_reply(&self, id: i64, by: Option<i64>, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query("UPDATE reply SET handled_by = ?, handled_at = ? WHERE id = ?")
            .bind(by)
            .bind(by.map(|_| millis(entry.at)))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Missing("reply"));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets up to `most` replies from before an instant, with the answers to them; one whose answer is still to be sent
    /// stays until it is. Answers how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_replies(&self, before: Timestamp, most: i64) -> Result<u64> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query(
            "DELETE FROM reply WHERE id IN (SELECT r.id FROM reply r WHERE r.at < ?1 AND NOT EXISTS
               (SELECT 1 FROM service_message m WHERE m.reply_id = r.id AND m.due_at IS NOT NULL) ORDER BY r.at LIMIT ?2)",
        )
        .bind(millis(before))
        .bind(most)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(gone.rows_affected())
    }
}

/// Erases what recipients wrote, before they are removed: number and text, of their replies and of what was made of these.
/// That something came, when and what it asked for stays. Who shares an address loses what came from it too: whose it was is
/// not known.
pub(super) async fn erase(tx: &mut SqliteConnection, customer_ids: &str) -> Result<()> {
    const THEIRS: &str = "SELECT r.id FROM recipient p CROSS JOIN address a CROSS JOIN reply r
        WHERE p.customer_id IN (SELECT value FROM json_each(?1)) AND a.recipient_id = p.id
          AND r.channel = a.channel AND r.address = a.value";
    let answers = format!(
        "UPDATE service_message SET address = '', text = '', due_at = NULL,
           state = CASE state WHEN 'waiting' THEN 'failed' ELSE state END WHERE reply_id IN ({THEIRS})"
    );
    let replies = format!("UPDATE reply SET address = '', text = '' WHERE id IN ({THEIRS})");
    for erased in [answers, replies] {
        sqlx::query(sqlx::AssertSqlSafe(erased)).bind(customer_ids).execute(&mut *tx).await?;
    }
    Ok(())
}
