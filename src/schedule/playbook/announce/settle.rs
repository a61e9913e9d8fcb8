//! From what is written down to what goes out, or waits. Goes on wherever an earlier try ended.

use super::{
    super::{fill::Exceeded, instance},
    Outcome, Spoken, within,
};
use crate::{
    app::App,
    approve::State,
    path,
    people::Actor,
    problem::Problem,
    schedule::timed::carry,
    send::Event,
    store::{announced::Announced, broadcasts::Broadcast, firings::Of},
};

/// Whoever asked, again from the record.
async fn asker(app: &App, known: &Announced) -> Result<Actor, Problem> {
    let update = app.store.update(known.update_id).await?;
    let owner = app.store.person(update.author_id.unwrap_or_default()).await?;
    Ok(match known.machine.split_once(':') {
        Some(("intake", name)) => Actor::Source { name: name.to_owned(), owner },
        Some(("timer" | "plan", _)) => Actor::Timer { name: known.machine.clone(), owner },
        Some(("key", id)) => within(&Actor::Key { id: id.parse().unwrap_or_default(), owner, scopes: Vec::new() }),
        _ => Actor::Person(owner),
    })
}

/// Submits what was written down, and lets it go where it passes no bound. Goes on wherever an earlier try ended.
pub(super) async fn settle(app: &App, known: Announced) -> Result<Spoken, Problem> {
    let actor = asker(app, &known).await?;
    let update = app.store.update(known.update_id).await?;
    let mut exceeded = known.exceeded.clone();
    let waiting = app.store.broadcasts_of(update.id).await?;
    let waiting = waiting.into_iter().rev().find(|broadcast| broadcast.state == State::Submitted);
    let (broadcast, problem) = match (update.state, waiting) {
        (State::Submitted, Some(broadcast)) => (Some(broadcast), None),
        (State::Draft, _) => match path::prepare(app, &actor, update.id).await {
            Ok(broadcast) => (Some(broadcast), None),
            // A fault of ours is tried again; what the checker says stays.
            Err(problem) if problem.status >= 500 => return Err(problem),
            Err(problem) => (None, Some(problem)),
        },
        _ => (None, None),
    };
    if let Some(late) = carry::late_by_now(app, &known).await?
        && !exceeded.iter().any(|known| known.bound == late.bound)
    {
        exceeded.push(late);
    }
    if let Some(broadcast) = &broadcast {
        release(app, &actor, broadcast, &mut exceeded).await?;
    }
    app.store.settle(known.id, &exceeded).await?;
    app.engine.tell(Event::Desk);
    let (incident, update) = (app.store.incident(known.incident_id).await?, app.store.update(update.id).await?);
    let broadcast = match broadcast {
        Some(broadcast) => Some(app.store.broadcast(broadcast.id).await?),
        None => app.store.broadcasts_of(update.id).await?.pop(),
    };
    let outcome = match (update.state, &problem) {
        (State::Approved, _) => Outcome::Sent,
        (_, Some(_)) => Outcome::Kept,
        _ => Outcome::Queued,
    };
    if outcome != Outcome::Sent {
        tracing::warn!(incident = incident.id, update = update.id, "what a machine announced waits for a person");
    }
    let (incident, update) = (Some(incident), Some(update));
    Ok(Spoken { outcome, incident, update, broadcast, exceeded, problem, preview: None })
}

/// Lets it go within the bounds; else says which it passes.
async fn release(app: &App, actor: &Actor, broadcast: &Broadcast, exceeded: &mut Vec<Exceeded>) -> Result<(), Problem> {
    let instance = app.store.instance(broadcast.update_id).await?.ok_or_else(Problem::internal)?;
    let stored = app.store.playbook_version(instance.playbook_id, instance.version).await?;
    let many = instance::too_many(&stored, broadcast.people);
    exceeded.extend(many.filter(|many| !exceeded.contains(many)));
    exceeded.extend(instance::too_costly(&stored, broadcast));
    if !exceeded.is_empty() {
        return Ok(());
    }
    match instance::approve(app, actor, &stored, &instance, broadcast).await {
        Ok(true) => {}
        Ok(false) => exceeded.push(instance::too_soon(&stored)),
        // It was changed between the look and the yes, or whoever asked may not any more: a person decides.
        Err(problem) if problem.status < 500 => exceeded.push(Exceeded::new("approval", problem.detail)),
        Err(problem) => return Err(problem),
    }
    Ok(())
}

/// Settles what a crash left in between.
///
/// # Errors
/// The store's.
pub async fn recover(app: &App) -> Result<(), Problem> {
    let _turn = app.machines.0.lock().await;
    let held = app.store.is_held().await?;
    for known in app.store.unsettled().await? {
        // A timer says nothing while everything is stopped: how late it is then is seen at the start.
        if held && Of::read(&known.machine).is_some() {
            continue;
        }
        // What cannot be made good now is tried again, and holds up nobody else.
        let (id, incident) = (known.id, known.incident_id);
        if let Err(problem) = settle(app, known).await {
            tracing::error!(announced = id, incident, %problem, "what a machine announced cannot be submitted yet");
        }
    }
    Ok(())
}

pub(super) async fn repeated(app: &App, known: Announced) -> Result<Spoken, Problem> {
    let (incident, update) = (app.store.incident(known.incident_id).await?, app.store.update(known.update_id).await?);
    let broadcast = app.store.broadcasts_of(update.id).await?.pop();
    let (incident, update) = (Some(incident), Some(update));
    let exceeded = known.exceeded;
    Ok(Spoken { outcome: Outcome::Repeated, incident, update, broadcast, exceeded, problem: None, preview: None })
}
