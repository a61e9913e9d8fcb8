//! Replies once they are kept: seen to by somebody, and forgotten in time.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use crate::{
    app::App,
    people::{Actor, Role, Scope, sight},
    problem::Problem,
    send::Event,
    store::StoreError,
};

/// How often what is old is looked for.
const HOUR: Duration = Duration::from_secs(3600);
/// So many are forgotten in one transaction.
const AT_ONCE: i64 = 1000;

/// Notes that somebody saw to a reply, or that it is open again.
///
/// # Errors
/// 403 for viewers; 404 when there is none, or not for them.
pub async fn handle(app: &App, actor: &Actor, id: i64, handled: bool) -> Result<(), Problem> {
    app.may(actor, Role::Author, Scope::Audience.as_str())?;
    if let Some(incident) = app.store.incident_of_reply(id).await?
        && sight::may_see(app, actor, incident).await.is_err()
    {
        return Err(StoreError::Missing("reply").into());
    }
    let by = match actor {
        Actor::Person(person) => person.id,
        Actor::Key { .. } | Actor::Source { .. } | Actor::Timer { .. } | Actor::Operator => {
            return Err(Problem::forbidden("a person sees to a reply; sign in"));
        }
    };
    let (name, subject) = (actor.audit_name(), format!("reply:{id}"));
    let action = if handled { "reply.handle" } else { "reply.open" };
    let entry = app.entry(&name, action, &subject, json!({}));
    app.store.handle_reply(id, handled.then_some(by), &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}

/// Forgets replies that are past their time, as long as this is asked.
pub async fn run(app: App) {
    loop {
        if let Err(error) = forget(&app).await {
            tracing::warn!(%error, "replies past their time cannot be forgotten yet");
        }
        app.world.clock.sleep(HOUR).await;
    }
}

/// Forgets those that are past their time now.
///
/// # Errors
/// The store's.
pub async fn forget(app: &App) -> Result<(), StoreError> {
    let days = i64::from(app.config.replies.forget_after_days);
    let Ok(before) = app.world.clock.now().checked_sub(SignedDuration::from_hours(24 * days)) else { return Ok(()) };
    let mut gone = 0;
    loop {
        let now = app.store.forget_replies(before, AT_ONCE).await?;
        gone += now;
        if now == 0 {
            break;
        }
    }
    if gone > 0 {
        tracing::info!(replies = gone, days, "replies past their time are forgotten");
    }
    Ok(())
}
