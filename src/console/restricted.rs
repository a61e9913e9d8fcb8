//! Who may see a restricted incident: the card on its page, and for an administrator the numbers of those they do not see.

use std::collections::BTreeSet;

use axum::extract::Path;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    incident, page,
    time::Times,
    words::{say, text, word},
};
use crate::{
    people::{
        Person, Role,
        restrict::{self, Change},
    },
    problem::Problem,
    store::incidents::Incident,
};

/// The card on an incident's page.
pub(super) async fn view(desk: &Desk, incident: &Incident, problem: Option<&Problem>) -> Result<Value, Problem> {
    let times = Times::of(&desk.app);
    let circle = restrict::read(&desk.app, &desk.actor, incident.id).await?;
    let people = desk.app.store.people().await?;
    let name = |id: Option<i64>| people.iter().find(|person| Some(person.id) == id).map(|person| person.name.clone());
    let named = |person: &Person| circle.named.iter().find(|named| named.person_id == person.id);
    let row = |person: &Person| {
        let named = named(person);
        json!({
            "id": person.id, "name": person.name, "role": say("role", person.role.as_str()),
            "me": person.id == desk.person.id, "named": named.is_some(),
            // Who opened it, or restricted it, named themselves.
            "by": named.filter(|named| named.named_by != Some(person.id)).and_then(|named| name(named.named_by)),
            "at": named.map(|named| times.full(named.named_at)),
            "checked": named.is_some() || (!circle.restricted && person.id == desk.person.id),
        })
    };
    let rows: Vec<Value> = people.iter().filter(|person| person.active || named(person).is_some()).map(row).collect();
    let missing = &circle.missing;
    Ok(json!({
        "restricted": circle.restricted, "rows": rows, "count": circle.named.len(),
        "second_person": missing.second_person, "sign_offs": missing.sign_offs.join(&*word("join-comma")), "on_duty": missing.on_duty,
        "may_open": desk.person.role >= Role::Approver, "problem": problem.map(|problem| problem.detail.clone()),
    }))
}

/// Changes who may see it, as the page's boxes say; or names one person for an incident that an administrator does not
/// see.
pub(super) async fn act(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let number = |id: &str| id.parse::<i64>().map_err(|_| Problem::unreadable(text!("incident_who-names-nobody")));
    let numbers = |name: &str| form.all(name).map(number).collect::<Result<BTreeSet<i64>, _>>();
    if form.get("action") == "name_unseen" {
        let change = Change { add: vec![number(form.get("person"))?], ..Change::default() };
        restrict::change(&desk.app, &desk.actor, id, &change).await?;
        return page::to("/console/settings#hidden");
    }
    // Only the boxes that this page showed speak: whom a colleague named meanwhile stays named.
    let (shown, ticked) = (numbers("shown")?, numbers("person")?);
    let change = Change {
        restricted: match form.get("action") {
            "restrict" => Some(true),
            "open" => Some(false),
            _ => None,
        },
        add: ticked.difference(&shown).copied().collect(),
        remove: if form.get("action") == "open" { Vec::new() } else { shown.difference(&ticked).copied().collect() },
    };
    match restrict::change(&desk.app, &desk.actor, id, &change).await {
        Ok(()) if restrict::read(&desk.app, &desk.actor, id).await.is_ok() => {
            page::to(&format!("/console/incidents/{id}#who"))
        }
        // Somebody took themselves off.
        Ok(()) => page::to("/console/incidents"),
        Err(problem) if matches!(problem.status, 409 | 422) => incident::shown(&desk, id, Some(&problem), None).await,
        Err(problem) => Err(problem.into()),
    }
}

/// The restricted incidents that an administrator does not see, for Settings; nothing for others.
pub(super) async fn unseen(desk: &Desk, people: &[Person]) -> Result<Value, Problem> {
    if desk.person.role < Role::Administrator {
        return Ok(Value::Null);
    }
    let times = Times::of(&desk.app);
    let hidden = restrict::unseen(&desk.app, &desk.actor).await?;
    let rows = hidden
        .iter()
        .map(|hidden| json!({ "id": hidden.id, "opened": times.full(hidden.created_at), "named": hidden.named }));
    let writes = people.iter().filter(|person| person.active && person.role >= Role::Author);
    let writes = writes.map(|person| json!({ "id": person.id, "name": person.name }));
    Ok(json!({ "rows": rows.collect::<Vec<_>>(), "people": writes.collect::<Vec<_>>() }))
}
