//! One segment, written with help: conditions row by row or as text, counted as they are chosen, and tried on people.
//! The text is what is kept; rows are a way to write it, for as long as they can say it.

use axum::{extract::Path, http::StatusCode, response::Response};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    segment_rows as form_rows, segments,
    time::Times,
    words::text,
};
use crate::{
    audience::{
        explain::{self, Explained},
        filter::Filter,
        manage::{self, read_filter},
        rows::{How, Row, Rows},
    },
    problem::Problem,
    store::recipients::{Known, Segment},
};

/// People that it is tried on: of those who are in it, of those who are not, and of those who are found.
const TRIED: i64 = 3;
/// Conditions that a form has room for.
const MOST_ROWS: usize = 20;

/// What stands in the form.
struct Typed {
    name: String,
    words: Words,
    who: String,
}

/// How the filter is being written.
enum Words {
    Rows(Rows),
    Text(String),
}

impl Words {
    /// As rows, where they can say it.
    fn of(text: &str) -> Words {
        match read_filter(text).ok().as_ref().and_then(Rows::of) {
            Some(rows) => Words::Rows(rows),
            None => Words::Text(text.to_owned()),
        }
    }

    fn filter(&self) -> Result<Filter, Problem> {
        match self {
            Words::Text(text) => read_filter(text),
            Words::Rows(rows) => {
                rows.filter().map_err(|fault| Problem::invalid(format!("/rows/{}", fault.place), fault.to_string()))
            }
        }
    }

    /// As it would be kept; as it was typed, where that is no filter.
    fn text(&self) -> String {
        match (self.filter(), self) {
            (Ok(filter), _) => filter.to_string(),
            (Err(_), Words::Text(text)) => text.clone(),
            (Err(_), Words::Rows(_)) => String::new(),
        }
    }
}

impl Typed {
    /// Forms without rows give the text.
    fn read(form: &Form) -> Typed {
        let words = match form.get("mode") {
            "rows" => Words::Rows(form_rows::read(form)),
            _ => Words::Text(form.get("filter").to_owned()),
        };
        Typed { name: form.get("name").to_owned(), words, who: form.get("who").to_owned() }
    }
}

/// The form for a new one: one row to begin with.
pub(super) async fn new(desk: Desk) -> Answer {
    let rows = Rows { any: false, rows: vec![empty()] };
    let typed = Typed { name: String::new(), words: Words::Rows(rows), who: String::new() };
    view(&desk, None, &typed, None).await
}

/// One that is kept.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let Segment { name, filter, .. } = one(&desk, id).await?;
    view(&desk, Some(id), &Typed { name, words: Words::of(&filter), who: String::new() }, None).await
}

async fn one(desk: &Desk, id: i64) -> Result<Segment, Problem> {
    let segments = desk.app.store.segments().await?;
    segments.into_iter().find(|segment| segment.id == id).ok_or_else(|| Problem::missing(text!("segment-missing")))
}

/// Saves a new one, or looks at what is typed.
pub(super) async fn add(desk: Desk, form: Form) -> Answer {
    act(desk, None, form).await
}

/// Saves one, looks at what is typed, or deletes it.
pub(super) async fn change(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    act(desk, Some(id), form).await
}

fn empty() -> Row {
    Row { field: String::new(), how: How::Is, value: String::new() }
}

async fn act(desk: Desk, id: Option<i64>, form: Form) -> Answer {
    let mut typed = Typed::read(&form);
    match (form.get("action"), &mut typed.words) {
        ("delete", _) => {
            let id = id.ok_or_else(|| Problem::missing(text!("segment-never-saved")))?;
            manage::delete_segment(&desk.app, &desk.actor, id).await?;
            return page::to("/console/segments");
        }
        ("look", _) => {}
        ("add", Words::Rows(rows)) if rows.rows.len() < MOST_ROWS => rows.rows.push(empty()),
        ("as_text", words) => *words = Words::Text(words.text()),
        ("as_rows", words) => *words = Words::of(&words.text()),
        (action, Words::Rows(rows)) if action.starts_with("drop:") => {
            let place: usize = action[5..].parse().unwrap_or(usize::MAX);
            if place < rows.rows.len() {
                rows.rows.remove(place);
            }
        }
        ("" | "save", _) => {
            let saved = match typed.words.filter() {
                Ok(filter) => manage::put_segment(&desk.app, &desk.actor, id, &typed.name, &filter.to_string()).await,
                Err(problem) => Err(problem),
            };
            return match saved {
                Ok(segment) => page::to(&format!("/console/segments/{}", segment.id)),
                Err(problem) if matches!(problem.status, 409 | 422) => view(&desk, id, &typed, Some(problem)).await,
                Err(problem) => Err(problem.into()),
            };
        }
        _ => {}
    }
    view(&desk, id, &typed, None).await
}

