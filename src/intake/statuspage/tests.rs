//! Statuspage's API as its clients use it, from the call to what goes out.

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
    config::intake::Intake,
    intake::{door as intake_door, speak, take},
    people::{Actor, Role},
    schedule::playbook::announce::bench::Bench,
};

const RULES: &str = r#"
    hold_seconds = 60
    clear_seconds = 60
    [storm]
    playbook = "search-does-not-help"
    [[source]]
    name = "old"
    kind = "statuspage"
    person = "ana@acme.example"
    max_body_kb = 2
    [[source]]
    name = "other"
    kind = "statuspage"
    person = "ana@acme.example"
    [[rule]]
    name = "payments"
    match_regex = { "/name" = "Payments.*", "/status" = ".+" }
    playbook = "payments-fail"
"#;

/// Says something else as soon as another name fits.
const BY_NAME: &str = r#"
    [[rule]]
    name = "europe"
    match_regex = { "/name" = ".*Europe" }
    playbook = "search-does-not-help"
"#;

async fn bench() -> Bench {
    bench_of("").await
}

async fn bench_of(more: &str) -> Bench {
    let rules = format!("{RULES}{more}");
    Bench::with(|config| {
        let mut intake: Intake = toml::from_str(&rules).unwrap();
        intake.source.iter_mut().for_each(|source| source.bearer = Some(Secret::new(&format!("hush-{}", source.name))));
        config.intake = intake;
    })
    .await
}

