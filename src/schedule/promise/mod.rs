//! Promises of a next update, looked after from their making to their end: reminders before one falls due, the "no news
//! yet" message where nobody wrote, calls where nothing may go, and the ledger of how each ended.
//!
//! * [`decide`] says what is done about one now, from facts; here they are gathered, and it is done.
//! * [`holding`] begins and starts the message that was approved with the update.
//! * [`call`] knows who is called, and tells them.
//! * [`standing`] is the ledger's arithmetic; [`owner`] hands one over.
//!
//! All of it is rows: what was done is not done again, after a restart or when somebody sets the clock.

pub mod call;
mod decide;
pub(crate) mod holding;
pub mod owner;
pub mod standing;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use decide::Why;
use decide::{Facts, Step};
pub use standing::{Entry, Standing, Sums};

use crate::{
    app::App,
    approve::State,
    render::MessageKind,
    send::Event,
    store::{StoreError, audit, broadcasts::Broadcast, incidents::Incident, lookups::Promise, reminders::Noun},
};

/// How often to look at the clock.
const TICK: Duration = Duration::from_secs(1);

/// The step in which those on duty are called, and the one in which every approver is.
const ESCALATE: &str = "escalate";
const APPROVERS: &str = "approvers";

/// Looks after promises and deadlines, until the daemon stops. The calls that it writes down are made beside it: a provider
/// that never answers keeps no message from going out.
pub async fn run(app: App) {
    tokio::join!(until_stopped(&app, tend), until_stopped(&app, call::make));
}

async fn until_stopped(app: &App, work: impl AsyncFn(&App, Timestamp) -> Result<(), StoreError>) {
    while !app.engine.is_stopping() {
        if let Err(error) = work(app, app.world.clock.now()).await {
            tracing::error!(%error, "promises could not be looked after");
        }
        app.world.clock.sleep(TICK).await;
    }
}

/// Does what is due at `now`, and makes the calls.
#[cfg(test)]
pub(crate) async fn tick(app: &App, now: Timestamp) -> Result<(), StoreError> {
    tend(app, now).await?;
    call::make(app, now).await
}

/// Does what is due at `now`: begins what goes out, and writes down who is to be called. One promise that cannot be looked
/// at does not keep the others from it.
async fn tend(app: &App, now: Timestamp) -> Result<(), StoreError> {
    // A copy of the database calls nobody and sends nothing, and "Stop everything" stops this too.
    if app.store.is_held().await? {
        return Ok(());
    }
    let longest = app.config.promises.remind.first().map_or(SignedDuration::ZERO, |lead| lead.0);
    let nearing = app.store.promises_nearing(now + longest).await?;
    let ahead = if nearing.is_empty() {
        Vec::new()
    } else {
        app.store.broadcasts_in(&[State::Scheduled, State::Submitted]).await?
    };
    for promise in nearing {
        if let Err(error) = look(app, &promise, &ahead, now).await {
            tracing::error!(%error, promise = promise.id, "a promise could not be looked after; it is tried again");
        }
    }
    super::deadline::remind(app, now).await
}

/// What would go out next to keep a promise.
struct Next {
    source: i64,
    turn: u8,
    channels: Vec<onevoice_channels::contract::Channel>,
    promises: Timestamp,
}

