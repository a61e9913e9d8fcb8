//! When the last one has it: counts and limits in, times out. It knows no clock, store or provider, so that a model can
//! be held against it.
//!
//! A channel carries at the rate of its providers together, after what stands before it in the lanes and beside what is
//! in its own lane. A stage begins when enough of the one before is out on all channels. Spreading sets the earliest
//! time for each part. Who sleeps when their message would go is taken out, and goes at the end of their quiet hours.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;

use crate::pace::{AtNight, Timing};

/// No provider is slower, in messages a second: a limit may be small, and a forecast is finite all the same.
const SLOWEST: f64 = 1e-6;

/// What one provider carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Supply {
    /// Messages a second: its limit, or what was measured.
    pub rate: f64,
    /// Messages that may go at once after a pause.
    pub burst: f64,
    /// Messages a second to one domain.
    pub per_domain: Option<f64>,
    /// Its share of the channel, in proportion to the others'; None takes what it can.
    pub weight: Option<f64>,
}

/// Something that is going out already on the same channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Ahead {
    /// Messages that it has left to send now.
    pub left: f64,
    /// Messages a second that it takes where it is spread; None takes what there is.
    pub paced: Option<f64>,
    /// True in an earlier lane, false in the same one.
    pub before: bool,
}

/// What one channel has to carry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// Messages of each stage.
    pub stages: Vec<f64>,
    /// Of these, the messages to the domain that gets the most.
    pub largest_domain: f64,
    /// Messages by the recipients' time zone; empty where nobody's sleep matters.
    pub zones: BTreeMap<String, f64>,
    /// The providers.
    pub supply: Vec<Supply>,
    /// What goes out already.
    pub ahead: Vec<Ahead>,
}

/// When a channel is done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrival {
    /// Seconds from the start to the last one who does not wait for their morning.
    pub seconds: f64,
    /// Messages that wait for a morning.
    pub in_the_morning: f64,
    /// When the last of those goes.
    pub last_morning_at: Option<Timestamp>,
    /// Messages that are left out because people sleep.
    pub not_at_all: f64,
}

/// How a channel's providers work together.
#[derive(Clone, Copy, Debug)]
struct Capacity {
    rate: f64,
    burst: f64,
}

impl Load {
    fn total(&self) -> f64 {
        self.stages.iter().sum()
    }

    /// The rate for so many messages, with the limits of providers, of the largest domain, and of what is ahead.
    fn capacity(&self) -> Capacity {
        let weights: f64 = self.supply.iter().filter_map(|supply| supply.weight).sum();
        let burst = self.supply.iter().map(|supply| supply.burst).sum();
        let mut rate: f64 = self.supply.iter().map(|supply| supply.rate).sum();
        for supply in &self.supply {
            // Whoever has a fixed share is waited for.
            if let Some(weight) = supply.weight.filter(|weight| *weight > 0.0) {
                rate = rate.min(supply.rate * weights / weight);
            }
        }
        let by_domain: Option<f64> = self.supply.iter().map(|supply| supply.per_domain).sum();
        if let Some(limit) = by_domain.filter(|_| self.largest_domain > 0.0) {
            rate = rate.min(limit * self.total() / self.largest_domain);
        }
        if self.supply.is_empty() {
            rate = f64::INFINITY;
        }
        let paced: f64 = self.ahead.iter().filter_map(|ahead| ahead.paced).sum();
        // Whatever stands before it, a lane is never quite empty of room.
        Capacity { rate: (rate - paced).max(rate / 20.0).max(SLOWEST), burst }
    }

    /// Seconds until what is before it is out.
    fn wait(&self, capacity: Capacity) -> f64 {
        let unpaced = self.ahead.iter().filter(|ahead| ahead.before && ahead.paced.is_none());
        unpaced.map(|ahead| ahead.left).sum::<f64>() / capacity.rate
    }

    /// What it takes turns with: broadcasts of its lane.
    fn same(&self) -> impl Iterator<Item = &Ahead> {
        self.ahead.iter().filter(|ahead| !ahead.before && ahead.paced.is_none() && ahead.left > 0.0)
    }

