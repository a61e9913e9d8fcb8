//! The quick way in: what is broken, the prepared message of that component with its few choices, and one button that
//! puts it on the website. Everything is a link or a submit button; scripts only show the words while one chooses.

mod card;
mod colleague;
mod sent;

use axum::extract::{Path, Query};
use serde_json::{Value, json};

pub(super) use self::{
    card::{approved_by, channels, listed},
    sent::{ask, live, show as sent},
};
use super::{
    enter::{Answer, Desk},
    form::Form,
    new,
    page::{self, Frame},
    time::Times,
    words::{say, text},
};
use crate::{
    api::auth,
    compose::status::Status,
    people::Role,
    problem::Problem,
    schedule::playbook::{
        bounds::{Standing, standing},
        fill::Asked,
        instance::{self, About},
    },
    store::playbooks::Stored,
};

/// What is chosen so far.
#[derive(Clone, Default, serde::Deserialize)]
pub(super) struct Chosen {
    component: Option<i64>,
    playbook: Option<i64>,
    /// The incident to go on with; 0 for a new one, whatever is open.
    incident: Option<i64>,
    exercise: Option<String>,
}

/// "What is broken?", and the prepared message once that is said.
pub(super) async fn broken(desk: Desk, Query(chosen): Query<Chosen>) -> Answer {
    if desk.app.store.components().await?.is_empty() {
        return new::show(desk, Query(new::Wanted { exercise: chosen.exercise, component: None })).await;
    }
    view(&desk, chosen, &Form::default(), None).await
}

