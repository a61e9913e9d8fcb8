//! History: every incident that its reader may see, found by words, kind, state, component and days.

use std::collections::BTreeMap;

use axum::{extract::Query, http::StatusCode};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    exercise, now,
    page::{self, Frame},
    time::Times,
    words::{say, text},
};
use crate::{
    compose::status::{Kind, Status},
    people::sight,
    problem::Problem,
    store::history::Wanted,
};

/// Incidents on a page.
const PAGE: i64 = 50;
/// Words that are looked for; those after them are not.
const MOST_WORDS: usize = 20;

/// What is looked for, as the form sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    kind: String,
    state: String,
    component: String,
    practice: String,
    from: String,
    to: String,
    after: String,
}

/// The page.
pub(super) async fn show(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let times = Times::of(&desk.app);
    let (wanted, problem) = match wanted(&times, &asked) {
        Ok(wanted) => (wanted, None),
        Err(problem) => (Wanted::default(), Some(problem)),
    };
    let after = asked.after.parse().unwrap_or_default();
    let mut found = match problem {
        Some(_) => Vec::new(),
        None => sight::incidents(&desk.app, &desk.actor, &wanted, after, PAGE + 1).await?,
    };
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let last = found.last().filter(|_| more).map(|incident| incident.id);
    let mut scores = BTreeMap::new();
    for incident in found.iter().filter(|incident| incident.exercise) {
        if let Some(score) = desk.app.store.exercise_score(incident.id).await? {
            scores.insert(incident.id, exercise::in_words(&score));
        }
    }
    let rows = found.iter().map(|incident| {
        json!({ "id": incident.id, "title": incident.title, "exercise": incident.exercise, "restricted": incident.restricted,
            "kind": say("kind", incident.kind.as_str()), "class": now::class(incident),
            "status": now::status(incident),
            "began": times.full(incident.created_at), "ended": incident.ended_at.map(|at| times.full(at)), "score": scores.get(&incident.id) })
    });
    let body = json!({
        "rows": rows.collect::<Vec<_>>(), "more": last.map(|last| place(&asked, last)), "later": after > 0,
        "asked": wanted != Wanted::default() || problem.is_some(), "chosen": chosen(&asked),
        "filters": filters(&desk, &asked).await?, "zone": times.name,
        "problem": problem.as_ref().map(|problem| problem.detail.clone()),
    });
    let frame = Frame { template: "history", nav: "history", title: text!("history-heading"), exercise: false };
    let mut response = page::show(&desk, &frame, body).await?;
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

fn wanted(times: &Times, asked: &Asked) -> Result<Wanted, Problem> {
    let day = |name: &str, text: &str, add: i32| -> Result<Option<Timestamp>, Problem> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let day = text.trim().parse::<Date>().ok().and_then(|day| day.checked_add(jiff::Span::new().days(add)).ok());
        let start = day.and_then(|day| times.parse(&format!("{day}T00:00")));
        let wrong = || Problem::invalid(format!("/{name}"), text!("history-no-day", typed = text));
        start.map(Some).ok_or_else(wrong)
    };
    let component = match asked.component.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Problem::invalid("/component", text!("history-no-component")))?),
    };
    let (over, status) = match asked.state.as_str() {
        "" => (None, None),
        "open" => (Some(false), None),
        "over" => (Some(true), None),
        name => (None, Some(Status::parse(name).ok_or_else(|| Problem::invalid("/state", text!("history-no-state")))?)),
    };
    let wanted = Wanted {
        words: asked.q.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect(),
        kind: match asked.kind.as_str() {
            "" => None,
            name => Some(Kind::parse(name).ok_or_else(|| Problem::invalid("/kind", text!("history-no-kind")))?),
        },
        over,
        status,
        component,
        exercise: match asked.practice.as_str() {
            "without" => Some(false),
            "only" => Some(true),
            _ => None,
        },
        since: day("from", &asked.from, 0)?,
        until: day("to", &asked.to, 1)?,
    };
    if wanted.since.zip(wanted.until).is_some_and(|(since, until)| since >= until) {
        return Err(Problem::invalid("/to", text!("history-turned-round")));
    }
    Ok(wanted)
}

/// Whether anything but words is chosen: then the choices stand open.
fn chosen(asked: &Asked) -> bool {
    [&asked.kind, &asked.state, &asked.component, &asked.practice, &asked.from, &asked.to]
        .iter()
        .any(|text| !text.is_empty())
}

/// The choices of the form, as they were made.
async fn filters(desk: &Desk, asked: &Asked) -> Result<Value, Problem> {
    let option =
        |name: &str, label: &str, chosen: &str| json!({ "name": name, "label": label, "selected": name == chosen });
    let kinds = Kind::ALL.iter().map(|kind| option(kind.as_str(), say("kind", kind.as_str()), &asked.kind));
    let states = ["open", "over"].iter().map(|name| option(name, say("history", name), &asked.state));
    let statuses =
        Status::ALL.iter().map(|status| option(status.as_str(), say("status", status.as_str()), &asked.state));
    let components = desk.app.store.components().await?;
    let components =
        components.iter().map(|component| option(&component.id.to_string(), &component.name, &asked.component));
    let practice = ["without", "only"].iter().map(|name| option(name, say("history", name), &asked.practice));
    Ok(json!({
        "q": asked.q, "from": asked.from, "to": asked.to, "kinds": kinds.collect::<Vec<_>>(),
        "states": states.chain(statuses).collect::<Vec<_>>(), "components": components.collect::<Vec<_>>(),
        "practice": practice.collect::<Vec<_>>(),
    }))
}

/// The same search, further back.
fn place(asked: &Asked, after: i64) -> String {
    let pairs = [
        ("q", &asked.q),
        ("kind", &asked.kind),
        ("state", &asked.state),
        ("component", &asked.component),
        ("practice", &asked.practice),
        ("from", &asked.from),
        ("to", &asked.to),
    ];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, text) in pairs.iter().filter(|(_, text)| !text.is_empty()) {
        query.append_pair(name, text);
    }
    format!("/console/incidents?{}", query.append_pair("after", &after.to_string()).finish())
}
