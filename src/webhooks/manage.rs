//! What a person does about endpoints: looks, tries one, sends again, switches on.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{event, wanted};
use crate::{
    app::App,
    config::webhooks,
    people::{Actor, Role, Scope, sight},
    problem::Problem,
    send,
    store::{
        StoreError,
        webhooks::{Endpoint, Listed},
    },
};

/// An endpoint, as it is configured and how it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookEndpoint")]
pub struct Standing {
    /// How it stands.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// The types of events that it is told of.
    pub events: Vec<String>,
    /// Whether it is told of practice.
    pub exercises: bool,
    /// Whether it is told of restricted incidents.
    pub restricted: bool,
}

/// Which events are sent again: one, or all since an instant.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The id of one.
    #[serde(default)]
    pub event: Option<String>,
    /// All that happened since then, and that it wants.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

/// What was done.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Replayed {
    /// How many events are sent again.
    pub events: u64,
}

/// A test that was written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tested {
    /// The id of its event.
    pub event: String,
}

/// Each endpoint of the configuration.
///
/// # Errors
/// The store's.
pub async fn all(app: &App) -> Result<Vec<Standing>, Problem> {
    let rows = app.store.endpoints().await?;
    let of = |endpoint: &webhooks::Endpoint| {
        let fresh = || Endpoint { name: endpoint.name.clone(), ..Endpoint::default() };
        let wanted = wanted(endpoint);
        Standing {
            endpoint: rows.iter().find(|row| row.name == endpoint.name).cloned().unwrap_or_else(fresh),
            events: wanted.types.iter().map(|&kind| kind.to_owned()).collect(),
            exercises: wanted.exercises,
            restricted: wanted.restricted,
        }
    };
    Ok(app.config.webhooks.endpoint.iter().map(of).collect())
}

/// What became of the events of an endpoint, the newest before a number first.
///
/// # Errors
/// 404 when there is no such endpoint; 400 for a state that is none.
pub async fn events(
    app: &App,
    actor: &Actor,
    name: &str,
    state: Option<&str>,
    before: i64,
    limit: i64,
) -> Result<Vec<Listed>, Problem> {
    configured(app, name)?;
    if let Some(other) = state.filter(|state| !["waiting", "delivered", "failed"].contains(state)) {
        return Err(Problem::unreadable(format!("state is {other:?}; it is waiting, delivered or failed")));
    }
    let hidden: Vec<i64> = sight::hidden(app, actor).await?.into_iter().collect();
    Ok(app.store.events_at(name, state, before, &hidden, limit).await?)
}

/// Sends an endpoint an event that says nothing, to see whether it arrives.
///
/// # Errors
/// 403 for less than an administrator; 404; 409 while it is switched off.
pub async fn test(app: &App, actor: &Actor, name: &str) -> Result<Tested, Problem> {
    let endpoint = may(app, actor, name)?;
    let rows = app.store.endpoints().await?;
    if rows.iter().any(|row| row.name == name && row.disabled_at.is_some()) {
        return Err(Problem::conflict("this endpoint is switched off; switch it on first"));
    }
    let (by, subject) = (actor.audit_name(), format!("webhook:{name}"));
    let entry = app.entry(&by, "webhook.test", &subject, json!({}));
    let number = app.store.put_test_event(name, event::TEST, &entry).await?;
    // It stands in the list from here on.
    app.store.give_events(&wanted(endpoint), app.world.clock.steady()).await?;
    Ok(Tested { event: event::Event::id_of(number, app.store.webhook_event(number).await?.at) })
}

/// Sends events again.
///
/// # Errors
/// 403 for less than an administrator; 404 when there is no such endpoint or event; 422 for neither or both of `event` and
/// `since`, and for an event that is not for this endpoint.
pub async fn replay(app: &App, actor: &Actor, name: &str, replay: &Replay) -> Result<Replayed, Problem> {
    let endpoint = may(app, actor, name)?;
    let from = match (&replay.event, replay.since) {
        (Some(id), None) => {
            let missing =
                || Problem::missing("there is no such event, or it was forgotten; `webhooks.keep_days` says when");
            let number = event::Event::number_in(id).ok_or_else(missing)?;
            let event = match app.store.webhook_event(number).await {
                Err(StoreError::Missing(_)) => return Err(missing()),
                event => event?,
            };
            if event.id() != *id {
                return Err(missing());
            }
            (number, None)
        }
        (None, Some(since)) => (0, Some(since)),
        _ => return Err(Problem::invalid("/event", "give `event` for one, or `since` for all since an instant")),
    };
    let (by, subject) = (actor.audit_name(), format!("webhook:{name}"));
    let detail = json!({ "event": from.1.is_none().then_some(from.0), "since": from.1 });
    let entry = app.entry(&by, "webhook.replay", &subject, detail);
    let events = app.store.replay_events(&wanted(endpoint), from, app.world.clock.steady(), &entry).await?;
    if events == 0 && from.1.is_none() {
        return Err(Problem::invalid(
            "/event",
            "this endpoint is not told of such events; its configuration says of which",
        ));
    }
    Ok(Replayed { events })
}

/// Switches an endpoint on again.
///
/// # Errors
/// 403 for less than an administrator; 404; 409 when it is on.
pub async fn enable(app: &App, actor: &Actor, name: &str) -> Result<Standing, Problem> {
    may(app, actor, name)?;
    let (by, subject) = (actor.audit_name(), format!("webhook:{name}"));
    let entry = app.entry(&by, "webhook.enable", &subject, json!({}));
    app.store.enable_endpoint(name, app.world.clock.steady(), &entry).await?;
    app.engine.tell(send::Event::Desk);
    let standing = all(app).await?.into_iter().find(|standing| standing.endpoint.name == name);
    standing.ok_or_else(Problem::internal)
}

fn may<'a>(app: &'a App, actor: &Actor, name: &str) -> Result<&'a webhooks::Endpoint, Problem> {
    app.may(actor, Role::Administrator, Scope::Admin.as_str())?;
    configured(app, name)
}

fn configured<'a>(app: &'a App, name: &str) -> Result<&'a webhooks::Endpoint, Problem> {
    let found = app.config.webhooks.endpoint.iter().find(|endpoint| endpoint.name == name);
    found.ok_or_else(|| Problem::missing("there is no such [[webhooks.endpoint]] in the configuration"))
}
