//! People who are told: recipients, their addresses, suppressions, segments, imports.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{
    Result, Store, StoreError, audit, channel_code, channel_of, inbox,
    subscriptions::{self, Consent},
    taken,
};
use crate::world::{from_millis, millis};

/// Somebody who is told. Written whole: what a request leaves out becomes empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// The operator's own name for this person, unique; at most 200 characters.
    #[serde(default)]
    pub customer_id: String,
    /// Full name, for greetings.
    #[serde(default)]
    pub name: String,
    /// BCP 47; empty takes the default.
    #[serde(default)]
    pub locale: String,
    /// IANA name; empty when not known.
    #[serde(default)]
    pub time_zone: String,
    /// Where they are written to.
    #[serde(default)]
    pub addresses: Vec<Address>,
    /// What segments ask about. Numbers and booleans are taken as their text.
    #[serde(default, deserialize_with = "crate::audience::recipient::scalars")]
    #[schemars(with = "BTreeMap<String, crate::audience::recipient::Scalar>")]
    pub attributes: BTreeMap<String, String>,
    /// Labels.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Names of the components they subscribed to; `*` for all of them.
    #[serde(default)]
    pub components: Vec<String>,
}

/// Where somebody is written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// `email` or `sms`.
    pub channel: Channel,
    /// A mail address, or an E.164 number.
    pub value: String,
}

/// A recipient with their number.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Known {
    /// The number.
    pub id: i64,
    /// Everything else.
    #[serde(flatten)]
    pub recipient: Recipient,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// What they agreed to, where they subscribed by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

/// An address that must not be written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Suppression {
    /// The channel.
    pub channel: Channel,
    /// The address.
    pub value: String,
    /// `opted_out`, `complaint`, `no_such_address`, `manual`, …
    pub reason: String,
    /// In words.
    pub note: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when; None means until somebody lifts it.
    pub expires_at: Option<Timestamp>,
    /// By whom: a person, a provider, the system.
    pub created_by: String,
}

/// A saved filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Segment {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The filter as text.
    pub filter: String,
    /// When it was last written.
    pub updated_at: Timestamp,
}

pub(super) fn known(row: &SqliteRow) -> Result<Known> {
    Ok(Known {
        id: row.get("id"),
        recipient: Recipient {
            customer_id: row.get("customer_id"),
            name: row.get("name"),
            locale: row.get("locale"),
            time_zone: row.get("time_zone"),
            addresses: Vec::new(),
            attributes: serde_json::from_str(row.get("attributes"))?,
            tags: serde_json::from_str(row.get("tags"))?,
            components: serde_json::from_str(row.get("components"))?,
        },
        updated_at: from_millis(row.get("updated_at")),
        consent: row.get::<Option<&str>, _>("consent").map(serde_json::from_str).transpose()?,
    })
}

/// One statement writes a whole batch; the rows travel as one JSON array.
pub(super) async fn upsert(
    tx: &mut SqliteConnection,
    batch: &[Recipient],
    generation: i64,
    now: Timestamp,
) -> Result<()> {
    let rows: Vec<_> = batch
        .iter()
        .map(|recipient| {
            serde_json::json!({
                "c": recipient.customer_id, "n": recipient.name, "l": recipient.locale, "z": recipient.time_zone,
                "a": serde_json::to_string(&recipient.attributes).unwrap_or_default(),
                "t": serde_json::to_string(&recipient.tags).unwrap_or_default(),
                "s": serde_json::to_string(&recipient.components).unwrap_or_default(),
            })
        })
        .collect();
    let ids: Vec<(i64, String)> = sqlx::query_as(
        "INSERT INTO recipient (customer_id, name, locale, time_zone, attributes, tags, components, generation, updated_at)
         SELECT value->>'c', value->>'n', value->>'l', value->>'z', value->>'a', value->>'t', value->>'s', ?2, ?3
         FROM json_each(?1) WHERE true
         ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, locale = excluded.locale,
           time_zone = excluded.time_zone, attributes = excluded.attributes, tags = excluded.tags,
           components = excluded.components, generation = excluded.generation, updated_at = excluded.updated_at
         RETURNING id, customer_id",
    )
    .bind(serde_json::to_string(&rows)?)
    .bind(generation)
    .bind(millis(now))
    .fetch_all(&mut *tx)
    .await?;
    let by_customer: std::collections::HashMap<&str, i64> = ids.iter().map(|(id, name)| (name.as_str(), *id)).collect();
    let addresses: Vec<_> = batch
        .iter()
        .flat_map(|recipient| {
            let id = by_customer.get(recipient.customer_id.as_str()).copied().unwrap_or_default();
            recipient.addresses.iter().map(move |address| (id, channel_code(address.channel), &address.value))
        })
        .collect();
    let numbers: Vec<i64> = ids.iter().map(|(id, _)| *id).collect();
    sqlx::query("DELETE FROM address WHERE recipient_id IN (SELECT value FROM json_each(?))")
        .bind(serde_json::to_string(&numbers)?)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT OR IGNORE INTO address (recipient_id, channel, value)
         SELECT value->>0, value->>1, value->>2 FROM json_each(?)",
    )
    .bind(serde_json::to_string(&addresses)?)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

