//! What was chosen about time, from the draft to the last outcome: groups one after the other, spreading, quiet hours.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use onevoice::store::recipients::Recipient;
use serde_json::{Value, json};

use super::{Client, Site, content, now};
use crate::parts::ready;

/// Forty messages a second.
const OUTBOX: &str = "[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n\
                      limits = { per_second = 40, burst = 1, connections = 2 }\n";

fn someone(id: &str, tags: &[&str], zone: &str) -> Recipient {
    serde_json::from_value(json!({
        "customer_id": id, "name": id, "locale": "en", "tags": tags, "time_zone": zone,
        "addresses": [{ "channel": "email", "value": format!("{id}@example.test") }],
    }))
    .expect("a recipient")
}

/// Forty customers, whose addresses come first, and twenty employees.
fn people() -> Vec<Recipient> {
    let customers = (0..40).map(|place| someone(&format!("a-customer{place:02}"), &[], ""));
    customers.chain((0..20).map(|place| someone(&format!("staff{place:02}"), &["staff"], ""))).collect()
}

fn outcomes(broadcast: &Value, state: &str) -> i64 {
    broadcast["progress"]["outcomes"][state].as_i64().unwrap_or(0)
}

/// The forecast of mail, in seconds from the start.
fn forecast(broadcast: &Value) -> f64 {
    broadcast.pointer("/plan/measured/forecast/email/seconds").and_then(Value::as_f64).expect("a forecast")
}

/// Within a fifth of what counting gives.
fn is_about(told: f64, counted: f64) {
    assert!((told - counted).abs() <= counted * 0.2, "{told} was told, {counted} is counted");
}

/// An update in two groups: employees first, customers when all of them have it.
async fn in_two_groups(author: &Client) -> Value {
    for (name, filter) in [("employees", "tag \"staff\""), ("customers", "not tag \"staff\"")] {
        author.post("/segments", &json!({ "name": name, "filter": filter })).await;
    }
    let mut written = content("identified", "Card payments are failing");
    let facts = written["variants"][0]["facts"].clone();
    written["variants"] = json!([
        { "name": "customers", "segment": "customers", "stage": 1, "facts": facts },
        { "name": "employees", "segment": "employees", "facts": facts },
    ]);
    written["stage_percent"] = json!(100);
    written
}

