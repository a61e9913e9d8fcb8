//! What is known of people: which fields there are, and which values. Among a million people a part is looked at, taken
//! from all over the list, so that asking costs the same however long the list is.

use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row as _;

use super::{
    Result, Store,
    plan::{Builder, push_attribute},
};
use crate::audience::rows::{COMPONENT, TAG};

/// People that are looked at, at most.
pub const LOOKED_AT: i64 = 20_000;
/// From how many places of the list, where that is a part of it.
const PLACES: i64 = 20;

/// A field, or a value of one, and how many people have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FoundOfPeople")]
pub struct Found {
    /// The field's name, or the value.
    pub name: String,
    /// Of those who were looked at.
    pub people: i64,
}

/// What was found, the most frequent first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "KnownOfPeople")]
pub struct Known {
    /// How many people were looked at. The list has others too where that is fewer than `of`.
    pub looked_at: i64,
    /// How many people there are.
    pub of: i64,
    /// What they have.
    pub items: Vec<Found>,
}

impl Store {
    /// The fields that people have: attributes by name, `tag` and `component` where somebody has one.
    ///
    /// # Errors
    /// The database's.
    pub async fn fields(&self, most: i64) -> Result<Known> {
        let each = "SELECT a.key AS name FROM some s CROSS JOIN recipient r ON r.id = s.id, json_each(r.attributes) a
             UNION ALL SELECT 'locale' FROM some s CROSS JOIN recipient r ON r.id = s.id WHERE r.locale <> ''
             UNION ALL SELECT 'time_zone' FROM some s CROSS JOIN recipient r ON r.id = s.id WHERE r.time_zone <> ''
             UNION ALL SELECT 'tag' FROM some s CROSS JOIN recipient r ON r.id = s.id WHERE r.tags <> '[]'
             UNION ALL SELECT 'component' FROM some s CROSS JOIN recipient r ON r.id = s.id WHERE r.components <> '[]'";
        let each = |sql: &mut Builder| {
            sql.push(each);
        };
        self.look(each, most).await
    }

    /// The values of a field, as [`Store::fields`] names it. A person counts once for each value.
    ///
    /// # Errors
    /// The database's.
    pub async fn field_values(&self, field: &str, most: i64) -> Result<Known> {
        let from = " FROM some s CROSS JOIN recipient r ON r.id = s.id";
        let each = |sql: &mut Builder| {
            match field {
                TAG => sql.push("SELECT l.value AS name").push(from).push(", json_each(r.tags) l"),
                COMPONENT => sql
                    .push("SELECT l.value AS name")
                    .push(from)
                    .push(", json_each(r.components) l WHERE l.value <> '*'"),
                _ => {
                    sql.push("SELECT name FROM (SELECT ");
                    push_attribute(sql, field);
                    sql.push(" AS name").push(from).push(") WHERE name IS NOT NULL")
                }
            };
        };
        self.look(each, most).await
    }

    /// Counts what a query over `some (id)` names.
    async fn look(&self, each: impl Fn(&mut Builder), most: i64) -> Result<Known> {
        let of = self.recipient_count().await?;
        let ends: (Option<i64>, Option<i64>) =
            sqlx::query_as("SELECT (SELECT MIN(id) FROM recipient), (SELECT MAX(id) FROM recipient)")
                .fetch_one(self.read())
                .await?;
        let (Some(first), Some(last)) = ends else {
            return Ok(Known { looked_at: 0, of, items: Vec::new() });
        };
        let places = if of <= LOOKED_AT { 1 } else { PLACES };
        let mut sql = Builder::new("WITH some AS (");
        for place in 0..places {
            // One person is looked at once, even where two places meet.
            sql.push(if place > 0 { " UNION " } else { "" });
            let from = first.saturating_add((last.saturating_sub(first) / places).saturating_mul(place));
            sql.push("SELECT id FROM (SELECT id FROM recipient WHERE id >= ").push_bind(from);
            sql.push(format!(" ORDER BY id LIMIT {})", LOOKED_AT / places));
        }
        sql.push("), each AS (");
        each(&mut sql);
        sql.push(") SELECT name, COUNT(*) AS n, (SELECT COUNT(*) FROM some) AS looked FROM each GROUP BY name");
        sql.push(" UNION ALL SELECT NULL, 0, (SELECT COUNT(*) FROM some) ORDER BY 2 DESC, 1 LIMIT ")
            .push_bind(most + 1);
        let rows = sql.build().fetch_all(self.read()).await?;
        let looked_at = rows.first().map_or(0, |row| row.get("looked"));
        let found = |row: &sqlx::sqlite::SqliteRow| {
            Some(Found { name: row.get::<Option<String>, _>("name")?, people: row.get("n") })
        };
        let mut items: Vec<Found> = rows.iter().filter_map(found).collect();
        items.truncate(usize::try_from(most).unwrap_or_default());
        Ok(Known { looked_at, of, items })
    }
}