/// What changes while somebody types: the count, the values that there are, whom it is tried on.
pub(super) async fn look(desk: Desk, form: Form) -> Answer {
    let typed = Typed::read(&form);
    page::piece(&desk, "segment_look", looked(&desk, &typed, None).await?)
}

async fn view(desk: &Desk, id: Option<i64>, typed: &Typed, problem: Option<Problem>) -> Answer {
    let status = problem.as_ref().and_then(|problem| StatusCode::from_u16(problem.status).ok());
    let mut body = looked(desk, typed, problem).await?;
    let title = if typed.name.is_empty() { text!("segment-new") } else { typed.name.clone() };
    body["id"] = json!(id);
    body["title"] = json!(title);
    body["name"] = json!(typed.name);
    body["who"] = json!(typed.who);
    body["updated"] = match id {
        Some(id) => json!(Times::of(&desk.app).full(one(desk, id).await?.updated_at)),
        None => Value::Null,
    };
    let frame = Frame { template: "segment", nav: "people", title, exercise: false };
    let mut response: Response = page::show(desk, &frame, body).await?;
    *response.status_mut() = status.unwrap_or(StatusCode::OK);
    Ok(response)
}

/// Everything that follows from what is typed.
async fn looked(desk: &Desk, typed: &Typed, problem: Option<Problem>) -> Result<Value, Problem> {
    let filter = typed.words.filter();
    // What is not finished yet is no fault before it is saved.
    let refused = problem.is_some() || matches!(typed.words, Words::Text(_));
    let problem = problem.or_else(|| filter.as_ref().err().cloned()).map(|problem| problem.detail);
    let (people, tried) = match &filter {
        Ok(filter) => {
            let (people, tried) =
                tokio::try_join!(segments::people(desk, filter.clone()), tried(desk, filter, &typed.who))?;
            (Some(people), tried)
        }
        Err(_) => (None, Value::Null),
    };
    let rows = match &typed.words {
        Words::Rows(rows) => form_rows::view(desk, rows).await?,
        Words::Text(_) => Value::Null,
    };
    Ok(json!({
        "rows": rows, "text": typed.words.text(), "tried": tried, "problem": problem, "refused": refused,
        "people": people.map(|(people, _)| people), "unreached": people.map(|(_, unreached)| unreached),
        "everyone": matches!(filter, Ok(Filter::Everyone)),
        // Whether the text could be shown as rows.
        "showable": filter.as_ref().ok().and_then(Rows::of).is_some(),
    }))
}

/// Some who are in it, some who are not, and whoever was looked for.
async fn tried(desk: &Desk, filter: &Filter, who: &str) -> Result<Value, Problem> {
    let store = &desk.app.store;
    let found = manage::find(&desk.app, who, TRIED + 2).await?;
    let mut samples = Vec::new();
    if who.is_empty() {
        for place in store.sample_people(&[filter.clone(), Filter::Not(Box::new(filter.clone()))], TRIED).await? {
            for (id, ..) in place {
                // Gone meanwhile: then it is tried on one fewer.
                samples.extend(store.recipient_by_id(id).await.ok());
            }
        }
    }
    let row = |known: &Known| {
        let explained = explain::explain(filter, &explain::person(&known.recipient));
        let why = explained.failing().into_iter().map(condition).collect::<Vec<_>>();
        json!({ "id": known.id, "name": known.recipient.name, "customer": known.recipient.customer_id, "member": explained.holds, "why": why })
    };
    let rows: Vec<Value> = found.iter().chain(&samples).map(row).collect();
    Ok(json!({ "rows": rows, "nobody": !who.is_empty() && found.is_empty() }))
}

fn condition(part: &Explained) -> Value {
    json!({ "condition": part.condition, "theirs": part.theirs })
}
