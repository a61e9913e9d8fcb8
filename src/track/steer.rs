//! Steering what goes out: stop, resume, take down, correct, send again. Stopping takes one person and no approval.

use onevoice_channels::contract::Channel;

use super::DeliveryState;
use crate::{
    app::App,
    approve::State,
    people::{Actor, Role, sight},
    problem::Problem,
    send::Event,
    store::{broadcasts::Broadcast, named::Noun},
};

/// The key under which a general stop is kept.
const STOPPED: &str = "stopped";

/// Why nothing starts.
pub enum Held {
    /// The database came from a copy; in words.
    Restored(String),
    /// Somebody stopped everything: `person:3`.
    Stopped(String),
}

/// Why nothing starts, if so: a general stop, or a database that came from a copy.
///
/// # Errors
/// The store's.
pub async fn why_held(app: &App) -> Result<Option<Held>, Problem> {
    if let Some(why) = app.store.meta("restored").await? {
        return Ok(Some(Held::Restored(why)));
    }
    Ok(app.store.meta(STOPPED).await?.map(Held::Stopped))
}

/// The same in words.
///
/// # Errors
/// The store's.
pub async fn held(app: &App) -> Result<Option<String>, Problem> {
    Ok(why_held(app).await?.map(|held| match held {
        Held::Restored(why) => why,
        Held::Stopped(by) => format!("everything was stopped by {by}"),
    }))
}

/// Refuses to let one broadcast go on while nothing may.
async fn may_go_on(app: &App) -> Result<(), Problem> {
    match held(app).await? {
        Some(why) => Err(Problem::conflict(format!("nothing is sent: {why}; start again first, with a reason"))),
        None => Ok(()),
    }
}

async fn step(app: &App, actor: &Actor, id: i64, to: State, action: &str) -> Result<Broadcast, Problem> {
    let (by, subject) = (actor.audit_name(), format!("broadcast:{id}"));
    // The connections look at this before every message, so it comes first, whichever way it goes.
    app.engine.set_running(id, to == State::Running);
    let stepped = app.store.step_broadcast(id, to, &app.entry(&by, action, &subject, serde_json::json!({}))).await;
    if let Err(error) = stepped {
        let state = app.store.broadcast(id).await?.state;
        app.engine.set_running(id, state == State::Running);
        return Err(error.into());
    }
    app.engine.wake();
    app.engine.tell(Event::Public);
    Ok(app.store.broadcast(id).await?)
}

/// Stops sending; after the answer no new message starts.
///
/// # Errors
/// 409 when it is not going out.
pub async fn pause(app: &App, actor: &Actor, id: i64) -> Result<Broadcast, Problem> {
    app.may(actor, Role::Author, "stop")?;
    let before = sight::broadcast(app, actor, id).await?;
    if !before.state.allows(State::Paused) {
        return Err(Problem::conflict(format!("a broadcast that is {} cannot be stopped", before.state.as_str())));
    }
    step(app, actor, id, State::Paused, "broadcast.pause").await
}

/// Sends on.
///
/// # Errors
/// 409 when it is not stopped, or everything is.
pub async fn resume(app: &App, actor: &Actor, id: i64) -> Result<Broadcast, Problem> {
    app.may(actor, Role::Author, "stop")?;
    let broadcast = sight::broadcast(app, actor, id).await?;
    may_go_on(app).await?;
    let to = if broadcast.started_at.is_some() { State::Running } else { State::Scheduled };
    if broadcast.state != State::Paused {
        return Err(Problem::conflict(format!("a broadcast that is {} is not stopped", broadcast.state.as_str())));
    }
    let resumed = step(app, actor, id, to, "broadcast.resume").await?;
    app.engine.close_if_done(id).await;
    Ok(resumed)
}

