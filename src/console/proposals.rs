//! Changes of components and contact routes that wait for a second person: what differs, and the yes or no.

use std::collections::BTreeMap;

use axum::extract::Path;
use serde_json::{Value, json};

use super::{
    diff::{self, Change as Run},
    enter::{Answer, Desk},
    form::Form,
    page,
    time::Times,
    words::{say, text},
};
use crate::{
    compose::route::in_locale,
    problem::Problem,
    propose::{self, Change, ComponentText, Noun, Proposal, RouteText},
};

/// The fields, in the order in which their differences are read.
const ORDER: [&str; 9] = ["name", "description", "group", "need", "how", "label", "hours", "wording", "place"];

/// Every proposal that waits.
pub(super) async fn waiting(desk: &Desk) -> Result<Vec<Value>, Problem> {
    of(desk, |_| true).await
}

/// Those of one noun.
pub(super) async fn of(desk: &Desk, wanted: impl Fn(&Proposal) -> bool) -> Result<Vec<Value>, Problem> {
    let mut rows = Vec::new();
    for proposal in desk.app.store.open_proposals().await?.iter().filter(|proposal| wanted(proposal)) {
        rows.push(row(desk, proposal).await?);
    }
    Ok(rows)
}

async fn row(desk: &Desk, proposal: &Proposal) -> Result<Value, Problem> {
    let times = Times::of(&desk.app);
    let by = match proposal.proposed_by {
        Some(id) => desk.app.store.person(id).await?.name,
        None => text!("proposal-operator"),
    };
    let may_not = propose::may_accept(&desk.app, &desk.actor, proposal).err().map(|problem| problem.detail);
    let own = proposal.proposed_by == Some(desk.person.id);
    let what = match (&proposal.document, proposal.target_id) {
        (Change::Remove {}, _) => text!("proposal-remove"),
        (_, None) => text!("proposal-new"),
        _ => text!("proposal-change"),
    };
    let is_new = proposal.target_id.is_none() && !matches!(proposal.document, Change::Remove {});
    let said = proposal.before.as_ref().filter(|_| !is_new).unwrap_or(&proposal.document);
    Ok(json!({
        "id": proposal.id,
        "what": what,
        "noun": say("noun", proposal.noun.as_str()),
        "name": name(desk, said),
        "by": by,
        "away": times.away(proposal.proposed_at),
        "rows": rows(desk, proposal.before.as_ref(), &proposal.document),
        "route": proposal.noun == Noun::ContactRoute,
        "mine": may_not.is_none(),
        "may_not": may_not,
        "own": own,
        "may_decline": own || desk.person.role >= crate::people::Role::Approver,
    }))
}

fn name(desk: &Desk, change: &Change) -> String {
    let default = desk.app.default_locale();
    match change {
        Change::Component(text) => text.name.clone(),
        Change::ContactRoute(text) => in_locale(&text.need, default, default).to_owned(),
        Change::Remove {} => String::new(),
    }
}

/// The fields that differ, with what is new and what goes.
fn rows(desk: &Desk, before: Option<&Change>, after: &Change) -> Vec<Value> {
    let (before, after) = (before.map(fields).unwrap_or_default(), fields(after));
    let mut keys: Vec<&(String, String)> = after.iter().map(|(key, _)| key).collect();
    keys.extend(before.iter().map(|(key, _)| key).filter(|key| !after.iter().any(|(known, _)| known == *key)));
    // In the order of the form, the default language first.
    let locales = &desk.app.config.organisation.locales;
    keys.sort_by_key(|(name, locale)| {
        (ORDER.iter().position(|known| *known == name.as_str()), locales.iter().position(|known| known == locale))
    });
    let mut rows = Vec::new();
    for key in keys {
        let of = |fields: &[((String, String), String)]| {
            fields.iter().find(|(known, _)| known == key).map(|(_, text)| text.clone()).unwrap_or_default()
        };
        let (old, new) = (of(&before), of(&after));
        if old == new {
            continue;
        }
        let runs = diff::words(&old, &new)
            .into_iter()
            .map(|(run, text)| json!({ "text": text, "new": run == Run::New, "gone": run == Run::Gone }));
        let several = desk.app.config.organisation.locales.len() > 1 && !key.1.is_empty();
        rows.push(json!({
            "label": say("route", &key.0),
            "language": if several { say("language", &key.1) } else { "" },
            "runs": runs.collect::<Vec<_>>(),
        }));
    }
    rows
}

/// Each field by its name and language.
fn fields(change: &Change) -> Vec<((String, String), String)> {
    let one = |name: &str, text: &str| ((name.to_owned(), String::new()), text.to_owned());
    let place = |position: i64| one("place", &(position + 1).to_string());
    match change {
        Change::Component(ComponentText { name, description, group, position }) => {
            vec![one("name", name), one("description", description), one("group", group), place(*position)]
        }
        Change::ContactRoute(text) => {
            let RouteText { need, how, label, hours, overloaded_wording, position } = text;
            let by_locale = |name: &'static str, texts: &BTreeMap<String, String>| {
                texts.iter().map(|(locale, text)| ((name.to_owned(), locale.clone()), text.clone())).collect::<Vec<_>>()
            };
            let mut fields = by_locale("need", need);
            fields.push(one("how", how));
            fields.extend(by_locale("label", label));
            fields.extend(by_locale("hours", hours));
            fields.extend(by_locale("wording", overloaded_wording));
            fields.push(place(*position));
            fields
        }
        Change::Remove {} => Vec::new(),
    }
}

/// The yes or no.
pub(super) async fn decide(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    match form.get("action") {
        "accept" => drop(propose::accept(&desk.app, &desk.actor, id).await?),
        "decline" => drop(propose::decline(&desk.app, &desk.actor, id).await?),
        other => return Err(Problem::unreadable(text!("refused-no-button", name = format!("{other:?}"))).into()),
    }
    page::to("/console/approvals")
}
