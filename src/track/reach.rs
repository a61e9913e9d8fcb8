//! How many have it when: the curve of a broadcast, its rate, and when the last one will have it.
//!
//! The curve is sampled beside the sending, from counters that are kept anyway; the hot path knows nothing of it.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;

use super::DeliveryState;
use crate::{
    app::App,
    approve::State,
    plan,
    problem::Problem,
    store::{broadcasts::Broadcast, progress::ChannelProgress},
};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// A rate is of the last so many seconds.
const RATE_OF: i64 = 60;
/// A rate of fewer seconds than this forecasts nothing.
const TELLING: f64 = 20.0;
/// Where nothing was kept for longer than this, nothing had changed until shortly before the next point.
const GAP: i64 = 90;

/// How a channel of a broadcast gets on.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Reach {
    /// Deliveries in all.
    pub total: i64,
    /// Deliveries that were handed over, arrived ones among them.
    pub handed: i64,
    /// Deliveries without an outcome yet.
    pub left: i64,
    /// Messages a second that were handed over lately; null while it does not go out.
    pub per_second: Option<f64>,
    /// When the last one will have it; null where nothing is left or it does not go out.
    pub done_at: Option<Timestamp>,
    /// How many were handed over when, from the start to the end or to now.
    pub points: Vec<Point>,
}

/// How many were handed over at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// How many.
    pub handed: i64,
}

/// Keeps points of whatever goes out, until it is aborted.
pub async fn run(app: App) {
    loop {
        app.world.clock.sleep(EVERY).await;
        // A lost point makes a curve coarser, and nothing else.
        if let Err(error) = app.store.keep_reach(app.world.clock.now()).await {
            tracing::warn!(%error, "how many have it could not be kept");
        }
    }
}

/// Reads how each channel gets on.
///
/// # Errors
/// The store's.
pub async fn read(app: &App, broadcast: &Broadcast) -> Result<BTreeMap<Channel, Reach>, Problem> {
    let kept = app.store.reach(broadcast.id).await?;
    let now = broadcast.ended_at.unwrap_or_else(|| app.world.clock.now());
    let running = broadcast.state == State::Running;
    let one = |(channel, counts): (Channel, ChannelProgress)| {
        let kept = kept.get(&channel).map_or(&[][..], Vec::as_slice);
        let count = |state: &DeliveryState| counts.outcomes.get(state).copied().unwrap_or_default();
        let handed = count(&DeliveryState::Delivered) + count(&DeliveryState::Accepted);
        let left = counts.total - counts.outcomes.values().sum::<i64>();
        let points = broadcast.started_at.map(|start| points(start, kept, now, handed)).unwrap_or_default();
        let rate = running.then(|| rate(&points, now)).flatten();
        let done_at = (running && left > 0).then(|| done_at(app, broadcast, channel, &counts, left, rate));
        let per_second = rate.map(|(rate, _)| rate);
        (channel, Reach { total: counts.total, handed, left, per_second, done_at, points })
    };
    Ok(app.store.progress(broadcast.id).await?.into_iter().map(one).collect())
}

/// From nothing at the start by what was kept to what is now; flat where nothing changed for long.
fn points(start: Timestamp, kept: &[(Timestamp, i64)], now: Timestamp, handed: i64) -> Vec<Point> {
    let mut points = vec![Point { at: start, handed: 0 }];
    let within = kept.iter().copied().filter(|(at, n)| *at > start && *at < now && *n <= handed);
    for (at, n) in within.chain([(now.max(start), handed)]) {
        let before = points[points.len() - 1];
        if at.duration_since(before.at).as_secs() > GAP && n > before.handed {
            points.push(Point { at: at - SignedDuration::from_secs(GAP / 2), handed: before.handed });
        }
        points.push(Point { at, handed: n });
    }
    points
}

/// Messages a second lately, and over how many seconds that was measured.
fn rate(points: &[Point], now: Timestamp) -> Option<(f64, f64)> {
    let since = |point: &&Point| now.duration_since(point.at).as_secs() >= RATE_OF;
    let from = points.iter().rev().find(since).or(points.first())?;
    let last = points.last()?;
    let seconds = last.at.duration_since(from.at).as_secs_f64();
    (seconds >= 1.0).then(|| ((last.handed - from.handed) as f64 / seconds, seconds))
}

/// By the pace of the providers, or by what really goes where that is less; not before what waits is due or the
/// spreading is over.
fn done_at(
    app: &App,
    broadcast: &Broadcast,
    channel: Channel,
    counts: &ChannelProgress,
    left: i64,
    rate: Option<(f64, f64)>,
) -> Timestamp {
    let now = app.world.clock.now();
    let after = |seconds: f64| now + SignedDuration::from_millis((seconds.min(1e8) * 1000.0) as i64);
    let by_pace = after(plan::seconds(app, channel, left, broadcast.exercise));
    let told = rate.filter(|(rate, over)| *rate > 0.0 && *over >= TELLING);
    let by_rate = told.map(|(rate, _)| after((left - counts.waiting).max(0) as f64 / rate));
    let spread = broadcast.timing.as_ref().and_then(|timing| timing.spread_minutes);
    let spread_to = broadcast
        .started_at
        .zip(spread)
        .filter(|_| channel.is_personal())
        .map(|(at, minutes)| at + broadcast.paused_for + SignedDuration::from_mins(i64::from(minutes)));
    [by_rate, counts.next_due_at, spread_to].into_iter().flatten().fold(by_pace, Timestamp::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_curve_begins_with_nobody_ends_with_what_is_and_is_flat_over_a_stop() {
        let kept = [(at(105), 10), (at(110), 20), (at(700), 30)];
        let seen: Vec<(i64, i64)> =
            points(at(100), &kept, at(705), 35).iter().map(|point| (point.at.as_second(), point.handed)).collect();
        assert_eq!(seen, [(100, 0), (105, 10), (110, 20), (655, 20), (700, 30), (705, 35)]);
        assert_eq!(points(at(100), &[], at(100), 0).len(), 2);
        let again = points(at(100), &kept, at(705), 15);
        assert!(again.is_sorted_by_key(|point| point.handed), "what is sent again was handed over no more");
    }

    #[test]
    fn a_rate_is_of_the_last_minute() {
        let points: Vec<Point> = (0..=20).map(|n| Point { at: at(100 + 10 * n), handed: n * n }).collect();
        let (rate, over) = rate(&points, at(300)).unwrap();
        assert_eq!((over, rate), (60.0, (400.0 - 196.0) / 60.0));
        assert!(super::rate(&points[..1], at(100)).is_none());
    }
}
