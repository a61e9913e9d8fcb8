//! Quiet hours, spreading, and one audience after the other.

use super::*;
use crate::{
    approve::State,
    pace::{AtNight, Window},
    store::recipients::Recipient,
};

const PLAIN: Kind_ = Kind_ { everywhere: false, by_law: false, exercise: false };
/// The bench's clock stands at 2027-01-15T08:00:00Z: London is awake, Los Angeles sleeps until 15:00Z.
const MORNING_THERE: i64 = 7 * 3600;

fn timing() -> Timing {
    let night = Window { from: jiff::civil::time(22, 0, 0, 0), to: jiff::civil::time(7, 0, 0, 0) };
    Timing {
        quiet_hours: AtNight::Now,
        windows: BTreeMap::from([(Channel::Email, night)]),
        zone: "Europe/London".to_owned(),
        spread_minutes: None,
        stages: vec![0],
        stage_percent: 95,
    }
}

fn quiet(choice: AtNight) -> Timing {
    Timing { quiet_hours: choice, ..timing() }
}

impl Bench {
    /// Somebody in this zone; answers their number.
    async fn person_in(&self, zone: &str) -> i64 {
        let people = self.store.recipients(0, 1000).await.unwrap();
        let recipient: Recipient = serde_json::from_value(serde_json::json!({
            "customer_id": format!("c{:03}", people.len()), "time_zone": zone, "addresses": [],
        }))
        .unwrap();
        self.store.put_recipients(std::slice::from_ref(&recipient), 1, self.now).await.unwrap();
        self.store.recipient(&recipient.customer_id).await.unwrap().id
    }

    /// The incident's next update with this timing: `sleeper` lives in Los Angeles, `waker` in London, of `nowhere`
    /// nothing is known.
    async fn sleepers(&self, incident: i64, timing: Timing) -> i64 {
        let rows = [
            SnapshotRow { recipient_id: None, ..row(0, "nowhere@x") },
            SnapshotRow { recipient_id: Some(self.person_in("America/Los_Angeles").await), ..row(1, "sleeper@x") },
            SnapshotRow { recipient_id: Some(self.person_in("Europe/London").await), ..row(2, "waker@x") },
        ];
        let id = self.planned(incident, &rows, &[3], 2, PLAIN, Some(timing)).await;
        self.store.approve_broadcast(id, "digest", 2, 3, &entry(self.now)).await.unwrap();
        id
    }

    async fn drain(&self, now: Timestamp) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(claim) = self.claim_at(10, now).await {
            self.record(&claim.items, accepted()).await;
            sent.extend(claim.items.into_iter().map(|item| item.address));
        }
        sent
    }
}

#[tokio::test]
async fn who_sleeps_gets_it_in_their_own_morning() {
    let bench = Bench::new().await;
    let id = bench.sleepers(bench.incident().await, quiet(AtNight::Morning)).await;
    bench.start(id).await;
    assert_eq!(bench.drain(bench.now).await, ["nowhere@x", "waker@x"]);
    assert_eq!(bench.states(id).await["sleeper@x"], "waiting");
    let listed = bench.store.delivery(delivery(id, 1)).await.unwrap();
    assert_eq!((listed.reason.as_deref(), listed.due_at), (Some("quiet_hours"), Some(bench.later(MORNING_THERE))));
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), None, "it is not over before their morning");
    assert_eq!(bench.drain(bench.later(MORNING_THERE - 1)).await, [""; 0]);
    assert_eq!(bench.store.next_due(Channel::Email, "relay").await.unwrap(), Some(bench.later(MORNING_THERE)));
    assert_eq!(bench.drain(bench.later(MORNING_THERE)).await, ["sleeper@x"]);
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Completed));
    bench.counters_match(id).await;
}

