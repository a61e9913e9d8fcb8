//! Reminders of promises and deadlines, and the calls that make them: rows, so that each is made once, whatever the clock
//! does, and a restart forgets none.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use sqlx::{Row as _, SqliteConnection};

use super::{Result, Store, channel_code, channel_of};
use crate::world::millis;

/// What is reminded of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A promise of a next update.
    Promise,
    /// Another deadline.
    Deadline,
    /// The time of a timer.
    Firing,
}

impl Noun {
    fn as_str(self) -> &'static str {
        match self {
            Noun::Promise => "promise",
            Noun::Deadline => "deadline",
            Noun::Firing => "firing",
        }
    }

    fn parse(name: &str) -> Noun {
        [Noun::Promise, Noun::Firing].into_iter().find(|noun| noun.as_str() == name).unwrap_or(Noun::Deadline)
    }
}

/// A call to somebody about a promise or a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its number.
    pub id: i64,
    /// About what.
    pub noun: Noun,
    /// Its number.
    pub target_id: i64,
    /// Which step it belongs to: `remind:900`.
    pub step: String,
    /// Who is called.
    pub person_id: i64,
    /// By mail or by text.
    pub channel: Channel,
}

/// Notes steps as done, and the calls of the first of them that is new; nothing where none is.
pub(super) async fn put_calls(
    tx: &mut SqliteConnection,
    noun: Noun,
    target_id: i64,
    steps: &[String],
    calls: &[(i64, Channel)],
    now: i64,
) -> Result<()> {
    let mut new = None;
    for step in steps {
        let sql = "INSERT INTO reminder (noun, target_id, step, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let put = sqlx::query(sql).bind(noun.as_str()).bind(target_id).bind(step).bind(now).execute(&mut *tx).await?;
        new = new.or((put.rows_affected() > 0).then_some(step));
    }
    for (person_id, channel) in calls {
        let Some(step) = new else { break };
        sqlx::query(
            "INSERT INTO reminder_call (noun, target_id, step, person_id, channel) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(noun.as_str())
        .bind(target_id)
        .bind(step)
        .bind(person_id)
        .bind(channel_code(*channel))
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

impl Store {
    /// Writes down a reminder for all these steps at once, and who is called.
    ///
    /// # Errors
    /// The database's.
    pub async fn remind(
        &self,
        noun: Noun,
        target_id: i64,
        steps: &[String],
        calls: &[(i64, Channel)],
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        put_calls(&mut tx, noun, target_id, steps, calls, millis(now)).await?;
        Ok(tx.commit().await?)
    }

    /// The steps that were done about something.
    ///
    /// # Errors
    /// The database's.
    pub async fn reminders(&self, noun: Noun, target_id: i64) -> Result<Vec<String>> {
        let sql = "SELECT step FROM reminder WHERE noun = ? AND target_id = ? ORDER BY step";
        Ok(sqlx::query_scalar(sql).bind(noun.as_str()).bind(target_id).fetch_all(self.read()).await?)
    }

    /// Takes the next call on a channel about what is not settled yet. It is noted as sent before it goes, so that no restart repeats it.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_reminder_call(&self, channel: Channel, now: Timestamp) -> Result<Option<Call>> {
        let next: Option<i64> = sqlx::query_scalar(
            "SELECT c.id FROM reminder_call c
             LEFT JOIN promise p ON c.noun = 'promise' AND p.id = c.target_id
             LEFT JOIN deadline d ON c.noun = 'deadline' AND d.id = c.target_id
             LEFT JOIN firing f ON c.noun = 'firing' AND f.id = c.target_id
             WHERE c.sent_at IS NULL AND c.channel = ? AND p.kept_at IS NULL AND d.done_at IS NULL
               AND (f.outcome IS NULL OR f.outcome IN ('kept', 'refused')) ORDER BY c.id LIMIT 1",
        )
        .bind(channel_code(channel))
        .fetch_optional(self.read())
        .await?;
        let Some(id) = next else { return Ok(None) };
        let mut tx = self.begin().await?;
        let row = sqlx::query("UPDATE reminder_call SET sent_at = ? WHERE id = ? AND sent_at IS NULL RETURNING *")
            .bind(millis(now))
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(row.map(|row| Call {
            id: row.get("id"),
            noun: Noun::parse(row.get("noun")),
            target_id: row.get("target_id"),
            step: row.get("step"),
            person_id: row.get("person_id"),
            channel: channel_of(row.get("channel")),
        }))
    }

    /// Notes that no provider took a call.
    ///
    /// # Errors
    /// The database's.
    pub async fn reminder_call_failed(&self, id: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE reminder_call SET failed = 1 WHERE id = ?").bind(id).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// Who was called in a step, each once, in the order in which they were.
    ///
    /// # Errors
    /// The database's.
    pub async fn called(&self, noun: Noun, target_id: i64, step: &str) -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar(
            "SELECT person_id FROM reminder_call WHERE noun = ? AND target_id = ? AND step = ?
             GROUP BY person_id ORDER BY MIN(id)",
        )
        .bind(noun.as_str())
        .bind(target_id)
        .bind(step)
        .fetch_all(self.read())
        .await?)
    }

    /// Every person who may approve and is not gone.
    ///
    /// # Errors
    /// The database's.
    pub async fn approvers(&self) -> Result<Vec<i64>> {
        let mut people = self.people().await?;
        people.retain(|person| person.active && person.role >= crate::people::Role::Approver);
        Ok(people.iter().map(|person| person.id).collect())
    }
}

#[cfg(test)]
impl Store {
    /// The calls about a promise that were made: step, person, channel, when.
    pub async fn reminder_calls(&self, promise: i64) -> Vec<(String, i64, Channel, i64)> {
        let sql = "SELECT step, person_id, channel, sent_at FROM reminder_call
            WHERE noun = 'promise' AND target_id = ? AND sent_at IS NOT NULL";
        let rows = sqlx::query(sql).bind(promise).fetch_all(self.read()).await.unwrap();
        let of = |row: &sqlx::sqlite::SqliteRow| {
            (row.get("step"), row.get("person_id"), channel_of(row.get("channel")), row.get("sent_at"))
        };
        rows.iter().map(of).collect()
    }

    /// Another word in a "no news yet" text than the one that was approved.
    pub async fn tamper_holding(&self, broadcast: i64) {
        let mut tx = self.begin().await.unwrap();
        for sql in [
            "DROP TRIGGER rendering_is_frozen",
            "UPDATE rendering SET document = replace(document, 'We', 'They') WHERE broadcast_id = ? AND message = 'holding'",
        ] {
            let query = sqlx::query(sql);
            let query = if sql.contains('?') { query.bind(broadcast) } else { query };
            query.execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}
