//! What a draft asks of its channels, and what they have: read from the audience, the providers and the lanes.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use onevoice_channels::contract::Channel;

use super::forecast::{Ahead, Load, Supply};
use crate::{
    app::App,
    compose::draft::Draft,
    pace::{AtNight, Quiet, Timing, destination},
    problem::Problem,
    send::Route,
    store::{
        count::Count,
        shape::{Running, ShapeWanted},
    },
};

/// What a provider without a limit is taken to carry, messages a second, until it is measured.
const UNMEASURED: f64 = 300.0;

/// Addresses by the recipients' time zone, by channel.
pub type Zones = BTreeMap<Channel, BTreeMap<String, i64>>;

/// The providers of a channel as they are now, those of the first priority; the outboxes of practice where it is one.
pub fn supply(app: &App, channel: Channel, exercise: bool) -> Vec<Supply> {
    let of_channel =
        |route: &&Arc<Route>| route.exercise == exercise && route.provider.manifest().channel == channel.carrier();
    let routes: Vec<_> = app.engine.every_route().filter(of_channel).collect();
    let first = routes.iter().map(|route| route.pacer.priority()).min();
    let in_use = routes.iter().filter(|route| Some(route.pacer.priority()) == first);
    let mut shared: BTreeMap<usize, (f64, Vec<usize>)> = BTreeMap::new();
    let one = |(place, route): (usize, &&Arc<Route>)| {
        let limits = route.pacer.limits();
        let measured = app.engine.rates.of(&route.provider.manifest().name);
        for (limit, rate) in route.pacer.shared() {
            shared.entry(limit).or_insert((rate, Vec::new())).1.push(place);
        }
        Supply {
            rate: route.pacer.own_rate().or(measured).unwrap_or(UNMEASURED),
            burst: limits.per_second.map_or(0.0, |_| f64::from(limits.burst.get())),
            per_domain: limits.per_domain_per_second,
            // A provider that its own limit holds up holds nobody back: shares do not bind.
            weight: None,
        }
    };
    let mut supply: Vec<Supply> = in_use.enumerate().map(one).collect();
    for (limit, places) in shared.into_values() {
        let together: f64 = places.iter().map(|place| supply[*place].rate).sum();
        places.iter().for_each(|place| supply[*place].rate *= (limit / together).min(1.0));
    }
    supply
}

/// The limit over all providers holds for the channels together: each has its part of it, so that they end together.
fn share_overall(app: &App, loads: &mut BTreeMap<Channel, Load>) {
    let Some(overall) = app.engine.every_route().find_map(|route| route.pacer.overall()) else { return };
    let messages = |load: &Load| load.stages.iter().sum::<f64>();
    let all: f64 = loads.values().map(messages).sum();
    for load in loads.values_mut() {
        let together: f64 = load.supply.iter().map(|supply| supply.rate).sum();
        let part = overall * messages(load) / all;
        load.supply.iter_mut().filter(|_| part > 0.0).for_each(|supply| supply.rate *= (part / together).min(1.0));
    }
}