    /// How many go beside so many of its own.
    fn beside(&self, own: f64) -> f64 {
        self.same().map(|ahead| ahead.left.min(own)).sum()
    }

    /// With how many it takes turns; 1 where there are none.
    fn others(&self) -> f64 {
        self.same().count().max(1) as f64
    }

    /// Seconds for all of it, were it alone in time.
    pub fn seconds(&self) -> f64 {
        let capacity = self.capacity();
        let total = self.total();
        self.wait(capacity) + (total + self.beside(total) - capacity.burst).max(0.0) / capacity.rate
    }
}

/// Forecasts every channel of a broadcast that starts at `start`.
pub fn forecast(
    loads: &BTreeMap<Channel, Load>,
    timing: Option<&Timing>,
    start: Timestamp,
) -> BTreeMap<Channel, Arrival> {
    let mut awake: BTreeMap<Channel, f64> = loads.keys().map(|channel| (*channel, 1.0)).collect();
    let mut arrivals: BTreeMap<Channel, Arrival> = BTreeMap::new();
    // Who sleeps makes the rest faster, and a faster rest meets other nights: it settles in a few rounds.
    for _ in 0..4 {
        let runs = runs(loads, timing, &awake);
        for (channel, load) in loads {
            let runs = runs.get(channel).map_or(&[][..], Vec::as_slice);
            let seconds = runs.last().map(|run| run.end).unwrap_or_default();
            let night = timing.map(|timing| night(load, timing, *channel, start, runs)).unwrap_or_default();
            let total = load.total().max(1.0);
            awake.insert(*channel, (1.0 - night.asleep / total).max(0.0));
            arrivals.insert(*channel, Arrival { seconds, ..night.arrival });
        }
    }
    arrivals
}

/// A part of a channel's messages that goes out evenly from one time to another, in seconds from the start.
#[derive(Clone, Copy, Debug)]
struct Run {
    begins: f64,
    end: f64,
    /// How many messages go.
    n: f64,
    /// How many there would be with everybody awake.
    planned: f64,
}

/// What goes when on each channel, where such a part of its people is awake.
fn runs(
    loads: &BTreeMap<Channel, Load>,
    timing: Option<&Timing>,
    awake: &BTreeMap<Channel, f64>,
) -> BTreeMap<Channel, Vec<Run>> {
    let last = loads.values().map(|load| load.stages.len()).max().unwrap_or_default();
    let spread = timing.and_then(|timing| timing.spread_minutes).map(|minutes| f64::from(minutes) * 60.0);
    let percent = timing.map_or(100.0, |timing| f64::from(timing.stage_percent));
    let mut all: BTreeMap<Channel, Vec<Run>> = BTreeMap::new();
    // What goes beside and is out already: it goes on while ours waits for its stage.
    let mut served: BTreeMap<Channel, f64> = BTreeMap::new();
    let mut opens = 0.0;
    for stage in 0..last {
        let mut of_stage = Vec::new();
        for (channel, load) in loads {
            let planned = load.stages.get(stage).copied().unwrap_or_default();
            if planned <= 0.0 {
                continue;
            }
            let runs = all.entry(*channel).or_default();
            let part = awake.get(channel).copied().unwrap_or(1.0);
            let capacity = load.capacity();
            let before: f64 = load.stages[..stage].iter().sum();
            let free = runs.last().map_or_else(|| load.wait(capacity), |run| run.end);
            let begins = free.max(opens);
            let (served, others) = (served.entry(*channel).or_default(), load.beside(f64::INFINITY));
            *served = (*served + (begins - free) * capacity.rate).min(others);
            let beside = load.beside((before + planned) * part) - load.beside(before * part);
            let beside = beside.min(others - *served);
            *served += beside;
            // A pause before it fills the burst again, which is small; it is reckoned with once.
            let burst = if runs.is_empty() { capacity.burst } else { 0.0 };
            let end = |planned: f64, beside: f64| begins + (planned * part + beside - burst).max(0.0) / capacity.rate;
            let run = |begins, end, planned| Run { begins, end, n: planned * part, planned };
            let at_once = end(planned, beside);
            let due = spread.filter(|_| channel.is_personal() && part > 0.0);
            let due = due.map(|spread| (spread * (before + planned) / load.total(), spread));
            let new = match due.filter(|(due, _)| *due > at_once) {
                Some((due, spread)) => {
                    // What was given out while it waited for its stage goes at once, the rest as it is given out.
                    let ready = (load.total() * begins / spread - before).clamp(0.0, planned);
                    let first = run(begins, end(ready, beside * ready / planned).min(due), ready);
                    vec![first, run(first.end, due, planned - ready)]
                }
                None => {
                    // While others of the lane have some left they take turns with it, and it goes faster after them.
                    let in_turns = if part > 0.0 { (beside / load.others() / part).min(planned) } else { 0.0 };
                    let first = run(begins, end(in_turns, beside).min(at_once), in_turns);
                    vec![first, run(first.end, at_once, planned - in_turns)]
                }
            };
            of_stage.extend_from_slice(&new);
            runs.extend(new);
        }
        opens = reached(&of_stage, percent).max(opens);
    }
    all
}

