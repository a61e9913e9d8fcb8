//! On duty, as Settings shows and changes it, and as Now names it.

use serde_json::{Value, json};

use super::{
    enter::Desk,
    form::Form,
    time::Times,
    words::{text, word},
};
use crate::{
    people::{
        Person, Role,
        duty::{self, Turn},
    },
    problem::Problem,
};

/// The turns that are not over, and who may be given one.
pub(super) async fn view(desk: &Desk, people: &[Person], sent: &Form) -> Result<Value, Problem> {
    let times = Times::of(&desk.app);
    let on_duty = desk.app.store.on_duty(times.now).await?;
    let name = |id: i64| people.iter().find(|person| person.id == id).map(|person| person.name.clone());
    let turns: Vec<Value> = desk
        .app
        .store
        .duties(times.now)
        .await?
        .iter()
        .map(|turn| {
            json!({
                "id": turn.id, "place": turn.place, "name": name(turn.person_id),
                "from": times.near(turn.from_at), "until": times.near(turn.until_at), "now": turn.from_at <= times.now,
            })
        })
        .collect();
    let may = people.iter().filter(|person| person.active && person.role >= Role::Approver);
    let typed = |name: &str, or: String| if sent.get("action") == "duty_add" { sent.get(name).to_owned() } else { or };
    Ok(json!({
        "turns": turns,
        "nobody": on_duty.is_empty(),
        "people": may.map(|person| json!({ "id": person.id, "name": person.name, "selected": sent.get("person") == person.id.to_string() })).collect::<Vec<_>>(),
        "zone": times.name,
        "minutes": desk.app.config.approval.chase_after_minutes,
        "place": typed("place", (on_duty.len() + 1).to_string()),
        "from": typed("from", times.input(times.now)),
        "until": typed("until", times.input(times.ahead(12 * 60))),
    }))
}

/// "Ana, Ben": who is on duty now.
pub(super) async fn names(desk: &Desk) -> Result<String, Problem> {
    let mut names = Vec::new();
    for id in desk.app.store.on_duty(desk.app.world.clock.now()).await? {
        names.push(desk.app.store.person(id).await?.name);
    }
    Ok(names.join(&word("list-comma")))
}

/// Puts somebody on duty, as the form says.
pub(super) async fn add(desk: &Desk, form: &Form) -> Result<(), Problem> {
    let times = Times::of(&desk.app);
    let time = |name: &str| {
        times.parse(form.get(name)).ok_or_else(|| Problem::invalid(format!("/{name}"), text!("duty-no-time")))
    };
    let turn = Turn {
        person_id: form.get("person").parse().map_err(|_| Problem::invalid("/person_id", text!("duty-no-person")))?,
        place: form.get("place").parse().map_err(|_| Problem::invalid("/place", text!("duty-no-place")))?,
        from_at: time("from")?,
        until_at: time("until")?,
    };
    duty::add(&desk.app, &desk.actor, &turn).await.map(drop)
}

/// Takes a turn away.
pub(super) async fn remove(desk: &Desk, form: &Form) -> Result<(), Problem> {
    let id = form.get("id").parse().map_err(|_| Problem::missing(text!("duty-no-turn")))?;
    duty::remove(&desk.app, &desk.actor, id).await
}
