//! Who gets a message: the audience as SQL, counted for previews and frozen as a snapshot at the submit.

use std::collections::BTreeMap;

use futures_util::{Stream, TryStreamExt as _};
use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::{Result, Store, channel_code, channel_of};
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
#[derive(Clone, Debug, Serialize)]
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

/// How many people and addresses an audience has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Count {
    /// People who get it on one channel at least.
    pub people: i64,
    /// People of the audience who get nothing: no address on any channel used, or all of them suppressed.
    pub unreached: i64,
    /// Addresses that get it, by channel.
    pub addresses: BTreeMap<Channel, i64>,
    /// Addresses that opted out or must not be written to, by channel.
    pub suppressed: BTreeMap<Channel, i64>,
    /// People, by variant, in the order of the variants.
    pub by_variant: Vec<i64>,
    /// Addresses by channel and the recipient's locale (empty where not known).
    pub by_locale: BTreeMap<Channel, BTreeMap<String, i64>>,
}

/// How the variants divide the people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Division {
    /// People in more than one variant. Must be 0.
    pub in_two: i64,
    /// Some of them, by customer id.
    pub in_two_examples: Vec<String>,
    /// People in no variant.
    pub in_none: i64,
    /// Some of them, by customer id.
    pub in_none_examples: Vec<String>,
}

pub(super) type Builder = QueryBuilder<Sqlite>;

