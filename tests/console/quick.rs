//! The quick way in, in a real browser: from "What is broken?" to the banner and the status page.

use serde_json::{Value, json};

use super::{PROVIDERS, argument, assert_clean, recipients};
use crate::{
    daemon::{PASSWORD, Site, now},
    parts::browser,
};

/// A prepared message of two stages, about a component.
fn playbook(name: &str, component: &Value, choices: [[&str; 2]; 2]) -> Value {
    let options = choices.map(|[label, text]| json!({ "label": label, "text": { "en": text } }));
    json!({
        "name": name, "component": component,
        "variables": [{ "name": "what", "question": "What do customers see?", "kind": { "type": "choice", "options": options } }],
        "stages": {
            "investigating": { "component_status": "partial_outage", "next_update_minutes": [30, 60], "facts": { "en": {
                "headline": "{what}", "what_happened": "{what} at the moment.", "impact": "What you do now may be affected.",
                "apology": "We are sorry: we know that you rely on this.", "doing": "We are looking for the cause." } } },
            "resolved": { "component_status": "operational", "facts": { "en": {
                "headline": "All works again", "what_happened": "The trouble is over.", "impact": "You can go on as usual.",
                "apology": "We are sorry for the trouble.", "doing": "We are going through what happened." } } },
        },
        "bounds": { "person": true, "channels": ["banner", "status_page"], "every_minutes": 30,
            "valid_until": (now() + jiff::SignedDuration::from_hours(48)).to_string() },
    })
}

#[tokio::test]
async fn one_person_puts_a_prepared_message_on_the_website_in_a_minute() {
    let fast = PROVIDERS.replace("limits = { per_second = 2, burst = 1 }", "");
    let site = Site::new(&fast, &recipients()).await;
    let daemon = site.start().await;
    let author = daemon.sign_in("ana@acme.example").await;
    for component in [json!({ "name": "Payments" }), json!({ "name": "Search", "position": 1 })] {
        let proposal = author.post("/components", &component).await["id"].clone();
        let approver = daemon.sign_in("ben@acme.example").await;
        approver.post(&format!("/proposals/{proposal}/accept"), &json!({})).await;
    }
    let components = author.get("/components").await;
    let [payments, search] = [&components["items"][0]["id"], &components["items"][1]["id"]].map(Clone::clone);
    let slow = ["Payments are slow", "Payments take longer than usual"];
    let messages = [
        playbook("Payments fail", &payments, [["Payments fail", "Payments are failing"], slow]),
        playbook(
            "Search fails",
            &search,
            [["Search is slow", "Search is slow"], ["Search finds nothing", "Search finds nothing"]],
        ),
    ];
    for message in messages {
        let stored = author.post("/playbooks", &message).await;
        let yes = json!({ "digest": stored["digest"], "password": PASSWORD });
        for approver in ["ben@acme.example", "ada@acme.example"] {
            daemon.sign_in(approver).await.post(&format!("/playbooks/{}/approve", stored["id"]), &yes).await;
        }
    }
    let seen = browser::run("quick", argument(&daemon.base)).await;
    let says = |at: &Value, text: &str| assert!(at.as_str().is_some_and(|said| said.contains(text)), "{text:?}: {at}");
    says(&seen["live"], "Payments take longer than usual");
    says(&seen["live"], "We are looking for the cause.");
    says(&seen["first"]["banner"], "Payments take longer than usual");
    says(&seen["first"]["status"], "Payments take longer than usual");
    says(&seen["asked"], "as update 2: waiting for approval");
    says(&seen["goesOn"], "This goes on with “Payments take longer than usual”");
    says(&seen["second"]["status"], "Search finds nothing");
    says(&seen["second"]["banner"], "Search finds nothing");
    assert_eq!(seen["widest"], 0, "nothing is wider than the window");
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_clean(&seen, &daemon.base);
    assert!(daemon.stop().await.success());
}
