//! A list of customer ids that somebody gives for one incident: a supplier's mail, an export of the affected. It chooses
//! beside segments, for as long as it is remembered.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    people::{Actor, Role, Scope, sight},
    problem::Problem,
    send::Event,
    store::lists::IncidentList,
};

/// The most customer ids of a list.
const MOST: usize = 200_000;
/// The longest customer id, in bytes.
const LONGEST: usize = 200;

/// Whether a group is chosen by the incident's list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnList {
    /// Whether somebody is on the list does not matter.
    #[default]
    Any,
    /// Only people on the list.
    On,
    /// Only people who are not on it.
    Off,
}

impl OnList {
    /// Every choice, in the order of pages.
    pub const ALL: [OnList; 3] = [OnList::Any, OnList::On, OnList::Off];

    /// The name in the API and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            OnList::Any => "any",
            OnList::On => "on",
            OnList::Off => "off",
        }
    }

    /// Reads a name written by [`OnList::as_str`].
    pub fn parse(name: &str) -> Option<OnList> {
        OnList::ALL.into_iter().find(|choice| choice.as_str() == name)
    }
}

/// Writes an incident's list in place of the one before.
///
/// # Errors
/// 403 for viewers; 404; 422 where there is no customer id in it, or one that cannot be.
pub async fn give(
    app: &App,
    actor: &Actor,
    incident_id: i64,
    customer_ids: &[String],
) -> Result<IncidentList, Problem> {
    let person = app.may(actor, Role::Author, Scope::Audience.as_str())?.map(|person| person.id);
    sight::may_see(app, actor, incident_id).await?;
    let customer_ids = checked(customer_ids)?;
    let now = app.world.clock.now();
    let until = now + SignedDuration::from_hours(24 * i64::from(app.config.audience.forget_lists_after_days));
    let (by, subject) = (actor.audit_name(), format!("incident:{incident_id}"));
    let entry = app.entry(&by, "incident.list", &subject, serde_json::json!({ "ids": customer_ids.len() }));
    app.store.put_incident_list(incident_id, &customer_ids, person, until, &entry).await?;
    app.engine.tell(Event::Desk);
    app.store.incident_list(incident_id, now).await?.ok_or_else(Problem::internal)
}

/// Forgets an incident's list now.
///
/// # Errors
/// 403 for viewers; 404 where there is none.
pub async fn forget(app: &App, actor: &Actor, incident_id: i64) -> Result<(), Problem> {
    app.may(actor, Role::Author, Scope::Audience.as_str())?;
    sight::may_see(app, actor, incident_id).await?;
    let (by, subject) = (actor.audit_name(), format!("incident:{incident_id}"));
    let entry = app.entry(&by, "incident.list_forget", &subject, serde_json::json!({}));
    app.store.forget_incident_list(incident_id, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}

/// Forgets lists past their time, every hour.
pub async fn forget_in_time(app: App) {
    loop {
        if let Err(error) = forget_expired(&app).await {
            tracing::warn!(%error, "lists past their time cannot be forgotten yet; they count no more all the same");
        }
        app.world.clock.sleep(std::time::Duration::from_secs(3600)).await;
    }
}

async fn forget_expired(app: &App) -> Result<(), Problem> {
    for incident in app.store.expired_incident_lists(app.world.clock.now()).await? {
        let subject = format!("incident:{incident}");
        let entry =
            app.entry("system", "incident.list_forget", &subject, serde_json::json!({ "why": "its time is over" }));
        app.store.forget_incident_list(incident, &entry).await?;
    }
    Ok(())
}

fn checked(customer_ids: &[String]) -> Result<Vec<String>, Problem> {
    let wrong = |detail: String| Problem::invalid("/customer_ids", detail);
    let ids: BTreeSet<&str> = customer_ids.iter().map(|id| id.trim()).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return Err(wrong("give at least one customer id, each on a line of its own".to_owned()));
    }
    if ids.len() > MOST {
        return Err(wrong(format!(
            "a list has at most {MOST} customer ids, and this one has {}; use a segment",
            ids.len()
        )));
    }
    if let Some(id) = ids.iter().find(|id| id.len() > LONGEST || id.chars().any(char::is_control)) {
        let start: String = id.chars().filter(|c| !c.is_control()).take(20).collect();
        return Err(wrong(format!(
            "“{start}…” is no customer id: it is longer than {LONGEST} bytes, or has control characters"
        )));
    }
    Ok(ids.into_iter().map(str::to_owned).collect())
}

/// The customer ids of a pasted or uploaded text: each on a line, or between commas, semicolons or tabs. Of a table whose
/// first line names a column `customer_id`, that column.
pub fn read(text: &str) -> Vec<String> {
    let cells = |line: &str| -> Vec<String> {
        let cell = |cell: &str| cell.trim().trim_matches('"').trim().to_owned();
        line.split([',', ';', '\t']).map(cell).collect()
    };
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let first = lines.next().map(cells).unwrap_or_default();
    let column = first.iter().position(|cell| cell.eq_ignore_ascii_case("customer_id"));
    let ids = match column {
        Some(column) => lines.filter_map(|line| cells(line).into_iter().nth(column)).collect(),
        None => first.into_iter().chain(lines.flat_map(cells)).collect::<Vec<_>>(),
    };
    ids.into_iter().filter(|id| !id.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_what_people_paste() {
        assert_eq!(read("c-1\r\nc-2\n\n c-3 "), ["c-1", "c-2", "c-3"]);
        assert_eq!(read("c-1, c-2;\"c-3\""), ["c-1", "c-2", "c-3"]);
        assert_eq!(read("\u{feff}name;Customer_ID\nAna;c-1\nBen;\"c-2\"\n"), ["c-1", "c-2"]);
        assert_eq!(read("customer_id\nc-1"), ["c-1"]);
        assert_eq!(read(" \n"), Vec::<String>::new());
    }

    #[test]
    fn a_list_that_cannot_be_is_refused_with_what_to_mend() {
        let detail =
            |ids: &[&str]| checked(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()).unwrap_err().detail;
        assert!(detail(&[" "]).contains("at least one"));
        assert!(detail(&[&"x".repeat(201)]).starts_with("“xxxxxxxxxxxxxxxxxxxx…” is no customer id"));
        assert!(detail(&["a\u{7}b"]).contains("control characters"));
        assert_eq!(checked(&["b".to_owned(), "a".to_owned(), "b ".to_owned()]).unwrap(), ["a", "b"]);
    }
}
