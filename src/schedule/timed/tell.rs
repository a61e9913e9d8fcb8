//! Telling people what a timer could not say: who set it up, and who is on duty. The calls are rows, as those about promises.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;

use crate::{
    app::App,
    approve::summon::{self, Message},
    problem::Problem,
    store::{StoreError, firings::Firing, firings::Of, named, reminders::Noun},
};

/// The step of the calls.
const STEP: &str = "waits";

/// Writes down who is called about a time whose message was not said: once, and not about practice.
///
/// # Errors
/// The store's.
pub(super) async fn people(app: &App, firing: &Firing, made_by: i64, incident: Option<i64>) -> Result<(), Problem> {
    if is_exercise(app, firing).await? {
        return Ok(());
    }
    let now = app.world.clock.now();
    let (mut calls, configured) = (Vec::new(), app.channels());
    for id in std::iter::once(made_by).chain(app.store.on_duty(now).await?) {
        let person = app.store.person(id).await?;
        let sees = match incident {
            Some(incident) => app.store.is_seen(named::Noun::Incident, incident, Some(id)).await?,
            None => true,
        };
        for channel in [Channel::Email, Channel::Sms] {
            let reached = configured.contains(&channel) && summon::address(&person, channel).is_some();
            if sees && person.active && reached && !calls.contains(&(id, channel)) {
                calls.push((id, channel));
            }
        }
    }
    Ok(app.store.remind(Noun::Firing, firing.id, &[STEP.to_owned()], &calls, now).await?)
}

async fn is_exercise(app: &App, firing: &Firing) -> Result<bool, StoreError> {
    Ok(match firing.of {
        Of::Timer(id) => app.store.timer(id).await?.exercise,
        Of::Work(id) => app.store.work(id).await?.exercise,
    })
}

/// What somebody is told about a time, and the incident that it is about.
///
/// # Errors
/// The store's.
pub(in crate::schedule) async fn message(
    app: &App,
    id: i64,
    now: Timestamp,
) -> Result<(Option<i64>, Message), StoreError> {
    let firing = app.store.firing(id).await?;
    let (name, place) = match firing.of {
        Of::Timer(id) => (app.store.timer(id).await?.name, "schedule#timers"),
        Of::Work(id) => (app.store.work(id).await?.name, "schedule#plans"),
    };
    let link = match firing.incident_id {
        Some(incident) => summon::page(app, &format!("incidents/{incident}")),
        None => summon::page(app, place),
    };
    let (due, away) = (super::super::promise::call::clock(app, firing.due_at, now), name.trim());
    let said = format!("What the timer “{away}” had to say at {due} was not sent.");
    let why = firing.problem.unwrap_or_default();
    Ok((
        firing.incident_id,
        Message {
            subject: format!("Not sent: {away}"),
            text: format!("Onevoice: {said} {link}"),
            body: format!("{said}\r\n{why}\r\n\r\nLook at it (you are asked to sign in):\r\n{link}\r\n"),
        },
    ))
}
