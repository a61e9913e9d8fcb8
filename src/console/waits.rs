//! Why what goes out has to wait, in words: what suppliers said, what limits them, who stepped in.

use onevoice_channels::contract::Channel;

use super::time::Times;
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
            waits.push(format!("{name} takes {} a second", rounded(rate)));
        }
        if routes.len() > 1 && (1..100).contains(&percent(&health)) {
            waits.push(format!("{} % go by {name}", percent(&health)));
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
        (BreakerState::Open, Some(away), _) => Some(format!("{name} cannot be reached; one message tries it {away}")),
        (BreakerState::Open, None, _) => Some(format!("{name} cannot be reached; one message is about to try it")),
        (BreakerState::HalfOpen, _, _) => Some(format!("{name} could not be reached; one message is trying it now")),
        (BreakerState::Closed, Some(away), _) => Some(format!("{name} asked us to wait; it goes on {away}")),
        (BreakerState::Closed, None, Some(rate)) => Some(format!(
            "{name} is slow: it asked for less and gets {} a second, more as it takes them",
            rounded(rate)
        )),
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
