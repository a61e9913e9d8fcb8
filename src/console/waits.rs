//! Why what goes out has to wait, in words: what suppliers said, what limits them, who stepped in.

use onevoice_channels::contract::Channel;

use super::{time::Times, words::text};
use crate::{
    app::App,
    pace::{BreakerState, Health},
    send::Route,
};

/// What holds a channel up now; empty where nothing does.
pub(super) fn of(app: &App, times: &Times, channel: Channel, exercise: bool) -> Vec<String> {
    let (at, now) = (app.world.clock.elapsed(), times.now);
    let of_channel =
        |route: &&std::sync::Arc<Route>| route.exercise == exercise && route.provider.manifest().channel == channel;
    let routes: Vec<_> = app.engine.every_route().filter(of_channel).collect();
    let mut waits = Vec::new();
    for route in &routes {
        let name = &route.provider.manifest().name;
        let health = route.pacer.health(at, now);
        if let Some(words) = supplier(times, name, &health) {
            waits.push(words);
        } else if let Some(rate) = route.pacer.rate() {
            waits.push(text!("waits-takes", name = name.as_str(), rate = rounded(rate)));
        }
        if routes.len() > 1 && (1..100).contains(&percent(&health)) {
            waits.push(text!("waits-share", n = percent(&health), name = name.as_str()));
        }
    }
    waits
}

fn percent(health: &Health) -> i64 {
    (health.share * 100.0).round() as i64
}

/// What is wrong with a supplier, and what happens next; None where all is well.
pub(super) fn supplier(times: &Times, name: &str, health: &Health) -> Option<String> {
    let until = health.waits_until.filter(|at| *at > times.now).map(|at| times.away(at));
    match (health.breaker, until, health.slowed_to) {
        (BreakerState::Open, Some(away), _) => Some(text!("waits-open", name = name, away = away)),
        (BreakerState::Open, None, _) => Some(text!("waits-open-now", name = name)),
        (BreakerState::HalfOpen, _, _) => Some(text!("waits-trying", name = name)),
        (BreakerState::Closed, Some(away), _) => Some(text!("waits-asked", name = name, away = away)),
        (BreakerState::Closed, None, Some(rate)) => Some(text!("waits-slow", name = name, rate = rounded(rate))),
        (BreakerState::Closed, None, None) => None,
    }
}

/// "420", "2.5".
pub(super) fn rounded(rate: f64) -> String {
    if rate >= 10.0 { super::time::number(rate.round() as i64) } else { format!("{:.1}", rate).replace(".0", "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_well() {
        assert_eq!([2.0, 2.5, 0.2, 420.4, 12_000.0].map(rounded), ["2", "2.5", "0.2", "420", "12,000"]);
    }
}