/// Starts the next group now, whatever share of this one is handed over.
///
/// # Errors
/// 409 when no group waits for another one.
pub async fn next_stage(app: &App, actor: &Actor, id: i64) -> Result<Broadcast, Problem> {
    app.may(actor, Role::Author, "submit")?;
    sight::look(app, actor, Noun::Broadcast, id).await?;
    let (by, subject) = (actor.audit_name(), format!("broadcast:{id}"));
    app.store.open_next_stage(id, &app.entry(&by, "broadcast.next_stage", &subject, serde_json::json!({}))).await?;
    app.engine.wake();
    app.engine.tell(Event::State { broadcast: id });
    Ok(app.store.broadcast(id).await?)
}

/// Takes down: what was not sent is not sent, and its banner and page entries go. What was sent stays with its readers.
///
/// # Errors
/// 409 when the table has no such step.
pub async fn retract(app: &App, actor: &Actor, id: i64) -> Result<Broadcast, Problem> {
    app.may(actor, Role::Author, "stop")?;
    let before = sight::broadcast(app, actor, id).await?;
    if !before.state.allows(State::Retracted) {
        return Err(Problem::conflict(format!("a broadcast that is {} cannot be taken down", before.state.as_str())));
    }
    let retracted = step(app, actor, id, State::Retracted, "broadcast.retract").await?;
    sweep(app, id).await?;
    Ok(retracted)
}

/// Settles what was not sent: a first part now, the rest of a million after the answer. The next start goes on where this
/// one was ended.
async fn sweep(app: &App, id: i64) -> Result<(), Problem> {
    let more = app.store.sweep_retracted(id, app.world.clock.now()).await?;
    app.engine.tell(Event::Progress { broadcast: id });
    if more {
        let app = app.clone();
        tokio::spawn(async move {
            loop {
                match app.store.sweep_retracted(id, app.world.clock.now()).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!(%error, broadcast = id, "what was not sent cannot be settled yet");
                        app.world.clock.sleep(std::time::Duration::from_secs(1)).await;
                    }
                }
            }
            app.engine.tell(Event::Progress { broadcast: id });
        });
    }
    Ok(())
}

/// Sends the correction that was approved with an update: the original stops, and exactly those get it who have the
/// wrong text, or may have it. One person: its author, or any approver.
///
/// # Errors
/// 403 for others; 409 when it never started or was corrected already.
pub async fn correct(app: &App, actor: &Actor, id: i64) -> Result<Broadcast, Problem> {
    let original = sight::broadcast(app, actor, id).await?;
    let Some(person) = app.may(actor, Role::Author, "correct")? else {
        return Err(Problem::forbidden("a correction needs a person behind it"));
    };
    if person.role < Role::Approver && original.submitted_by != Some(person.id) {
        return Err(Problem::forbidden("the correction is sent by the update's author or by an approver"));
    }
    let (by, subject) = (actor.audit_name(), format!("broadcast:{id}"));
    let entry = app.entry(&by, "broadcast.correct", &subject, serde_json::json!({}));
    app.engine.set_running(id, false);
    let begun = app.store.begin_correction(id, &entry).await;
    if begun.is_err() {
        app.engine.set_running(id, app.store.broadcast(id).await?.state == State::Running);
    }
    let correction = begun?;
    app.engine.wake();
    sweep(app, id).await?;
    app.engine.tell(Event::Public);
    app.engine.tell(Event::Desk);
    Ok(app.store.broadcast(correction).await?)
}

/// Sends again what failed; or, after a person decided, what may have arrived (some may get it twice).
///
/// # Errors
/// 409 when there is nothing to send again, or everything is stopped.
pub async fn retry(
    app: &App,
    actor: &Actor,
    id: i64,
    in_doubt: bool,
    channel: Option<Channel>,
) -> Result<i64, Problem> {
    app.may(actor, Role::Author, "stop")?;
    let before = sight::broadcast(app, actor, id).await?.state;
    may_go_on(app).await?;
    let states: &[DeliveryState] = if in_doubt { &[DeliveryState::InDoubt] } else { &[DeliveryState::Failed] };
    let (by, subject) = (actor.audit_name(), format!("broadcast:{id}"));
    let action = if in_doubt { "broadcast.resend_in_doubt" } else { "broadcast.retry" };
    app.engine.set_running(id, matches!(before, State::Partial | State::Running));
    let (due_at, entry) = (app.world.clock.steady(), app.entry(&by, action, &subject, serde_json::json!({})));
    let again = app.store.retry(id, states, channel, due_at, &entry).await;
    let running = app.store.broadcast(id).await?.state == State::Running;
    app.engine.set_running(id, running);
    let again = again?;
    Ok(again)
}