#[tokio::test]
async fn who_sleeps_gets_it_now_or_not_at_all_as_it_was_chosen() {
    let bench = Bench::new().await;
    let now = bench.sleepers(bench.incident().await, quiet(AtNight::Now)).await;
    bench.start(now).await;
    assert_eq!(bench.drain(bench.now).await, ["nowhere@x", "sleeper@x", "waker@x"]);
    let skips = bench.sleepers(bench.incident().await, quiet(AtNight::NotAtAll)).await;
    bench.start(skips).await;
    assert_eq!(bench.drain(bench.now).await, ["nowhere@x", "waker@x"]);
    let listed = bench.store.delivery(delivery(skips, 1)).await.unwrap();
    assert_eq!((listed.state.as_str(), listed.reason.as_deref()), ("suppressed", Some("quiet_hours")));
    assert_eq!(bench.store.close_if_done(skips, bench.now).await.unwrap(), Some(State::Completed));
    bench.counters_match(skips).await;
}

#[tokio::test]
async fn a_repeat_in_the_night_waits_for_the_morning_too() {
    let bench = Bench::new().await;
    let id = bench.sleepers(bench.incident().await, quiet(AtNight::Morning)).await;
    bench.start(id).await;
    let claim = bench.claim(10).await.unwrap();
    let evening = bench.later(15 * 3600);
    let again = Verdict::Again { due_at: evening, counts: true, reason: Reason::Temporary };
    bench.record(&claim.items, again).await;
    assert_eq!(bench.drain(evening).await, ["sleeper@x"], "it is 23:00 in London, and afternoon in Los Angeles");
    let morning = bench.claim_at(10, bench.later(23 * 3600)).await.unwrap();
    assert_eq!((addresses(&morning), morning.items[0].attempts), (vec!["nowhere@x", "waker@x"], 1));
}

#[tokio::test]
async fn a_morning_after_the_end_of_the_incident_brings_nothing_but_the_end_itself_does() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let first = bench.sleepers(incident, quiet(AtNight::Morning)).await;
    bench.start(first).await;
    bench.drain(bench.now).await;
    // The end reaches somebody else only, and does not replace everywhere.
    let update = bench.planned(incident, &[row(0, "other@x")], &[1], 2, PLAIN, Some(quiet(AtNight::Morning))).await;
    bench.store.approve_broadcast(update, "digest", 2, 1, &entry(bench.now)).await.unwrap();
    let over = StartEffects { status: Status::Resolved, components: Vec::new(), next_update_at: None };
    bench.store.start_broadcast(update, Some(&over), &entry(bench.later(60))).await.unwrap();
    assert_eq!(bench.drain(bench.later(60)).await, ["other@x"]);
    assert_eq!(bench.drain(bench.later(MORNING_THERE)).await, [""; 0]);
    let listed = bench.store.delivery(delivery(first, 1)).await.unwrap();
    assert_eq!((listed.state.as_str(), listed.reason.as_deref()), ("superseded", Some("quiet_hours")));
    bench.counters_match(first).await;

    let resolution = bench.sleepers(bench.incident().await, quiet(AtNight::Morning)).await;
    bench.store.start_broadcast(resolution, Some(&over), &entry(bench.now)).await.unwrap();
    assert_eq!(bench.drain(bench.now).await, ["nowhere@x", "waker@x"]);
    assert_eq!(bench.drain(bench.later(MORNING_THERE)).await, ["sleeper@x"], "that it is over still holds");
}

#[tokio::test]
async fn a_later_update_replaces_what_waits_for_a_morning() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let first = bench.sleepers(incident, quiet(AtNight::Morning)).await;
    bench.start(first).await;
    bench.drain(bench.now).await;
    let second = bench.sleepers(incident, quiet(AtNight::Morning)).await;
    bench.start(second).await;
    bench.drain(bench.now).await;
    let morning = bench.later(MORNING_THERE);
    let mut sent = Vec::new();
    while let Some(claim) = bench.claim_at(10, morning).await {
        bench.record(&claim.items, accepted()).await;
        sent.extend(claim.items.iter().map(|item| (item.id.broadcast, item.address.clone())));
    }
    assert_eq!(sent, [(second, "sleeper@x".to_owned())], "one message in the morning, the one that holds");
    assert_eq!(bench.states(first).await["sleeper@x"], "superseded");
}

