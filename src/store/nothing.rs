//! Who gets nothing of an update, and why: one by one, a piece of the list at a time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row as _;

use super::{
    Result, Store, channel_of,
    plan::{Audience, Builder, push_channels, push_suppressed, push_variant},
};
use crate::world::millis;

/// Whom a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// Of the audience, who gets it on no channel.
    AtAll,
    /// Of the audience, who does not get it on this one.
    On(Channel),
    /// Who is in no variant.
    InNone,
}

/// Somebody who gets nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftOut {
    /// Their number.
    pub id: i64,
    /// Their customer id.
    pub customer_id: String,
    /// Their name; may be empty.
    pub name: String,
    /// Why, by channel: `no_address`, or why the address must not be written to (`opted_out`, `complaint`, `manual`, …).
    /// Empty for who is in no group.
    pub why: BTreeMap<Channel, Vec<String>>,
}

/// What one statement looks at.
const PIECE: i64 = 20_000;

impl Store {
    /// People who get nothing, after `cursor`, in the order of their numbers; at most `limit`.
    ///
    /// # Errors
    /// The database's.
    pub async fn left_out(
        &self,
        audience: &Audience,
        which: Nothing,
        cursor: i64,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<LeftOut>> {
        let channels = match which {
            Nothing::AtAll => audience.channels.clone(),
            Nothing::On(channel) => vec![channel],
            Nothing::InNone => Vec::new(),
        };
        let (mut found, mut after) = (Vec::new(), cursor);
        loop {
            // The last of a piece is read too, so that the next one goes on behind it.
            let mut sql = Builder::new("SELECT id, customer_id, name, ");
            push_nothing(&mut sql, audience, which, &channels, now);
            sql.push(" AS left_out, COUNT(*) OVER () AS looked, MAX(id) OVER () AS last FROM (SELECT r.*, ");
            push_variant(&mut sql, &audience.variants);
            sql.push(" AS variant FROM recipient r WHERE r.id > ").push_bind(after);
            sql.push(format!(" ORDER BY r.id LIMIT {PIECE}) r ORDER BY left_out DESC, id LIMIT {}", limit.max(1)));
            let rows = sql.build().fetch_all(self.read()).await?;
            found.extend(rows.iter().filter(|row| row.get("left_out")).map(|row| LeftOut {
                id: row.get("id"),
                customer_id: row.get("customer_id"),
                name: row.get("name"),
                why: BTreeMap::new(),
            }));
            let Some(row) = rows.first() else { break };
            after = row.get("last");
            if found.len() >= limit || row.get::<i64, _>("looked") < PIECE {
                break;
            }
        }
        found.truncate(limit);
        self.say_why(&mut found, &channels, audience.required_by_law, now).await?;
        Ok(found)
    }

    async fn say_why(&self, found: &mut [LeftOut], channels: &[Channel], law: bool, now: Timestamp) -> Result<()> {
        if channels.is_empty() || found.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = found.iter().map(|left| left.id).collect();
        let mut sql = Builder::new("SELECT DISTINCT a.recipient_id, a.channel, s.reason FROM json_each(");
        sql.push_bind(serde_json::to_string(&ids)?).push(") i CROSS JOIN address a ON a.recipient_id = i.value");
        sql.push(" JOIN suppression s ON s.channel = a.channel AND s.value = a.value");
        sql.push(" AND (s.expires_at IS NULL OR s.expires_at > ").push_bind(millis(now)).push(")");
        sql.push(if law { " AND s.reason <> 'opted_out'" } else { "" });
        sql.push(" WHERE a.channel IN ");
        push_channels(&mut sql, channels);
        sql.push(" ORDER BY 1, 2, 3");
        let mut reasons: BTreeMap<(i64, Channel), Vec<String>> = BTreeMap::new();
        for row in sql.build().fetch_all(self.read()).await? {
            let of = (row.get("recipient_id"), channel_of(row.get("channel")));
            reasons.entry(of).or_default().push(row.get("reason"));
        }
        for left in found {
            let why = |channel: &Channel| {
                let known = reasons.remove(&(left.id, *channel));
                (*channel, known.unwrap_or_else(|| vec!["no_address".to_owned()]))
            };
            left.why = channels.iter().map(why).collect();
        }
        Ok(())
    }
}

fn push_nothing(sql: &mut Builder, audience: &Audience, which: Nothing, channels: &[Channel], now: Timestamp) {
    if which == Nothing::InNone {
        sql.push("(variant IS NULL)");
        return;
    }
    sql.push(
        "(variant IS NOT NULL AND NOT EXISTS (SELECT 1 FROM address a WHERE a.recipient_id = id AND a.channel IN ",
    );
    push_channels(sql, channels);
    sql.push(" AND NOT ");
    push_suppressed(sql, audience.required_by_law, now);
    sql.push("))");
}
