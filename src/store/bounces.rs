//! Failures of an address that may pass, counted in the transaction of the outcome or the receipt that tells of them.

use jiff::Timestamp;
use onevoice_channels::contract::{DeliveryId, Reason};
use sqlx::SqliteConnection;

use super::{Result, channel_code, recipients};
use crate::{
    track::{DeliveryState, rest},
    world::millis,
};

/// Counts a failure that may pass, and lets the address rest after so many; what arrives wipes the slate.
pub(super) async fn weigh(
    tx: &mut SqliteConnection,
    id: DeliveryId,
    address: String,
    (state, reason): (DeliveryState, Option<Reason>),
    provider: &str,
    now: Timestamp,
) -> Result<()> {
    if state == DeliveryState::Delivered {
        sqlx::query("DELETE FROM bounce WHERE channel = ? AND value = ?")
            .bind(channel_code(id.channel))
            .bind(&address)
            .execute(&mut *tx)
            .await?;
    }
    let Some((reason, rest)) = reason.and_then(|reason| Some((reason, rest(reason)?))) else { return Ok(()) };
    // Whatever address it is of: nobody's is kept for longer than it counts.
    sqlx::query("DELETE FROM bounce WHERE at < ? AND reason = ?")
        .bind(millis(now.saturating_sub(rest.within).unwrap_or(now)))
        .bind(reason.as_str())
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO bounce (channel, value, reason, broadcast_id, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(channel_code(id.channel))
    .bind(&address)
    .bind(reason.as_str())
    .bind(id.broadcast)
    .bind(millis(now))
    .execute(&mut *tx)
    .await?;
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM bounce WHERE channel = ? AND value = ? AND reason = ?")
        .bind(channel_code(id.channel))
        .bind(&address)
        .bind(reason.as_str())
        .fetch_one(&mut *tx)
        .await?;
    if count < rest.after {
        return Ok(());
    }
    let suppression = recipients::Suppression {
        channel: id.channel,
        value: address,
        reason: reason.as_str().to_owned(),
        note: format!("{count} messages in a row came back"),
        created_at: now,
        expires_at: now.saturating_add(rest.time).ok(),
        created_by: format!("provider:{provider}"),
    };
    recipients::suppress(tx, &suppression).await
}
