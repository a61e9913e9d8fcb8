//! After the button: what is on the website now, when the next update is promised, and what to do next.

use axum::extract::{Path, Query};
use serde_json::{Value, json};

use super::{
    super::{
        approve::chase,
        enter::{Answer, Desk},
        form::Form,
        page::{self, Frame},
        texts,
        time::Times,
        words::{say, text},
    },
    card, colleague,
};
use crate::{
    api::auth,
    approve::State,
    preview,
    problem::Problem,
    render::{MessageKind, Rendering},
    schedule::playbook::{instance, rest},
    store::{broadcasts::Broadcast, playbooks::Instance},
};

/// What could not be asked for.
#[derive(serde::Deserialize)]
pub(in crate::console) struct NotAsked {
    not_asked: Option<String>,
}

/// The page.
pub(in crate::console) async fn show(desk: Desk, Path(id): Path<i64>, Query(not): Query<NotAsked>) -> Answer {
    shown(&desk, id, not.not_asked).await
}

/// The part that moves.
pub(in crate::console) async fn live(desk: Desk, Path(id): Path<i64>) -> Answer {
    page::piece(&desk, "quick_sent_live", view(&desk, id, None).await?)
}

/// Asks for the other channels.
pub(in crate::console) async fn ask(desk: Desk, Path(id): Path<i64>, _: Form) -> Answer {
    match rest::ask(&desk.app, &desk.actor, id).await {
        Ok(_) => page::to(&format!("/console/sent/{id}")),
        Err(problem) if matches!(problem.status, 409 | 422) => shown(&desk, id, Some(problem.detail)).await,
        Err(problem) => Err(problem.into()),
    }
}

async fn shown(desk: &Desk, id: i64, problem: Option<String>) -> Answer {
    let body = view(desk, id, problem).await?;
    let title = body["heading"].as_str().unwrap_or_default().to_owned();
    let exercise = body["exercise"] == true;
    page::show(desk, &Frame { template: "quick_sent", nav: "write", title, exercise }, body).await
}

async fn instance_of(desk: &Desk, id: i64) -> Result<(Instance, Broadcast), Problem> {
    let missing = || Problem::missing(text!("quick-sent-none"));
    let instance = desk.app.store.instance(id).await?.ok_or_else(missing)?;
    auth::may_see(&desk.app, &desk.actor, instance.incident_id).await?;
    let broadcast = desk
        .app
        .store
        .broadcasts_of(id)
        .await?
        .into_iter()
        .rev()
        .find(|broadcast| broadcast.message == MessageKind::Update);
    Ok((instance, broadcast.ok_or_else(missing)?))
}

async fn view(desk: &Desk, id: i64, problem: Option<String>) -> Result<Value, Problem> {
    let (app, times) = (&desk.app, Times::of(&desk.app));
    let (instance, broadcast) = instance_of(desk, id).await?;
    let (update, incident) = (app.store.update(id).await?, app.store.incident(instance.incident_id).await?);
    let stored = app.store.playbook_version(instance.playbook_id, instance.version).await?;
    let place = card::channels(&stored.playbook.bounds.channels);
    let heading = match broadcast.state {
        State::Completed => text!("quick-sent-is-on", where = place.as_str()),
        State::Scheduled | State::Running => text!("quick-sent-goes-to", where = place.as_str()),
        State::Submitted => text!("quick-sent-waits"),
        state => text!("quick-sent-state", state = say("heading", state.as_str())),
    };
    let mut cards = Vec::new();
    for stored in app.store.renderings(broadcast.id).await? {
        let rendering: Rendering = serde_json::from_str(&stored.document).map_err(|_| Problem::internal())?;
        if rendering.message == MessageKind::Update && rendering.locale == app.default_locale() {
            cards.push(texts::shown(&preview::text_of(app, &rendering), &[], update.content.severity));
        }
    }
    let promise = app.store.promises_of(incident.id).await?.into_iter().rfind(|promise| promise.kept_at.is_none());
    let rest = match instance.rest_update_id {
        Some(rest) => rest_view(desk, &times, rest).await?,
        None => Value::Null,
    };
    let later = app
        .store
        .updates(incident.id)
        .await?
        .iter()
        .any(|later| later.number > update.number && later.state != State::Discarded);
    let others = instance::others(app, &update.content);
    Ok(json!({
        "id": id,
        "heading": heading,
        "done": broadcast.state == State::Completed,
        "moving": matches!(broadcast.state, State::Scheduled | State::Running),
        "queued": broadcast.state == State::Submitted,
        "chase": if broadcast.state == State::Submitted { chase::sentence(desk, &times, &broadcast).await? } else { String::new() },
        "exercise": incident.exercise,
        "incident": incident.id,
        "title": incident.title,
        "number": update.number,
        "broadcast": broadcast.id,
        "playbook": stored.playbook.name,
        "playbook_id": stored.id,
        "component": stored.playbook.component,
        "approved": card::approved_by(desk, &stored).await?,
        "at": instance.sent_at.map(|at| times.near(at)),
        "cards": cards,
        "place": place,
        "promise": promise.map(|promise| json!({ "time": times.full(promise.due_at), "at": promise.due_at.to_string(), "away": times.away(promise.due_at), "yours": promise.owner_id == Some(desk.person.id) })),
        "rest": rest,
        "others": (!others.is_empty() && !later && instance.sent_at.is_some()).then(|| card::channels(&others)),
        "who": colleague::asked(desk).await?,
        "over": incident.ended_at.is_some(),
        "problem": problem,
    }))
}

/// How the other channels stand.
async fn rest_view(desk: &Desk, times: &Times, id: i64) -> Result<Value, Problem> {
    let update = desk.app.store.update(id).await?;
    let last = desk.app.store.broadcasts_of(id).await?.into_iter().next_back();
    let waits = match &last {
        Some(broadcast) if broadcast.state == State::Submitted => chase::sentence(desk, times, broadcast).await?,
        _ => String::new(),
    };
    let approved = update.state == State::Approved;
    Ok(json!({
        "id": id, "number": update.number, "state": say("state", update.state.as_str()), "chase": waits,
        "channels": card::channels(&update.content.channels), "submitted": update.state == State::Submitted, "approved": approved,
        "broadcast": last.filter(|_| approved).map(|broadcast| broadcast.id),
    }))
}