#[tokio::test]
async fn a_correction_wakes() {
    let bench = Bench::new().await;
    let id = bench.sleepers(bench.incident().await, quiet(AtNight::Now)).await;
    bench.start(id).await;
    bench.drain(bench.now).await;
    let correction = bench.store.begin_correction(id, &entry(bench.now)).await.unwrap();
    assert_eq!(bench.store.broadcast(correction).await.unwrap().timing, None);
    bench.store.start_broadcast(correction, None, &entry(bench.now)).await.unwrap();
    assert_eq!(bench.drain(bench.now).await, ["nowhere@x", "sleeper@x", "waker@x"]);
}

#[tokio::test]
async fn a_whole_continent_that_sleeps_is_set_aside_in_few_steps_and_holds_nobody_up() {
    let bench = Bench::new().await;
    let sleeper = bench.person_in("America/Los_Angeles").await;
    let rows: Vec<SnapshotRow> = (0..3000)
        .map(|place| SnapshotRow { recipient_id: Some(sleeper), ..row(place, &format!("{place:04}@x")) })
        .collect();
    let id = bench.planned(bench.incident().await, &rows, &[3000], 1, PLAIN, Some(quiet(AtNight::Morning))).await;
    bench.store.approve_broadcast(id, "digest", 2, 3000, &entry(bench.now)).await.unwrap();
    bench.start(id).await;
    let other = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    assert_eq!(bench.claim(64).await.unwrap().broadcast_id, other, "in the first claim");
    assert!(bench.claim(64).await.is_none());
    let progress = bench.store.progress(id).await.unwrap();
    assert_eq!(progress[&Channel::Email].waiting, 3000);
    let claim = bench.claim_at(64, bench.later(MORNING_THERE)).await.unwrap();
    assert_eq!((claim.items.len(), claim.items[0].address.as_str()), (64, "0000@x"));
}

impl Bench {
    async fn spread(&self, n: usize) -> i64 {
        let rows: Vec<SnapshotRow> = (0..n).map(|place| row(place, &format!("{place:04}@x"))).collect();
        let hour = Timing { spread_minutes: Some(60), ..timing() };
        let id = self.planned(self.incident().await, &rows, &[n as i64], 2, PLAIN, Some(hour)).await;
        self.store.approve_broadcast(id, "digest", 2, n as i64, &entry(self.now)).await.unwrap();
        self.start(id).await;
        id
    }
}

#[tokio::test]
async fn a_spread_broadcast_gives_out_its_share_and_stands_still_while_it_is_stopped() {
    let bench = Bench::new().await;
    let id = bench.spread(360).await;
    let sent = async |second| bench.drain(bench.later(second)).await.len();
    assert_eq!([sent(0).await, sent(5).await, sent(60).await, sent(60).await], [1, 0, 6, 0]);
    bench.store.step_broadcast(id, State::Paused, &entry(bench.later(600))).await.unwrap();
    assert_eq!(sent(1800).await, 0);
    bench.store.step_broadcast(id, State::Running, &entry(bench.later(1800))).await.unwrap();
    // Twenty minutes were slept: at half past it stands where it would have stood at ten minutes.
    assert_eq!([sent(1800).await, sent(3600).await, sent(4799).await, sent(4800).await], [54, 180, 119, 0]);
    bench.counters_match(id).await;
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Completed));
}

#[tokio::test]
async fn everything_stopped_is_not_counted_and_retries_are_not_spread() {
    let bench = Bench::new().await;
    let id = bench.spread(60).await;
    let claim = bench.claim(10).await.unwrap();
    let again = Verdict::Again { due_at: bench.later(1), counts: true, reason: Reason::Temporary };
    bench.record(&claim.items, again).await;
    let retried = bench.claim_at(10, bench.later(1)).await.unwrap();
    assert_eq!(retried.items[0].attempts, 1);
    bench.store.stop_everything(&entry(bench.later(2))).await.unwrap();
    bench.store.set_meta("stopped", None).await.unwrap();
    bench.store.step_broadcast(id, State::Running, &entry(bench.later(3602))).await.unwrap();
    assert!(bench.claim_at(10, bench.later(3602)).await.is_none(), "nothing was released meanwhile");
    assert_eq!(bench.claim_at(10, bench.later(3660)).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn what_replaces_everywhere_ends_a_spread_broadcast_at_once() {
    let bench = Bench::new().await;
    let id = bench.spread(300).await;
    let incident = bench.store.broadcast(id).await.unwrap().incident_id;
    bench.started(incident, &["0000@x"], Kind_ { everywhere: true, ..PLAIN }).await;
    bench.drain(bench.now).await;
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Completed));
}

