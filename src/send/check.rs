//! Whether providers take our credentials: asked soon after the start, every day, and when somebody wants to know.
//! Nothing is sent by it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::{CheckReport, Reason, Unavailable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Event, Route, standing, troubles::Trouble};
use crate::{
    app::App,
    people::{Actor, Role},
    problem::Problem,
    store::{Result, audit::Entry},
};

/// So long after the start the first round waits: what is to go out goes first.
const FIRST: Duration = Duration::from_secs(30);
/// How often everything is asked again.
const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// A check as young as this outlives a restart: a server may allow thirty sign-ins a day, and a daemon start in a loop.
const YOUNG: SignedDuration = SignedDuration::from_hours(1);
/// Whoever asks twice within this gets the same answer.
const AGAIN: SignedDuration = SignedDuration::from_secs(20);
/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often what went wrong is written down.
const TICK: Duration = Duration::from_secs(5);

/// How a check went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CredentialCheck")]
pub struct Checked {
    /// When.
    pub at: Timestamp,
    /// Why the credentials could not be proven; null where they were accepted.
    pub reason: Option<Reason>,
    /// The provider's own words, without addresses and secrets.
    pub detail: String,
    /// When the credentials end, where the provider or the configuration tells.
    pub expires_at: Option<Timestamp>,
}

/// How the last check of each provider went.
#[derive(Default)]
pub struct Checks(Mutex<HashMap<String, Checked>>);

impl Checks {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Checked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last one of a provider.
    pub fn of(&self, provider: &str) -> Option<Checked> {
        self.lock().get(provider).cloned()
    }
}

/// Asks in time, and writes down what went wrong, until the daemon stops.
pub async fn run(app: App) {
    if let Err(error) = remember(&app).await {
        tracing::warn!(%error, "what was known of the providers cannot be read; they are asked anew");
    }
    let (clock, mut young) = (app.world.clock.clone(), YOUNG);
    let mut wait = FIRST;
    while !app.engine.is_stopping() {
        clock.sleep(wait).await;
        wait = TICK;
        if let Err(error) = tick(&app, young).await {
            tracing::error!(%error, "what providers said cannot be written down");
        }
        young = EVERY;
    }
}

/// Takes up what was known before a restart.
///
/// # Errors
/// The store's.
pub async fn remember(app: &App) -> Result<()> {
    for (provider, checked, troubles) in app.store.provider_memory::<Checked, Trouble>().await? {
        if let Some(checked) = checked {
            app.engine.checks.lock().insert(provider.clone(), checked);
        }
        app.engine.troubles.remember(&provider, troubles);
    }
    Ok(())
}

/// Asks every provider whose last check is older than `young`, and writes down what went wrong since the last tick.
///
/// # Errors
/// The store's.
pub async fn tick(app: &App, young: SignedDuration) -> Result<()> {
    let now = app.world.clock.now();
    let is_due = |route: &&std::sync::Arc<Route>| {
        let last = app.engine.checks.of(&route.provider.manifest().name);
        // A check from the future is one that a clock set back has left.
        last.is_none_or(|last| now.duration_since(last.at) >= young || last.at > now)
    };
    let asked = app.engine.routes().filter(is_due).map(|route| ask(app, route));
    for (provider, checked) in futures_util::future::join_all(asked).await {
        keep(app, &provider, checked, None).await?;
    }
    for (provider, troubles) in app.engine.troubles.take_changed() {
        app.store.keep_troubles(&provider, &troubles).await?;
    }
    Ok(())
}

/// Asks one provider now, because somebody wants to know.
///
/// # Errors
/// 403 for viewers; 404 for a provider that is not configured; the store's.
pub async fn check(app: &App, actor: &Actor, name: &str) -> std::result::Result<standing::Standing, Problem> {
    app.may(actor, Role::Author, "write")?;
    let route = standing::route(app, name)?;
    let now = app.world.clock.now();
    let last = app.engine.checks.of(name).filter(|last| now.duration_since(last.at) < AGAIN && last.at <= now);
    if last.is_none() {
        let (_, checked) = ask(app, &route).await;
        let (by, subject) = (actor.audit_name(), format!("provider:{name}"));
        let detail = serde_json::json!({ "accepted": checked.reason.is_none() });
        keep(app, name, checked, Some(&app.entry(&by, "provider.check", &subject, detail))).await?;
    }
    standing::one(app, name).await
}