/// When so many percent of these are done.
fn reached(runs: &[Run], percent: f64) -> f64 {
    let wanted = runs.iter().map(|run| run.n).sum::<f64>() * percent / 100.0;
    let done = |at: f64| -> f64 {
        let of = |run: &Run| {
            let part = if at >= run.end { 1.0 } else { (at - run.begins) / (run.end - run.begins) };
            run.n * part.clamp(0.0, 1.0)
        };
        runs.iter().map(of).sum()
    };
    let (mut low, mut high) = (0.0, runs.iter().map(|run| run.end).fold(0.0, f64::max));
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if done(middle) >= wanted {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[derive(Default)]
struct Night {
    asleep: f64,
    arrival: Arrival,
}

/// Who sleeps when their message would go: messages are in the order of addresses, so that each run has its share of every
/// zone, evenly over its time.
fn night(load: &Load, timing: &Timing, channel: Channel, start: Timestamp, runs: &[Run]) -> Night {
    let Some(quiet) = timing.quiet(channel) else { return Night::default() };
    let mut due: BTreeMap<Timestamp, f64> = BTreeMap::new();
    let total = load.total().max(1.0);
    for (run, (zone, in_zone)) in runs.iter().flat_map(|run| load.zones.iter().map(move |zone| (run, zone))) {
        let n = in_zone * run.planned / total;
        let after = |seconds: f64| start + SignedDuration::from_secs_f64(seconds.clamp(0.0, 1e9));
        let (mut at, end) = (after(run.begins), after(run.end));
        let length = run.end - run.begins;
        loop {
            if let Some(over) = quiet.ends(zone, at) {
                let part = if length > 0.0 { over.min(end).duration_since(at).as_secs_f64() / length } else { 1.0 };
                *due.entry(over).or_default() += n * part.clamp(0.0, 1.0);
                at = over;
            } else if let Some(next) = quiet.begins(zone, at) {
                at = next;
            } else {
                break;
            }
            if at >= end {
                break;
            }
        }
    }
    let asleep: f64 = due.values().sum();
    if timing.quiet_hours == AtNight::NotAtAll {
        return Night { asleep, arrival: Arrival { not_at_all: asleep, ..Arrival::default() } };
    }
    let rate = load.capacity().rate;
    let mut last: Option<Timestamp> = None;
    for (at, n) in due.iter().filter(|(_, n)| **n > 0.0) {
        let begins = last.map_or(*at, |last| last.max(*at));
        last = Some(begins + SignedDuration::from_secs_f64((n / rate).min(1e9)));
    }
    Night { asleep, arrival: Arrival { in_the_morning: asleep, last_morning_at: last, ..Arrival::default() } }
}

#[cfg(test)]
mod tests;
