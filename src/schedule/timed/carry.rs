//! Carrying out: what has come is announced by its prepared message, once, and what became of it is noted.

use jiff::{SignedDuration, Timestamp};

use super::{Outcome, Step, tell};
use crate::{
    app::App,
    approve::State,
    compose::{content::PlannedTime, status::Status},
    people::{Actor, Role},
    problem::Problem,
    schedule::playbook::{
        announce::{self, Request, Spoken, Timed},
        fill::Exceeded,
    },
    send::Event,
    store::{
        announced::Announced,
        firings::{Firing, Of},
    },
};

/// When what could not be said is tried again, in steady time.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// Carries out everything that was noted.
///
/// # Errors
/// The store's.
pub(super) async fn all(app: &App) -> Result<(), Problem> {
    // Whoever cancels waits for this turn, so that nothing of the list is cancelled meanwhile.
    for firing in app.store.unsettled_firings(app.world.clock.steady()).await? {
        if let Err(problem) = one(app, &firing).await {
            tracing::error!(%problem, firing = firing.id, "what a timer has to say cannot be said yet; it is tried again");
        }
    }
    Ok(())
}

async fn one(app: &App, firing: &Firing) -> Result<(), Problem> {
    let (made_by, request) = match firing.of {
        Of::Timer(id) => of_timer(app, firing, id).await?,
        Of::Work(id) => of_work(app, firing, id).await?,
    };
    let owner = app.store.person(made_by).await?;
    let actor = Actor::Timer { name: firing.of.name(), owner };
    match announce::announce(app, &actor, &request).await {
        Ok(spoken) => said(app, firing, made_by, spoken).await,
        // A person writes in its incident, or it is a fault of ours: it is tried again.
        Err(problem) if problem.status == 409 || problem.status >= 500 => {
            unsaid(app, firing, made_by, incident(app, firing).await?, &problem.detail).await
        }
        Err(problem) => {
            unsaid(app, firing, made_by, incident(app, firing).await?, &problem.detail).await?;
            tracing::warn!(of = firing.of.name(), "what a timer has to say was refused; its page says why");
            Ok(app.store.settle_firing(firing.id, Outcome::Refused, (None, None), Some(&problem.detail)).await?)
        }
    }
}

/// Notes why it was not said, and writes down whom to call about that: before it is settled, so that a crash in between
/// leaves nobody uncalled.
async fn unsaid(app: &App, firing: &Firing, made_by: i64, incident: Option<i64>, why: &str) -> Result<(), Problem> {
    app.store.firing_waits(firing.id, why, app.world.clock.steady() + AGAIN).await?;
    tell::people(app, firing, made_by, incident).await
}

/// The incident that a plan goes on with; each time of a timer has its own.
async fn incident(app: &App, firing: &Firing) -> Result<Option<i64>, Problem> {
    let Of::Work(id) = firing.of else { return Ok(None) };
    let work = app.store.work(id).await?;
    Ok(app.store.announced(&key(id), work.exercise).await?.map(|known| known.incident_id))
}

/// Notes what became of it, and tells people what they would not hear of otherwise.
async fn said(app: &App, firing: &Firing, made_by: i64, spoken: Spoken) -> Result<(), Problem> {
    let state = spoken.update.as_ref().map(|update| update.state);
    let outcome = match (spoken.outcome, state) {
        (announce::Outcome::Nothing, _) | (_, None | Some(State::Discarded)) => Outcome::Nothing,
        (_, Some(State::Submitted)) => Outcome::Waits,
        (_, Some(State::Draft | State::Returned)) => Outcome::Kept,
        _ => Outcome::Sent,
    };
    let (incident, update) = (spoken.incident.map(|it| it.id), spoken.update.map(|it| it.id));
    let reasons: Vec<String> = spoken.exceeded.into_iter().map(|exceeded| exceeded.detail).collect();
    let problem = spoken.problem.map(|problem| problem.detail);
    let problem = problem.or_else(|| (!reasons.is_empty()).then(|| reasons.join(" ")));
    // Who may approve is called about what waits for an approval, as ever.
    if outcome == Outcome::Kept {
        unsaid(app, firing, made_by, incident, problem.as_deref().unwrap_or_default()).await?;
    }
    app.store.settle_firing(firing.id, outcome, (incident, update), problem.as_deref()).await?;
    tracing::info!(
        of = firing.of.name(),
        step = firing.step.as_str(),
        outcome = outcome.as_str(),
        late_seconds = firing.late_seconds,
        "the time of a timer came"
    );
    app.engine.tell(Event::Desk);
    Ok(())
}