/// What a draft puts on each of its channels.
///
/// # Errors
/// The store's.
pub async fn of_draft(
    app: &App,
    draft: &Draft,
    timing: Option<&Timing>,
    count: &Count,
    outlets: &BTreeMap<Channel, Vec<String>>,
    now: Timestamp,
) -> Result<BTreeMap<Channel, Load>, Problem> {
    let exercise = draft.incident.exercise;
    let running = app.store.running(exercise, now).await?;
    let lane = draft.content.severity.lane();
    let mut loads = BTreeMap::new();
    for channel in &draft.channels {
        let load =
            Load { supply: supply(app, *channel, exercise), ahead: ahead(&running, *channel, lane), ..Load::default() };
        loads.insert(*channel, load);
    }
    let windows = &app.config.quiet_hours.0;
    let wanted = ShapeWanted {
        variants: timing.is_some_and(Timing::is_staged),
        zones: draft.channels.iter().any(|channel| windows.contains_key(channel)),
        domains: loads.values().any(|load| load.supply.iter().any(|supply| supply.per_domain.is_some())),
    };
    let shape = app.store.audience_shape(&draft.audience(), wanted, now).await?;
    for (channel, load) in &mut loads {
        let stage = |variant| timing.map_or(0, |timing| timing.stage(variant));
        let mut put = |stage: usize, n: f64| {
            load.stages.resize(load.stages.len().max(stage + 1), 0.0);
            load.stages[stage] += n;
        };
        if let Some(names) = outlets.get(channel) {
            put(stage(0), names.len() as f64);
            continue;
        }
        match shape.variants.get(channel) {
            Some(variants) => variants.iter().for_each(|(variant, n)| put(stage(*variant), *n as f64)),
            None => put(0, count.addresses.get(channel).copied().unwrap_or_default() as f64),
        }
        load.largest_domain = shape.largest_domain.get(channel).copied().unwrap_or_default() as f64;
        if let Some(zones) = shape.zones.get(channel).filter(|_| windows.contains_key(channel)) {
            load.zones = zones.iter().map(|(zone, n)| (zone.clone(), *n as f64)).collect();
        }
    }
    if let Some(load) = loads.get_mut(&Channel::Sms).filter(|load| load.supply.len() == 1)
        && let Some((numbers, rate)) = slowest_sender(app, draft, now).await?
    {
        (load.largest_domain, load.supply[0].per_domain) = (numbers, Some(rate));
    }
    share_overall(app, &mut loads);
    Ok(loads)
}

/// The sender by country whose numbers take the longest: how many, and how many a second. Where several providers carry
/// the texts, what one's sender cannot is carried by another.
async fn slowest_sender(app: &App, draft: &Draft, now: Timestamp) -> Result<Option<(f64, f64)>, Problem> {
    let of_texts = |route: &&Arc<Route>| {
        route.exercise == draft.incident.exercise && route.provider.manifest().channel == Channel::Sms
    };
    let first = app.engine.every_route().filter(of_texts).min_by_key(|route| route.pacer.priority());
    let Some(limits) = first.map(|route| route.pacer.limits()) else { return Ok(None) };
    if limits.senders.is_empty() {
        return Ok(None);
    }
    let longest = limits.senders.keys().map(String::len).max().unwrap_or_default();
    let mut numbers: BTreeMap<String, i64> = BTreeMap::new();
    for (number, n) in app.store.numbers_alike(&draft.audience(), longest, now).await? {
        *numbers.entry(destination(&limits, &number).into_owned()).or_default() += n;
    }
    let taking =
        numbers.into_iter().filter_map(|(sender, n)| Some((n as f64, limits.domains.get(&sender)?.per_second?)));
    Ok(taking.max_by(|(n, rate), (others, other)| (n / rate).total_cmp(&(others / other))))
}

/// Who sleeps at a time, by channel: addresses by the zones that the audience was counted in.
pub fn asleep(app: &App, zones: &Zones, at: Timestamp) -> BTreeMap<Channel, i64> {
    let organisation = &app.config.organisation.time_zone;
    let of_channel = |(channel, zones): (&Channel, &BTreeMap<String, i64>)| {
        let quiet = Quiet::new(*app.config.quiet_hours.0.get(channel)?, AtNight::Now, organisation);
        let sleepers = zones.iter().filter(|(zone, _)| quiet.ends(zone, at).is_some()).map(|(_, n)| n);
        Some((*channel, sleepers.sum()))
    };
    zones.iter().filter_map(of_channel).filter(|(_, n)| *n > 0).collect()
}

/// What goes out already on a channel, seen from a lane: earlier lanes go before it, its own beside it.
fn ahead(running: &[Running], channel: Channel, lane: i64) -> Vec<Ahead> {
    let found = running.iter().filter(|other| other.channel == channel && other.lane <= lane && other.left > 0);
    found
        .map(|other| {
            let spread = other.spread_left.filter(|_| channel.is_personal());
            Ahead {
                left: other.left as f64,
                paced: spread.map(|seconds| other.left as f64 / seconds),
                before: other.lane < lane,
            }
        })
        .collect()
}
