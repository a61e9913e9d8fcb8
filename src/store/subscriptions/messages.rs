//! What people are sent about subscribing: due, tried, and shown in the outbox.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use sqlx::Row as _;

use super::Said;
use crate::{
    store::{Result, Store, channel_code, channel_of},
    world::{from_millis, millis},
};

/// A message about subscribing.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its number.
    pub id: i64,
    /// The channel.
    pub channel: Channel,
    /// To whom.
    pub address: String,
    /// In which language.
    pub locale: String,
    /// What it says.
    pub said: Said,
    /// How often it was tried.
    pub tries: u32,
    /// When it was asked for.
    pub at: Timestamp,
}

fn message(row: &sqlx::sqlite::SqliteRow) -> Message {
    Message {
        id: row.get("id"),
        channel: channel_of(row.get("channel")),
        address: row.get("value"),
        locale: row.get("locale"),
        said: Said { subject: row.get("subject"), text: row.get("text"), leave: row.get("leave") },
        tries: u32::try_from(row.get::<i64, _>("tries")).unwrap_or(u32::MAX),
        at: from_millis(row.get("at")),
    }
}

impl Store {
    /// A message about subscribing that is due on a channel.
    ///
    /// # Errors
    /// The database's.
    pub async fn due_subscription_message(&self, channel: Channel, now: Timestamp) -> Result<Option<Message>> {
        let row = sqlx::query(
            "SELECT * FROM subscription_message WHERE due_at <= ? AND channel = ? ORDER BY due_at, id LIMIT 1",
        )
        .bind(millis(now))
        .bind(channel_code(channel))
        .fetch_optional(self.read())
        .await?;
        Ok(row.as_ref().map(message))
    }

    /// Notes how a try went: `sent`, `failed`, or when the next one is due.
    ///
    /// # Errors
    /// The database's.
    pub async fn subscription_message_tried(
        &self,
        id: i64,
        state: &str,
        provider: &str,
        due_at: Option<Timestamp>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE subscription_message SET state = ?, provider = ?, due_at = ?, tries = tries + 1 WHERE id = ?",
        )
        .bind(state)
        .bind(provider)
        .bind(due_at.map(millis))
        .bind(id)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Notes that a message has to wait, which is no try.
    ///
    /// # Errors
    /// The database's.
    pub async fn subscription_message_waits(&self, id: i64, due_at: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE subscription_message SET due_at = ? WHERE id = ?")
            .bind(millis(due_at))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The newest messages about subscribing that these providers took on a channel.
    ///
    /// # Errors
    /// The database's.
    pub async fn subscription_messages(
        &self,
        providers: &[String],
        channel: Channel,
        most: i64,
    ) -> Result<Vec<Message>> {
        let rows = sqlx::query(
            "SELECT * FROM subscription_message WHERE channel = ? AND state = 'sent'
               AND provider IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?",
        )
        .bind(channel_code(channel))
        .bind(serde_json::to_string(providers)?)
        .bind(most)
        .fetch_all(self.read())
        .await?;
        Ok(rows.iter().map(message).collect())
    }
}
