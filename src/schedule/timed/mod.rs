//! Timers and planned work: prepared messages that are sent at their time, with no person, within their bounds.
//!
//! * [`cron`] and [`when`] read times; [`timer`] is a recurring notice, [`work`] is planned work; each says in a function
//!   over rows and a clock what has come.
//! * What has come is noted as a row first ([`crate::store::firings`]), each once, whatever the clock does; then it is
//!   [`carry`]-ed out, by the machines' way of announcing, which makes a crash in between good.
//! * Nothing stale goes without a person: what is later than `[schedule] send_within` waits for an approval, and says why.

pub mod carry;
pub mod cron;
pub mod tell;
#[cfg(test)]
mod tests;
pub mod timer;
pub mod when;
pub mod work;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::MutexGuard;

use super::playbook::Change;
use crate::{app::App, compose::status::Status, problem::Problem};

/// How often to look at the clock.
const TICK: Duration = Duration::from_secs(1);

/// Timers and plans are looked at by one at a time, so that what has come is said in its order.
#[derive(Default)]
pub struct Turn(tokio::sync::Mutex<()>);

/// What is done at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TimedStep")]
pub enum Step {
    /// A timer: its message is sent.
    Send,
    /// A plan: it is announced when it was set up.
    Announce,
    /// A plan: it is announced again, a while before it begins.
    Remind,
    /// A plan: the work begins.
    Begin,
    /// A plan: the work is over.
    End,
    /// A plan: it was moved.
    Moved,
    /// A plan: it takes longer.
    Extended,
    /// A plan: it was ended before its time.
    EndedEarly,
    /// A plan: it does not take place.
    Cancelled,
}

impl Step {
    /// Each of them.
    pub const ALL: [Step; 9] = [
        Step::Send,
        Step::Announce,
        Step::Remind,
        Step::Begin,
        Step::End,
        Step::Moved,
        Step::Extended,
        Step::EndedEarly,
        Step::Cancelled,
    ];

    /// The name in the API, the store and the words.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Send => "send",
            Step::Announce => "announce",
            Step::Remind => "remind",
            Step::Begin => "begin",
            Step::End => "end",
            Step::Moved => "moved",
            Step::Extended => "extended",
            Step::EndedEarly => "ended_early",
            Step::Cancelled => "cancelled",
        }
    }

    /// Reads a name written by [`Step::as_str`].
    pub fn parse(name: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.as_str() == name)
    }

    /// The change of plan that it tells of.
    pub fn change(self) -> Option<Change> {
        match self {
            Step::Moved => Some(Change::Moved),
            Step::Extended => Some(Change::Extended),
            Step::EndedEarly => Some(Change::EndedEarly),
            Step::Cancelled => Some(Change::Cancelled),
            Step::Send | Step::Announce | Step::Remind | Step::Begin | Step::End => None,
        }
    }

    /// Where planned work stands then.
    pub fn stage(self) -> Status {
        match self {
            Step::Begin => Status::InProgress,
            Step::End => Status::Completed,
            Step::Send | Step::Announce | Step::Remind => Status::Scheduled,
            Step::Moved | Step::Extended | Step::EndedEarly | Step::Cancelled => {
                self.change().map_or(Status::Scheduled, Change::stage)
            }
        }
    }
}

/// What became of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TimedOutcome")]
pub enum Outcome {
    /// It was sent.
    Sent,
    /// It waits for an approval.
    Waits,
    /// The checker stops it: it is kept as a draft for a person to mend.
    Kept,
    /// There was nothing to say: nobody was told before, or a person has ended it.
    Nothing,
    /// It could not be said; the problem says why.
    Refused,
    /// Something newer took its place before it was said.
    Passed,
}

impl Outcome {
    /// Each of them.
    pub const ALL: [Outcome; 6] =
        [Outcome::Sent, Outcome::Waits, Outcome::Kept, Outcome::Nothing, Outcome::Refused, Outcome::Passed];

    /// The name in the API, the store and the words.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Sent => "sent",
            Outcome::Waits => "waits",
            Outcome::Kept => "kept",
            Outcome::Nothing => "nothing",
            Outcome::Refused => "refused",
            Outcome::Passed => "passed",
        }
    }

    /// Reads a name written by [`Outcome::as_str`].
    pub fn parse(name: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// Looks after timers and plans, until the daemon stops.
pub async fn run(app: App) {
    while !app.engine.is_stopping() {
        if let Err(problem) = tick(&app).await {
            tracing::error!(%problem, "timers could not be looked at");
        }
        app.world.clock.sleep(TICK).await;
    }
}

/// Notes what has come, and carries out what was noted.
///
/// # Errors
/// The store's. One timer that cannot be looked at does not keep the others from it.
pub async fn tick(app: &App) -> Result<(), Problem> {
    let _turn = app.timed.0.lock().await;
    // A copy of the database sends nothing, and "Stop everything" stops this too.
    if app.store.is_held().await? {
        return Ok(());
    }
    for timer in app.store.timers(false).await? {
        if let Err(problem) = timer::look(app, &timer).await {
            tracing::error!(%problem, timer = timer.id, "a timer could not be looked at; it is tried again");
        }
    }
    for work in app.store.works(false).await? {
        if let Err(problem) = work::look(app, &work).await {
            tracing::error!(%problem, plan = work.id, "planned work could not be looked at; it is tried again");
        }
    }
    carry::all(app).await
}

/// Carries out what somebody has just written down. Where everything is stopped, that waits.
///
/// # Errors
/// The store's.
async fn at_once(app: &App, _turn: MutexGuard<'_, ()>) -> Result<(), Problem> {
    if app.store.is_held().await? { Ok(()) } else { carry::all(app).await }
}
