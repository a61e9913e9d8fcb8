//! Who subscribed by themselves: what they asked for, what they agreed to, and what they are sent about it.
//!
//! A subscriber is a recipient with a consent. Their customer id is derived from their address, so an address has one
//! subscription; they have no other address.

mod messages;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, SqliteConnection};

pub use self::messages::Message;
use super::{
    Result, Store, audit, channel_code, channel_of,
    recipients::{self, Address, Known, Recipient},
};
use crate::world::{from_millis, millis};

/// How long a request may be confirmed, and how long anything of it is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Messages about subscribing to one address within [`KEPT`]: nobody's phone is rung all day.
const MOST_TO_ONE: i64 = 3;
/// Wrong codes after which a request cannot be confirmed by one any more.
const MOST_WRONG: i64 = 5;

/// What a subscriber agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    /// The words that they read.
    pub words: String,
    /// In which language.
    pub locale: String,
    /// How they confirmed it: `link` or `code`.
    pub means: Means,
    /// When they asked.
    pub asked_at: Timestamp,
    /// When they confirmed.
    pub confirmed_at: Timestamp,
}

/// How somebody proved that an address is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ConsentMeans")]
pub enum Means {
    /// By the link in a mail, and the button behind it.
    Link,
    /// By the code in a text.
    Code,
}

/// Somebody asks to subscribe.
pub struct NewAsk<'a> {
    /// By which channel.
    pub channel: Channel,
    /// At which address.
    pub address: &'a str,
    /// The customer id that this address has as a subscriber.
    pub customer_id: &'a str,
    /// The language of the page.
    pub locale: &'a str,
    /// Names of components.
    pub components: &'a [String],
    /// What they read.
    pub words: &'a str,
    /// When.
    pub at: Timestamp,
    /// The most messages on this channel in an hour.
    pub an_hour: u32,
}

/// What is known of whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// They are to confirm this request.
    Confirm(i64),
    /// They are subscribed already.
    Known,
}

/// A message about subscribing, as it is written.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// A mail's subject.
    pub subject: String,
    /// The words.
    pub text: String,
    /// Where one leaves with one click; empty where there is nothing to leave yet.
    pub leave: String,
}

/// A request that waits for its confirmation.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its number.
    pub id: i64,
    /// The channel.
    pub channel: Channel,
    /// The address.
    pub address: String,
    /// Names of components.
    pub components: Vec<String>,
}

fn since(now: Timestamp) -> i64 {
    millis(now.checked_sub(KEPT).unwrap_or(Timestamp::MIN))
}

