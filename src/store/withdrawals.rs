//! Posts that somebody wants deleted, and how far that is.

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, DeliveryId, Reason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;

use super::{Result, Store, audit, channel_code, channel_of};
use crate::{
    track::DeliveryState,
    world::{from_millis, millis},
};

/// How far the deletion of a post is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "WithdrawalState")]
pub enum Stands {
    /// It is tried, or waits for its next try.
    Waiting,
    /// It is gone.
    Deleted,
    /// It cannot be deleted from here; a person has to look.
    Failed,
}

impl Stands {
    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Stands::Waiting => "waiting",
            Stands::Deleted => "deleted",
            Stands::Failed => "failed",
        }
    }

    fn parse(name: &str) -> Stands {
        [Stands::Deleted, Stands::Failed].into_iter().find(|known| known.as_str() == name).unwrap_or(Stands::Waiting)
    }
}

/// A post that somebody wants deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Withdrawal {
    /// Its delivery: `12-mastodon-0`.
    pub delivery: String,
    /// Its channel.
    pub channel: Channel,
    /// How far it is.
    pub state: Stands,
    /// Why not yet, or not at all.
    pub reason: Option<String>,
    /// The place's words.
    pub detail: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was tried last.
    pub at: Option<Timestamp>,
}

/// A post whose deletion is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its delivery.
    pub id: DeliveryId,
    /// True for practice.
    pub exercise: bool,
    /// The account that posted it.
    pub provider: Option<String>,
    /// What the place answered then.
    pub reference: Option<String>,
    /// How often its deletion was tried.
    pub attempts: i64,
}

/// What came of a try.
#[derive(Clone, Debug)]
pub struct Tried {
    /// How it stands now.
    pub state: Stands,
    /// Why, where it is not deleted.
    pub reason: Option<Reason>,
    /// The place's words.
    pub detail: String,
    /// When the next try is due.
    pub due_at: Timestamp,
    /// When this one was.
    pub at: Timestamp,
}

/// Everything that was posted, or may have been, of broadcasts that somebody wants deleted.
const POSTS: &str = "FROM withdrawing x JOIN broadcast b ON b.id = x.broadcast_id
    JOIN outcome o ON o.broadcast_id = b.id AND o.state IN (1, 2, 3)
      AND o.channel IN (SELECT value FROM json_each(?1))
    LEFT JOIN withdrawal w ON w.broadcast_id = o.broadcast_id AND w.channel = o.channel AND w.ordinal = o.ordinal";

fn outlets() -> Result<String> {
    let codes: Vec<i64> = Channel::ALL.into_iter().filter(|channel| !channel.is_shared()).map(channel_code).collect();
    Ok(serde_json::to_string(&codes)?)
}

