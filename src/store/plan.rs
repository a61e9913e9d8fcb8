//! Who gets a message: the audience as SQL, and frozen as a snapshot at the submit.

use futures_util::{Stream, TryStreamExt as _};
use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use sqlx::{QueryBuilder, Sqlite};

use super::{Result, Store, channel_code};
use crate::{
    audience::filter::{Filter, Operator, Value},
    world::millis,
};

/// Who an update is for: a filter for each variant, in order.
#[derive(Clone, Debug)]
pub struct Audience {
    /// What each variant's people have in common; the first that matches counts.
    pub variants: Vec<Filter>,
    /// The personal channels that are used.
    pub channels: Vec<Channel>,
    /// True where people who opted out get it too, because a law says so.
    pub required_by_law: bool,
}

/// An address of the audience, as the plan reads it.
#[derive(Clone, Debug)]
pub struct Member {
    /// The channel.
    pub channel: Channel,
    /// The address.
    pub address: String,
    /// Whose it is.
    pub recipient_id: i64,
    /// Their customer id.
    pub customer_id: String,
    /// Their name.
    pub name: String,
    /// Their locale; may be empty.
    pub locale: String,
    /// Their attributes, as JSON.
    pub attributes: String,
    /// The variant that they get.
    pub variant: usize,
    /// Why they will not get it, if nothing changes.
    pub suppressed: bool,
}

/// A row of the snapshot.
#[derive(Clone, Debug)]
pub struct SnapshotRow {
    /// The place within its channel.
    pub ordinal: i64,
    /// The address.
    pub address: String,
    /// Whose it is; None for outlets.
    pub recipient_id: Option<i64>,
    /// The variant's place.
    pub variant: usize,
    /// The locale of the text.
    pub locale: String,
    /// The hole values as a JSON object; None where people share the address.
    pub hole_values: Option<String>,
    /// Further people behind the address.
    pub sharers: Vec<i64>,
}

pub(super) type Builder = QueryBuilder<Sqlite>;

/// Writes the attribute as text, NULL where it is missing. Names are letters, digits, `_`, `.` and `-` only.
pub(super) fn push_attribute(sql: &mut Builder, attribute: &str) {
    match attribute {
        "customer_id" => sql.push("r.customer_id"),
        "locale" => sql.push("NULLIF(r.locale, '')"),
        "time_zone" => sql.push("NULLIF(r.time_zone, '')"),
        name => sql.push("json_extract(r.attributes, ").push_bind(format!("$.\"{name}\"")).push(")"),
    };
}

fn push_comparison(sql: &mut Builder, attribute: &str, operator: &str, value: &Value) {
    match value {
        Value::Text(text) => {
            push_attribute(sql, attribute);
            sql.push(" ").push(operator).push(" ").push_bind(text.clone());
        }
        Value::Number(number) => {
            // Only what is written as a plain number compares with one.
            sql.push("(SELECT x NOT GLOB '*[^0-9.-]*' AND ltrim(x, '-') GLOB '[0-9]*' AND substr(x, 2) NOT GLOB '*-*'");
            sql.push(" AND x NOT GLOB '*.*.*' AND x NOT GLOB '*.' AND CAST(x AS REAL) ").push(operator).push(" ");
            sql.push_bind(*number);
            sql.push(" FROM (SELECT ");
            push_attribute(sql, attribute);
            sql.push(" AS x))");
        }
    }
}

fn push_list(sql: &mut Builder, filters: &[Filter], word: &str) {
    sql.push("(");
    for (place, filter) in filters.iter().enumerate() {
        if place > 0 {
            sql.push(word);
        }
        push_filter(sql, filter);
    }
    sql.push(")");
}

