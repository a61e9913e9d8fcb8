//! Prepared messages: the list, and one of them read whole, with every value, and approved in advance.

mod form;
mod view;

use axum::{
    extract::{Path, Query},
    response::Response,
};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    passkeys, quick,
    time::{Times, length, money},
    words::{say, text, word},
};
use crate::{
    approve::decide::Yes,
    compose::status::Kind,
    people::Role,
    problem::Problem,
    schedule::playbook::{
        bounds::{Standing, standing},
        keep,
    },
    store::playbooks::Stored,
};

fn frame(template: &'static str, title: String) -> Frame {
    Frame { template, nav: "write", title, exercise: false }
}

/// Every prepared message.
pub(super) async fn list(desk: Desk) -> Answer {
    let times = Times::of(&desk.app);
    let components = desk.app.store.components().await?;
    let mut rows = Vec::new();
    for stored in desk.app.store.playbooks().await? {
        let name = components.iter().find(|component| component.id == stored.playbook.component);
        let (state, class) = state(&times, &stored);
        rows.push(json!({
            "id": stored.id, "name": stored.playbook.name, "component": name.map(|component| component.name.clone()),
            "state": state, "class": class, "until": times.day(stored.playbook.bounds.valid_until),
            "stages": stored.playbook.stages.keys().map(|stage| say("status", stage.as_str())).collect::<Vec<_>>().join(&word("list-comma")),
            "used": stored.last_used_at.map(|at| times.full(at)),
            "mine": keep::may_approve(&desk.app, &desk.actor, &stored).is_ok() && matches!(standing(&stored, times.now), Standing::Waiting(_)),
        }));
    }
    let bare: Vec<Value> = components
        .iter()
        .filter(|component| !rows.iter().any(|row| row["component"] == component.name.as_str()))
        .map(|component| json!({ "id": component.id, "name": component.name }))
        .collect();
    page::show(
        &desk,
        &frame("prepared", text!("prepared-heading")),
        json!({ "rows": rows, "bare": bare, "any": !components.is_empty() }),
    )
    .await
}

/// How it stands, in words, and the class of that.
fn state(times: &Times, stored: &Stored) -> (String, &'static str) {
    match standing(stored, times.now) {
        Standing::Approved => (text!("prepared-approved"), "ok"),
        Standing::Waiting(1) => (text!("prepared-one-waits"), "warn"),
        Standing::Waiting(_) => (text!("prepared-two-wait"), "warn"),
        Standing::Expired => (text!("prepared-expired"), "bad"),
        Standing::Retired => (text!("prepared-retired"), "bad"),
    }
}

/// One of them.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let stored = desk.app.store.playbook(id).await?;
    shown(&desk, &stored, None).await
}