/// Leaves what may have arrived as it is: a person's decision, after which nothing of it waits for one. Sending it again
/// stays possible.
///
/// # Errors
/// 409 when there is nothing to decide.
pub async fn leave(app: &App, actor: &Actor, id: i64, channel: Option<Channel>) -> Result<(), Problem> {
    app.may(actor, Role::Author, "stop")?;
    sight::look(app, actor, Noun::Broadcast, id).await?;
    let (by, subject) = (actor.audit_name(), format!("broadcast:{id}"));
    let entry = app.entry(&by, "broadcast.leave_in_doubt", &subject, serde_json::json!({ "channel": channel }));
    app.store.leave_in_doubt(id, channel, &entry).await?;
    app.engine.tell(Event::Progress { broadcast: id });
    Ok(())
}

/// Stops everything: every broadcast, and whatever would start. One person, no password, reversible. Answers those that
/// the actor may see; the others stop as well.
///
/// # Errors
/// 403 for viewers.
pub async fn stop_everything(app: &App, actor: &Actor) -> Result<Vec<i64>, Problem> {
    app.may(actor, Role::Author, "stop")?;
    app.engine.set_none_running();
    let by = actor.audit_name();
    let stopped = app.store.stop_everything(&app.entry(&by, "stop", "everything", serde_json::json!({}))).await?;
    tracing::warn!(by, broadcasts = stopped.len(), "everything was stopped");
    for id in &stopped {
        app.engine.set_running(*id, false);
    }
    app.engine.tell(Event::Desk);
    let mut seen = Vec::with_capacity(stopped.len());
    for id in stopped {
        if sight::look(app, actor, Noun::Broadcast, id).await.is_ok() {
            seen.push(id);
        }
    }
    Ok(seen)
}

/// Lets things start again after a general stop, or after a copied database was looked at. Of the broadcasts that were
/// stopped those in `resume` are sent on; the others stay stopped until each is resumed.
///
/// # Errors
/// 409 when nothing is stopped, or one of `resume` is not; 422 without a reason; 403 for a copied database and less than
/// an administrator.
pub async fn start_again(app: &App, actor: &Actor, reason: &str, resume: &[i64]) -> Result<(), Problem> {
    app.may(actor, Role::Author, "stop")?;
    if reason.trim().is_empty() {
        return Err(Problem::invalid("/reason", "say why it is right to start again"));
    }
    if held(app).await?.is_none() {
        return Err(Problem::conflict("nothing is stopped"));
    }
    if app.store.meta("restored").await?.is_some() {
        app.may(actor, Role::Administrator, "stop")?;
    }
    // Somebody read a list and chose from it: what is no longer so is said before anything starts.
    for id in resume {
        let state = sight::broadcast(app, actor, *id).await?.state;
        if state != State::Paused {
            let detail = format!("broadcast {id} is {}, not stopped; look again before you start", state.as_str());
            return Err(Problem::conflict(detail));
        }
    }
    let by = actor.audit_name();
    let detail = serde_json::json!({ "reason": reason.trim(), "resume": resume });
    app.store.audit(&app.entry(&by, "start_again", "everything", detail)).await?;
    app.store.set_meta("restored", None).await?;
    app.store.set_meta(STOPPED, None).await?;
    app.engine.wake();
    for id in resume {
        self::resume(app, actor, *id).await?;
    }
    app.engine.tell(Event::Desk);
    Ok(())
}
