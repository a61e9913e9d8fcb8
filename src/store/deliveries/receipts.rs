//! Receipts: a provider's later word moves a delivery forward, never back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::{DeliveryId, Reason, ReceiptWord};
use sqlx::{Row as _, SqliteConnection};

use super::{
    record::add_counts,
    unsent::{in_doubt, nothing_to_correct},
};
use crate::{
    store::{Result, Store, bounces, channel_code, channel_of, recipients},
    track::{DeliveryState, after_receipt},
    world::millis,
};

impl Store {
    /// Applies a provider's later word to a delivery; answers the new state, None where nothing changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn apply_receipt(
        &self,
        id: DeliveryId,
        provider: &str,
        word: ReceiptWord,
        now: Timestamp,
    ) -> Result<Option<DeliveryState>> {
        let mut tx = self.begin().await?;
        let changed = apply_receipt(&mut tx, id, provider, word, now).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Finds the delivery of a provider's reference; an unknown one is parked for 15 minutes with its word.
    ///
    /// # Errors
    /// The database's.
    pub async fn delivery_by_reference(
        &self,
        provider: &str,
        reference: &str,
        word: ReceiptWord,
        now: Timestamp,
    ) -> Result<Option<DeliveryId>> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM parked_receipt WHERE at < ?").bind(millis(now) - 900_000).execute(&mut *tx).await?;
        let row = sqlx::query("SELECT * FROM reference WHERE provider = ? AND reference = ?")
            .bind(provider)
            .bind(reference)
            .fetch_optional(&mut *tx)
            .await?;
        let found = row.map(|row| DeliveryId {
            broadcast: row.get("broadcast_id"),
            channel: channel_of(row.get("channel")),
            ordinal: row.get("ordinal"),
        });
        if found.is_none() {
            sqlx::query("INSERT INTO parked_receipt (provider, reference, word, at) VALUES (?, ?, ?, ?)")
                .bind(provider)
                .bind(reference)
                .bind(write_word(word))
                .bind(millis(now))
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(found)
    }
}