async fn keep(app: &App, provider: &str, checked: Checked, entry: Option<&Entry<'_>>) -> Result<()> {
    if let Some(reason) = checked.reason {
        tracing::warn!(provider, reason = reason.as_str(), "the provider's credentials could not be proven");
    }
    if let Some(days) = days_left(&checked) {
        tracing::warn!(provider, days, "the provider's credentials end soon; enter new ones");
    }
    app.store.keep_check(provider, &checked, entry).await?;
    app.engine.checks.lock().insert(provider.to_owned(), checked);
    app.engine.tell(Event::Desk);
    Ok(())
}

/// The days until the credentials end, where somebody has to see to it.
fn days_left(checked: &Checked) -> Option<i64> {
    let left = checked.expires_at?.duration_since(checked.at);
    (left <= standing::SOON).then(|| (left.as_hours() / 24).max(0))
}

async fn ask(app: &App, route: &Route) -> (String, Checked) {
    let name = route.provider.manifest().name.clone();
    let silent = || Unavailable {
        reason: Reason::Unreachable,
        detail: format!("no answer within {} s", PATIENCE.as_secs()),
        after: None,
    };
    let answer = tokio::select! {
        answer = route.provider.check() => answer,
        () = app.world.clock.sleep(PATIENCE) => Err(silent()),
    };
    let checked = read(answer, configured_end(app, &name), app.world.clock.now());
    (name, checked)
}

fn read(
    answer: std::result::Result<CheckReport, Unavailable>,
    configured: Option<Timestamp>,
    at: Timestamp,
) -> Checked {
    match answer {
        Ok(report) => {
            let expires_at = report.expires_at.into_iter().chain(configured).min();
            Checked { at, reason: None, detail: report.summary, expires_at }
        }
        Err(gone) => Checked { at, reason: Some(gone.reason), detail: gone.detail, expires_at: configured },
    }
}

/// The end of the day that the configuration names.
fn configured_end(app: &App, name: &str) -> Option<Timestamp> {
    let day = app.config.provider.iter().find(|entry| entry.name == name)?.credential_ends?;
    let midnight = day.tomorrow().ok()?.to_zoned(app.config.organisation.zone()).ok()?;
    Some(midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_warned_two_weeks_before_the_end() {
        let at = Timestamp::UNIX_EPOCH;
        let days = |days: i64| {
            let expires_at = Some(at + SignedDuration::from_hours(24 * days));
            days_left(&Checked { at, reason: None, detail: String::new(), expires_at })
        };
        assert_eq!((days(60), days(15), days(14), days(1), days(-3)), (None, None, Some(14), Some(1), Some(0)));
        assert_eq!(days_left(&Checked { at, reason: None, detail: String::new(), expires_at: None }), None);
    }

    #[test]
    fn the_earlier_end_counts_and_a_refusal_says_why() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let report = |end| Ok(CheckReport { summary: "signed in".into(), expires_at: end, text_limit: None });
        assert_eq!(read(report(Some(at(50))), Some(at(70)), at(1)).expires_at, Some(at(50)));
        assert_eq!(read(report(Some(at(90))), Some(at(70)), at(1)).expires_at, Some(at(70)));
        assert_eq!(read(report(None), None, at(1)).expires_at, None);
        let refused = Unavailable { reason: Reason::Unauthorized, detail: "401".into(), after: None };
        let refused = read(Err(refused), Some(at(70)), at(1));
        assert_eq!((refused.reason, refused.expires_at), (Some(Reason::Unauthorized), Some(at(70))));
    }
}
