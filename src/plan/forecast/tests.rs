//! The forecast against a model that counts messages one by one.

use jiff::civil::time;
use proptest::prelude::*;

use super::*;
use crate::pace::Window;

const START: &str = "2027-01-15T12:00:00Z";

fn start() -> Timestamp {
    START.parse().unwrap()
}

fn timing() -> Timing {
    let night = Window { from: time(22, 0, 0, 0), to: time(7, 0, 0, 0) };
    Timing {
        quiet_hours: AtNight::Now,
        windows: BTreeMap::from([(Channel::Sms, night)]),
        zone: "Europe/London".to_owned(),
        spread_minutes: None,
        stages: vec![0],
        stage_percent: 95,
    }
}

fn limited(rate: f64, burst: f64) -> Supply {
    Supply { rate, burst, per_domain: None, weight: None }
}

fn load(n: f64, supply: Vec<Supply>) -> Load {
    Load { stages: vec![n], supply, ..Load::default() }
}

fn seconds(load: Load) -> f64 {
    forecast(&BTreeMap::from([(Channel::Email, load)]), None, start())[&Channel::Email].seconds
}

#[test]
fn providers_carry_together_or_in_their_shares() {
    assert_eq!(seconds(load(1100.0, vec![limited(100.0, 100.0)])), 10.0);
    assert_eq!(seconds(load(1100.0, vec![limited(100.0, 0.0), limited(10.0, 0.0)])), 10.0);
    let half = |rate| Supply { weight: Some(1.0), ..limited(rate, 0.0) };
    assert_eq!(seconds(load(1000.0, vec![half(100.0), half(10.0)])), 50.0, "the slower one has half of them");
    assert_eq!(seconds(load(0.0, vec![limited(100.0, 1.0)])), 0.0);
    assert!(seconds(load(5.0, Vec::new())).is_finite());
}

#[test]
fn the_largest_domain_is_waited_for() {
    let provider = Supply { per_domain: Some(10.0), ..limited(100.0, 0.0) };
    let load = Load { largest_domain: 600.0, ..load(1000.0, vec![provider]) };
    assert!((seconds(load) - 60.0).abs() < 0.001);
}

#[test]
fn what_is_ahead_is_waited_for_and_a_lane_is_shared() {
    let with = |ahead: Vec<Ahead>| seconds(Load { ahead, ..load(1000.0, vec![limited(100.0, 0.0)]) });
    let other = |left, before| Ahead { left, paced: None, before };
    assert_eq!(with(vec![other(500.0, true)]), 15.0);
    assert_eq!(with(vec![other(500.0, false)]), 15.0);
    assert_eq!(with(vec![other(5000.0, false)]), 20.0, "they take turns");
    assert_eq!(with(vec![Ahead { left: 36_000.0, paced: Some(50.0), before: true }]), 20.0);
}

#[test]
fn a_stage_waits_while_another_channel_takes_turns() {
    let other = Ahead { left: 200.0, paced: None, before: false };
    let mail = Load { stages: vec![1000.0], ahead: vec![other], ..load(0.0, vec![limited(1.0, 0.0)]) };
    let text = Load { stages: vec![900.0, 1.0], ..load(0.0, vec![limited(100.0, 0.0)]) };
    let loads = BTreeMap::from([(Channel::Email, mail), (Channel::Sms, text)]);
    let half = Timing { stage_percent: 50, stages: vec![0, 1], quiet_hours: AtNight::Now, ..timing() };
    // Half of 1900 are the 900 texts and 50 mails, of which every other second has one.
    let told = forecast(&loads, Some(&half), start())[&Channel::Sms].seconds;
    assert!((told - 100.0).abs() < 1.0, "{told}");
}

