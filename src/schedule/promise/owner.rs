//! Whose a promise is: it can be handed over, and taken over.

use super::call;
use crate::{
    app::App,
    people::{Actor, Role, sight},
    problem::Problem,
    send::Event,
    store::{lookups::Promise, named::Noun},
};

/// Hands a promise over to a colleague, who is told unless they took it themselves.
///
/// # Errors
/// 403 for viewers; 404 where there is none, or not for them; 409 when it was kept; 422 for who cannot keep it.
pub async fn hand_over(app: &App, actor: &Actor, id: i64, to: i64) -> Result<Promise, Problem> {
    app.may(actor, Role::Author, "write")?;
    sight::look(app, actor, Noun::Promise, id).await?;
    let promise = app.store.promise(id).await?;
    let colleague =
        app.store.person(to).await.map_err(|_| Problem::invalid("/to", "there is nobody of that number"))?;
    if !colleague.active || colleague.role < Role::Author {
        let detail = format!("{} may not write updates; hand it to an author", colleague.name);
        return Err(Problem::invalid("/to", detail));
    }
    let incident = app.store.incident(promise.incident_id).await?;
    sight::look(app, &Actor::Person(colleague.clone()), Noun::Promise, id).await.map_err(|_| {
        let detail = format!("{} may not see this incident; name them for it first", colleague.name);
        Problem::invalid("/to", detail)
    })?;
    let by_themselves = actor.person().is_some_and(|person| person.id == to);
    let calls = if by_themselves || incident.exercise { Vec::new() } else { call::to(app, &incident, &[to]).await? };
    let (by, subject) = (actor.audit_name(), format!("promise:{id}"));
    let entry = app.entry(&by, "promise.hand_over", &subject, serde_json::json!({ "to": to }));
    app.store.hand_over_promise(id, to, &calls, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.promise(id).await?)
}