pub(super) async fn apply_receipt(
    tx: &mut SqliteConnection,
    id: DeliveryId,
    provider: &str,
    word: ReceiptWord,
    now: Timestamp,
) -> Result<Option<DeliveryState>> {
    let binds = (id.broadcast, channel_code(id.channel), id.ordinal);
    let sql = format!(
        "SELECT s.address, o.state, {} AS in_doubt, (q.due_at IS NULL AND EXISTS (SELECT 1 FROM claim c
           WHERE c.broadcast_id = ?1 AND c.channel = ?2 AND c.low <= ?3 AND c.high > ?3)) AS on_the_wire,
           EXISTS (SELECT 1 FROM attempt a WHERE a.broadcast_id = ?1 AND a.channel = ?2 AND a.ordinal = ?3) AS tried
         FROM snapshot s LEFT JOIN outcome o USING (broadcast_id, channel, ordinal)
         LEFT JOIN queue q USING (broadcast_id, channel, ordinal)
         WHERE s.broadcast_id = ?1 AND s.channel = ?2 AND s.ordinal = ?3",
        in_doubt("s")
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(binds.0)
        .bind(binds.1)
        .bind(binds.2)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let from = row.get::<Option<i64>, _>("state").map(DeliveryState::from_code);
    let on_the_wire = from.is_none() && row.get::<bool, _>("on_the_wire");
    if from.is_none() && !on_the_wire && !row.get::<bool, _>("tried") {
        return Ok(None); // Nothing was ever handed over: no provider can know of it.
    }
    // Whoever has it already, or a mailbox that forwards, may complain all the same.
    let unwanted = match word {
        ReceiptWord::Complained => Some(("complaint", "the reader marked a message as unwanted")),
        ReceiptWord::Unsubscribed => Some(("opted_out", "by the mail service's own link")),
        _ => None,
    };
    // An outlet is nobody who can opt out: a list of colleagues that bounced once is to get the next sheet all the same.
    let personal = id.channel.is_personal();
    if let Some(why) = unwanted.filter(|_| personal) {
        remember(tx, id, row.get("address"), why, provider, now).await?;
    }
    let Some(to) = after_receipt(from, word) else { return Ok(None) };
    let reason = if let ReceiptWord::Failed(reason) = word { Some(reason) } else { None };
    // It speaks of the message that was in doubt where that was the last one handed over.
    let settles = !on_the_wire && matches!(from, None | Some(DeliveryState::InDoubt)) && row.get::<bool, _>("in_doubt");
    sqlx::query(
        "INSERT INTO outcome (broadcast_id, channel, ordinal, state, reason, provider, attempts, at) VALUES (?, ?, ?, ?, ?, ?, 1, ?)
         ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason, at = excluded.at",
    )
    .bind(binds.0)
    .bind(binds.1)
    .bind(binds.2)
    .bind(to.code())
    .bind(reason.map(Reason::as_str))
    .bind(provider)
    .bind(millis(now))
    .execute(&mut *tx)
    .await?;
    let mut counts = BTreeMap::from([((binds.0, binds.1, to.code()), 1)]);
    if let Some(from) = from {
        counts.insert((binds.0, binds.1, from.code()), -1);
    }
    add_counts(tx, &counts).await?;
    sqlx::query("DELETE FROM queue WHERE broadcast_id = ? AND channel = ? AND ordinal = ?")
        .bind(binds.0)
        .bind(binds.1)
        .bind(binds.2)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO attempt (broadcast_id, channel, ordinal, number, word, reason, detail, provider, at)
         VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)",
    )
    .bind(binds.0)
    .bind(binds.1)
    .bind(binds.2)
    .bind(if settles { "settled" } else { "receipt" })
    .bind(reason.map(Reason::as_str))
    .bind(to.as_str())
    .bind(provider)
    .bind(millis(now))
    .execute(&mut *tx)
    .await?;
    if on_the_wire && to == DeliveryState::Failed {
        nothing_to_correct(tx, &serde_json::to_string(&[binds])?, millis(now)).await?;
    }
    if let Some(reason) = reason.filter(|reason| personal && reason.suppresses()) {
        let suppression = recipients::Suppression {
            channel: id.channel,
            value: row.get("address"),
            reason: reason.as_str().to_owned(),
            note: String::new(),
            created_at: now,
            expires_at: None,
            created_by: format!("provider:{provider}"),
        };
        recipients::suppress(tx, &suppression).await?;
    }
    if personal {
        bounces::weigh(tx, id, row.get("address"), (to, reason), provider, now).await?;
    }
    Ok(Some(to))
}

/// Keeps an address from being written to again, for this reason.
async fn remember(
    tx: &mut SqliteConnection,
    id: DeliveryId,
    address: String,
    (reason, note): (&str, &str),
    provider: &str,
    now: Timestamp,
) -> Result<()> {
    let suppression = recipients::Suppression {
        channel: id.channel,
        value: address,
        reason: reason.to_owned(),
        note: note.to_owned(),
        created_at: now,
        expires_at: None,
        created_by: format!("provider:{provider}"),
    };
    recipients::suppress(tx, &suppression).await
}

pub(super) fn write_word(word: ReceiptWord) -> String {
    match word {
        ReceiptWord::Accepted => "accepted".to_owned(),
        ReceiptWord::Delivered => "delivered".to_owned(),
        ReceiptWord::Failed(reason) => format!("failed:{}", reason.as_str()),
        ReceiptWord::Complained => "complained".to_owned(),
        ReceiptWord::Unsubscribed => "unsubscribed".to_owned(),
    }
}

pub(super) fn read_word(text: &str) -> Option<ReceiptWord> {
    match text {
        "accepted" => Some(ReceiptWord::Accepted),
        "delivered" => Some(ReceiptWord::Delivered),
        "complained" => Some(ReceiptWord::Complained),
        "unsubscribed" => Some(ReceiptWord::Unsubscribed),
        other => Some(ReceiptWord::Failed(Reason::parse(other.strip_prefix("failed:")?)?)),
    }
}