impl Store {
    /// Keeps a request and what its address is sent about it, which `say` words. Nothing is sent to an address that must not
    /// be written to, or that had enough of it today; who asks cannot tell. False when too many ask.
    ///
    /// # Errors
    /// The database's.
    pub async fn ask_to_subscribe(&self, ask: &NewAsk<'_>, say: impl FnOnce(Asked) -> Said + Send) -> Result<bool> {
        let mut tx = self.begin().await?;
        let hour_ago = ask.at.checked_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN);
        let lately: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM subscription_message WHERE channel = ? AND at > ?")
            .bind(channel_code(ask.channel))
            .bind(millis(hour_ago))
            .fetch_one(&mut *tx)
            .await?;
        if lately >= i64::from(ask.an_hour) {
            return Ok(false);
        }
        let had: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM subscription_message WHERE channel = ? AND value = ? AND at > ?")
                .bind(channel_code(ask.channel))
                .bind(ask.address)
                .bind(since(ask.at))
                .fetch_one(&mut *tx)
                .await?;
        if had >= MOST_TO_ONE {
            return Ok(true);
        }
        let said = if may_be_asked(&mut tx, ask).await? { Some(say(asked(&mut tx, ask).await?)) } else { None };
        // Written for who gets nothing too: it counts, and it takes as long.
        sqlx::query(
            "INSERT INTO subscription_message (channel, value, locale, subject, text, leave, due_at, state, at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(channel_code(ask.channel))
        .bind(ask.address)
        .bind(ask.locale)
        .bind(said.as_ref().map_or("", |said| &said.subject))
        .bind(said.as_ref().map_or("", |said| &said.text))
        .bind(said.as_ref().map_or("", |said| &said.leave))
        // At once, whatever somebody has done to the clock.
        .bind(said.as_ref().map(|_| 0))
        .bind(if said.is_some() { "waiting" } else { "failed" })
        .bind(millis(ask.at))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A request that can still be confirmed; None for one that is too old, was confirmed, or never was.
    ///
    /// # Errors
    /// The database's.
    pub async fn subscription_request(&self, id: i64, now: Timestamp) -> Result<Option<Request>> {
        let row = sqlx::query("SELECT * FROM subscription_request WHERE id = ? AND at > ?")
            .bind(id)
            .bind(since(now))
            .fetch_optional(self.read())
            .await?;
        let request = |row: sqlx::sqlite::SqliteRow| {
            Ok(Request {
                id: row.get("id"),
                channel: channel_of(row.get("channel")),
                address: row.get("value"),
                components: serde_json::from_str(row.get("components"))?,
            })
        };
        row.map(request).transpose()
    }

    /// The request of an address whose code this is, as `fits` says; a code that is none counts against all of them.
    ///
    /// # Errors
    /// The database's.
    pub async fn try_subscription_code(
        &self,
        channel: Channel,
        address: &str,
        now: Timestamp,
        fits: impl Fn(i64) -> bool + Send,
    ) -> Result<Option<i64>> {
        let mut tx = self.begin().await?;
        let open: Vec<i64> = sqlx::query_scalar(
            "SELECT id FROM subscription_request WHERE channel = ? AND value = ? AND at > ? AND wrong_codes < ?",
        )
        .bind(channel_code(channel))
        .bind(address)
        .bind(since(now))
        .bind(MOST_WRONG)
        .fetch_all(&mut *tx)
        .await?;
        let found = open.into_iter().find(|id| fits(*id));
        if found.is_none() {
            sqlx::query(
                "UPDATE subscription_request SET wrong_codes = wrong_codes + 1 WHERE channel = ? AND value = ?",
            )
            .bind(channel_code(channel))
            .bind(address)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    /// Subscribes whose request this is, and takes back that they opted out before; false where it cannot be confirmed any
    /// more.
    ///
    /// # Errors
    /// The database's.
    pub async fn confirm_subscription(
        &self,
        id: i64,
        customer_id: &str,
        means: Means,
        entry: &audit::Entry<'_>,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let row = sqlx::query("SELECT * FROM subscription_request WHERE id = ? AND at > ?")
            .bind(id)
            .bind(since(entry.at))
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(false) };
        let (channel, address): (i64, String) = (row.get("channel"), row.get("value"));
        let consent = Consent {
            words: row.get("words"),
            locale: row.get("locale"),
            means,
            asked_at: from_millis(row.get("at")),
            confirmed_at: entry.at,
        };
        let recipient = Recipient {
            customer_id: customer_id.to_owned(),
            locale: row.get("locale"),
            addresses: vec![Address { channel: channel_of(channel), value: address.clone() }],
            components: serde_json::from_str(row.get("components"))?,
            ..Recipient::default()
        };
        recipients::upsert(&mut tx, std::slice::from_ref(&recipient), 0, entry.at).await?;
        sqlx::query("UPDATE recipient SET consent = ? WHERE customer_id = ?")
            .bind(serde_json::to_string(&consent)?)
            .bind(customer_id)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM suppression WHERE channel = ? AND value = ? AND reason = 'opted_out'")
            .bind(channel)
            .bind(&address)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM subscription_request WHERE channel = ? AND value = ?")
            .bind(channel)
            .bind(&address)
            .execute(&mut *tx)
            .await?;
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A subscriber by their customer id; None for who is no subscriber (any more).
    ///
    /// # Errors
    /// The database's.
    pub async fn subscriber(&self, customer_id: &str) -> Result<Option<Known>> {
        match self.recipient(customer_id).await {
            Ok(known) => Ok(Some(known).filter(|known| known.consent.is_some())),
            Err(super::StoreError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a subscriber; `prefix` is what their customer ids begin with.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_subscribers(&self, prefix: &str) -> Result<bool> {
        // The index on customer ids finds the first one.
        let found: Option<String> =
            sqlx::query_scalar("SELECT customer_id FROM recipient WHERE customer_id >= ? ORDER BY customer_id LIMIT 1")
                .bind(prefix)
                .fetch_optional(self.read())
                .await?;
        Ok(found.is_some_and(|found| found.starts_with(prefix)))
    }

    /// Writes down what a subscriber wants to hear of from now on; false for who is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn change_subscription(
        &self,
        customer_id: &str,
        components: &[String],
        entry: &audit::Entry<'_>,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE recipient SET components = ?, updated_at = ? WHERE customer_id = ? AND consent IS NOT NULL",
        )
        .bind(serde_json::to_string(components)?)
        .bind(millis(entry.at))
        .bind(customer_id)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        if changed > 0 {
            audit::append(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// Forgets requests that nobody confirmed in time, and what was sent about any.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_subscription_requests(&self, now: Timestamp) -> Result<()> {
        let old: bool = sqlx::query_scalar(
            // The oldest ones say it: numbers only grow.
            "SELECT EXISTS (SELECT 1 FROM (SELECT at FROM subscription_request ORDER BY id LIMIT 1) WHERE at <= ?1)
                 OR EXISTS (SELECT 1 FROM (SELECT at FROM subscription_message ORDER BY id LIMIT 1) WHERE at <= ?1)",
        )
        .bind(since(now))
        .fetch_one(self.read())
        .await?;
        if !old {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for sql in ["DELETE FROM subscription_request WHERE at <= ?", "DELETE FROM subscription_message WHERE at <= ?"]
        {
            sqlx::query(sql).bind(since(now)).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Whether an address may be sent a question. Who opted out by mail may come back by a link; who wrote STOP to a number has
/// to write START to it.
async fn may_be_asked(tx: &mut SqliteConnection, ask: &NewAsk<'_>) -> Result<bool> {
    let stopped: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM suppression WHERE channel = ?1 AND value = ?2
           AND (expires_at IS NULL OR expires_at > ?3) AND (reason <> 'opted_out' OR ?4))",
    )
    .bind(channel_code(ask.channel))
    .bind(ask.address)
    .bind(millis(ask.at))
    .bind(ask.channel == Channel::Sms)
    .fetch_one(tx)
    .await?;
    Ok(!stopped)
}

/// What is known of who asks; the request of somebody new is written down.
async fn asked(tx: &mut SqliteConnection, ask: &NewAsk<'_>) -> Result<Asked> {
    let known: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM recipient WHERE customer_id = ? AND consent IS NOT NULL)")
            .bind(ask.customer_id)
            .fetch_one(&mut *tx)
            .await?;
    if known {
        return Ok(Asked::Known);
    }
    let id = sqlx::query_scalar(
        "INSERT INTO subscription_request (channel, value, locale, components, words, at)
         VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(channel_code(ask.channel))
    .bind(ask.address)
    .bind(ask.locale)
    .bind(serde_json::to_string(ask.components)?)
    .bind(ask.words)
    .bind(millis(ask.at))
    .fetch_one(tx)
    .await?;
    Ok(Asked::Confirm(id))
}

/// Ends the subscription of an address, and whatever was begun for one.
pub(super) async fn end(tx: &mut SqliteConnection, channel: Channel, address: &str) -> Result<()> {
    for sql in [
        "DELETE FROM recipient WHERE consent IS NOT NULL
           AND id IN (SELECT recipient_id FROM address WHERE channel = ? AND value = ?)",
        "DELETE FROM subscription_request WHERE channel = ? AND value = ?",
        // Kept, because it counts.
        "UPDATE subscription_message SET state = 'failed', due_at = NULL
         WHERE channel = ? AND value = ? AND state = 'waiting'",
    ] {
        sqlx::query(sql).bind(channel_code(channel)).bind(address).execute(&mut *tx).await?;
    }
    Ok(())
}

/// Whatever is kept of the addresses of people who are erased: their own subscriptions, requests, and what they were sent.
pub(super) async fn erase(tx: &mut SqliteConnection, customer_ids: &str) -> Result<()> {
    for sql in [
        "DELETE FROM subscription_request WHERE (channel, value) IN (
           SELECT a.channel, a.value FROM address a JOIN recipient r ON r.id = a.recipient_id
           WHERE r.customer_id IN (SELECT value FROM json_each(?)))",
        "DELETE FROM subscription_message WHERE (channel, value) IN (
           SELECT a.channel, a.value FROM address a JOIN recipient r ON r.id = a.recipient_id
           WHERE r.customer_id IN (SELECT value FROM json_each(?)))",
        "DELETE FROM recipient WHERE consent IS NOT NULL AND customer_id NOT IN (SELECT value FROM json_each(?1))
           AND id IN (SELECT o.recipient_id FROM address a JOIN recipient r ON r.id = a.recipient_id
             JOIN address o ON o.channel = a.channel AND o.value = a.value
             WHERE r.customer_id IN (SELECT value FROM json_each(?1)))",
    ] {
        sqlx::query(sql).bind(customer_ids).execute(&mut *tx).await?;
    }
    Ok(())
}
