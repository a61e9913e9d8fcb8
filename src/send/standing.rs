//! How each provider stands: what it carries now, what limits it, whether our sign-in is taken, and what needs care.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::{Channel, Limits, Reason};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Route, check::Checked, troubles::Trouble};
use crate::{
    app::App,
    pace::{BreakerState, Health},
    problem::Problem,
};

/// So long before credentials end somebody is told.
pub(super) const SOON: SignedDuration = SignedDuration::from_hours(24 * 14);

/// What needs care, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Care {
    /// Nothing is tried for now, because it failed again and again.
    Broken,
    /// It refuses our credentials.
    Refused,
    /// Our credentials have ended.
    Ended,
    /// It asked for a pause, or failed just now.
    Pausing,
    /// The last check got no usable answer.
    Unproven,
    /// It is slower than it may be, or has lost a part of its share.
    Slow,
    /// Our credentials end soon.
    Ending,
    /// Nothing.
    None,
}

impl Care {
    /// Each of them.
    pub const ALL: [Care; 8] =
        [Care::Broken, Care::Refused, Care::Ended, Care::Pausing, Care::Unproven, Care::Slow, Care::Ending, Care::None];

    /// The name in the API and the words.
    pub fn as_str(self) -> &'static str {
        match self {
            Care::Broken => "broken",
            Care::Refused => "refused",
            Care::Ended => "ended",
            Care::Pausing => "pausing",
            Care::Unproven => "unproven",
            Care::Slow => "slow",
            Care::Ending => "ending",
            Care::None => "none",
        }
    }

    fn of(health: &Health, checked: Option<&Checked>, now: Timestamp) -> Care {
        let end = checked.and_then(|checked| checked.expires_at);
        let reason = checked.and_then(|checked| checked.reason);
        let found = [
            (health.breaker != BreakerState::Closed, Care::Broken),
            (reason == Some(Reason::Unauthorized), Care::Refused),
            (end.is_some_and(|end| end <= now), Care::Ended),
            (!health.up || health.waits_until.is_some(), Care::Pausing),
            (reason.is_some(), Care::Unproven),
            (health.slowed_to.is_some() || health.share + 0.005 < health.usual_share, Care::Slow),
            (end.is_some_and(|end| end.duration_since(now) <= SOON), Care::Ending),
        ];
        found.into_iter().find(|(is_so, _)| *is_so).map_or(Care::None, |(_, care)| care)
    }
}

/// How a provider stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ChannelStanding")]
pub struct Standing {
    /// What it carries.
    pub channel: Channel,
    /// Its name in the configuration.
    pub name: String,
    /// Its kind: `smtp`, `mastodon`, …
    pub kind: &'static str,
    /// False where nothing leaves this machine.
    pub leaves: bool,
    /// True where a test to oneself can go by it.
    pub can_test: bool,
    /// What needs care.
    pub care: Care,
    /// How it does.
    #[serde(flatten)]
    pub health: Health,
    /// The limits in force.
    pub limits: Limits,
    /// Messages of the channel that wait, whichever of its providers takes them.
    pub waiting: i64,
    /// How the last check of the credentials went; null before the first.
    pub check: Option<Checked>,
    /// What went wrong in the last 30 days, the latest first, one line a reason.
    pub troubles: Vec<Trouble>,
}

/// Every provider that real messages go by, in the order of channels.
///
/// # Errors
/// The store's.
pub async fn all(app: &App) -> Result<Vec<Standing>, Problem> {
    let backlog = app.store.backlog().await?;
    let mut found: Vec<Standing> = app.engine.routes().map(|route| of(app, route, &backlog)).collect();
    found.sort_by_key(|standing| standing.channel);
    Ok(found)
}

/// One provider.
///
/// # Errors
/// 404; the store's.
pub async fn one(app: &App, name: &str) -> Result<Standing, Problem> {
    Ok(of(app, &*route(app, name)?, &app.store.backlog().await?))
}

/// A provider by name.
///
/// # Errors
/// 404.
pub fn route(app: &App, name: &str) -> Result<Arc<Route>, Problem> {
    let found = app.engine.routes().find(|route| route.provider.manifest().name == name).cloned();
    found.ok_or_else(|| Problem::missing("there is no such provider; the configuration names them"))
}

fn of(app: &App, route: &Route, backlog: &[(Channel, i64, Option<Timestamp>)]) -> Standing {
    let (at, now) = (app.world.clock.elapsed(), app.world.clock.now());
    let manifest = route.provider.manifest();
    let health = route.pacer.health(at, now);
    let check = app.engine.checks.of(&manifest.name);
    let waits = backlog.iter().find(|(channel, ..)| *channel == manifest.channel);
    Standing {
        channel: manifest.channel,
        name: manifest.name.clone(),
        kind: manifest.kind,
        leaves: manifest.leaves,
        can_test: manifest.channel.is_personal(),
        care: Care::of(&health, check.as_ref(), now),
        health,
        limits: route.pacer.limits(),
        waiting: waits.map_or(0, |(_, waiting, _)| *waiting),
        check,
        troubles: app.engine.troubles.of(&manifest.name, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health() -> Health {
        Health {
            up: true,
            waits_until: None,
            last_trouble: None,
            breaker: BreakerState::Closed,
            share: 1.0,
            usual_share: 1.0,
            slowed_to: None,
            per_second: 0.0,
        }
    }

    #[test]
    fn the_most_urgent_care_is_named() {
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        let days = |days: i64| now + SignedDuration::from_hours(24 * days);
        let checked = |reason, expires_at| Checked { at: now, reason, detail: String::new(), expires_at };
        let with = |change: fn(&mut Health)| {
            let mut health = health();
            change(&mut health);
            health
        };
        let cases = [
            (health(), None, Care::None),
            (health(), Some(checked(None, Some(days(15)))), Care::None),
            (health(), Some(checked(None, Some(days(3)))), Care::Ending),
            (health(), Some(checked(None, Some(days(0)))), Care::Ended),
            (health(), Some(checked(Some(Reason::Unauthorized), Some(days(0)))), Care::Refused),
            (health(), Some(checked(Some(Reason::Unreachable), None)), Care::Unproven),
            (with(|health| health.slowed_to = Some(2.0)), Some(checked(None, Some(days(3)))), Care::Slow),
            (with(|health| health.share = 0.4), None, Care::Slow),
            (with(|health| health.up = false), None, Care::Pausing),
            (
                with(|health| (health.up, health.breaker) = (false, BreakerState::HalfOpen)),
                Some(checked(Some(Reason::Unauthorized), None)),
                Care::Broken,
            ),
        ];
        for (health, checked, care) in cases {
            assert_eq!(Care::of(&health, checked.as_ref(), now), care, "{health:?} {checked:?}");
        }
    }
}
