//! Incidents as people look for them.

use jiff::Timestamp;

use super::{
    Result, Store,
    incidents::{Incident, incident},
};
use crate::{
    compose::status::{Kind, Status},
    world::millis,
};

/// What is looked for; what is left out is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Words that each stand in the title, or in what an update of it says, in small or capital letters.
    pub words: Vec<String>,
    /// What it is.
    pub kind: Option<Kind>,
    /// Whether it is over.
    pub over: Option<bool>,
    /// Where it stands for customers.
    pub status: Option<Status>,
    /// A component that an update of it speaks of.
    pub component: Option<i64>,
    /// Whether it is practice.
    pub exercise: Option<bool>,
    /// Not over before this.
    pub since: Option<Timestamp>,
    /// Opened before this.
    pub until: Option<Timestamp>,
}

impl Store {
    /// Incidents that are wanted and that a person may see, the newest first, before `cursor` (0 for the first page). For
    /// who is no person, those that are not restricted; all for `everything`.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_incidents(
        &self,
        wanted: &Wanted,
        (everything, person): (bool, Option<i64>),
        cursor: i64,
        limit: i64,
    ) -> Result<Vec<Incident>> {
        // An update that was dropped was never said.
        let rows = sqlx::query(
            "SELECT i.* FROM incident i WHERE (?1 = 0 OR i.id < ?1)
               AND (?2 IS NULL OR i.kind = ?2)
               AND (?3 IS NULL OR (i.ended_at IS NOT NULL) = ?3)
               AND (?4 IS NULL OR i.status = ?4)
               AND (?5 IS NULL OR i.exercise = ?5)
               AND (?6 IS NULL OR i.ended_at IS NULL OR i.ended_at >= ?6)
               AND (?7 IS NULL OR i.created_at < ?7)
               AND (?8 OR i.restricted = 0
                 OR EXISTS (SELECT 1 FROM incident_named n WHERE n.incident_id = i.id AND n.person_id = ?9))
               AND (?10 IS NULL OR EXISTS (SELECT 1 FROM incident_update u
                 JOIN update_version v ON v.update_id = u.id AND v.version = u.version, json_each(v.content, '$.components') c
                 WHERE u.incident_id = i.id AND u.state <> 'discarded' AND c.key = CAST(?10 AS TEXT)))
               AND NOT EXISTS (SELECT 1 FROM json_each(?11) w WHERE i.title NOT LIKE w.value ESCAPE '\\'
                 AND NOT EXISTS (SELECT 1 FROM incident_update u
                   JOIN update_version v ON v.update_id = u.id AND v.version = u.version,
                   json_tree(v.content, '$.variants') t
                   WHERE u.incident_id = i.id AND u.state <> 'discarded' AND t.type = 'text'
                     AND t.value LIKE w.value ESCAPE '\\'))
             ORDER BY i.id DESC LIMIT ?12",
        )
        .bind(cursor)
        .bind(wanted.kind.map(Kind::as_str))
        .bind(wanted.over)
        .bind(wanted.status.map(Status::as_str))
        .bind(wanted.exercise)
        .bind(wanted.since.map(millis))
        .bind(wanted.until.map(millis))
        .bind(everything)
        .bind(person)
        .bind(wanted.component)
        .bind(serde_json::to_string(&wanted.words.iter().map(|word| pattern(word)).collect::<Vec<_>>())?)
        .bind(limit)
        .fetch_all(self.read())
        .await?;
        Ok(rows.iter().map(incident).collect())
    }
}

/// A word as LIKE finds it anywhere.
fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
