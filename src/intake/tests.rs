//! What monitoring sends, from the call to what goes out, with a clock that is turned.

mod door;

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use onevoice_channels::secret::Secret;
use proptest::prelude::*;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::{
    approve::State as Stage,
    compose::status::{ComponentStatus, Status},
    config::{Config, intake::Intake},
    schedule::playbook::{announce::bench::Bench, fill::Asked},
    store::{announced::Words, incidents::Incident, playbooks::Instance},
    world::Clock as _,
};

const RULES: &str = r#"
    hold_seconds = 90
    clear_seconds = 120
    [storm]
    playbook = "search-does-not-help"
    voices = 3
    within_seconds = 60
    [[source]]
    name = "prometheus"
    kind = "alertmanager"
    person = "ana@acme.example"
    [[source]]
    name = "checks"
    kind = "json"
    person = "ana@acme.example"
    fields = { key = "/id", status = "/state", resolved = ["ok"] }
    [[source]]
    name = "many"
    kind = "json"
    person = "ana@acme.example"
    fields = { alerts = "/all", key = "/id", status = "/state", resolved = ["ok"] }
    [[rule]]
    name = "many"
    source = "many"
    playbook = "payments-fail"
    [[rule]]
    name = "pay"
    match = { team = "payments" }
    playbook = "payments-fail"
    variables = { what = "{what}" }
    [[rule]]
    name = "check"
    source = "checks"
    match_regex = { "/id" = "c.*" }
    playbook = "signing-in-fails"
    hold_seconds = 0
    clear_seconds = 0
"#;

fn configure(config: &mut Config) {
    let mut intake: Intake = toml::from_str(RULES).unwrap();
    intake.source.iter_mut().for_each(|source| source.bearer = Some(Secret::new(&format!("hush {}", source.name))));
    config.intake = intake;
}

impl Bench {
    async fn monitored() -> Bench {
        let bench = Bench::with(configure).await;
        for id in [1, 2, 3] {
            bench.changed(id, |playbook| playbook.bounds.every_minutes = 1).await;
        }
        bench
    }