/// Writes the attribute as text, NULL where it is missing. Names are letters, digits, `_`, `.` and `-` only.
fn push_attribute(sql: &mut Builder, attribute: &str) {
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
fn push_filter(sql: &mut Builder, filter: &Filter) {
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
            sql.push("EXISTS (SELECT 1 FROM json_each(r.components) WHERE value = ").push_bind(name.clone()).push(")");
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
    /// Counts an audience as it is now.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_audience(&self, audience: &Audience, now: Timestamp) -> Result<Count> {
        let mut sql =
            Builder::new("WITH chosen AS MATERIALIZED (SELECT id, locale, variant FROM (SELECT r.id, r.locale, ");
        push_variant(&mut sql, &audience.variants);
        sql.push(" AS variant FROM recipient r) WHERE variant IS NOT NULL), addressed AS MATERIALIZED (");
        sql.push("SELECT c.id, c.variant, c.locale, a.channel, a.value, ");
        push_suppressed(&mut sql, audience.required_by_law, now);
        sql.push(" AS suppressed FROM chosen c JOIN address a ON a.recipient_id = c.id WHERE a.channel IN ");
        push_channels(&mut sql, &audience.channels);
        sql.push(
            ") SELECT 'total' AS what, 0 AS channel, '' AS name, COUNT(*) AS n FROM chosen
             UNION ALL SELECT 'people', 0, '', COUNT(DISTINCT id) FROM addressed WHERE NOT suppressed
             UNION ALL SELECT 'variant', variant, '', COUNT(*) FROM chosen GROUP BY variant
             UNION ALL SELECT 'address', channel, '', COUNT(DISTINCT value) FROM addressed WHERE NOT suppressed GROUP BY channel
             UNION ALL SELECT 'suppressed', channel, '', COUNT(DISTINCT value) FROM addressed WHERE suppressed GROUP BY channel
             UNION ALL SELECT 'locale', channel, locale, COUNT(DISTINCT value) FROM addressed WHERE NOT suppressed
               GROUP BY channel, locale",
        );
        let mut count = Count { by_variant: vec![0; audience.variants.len()], ..Count::default() };
        let mut total = 0;
        for row in sql.build().fetch_all(self.read()).await? {
            let (place, n): (i64, i64) = (row.get("channel"), row.get("n"));
            match row.get::<&str, _>("what") {
                "total" => total = n,
                "people" => count.people = n,
                "variant" => count.by_variant[usize::try_from(place).unwrap_or_default()] = n,
                "address" => drop(count.addresses.insert(channel_of(place), n)),
                "suppressed" => drop(count.suppressed.insert(channel_of(place), n)),
                _ => {
                    let locale: String = row.get("name");
                    count.by_locale.entry(channel_of(place)).or_default().insert(locale, n);
                }
            }
        }
        count.unreached = total - count.people;
        Ok(count)
    }

    /// Proves that the variants divide the people.
    ///
    /// # Errors
    /// The database's.
    pub async fn divide(&self, variants: &[Filter]) -> Result<Division> {
        let mut sql = Builder::new("WITH matched AS (SELECT r.id, r.customer_id, 0");
        for filter in variants {
            sql.push(" + (");
            push_filter(&mut sql, filter);
            sql.push(")");
        }
        sql.push(
            " AS n FROM recipient r) SELECT n > 1 AS two, COUNT(*) AS total,
              (SELECT json_group_array(customer_id) FROM (SELECT customer_id FROM matched m WHERE (m.n > 1) = (o.n > 1)
                 AND m.n <> 1 ORDER BY m.id LIMIT 5)) AS examples
              FROM matched o WHERE n <> 1 GROUP BY n > 1",
        );
        let mut division = Division::default();
        for row in sql.build().fetch_all(self.read()).await? {
            let examples: Vec<String> = serde_json::from_str(row.get("examples"))?;
            if row.get::<bool, _>("two") {
                (division.in_two, division.in_two_examples) = (row.get("total"), examples);
            } else {
                (division.in_none, division.in_none_examples) = (row.get("total"), examples);
            }
        }
        Ok(division)
    }

    /// Some people of each filter: number, customer id and name; the first filter that matches counts.
    ///
    /// # Errors
    /// The database's.
    pub async fn sample_people(&self, filters: &[Filter], most: i64) -> Result<Vec<Vec<(i64, String, String)>>> {
        let mut samples = Vec::new();
        for place in 0..filters.len() {
            let mut sql = Builder::new("SELECT r.id, r.customer_id, r.name FROM recipient r WHERE (");
            push_variant(&mut sql, filters);
            sql.push(format!(") = {place} ORDER BY r.id LIMIT {most}"));
            let rows = sql.build().fetch_all(self.read()).await?;
            samples.push(rows.iter().map(|row| (row.get("id"), row.get("customer_id"), row.get("name"))).collect());
        }
        Ok(samples)
    }

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
        let last = stages.iter().copied().max().unwrap_or_default();
        // One pass a stage along the index of addresses: sorting a million rows would take memory for all of them.
        let passes = (0..=last).map(|stage| {
            let mut sql = Builder::new(
                "SELECT a.channel, a.value, r.id, r.customer_id, r.name, r.locale, r.attributes, r.variant, ",
            );
            push_suppressed(&mut sql, audience.required_by_law, now);
            sql.push(" AS suppressed FROM address a JOIN (SELECT r.*, ");
            push_variant(&mut sql, &audience.variants);
            sql.push(
                " AS variant FROM recipient r) r ON r.id = a.recipient_id WHERE r.variant IS NOT NULL AND a.channel IN ",
            );
            push_channels(&mut sql, &audience.channels);
            if last > 0 {
                sql.push(" AND (SELECT MIN(");
                push_case(&mut sql, audience.variants.iter().zip(stages.iter().map(|stage| usize::from(*stage))));
                sql.push(") FROM address o JOIN recipient r ON r.id = o.recipient_id WHERE o.channel = a.channel");
                sql.push(format!(" AND o.value = a.value) = {stage}"));
            }
            sql.push(" ORDER BY a.channel, a.value, r.id");
            sql
        });
        rows(self.read().clone(), passes.collect())
    }

    /// How often each of these addresses was written to by broadcasts that started after `since`, at the most.
    ///
    /// # Errors
    /// The database's.
    pub async fn most_messages_to_one(&self, audience: &Audience, since: Timestamp, now: Timestamp) -> Result<i64> {
        let recent: Vec<i64> =
            sqlx::query_scalar("SELECT id FROM broadcast WHERE started_at > ? AND exercise = 0 AND message = 'update'")
                .bind(millis(since))
                .fetch_all(self.read())
                .await?;
        if recent.is_empty() {
            return Ok(0);
        }
        let mut sql =
            Builder::new("SELECT COALESCE(MAX(n), 0) FROM (SELECT COUNT(*) AS n FROM snapshot w JOIN address a ");
        sql.push("ON a.channel = w.channel AND a.value = w.address JOIN recipient r ON r.id = a.recipient_id WHERE ");
        sql.push("w.broadcast_id IN (SELECT value FROM json_each(")
            .push_bind(serde_json::to_string(&recent)?)
            .push("))");
        sql.push(" AND w.channel IN ");
        push_channels(&mut sql, &audience.channels);
        sql.push(" AND (");
        push_variant(&mut sql, &audience.variants);
        sql.push(") IS NOT NULL AND NOT ");
        push_suppressed(&mut sql, audience.required_by_law, now);
        sql.push(" GROUP BY w.channel, w.address)");
        Ok(sql.build_query_scalar().fetch_one(self.read()).await?)
    }

    /// How many people a snapshot reaches as things are now: the number that the approver names.
    ///
    /// # Errors
    /// The database's.
    pub async fn snapshot_people(&self, broadcast_id: i64, now: Timestamp) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "WITH reached AS (SELECT s.channel, s.ordinal, s.recipient_id FROM snapshot s
               JOIN broadcast b ON b.id = s.broadcast_id
               WHERE s.broadcast_id = ?1 AND s.recipient_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM suppression p
                 WHERE p.channel = s.channel AND p.value = s.address AND (p.expires_at IS NULL OR p.expires_at > ?2)
                 AND NOT (b.required_by_law AND p.reason = 'opted_out')))
             SELECT COUNT(*) FROM (SELECT recipient_id FROM reached UNION
               SELECT h.recipient_id FROM sharer h JOIN reached r ON h.broadcast_id = ?1 AND h.channel = r.channel
                 AND h.ordinal = r.ordinal)",
        )
        .bind(broadcast_id)
        .bind(millis(now))
        .fetch_one(self.read())
        .await?)
    }

    /// Appends rows to the snapshot of a broadcast that is being planned.
    ///
    /// # Errors
    /// When an address is in the snapshot already, or the database's.
    pub async fn append_snapshot(&self, broadcast_id: i64, channel: Channel, rows: &[SnapshotRow]) -> Result<()> {
        let mut tx = self.begin().await?;
        let document = serde_json::to_string(rows)?;
        sqlx::query(
            "INSERT INTO snapshot (broadcast_id, channel, ordinal, address, recipient_id, variant, locale, hole_values)
             SELECT ?1, ?2, value->>'ordinal', value->>'address', value->>'recipient_id', value->>'variant',
               value->>'locale', value->>'hole_values' FROM json_each(?3)",
        )
        .bind(broadcast_id)
        .bind(channel_code(channel))
        .bind(&document)
        .execute(&mut *tx)
        .await?;
        if rows.iter().any(|row| !row.sharers.is_empty()) {
            sqlx::query(
                "INSERT OR IGNORE INTO sharer (broadcast_id, channel, ordinal, recipient_id)
                 SELECT ?1, ?2, o.value->>'ordinal', s.value FROM json_each(?3) o, json_each(o.value, '$.sharers') s",
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

/// Rows of queries that own their connection, one after the other over one view, so that the stream can outlive the
/// builder.
fn rows(pool: sqlx::SqlitePool, passes: Vec<Builder>) -> impl Stream<Item = Result<Member>> + Send {
    let (sender, receiver) = tokio::sync::mpsc::channel(256);
    tokio::spawn(async move {
        if let Err(error) = feed(&pool, passes, &sender).await {
            // Whoever reads has gone, or reads why the rows end.
            let _ = sender.send(Err(error)).await;
        }
    });
    futures_util::stream::unfold(
        receiver,
        |mut receiver| async move { receiver.recv().await.map(|row| (row, receiver)) },
    )
}

async fn feed(
    pool: &sqlx::SqlitePool,
    passes: Vec<Builder>,
    sender: &tokio::sync::mpsc::Sender<Result<Member>>,
) -> Result<()> {
    let mut view = pool.begin().await?;
    for mut sql in passes {
        let mut found = sql.build().fetch(&mut *view);
        while let Some(row) = found.try_next().await? {
            if sender.send(Ok(member(&row))).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn member(row: &sqlx::sqlite::SqliteRow) -> Member {
    Member {
        channel: channel_of(row.get("channel")),
        address: row.get("value"),
        recipient_id: row.get("id"),
        customer_id: row.get("customer_id"),
        name: row.get("name"),
        locale: row.get("locale"),
        attributes: row.get("attributes"),
        variant: usize::try_from(row.get::<i64, _>("variant")).unwrap_or_default(),
        suppressed: row.get("suppressed"),
    }
}