/// Why it waits for a person although it lies within its bounds.
async fn outside(app: &App, firing: &Firing, made_by: i64, now: Timestamp) -> Result<Vec<Exceeded>, Problem> {
    let mut outside: Vec<Exceeded> = late(app, firing.due_at, now).into_iter().collect();
    let owner = app.store.person(made_by).await?;
    if !owner.active {
        outside.push(Exceeded::new("owner", "Who set it up has no access any more."));
    } else if owner.role < Role::Author {
        outside.push(Exceeded::new("owner", "Who set it up may not write any more."));
    }
    Ok(outside)
}

/// Why what was due at `due` waits for a person now, where it is that late.
fn late(app: &App, due: Timestamp, now: Timestamp) -> Option<Exceeded> {
    let late = now.duration_since(due);
    (late > app.config.schedule.send_within.0).then(|| {
        let due = super::when::shown(due, &app.config.organisation.zone());
        Exceeded::new("late", format!("It was due at {due} and is {} min late.", late.as_mins()))
    })
}

/// The same for what was written down, and could not be submitted until now: a crash lay in between, or a full disk.
///
/// # Errors
/// The store's.
pub(in crate::schedule) async fn late_by_now(app: &App, known: &Announced) -> Result<Option<Exceeded>, Problem> {
    let Some(of) = Of::read(&known.machine) else { return Ok(None) };
    let due = app.store.due_of(of, known.occurrence.as_deref().unwrap_or_default()).await?;
    Ok(due.and_then(|due| late(app, due, app.world.clock.now())))
}

async fn of_timer(app: &App, firing: &Firing, id: i64) -> Result<(i64, Request), Problem> {
    let timer = app.store.timer(id).await?;
    let now = app.world.clock.now();
    let mut outside = outside(app, firing, timer.made_by, now).await?;
    if timer.until.is_some_and(|until| now > until) {
        outside.push(Exceeded::new("until", "The last moment at which it may be sent has passed."));
    }
    let request = Request {
        playbook: timer.playbook_id.to_string(),
        stage: timer.stage,
        values: timer.values,
        components: Vec::new(),
        dedup_key: format!("timer/{id}/{}", firing.occurrence),
        exercise: timer.exercise,
        lenient: true,
        timed: Some(Timed { occurrence: firing.occurrence.clone(), outside, ..Timed::default() }),
    };
    Ok((timer.made_by, request))
}

/// The key by which a plan goes on with its incident.
pub(super) fn key(plan: i64) -> String {
    format!("plan/{plan}")
}

async fn of_work(app: &App, firing: &Firing, id: i64) -> Result<(i64, Request), Problem> {
    let work = app.store.work(id).await?;
    let known = app.store.announced(&key(id), work.exercise).await?;
    let told = match known {
        Some(known) => announce::told(app, known.incident_id).await?.0.map(|told| told.content.status),
        None => None,
    };
    let mut outside = outside(app, firing, work.made_by, app.world.clock.now()).await?;
    let goes_on = matches!(told, Some(Status::InProgress | Status::Verifying));
    if firing.step == Step::End && told.is_some() && !goes_on {
        outside.push(Exceeded::new("before", "Customers were not told that the work had begun."));
    }
    // Where nobody was told of the old times, there is no change to tell of.
    let change = firing.step.change().filter(|_| told.is_some());
    let request = Request {
        playbook: work.playbook_id.to_string(),
        stage: firing.step.stage(),
        values: work.values,
        components: work.components,
        dedup_key: key(id),
        exercise: work.exercise,
        lenient: true,
        timed: Some(Timed {
            occurrence: firing.occurrence.clone(),
            window: Some(PlannedTime { from: work.from, until: work.until }),
            change,
            outside,
        }),
    };
    Ok((work.made_by, request))
}
