//! The console, the status page and the banner in a real browser, served by the daemon as a process of its own.

mod banner;
mod channels;
mod factor;
mod inject;
mod pages;
mod passkeys;
mod paths;
mod quick;
mod segments;
mod troubles;
mod write;

use onevoice::store::recipients::Recipient;
use serde_json::{Value, json};

use crate::{
    daemon::{PASSWORD, Site, person},
    parts::browser,
};

const PEOPLE: usize = 25;

/// Every channel that people have in these tests. Mails leave slowly enough for somebody to stop them on their way.
const PROVIDERS: &str = r#"
[[provider]]
name = "mails"
kind = "outbox"
channel = "email"
limits = { per_second = 2, burst = 1 }

[[provider]]
name = "texts"
kind = "outbox"
channel = "sms"

[[provider]]
name = "banner"
kind = "banner"

[[provider]]
name = "status-page"
kind = "status-page"
"#;

fn recipients() -> Vec<Recipient> {
    let one = |n: usize| {
        let sms = n.is_multiple_of(3).then(|| format!("+4477009000{n:02}"));
        person(&format!("c{n}"), &format!("Customer {n}"), Some(&format!("c{n}@example.test")), sms.as_deref())
    };
    (1..=PEOPLE).map(one).collect()
}

/// What the scripts are told: where, who, and what to write.
fn argument(base: &str) -> Value {
    json!({
        "base": base,
        "password": PASSWORD,
        "people": PEOPLE,
        "blame": "Our supplier broke a connection.",
        "facts": {
            "headline": "Card payments are failing in Europe",
            "what_happened": "Since 10:10 about one card payment in five has failed in Europe.",
            "impact": "A failed payment is not charged. Transfers work as usual.",
            "apology": "We are sorry: we know that you rely on your card every day.",
            "doing": "We are moving payments to a second connection and watch each step.",
            "why": "One of our connections to the card network is failing.",
        },
    })
}

/// Holds what every page must keep: no error in the browser's log, and nothing asked of anybody else.
fn assert_clean(seen: &Value, base: &str) {
    assert_eq!(seen["errors"], json!([]), "nothing is logged as an error, no policy is violated");
    assert_eq!(seen["origins"], json!([base]), "nothing is asked of another origin");
}

#[tokio::test]
async fn two_people_tell_customers_something_and_see_it_arrive() {
    let site = Site::new(PROVIDERS, &recipients()).await;
    let daemon = site.start().await;
    let seen = browser::run("console", argument(&daemon.base)).await;
    let says = |name: &str, text: &str| {
        assert!(seen[name].as_str().is_some_and(|said| said.contains(text)), "{name} says {text:?}: {}", seen[name]);
    };
    says("blocking", "supplier");
    assert_eq!(seen["refused"], true, "what blocks cannot be sent for approval");
    assert_eq!(seen["own"], 0, "an author has no button to approve");
    assert_eq!(seen["closed"], "true", "unread texts keep the gate closed");
    assert_eq!(seen["texts"], 4, "a text for each channel");
    says("held", "everything was stopped by Ana.");
    assert!(
        !seen["still"].as_str().unwrap_or_default().contains(" ago"),
        "nothing next lies in the past: {}",
        seen["still"]
    );
    says("told", "everything was stopped by Ana.");
    says("curve", "Email: 25 of 25 handed over");
    says("imported", "lines not taken");
    says("imported", "Download the bad lines");
    says("stopped", "Card payments fail in Europe");
    says("stopped", "have it or may have it");
    says("mail", "one card payment in five");
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_clean(&seen, &daemon.base);
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn everything_needed_works_without_scripts() {
    let site = Site::new(&PROVIDERS.replace("limits = { per_second = 2, burst = 1 }", ""), &recipients()).await;
    let daemon = site.start().await;
    let seen = browser::run("plain", argument(&daemon.base)).await;
    assert_eq!((&seen["texts"], &seen["completed"]), (&json!(4), &json!(true)), "{seen}");
    assert_clean(&seen, &daemon.base);
    assert!(daemon.stop().await.success());
}
