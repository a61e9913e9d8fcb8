//! What people wrote back: what nobody saw to yet first, then the rest; over all, or of one incident.

use axum::extract::{Path, Query};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::Times,
    words::{say, text},
};
use crate::{
    people::{Person, Role, sight},
    problem::Problem,
    store::{inbox::Received, incidents::Incident},
    track::{inbox, replies::Word},
};

/// Replies that wait on one page. The next ones come up as these are seen to.
const MOST_OPEN: i64 = 100;
/// The others on one page.
const PAGE: i64 = 50;

/// What is asked for.
#[derive(serde::Deserialize)]
pub(super) struct Asked {
    /// The others before this number.
    #[serde(default)]
    before: Option<i64>,
}

/// Of every incident, and of none.
pub(super) async fn all(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    shown(&desk, None, &asked).await
}

/// Of one incident.
pub(super) async fn of(desk: Desk, Path(id): Path<i64>, Query(asked): Query<Asked>) -> Answer {
    let incident = sight::incident(&desk.app, &desk.actor, id).await?;
    shown(&desk, Some(&incident), &asked).await
}

async fn shown(desk: &Desk, incident: Option<&Incident>, asked: &Asked) -> Answer {
    let (app, times) = (&desk.app, Times::of(&desk.app));
    let people = app.store.people().await?;
    let id = incident.map(|incident| incident.id);
    // An earlier page is of what is done: what waits stands on the first.
    let mut open = match asked.before {
        None => sight::replies(app, &desk.actor, id, true, i64::MAX, MOST_OPEN + 1).await?,
        Some(_) => Vec::new(),
    };
    let before = asked.before.unwrap_or(i64::MAX);
    let mut done = sight::replies(app, &desk.actor, id, false, before, PAGE + 1).await?;
    let (many, more) = (open.len() as i64 > MOST_OPEN, done.len() as i64 > PAGE);
    open.truncate(MOST_OPEN as usize);
    done.truncate(PAGE as usize);
    let last = done.last().filter(|_| more).map(|received| received.reply.id);
    let rows = |found: &[Received]| -> Vec<Value> {
        found.iter().map(|received| row(desk, &times, &people, received, incident.is_none())).collect()
    };
    let place = id.map_or_else(|| "/console/replies".to_owned(), |id| format!("/console/incidents/{id}/replies"));
    let body = json!({
        "incident": incident.map(|incident| json!({ "id": incident.id, "title": incident.title })),
        "open": rows(&open), "done": rows(&done), "many": many, "first": asked.before.is_none(), "place": place,
        "earlier": last.map(|last| format!("{place}?before={last}")),
        "days": app.config.replies.forget_after_days,
        "help_desk": app.config.replies.forward_to,
    });
    let exercise = incident.is_some_and(|incident| incident.exercise);
    page::show(desk, &Frame { template: "replies", nav: "history", title: text!("replies-heading"), exercise }, body)
        .await
}

/// One reply. Its incident is named where the page is not about it.
fn row(desk: &Desk, times: &Times, people: &[Person], received: &Received, with_incident: bool) -> Value {
    let reply = &received.reply;
    let about = received.incident.as_ref().filter(|_| with_incident);
    json!({
        "id": reply.id,
        "from": reply.from,
        "person": received.recipient.as_ref().map(|(id, name)| json!({ "id": id, "name": if name.is_empty() { &reply.from } else { name } })),
        "erased": reply.from.is_empty(),
        "to": reply.to,
        "channel": say("channel", reply.channel.as_str()),
        "at": times.full(reply.at),
        "about": about.map(|(id, title)| json!({ "id": id, "title": title })),
        "stray": received.incident.is_none(),
        "text": reply.text,
        "fate": fate(times, people, received),
        "may": desk.person.role >= Role::Author && reply.word == Word::Other,
        "handled": reply.handled_at.is_some(),
    })
}

/// What became of it, as sentences.
fn fate(times: &Times, people: &[Person], received: &Received) -> Vec<String> {
    let reply = &received.reply;
    let mut said = Vec::new();
    match reply.word {
        Word::Stop => said.push(text!("replies-stop")),
        Word::Start => said.push(text!("replies-start")),
        Word::Help => said.push(text!("replies-help")),
        Word::Other => {}
    }
    let answer = reply.answer.as_deref();
    match (received.forwarded_to.as_deref().filter(|to| !to.is_empty()), answer) {
        (Some(to), Some("sent")) => said.push(text!("replies-forwarded", to = to)),
        (Some(to), Some("failed")) => said.push(text!("replies-not-forwarded", to = to)),
        (Some(to), _) => said.push(text!("replies-on-its-way", to = to)),
        (None, Some("sent")) if reply.word != Word::Other => said.push(text!("replies-answered")),
        (None, Some("waiting")) => said.push(text!("replies-answer-waits")),
        (None, Some("failed")) => said.push(text!("replies-answer-failed")),
        _ => {}
    }
    if let Some(at) = reply.handled_at {
        let by = received.handled_by.and_then(|id| people.iter().find(|person| person.id == id));
        let by = by.map(|person| person.name.clone()).unwrap_or_default();
        said.push(text!("replies-handled", name = by, at = times.full(at)));
    }
    said
}

/// Marks one as seen to, or as open again.
pub(super) async fn act(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let handled = match form.get("action") {
        "handled" => true,
        "open" => false,
        other => return Err(Problem::unreadable(text!("refused-no-button", name = format!("{other:?}"))).into()),
    };
    inbox::handle(&desk.app, &desk.actor, id, handled).await?;
    // Back to the page that it stood on.
    match form.get("incident").parse::<i64>() {
        Ok(incident) => page::to(&format!("/console/incidents/{incident}/replies")),
        Err(_) => page::to("/console/replies"),
    }
}
