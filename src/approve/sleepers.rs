//! Who sleeps when something goes out, and what the approver chose to do about it. The author proposes; the choice of who
//! says yes counts, and is a part of what that yes binds.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;

use crate::{
    app::App,
    compose::content::Content,
    pace::{AtNight, STAGE_PERCENT, Timing},
    plan,
    problem::Problem,
    store::{approvals::Choice, broadcasts::Broadcast},
};

/// Seconds for the last answer, as in every forecast.
const ANSWER: f64 = 1.0;

/// What would come of a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consequence {
    /// Messages that wake somebody.
    pub woken: i64,
    /// Messages that wait for a morning.
    pub in_the_morning: i64,
    /// When the last of those is due.
    pub last_morning_at: Option<Timestamp>,
    /// Messages that are left out.
    pub not_at_all: i64,
}

/// What was chosen so far: by the author.
pub fn proposed(broadcast: &Broadcast) -> AtNight {
    broadcast.timing.as_ref().map_or(AtNight::Now, |timing| timing.quiet_hours)
}

/// The timing of a waiting broadcast with this choice; None where it then goes to everybody at once.
pub fn timing(app: &App, broadcast: &Broadcast, content: &Content, choice: AtNight) -> Option<Timing> {
    let mut timing = broadcast.timing.clone().unwrap_or_else(|| Timing {
        quiet_hours: choice,
        windows: BTreeMap::new(),
        zone: app.config.organisation.time_zone.clone(),
        spread_minutes: None,
        stages: vec![0; content.variants.len()],
        stage_percent: STAGE_PERCENT,
    });
    timing.quiet_hours = choice;
    if broadcast.timing.is_none() {
        let used = |channel: &Channel| broadcast.plan["totals"].get(channel.as_str()).is_some();
        let windows = app.config.quiet_hours.0.iter().filter(|(channel, _)| used(channel));
        timing.windows = windows.map(|(channel, window)| (*channel, *window)).collect();
    }
    let quiet = choice != AtNight::Now && !timing.windows.is_empty();
    (quiet || timing.spread_minutes.is_some() || timing.is_staged()).then_some(timing)
}

/// What would come of each choice, as of now, all channels together.
pub fn consequence(app: &App, broadcast: &Broadcast, content: &Content, choice: AtNight) -> Consequence {
    if choice == AtNight::Now {
        return Consequence { woken: plan::nights(app, broadcast, None).1.values().sum(), ..Consequence::default() };
    }
    let timing = timing(app, broadcast, content, choice);
    let (arrivals, _) = plan::nights(app, broadcast, timing.as_ref());
    let sum = |of: fn(&plan::forecast::Arrival) -> f64| arrivals.values().map(of).sum::<f64>().round() as i64;
    Consequence {
        woken: 0,
        in_the_morning: sum(|arrival| arrival.in_the_morning),
        last_morning_at: arrivals.values().filter_map(|arrival| arrival.last_morning_at).max(),
        not_at_all: sum(|arrival| arrival.not_at_all),
    }
}

/// When the last one who does not wait for their morning has it, if it were approved now with this choice.
pub fn last_at(app: &App, broadcast: &Broadcast, content: &Content, choice: AtNight, now: Timestamp) -> Timestamp {
    let planned = broadcast.plan["seconds"].as_object().into_iter().flat_map(|seconds| seconds.values());
    let mut longest = planned.filter_map(serde_json::Value::as_f64).fold(0.0, f64::max);
    if choice != proposed(broadcast) {
        let timing = timing(app, broadcast, content, choice);
        let (arrivals, _) = plan::nights(app, broadcast, timing.as_ref());
        longest = arrivals.values().map(|arrival| ANSWER + arrival.seconds).fold(longest, f64::max);
    }
    broadcast.start_at.unwrap_or(now).max(now) + SignedDuration::from_millis((longest * 1000.0) as i64)
}

/// The other timing and its digest, where the approver chose otherwise than the author.
///
/// # Errors
/// 422 for a choice about the sleep of people whose sleep nobody keeps; the store's.
pub(super) async fn choice(
    app: &App,
    broadcast: &Broadcast,
    content: &Content,
    chosen: Option<AtNight>,
) -> Result<Option<Choice>, Problem> {
    let Some(chosen) = chosen.filter(|chosen| *chosen != proposed(broadcast)) else { return Ok(None) };
    let timing = timing(app, broadcast, content, chosen);
    if chosen != AtNight::Now && timing.as_ref().is_none_or(|timing| timing.windows.is_empty()) {
        let detail =
            "nobody’s quiet hours are kept on these channels; leave it out, or set quiet_hours in the configuration";
        return Err(Problem::invalid("/quiet_hours", detail));
    }
    let incident = app.store.incident(broadcast.incident_id).await?;
    let renderings = app.store.renderings(broadcast.id).await?;
    let other = Broadcast { timing: timing.clone(), ..broadcast.clone() };
    let digest = plan::digest::of(&incident, &other, content, &renderings).map_err(|_| Problem::internal())?;
    Ok(Some(Choice { timing, digest }))
}