#[test]
fn who_sleeps_is_told_in_the_morning_or_not_and_is_not_waited_for() {
    let zones =
        BTreeMap::from([("Europe/London".to_owned(), 600.0), ("Asia/Tokyo".to_owned(), 300.0), (String::new(), 100.0)]);
    // In Tokyo it is nine in the evening and ten when the second hour begins.
    let load = Load { zones, ..load(1000.0, vec![limited(0.1, 0.0)]) };
    let loads = BTreeMap::from([(Channel::Sms, load)]);
    let ask = |quiet_hours| forecast(&loads, Some(&Timing { quiet_hours, ..timing() }), start())[&Channel::Sms].clone();
    let now = ask(AtNight::Now);
    assert_eq!((now.seconds, now.in_the_morning, now.last_morning_at), (10_000.0, 0.0, None));
    let morning = ask(AtNight::Morning);
    assert!((8_000.0..9_000.0).contains(&morning.seconds), "{morning:?}");
    assert!((150.0..200.0).contains(&morning.in_the_morning), "{morning:?}");
    let first: Timestamp = "2027-01-15T22:00:00Z".parse().unwrap();
    let last = morning.last_morning_at.unwrap();
    assert!(last > first && last < first + SignedDuration::from_secs(2_000), "{morning:?}");
    let skipped = ask(AtNight::NotAtAll);
    assert_eq!((skipped.not_at_all, skipped.in_the_morning), (morning.in_the_morning, 0.0));
}

#[test]
fn with_everybody_asleep_nothing_goes_before_the_morning() {
    let zones = BTreeMap::from([("Asia/Tokyo".to_owned(), 1000.0)]);
    let loads = BTreeMap::from([(Channel::Sms, Load { zones, ..load(1000.0, vec![limited(10.0, 0.0)]) })]);
    let night = Timing { quiet_hours: AtNight::Morning, ..timing() };
    let at: Timestamp = "2027-01-15T14:00:00Z".parse().unwrap();
    let arrival = &forecast(&loads, Some(&night), at)[&Channel::Sms];
    assert_eq!((arrival.seconds, arrival.in_the_morning), (0.0, 1000.0));
    assert_eq!(arrival.last_morning_at, Some("2027-01-15T22:01:40Z".parse().unwrap()));
}

/// A channel of the model: messages in order, each with its stage and whether its person lives in Tokyo.
struct Line {
    channel: Channel,
    messages: Vec<(usize, bool)>,
    place: usize,
    tokens: f64,
    rate: f64,
    before: f64,
    beside: f64,
    /// Whose turn it is within the lane.
    others_turn: bool,
    last: f64,
    asleep: usize,
}

impl Line {
    fn new(channel: Channel, load: &Load) -> Line {
        let tokyo = load.zones.get("Asia/Tokyo").copied().unwrap_or_default() / load.total().max(1.0);
        let mut messages = Vec::new();
        for (stage, n) in load.stages.iter().enumerate() {
            // Evenly among the others, as addresses are.
            messages.extend((0..*n as usize).map(|place| {
                let there = |place: usize| (place as f64 * tokyo).floor();
                (stage, there(place + 1) > there(place))
            }));
        }
        let sum = |before| load.ahead.iter().filter(|ahead| ahead.before == before).map(|ahead| ahead.left).sum();
        Line {
            channel,
            messages,
            place: 0,
            tokens: load.supply.iter().map(|supply| supply.burst).sum(),
            rate: load.supply.iter().map(|supply| supply.rate).sum(),
            before: sum(true),
            beside: sum(false),
            others_turn: false,
            last: 0.0,
            asleep: 0,
        }
    }

    /// Spends what the time since the last step gave.
    fn step(&mut self, at: f64, open: usize, timing: &Timing, now: Timestamp) {
        loop {
            let released = timing.released(self.messages.len() as i64, (at * 1000.0) as i64) as usize;
            let next = self.messages.get(self.place).filter(|(stage, _)| *stage <= open && self.place < released);
            let sleeps = next.is_some_and(|(_, tokyo)| {
                let zone = if *tokyo { "Asia/Tokyo" } else { "Europe/London" };
                timing.quiet(self.channel).is_some_and(|quiet| quiet.ends(zone, now).is_some())
            });
            if sleeps {
                self.place += 1;
                self.asleep += 1;
                continue;
            }
            if self.tokens < 1.0 {
                return;
            }
            if self.before >= 1.0 {
                self.before -= 1.0;
            } else if self.beside >= 1.0 && (self.others_turn || next.is_none()) {
                self.beside -= 1.0;
                self.others_turn = false;
            } else if next.is_some() {
                self.place += 1;
                self.others_turn = true;
                self.last = at;
            } else {
                self.tokens = self.tokens.min(1.0);
                return;
            }
            self.tokens -= 1.0;
        }
    }
}