/// Twenty employees, ten partners and five customers, each group after the other; none of the others in the address
/// order of the first.
async fn staged(bench: &Bench, percent: u8) -> i64 {
    let mut rows: Vec<SnapshotRow> = (0..20).map(|place| row(place, &format!("staff{place:02}@x"))).collect();
    rows.extend((0..10).map(|place| row(20 + place, &format!("partner{place:02}@x"))));
    rows.extend((0..5).map(|place| row(30 + place, &format!("customer{place:02}@x"))));
    let timing = Timing { stages: vec![0, 1, 2], stage_percent: percent, ..timing() };
    let id = bench.planned(bench.incident().await, &rows, &[20, 10, 5], 2, PLAIN, Some(timing)).await;
    bench.store.approve_broadcast(id, "digest", 2, 35, &entry(bench.now)).await.unwrap();
    bench.start(id).await;
    id
}

#[tokio::test]
async fn the_next_audience_starts_when_enough_of_this_one_has_its_end() {
    let bench = Bench::new().await;
    let id = staged(&bench, 90).await;
    let first = bench.claim(17).await.unwrap();
    bench.record(&first.items, accepted()).await;
    let rest = bench.claim(17).await.unwrap();
    assert_eq!(rest.items.len(), 3);
    assert!(bench.claim(17).await.is_none());
    assert_eq!(bench.store.open_stages().await.unwrap(), [0; 0], "17 of 20 are not 90 %");
    bench.record(&rest.items[..1], failed()).await;
    // `record` ends a claim with its last record; what it leaves is put back as a restart would.
    let again = Verdict::Again { due_at: bench.later(600), counts: true, reason: Reason::Temporary };
    bench.record(&rest.items[1..], again).await;
    assert_eq!(bench.store.open_stages().await.unwrap(), [id], "two that wait for another try are 10 %");
    assert_eq!(bench.store.open_stages().await.unwrap(), [0; 0]);
    let next = bench.claim(17).await.unwrap();
    assert_eq!((next.items.len(), next.items[0].address.as_str()), (10, "partner00@x"));
    assert_eq!(bench.store.open_stages().await.unwrap(), [0; 0], "claimed is not handed over");
    bench.record(&next.items, accepted()).await;
    assert_eq!(bench.store.open_stages().await.unwrap(), [id]);
    assert_eq!(bench.drain(bench.later(600)).await.len(), 7);
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Partial));
    bench.counters_match(id).await;
}

#[tokio::test]
async fn a_person_may_open_the_next_audience_and_nobody_beyond_the_last() {
    let bench = Bench::new().await;
    let id = staged(&bench, 100).await;
    bench.store.open_next_stage(id, &entry(bench.now)).await.unwrap();
    assert_eq!(bench.drain(bench.now).await.len(), 30);
    bench.store.open_next_stage(id, &entry(bench.now)).await.unwrap();
    assert!(bench.store.open_next_stage(id, &entry(bench.now)).await.is_err());
    assert_eq!(bench.drain(bench.now).await.len(), 5);
    bench.counters_match(id).await;
}

#[tokio::test]
async fn who_was_replaced_goes_first_within_each_audience() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let rows = ["c@x", "d@x", "a@x", "b@x"].map(|address| row(0, address));
    let rows: Vec<SnapshotRow> =
        rows.into_iter().enumerate().map(|(place, row)| SnapshotRow { ordinal: place as i64, ..row }).collect();
    let staged = Timing { stages: vec![0, 1], ..timing() };
    for expected in ["c@x", "d@x"] {
        let id = bench.planned(incident, &rows, &[2, 2], 2, PLAIN, Some(staged.clone())).await;
        bench.store.approve_broadcast(id, "digest", 2, 4, &entry(bench.now)).await.unwrap();
        bench.start(id).await;
        let claim = bench.claim(1).await.unwrap();
        assert_eq!((claim.broadcast_id, addresses(&claim)), (id, vec![expected]));
        bench.record(&claim.items, accepted()).await;
    }
}
