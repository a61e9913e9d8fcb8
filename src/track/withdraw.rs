//! Deleting what was posted: asked for by a person, carried out here, each post a fact of its own. A deletion may be
//! repeated without harm, so a restart goes on with whatever is not known to be gone.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use onevoice_channels::contract::{Outcome, Reason};

use super::steer::{self, Held};
use crate::{
    app::App,
    approve::State,
    people::{Actor, Role},
    problem::Problem,
    send::{Event, loaded::Loaded},
    store::{
        Result,
        withdrawals::{Due, Stands, Tried, Withdrawal},
    },
};

/// How often to look at the clock.
const TICK: Duration = Duration::from_secs(1);
/// How long a place's answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two tries, at first and at the most.
const APART: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(600));

/// Takes a broadcast down, where it is not yet, and deletes its posts. Asked once more, it tries again what failed.
///
/// # Errors
/// 403 for viewers; 409 when nothing of it went out.
pub async fn ask(app: &App, actor: &Actor, id: i64) -> std::result::Result<Vec<Withdrawal>, Problem> {
    app.may(actor, Role::Author, "stop")?;
    let broadcast = app.store.broadcast(id).await?;
    if broadcast.started_at.is_none() {
        return Err(Problem::conflict("nothing of it went out, so there is nothing to delete"));
    }
    // What is not taken down could post once more what was deleted.
    if broadcast.state.allows(State::Retracted) {
        steer::retract(app, actor, id).await?;
    }
    let (by, subject) = (actor.audit_name(), format!("broadcast:{id}"));
    let entry = app.entry(&by, "broadcast.delete_posts", &subject, serde_json::json!({}));
    app.store.ask_withdrawal(id, &entry).await?;
    app.engine.tell(Event::Progress { broadcast: id });
    Ok(app.store.withdrawals(id).await?)
}

/// Deletes whatever is due, until the daemon stops.
pub async fn run(app: App) {
    while !app.engine.is_stopping() {
        if let Err(error) = tick(&app).await {
            tracing::error!(%error, "posts that are to be deleted could not be looked at");
        }
        app.world.clock.sleep(TICK).await;
    }
}

/// Makes the tries that are due. A stop of everything holds none of them up: a person asked for each. In a copy of the
/// database nothing is deleted, because the original may stand by its posts.
///
/// # Errors
/// The store's.
pub async fn tick(app: &App) -> Result<()> {
    if matches!(steer::why_held(app).await, Ok(Some(Held::Restored(_))) | Err(_)) {
        return Ok(());
    }
    let due = app.store.due_withdrawals(app.world.clock.steady()).await?;
    let tries = join_all(due.iter().map(|due| attempt(app, due))).await;
    for (due, outcome) in due.iter().zip(tries) {
        let tried = tried(app, due, outcome?);
        app.store.record_withdrawal(due, &tried).await?;
        tracing::info!(delivery = %due.id, state = tried.state.as_str(), reason = tried.reason.map(Reason::as_str), "a post was to be deleted");
        app.engine.tell(Event::Progress { broadcast: due.id.broadcast });
    }
    Ok(())
}

/// One try, by the account that posted it and no other.
async fn attempt(app: &App, due: &Due) -> Result<Outcome> {
    let own = |name: &str| due.provider.as_deref() == Some(name);
    let route =
        app.engine.every_route().find(|route| route.exercise == due.exercise && own(&route.provider.manifest().name));
    let Some(route) = route else {
        let detail = "the account that posted it is not configured any more".to_owned();
        return Ok(Outcome::Rejected { reason: Reason::Unauthorized, detail });
    };
    let loaded = Loaded::read(&app.store, &app.config, due.id.broadcast).await?;
    let item = app.store.delivery(due.id).await?.claimed(due.id);
    let parcel = loaded.parcel(&item, app.store.secrets(), app.world.clock.now(), None)?;
    Ok(tokio::select! {
        outcome = route.provider.withdraw(&parcel, due.reference.as_deref()) => outcome,
        () = app.world.clock.sleep(PATIENCE) => Outcome::InDoubt { detail: "no answer in time".to_owned() },
    })
}

/// What an outcome makes of it. What is in doubt is tried again: to delete twice does no harm.
fn tried(app: &App, due: &Due, outcome: Outcome) -> Tried {
    let (state, reason, detail, after) = match outcome {
        Outcome::Accepted { .. } | Outcome::Delivered { .. } => (Stands::Deleted, None, String::new(), None),
        Outcome::Rejected { reason, detail } => (Stands::Failed, Some(reason), detail, None),
        Outcome::Later { after, reason, detail } => (Stands::Waiting, Some(reason), detail, after),
        Outcome::InDoubt { detail } => (Stands::Waiting, Some(Reason::Temporary), detail, None),
    };
    let wait = after.unwrap_or_default().max(apart(due.attempts));
    Tried { state, reason, detail, due_at: next(app, wait), at: app.world.clock.now() }
}

fn next(app: &App, wait: Duration) -> Timestamp {
    app.world.clock.steady().checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// How long to wait after so many tries.
fn apart(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, 16)).unwrap_or_default();
    APART.0.saturating_mul(1 << doublings).min(APART.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_grow_apart_up_to_ten_minutes() {
        assert_eq!([0, 1, 2, 6, 7, 1_000].map(|n| apart(n).as_secs()), [5, 10, 20, 320, 600, 600]);
    }
}
