//! Settings: who uses this, what they may do, and how they are reached. And the way out.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    duty,
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    restricted,
    words::{say, text, word},
};
use crate::{
    people::{
        Person, Role, factor,
        manage::{self, NewPerson, PersonChange},
    },
    problem::Problem,
};

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    view(&desk, None, &Form::default()).await
}

async fn view(desk: &Desk, problem: Option<Problem>, sent: &Form) -> Answer {
    let people = desk.app.store.people().await?;
    let factors = desk.app.store.people_with_factor().await?;
    let rows: Vec<Value> = people.iter().map(|person| row(desk, person, factors.contains(&person.id))).collect();
    let typed = |name: &str| if sent.get("action") == "add" { sent.get(name).to_owned() } else { String::new() };
    let body = json!({
        "rows": rows,
        "roles": roles(Role::parse(&typed("role"))),
        "role": say("role", desk.person.role.as_str()),
        "email": desk.person.email,
        "factor": factor::has(&desk.app, desk.person.id).await?,
        "sign_offs": sign_offs(desk),
        "hidden": restricted::unseen(desk, &people).await?,
        "duty": duty::view(desk, &people, sent).await?,
        "problem": problem.as_ref().map(|problem| problem.detail.clone()),
        "typed": { "name": typed("name"), "email": typed("email"), "phone": typed("phone") },
    });
    let frame = Frame { template: "settings", nav: "", title: text!("settings-title"), exercise: false };
    let mut response = page::show(desk, &frame, body).await?;
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

fn roles(chosen: Option<Role>) -> Vec<Value> {
    let one = |role: &Role| json!({ "name": role.as_str(), "label": say("role", role.as_str()), "selected": chosen == Some(*role) });
    Role::ALL.iter().map(one).collect()
}

fn row(desk: &Desk, person: &Person, factor: bool) -> Value {
    let signs = desk.app.config.approval.signs();
    let signs: Vec<Value> = signs
        .iter()
        .map(|name| json!({ "name": name, "held": person.signs.iter().any(|held| held == name) }))
        .collect();
    json!({
        "id": person.id, "name": person.name, "email": person.email, "active": person.active, "phone": person.phone,
        "role": say("role", person.role.as_str()), "roles": roles(Some(person.role)), "signs": signs,
        "held": person.signs.join(&*word("join-comma")), "factor": factor, "me": person.id == desk.person.id,
    })
}

/// Which updates need whose signature, as configured.
fn sign_offs(desk: &Desk) -> Vec<Value> {
    let all = |words: Vec<&str>, none: String| if words.is_empty() { none } else { words.join(&*word("join-comma")) };
    let configured = desk.app.config.approval.sign_off.iter();
    configured
        .map(|sign_off| {
            let kinds = sign_off.kinds.iter().map(|kind| say("kind", kind.as_str())).collect();
            let severities = sign_off.severities.iter().map(|severity| say("severity", severity.as_str())).collect();
            json!({ "name": sign_off.name, "kinds": all(kinds, text!("settings-every-kind")), "severities": all(severities, text!("settings-every-severity")) })
        })
        .collect()
}

/// Adds somebody, or changes what they may do and how they are reached.
pub(super) async fn change(desk: Desk, form: Form) -> Answer {
    match changed(&desk, &form).await {
        Ok(()) => page::to("/console/settings"),
        // The page again, with what is wrong; whoever may not gets the refusal.
        Err(problem) if matches!(problem.status, 409 | 422) => view(&desk, Some(problem), &form).await,
        Err(problem) => Err(problem.into()),
    }
}

async fn changed(desk: &Desk, form: &Form) -> Result<(), Problem> {
    let (app, actor) = (&desk.app, &desk.actor);
    let role = || Role::parse(form.get("role")).ok_or_else(|| Problem::invalid("/role", text!("settings-choose-role")));
    let typed = |name: &str| form.get(name).to_owned();
    if form.get("action") == "add" {
        let password = form.raw("password").unwrap_or_default().to_owned();
        let new =
            NewPerson { email: typed("email"), name: typed("name"), role: role()?, password, phone: typed("phone") };
        return manage::add(app, actor, &new).await.map(drop);
    }
    match form.get("action") {
        "duty_add" => return duty::add(desk, form).await,
        "duty_remove" => return duty::remove(desk, form).await,
        _ => {}
    }
    let id: i64 = form.get("id").parse().map_err(|_| Problem::missing(text!("settings-no-person")))?;
    let own = id == desk.person.id;
    let change = match form.get("action") {
        "change" => PersonChange {
            name: Some(typed("name")),
            // Nobody changes their own access.
            role: if own { None } else { Some(role()?) },
            phone: Some(typed("phone")),
            signs: Some(form.all("signs").map(str::to_owned).collect()),
            ..PersonChange::default()
        },
        "deactivate" | "activate" if own => {
            return Err(Problem::conflict(text!("settings-own-access")));
        }
        "deactivate" => PersonChange { active: Some(false), ..PersonChange::default() },
        "activate" => PersonChange { active: Some(true), ..PersonChange::default() },
        "password" => PersonChange { password: form.raw("password").map(str::to_owned), ..PersonChange::default() },
        "reset" => return factor::reset(app, actor, id).await,
        other => return Err(Problem::unreadable(text!("refused-no-button", name = format!("{other:?}")))),
    };
    // A role that stays the same ends no session.
    let stays = app.store.person(id).await?;
    let change = PersonChange { role: change.role.filter(|role| *role != stays.role), ..change };
    manage::change(app, actor, id, &change).await.map(drop)
}