async fn shown(desk: &Desk, stored: &Stored, problem: Option<Problem>) -> Answer {
    let times = Times::of(&desk.app);
    let bounds = &stored.playbook.bounds;
    let read = keep::read(&desk.app, &stored.playbook).await?;
    let stopped: Vec<Value> = keep::stopped(&read)
        .iter()
        .map(|finding| json!({ "title": finding.title, "why": finding.why, "words": finding.words }))
        .collect();
    let (state_words, class) = state(&times, stored);
    let standing = standing(stored, times.now);
    let waits = matches!(standing, Standing::Waiting(_));
    let may_not = match keep::may_approve(&desk.app, &desk.actor, stored) {
        Err(problem) => Some(problem.detail),
        Ok(person) if stored.approvals.iter().any(|yes| yes.person_id == person.id) => {
            Some(text!("prepared-one-already"))
        }
        Ok(_) => None,
    };
    let mut names = Vec::new();
    for yes in &stored.approvals {
        names.push(json!({ "name": desk.app.store.person(yes.person_id).await?.name, "at": times.full(yes.at) }));
    }
    let by = match stored.author_id {
        Some(id) => Some(desk.app.store.person(id).await?.name),
        None => None,
    };
    let components = desk.app.store.components().await?;
    let component = components.iter().find(|component| component.id == stored.playbook.component);
    let who: Vec<String> = [
        bounds.person.then(|| text!("prepared-who-person")),
        bounds.machine.then(|| text!("prepared-who-machine")),
        bounds.timer.then(|| text!("prepared-who-timer")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let body = json!({
        "id": stored.id, "name": stored.playbook.name, "version": stored.version, "digest": stored.digest,
        "component": component.map(|component| json!({ "id": component.id, "name": component.name })),
        "state": state_words, "class": class, "waits": waits, "approved": standing == Standing::Approved,
        "approvals": names, "approved_by": quick::approved_by(desk, stored).await?, "by": by, "written": times.full(stored.written_at),
        "used": stored.last_used_at.map(|at| times.full(at)),
        "by_form": stored.playbook.kind() == Kind::Incident,
        "who": quick::listed(&who), "where": quick::channels(&bounds.channels), "most": bounds.largest_audience,
        "most_cost": bounds.largest_cost.map(|most| money(most, &desk.app.config.sms.currency)),
        "every": length(u64::from(bounds.every_minutes) * 60), "until": times.day(bounds.valid_until),
        "questions": view::questions(&stored.playbook), "stages": view::stages(desk, stored, &read),
        "stopped": stopped, "may_not": may_not,
        "proof": super::approve::proof(desk).await?,
        "problem": problem.map(|problem| problem.detail),
    });
    page::show(desk, &frame("prepared_one", stored.playbook.name.clone()), body).await
}

/// A yes in advance; or put away.
pub(super) async fn act(desk: Desk, Path(id): Path<i64>, sent: Form) -> Answer {
    let (app, actor) = (&desk.app, &desk.actor);
    match sent.get("action") {
        "retire" => {
            keep::retire(app, actor, id).await?;
            page::to("/console/prepared")
        }
        "approve" => {
            let yes = Yes {
                digest: sent.get("digest").to_owned(),
                recipients: 0,
                password: sent.raw("password").unwrap_or_default().to_owned(),
                code: sent.get("code").to_owned(),
                quiet_hours: None,
                passkey: passkeys::answer(&desk.token, &sent),
            };
            match keep::approve(app, actor, id, &yes).await {
                Ok(_) => page::to(&format!("/console/prepared/{id}")),
                Err(problem) => shown(&desk, &app.store.playbook(id).await?, Some(problem)).await,
            }
        }
        other => Err(Problem::unreadable(text!("prepared-one-no-button", name = format!("{other:?}"))).into()),
    }
}

/// Asks for a passkey in place of the code.
pub(super) async fn ask(desk: Desk, Path(id): Path<i64>, form: Form) -> Response {
    let holder = passkeys::holder(&desk.token);
    passkeys::asked(keep::ask_passkey(&desk.app, &desk.actor, id, form.get("digest"), &holder).await)
}

/// For which component a new one is.
#[derive(serde::Deserialize)]
pub(super) struct For {
    component: Option<i64>,
}

/// The form for a new one.
pub(super) async fn new(desk: Desk, Query(For { component }): Query<For>) -> Answer {
    desk.app.may(&desk.actor, Role::Author, "")?;
    let blank = form::blank(&desk, component);
    let body = view::editor(&desk, None, &blank, None).await?;
    page::show(&desk, &frame("prepared_edit", text!("prepared-prepare")), body).await
}

/// The form of one that is there.
pub(super) async fn edit(desk: Desk, Path(id): Path<i64>) -> Answer {
    desk.app.may(&desk.actor, Role::Author, "")?;
    let stored = desk.app.store.playbook(id).await?;
    if stored.playbook.kind() != Kind::Incident {
        return page::to(&format!("/console/prepared/{id}"));
    }
    let typed = form::written(&desk, &stored.playbook);
    let body = view::editor(&desk, Some((id, stored.version)), &typed, None).await?;
    page::show(&desk, &frame("prepared_edit", stored.playbook.name.clone()), body).await
}

/// Saves a new one.
pub(super) async fn add(desk: Desk, sent: Form) -> Answer {
    put(&desk, None, &sent).await
}

/// Saves the next version.
pub(super) async fn save(desk: Desk, Path(id): Path<i64>, sent: Form) -> Answer {
    let based_on = sent.get("version").parse().map_err(|_| Problem::unreadable(text!("prepared-edit-version-lost")))?;
    put(&desk, Some((id, based_on)), &sent).await
}

async fn put(desk: &Desk, known: Option<(i64, i64)>, sent: &Form) -> Answer {
    let typed = form::typed(desk, sent);
    let components = desk.app.store.components().await?;
    let saved = match form::playbook(desk, &typed, &components) {
        Ok(playbook) => keep::save(&desk.app, &desk.actor, known, &playbook).await,
        Err(problem) => Err(problem),
    };
    match saved {
        Ok(stored) => page::to(&format!("/console/prepared/{}", stored.id)),
        // The page again, with all that was typed.
        Err(problem) if matches!(problem.status, 409 | 422) => {
            let body = view::editor(desk, known, &typed, Some(problem)).await?;
            page::show(desk, &frame("prepared_edit", text!("prepared-prepare")), body).await
        }
        Err(problem) => Err(problem.into()),
    }
}
