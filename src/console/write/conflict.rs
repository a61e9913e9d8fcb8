//! Somebody else saved meanwhile: both texts, what to do about them, and nothing lost.

use axum::http::StatusCode;
use serde_json::json;

use super::{
    super::{
        enter::{Answer, Desk},
        form::Form,
        page::{self, Frame},
        time::Times,
        words::{say, text},
    },
    here,
    plain::{plain, runs},
};
use crate::{
    approve::State,
    compose::{content::Content, merge},
    problem::Problem,
    store::incidents::Update,
};

/// A form that was made from an older version.
pub(super) struct Late<'a> {
    /// The update as it is now.
    pub update: &'a Update,
    /// The version that the form was made from.
    pub base: i64,
    /// What it said.
    pub before: &'a Content,
    /// What the form says.
    pub mine: &'a Content,
}

/// The version that a form was made from: where it went through the page of a conflict, the one from before that.
pub(super) fn base(form: &Form) -> Result<i64, Problem> {
    let version = match form.get("base_version") {
        "" => form.get("version"),
        base => base,
    };
    version.parse().map_err(|_| Problem::unreadable(text!("write-no-version")))
}

/// What both wrote, put together.
pub(super) fn both(late: &Late<'_>) -> Result<Content, Problem> {
    merge::merge(late.before, late.mine, &late.update.content)
}

/// The page with both texts.
pub(super) async fn show(desk: &Desk, form: &Form, late: &Late<'_>) -> Answer {
    let update = late.update;
    let incident = desk.app.store.incident(update.incident_id).await?;
    let author = here::author(desk, update.author_id).await?;
    let times = Times::of(&desk.app);
    let (base, mine, theirs) = (plain(&times, late.before), plain(&times, late.mine), plain(&times, &update.content));
    let text = |texts: &[(String, String)], name: &str| {
        texts.iter().find(|(known, _)| known == name).map_or_else(String::new, |(_, text)| text.clone())
    };
    let extra = theirs.iter().filter(|(name, _)| !mine.iter().any(|(known, _)| known == name));
    let fields: Vec<_> = mine
        .iter()
        .chain(extra)
        .filter_map(|(name, _)| {
            let (base, mine, theirs) = (text(&base, name), text(&mine, name), text(&theirs, name));
            (mine != theirs).then(|| {
                json!({ "name": name, "yours": runs(&base, &mine), "theirs": runs(&base, &theirs),
                    "both": mine != base && theirs != base, "only_you": theirs == base })
            })
        })
        .collect();
    let pairs: Vec<_> = form
        .kept()
        .filter(|(name, _)| !["version", "base_version", "action"].contains(name))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let clash = fields.iter().any(|field| field["both"] == true);
    let body = json!({ "id": update.id, "version": update.version, "base_version": late.base, "author": author,
        "saved": times.full(update.saved_at), "clash": clash,
        "closed": (!update.state.allows(State::Draft)).then(|| say("state", update.state.as_str())), "incident": incident.id, "fields": fields, "pairs": pairs });
    let title = text!("conflict-head", number = update.number);
    let frame = Frame { template: "conflict", nav: "write", title, exercise: incident.exercise };
    let mut response = page::show(desk, &frame, body).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}
