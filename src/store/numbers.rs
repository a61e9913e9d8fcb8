//! The numbers of an audience by their first digits, for what a country costs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use sqlx::Row as _;

use super::{
    Result, Store,
    count::{COUNTED, push_addressed},
    plan::{Audience, Builder},
};

/// The digits that tell a country: those of its calling code, and of a territory that shares it. In North America the
/// area's, because there are many numbers to one of them and no territory has less.
const TELLING: (usize, usize) = (6, 4);

impl Store {
    /// How many numbers of an audience begin alike, with one of them each. `digits` is the longest prefix that matters
    /// besides those of countries. It counts a piece at a time along the index, whatever the audience.
    ///
    /// # Errors
    /// The database's.
    pub async fn numbers_alike(
        &self,
        audience: &Audience,
        digits: usize,
        now: Timestamp,
    ) -> Result<Vec<(String, i64)>> {
        let mut alike: BTreeMap<String, (String, i64)> = BTreeMap::new();
        let [elsewhere, america] = [TELLING.0, TELLING.1].map(|telling| telling.max(digits) + 1);
        let mut after = String::new();
        loop {
            let mut sql = Builder::new("SELECT suppressed, COUNT(*) AS n, MIN(value) AS one, MAX(value) AS last, ");
            sql.push(format!(
                "substr(value, 1, CASE WHEN substr(value, 1, 2) = '+1' THEN {america} ELSE {elsewhere} END) AS start FROM ("
            ));
            push_addressed(&mut sql, audience, Channel::Sms, &after, now);
            sql.push(format!(" ORDER BY a.value LIMIT {COUNTED}) GROUP BY suppressed, start"));
            let rows = sql.build().fetch_all(self.read()).await?;
            let mut counted = 0;
            for row in &rows {
                let n: i64 = row.get("n");
                counted += n;
                if !row.get::<bool, _>("suppressed") {
                    alike.entry(row.get("start")).or_insert_with(|| (row.get("one"), 0)).1 += n;
                }
                after = after.max(row.get("last"));
            }
            if counted < COUNTED {
                return Ok(alike.into_values().collect());
            }
        }
    }
}
