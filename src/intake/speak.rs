//! Voices speak once their time has come: they are rows, so a restart forgets none and repeats none.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, MutexGuard, Notify};

use super::{rules::Saying, state::State};
use crate::{
    app::App,
    compose::status::{ComponentStatus, Status},
    people::Actor,
    problem::Problem,
    schedule::playbook::{
        announce::{self, Outcome, Request, Spoken},
        named,
    },
    store::{
        StoreError,
        voices::{STORM, Voice},
    },
};

/// How often to look at the clock when nobody rings.
const TICK: Duration = Duration::from_secs(1);
/// When what could not be said is tried again.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// How often old calls are forgotten.
const FORGET: SignedDuration = SignedDuration::from_hours(1);

/// Rings when monitoring called.
#[derive(Default)]
pub struct Bell(Notify, Mutex<()>);

impl Bell {
    /// Rings.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for one's turn, for who reads what it changes.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.1.lock().await
    }
}

/// Lets voices speak until the daemon stops.
pub async fn run(app: App) {
    let mut forget = Timestamp::MIN;
    while !app.engine.is_stopping() {
        if let Err(problem) = tick(&app).await {
            tracing::error!(%problem, "what monitoring says could not be looked at");
        }
        let now = app.world.clock.now();
        if now >= forget {
            match forget_old(&app, now).await {
                Ok(()) => forget = now.saturating_add(FORGET).unwrap_or(now),
                Err(error) => tracing::error!(%error, "old calls of monitoring could not be forgotten"),
            }
        }
        tokio::select! {
            () = app.intake.0.notified() => {}
            () = app.world.clock.sleep(TICK) => {}
        }
    }
}

/// Forgets calls that are older, or more, than is kept.
///
/// # Errors
/// The store's.
pub async fn forget_old(app: &App, now: Timestamp) -> Result<(), StoreError> {
    let intake = &app.config.intake;
    let before = now - SignedDuration::from_hours(24 * i64::from(intake.keep_days));
    app.store.forget_calls(before, i64::from(intake.keep_mb) << 20).await?;
    app.store.forget_voices(before).await
}

/// Lets every voice speak whose time has come.
///
/// # Errors
/// The store's. What a voice could not say is noted, and tried again.
pub async fn tick(app: &App) -> Result<(), Problem> {
    announce::recover(app).await?;
    // Hold-downs are lengths of time: setting the clock neither hurries nor stalls them.
    let now = app.world.clock.steady();
    loop {
        app.store.clear_folded(now).await?;
        let Some(voice) = app.store.due_voice(now).await? else { return Ok(()) };
        match voice.state {
            State::Holding => begin(app, &voice, now).await?,
            State::Speaking => first(app, &voice, now).await?,
            State::Clearing | State::Closed => last(app, &voice, now).await?,
        }
    }
}

/// A hold-down is over: a voice speaks for itself, or one speaks for many.
async fn begin(app: &App, voice: &Voice, now: Timestamp) -> Result<(), Problem> {
    if is_worked_on(app, &voice.saying).await? {
        let why = "planned work: what it concerns is under maintenance";
        return Ok(app.store.voice_waits(voice.id, why, now + AGAIN).await?);
    }
    if voice.rule != STORM {
        if let Some(storm) = app.store.storm(voice.saying.exercise).await? {
            return Ok(app.store.fold(&storm, now).await?);
        }
        if let Some(saying) = storm(app, voice).await? {
            tracing::warn!(source = voice.source, "much breaks at once; one prepared message speaks for all of it");
            return Ok(app.store.begin_storm(&saying, &voice.source, now).await?);
        }
    }
    app.store.voice_speaks(voice.id, now).await?;
    first(app, voice, now).await
}

/// What is said where so many began at once that one speaks for all.
async fn storm(app: &App, voice: &Voice) -> Result<Option<Saying>, Problem> {
    let Some(storm) = &app.config.intake.storm else { return Ok(None) };
    let within = SignedDuration::from_secs(i64::from(storm.within_seconds));
    let (from, to) = (voice.began_at - within, voice.began_at + within);
    let many = app.store.began_between(from, to, voice.saying.exercise).await? >= i64::from(storm.voices);
    Ok(many.then(|| Saying {
        playbook: storm.playbook.clone(),
        components: Vec::new(),
        variables: Default::default(),
        first: Status::Investigating,
        hold_seconds: 0,
        clear_seconds: 0,
        exercise: voice.saying.exercise,
    }))
}

/// Whether planned work goes on where a voice would speak.
async fn is_worked_on(app: &App, saying: &Saying) -> Result<bool, Problem> {
    // What cannot be found is said when it is announced.
    let Ok(stored) = named::find(app, &saying.playbook).await else { return Ok(false) };
    let components = app.store.components().await?;
    Ok(components.iter().filter(|component| component.status == ComponentStatus::UnderMaintenance).any(|component| {
        let named = |name: &String| *name == component.name || *name == component.id.to_string();
        component.id == stored.playbook.component || saying.components.iter().any(named)
    }))
}

async fn first(app: &App, voice: &Voice, now: Timestamp) -> Result<(), Problem> {
    match say(app, voice, voice.saying.first).await {
        Ok(spoken) => {
            let incident = spoken.incident.map(|incident| incident.id);
            let problem = spoken.problem.map(|problem| problem.detail);
            Ok(app.store.voice_said(voice.id, incident, problem.as_deref()).await?)
        }
        Err(problem) => waits(app, voice, &problem, now).await,
    }
}

async fn last(app: &App, voice: &Voice, now: Timestamp) -> Result<(), Problem> {
    match say(app, voice, Status::Resolved).await {
        Ok(Spoken { outcome: Outcome::Kept, problem: Some(problem), .. }) => waits(app, voice, &problem, now).await,
        Ok(_) => Ok(app.store.voice_ended(voice, now).await?),
        Err(problem) => waits(app, voice, &problem, now).await,
    }
}

/// Notes why it could not be said. Nothing is dropped: it is tried again.
async fn waits(app: &App, voice: &Voice, problem: &Problem, now: Timestamp) -> Result<(), Problem> {
    if voice.problem.as_ref() != Some(&problem.detail) {
        tracing::warn!(
            voice = voice.id,
            rule = voice.rule,
            "what monitoring says cannot be announced; /intake/voices says why"
        );
    }
    Ok(app.store.voice_waits(voice.id, &problem.detail, now + AGAIN).await?)
}

async fn say(app: &App, voice: &Voice, stage: Status) -> Result<Spoken, Problem> {
    let actor = actor(app, &voice.source).await?;
    let request = Request {
        playbook: voice.saying.playbook.clone(),
        stage,
        values: voice.saying.variables.clone(),
        components: voice.saying.components.clone(),
        dedup_key: format!("intake/{}", voice.name),
        exercise: voice.saying.exercise,
        lenient: true,
        timed: None,
    };
    announce::announce(app, &actor, &request).await
}

/// Who speaks: a source, in somebody's name.
async fn actor(app: &App, name: &str) -> Result<Actor, Problem> {
    let source = app.config.intake.source.iter().find(|source| source.name == name);
    let source = source.ok_or_else(|| Problem::conflict(format!("the source {name:?} is not configured any more")))?;
    let known = app.store.person_by_email(&source.person).await?.map(|(person, _)| person);
    let owner = known.filter(|person| person.active).ok_or_else(|| {
        Problem::conflict(format!(
            "the person in whose name the source {name:?} speaks is not there; see `intake.source.person`"
        ))
    })?;
    Ok(Actor::Source { name: name.to_owned(), owner })
}
