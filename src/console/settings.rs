//! Settings: who uses this, and what they may do. And the way out.

use serde_json::json;

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    words::say,
};
use crate::{
    people::{Role, sign_in},
    problem::Problem,
};

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    let people = desk.app.store.people().await?;
    let roles = |chosen: Option<Role>| {
        let one = |role: &Role| json!({ "name": role.as_str(), "label": say("role", role.as_str()), "selected": chosen == Some(*role) });
        Role::ALL.iter().map(one).collect::<Vec<_>>()
    };
    let rows = people.iter().map(|person| {
        json!({ "id": person.id, "name": person.name, "email": person.email, "role": say("role", person.role.as_str()), "active": person.active,
            "me": person.id == desk.person.id, "roles": roles(Some(person.role)) })
    });
    let body = json!({ "rows": rows.collect::<Vec<_>>(), "roles": roles(None), "role": say("role", desk.person.role.as_str()), "email": desk.person.email });
    page::show(&desk, &Frame { template: "settings", nav: "", title: "Settings".to_owned(), exercise: false }, body)
        .await
}

/// Adds somebody, or changes what they may do.
pub(super) async fn change(desk: Desk, form: Form) -> Answer {
    desk.app.may(&desk.actor, Role::Administrator, "people")?;
    let app = &desk.app;
    let by = desk.actor.audit_name();
    let role = || Role::parse(form.get("role")).ok_or_else(|| Problem::invalid("/role", "choose what they may do"));
    if form.get("action") == "add" {
        let (name, email) = (form.get("name"), form.get("email"));
        if name.is_empty() || name.chars().count() > 100 || !email.contains('@') {
            return Err(Problem::invalid("/email", "a colleague needs a name and a mail address").into());
        }
        let hash = sign_in::hash_password(app, form.raw("password").unwrap_or_default()).await?;
        app.store
            .add_person(
                email,
                name,
                role()?,
                &hash,
                &app.entry(&by, "person.add", "", json!({ "role": form.get("role") })),
            )
            .await?;
        return page::to("/console/settings");
    }
    let id: i64 = form.get("id").parse().map_err(|_| Problem::missing("there is no such person"))?;
    if id == desk.person.id {
        return Err(Problem::conflict("nobody changes their own access; ask another administrator").into());
    }
    let subject = format!("person:{id}");
    let (role, active) = match form.get("action") {
        "role" => (Some(role()?), None),
        "deactivate" => (None, Some(false)),
        "activate" => (None, Some(true)),
        other => return Err(Problem::unreadable(format!("there is no button {other:?} here")).into()),
    };
    let entry = app.entry(&by, "person.change", &subject, json!({ "role": role, "active": active }));
    app.store.change_person(id, None, role, active, None, &entry).await?;
    page::to("/console/settings")
}
