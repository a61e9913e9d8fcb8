//! Who gets it: segments, as filters over what is known of people.

use axum::extract::Path;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::Times,
};
use crate::{
    audience::filter::{self, Filter},
    people::Role,
    problem::Problem,
    store::plan::Audience,
};

/// People that a sample shows.
const SAMPLE: usize = 5;

/// Every segment, and the form for a new one.
pub(super) async fn list(desk: Desk) -> Answer {
    listed(&desk, "", "", None).await
}

async fn listed(desk: &Desk, name: &str, text: &str, problem: Option<String>) -> Answer {
    let mut rows = Vec::new();
    for segment in desk.app.store.segments().await? {
        let people = match filter::parse(&segment.filter) {
            Ok(filter) => Some(people(desk, filter).await?),
            Err(_) => None,
        };
        rows.push(json!({ "id": segment.id, "name": segment.name, "filter": segment.filter, "people": people }));
    }
    let body = json!({ "rows": rows, "name": name, "filter": text, "problem": problem, "count": desk.app.store.recipient_count().await? });
    page::show(
        desk,
        &Frame { template: "segments", nav: "people", title: "Who gets it".to_owned(), exercise: false },
        body,
    )
    .await
}

fn audience(desk: &Desk, filter: Filter) -> Audience {
    let channels = desk.app.channels().into_iter().filter(|channel| channel.is_personal()).collect();
    Audience { variants: vec![filter], channels, required_by_law: false }
}

async fn people(desk: &Desk, filter: Filter) -> Result<i64, Problem> {
    Ok(desk.app.store.count_audience(&audience(desk, filter), desk.app.world.clock.now()).await?.people)
}

/// One segment: how many are in it now, and who for example.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let segment = one(&desk, id).await?;
    shown(&desk, id, &segment.name, &segment.filter, None).await
}

async fn one(desk: &Desk, id: i64) -> Result<crate::store::recipients::Segment, Problem> {
    let segments = desk.app.store.segments().await?;
    segments.into_iter().find(|segment| segment.id == id).ok_or_else(|| Problem::missing("there is no such segment"))
}

async fn shown(desk: &Desk, id: i64, name: &str, text: &str, problem: Option<String>) -> Answer {
    let (mut count, mut sample, mut problem) = (None, Vec::new(), problem);
    match filter::parse(text) {
        Ok(filter) => {
            count = Some(people(desk, filter.clone()).await?);
            sample = some(desk, filter).await?;
        }
        Err(error) => problem = problem.or_else(|| Some(error.to_string())),
    }
    let updated = one(desk, id).await?.updated_at;
    let body = json!({ "id": id, "name": name, "filter": text, "people": count, "sample": sample, "problem": problem, "updated": Times::of(&desk.app).full(updated) });
    page::show(desk, &Frame { template: "segment", nav: "people", title: name.to_owned(), exercise: false }, body).await
}

/// A few of those whom a filter finds.
async fn some(desk: &Desk, filter: Filter) -> Result<Vec<Value>, Problem> {
    let mut sample: Vec<Value> = Vec::new();
    let audience = audience(desk, filter);
    let members = desk.app.store.audience(&audience, desk.app.world.clock.now());
    tokio::pin!(members);
    while let Some(member) = members.next().await {
        let member = member?;
        let row = json!({ "id": member.recipient_id, "name": member.name, "customer": member.customer_id });
        if !sample.contains(&row) {
            sample.push(row);
        }
        if sample.len() == SAMPLE {
            break;
        }
    }
    Ok(sample)
}

/// Saves a new one.
pub(super) async fn save(desk: Desk, form: Form) -> Answer {
    match put(&desk, None, &form).await {
        Ok(id) => page::to(&format!("/console/segments/{id}")),
        Err(problem) if problem.status == 422 || problem.status == 409 => {
            listed(&desk, form.get("name"), form.get("filter"), Some(problem.detail)).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Saves one, looks at what is typed, or deletes it.
pub(super) async fn save_one(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    match form.get("action") {
        "look" => shown(&desk, id, form.get("name"), form.get("filter"), None).await,
        "delete" => {
            desk.app.may(&desk.actor, Role::Author, "recipients")?;
            let (by, subject) = (desk.actor.audit_name(), format!("segment:{id}"));
            desk.app.store.delete_segment(id, &desk.app.entry(&by, "segment.delete", &subject, json!({}))).await?;
            page::to("/console/segments")
        }
        _ => match put(&desk, Some(id), &form).await {
            Ok(id) => page::to(&format!("/console/segments/{id}")),
            Err(problem) if problem.status == 422 || problem.status == 409 => {
                shown(&desk, id, form.get("name"), form.get("filter"), Some(problem.detail)).await
            }
            Err(problem) => Err(problem.into()),
        },
    }
}

async fn put(desk: &Desk, id: Option<i64>, form: &Form) -> Result<i64, Problem> {
    desk.app.may(&desk.actor, Role::Author, "recipients")?;
    let (name, text) = (form.get("name"), form.get("filter"));
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::invalid("/name", "a name has 1 to 100 characters"));
    }
    filter::parse(text).map_err(|error| Problem::invalid("/filter", error.to_string()))?;
    let by = desk.actor.audit_name();
    let entry = desk.app.entry(&by, "segment.save", "", json!({ "name": name }));
    let id = desk.app.store.put_segment(id, name, text, &entry).await?;
    desk.app.engine.tell(crate::send::Event::Desk);
    Ok(id)
}