/// Writes a filter over `recipient r`. Always 0 or 1, never NULL, so that `not` means what it says.
pub(super) fn push_filter(sql: &mut Builder, filter: &Filter) {
    match filter {
        Filter::Everyone => {
            sql.push("1");
        }
        Filter::Compare { attribute, operator: Operator::NotEqual, value } => {
            sql.push("NOT COALESCE(");
            push_comparison(sql, attribute, "=", value);
            sql.push(", 0)");
        }
        Filter::Compare { attribute, operator, value } => {
            sql.push("COALESCE(");
            push_comparison(sql, attribute, operator.as_str(), value);
            sql.push(", 0)");
        }
        Filter::OneOf { attribute, values } => {
            sql.push("(0");
            for value in values {
                sql.push(" OR COALESCE(");
                push_comparison(sql, attribute, "=", value);
                sql.push(", 0)");
            }
            sql.push(")");
        }
        Filter::Contains { attribute, text } => {
            sql.push("COALESCE(instr(lower(");
            push_attribute(sql, attribute);
            sql.push("), lower(").push_bind(text.clone()).push(")) > 0, 0)");
        }
        Filter::Has(attribute) => {
            sql.push("(");
            push_attribute(sql, attribute);
            sql.push(" IS NOT NULL)");
        }
        Filter::Tag(tag) => {
            sql.push("EXISTS (SELECT 1 FROM json_each(r.tags) WHERE value = ").push_bind(tag.clone()).push(")");
        }
        Filter::Component(name) => {
            sql.push("EXISTS (SELECT 1 FROM json_each(r.components) WHERE value IN ('*', ");
            sql.push_bind(name.clone()).push("))");
        }
        Filter::Listed(incident) => {
            sql.push("EXISTS (SELECT 1 FROM incident_listed l WHERE l.incident_id = ").push_bind(*incident);
            sql.push(" AND l.customer_id = r.customer_id)");
        }
        Filter::Not(inner) => {
            sql.push("NOT (");
            push_filter(sql, inner);
            sql.push(")");
        }
        Filter::All(filters) => push_list(sql, filters, " AND "),
        Filter::Any(filters) => push_list(sql, filters, " OR "),
    }
}

/// The variant that a person gets, NULL for none.
pub(super) fn push_variant(sql: &mut Builder, variants: &[Filter]) {
    push_case(sql, variants.iter().zip(0..));
}

/// The number of the first filter that matches, NULL for none.
fn push_case<'a>(sql: &mut Builder, filters: impl Iterator<Item = (&'a Filter, usize)>) {
    sql.push("CASE");
    for (filter, place) in filters {
        sql.push(" WHEN ");
        push_filter(sql, filter);
        sql.push(format!(" THEN {place}"));
    }
    sql.push(" END");
}

pub(super) fn push_suppressed(sql: &mut Builder, required_by_law: bool, now: Timestamp) {
    sql.push("EXISTS (SELECT 1 FROM suppression s WHERE s.channel = a.channel AND s.value = a.value");
    sql.push(" AND (s.expires_at IS NULL OR s.expires_at > ").push_bind(millis(now)).push(")");
    if required_by_law {
        sql.push(" AND s.reason <> 'opted_out'");
    }
    sql.push(")");
}

pub(super) fn push_channels(sql: &mut Builder, channels: &[Channel]) {
    let codes: Vec<String> = channels.iter().map(|channel| channel_code(*channel).to_string()).collect();
    sql.push(format!("({})", codes.join(", ")));
}

impl Store {
    /// Streams an audience in the order of channel, address, person, over one consistent view. Never a list in memory.
    pub fn audience(&self, audience: &Audience, now: Timestamp) -> impl Stream<Item = Result<Member>> + Send + use<> {
        self.staged_audience(audience, &[], now)
    }