#[tokio::test]
async fn employees_have_it_before_any_customer_and_the_forecast_counts_both() {
    let site = Site::new(OUTBOX, &people()).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let written = in_two_groups(&author).await;
    let (update, submitted) = author.submit(incident, written).await;
    assert_eq!(submitted["people"], 60);
    assert_eq!(submitted.pointer("/plan/stages/email"), Some(&json!([20, 40])));
    // One of the sixty goes at once, the others at forty a second; the last answer takes a second.
    is_about(forecast(&submitted), 59.0 / 40.0 + 1.0);
    let broadcast = approver.approve(update, &submitted).await;
    let ended = author.ended(broadcast).await;
    assert_eq!((ended["state"].as_str(), outcomes(&ended, "accepted")), (Some("completed"), 60));
    let deliveries = author.deliveries(broadcast, "email").await;
    let at = |wanted: &str| -> Vec<Timestamp> {
        let of_group = deliveries.iter().filter(|(address, _)| address.starts_with(wanted));
        of_group.map(|(_, delivery)| delivery["at"].as_str().and_then(|at| at.parse().ok()).expect("a time")).collect()
    };
    let (staff, customers) = (at("staff"), at("a-customer"));
    assert_eq!((staff.len(), customers.len()), (20, 40));
    assert!(staff.iter().max() <= customers.iter().min(), "a customer had it before the last employee");
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn a_spread_update_gives_out_its_share_until_a_newer_one_takes_its_place() {
    let site = Site::new(OUTBOX, &people()).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let mut slow = content("identified", "Card payments are failing");
    slow["spread_minutes"] = json!(20_000);
    let refused = author.try_post(&format!("/incidents/{incident}/updates"), &json!({ "content": slow })).await;
    let refused = refused.expect_err("two weeks are too long");
    assert_eq!((refused.status, refused.problem["pointer"].as_str()), (422, Some("/content/spread_minutes")));
    slow["spread_minutes"] = json!(600);
    slow["next_update_at"] = json!((now() + SignedDuration::from_hours(20)).to_string());
    let (update, submitted) = author.submit(incident, slow).await;
    is_about(forecast(&submitted), 36_000.0);
    let first = approver.approve(update, &submitted).await;
    let path = format!("/broadcasts/{first}");
    let begun = ready::until("the first one to have it", async || {
        let seen = author.get(&path).await;
        (outcomes(&seen, "accepted") > 0).then_some(seen)
    })
    .await;
    assert_eq!(outcomes(&begun, "accepted"), 1, "one every ten minutes");
    let (update, submitted) = author.submit(incident, content("resolved", "Card payments work again")).await;
    let second = approver.approve(update, &submitted).await;
    assert_eq!(outcomes(&author.ended(second).await, "accepted"), 60);
    let ended = author.ended(first).await;
    assert_eq!((outcomes(&ended, "accepted"), outcomes(&ended, "superseded")), (1, 59));
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn who_sleeps_waits_for_their_morning_and_the_approver_reads_how_many() {
    // London sleeps from an hour ago to two hours from now; in Auckland it is then another part of the day.
    let london = TimeZone::get("Europe/London").expect("the IANA database is there");
    let wall = |hours| {
        let at = now() + SignedDuration::from_hours(hours);
        at.to_zoned(london.clone()).strftime("%H:%M").to_string()
    };
    let config = format!("{OUTBOX}[quiet_hours]\nemail = {{ from = \"{}\", to = \"{}\" }}\n", wall(-1), wall(2));
    let people: Vec<Recipient> = (0..30)
        .map(|place| match place % 3 {
            0 => someone(&format!("awake{place:02}"), &[], "Pacific/Auckland"),
            1 => someone(&format!("sleeper{place:02}"), &[], "Europe/London"),
            _ => someone(&format!("unknown{place:02}"), &[], ""),
        })
        .collect();
    let site = Site::new(&config, &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let mut quiet = content("identified", "Card payments are failing");
    quiet["quiet_hours"] = json!("morning");
    let (update, submitted) = author.submit(incident, quiet.clone()).await;
    assert_eq!(submitted["timing"]["quiet_hours"], "morning");
    assert_eq!(submitted.pointer("/plan/measured/asleep/email"), Some(&json!(20)));
    assert_eq!(submitted.pointer("/plan/measured/forecast/email/in_their_morning"), Some(&json!(20)));
    is_about(forecast(&submitted), 9.0 / 40.0 + 1.0);
    let first = approver.approve(update, &submitted).await;
    let path = format!("/broadcasts/{first}");
    let waits = ready::until("the others to have it", async || {
        let seen = author.get(&path).await;
        let channel = &seen["progress"]["channels"]["email"];
        (outcomes(&seen, "accepted") == 10 && channel["asleep"] == 20).then_some(seen)
    })
    .await;
    assert_eq!((waits["state"].as_str(), waits["progress"]["left"].as_i64()), (Some("running"), Some(20)));
    let sleeper = &author.deliveries(first, "email").await["sleeper01@example.test"];
    assert_eq!((sleeper["state"].as_str(), sleeper["reason"].as_str()), (Some("waiting"), Some("quiet_hours")));
    let due: Timestamp = sleeper["due_at"].as_str().and_then(|at| at.parse().ok()).expect("a time");
    assert_eq!(due.to_zoned(london.clone()).strftime("%H:%M").to_string(), wall_of(&config));

    // The same again, and nobody is woken for it later either.
    let mut skips = content("monitoring", "Card payments work for most");
    skips["quiet_hours"] = json!("not_at_all");
    let (update, submitted) = author.submit(incident, skips).await;
    let second = approver.approve(update, &submitted).await;
    let ended = author.ended(second).await;
    assert_eq!((outcomes(&ended, "accepted"), outcomes(&ended, "suppressed")), (10, 20));
    assert_eq!(daemon.stop().await.code(), Some(4), "the first one still has a morning before it");
}

/// The end that the configuration has: the clock may have moved on a minute since.
fn wall_of(config: &str) -> String {
    config.rsplit("to = \"").next().map(|rest| rest[..5].to_owned()).expect("an end")
}

#[tokio::test]
async fn limits_that_providers_share_are_in_the_forecast() {
    let second = OUTBOX.replace("name = \"email\"", "name = \"more-email\"");
    let sender = "\n[pace.senders.\"status@sender.test\"]\nper_second = 20\n";
    for (shared, rate) in [("", 80.0), (sender, 20.0), ("\n[pace]\nper_second = 10\n", 10.0)] {
        let site = Site::new(&format!("{OUTBOX}{second}{shared}"), &people()).await;
        let daemon = site.start().await;
        let author = daemon.sign_in("ana@acme.example").await;
        let incident = author.incident().await;
        let (_, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
        is_about(forecast(&submitted), 58.0 / rate + 1.0);
        assert!(daemon.stop().await.success());
    }
}
