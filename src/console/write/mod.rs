//! Write: the facts on one side, every channel's text on the other. Saved at every pause in typing; every button is a
//! submit button, so that all of it works without scripts.

mod alphabet;
mod change;
mod conflict;
mod frame;
mod groups;
mod here;
mod list;
mod notes;
mod plain;
mod previews;
mod read;
mod slots;
mod versions;
mod view;

use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use serde::Deserialize;

use self::view::Shown;
pub(super) use self::{
    frame::{framed, mail},
    groups::show as groups,
    here::show as here,
    list::{act as give_list, file as list_file, show as list},
    plain::differences,
    read::{PROSE, facts, prose},
    slots::{Slots, dashed},
    versions::{restore, show as versions},
};
use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::Times,
    words::text,
};
use crate::{
    approve::State,
    compose::{content::Content, write},
    path,
    people::Role,
    problem::Problem,
    send::trial,
    store::incidents::Update,
};
use onevoice_channels::contract::Channel;

/// What the page offers besides.
#[derive(Deserialize)]
pub(super) struct Offer {
    /// The version to which better words can be taken back.
    undo: Option<i64>,
}

/// The page.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>, Query(offer): Query<Offer>) -> Answer {
    let update = desk.app.store.update(id).await?;
    if update.state == State::Approved {
        let broadcasts = desk.app.store.broadcasts_of(id).await?;
        if let Some(broadcast) = broadcasts.iter().rev().find(|broadcast| broadcast.approved_at.is_some()) {
            return page::to(&format!("/console/broadcasts/{}", broadcast.id));
        }
    }
    whole(&desk, &update, update.content.clone(), None, offer.undo).await
}

/// The page with content that may not be saved yet, and with what is wrong with it.
async fn written(desk: &Desk, update: &Update, content: Content, problem: Problem) -> Answer {
    whole(desk, update, content, Some(problem), None).await
}

async fn whole(desk: &Desk, update: &Update, content: Content, problem: Option<Problem>, undo: Option<i64>) -> Answer {
    let incident = desk.app.store.incident(update.incident_id).await?;
    let status = problem
        .as_ref()
        .map_or(StatusCode::OK, |problem| StatusCode::from_u16(problem.status).unwrap_or(StatusCode::OK));
    let body = view::view(desk, update, &incident, Shown { content, problem, undo, typing: false }).await?;
    let title = text!("write-head", number = update.number, title = incident.title.as_str());
    let mut response =
        page::show(desk, &Frame { template: "write", nav: "write", title, exercise: incident.exercise }, body).await?;
    *response.status_mut() = status;
    Ok(response)
}

/// What a script sends at every pause: saves, and answers the previews, findings and numbers as they are now.
pub(super) async fn autosave(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let update = desk.app.store.update(id).await?;
    let content =
        read::content(&desk.app, &Times::of(&desk.app), &form, &update.content).map_err(|wrong| wrong.problem)?;
    let saved = write::save(&desk.app, &desk.actor, id, version(&form)?, &content).await?;
    let incident = desk.app.store.incident(saved.incident_id).await?;
    let shown = Shown::of(saved.content.clone());
    page::piece(&desk, "write_fragment", view::view(&desk, &saved, &incident, shown).await?)
}

/// What a script asks while somebody types: the previews and findings of words that are not saved yet. It says nothing of
/// the version: a page that took a colleague's newer one from here would overwrite it with its next save.
pub(super) async fn look(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    desk.app.may(&desk.actor, Role::Author, "write")?;
    let update = desk.app.store.update(id).await?;
    let content =
        read::content(&desk.app, &Times::of(&desk.app), &form, &update.content).map_err(|wrong| wrong.problem)?;
    let incident = desk.app.store.incident(update.incident_id).await?;
    let shown = Shown { typing: true, ..Shown::of(content) };
    let mut view = view::view(&desk, &update, &incident, shown).await?;
    view["typing"] = true.into();
    page::piece(&desk, "write_fragment", view)
}

fn version(form: &Form) -> Result<i64, Problem> {
    form.get("version").parse().map_err(|_| Problem::unreadable(text!("write-no-version")))
}

/// Every button of the page.
pub(super) async fn act(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let update = desk.app.store.update(id).await?;
    let action = form.get("action");
    if action == "discard" {
        write::discard(&desk.app, &desk.actor, id).await?;
        return page::to(&format!("/console/incidents/{}", update.incident_id));
    }
    let base = conflict::base(&form)?;
    let before =
        if base == update.version { update.content.clone() } else { desk.app.store.version(id, base).await?.content };
    let (mut content, wrong) = match read::content(&desk.app, &Times::of(&desk.app), &form, &before) {
        Ok(content) => (content, None),
        Err(wrong) => (*wrong.rest, Some(wrong.problem)),
    };
    let is_closed = !update.state.allows(State::Draft);
    if (base != update.version || is_closed) && content != update.content {
        let late = conflict::Late { update: &update, base, before: &before, mine: &content };
        // Only who saw both as they are now has chosen.
        content = match action {
            "both" if version(&form)? == update.version && !is_closed => conflict::both(&late)?,
            "mine" if version(&form)? == update.version && !is_closed => content,
            _ => return conflict::show(&desk, &form, &late).await,
        };
    }
    if let Some(problem) = wrong {
        return written(&desk, &update, content, problem).await;
    }
    if let Err(problem) = change::change(&desk, id, &mut content, action).await {
        return written(&desk, &update, content, problem).await;
    }
    let saved = match write::save(&desk.app, &desk.actor, id, update.version, &content).await {
        Ok(saved) => saved,
        Err(problem) if problem.status == 422 => return written(&desk, &update, content, problem).await,
        Err(problem) => return Err(problem.into()),
    };
    match after(&desk, action, &update, &saved).await {
        Err(problem) if problem.status != 403 => written(&desk, &saved, content, problem).await,
        place => page::to(&place?),
    }
}

/// What a button does once everything is saved; answers the next page.
async fn after(desk: &Desk, action: &str, before: &Update, saved: &Update) -> Result<String, Problem> {
    let id = saved.id;
    match action {
        "submit" => path::prepare(&desk.app, &desk.actor, id).await.map(|_| format!("/console/updates/{id}/approve")),
        "test" | "test_sms" => {
            let channel = if action == "test" { Channel::Email } else { Channel::Sms };
            trial::send(&desk.app, &desk.actor, id, channel).await.map(|_| format!("/console/updates/{id}"))
        }
        "list" => Ok(format!("/console/updates/{id}/list")),
        _ if action.starts_with("use:") && saved.version > before.version => {
            Ok(format!("/console/updates/{id}?undo={}", before.version))
        }
        _ => Ok(format!("/console/updates/{id}")),
    }
}