    async fn call(&self, path: &str, token: &str, body: &str) -> (u16, Value) {
        let request = Request::post(path).header("authorization", format!("Bearer {token}"));
        let answer =
            super::door::router(self.app.clone()).oneshot(request.body(Body::from(body.to_owned())).unwrap()).await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// A group of Alertmanager's, with the alerts that fire and those that are over.
    async fn group(&self, name: &str, firing: &[&str], over: &[&str]) -> Value {
        let (status, answer) = self.call("/intake/alertmanager", "hush prometheus", &group(name, firing, over)).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Turns the clock, lets voices speak, and starts what may start.
    async fn after(&self, seconds: i64) {
        self.clock.on(seconds);
        speak::tick(&self.app).await.unwrap();
        crate::send::starter::start_due(&self.app.engine).await.unwrap();
    }

    async fn all(&self) -> Vec<Incident> {
        let mut all = self.app.store.incidents(false, 0, 200).await.unwrap();
        all.reverse();
        all
    }

    /// Something that was written down for a machine, and whose author nobody knows any more.
    async fn lost(&self) {
        let stored = self.app.store.playbook(1).await.unwrap();
        let content = crate::demo::once::updates().remove(0);
        let instance = Instance {
            update_id: 0,
            incident_id: 0,
            playbook_id: stored.id,
            version: stored.version,
            digest: stored.digest.clone(),
            asked: Asked::new(Status::Investigating, BTreeMap::new()),
            component_id: stored.playbook.component,
            person_id: None,
            machine: Some("key:1".to_owned()),
            exercise: false,
            at: self.clock.now(),
            sent_at: None,
            rest_update_id: None,
        };
        let words =
            Words { dedup_key: "lost", title: "Lost", content: &content, instance, exceeded: &[], occurrence: None };
        let entry = self.app.entry("test", "announce", "", json!({}));
        self.app.store.announce(None, &words, &entry).await.unwrap();
    }

    /// The stages that customers were told, by incident.
    async fn told(&self) -> Vec<Vec<&'static str>> {
        let mut told = Vec::new();
        for incident in self.all().await {
            let updates = self.app.store.updates(incident.id).await.unwrap();
            let sent = updates.iter().filter(|update| update.state == Stage::Approved);
            told.push(sent.map(|update| update.content.status.as_str()).collect());
        }
        told
    }
}

fn group(name: &str, firing: &[&str], over: &[&str]) -> String {
    let alert = |status: &str, what: &str| {
        json!({ "status": status, "labels": { "alertname": name, "team": "payments", "what": what },
                "annotations": {}, "startsAt": "2026-03-02T10:00:00Z", "endsAt": "0001-01-01T00:00:00Z" })
    };
    let alerts: Vec<Value> = firing
        .iter()
        .map(|what| alert("firing", what))
        .chain(over.iter().map(|what| alert("resolved", what)))
        .collect();
    let status = if firing.is_empty() { "resolved" } else { "firing" };
    json!({ "version": "4", "groupKey": name, "status": status, "alerts": alerts, "truncatedAlerts": 0 }).to_string()
}

const FAIL: &str = "Payments fail";
const SLOW: &str = "Payments are slow";
const TWICE: &str = "Some payments twice";

#[tokio::test]
async fn setting_the_clock_neither_stalls_a_hold_down_nor_hurries_it() {
    for set in [-3600, 3600] {
        let bench = Bench::monitored().await;
        bench.group("g", &[FAIL], &[]).await;
        bench.clock.set(set);
        bench.after(80).await;
        assert!(bench.all().await.is_empty(), "{set}");
        bench.after(10).await;
        assert_eq!(bench.told().await, [["investigating"]], "{set}");
        bench.group("g", &[], &[FAIL]).await;
        bench.clock.set(-2 * set);
        bench.after(110).await;
        assert_eq!(bench.told().await, [["investigating"]], "{set}");
        bench.after(10).await;
        assert_eq!(bench.told().await, [vec!["investigating", "resolved"]], "{set}");
    }
}

#[tokio::test]
async fn what_cannot_be_made_good_holds_nobody_up() {
    let bench = Bench::monitored().await;
    bench.lost().await;
    bench.group("g", &[FAIL], &[]).await;
    bench.after(90).await;
    assert_eq!(bench.told().await.last().unwrap(), &["investigating"]);
    assert_eq!(bench.app.store.unsettled().await.unwrap().len(), 1, "it is tried again");
}

#[tokio::test]
async fn an_alert_is_announced_after_its_hold_down_and_closed_after_the_other() {
    let bench = Bench::monitored().await;
    bench.group("g", &[FAIL], &[]).await;
    bench.after(89).await;
    assert!(bench.all().await.is_empty(), "nobody is told before it fired for long enough");
    bench.after(1).await;
    assert_eq!(bench.told().await, [["investigating"]]);
    let audit = bench.app.store.instances_of(1).await.unwrap();
    assert_eq!(audit[0].machine.as_deref(), Some("intake:prometheus"));
    // Alertmanager says the same again and again.
    bench.group("g", &[FAIL], &[]).await;
    bench.after(3_600).await;
    bench.group("g", &[], &[FAIL]).await;
    bench.after(119).await;
    assert_eq!(bench.told().await, [["investigating"]]);
    bench.after(1).await;
    assert_eq!(bench.told().await, [["investigating", "resolved"]]);
    assert!(bench.all().await[0].ended_at.is_some());
    assert!(bench.app.store.voices(0, 10).await.unwrap().is_empty());
    bench.group("g", &[FAIL], &[]).await;
    bench.after(3_600).await;
    assert_eq!(bench.told().await.len(), 2, "then a new one begins");
}

#[tokio::test]
async fn a_blip_is_nothing_and_flapping_is_one_incident() {
    let bench = Bench::monitored().await;
    for _ in 0..5 {
        bench.group("g", &[FAIL], &[]).await;
        bench.after(80).await;
        bench.group("g", &[], &[FAIL]).await;
        bench.after(80).await;
    }
    assert!(bench.all().await.is_empty(), "it never fired for long enough");
    bench.group("g", &[FAIL], &[]).await;
    bench.after(90).await;
    for _ in 0..20 {
        bench.group("g", &[], &[FAIL]).await;
        bench.after(110).await;
        bench.group("g", &[FAIL], &[]).await;
        bench.after(110).await;
    }
    assert_eq!(bench.told().await, [["investigating"]], "twenty flaps are no twenty messages");
    assert_eq!(bench.app.store.voices(0, 10).await.unwrap()[0].flaps, 20);
    bench.group("g", &[], &[FAIL]).await;
    bench.after(120).await;
    assert_eq!(bench.told().await, [["investigating", "resolved"]]);
}

#[tokio::test]
async fn a_group_that_is_partly_over_goes_on_until_all_of_it_is() {
    let bench = Bench::monitored().await;
    bench.group("a", &[FAIL, FAIL], &[]).await;
    bench.group("b", &[FAIL], &[]).await;
    bench.after(90).await;
    bench.group("a", &[FAIL], &[FAIL]).await;
    bench.after(600).await;
    bench.group("a", &[], &[FAIL, FAIL]).await;
    bench.after(600).await;
    assert_eq!(bench.told().await, [["investigating"]], "the other group still fires, and they have one voice");
    bench.group("b", &[], &[FAIL]).await;
    bench.after(120).await;
    assert_eq!(bench.told().await, [["investigating", "resolved"]]);
}

#[tokio::test]
async fn a_storm_is_one_incident_and_a_mass_resolve_closes_it_once() {
    let bench = Bench::monitored().await;
    for (place, what) in [FAIL, SLOW, TWICE].into_iter().enumerate() {
        bench.group(&format!("g{place}"), &[what], &[]).await;
        bench.clock.on(20);
    }
    bench.after(29).await;
    assert_eq!(bench.told().await, Vec::<Vec<&str>>::new());
    for seconds in [1, 20, 20] {
        bench.after(seconds).await;
    }
    assert_eq!(bench.told().await, [["investigating"]]);
    assert!(bench.all().await[0].title.starts_with("Search"), "the prepared message for many speaks");
    // A voice that comes later is folded too; one that goes leaves the storm open.
    bench.call("/intake/json", "hush checks", r#"{"id":"c1","state":"down"}"#).await;
    bench.group("g0", &[], &[FAIL]).await;
    bench.after(600).await;
    assert_eq!(bench.told().await, [["investigating"]]);
    bench.call("/intake/json", "hush checks", r#"{"id":"c1","state":"ok"}"#).await;
    bench.group("g1", &[], &[SLOW]).await;
    bench.group("g2", &[], &[TWICE]).await;
    bench.after(120).await;
    assert_eq!(bench.told().await, [["investigating", "resolved"]]);
    assert!(bench.app.store.voices(0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn ten_thousand_groups_in_a_minute_have_one_voice() {
    let bench = Bench::monitored().await;
    for call in 0..20 {
        let alerts: Vec<Value> =
            (0..500).map(|place| json!({ "id": format!("{call}/{place}"), "state": "down" })).collect();
        let body = json!({ "all": alerts }).to_string();
        assert_eq!(bench.call("/intake/json", "hush many", &body).await.0, 200);
    }
    bench.after(90).await;
    assert_eq!(bench.told().await, [["investigating"]]);
    let voices = bench.app.store.voices(0, 10).await.unwrap();
    assert_eq!((voices.len(), voices[0].groups), (1, 10_000), "and nothing of them is lost");
}

#[tokio::test]
async fn many_voices_at_once_are_folded_in_one_go() {
    let bench = Bench::monitored().await;
    let all: Vec<String> = (0..2_000).map(|place| format!("{place}")).collect();
    let firing: Vec<&str> = all.iter().map(String::as_str).collect();
    bench.group("g", &firing, &[]).await;
    bench.after(90).await;
    assert_eq!(bench.told().await, [["investigating"]]);
    bench.group("g", &[], &firing).await;
    bench.after(120).await;
    assert_eq!(bench.told().await, [["investigating", "resolved"]]);
}

#[tokio::test]
async fn what_cannot_be_said_is_tried_until_it_can() {
    let bench = Bench::monitored().await;
    crate::schedule::playbook::keep::retire(&bench.app, &bench.ana, 1).await.unwrap();
    // What was put away waits for an approval, and nothing is lost.
    bench.group("g", &[FAIL], &[]).await;
    bench.after(90).await;
    let updates = bench.app.store.updates(1).await.unwrap();
    assert_eq!((bench.told().await, updates[0].state), (vec![Vec::<&str>::new()], Stage::Submitted));
    // Over before anybody approved it: it is dropped, and nothing is said.
    bench.group("g", &[], &[FAIL]).await;
    bench.after(120).await;
    assert_eq!(bench.app.store.updates(1).await.unwrap()[0].state, Stage::Discarded);
    assert!(bench.app.store.voices(0, 10).await.unwrap().is_empty());

    // Nobody has the name in the second rule's place.
    let bench = Bench::with(|config| {
        configure(config);
        config.intake.rule[2].playbook = "nobody-wrote-it".to_owned();
    })
    .await;
    bench.call("/intake/json", "hush checks", r#"{"id":"c1","state":"down"}"#).await;
    bench.after(0).await;
    let voice = bench.app.store.voices(0, 10).await.unwrap().remove(0);
    assert!(voice.problem.unwrap().contains("there is no prepared message"));
    bench.changed(3, |playbook| playbook.name = "Nobody wrote it".to_owned()).await;
    bench.after(30).await;
    assert_eq!(bench.all().await.len(), 1, "it waits for somebody to say since when");
}

#[tokio::test]
async fn planned_work_silences_what_it_covers() {
    let bench = Bench::monitored().await;
    let mut component = bench.app.store.components().await.unwrap().remove(0);
    component.status = ComponentStatus::UnderMaintenance;
    let entry = bench.app.entry("test", "component.set", "", json!({}));
    bench.app.store.put_component(&component, &entry).await.unwrap();
    bench.group("g", &[FAIL], &[]).await;
    bench.after(600).await;
    assert!(bench.all().await.is_empty());
    component.status = ComponentStatus::Operational;
    bench.app.store.put_component(&component, &entry).await.unwrap();
    bench.after(30).await;
    assert_eq!(bench.told().await, [["investigating"]], "what still fires afterwards is said");
}

#[tokio::test]
async fn what_a_person_ended_is_not_begun_again_while_it_fires() {
    let bench = Bench::monitored().await;
    bench.group("g", &[FAIL], &[]).await;
    bench.after(90).await;
    let asked = crate::schedule::playbook::fill::Asked::new(Status::Resolved, BTreeMap::new());
    let about = crate::schedule::playbook::instance::About { incident: Some(1), exercise: false };
    crate::schedule::playbook::instance::send(&bench.app, &bench.ana, 1, about, &asked).await.unwrap();
    bench.after(1).await;
    bench.group("g", &[FAIL], &[]).await;
    bench.after(3_600).await;
    bench.group("g", &[], &[FAIL]).await;
    bench.after(3_600).await;
    assert_eq!(bench.told().await, [["investigating", "resolved"]]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]
    // Whatever groups do, in whatever order: a voice is open exactly while a group fires behind it or it still has to say
    // that it is over; no two are open by one name; and once all is quiet for long enough, every incident is over and was
    // told first and last exactly once.
    #[test]
    fn whatever_monitoring_does_every_incident_begins_once_and_ends_once(
        steps in proptest::collection::vec((0_usize..4, 0_u8..8, 1_i64..200), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::monitored().await;
            let mut state: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
            for (place, set, pause) in steps {
                let firing: Vec<&str> = [FAIL, SLOW, TWICE]
                    .into_iter()
                    .enumerate()
                    .filter(|(bit, _)| set & (1 << bit) != 0)
                    .map(|(_, what)| what)
                    .collect();
                bench.group(&format!("g{place}"), &firing, &[]).await;
                state.insert(place, firing.into_iter().collect());
                bench.after(pause).await;
                let voices = bench.app.store.voices(0, 50).await.unwrap();
                let fires: BTreeSet<&str> = state.values().flatten().copied().collect();
                let loud = voices.iter().filter(|voice| voice.groups > 0).count();
                assert_eq!(loud, fires.len(), "one voice for each thing that fires");
                let names: BTreeSet<&str> = voices.iter().map(|voice| voice.name.as_str()).collect();
                assert_eq!(names.len(), voices.len());
            }
            for place in state.keys() {
                bench.group(&format!("g{place}"), &[], &[]).await;
            }
            for _ in 0..4 {
                bench.after(120).await;
            }
            assert!(bench.app.store.voices(0, 50).await.unwrap().is_empty());
            for (incident, told) in bench.all().await.into_iter().zip(bench.told().await) {
                // Too soon after another one, it waits for an approval.
                let updates = bench.app.store.updates(incident.id).await.unwrap();
                let waits = updates.last().is_some_and(|update| update.state == Stage::Submitted);
                let (over, untold) = (told == ["investigating", "resolved"], told.is_empty());
                assert!(untold || (over && incident.ended_at.is_some()) || (told.len() == 1 && waits), "{told:?}");
            }
        });
    }
}
