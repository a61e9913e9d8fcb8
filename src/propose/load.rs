//! "Overloaded now": more people come one way than can be served. One person says so, and that it is over.
//!
//! The banner and the status page change at once, in the words that were approved with the route, and so do drafts. What
//! was submitted or goes out never changes; the approvers of what waits are told (`tell`).

use crate::{
    app::App,
    compose::route::{ContactRoute, in_locale},
    people::{Actor, Role},
    problem::Problem,
    send::Event,
};

/// Says that a contact route is overloaded, or no longer.
///
/// # Errors
/// 403 for viewers; 404; 409 where nobody approved words for it.
pub async fn set(app: &App, actor: &Actor, id: i64, overloaded: bool) -> Result<ContactRoute, Problem> {
    app.may(actor, Role::Author, "write")?;
    let known = app.store.routes().await?;
    let missing = || Problem::missing("there is no such contact route");
    let route = known.into_iter().find(|route| route.id == id).ok_or_else(missing)?;
    let default = app.default_locale();
    if overloaded && in_locale(&route.overloaded_wording, default, default).is_empty() {
        return Err(Problem::conflict(
            "no words are approved for while this is overloaded; propose them with the contact route first",
        ));
    }
    if route.overloaded == overloaded {
        return Ok(route);
    }
    let (by, detail) = (actor.audit_name(), serde_json::json!({ "overloaded": overloaded }));
    let subject = format!("contact_route:{id}");
    let entry = app.entry(&by, "contact_route.overloaded", &subject, detail);
    app.store.load_route(id, overloaded, &entry).await?;
    app.engine.tell(Event::Public);
    app.engine.tell(Event::Desk);
    Ok(ContactRoute { overloaded, ..route })
}
