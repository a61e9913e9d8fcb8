//! Planned work: announced ahead, begun and ended at its time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit, firings};
use crate::world::{from_millis, millis};

/// Where planned work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// It lies ahead.
    Planned,
    /// It goes on.
    UnderWay,
    /// It is over.
    Over,
    /// It does not take place.
    Cancelled,
}

impl WorkState {
    /// The name in the store and the words.
    pub fn as_str(self) -> &'static str {
        match self {
            WorkState::Planned => "planned",
            WorkState::UnderWay => "under_way",
            WorkState::Over => "over",
            WorkState::Cancelled => "cancelled",
        }
    }

    fn parse(name: &str) -> WorkState {
        [WorkState::Planned, WorkState::UnderWay, WorkState::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == name)
            .unwrap_or(WorkState::Over)
    }
}

/// Planned work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Work {
    /// Its number.
    pub id: i64,
    /// How colleagues know it.
    pub name: String,
    /// The prepared message.
    pub playbook_id: i64,
    /// The values by the variables' names.
    pub values: BTreeMap<String, String>,
    /// Components besides the prepared message's own, by number or name.
    pub components: Vec<String>,
    /// The IANA zone in which its times were given.
    pub zone: String,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// How many seconds before its beginning it is announced, the longest first.
    pub leads: Vec<i64>,
    /// True for practice.
    pub exercise: bool,
    /// Where it stands.
    pub state: WorkState,
    /// How often its times were set; 1 is the first.
    pub revision: i64,
    /// When they were set last.
    pub timed_at: Timestamp,
    /// Who set it up.
    pub made_by: i64,
    /// When.
    pub made_at: Timestamp,
    /// When it was over or cancelled.
    pub ended_at: Option<Timestamp>,
}

fn work(row: &SqliteRow) -> Result<Work> {
    let time = |name| from_millis(row.get(name));
    Ok(Work {
        id: row.get("id"),
        name: row.get("name"),
        playbook_id: row.get("playbook_id"),
        values: serde_json::from_str(row.get("asked"))?,
        components: serde_json::from_str(row.get("components"))?,
        zone: row.get("zone"),
        from: time("from_at"),
        until: time("until_at"),
        leads: serde_json::from_str(row.get("leads"))?,
        exercise: row.get("exercise"),
        state: WorkState::parse(row.get("state")),
        revision: row.get("revision"),
        timed_at: time("timed_at"),
        made_by: row.get("made_by"),
        made_at: time("made_at"),
        ended_at: row.get::<Option<i64>, _>("ended_at").map(from_millis),
    })
}

impl Store {
    /// Plans work, and with `at_once` notes that it is announced now; its number is given here.
    ///
    /// # Errors
    /// The database's.
    pub async fn add_work(&self, new: &Work, at_once: bool, entry: &audit::Entry<'_>) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO planned_work (name, playbook_id, asked, components, zone, from_at, until_at, leads, exercise, state,
               revision, timed_at, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(&new.name)
        .bind(new.playbook_id)
        .bind(serde_json::to_string(&new.values)?)
        .bind(serde_json::to_string(&new.components)?)
        .bind(&new.zone)
        .bind(millis(new.from))
        .bind(millis(new.until))
        .bind(serde_json::to_string(&new.leads)?)
        .bind(new.exercise)
        .bind(new.state.as_str())
        .bind(new.revision)
        .bind(millis(new.timed_at))
        .bind(new.made_by)
        .bind(millis(new.made_at))
        .fetch_one(&mut *tx)
        .await?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("plan:{id}"), ..entry.clone() }).await?;
        let due = firings::Due {
            of: firings::Of::Work(id),
            occurrence: "1/announce".to_owned(),
            step: crate::schedule::timed::Step::Announce,
            due_at: entry.at,
            missed: 0,
        };
        if at_once {
            firings::note(&mut tx, &due, entry).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Planned work, what is over only when asked, the next one first.
    ///
    /// # Errors
    /// The database's.
    pub async fn works(&self, over: bool) -> Result<Vec<Work>> {
        let sql = "SELECT * FROM planned_work WHERE ended_at IS NULL OR ? ORDER BY from_at, id";
        sqlx::query(sql).bind(over).fetch_all(self.read()).await?.iter().map(work).collect()
    }

    /// One plan.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn work(&self, id: i64) -> Result<Work> {
        let row = sqlx::query("SELECT * FROM planned_work WHERE id = ?").bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(work).ok_or(StoreError::Missing("planned work"))?
    }

    /// Takes planned work from `before` to `after`, and notes the time that has come, if one has. What was noted of it and
    /// not said yet is passed over by that, and by its end.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where somebody changed it meanwhile.
    pub async fn step_work(
        &self,
        before: &Work,
        after: &Work,
        due: Option<&firings::Due>,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let stepped = sqlx::query(
            "UPDATE planned_work SET from_at = ?, until_at = ?, state = ?, revision = ?, timed_at = ?, ended_at = ?
             WHERE id = ? AND state = ? AND revision = ?",
        )
        .bind(millis(after.from))
        .bind(millis(after.until))
        .bind(after.state.as_str())
        .bind(after.revision)
        .bind(millis(after.timed_at))
        .bind(after.ended_at.map(millis))
        .bind(before.id)
        .bind(before.state.as_str())
        .bind(before.revision)
        .execute(&mut *tx)
        .await?;
        if stepped.rows_affected() == 0 {
            return Err(StoreError::Conflict("it was changed meanwhile; look at it again".into()));
        }
        if !entry.action.is_empty() {
            audit::append(&mut tx, entry).await?;
        }
        // What was not said yet of work that does not take place is never said, told of it or not.
        if due.is_some() || after.ended_at.is_some() {
            sqlx::query("UPDATE firing SET outcome = 'passed' WHERE work_id = ? AND outcome IS NULL")
                .bind(before.id)
                .execute(&mut *tx)
                .await?;
        }
        if let Some(due) = due {
            firings::note(&mut tx, due, entry).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
