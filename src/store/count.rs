//! An audience counted as it is now. Statements count a piece at a time along an index, so that a million people take no
//! memory; somebody who is changed meanwhile is counted as they were or as they are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{
    Result, Store, channel_code,
    plan::{Audience, Builder, push_channels, push_filter, push_suppressed, push_variant},
};
use crate::{audience::filter::Filter, world::millis};

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

/// How many rows one statement counts: what is sorted for it stays small, whatever the audience.
pub(super) const COUNTED: i64 = 20_000;

/// Addresses that have the same of what they were counted by.
pub(super) struct Addresses<const N: usize> {
    pub channel: Channel,
    pub suppressed: bool,
    /// What they were counted by.
    pub of: [String; N],
    pub n: i64,
}

/// Writes a query of the audience's addresses on a channel after one of them, each once, with the first person behind it;
/// whether it must not be written to is `suppressed`. The rows come along the index of addresses.
pub(super) fn push_addressed(sql: &mut Builder, audience: &Audience, channel: Channel, after: &str, now: Timestamp) {
    sql.push("SELECT a.channel, a.value, MIN(r.id), r.locale, r.time_zone, r.variant, ");
    push_suppressed(sql, audience.required_by_law, now);
    sql.push(" AS suppressed FROM address a INDEXED BY address_by_value CROSS JOIN (SELECT r.*, ");
    push_variant(sql, &audience.variants);
    sql.push(" AS variant FROM recipient r) r ON r.id = a.recipient_id WHERE r.variant IS NOT NULL AND a.channel = ");
    sql.push(channel_code(channel).to_string()).push(" AND a.value > ").push_bind(after.to_owned());
    sql.push(" GROUP BY a.value");
}

impl Store {
    /// Counts an audience as it is now.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_audience(&self, audience: &Audience, now: Timestamp) -> Result<Count> {
        let mut count = Count { by_variant: vec![0; audience.variants.len()], ..Count::default() };
        let mut total = 0;
        let by_address = self.count_addresses(audience, now, ["locale"]);
        let (people, addresses) = tokio::try_join!(self.count_people(audience, now), by_address)?;
        for (variant, n, reached) in people {
            total += n;
            count.people += reached;
            count.by_variant[variant] += n;
        }
        for Addresses { channel, suppressed, of: [locale], n } in addresses {
            if suppressed {
                *count.suppressed.entry(channel).or_default() += n;
            } else {
                *count.addresses.entry(channel).or_default() += n;
                count.by_locale.entry(channel).or_default().insert(locale, n);
            }
        }
        count.unreached = total - count.people;
        Ok(count)
    }

    /// People by variant: how many, and how many of them get it on one channel at least.
    async fn count_people(&self, audience: &Audience, now: Timestamp) -> Result<Vec<(usize, i64, i64)>> {
        let (mut all, mut after) = (Vec::new(), i64::MIN);
        loop {
            let mut sql = Builder::new("SELECT COALESCE(variant, -1) AS variant, COUNT(*) AS n, MAX(id) AS last, SUM(");
            sql.push(
                "variant IS NOT NULL AND EXISTS (SELECT 1 FROM address a WHERE a.recipient_id = id AND a.channel IN ",
            );
            push_channels(&mut sql, &audience.channels);
            sql.push(" AND NOT ");
            push_suppressed(&mut sql, audience.required_by_law, now);
            sql.push(")) AS reached FROM (SELECT r.id, ");
            push_variant(&mut sql, &audience.variants);
            sql.push(" AS variant FROM recipient r WHERE r.id > ").push_bind(after);
            sql.push(format!(" ORDER BY r.id LIMIT {COUNTED}) GROUP BY 1"));
            let rows = sql.build().fetch_all(self.read()).await?;
            let counted: i64 = rows.iter().map(|row| row.get::<i64, _>("n")).sum();
            after = rows.iter().map(|row| row.get("last")).max().unwrap_or(after);
            let of_variant = |row: &SqliteRow| {
                Some((usize::try_from(row.get::<i64, _>("variant")).ok()?, row.get("n"), row.get("reached")))
            };
            all.extend(rows.iter().filter_map(of_variant));
            if counted < COUNTED {
                return Ok(all);
            }
        }
    }

    /// The audience's addresses, each once, by these columns of the first person behind it.
    pub(super) async fn count_addresses<const N: usize>(
        &self,
        audience: &Audience,
        now: Timestamp,
        by: [&str; N],
    ) -> Result<Vec<Addresses<N>>> {
        let mut all: BTreeMap<(Channel, bool, [String; N]), i64> = BTreeMap::new();
        for channel in &audience.channels {
            let mut after = String::new();
            loop {
                let mut sql = Builder::new("SELECT suppressed, COUNT(*) AS n, MAX(value) AS last");
                for column in by {
                    sql.push(format!(", CAST({column} AS TEXT)"));
                }
                sql.push(" FROM (");
                push_addressed(&mut sql, audience, *channel, &after, now);
                sql.push(format!(" ORDER BY a.value LIMIT {COUNTED}) GROUP BY suppressed"));
                for place in 0..N {
                    sql.push(format!(", {}", 4 + place));
                }
                let rows = sql.build().fetch_all(self.read()).await?;
                let mut counted = 0;
                for row in &rows {
                    let n: i64 = row.get("n");
                    counted += n;
                    let of = std::array::from_fn(|place| row.get(3 + place));
                    *all.entry((*channel, row.get("suppressed"), of)).or_default() += n;
                    after = after.max(row.get("last"));
                }
                if counted < COUNTED {
                    break;
                }
            }
        }
        Ok(all.into_iter().map(|((channel, suppressed, of), n)| Addresses { channel, suppressed, of, n }).collect())
    }

    /// Proves that the variants divide the people who are to hear of it at all.
    ///
    /// # Errors
    /// The database's.
    pub async fn divide(&self, variants: &[Filter], among: &Filter) -> Result<Division> {
        let mut sql = Builder::new("WITH matched AS (SELECT r.id, r.customer_id, 0");
        for filter in variants {
            sql.push(" + (");
            push_filter(&mut sql, filter);
            sql.push(")");
        }
        sql.push(" AS n FROM recipient r WHERE ");
        push_filter(&mut sql, among);
        sql.push(
            ") SELECT n > 1 AS two, COUNT(*) AS total,
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
        let recent_ones = serde_json::to_string(&recent)?;
        let all = i64::try_from(recent.len()).unwrap_or(i64::MAX);
        let mut most = 0;
        for channel in &audience.channels {
            // Nearly always somebody got all of them, and is found at once.
            for end in [format!(" WHERE n = {all} LIMIT 1"), " ORDER BY n DESC LIMIT 1".to_owned()] {
                let mut sql = Builder::new("SELECT n FROM (SELECT (SELECT COUNT(*) FROM json_each(");
                sql.push_bind(&recent_ones);
                sql.push(") b CROSS JOIN snapshot w ON w.broadcast_id = b.value AND w.channel = a.channel");
                sql.push(" AND w.address = a.value) AS n FROM (");
                push_addressed(&mut sql, audience, *channel, "", now);
                sql.push(") a WHERE NOT a.suppressed)").push(end);
                if let Some(found) = sql.build_query_scalar::<i64>().fetch_optional(self.read()).await? {
                    most = most.max(found);
                    break;
                }
            }
        }
        Ok(most)
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
}
