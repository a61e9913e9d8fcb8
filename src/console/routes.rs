//! How customers reach us: the contact routes, what is proposed for them, and "overloaded now".

use std::collections::BTreeMap;

use axum::{extract::Path, http::StatusCode};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    proposals,
    words::{say, text, word},
};
use crate::{
    compose::route::{ContactRoute, in_locale},
    problem::Problem,
    propose::{self, Change, Ending, Noun, Proposal, RouteText, load},
};

const LIST: &str = "/console/routes";

/// The list.
pub(super) async fn list(desk: Desk) -> Answer {
    listed(&desk, None).await
}

async fn listed(desk: &Desk, problem: Option<Problem>) -> Answer {
    let default = desk.app.default_locale();
    let routes = desk.app.store.routes().await?;
    let row = |route: &ContactRoute| {
        let text = |texts: &BTreeMap<String, String>| in_locale(texts, default, default).to_owned();
        let languages = desk.app.config.organisation.locales.iter();
        let missing: Vec<&str> = languages
            .filter(|locale| !route.need.contains_key(*locale))
            .map(|locale| say("language", locale))
            .collect();
        json!({
            "id": route.id, "need": text(&route.need), "how": route.how, "label": text(&route.label),
            "hours": text(&route.hours), "wording": text(&route.overloaded_wording), "overloaded": route.overloaded,
            "missing": missing.join(&*word("join-comma")),
        })
    };
    let body = json!({
        "rows": routes.iter().map(row).collect::<Vec<_>>(),
        "proposals": proposals::of(desk, |proposal| proposal.noun == Noun::ContactRoute).await?,
        "problem": problem.as_ref().map(|problem| problem.detail.clone()),
    });
    let frame = Frame { template: "routes", nav: "channels", title: text!("routes-title"), exercise: false };
    answer(page::show(desk, &frame, body).await?, problem)
}

fn answer(mut response: axum::response::Response, problem: Option<Problem>) -> Answer {
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// "Overloaded now", and "it is fine again".
pub(super) async fn overload(desk: Desk, form: Form) -> Answer {
    let id = form.get("id").parse().map_err(|_| Problem::missing(text!("routes-no-such")))?;
    match load::set(&desk.app, &desk.actor, id, form.get("overloaded") == "1").await {
        Ok(_) => page::to(LIST),
        Err(problem) if problem.status == 409 => listed(&desk, Some(problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// The form for a new one.
pub(super) async fn new(desk: Desk) -> Answer {
    let position = desk.app.store.routes().await?.len() as i64;
    edit(&desk, None, &RouteText { position, ..RouteText::default() }, None).await
}

/// The form for one.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let route = one(&desk, id).await?;
    edit(&desk, Some(id), &(&route).into(), None).await
}

async fn one(desk: &Desk, id: i64) -> Result<ContactRoute, Problem> {
    let found = desk.app.store.routes().await?.into_iter().find(|route| route.id == id);
    found.ok_or_else(|| Problem::missing(text!("routes-no-such")))
}

async fn edit(desk: &Desk, id: Option<i64>, text: &RouteText, problem: Option<Problem>) -> Answer {
    let of = |texts: &BTreeMap<String, String>, locale: &str| texts.get(locale).cloned().unwrap_or_default();
    let locales = desk.app.config.organisation.locales.iter().enumerate().map(|(place, locale)| {
        json!({
            "locale": locale, "language": say("language", locale), "first": place == 0,
            "need": of(&text.need, locale), "label": of(&text.label, locale), "hours": of(&text.hours, locale),
            "wording": of(&text.overloaded_wording, locale),
        })
    });
    let count = desk.app.store.routes().await?.len() + usize::from(id.is_none());
    let body = json!({
        "id": id,
        "name": in_locale(&text.need, desk.app.default_locale(), desk.app.default_locale()),
        "how": text.how,
        "locales": locales.collect::<Vec<_>>(),
        "several": desk.app.config.organisation.locales.len() > 1,
        "places": places(count, text.position),
        "alone": alone(desk).await?,
        "problem": problem.as_ref().map(|problem| problem.detail.clone()),
        "at": problem.as_ref().and_then(|problem| problem.pointer.clone()),
    });
    let title = if id.is_some() { text!("route_edit-title-change") } else { text!("route_edit-new") };
    let frame = Frame { template: "route_edit", nav: "channels", title, exercise: false };
    answer(page::show(desk, &frame, body).await?, problem)
}

/// The places of a list, with the one that is taken.
pub(super) fn places(count: usize, position: i64) -> Vec<Value> {
    let last = (count as i64 - 1).max(0);
    (0..=last)
        .map(|place| json!({ "value": place, "label": place + 1, "selected": place == position.min(last) }))
        .collect()
}

/// Whether there has never been a second person, so that a change counts at once.
pub(super) async fn alone(desk: &Desk) -> Result<bool, Problem> {
    Ok(desk.app.store.people().await?.len() <= 1)
}

/// Proposes what the form says.
pub(super) async fn save(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    propose_as_typed(desk, Some(id), form).await
}

/// The same for a new one.
pub(super) async fn add(desk: Desk, form: Form) -> Answer {
    propose_as_typed(desk, None, form).await
}

async fn propose_as_typed(desk: Desk, target: Option<i64>, form: Form) -> Answer {
    let text = read(&desk, &form);
    let change = if form.get("action") == "remove" { Change::Remove {} } else { Change::ContactRoute(text.clone()) };
    match propose::propose(&desk.app, &desk.actor, Noun::ContactRoute, target, &change).await {
        Ok(proposal) => proposed(LIST, &proposal),
        Err(problem) if matches!(problem.status, 409 | 422) => edit(&desk, target, &text, Some(problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// Where to go after a proposal: to the list, at the proposal where it waits.
pub(super) fn proposed(list: &str, proposal: &Proposal) -> Answer {
    match proposal.outcome {
        Some(Ending::Accepted) => page::to(list),
        _ => page::to(&format!("{list}#proposal-{}", proposal.id)),
    }
}

fn read(desk: &Desk, form: &Form) -> RouteText {
    let texts = |name: &str| {
        let locales = desk.app.config.organisation.locales.iter();
        let said = |locale: &String| {
            let text = form.get(&format!("{name}.{locale}"));
            (!text.is_empty()).then(|| (locale.clone(), text.to_owned()))
        };
        locales.filter_map(said).collect::<BTreeMap<_, _>>()
    };
    RouteText {
        need: texts("need"),
        how: form.get("how").to_owned(),
        label: texts("label"),
        hours: texts("hours"),
        overloaded_wording: texts("wording"),
        position: form.get("place").parse().unwrap_or_default(),
    }
}