impl Store {
    /// Wants the posts of a broadcast deleted. What failed is tried once more.
    ///
    /// # Errors
    /// The database's.
    pub async fn ask_withdrawal(&self, id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO withdrawing (broadcast_id, asked_by, asked_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(entry.actor)
        .bind(millis(entry.at))
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE withdrawal SET state = 'waiting', due_at = 0 WHERE broadcast_id = ? AND state <> 'deleted'",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The deletions that are due. What was on the wire when they were asked for is among them once it has its outcome.
    ///
    /// # Errors
    /// The database's.
    pub async fn due_withdrawals(&self, now: Timestamp) -> Result<Vec<Due>> {
        let sql = format!(
            "SELECT o.broadcast_id, o.channel, o.ordinal, o.provider, o.reference, b.exercise, COALESCE(w.attempts, 0) AS attempts
             {POSTS} WHERE COALESCE(w.state, 'waiting') = 'waiting' AND COALESCE(w.due_at, 0) <= ?2
             ORDER BY o.broadcast_id, o.channel, o.ordinal LIMIT 100"
        );
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(outlets()?).bind(millis(now)).fetch_all(self.read()).await?;
        let due = |row: &sqlx::sqlite::SqliteRow| Due {
            id: DeliveryId {
                broadcast: row.get("broadcast_id"),
                channel: channel_of(row.get("channel")),
                ordinal: row.get("ordinal"),
            },
            exercise: row.get("exercise"),
            provider: row.get("provider"),
            reference: row.get("reference"),
            attempts: row.get("attempts"),
        };
        Ok(rows.iter().map(due).collect())
    }

    /// Writes down what came of a try: how it stands, beside the delivery's other tries, and in the audit.
    ///
    /// # Errors
    /// The database's.
    pub async fn record_withdrawal(&self, due: &Due, tried: &Tried) -> Result<()> {
        let mut tx = self.begin().await?;
        let (channel, reason) = (channel_code(due.id.channel), tried.reason.map(Reason::as_str));
        sqlx::query(
            "INSERT INTO withdrawal (broadcast_id, channel, ordinal, state, reason, detail, attempts, due_at, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8) ON CONFLICT (broadcast_id, channel, ordinal) DO UPDATE SET
               state = excluded.state, reason = excluded.reason, detail = excluded.detail,
               attempts = withdrawal.attempts + 1, due_at = excluded.due_at, at = excluded.at",
        )
        .bind(due.id.broadcast)
        .bind(channel)
        .bind(due.id.ordinal)
        .bind(tried.state.as_str())
        .bind(reason)
        .bind(&tried.detail)
        .bind(millis(tried.due_at))
        .bind(millis(tried.at))
        .execute(&mut *tx)
        .await?;
        // The first try and the end are told beside the delivery; a place that is away for a day would fill pages.
        if due.attempts == 0 || tried.state != Stands::Waiting {
            sqlx::query(
                "INSERT INTO attempt (broadcast_id, channel, ordinal, number, word, reason, detail, provider, at)
                 VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)",
            )
            .bind(due.id.broadcast)
            .bind(channel)
            .bind(due.id.ordinal)
            .bind(if tried.state == Stands::Deleted { "deleted" } else { "not_deleted" })
            .bind(reason)
            .bind(&tried.detail)
            .bind(due.provider.as_deref().unwrap_or_default())
            .bind(millis(tried.at))
            .execute(&mut *tx)
            .await?;
        }
        if tried.state != Stands::Waiting {
            let entry = audit::Entry {
                at: tried.at,
                actor: "system",
                action: "post.delete",
                subject: &format!("broadcast:{}", due.id.broadcast),
                detail: serde_json::json!({ "delivery": due.id.to_string(), "state": tried.state }),
            };
            audit::append(&mut tx, &entry).await?;
        }
        Ok(tx.commit().await?)
    }

    /// How far the deletions of a broadcast's posts are, in order; empty where nobody asked for them.
    ///
    /// # Errors
    /// The database's.
    pub async fn withdrawals(&self, id: i64) -> Result<Vec<Withdrawal>> {
        let sql = format!(
            "SELECT o.broadcast_id, o.channel, o.ordinal, w.state, w.reason, w.detail, COALESCE(w.attempts, 0) AS attempts, w.at
             {POSTS} WHERE x.broadcast_id = ?2 ORDER BY o.channel, o.ordinal"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(outlets()?).bind(id).fetch_all(self.read()).await?;
        let withdrawal = |row: &sqlx::sqlite::SqliteRow| {
            let channel = channel_of(row.get("channel"));
            let id = DeliveryId { broadcast: row.get("broadcast_id"), channel, ordinal: row.get("ordinal") };
            Withdrawal {
                delivery: id.to_string(),
                channel,
                state: row.get::<Option<&str>, _>("state").map_or(Stands::Waiting, Stands::parse),
                reason: row.get("reason"),
                detail: row.get::<Option<String>, _>("detail").unwrap_or_default(),
                attempts: row.get("attempts"),
                at: row.get::<Option<i64>, _>("at").map(from_millis),
            }
        };
        Ok(rows.iter().map(withdrawal).collect())
    }

    /// How many posts of a broadcast are out, or may be: banner and status page are none, they go with it.
    ///
    /// # Errors
    /// The database's.
    pub async fn posts_out(&self, id: i64) -> Result<i64> {
        let progress = self.progress(id).await?;
        let posts = progress.iter().filter(|(channel, _)| channel.is_post());
        let out: i64 = posts
            .flat_map(|(_, progress)| &progress.outcomes)
            .filter(|(state, _): &(&DeliveryState, &i64)| state.may_have_it())
            .map(|(_, n)| n)
            .sum();
        let gone = self.withdrawals(id).await?;
        let is_post = |one: &&Withdrawal| one.channel.is_post();
        let gone = gone.iter().filter(is_post).filter(|one| one.state == Stands::Deleted).count();
        Ok((out - i64::try_from(gone).unwrap_or(i64::MAX)).max(0))
    }
}
