//! Times of timers and planned work that have come: each is one row, written before anything is said.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{Result, Store, audit};
use crate::{
    schedule::timed::{Outcome, Step},
    world::{from_millis, millis},
};

/// Whose time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A timer's, by its number.
    Timer(i64),
    /// A plan's, by its number.
    Work(i64),
}

impl Of {
    /// `timer:3`, `plan:2`: in the audit, and as the machine of an instance.
    pub fn name(self) -> String {
        match self {
            Of::Timer(id) => format!("timer:{id}"),
            Of::Work(id) => format!("plan:{id}"),
        }
    }

    /// Reads a name written by [`Of::name`].
    pub fn read(name: &str) -> Option<Of> {
        let (noun, id) = name.split_once(':')?;
        let of = match noun {
            "timer" => Of::Timer,
            "plan" => Of::Work,
            _ => return None,
        };
        id.parse().ok().map(of)
    }

    fn timer(self) -> Option<i64> {
        if let Of::Timer(id) = self { Some(id) } else { None }
    }

    fn work(self) -> Option<i64> {
        if let Of::Work(id) = self { Some(id) } else { None }
    }
}

/// A time that has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Firing {
    /// Its number.
    pub id: i64,
    /// Whose time it is.
    #[serde(skip)]
    pub of: Of,
    /// Which time of it: unique for a timer or plan.
    pub occurrence: String,
    /// What is done then.
    pub step: Step,
    /// When it was due.
    pub due_at: Timestamp,
    /// When it was noticed.
    pub at: Timestamp,
    /// How late that was, in whole seconds.
    pub late_seconds: i64,
    /// How many times before it were passed over with it, a hundred at most.
    pub missed: i64,
    /// What became of it; null until that is known.
    pub outcome: Option<Outcome>,
    /// The incident that it told of.
    pub incident_id: Option<i64>,
    /// The update.
    pub update_id: Option<i64>,
    /// Why it waits for a person, or was not said.
    pub problem: Option<String>,
}

/// A time to be noted.
#[derive(Clone, Debug)]
pub struct Due {
    /// Whose.
    pub of: Of,
    /// Which.
    pub occurrence: String,
    /// What is done.
    pub step: Step,
    /// When it was due.
    pub due_at: Timestamp,
    /// How many before it are passed over.
    pub missed: i64,
}

fn firing(row: &SqliteRow) -> Firing {
    let time = |name| from_millis(row.get(name));
    let (due_at, at) = (time("due_at"), time("at"));
    let of = match row.get::<Option<i64>, _>("timer_id") {
        Some(id) => Of::Timer(id),
        None => Of::Work(row.get("work_id")),
    };
    Firing {
        id: row.get("id"),
        of,
        occurrence: row.get("occurrence"),
        step: Step::parse(row.get("step")).unwrap_or(Step::Send),
        due_at,
        at,
        late_seconds: at.duration_since(due_at).max(SignedDuration::ZERO).as_secs(),
        missed: row.get("missed"),
        outcome: row.get::<Option<&str>, _>("outcome").and_then(Outcome::parse),
        incident_id: row.get("incident_id"),
        update_id: row.get("update_id"),
        problem: row.get("problem"),
    }
}

/// Notes a time within a transaction, and says so in the audit; false where it was noted before.
pub(super) async fn note(tx: &mut SqliteConnection, due: &Due, entry: &audit::Entry<'_>) -> Result<bool> {
    let noted = sqlx::query(
        "INSERT INTO firing (timer_id, work_id, occurrence, step, due_at, at, missed) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(due.of.timer())
    .bind(due.of.work())
    .bind(&due.occurrence)
    .bind(due.step.as_str())
    .bind(millis(due.due_at))
    .bind(millis(entry.at))
    .bind(due.missed)
    .execute(&mut *tx)
    .await?;
    let new = noted.rows_affected() > 0;
    if new {
        let late = entry.at.duration_since(due.due_at).max(SignedDuration::ZERO).as_secs();
        let detail = serde_json::json!({ "occurrence": due.occurrence, "step": due.step, "due_at": due.due_at,
            "late_seconds": late, "missed": due.missed });
        let subject = due.of.name();
        audit::append(tx, &audit::Entry { action: "timer.fire", subject: &subject, detail, ..entry.clone() }).await?;
    }
    Ok(new)
}

impl Store {
    /// What was noted and is not settled, and is not to be tried again later than `steady`, in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn unsettled_firings(&self, steady: Timestamp) -> Result<Vec<Firing>> {
        let rows = sqlx::query(
            "SELECT * FROM firing WHERE outcome IS NULL AND (again_at IS NULL OR again_at <= ?) ORDER BY id",
        )
        .bind(millis(steady))
        .fetch_all(self.read())
        .await?;
        Ok(rows.iter().map(firing).collect())
    }

    /// The latest times of a timer or plan, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn firings_of(&self, of: Of, limit: i64) -> Result<Vec<Firing>> {
        let rows = sqlx::query("SELECT * FROM firing WHERE timer_id = ? OR work_id = ? ORDER BY id DESC LIMIT ?")
            .bind(of.timer())
            .bind(of.work())
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        Ok(rows.iter().map(firing).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// [`super::StoreError::Missing`].
    pub async fn firing(&self, id: i64) -> Result<Firing> {
        let row = sqlx::query("SELECT * FROM firing WHERE id = ?").bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(firing).ok_or(super::StoreError::Missing("time of a timer"))
    }

    /// When a time was due.
    ///
    /// # Errors
    /// The database's.
    pub async fn due_of(&self, of: Of, occurrence: &str) -> Result<Option<Timestamp>> {
        let sql = "SELECT due_at FROM firing WHERE (timer_id = ? OR work_id = ?) AND occurrence = ?";
        let due = sqlx::query_scalar(sql).bind(of.timer()).bind(of.work()).bind(occurrence);
        Ok(due.fetch_optional(self.read()).await?.map(from_millis))
    }

    /// Notes what became of one.
    ///
    /// # Errors
    /// The database's.
    pub async fn settle_firing(
        &self,
        id: i64,
        outcome: Outcome,
        told: (Option<i64>, Option<i64>),
        problem: Option<&str>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE firing SET outcome = ?, incident_id = ?, update_id = ?, problem = ?, again_at = NULL WHERE id = ?",
        )
        .bind(outcome.as_str())
        .bind(told.0)
        .bind(told.1)
        .bind(problem)
        .bind(id)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Notes why one cannot be said now, and when it is tried again.
    ///
    /// # Errors
    /// The database's.
    pub async fn firing_waits(&self, id: i64, problem: &str, again: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE firing SET problem = ?, again_at = ? WHERE id = ?")
            .bind(problem)
            .bind(millis(again))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
impl Store {
    /// What the audit says of times that came, in order.
    pub async fn noted_firings(&self) -> Vec<String> {
        let sql = "SELECT detail FROM audit WHERE action = 'timer.fire' ORDER BY id";
        sqlx::query_scalar(sql).fetch_all(self.read()).await.unwrap()
    }
}