impl Bench {
    async fn ask(&self, method: &str, path: &str, key: &str, body: impl Into<Body>) -> (u16, Value) {
        let path = format!("/intake/statuspage/old/v1/pages/p1{path}");
        let request = Request::builder().method(method).uri(path).header("authorization", format!("OAuth {key}"));
        let answer = intake_door::router(self.app.clone()).oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn says(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.ask(method, path, "hush-old", body.to_string()).await
    }

    async fn let_pass(&self, seconds: i64) {
        self.clock.on(seconds);
        speak::tick(&self.app).await.unwrap();
    }

    async fn verdicts(&self) -> Vec<Value> {
        self.app.store.calls(None, 0, 100).await.unwrap().into_iter().map(|call| call.verdict).collect()
    }
}

#[tokio::test]
async fn an_incident_of_theirs_is_announced_goes_on_and_is_closed() {
    let bench = bench().await;
    let new = json!({ "incident": { "name": "Payments fail", "body": "We look", "components": { "1": "major_outage" },
        "deliver_notifications": true, "something_new": 1 } });
    let (status, made) = bench.says("POST", "/incidents", new).await;
    assert_eq!(
        (status, &made["status"], &made["impact"]),
        (201, &json!("investigating"), &json!("critical")),
        "{made}"
    );
    assert_eq!((&made["incident_updates"][0]["body"], &made["page_id"]), (&json!("We look"), &json!("p1")));
    let ours = bench.app.store.components().await.unwrap().remove(0);
    assert_eq!((&made["components"][0]["id"], &made["components"][0]["name"]), (&json!("1"), &json!(ours.name)));
    let path = format!("/incidents/{}", made["id"].as_str().unwrap());
    bench.let_pass(60).await;
    assert_eq!(bench.incidents().await, 1);

    // A part of it changes, and its name still finds the rule.
    let (status, changed) =
        bench.says("PATCH", &path, json!({ "incident": { "status": "identified", "impact_override": "minor" } })).await;
    assert_eq!((status, &changed["name"], &changed["impact"]), (200, &json!("Payments fail"), &json!("minor")));
    assert_eq!(changed["incident_updates"].as_array().unwrap().len(), 2);
    bench.let_pass(600).await;
    assert_eq!(bench.incidents().await, 1);
    assert_eq!(bench.ask("GET", "/incidents/unresolved", "hush-old", "").await.1[0]["id"], made["id"]);

    let (status, over) = bench.says("PUT", &path, json!({ "incident": { "status": "resolved" } })).await;
    assert!(status == 200 && over["resolved_at"].is_string(), "{over}");
    assert_eq!(bench.app.store.voices(0, 10).await.unwrap()[0].state.as_str(), "clearing");
    bench.let_pass(60).await;
    assert!(bench.app.store.voices(0, 10).await.unwrap().is_empty());
    assert_eq!(bench.ask("GET", "/incidents/unresolved", "hush-old", "").await.1, json!([]));
    assert_eq!(bench.ask("GET", &path, "hush-old", "").await.1["status"], "resolved");
    assert_eq!(bench.ask("GET", "/incidents", "hush-old", "").await.1.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn it_is_not_over_because_its_rule_fits_no_more_and_no_second_one_because_another_does() {
    for change in [json!({ "name": "Search fails" }), json!({ "name": "Payments in Europe" })] {
        let bench = bench_of(BY_NAME).await;
        let new = json!({ "incident": { "name": "Payments fail" } });
        let (_, made) = bench.says("POST", "/incidents", new).await;
        let path = format!("/incidents/{}", made["id"].as_str().unwrap());
        bench.let_pass(60).await;
        assert_eq!(bench.incidents().await, 1);
        bench.says("PATCH", &path, json!({ "incident": change })).await;
        bench.let_pass(600).await;
        bench.let_pass(600).await;
        let voices = bench.app.store.voices(0, 10).await.unwrap();
        assert_eq!((voices.len(), voices[0].state.as_str(), bench.incidents().await), (1, "speaking", 1), "{change}");
        bench.says("PATCH", &path, json!({ "incident": { "status": "resolved" } })).await;
        assert_eq!(bench.app.store.voices(0, 10).await.unwrap()[0].state.as_str(), "clearing", "{change}");
    }
    // Before anybody was told, what it says now is what is told.
    let bench = bench_of(BY_NAME).await;
    let (_, made) = bench.says("POST", "/incidents", json!({ "incident": { "name": "Payments fail" } })).await;
    let path = format!("/incidents/{}", made["id"].as_str().unwrap());
    bench.says("PATCH", &path, json!({ "incident": { "name": "Search fails" } })).await;
    assert!(bench.app.store.voices(0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_makes_no_second_incident() {
    let bench = bench().await;
    let new = json!({ "incident": { "name": "Payments fail" } });
    let (_, made) = bench.says("POST", "/incidents", new.clone()).await;
    bench.clock.on(240);
    let (status, again) = bench.says("POST", "/incidents", new.clone()).await;
    assert_eq!((status, &again["id"]), (201, &made["id"]));
    let path = format!("/incidents/{}", made["id"].as_str().unwrap());
    bench.says("PATCH", &path, json!({ "incident": { "status": "resolved" } })).await;
    let (_, other) = bench.says("POST", "/incidents", new).await;
    assert_ne!(other["id"], made["id"], "that one is over");
    let (_, open) = bench.ask("GET", "/incidents/unresolved", "hush-old", "").await;
    assert_eq!(open.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_new_one_begins_anew_where_a_person_ended_what_an_older_one_announced() {
    let bench = bench().await;
    for (name, incidents) in [("Payments fail", 1), ("Payments fail again", 2)] {
        bench.says("POST", "/incidents", json!({ "incident": { "name": name } })).await;
        bench.let_pass(3_600).await;
        assert_eq!(bench.incidents().await, incidents, "{name}");
        bench.app.store.tamper("UPDATE incident SET ended_at = 1").await;
        // What went on all the while begins nothing.
        bench.let_pass(3_600).await;
        assert_eq!(bench.incidents().await, incidents, "{name}");
    }
}

#[tokio::test]
async fn the_list_of_components_is_the_whole_of_it() {
    let bench = bench().await;
    let new = json!({ "incident": { "name": "Payments fail", "component_ids": ["a", "b"] } });
    let (_, made) = bench.says("POST", "/incidents", new).await;
    let path = format!("/incidents/{}", made["id"].as_str().unwrap());
    let change = json!({ "incident": { "component_ids": ["b"], "components": { "c": "major_outage" } } });
    let (_, changed) = bench.says("PATCH", &path, change).await;
    let ids: Vec<&str> =
        changed["components"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(ids, ["b", "c"]);
}

#[tokio::test]
async fn a_component_fires_while_it_is_not_operational() {
    let bench = bench().await;
    let (_, listed) = bench.ask("GET", "/components", "hush-old", "").await;
    let payments = listed.as_array().unwrap().iter().find(|one| one["name"] == "Payments").unwrap().clone();
    let path = format!("/components/{}", payments["id"].as_str().unwrap());
    for (status, fires) in [
        ("degraded_performance", 1),
        ("major_outage", 1),
        ("under_maintenance", 0),
        ("partial_outage", 1),
        ("operational", 0),
    ] {
        let (code, answer) = bench.says("PATCH", &path, json!({ "component": { "status": status } })).await;
        assert_eq!((code, &answer["status"], &answer["name"]), (200, &json!(status), &payments["name"]));
        assert_eq!(bench.verdicts().await[0]["firing"], fires, "{status}");
    }
    assert_eq!(bench.ask("GET", &path, "hush-old", "").await.1["status"], "operational");
    assert_eq!(bench.ask("GET", "/components/999", "hush-old", "").await.0, 404);
    assert_eq!(bench.ask("GET", "", "hush-old", "").await.1["id"], "p1");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_in_their_shape_kept_and_changes_nothing() {
    let bench = bench().await;
    let (_, made) = bench.says("POST", "/incidents", json!({ "incident": { "name": "Payments fail" } })).await;
    let path = format!("/incidents/{}", made["id"].as_str().unwrap());
    for (path, body, said) in [
        ("/incidents", json!({ "incident": { "status": "investigating" } }), "/incident/name is missing"),
        ("/incidents", json!({ "incident": { "name": "x", "status": "on fire" } }), "known are investigating"),
        ("/incidents", json!({ "incident": { "name": "x", "status": "scheduled" } }), "planned work"),
        ("/incidents", json!({ "incident": { "name": "x", "impact_override": "huge" } }), "known are none"),
        (
            "/incidents",
            json!({ "incident": { "name": "x", "components": { "1": "broken" } } }),
            "/incident/components/1",
        ),
        ("/incidents", json!({ "name": "x" }), "/incident"),
    ] {
        let (status, answer) = bench.says("POST", path, body).await;
        assert!(status == 422 && answer["error"][0].as_str().unwrap().contains(said), "{said}: {status} {answer}");
        assert!(bench.verdicts().await[0]["refused"].is_string());
    }
    assert_eq!(bench.ask("PATCH", &path, "hush-old", "{").await.0, 400);
    assert_eq!(bench.ask("PATCH", &path, "hush-old", format!("{{{}", " ".repeat(3_000))).await.0, 413);
    let unknown = bench.says("PATCH", "/incidents/x", json!({ "incident": { "status": "resolved" } })).await;
    assert!(unknown.0 == 404 && unknown.1["error"].is_string(), "{unknown:?}");
    assert_eq!(bench.ask("GET", &path, "hush-old", "").await.1, made, "as it was");
}

#[tokio::test]
async fn only_its_own_key_opens_a_source() {
    let bench = bench().await;
    let calls = bench.verdicts().await.len();
    for key in ["hush", "hush-other", ""] {
        for (method, path) in
            [("POST", "/incidents"), ("GET", "/incidents"), ("PATCH", "/components/1"), ("GET", "/components/1")]
        {
            let (status, answer) = bench.ask(method, path, key, "x".repeat(5_000)).await;
            assert!(status == 401 && answer["error"].is_string(), "{method} {path}: {status} {answer}");
        }
    }
    assert_eq!(bench.verdicts().await.len(), calls, "and nothing is kept");
}

#[tokio::test]
async fn a_call_that_is_replayed_is_about_the_same_incident() {
    let bench = bench().await;
    let (_, made) = bench.says("POST", "/incidents", json!({ "incident": { "name": "Payments fail" } })).await;
    let path = format!("/incidents/{}", made["id"].as_str().unwrap());
    bench.says("PATCH", &path, json!({ "incident": { "status": "resolved" } })).await;
    let Actor::Person(mut ana) = bench.ana.clone() else { panic!("Ana is a person") };
    ana.role = Role::Author;
    let taken = take::replay(&bench.app, &Actor::Person(ana), 1).await.unwrap();
    assert_eq!(taken.verdict.firing, 1);
    assert_eq!(bench.ask("GET", &path, "hush-old", "").await.1["status"], "investigating");
    assert_eq!(bench.ask("GET", "/incidents", "hush-old", "").await.1.as_array().unwrap().len(), 1);
}

proptest! {
    /// What was kept is read again as it was, whatever the body is.
    #[test]
    fn what_is_kept_is_opened_as_it_was(
        new: bool, incident: bool, page in "[^/\\pC]{1,20}", id in "[^/\\pC]{1,20}",
        body in proptest::collection::vec(any::<u8>(), 0..50),
    ) {
        let noun = if incident { Noun::Incident } else { Noun::Component };
        let target = Target { new, noun, page, id };
        let kept = keep(&target, &body);
        let opened = open(&kept);
        prop_assert_eq!(opened, Some((target, body.as_slice())));
    }

    /// Any change is taken or refused, keeps the shape, and grows without bound in no direction.
    #[test]
    fn any_change_is_taken_or_refused(texts in proptest::collection::vec("\\PC{0,8}", 0..6), status in "[a-z]{0,12}|identified|resolved|monitoring") {
        let about = shape::About { page: "p", id: "i", components: &[], now: Timestamp::UNIX_EPOCH };
        let components: serde_json::Map<String, Value> = texts.iter().map(|text| (text.clone(), json!("major_outage"))).collect();
        let mut whole = None;
        for text in texts.iter().cycle().take(30) {
            let body = json!({ "incident": { "name": text, "body": text, "status": status, "components": components, "component_ids": texts } });
            if let Ok((document, firing)) = shape::incident(&about, whole.clone(), body.to_string().as_bytes()) {
                prop_assert_eq!(firing, document["status"] != "resolved");
                prop_assert!(document["incident_updates"].as_array().unwrap().len() <= 20);
                whole = Some(document);
            }
        }
    }
}