impl Store {
    /// Writes recipients, all or none; known customer ids are replaced. Within the batch ids must be unique.
    ///
    /// # Errors
    /// The database's.
    pub async fn put_recipients(&self, batch: &[Recipient], generation: i64, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        upsert(&mut tx, batch, generation, now).await?;
        Ok(tx.commit().await?)
    }

    /// Lets an import that replaces keep these customers as they are; unknown ids are passed over.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_recipients(&self, customer_ids: &[String], generation: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE recipient SET generation = ? WHERE customer_id IN (SELECT value FROM json_each(?))")
            .bind(generation)
            .bind(serde_json::to_string(customer_ids)?)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// When the list was last refreshed by an import or by hand.
    ///
    /// # Errors
    /// The database's.
    pub async fn audience_refreshed_at(&self) -> Result<Option<Timestamp>> {
        let at: Option<i64> = sqlx::query_scalar("SELECT MAX(ended_at) FROM import").fetch_one(self.read()).await?;
        Ok(at.map(from_millis))
    }

    /// One recipient by customer id.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn recipient(&self, customer_id: &str) -> Result<Known> {
        let row = sqlx::query("SELECT * FROM recipient WHERE customer_id = ?")
            .bind(customer_id)
            .fetch_optional(self.read())
            .await?
            .ok_or(StoreError::Missing("recipient"))?;
        self.with_addresses(known(&row)?).await
    }

    /// One recipient by number.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn recipient_by_id(&self, id: i64) -> Result<Known> {
        let row = sqlx::query("SELECT * FROM recipient WHERE id = ?")
            .bind(id)
            .fetch_optional(self.read())
            .await?
            .ok_or(StoreError::Missing("recipient"))?;
        self.with_addresses(known(&row)?).await
    }

    async fn with_addresses(&self, mut known: Known) -> Result<Known> {
        let rows = sqlx::query("SELECT channel, value FROM address WHERE recipient_id = ? ORDER BY channel, value")
            .bind(known.id)
            .fetch_all(self.read())
            .await?;
        known.recipient.addresses = rows
            .iter()
            .map(|row| Address { channel: channel_of(row.get("channel")), value: row.get("value") })
            .collect();
        Ok(known)
    }

    /// Recipients in the order of their numbers, after `cursor`.
    ///
    /// # Errors
    /// The database's.
    pub async fn recipients(&self, cursor: i64, limit: i64) -> Result<Vec<Known>> {
        let rows = sqlx::query("SELECT * FROM recipient WHERE id > ? ORDER BY id LIMIT ?")
            .bind(cursor)
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            found.push(self.with_addresses(known(row)?).await?);
        }
        Ok(found)
    }

    /// Removes recipients, and what the same people subscribed to by themselves; what they were sent stays in the record
    /// without their name, and what they wrote is erased.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn delete_recipients(&self, customer_ids: &[String], entry: &audit::Entry<'_>) -> Result<u64> {
        let customer_ids = serde_json::to_string(customer_ids)?;
        let mut tx = self.begin().await?;
        subscriptions::erase(&mut tx, &customer_ids).await?;
        inbox::erase(&mut tx, &customer_ids).await?;
        let removed = sqlx::query("DELETE FROM recipient WHERE customer_id IN (SELECT value FROM json_each(?))")
            .bind(customer_ids)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// How many recipients there are.
    ///
    /// # Errors
    /// The database's.
    pub async fn recipient_count(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM recipient").fetch_one(self.read()).await?)
    }

    /// Marks an address as not to be written to.
    ///
    /// # Errors
    /// The database's.
    pub async fn suppress(&self, suppression: &Suppression, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        suppress(&mut tx, suppression).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Lifts every suppression of an address, or those of one reason.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn lift_suppression(
        &self,
        channel: Channel,
        value: &str,
        reason: Option<&str>,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let gone =
            sqlx::query("DELETE FROM suppression WHERE channel = ?1 AND value = ?2 AND (?3 IS NULL OR reason = ?3)")
                .bind(channel_code(channel))
                .bind(value)
                .bind(reason)
                .execute(&mut *tx)
                .await?;
        if gone.rows_affected() == 0 {
            return Err(StoreError::Missing("suppression"));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Suppressions in order, after (channel, value, reason); of one address when `only` is given.
    ///
    /// # Errors
    /// The database's.
    pub async fn suppressions(
        &self,
        only: Option<(Channel, &str)>,
        after: Option<(Channel, &str, &str)>,
        limit: i64,
    ) -> Result<Vec<Suppression>> {
        let rows = sqlx::query(
            "SELECT * FROM suppression WHERE (?1 IS NULL OR (channel = ?1 AND value = ?2))
             AND (?3 IS NULL OR (channel, value, reason) > (?3, ?4, ?5)) ORDER BY channel, value, reason LIMIT ?6",
        )
        .bind(only.map(|(channel, _)| channel_code(channel)))
        .bind(only.map(|(_, value)| value))
        .bind(after.map(|(channel, _, _)| channel_code(channel)))
        .bind(after.map(|(_, value, _)| value))
        .bind(after.map(|(_, _, reason)| reason))
        .bind(limit)
        .fetch_all(self.read())
        .await?;
        Ok(rows
            .iter()
            .map(|row| Suppression {
                channel: channel_of(row.get("channel")),
                value: row.get("value"),
                reason: row.get("reason"),
                note: row.get("note"),
                created_at: from_millis(row.get("created_at")),
                expires_at: row.get::<Option<i64>, _>("expires_at").map(from_millis),
                created_by: row.get("created_by"),
            })
            .collect())
    }

    /// Writes a segment: a new one, or the one of that number.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another has that name.
    pub async fn put_segment(
        &self,
        id: Option<i64>,
        name: &str,
        filter: &str,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: Option<i64> = sqlx::query_scalar(match id {
            None => "INSERT INTO segment (id, name, filter, updated_at) VALUES (?1, ?2, ?3, ?4) RETURNING id",
            Some(_) => "UPDATE segment SET name = ?2, filter = ?3, updated_at = ?4 WHERE id = ?1 RETURNING id",
        })
        .bind(id)
        .bind(name)
        .bind(filter)
        .bind(millis(entry.at))
        .fetch_optional(&mut *tx)
        .await
        .map_err(taken("segment with this name"))?;
        let id = id.ok_or(StoreError::Missing("segment"))?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("segment:{id}"), ..entry.clone() }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Removes a segment.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn delete_segment(&self, id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        if sqlx::query("DELETE FROM segment WHERE id = ?").bind(id).execute(&mut *tx).await?.rows_affected() == 0 {
            return Err(StoreError::Missing("segment"));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Every segment, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn segments(&self) -> Result<Vec<Segment>> {
        let rows = sqlx::query("SELECT * FROM segment ORDER BY name").fetch_all(self.read()).await?;
        Ok(rows
            .iter()
            .map(|row| Segment {
                id: row.get("id"),
                name: row.get("name"),
                filter: row.get("filter"),
                updated_at: from_millis(row.get("updated_at")),
            })
            .collect())
    }
}

pub(crate) async fn suppress(tx: &mut SqliteConnection, suppression: &Suppression) -> Result<()> {
    sqlx::query(
        "INSERT INTO suppression (channel, value, reason, note, created_at, expires_at, created_by)
         VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET note = excluded.note, expires_at = excluded.expires_at",
    )
    .bind(channel_code(suppression.channel))
    .bind(&suppression.value)
    .bind(&suppression.reason)
    .bind(&suppression.note)
    .bind(millis(suppression.created_at))
    .bind(suppression.expires_at.map(millis))
    .bind(&suppression.created_by)
    .execute(&mut *tx)
    .await?;
    // Whoever wants no more messages is not asked which door they came in by.
    if suppression.reason == "opted_out" {
        subscriptions::end(tx, suppression.channel, &suppression.value).await?;
    }
    Ok(())
}