/// Each button of the prepared message.
pub(super) async fn act(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    match acted(&desk, id, &form).await {
        Ok(Some(place)) => page::to(&place),
        Ok(None) => view(&desk, chosen(&desk, id, &form).await?, &form, None).await,
        Err(problem) if matches!(problem.status, 409 | 422) => {
            view(&desk, chosen(&desk, id, &form).await?, &form, Some(problem)).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The words as they will read, while one chooses.
pub(super) async fn words(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let stored = desk.app.store.playbook(id).await?;
    let about = about(&desk, &form).await?;
    let asked = asked(&stored, &form);
    let words = card::words(&desk, &stored, about, &asked).await?;
    page::piece(&desk, "quick_piece", json!({ "words": words, "promises": card::promises(&stored, &asked) }))
}

/// Does what the button says; None shows the page again.
async fn acted(desk: &Desk, id: i64, form: &Form) -> Result<Option<String>, Problem> {
    let stored = desk.app.store.playbook(id).await?;
    let (about, asked) = (about(desk, form).await?, asked(&stored, form));
    let (app, actor) = (&desk.app, &desk.actor);
    Ok(match form.get("action") {
        "send" | "send_and_ask" => {
            let sent = instance::send(app, actor, id, about, &asked).await?;
            let place = format!("/console/sent/{}", sent.update.id);
            if form.get("action") == "send" || !sent.exceeded.is_empty() {
                return Ok(Some(place));
            }
            // It is on the website by now: a refusal of the second part is told there, and takes nothing back.
            match crate::schedule::playbook::rest::ask(app, actor, sent.update.id).await {
                Ok(_) => Some(place),
                Err(problem) => {
                    let why: String = url::form_urlencoded::byte_serialize(problem.detail.as_bytes()).collect();
                    Some(format!("{place}?not_asked={why}"))
                }
            }
        }
        "ask" => {
            Some(format!("/console/updates/{}/approve", instance::ask(app, actor, id, about, &asked).await?.update_id))
        }
        "write" => Some(format!("/console/updates/{}", instance::write_out(app, actor, id, about, &asked).await?.id)),
        _ => None,
    })
}

/// What the form is about; a restricted incident only for who may see it.
async fn about(desk: &Desk, form: &Form) -> Result<About, Problem> {
    let incident = form.get("incident").parse().ok().filter(|id| *id > 0);
    if let Some(id) = incident {
        auth::may_see(&desk.app, &desk.actor, id).await?;
    }
    Ok(About { incident, exercise: form.get("exercise") == "1" })
}

async fn chosen(desk: &Desk, id: i64, form: &Form) -> Result<Chosen, Problem> {
    let stored = desk.app.store.playbook(id).await?;
    Ok(Chosen {
        component: Some(stored.playbook.component),
        playbook: Some(id),
        incident: Some(form.get("incident").parse().unwrap_or(0)),
        exercise: (form.get("exercise") == "1").then(|| "1".to_owned()),
    })
}

/// What the form asks of a playbook; what it does not say takes the usual.
fn asked(stored: &Stored, form: &Form) -> Asked {
    let first = || stored.playbook.stages.keys().next().copied().unwrap_or(Status::Investigating);
    let said = stored.playbook.variables.iter().filter_map(|variable| {
        let value = form.raw(&format!("v.{}", variable.name))?;
        Some((variable.name.clone(), value.trim().to_owned()))
    });
    let stage = Status::parse(form.get("stage")).unwrap_or_else(first);
    let promises =
        stored.playbook.stages.get(&stage).map(|stage| stage.next_update_minutes.clone()).unwrap_or_default();
    Asked {
        // The chips of another stage do not count for this one.
        next_update_minutes: form.get("next").parse().ok().filter(|minutes| promises.contains(minutes)),
        ..Asked::new(stage, said.collect())
    }
}

async fn view(desk: &Desk, chosen: Chosen, form: &Form, problem: Option<Problem>) -> Answer {
    desk.app.may(&desk.actor, Role::Author, "")?;
    let (app, times) = (&desk.app, Times::of(&desk.app));
    let (components, playbooks) = (app.store.components().await?, app.store.playbooks().await?);
    let mut exercise = chosen.exercise.is_some();
    let practice = if exercise { "&exercise=1" } else { "" };
    let rows: Vec<Value> = components
        .iter()
        .map(|component| {
            let status = component.status.as_str();
            json!({ "id": component.id, "name": component.name, "current": chosen.component == Some(component.id),
                "trouble": (status != "operational").then(|| say("component", status)), "practice": practice })
        })
        .collect();
    let of_component: Vec<&Stored> =
        playbooks.iter().filter(|stored| chosen.component == Some(stored.playbook.component)).collect();
    // What is planned, or only to be known, is not broken.
    let of_component: Vec<&Stored> = of_component
        .into_iter()
        .filter(|stored| stored.playbook.kind() == crate::compose::status::Kind::Incident)
        .collect();
    let stored = of_component.iter().find(|stored| chosen.playbook == Some(stored.id)).or(of_component.first());
    let card = match stored {
        Some(stored) => {
            let incident = card::incident(desk, stored, chosen.incident, exercise).await?;
            exercise = incident.as_ref().map_or(exercise, |incident| incident.exercise);
            Some(card::card(desk, &times, stored, incident.as_ref(), exercise, form).await?)
        }
        None => None,
    };
    let several = of_component.iter().filter(|_| of_component.len() > 1).map(|other| {
        let ready = standing(other, times.now) == Standing::Approved;
        json!({ "id": other.id, "name": other.playbook.name, "ready": ready, "current": stored.is_some_and(|stored| stored.id == other.id),
            "component": other.playbook.component, "practice": practice })
    });
    let named = components.iter().find(|component| chosen.component == Some(component.id));
    let body = json!({
        "rows": rows, "card": card, "several": several.collect::<Vec<_>>(), "exercise": exercise, "practice": practice,
        "component": named.map(|component| json!({ "id": component.id, "name": component.name })),
        "drafts": if named.is_none() { new::drafts(desk).await? } else { Vec::new() },
        "problem": problem.map(|problem| problem.detail),
    });
    let title = text!("quick-heading", exercise = exercise.to_string());
    page::show(desk, &Frame { template: "quick", nav: "write", title, exercise }, body).await
}