    /// The same stage by stage, where `stages` has the stage of each variant: stage, channel, address, person. Who shares
    /// an address with somebody of an earlier stage comes with them.
    pub fn staged_audience(
        &self,
        audience: &Audience,
        stages: &[u8],
        now: Timestamp,
    ) -> impl Stream<Item = Result<Member>> + Send + use<> {
        let reading = Reading { audience: audience.clone(), stages: stages.to_vec(), now };
        let (sender, receiver) = tokio::sync::mpsc::channel(2);
        let pool = self.read().clone();
        tokio::spawn(async move {
            if let Err(error) = reading.feed(&pool, &sender).await {
                // Whoever reads has gone, or reads why the rows end.
                let _ = sender.send(Err(error)).await;
            }
        });
        let chunks = futures_util::stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|chunk: Result<Vec<Member>>| (chunk, receiver))
        });
        chunks.map_ok(|chunk| futures_util::stream::iter(chunk.into_iter().map(Ok))).try_flatten()
    }

    /// Appends rows to the snapshot of a broadcast that is being planned.
    ///
    /// # Errors
    /// When an address is in the snapshot already, or the database's.
    pub async fn append_snapshot(&self, broadcast_id: i64, channel: Channel, rows: &[SnapshotRow]) -> Result<()> {
        let mut tx = self.begin().await?;
        // Arrays: SQLite reads them faster than objects.
        let columns: Vec<_> = rows
            .iter()
            .map(|row| {
                let SnapshotRow { ordinal, address, recipient_id, variant, locale, hole_values, sharers } = row;
                (ordinal, address, recipient_id, variant, locale, hole_values, sharers)
            })
            .collect();
        let document = serde_json::to_string(&columns)?;
        sqlx::query(
            "INSERT INTO snapshot (broadcast_id, channel, ordinal, address, recipient_id, variant, locale, hole_values)
             SELECT ?1, ?2, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?3)",
        )
        .bind(broadcast_id)
        .bind(channel_code(channel))
        .bind(&document)
        .execute(&mut *tx)
        .await?;
        if rows.iter().any(|row| !row.sharers.is_empty()) {
            sqlx::query(
                "INSERT OR IGNORE INTO sharer (broadcast_id, channel, ordinal, recipient_id)
                 SELECT ?1, ?2, o.value->>0, s.value FROM json_each(?3) o, json_each(o.value, '$[6]') s",
            )
            .bind(broadcast_id)
            .bind(channel_code(channel))
            .bind(&document)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Addresses in one read. A row at a time costs more in going from thread to thread than in reading it.
const CHUNK: usize = 1_000;

/// An audience on its way out of the store, over one view of it.
struct Reading {
    audience: Audience,
    stages: Vec<u8>,
    now: Timestamp,
}

impl Reading {
    async fn feed(
        self,
        pool: &sqlx::SqlitePool,
        sender: &tokio::sync::mpsc::Sender<Result<Vec<Member>>>,
    ) -> Result<()> {
        let mut view = pool.begin().await?;
        let mut channels = self.audience.channels.clone();
        channels.sort_by_key(|channel| channel_code(*channel));
        // One pass a stage along the index of addresses: sorting a million rows would take memory for all of them.
        for stage in 0..=self.stages.iter().copied().max().unwrap_or_default() {
            for channel in &channels {
                let mut after = (String::new(), i64::MIN);
                loop {
                    let rows: String =
                        self.chunk(stage, *channel, &after).build_query_scalar().fetch_one(&mut *view).await?;
                    let rows: Vec<ReadMember> = serde_json::from_str(&rows)?;
                    let full = rows.len() == CHUNK;
                    let Some(last) = rows.last() else { break };
                    after = (last.0.clone(), last.1);
                    let members = rows.into_iter().map(|row| row.member(*channel)).collect();
                    if sender.send(Ok(members)).await.is_err() {
                        return Ok(());
                    }
                    if !full {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// The members of a stage with an address on a channel, after one of them, in the order of addresses.
    fn chunk(&self, stage: u8, channel: Channel, after: &(String, i64)) -> Builder {
        let Audience { variants, required_by_law, .. } = &self.audience;
        let mut sql = Builder::new(
            "SELECT json_group_array(json_array(value, id, customer_id, name, locale, attributes, variant, suppressed))
             FROM (SELECT a.value, r.id, r.customer_id, r.name, r.locale, r.attributes, r.variant, ",
        );
        push_suppressed(&mut sql, *required_by_law, self.now);
        sql.push(" AS suppressed FROM address a INDEXED BY address_by_value CROSS JOIN (SELECT r.*, ");
        push_variant(&mut sql, variants);
        sql.push(
            " AS variant FROM recipient r) r ON r.id = a.recipient_id WHERE r.variant IS NOT NULL AND a.channel = ",
        );
        sql.push(channel_code(channel).to_string()).push(" AND (a.value, a.recipient_id) > (");
        sql.push_bind(after.0.clone()).push(", ").push_bind(after.1).push(")");
        if self.stages.iter().any(|stage| *stage > 0) {
            sql.push(" AND (SELECT MIN(");
            push_case(&mut sql, variants.iter().zip(self.stages.iter().map(|stage| usize::from(*stage))));
            sql.push(") FROM address o JOIN recipient r ON r.id = o.recipient_id WHERE o.channel = a.channel");
            sql.push(format!(" AND o.value = a.value) = {stage}"));
        }
        sql.push(format!(" ORDER BY a.value, a.recipient_id LIMIT {CHUNK})"));
        sql
    }
}

/// Address, recipient, customer id, name, locale, attributes, variant, and whether it must not be written to.
#[derive(serde::Deserialize)]
struct ReadMember(String, i64, String, String, String, String, usize, u8);

impl ReadMember {
    fn member(self, channel: Channel) -> Member {
        let ReadMember(address, recipient_id, customer_id, name, locale, attributes, variant, suppressed) = self;
        let suppressed = suppressed > 0;
        Member { channel, address, recipient_id, customer_id, name, locale, attributes, variant, suppressed }
    }
}