async fn look(app: &App, promise: &Promise, ahead: &[Broadcast], now: Timestamp) -> Result<(), StoreError> {
    let store = &app.store;
    let incident = store.incident(promise.incident_id).await?;
    let done = store.reminders(Noun::Promise, promise.id).await?;
    let rules = &app.config.promises;
    let mine = || ahead.iter().filter(|it| it.incident_id == incident.id && it.message == MessageKind::Update);
    let latest = promise.due_at + rules.wait_for_approval.0;
    let in_time = |it: &Broadcast| it.state == State::Scheduled && it.start_at.is_none_or(|at| at <= latest);
    let begun = match promise.holding_id {
        Some(id) => Some(store.broadcast(id).await?.state),
        None => None,
    };
    let is_over = now >= promise.due_at && begun.is_none() && promise.escalated_at.is_none();
    let next = if is_over { holding::next(app, promise).await? } else { Err(Why::NothingApproved) };
    let leads = rules.remind.iter().map(|lead| lead.0);
    let facts = Facts {
        due: promise.due_at,
        exercise: incident.exercise,
        written: mine().any(in_time),
        waits: mine().any(|it| it.state == State::Submitted && it.expires_at >= now),
        reminded: leads.filter(|lead| done.contains(&reminder(*lead))).collect(),
        begun,
        holding: next.as_ref().map(|next| next.promises).map_err(|why| *why),
        escalated_at: promise.escalated_at,
        taken: promise.taken_at > promise.escalated_at,
        approvers_called: done.iter().any(|step| step == APPROVERS),
    };
    match (decide::decide(&facts, rules, now), next) {
        (Step::Remind(leads), _) => {
            let steps: Vec<String> = leads.into_iter().map(reminder).collect();
            let calls = call::owner_and_duty(app, &incident, promise.owner_id, now).await?;
            store.remind(Noun::Promise, promise.id, &steps, &calls, now).await?;
        }
        (Step::Hold, Ok(next)) => holding::begin(app, promise, &next, now).await?,
        (Step::Escalate(why), _) => escalate(app, &incident, promise, why, now).await?,
        (Step::CallApprovers, _) => {
            let calls = call::approvers(app, &incident).await?;
            store.remind(Noun::Promise, promise.id, &[APPROVERS.to_owned()], &calls, now).await?;
            let subject = format!("promise:{}", promise.id);
            store.audit(&entry("promise.call_approvers", &subject, now, serde_json::json!({}))).await?;
            app.engine.tell(Event::Desk);
        }
        (Step::Wait | Step::Hold, _) => {}
    }
    Ok(())
}

/// What would happen at its time if nobody writes: the message in its turn (0 is the first), or why people are called.
///
/// # Errors
/// The store's.
pub async fn outlook(app: &App, promise: &Promise) -> Result<Result<u8, Why>, StoreError> {
    Ok(holding::next(app, promise).await?.map(|next| next.turn))
}

/// Whom the daemon called because nobody kept a promise, in order.
///
/// # Errors
/// The store's.
pub async fn called(app: &App, promise: &Promise) -> Result<Vec<i64>, StoreError> {
    let mut called = app.store.called(Noun::Promise, promise.id, ESCALATE).await?;
    called.extend(app.store.called(Noun::Promise, promise.id, APPROVERS).await?);
    let mut seen = std::collections::BTreeSet::new();
    called.retain(|id| seen.insert(*id));
    Ok(called)
}

/// The name of a lead's step.
pub(super) fn reminder(lead: SignedDuration) -> String {
    format!("remind:{}", lead.as_secs())
}

/// Calls people because nobody kept a promise. An exercise calls nobody; its page says so.
async fn escalate(
    app: &App,
    incident: &Incident,
    promise: &Promise,
    why: Why,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut steps = vec![ESCALATE.to_owned()];
    let mut calls = Vec::new();
    if !incident.exercise {
        calls = call::owner_and_duty(app, incident, promise.owner_id, now).await?;
        if calls.is_empty() {
            // Nobody is there to be called first.
            calls = call::approvers(app, incident).await?;
            steps.push(APPROVERS.to_owned());
        }
    }
    tracing::warn!(
        promise = promise.id,
        why = why.as_str(),
        calls = calls.len(),
        "nobody kept a promise; people are called"
    );
    let (subject, detail) = (format!("promise:{}", promise.id), serde_json::json!({ "why": why }));
    let entry = entry("promise.escalate", &subject, now, detail);
    app.store.escalate_promise(promise.id, why, &steps, &calls, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}

/// A line in the record of what the daemon did of its own accord.
fn entry<'a>(action: &'a str, subject: &'a str, at: Timestamp, detail: serde_json::Value) -> audit::Entry<'a> {
    audit::Entry { at, actor: "system", action, subject, detail }
}