/// Plays it message by message; answers when the last one went, and how many slept, by channel.
fn play(loads: &BTreeMap<Channel, Load>, timing: &Timing, longest: f64) -> BTreeMap<Channel, (f64, usize)> {
    let mut lines: Vec<Line> = loads.iter().map(|(channel, load)| Line::new(*channel, load)).collect();
    let step = (longest / 2_000.0).clamp(0.01, 5.0);
    let (mut at, mut open) = (0.0, 0);
    while lines.iter().any(|line| line.place < line.messages.len()) && at < longest * 3.0 + 100.0 {
        let now = start() + SignedDuration::from_secs_f64(at);
        for line in &mut lines {
            line.step(at, open, timing, now);
            line.tokens += line.rate * step;
        }
        at += step;
        // Messages are in the order of their stages.
        let upto = |line: &Line, stage| line.messages.partition_point(|(other, _)| *other < stage);
        let (mut total, mut done) = (0, 0);
        for line in &lines {
            let (from, to) = (upto(line, open), upto(line, open + 1));
            total += to - from;
            done += line.place.clamp(from, to) - from;
        }
        if done * 100 >= total * usize::from(timing.stage_percent) && open < 8 {
            open += 1;
        }
    }
    lines.into_iter().map(|line| (line.channel, (line.last, line.asleep))).collect()
}

prop_compose! {
    fn any_load(channel: Channel)(
        stages in prop::collection::vec(0_u32..1500, 1..4),
        rate in 1.0_f64..200.0,
        burst in 1_u32..50,
        before in 0_u32..1000,
        beside in 0_u32..1000,
        tokyo in 0.0_f64..1.0,
    ) -> Load {
        let stages: Vec<f64> = stages.into_iter().map(f64::from).collect();
        let total: f64 = stages.iter().sum();
        let there = (total * tokyo).floor();
        let zones = if channel == Channel::Sms {
            BTreeMap::from([("Asia/Tokyo".to_owned(), there), ("Europe/London".to_owned(), total - there)])
        } else {
            BTreeMap::new()
        };
        Load {
            stages,
            zones,
            supply: vec![limited(rate, f64::from(burst))],
            ahead: vec![
                Ahead { left: f64::from(before), paced: None, before: true },
                Ahead { left: f64::from(beside), paced: None, before: false },
            ],
            ..Load::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn it_is_right_within_a_fifth_of_what_the_model_counts(
        mail in any_load(Channel::Email),
        text in any_load(Channel::Sms),
        percent in 50_u8..=100,
        spread in prop_oneof![Just(None), (1_u32..600).prop_map(Some)],
        quiet_hours in prop::sample::select(vec![AtNight::Now, AtNight::Morning]),
    ) {
        let timing = Timing { stage_percent: percent, spread_minutes: spread, quiet_hours, stages: vec![0, 1, 2], ..timing() };
        let loads = BTreeMap::from([(Channel::Email, mail), (Channel::Sms, text)]);
        let told = forecast(&loads, Some(&timing), start());
        let longest = told.values().map(|arrival| arrival.seconds).fold(1.0, f64::max);
        let counted = play(&loads, &timing, longest);
        for (channel, load) in &loads {
            let (arrival, (last, asleep)) = (&told[channel], counted[channel]);
            let slept = asleep as f64;
            // Where few are awake at the end, the last of them is somewhere in the last of their steps.
            let awake = load.zones.get("Europe/London").copied().filter(|_| asleep > 0);
            let step = awake.map_or(0.0, |awake| arrival.seconds / awake.max(1.0));
            let allowed = |counted: f64| counted * 0.2 + step + 2.0;
            prop_assert!(
                (arrival.in_the_morning - slept).abs() <= load.total() * 0.2 + 2.0,
                "{channel}: {} sleep, {} were told of", slept, arrival.in_the_morning
            );
            // Where hardly anybody is awake, the last of them is anywhere.
            if load.total() - slept > load.total() * 0.1 + 5.0 {
                prop_assert!((arrival.seconds - last).abs() <= allowed(last), "{channel}: {} counted, {} told", last, arrival.seconds);
            }
        }
    }
}
