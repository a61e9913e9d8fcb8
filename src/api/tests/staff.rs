//! The staff sheet over the API: approved with its update, gone to colleagues' places, and read by nobody else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use onevoice_channels::contract::{Channel, DeliveryId, Reason, ReceiptWord};
use serde_json::{Value, json};

use super::{Api, PASSWORD};
use crate::{
    compose, feed, path,
    render::{self, MessageKind},
    send::{Event, loaded::Loaded, starter},
    store::deliveries::Listed,
};

/// Words that stand in the sheets and nowhere else.
const CANARY: &str = "Kanarienvogel";
/// Where customers read that takes no second a thousand.
const PLACES: [&str; 3] = ["banner", "status_page", "mastodon"];

fn sheet() -> Value {
    json!({
        "answers": [{ "question": format!("{CANARY} one?"), "answer": format!("{CANARY} two.") }],
        "avoid": [format!("{CANARY} three")],
        "phone": format!("{CANARY} four."),
        "abuse": format!("{CANARY} five."),
    })
}

/// The demo's first update, for places where nobody waits for a thousand mails.
fn content(api: &Api, staff: Value) -> Value {
    let mut content = api.content();
    content["channels"] = json!(PLACES);
    content["staff"] = staff;
    content
}

async fn incident(api: &Api) -> i64 {
    let opened = api.post("author", "/incidents", json!({ "kind": "incident", "title": "Payments fail" })).await;
    opened.json["id"].as_i64().unwrap()
}

/// Writes an update and sends it for approval: its number, digest and people.
async fn submitted(api: &Api, incident: i64, content: Value) -> (i64, String, i64) {
    let update = api.post("author", &format!("/incidents/{incident}/updates"), json!({ "content": content })).await;
    let id = update.json["id"].as_i64().unwrap_or_else(|| panic!("{}", update.text));
    let waiting = api.post("author", &format!("/updates/{id}/submit"), json!({})).await;
    assert_eq!(waiting.status, 201, "{}", waiting.text);
    (id, waiting.json["digest"].as_str().unwrap().to_owned(), waiting.json["people"].as_i64().unwrap())
}

async fn approve(api: &Api, (update, digest, people): (i64, String, i64)) -> i64 {
    let yes = json!({ "digest": digest, "recipients": people, "password": PASSWORD });
    let approved = api.post("approver", &format!("/updates/{update}/approve"), yes).await;
    approved.json["id"].as_i64().unwrap_or_else(|| panic!("{}", approved.text))
}

/// Lets the engine carry out until these broadcasts have their end, and publishes.
async fn carried_out(api: &Api, broadcasts: &[i64]) {
    let mut events = api.app.engine.listen();
    let engine = api.app.engine.clone();
    let carrying = tokio::spawn(async move { path::carry_out(&engine).await });
    for id in broadcasts {
        while api.app.store.broadcast(*id).await.unwrap().ended_at.is_none() {
            while !matches!(events.recv().await, Ok(Event::Progress { .. } | Event::State { .. } | Event::Public)) {}
        }
    }
    api.app.engine.stop();
    carrying.await.unwrap().unwrap();
    feed::publish(&api.app).await.unwrap();
}

/// Everything that anybody can read without signing in, by its file.
fn public(api: &Api) -> BTreeMap<String, String> {
    let files = api.app.public.files().unwrap();
    files.into_iter().map(|file| (file.path, String::from_utf8_lossy(&file.bytes).into_owned())).collect()
}

/// What was handed over, by channel: to whom, and the text as it was read.
async fn sent(api: &Api, broadcast: i64) -> BTreeMap<Channel, (Listed, String)> {
    let loaded = Loaded::read(&api.app.store, &api.app.config, broadcast).await.unwrap();
    let mut found = BTreeMap::new();
    for (channel, progress) in api.app.store.progress(broadcast).await.unwrap() {
        assert_eq!(progress.total, 1, "{channel}");
        let id = DeliveryId { broadcast, channel, ordinal: 0 };
        let listed = api.app.store.delivery(id).await.unwrap();
        let now = api.app.world.clock.now();
        let secrets = api.app.store.secrets();
        let text = loaded.filled(&listed.claimed(id), secrets, now, render::splice_text).unwrap();
        let html = loaded.filled(&listed.claimed(id), secrets, now, render::splice_html).unwrap().unwrap_or_default();
        found.insert(channel, (listed, format!("{text}{html}")));
    }
    found
}

#[tokio::test]
async fn a_sheet_goes_to_colleagues_places_and_no_customer_reads_a_word_of_it() {
    let api = Api::new().await;
    let incident = incident(&api).await;
    let ready = submitted(&api, incident, content(&api, json!({ "en": sheet(), "de": sheet() }))).await;

    // What is approved: two texts in each language for colleagues, who read customers' words first.
    let seen = api.get("author", &format!("/updates/{}/preview", ready.0)).await;
    let texts = seen.json["texts"].as_array().unwrap();
    let mut staff = BTreeSet::new();
    for text in texts {
        let (channel, message) = (text["channel"].as_str().unwrap(), text["message"].as_str().unwrap());
        let has = text.to_string().contains(CANARY);
        assert_eq!(has, channel.starts_with("staff_") && message == "update", "{message} {channel}");
        if channel.starts_with("staff_") {
            assert_ne!(message, "holding", "there is no sheet for \"no news yet\"");
            staff.insert((message.to_owned(), channel.to_owned(), text["locale"].as_str().unwrap().to_owned()));
        }
        if has {
            let read = text["text"].as_str().unwrap();
            let told = ["about one card payment in five", "etwa jede fünfte Kartenzahlung"];
            let told = told.iter().filter_map(|told| read.find(told)).min();
            assert!(told.unwrap() < read.find(CANARY).unwrap(), "customers' words come first: {read}");
            for part in ["one?", "two.", "three", "four.", "five."] {
                assert!(read.contains(&format!("{CANARY} {part}")), "{part} is in {read}");
            }
        }
    }
    assert_eq!(staff.len(), 8, "{staff:?}");
    for row in seen.json["parity"].as_array().unwrap() {
        assert!(!row.to_string().contains("staff_"), "{row}");
    }

    let broadcast = approve(&api, ready).await;
    starter::start_due(&api.app.engine).await.unwrap();
    carried_out(&api, &[broadcast]).await;
    let sent = sent(&api, broadcast).await;
    let names: Vec<&str> = sent.keys().map(|channel| channel.as_str()).collect();
    assert_eq!(names, ["mastodon", "banner", "status_page", "staff_chat", "staff_mail"]);
    let to = |channel| (sent[&channel].0.address.as_str(), sent[&channel].0.provider.as_deref().unwrap_or_default());
    assert_eq!(to(Channel::StaffChat), ("support-room", "support-room"));
    assert_eq!(to(Channel::StaffMail), ("support@acme.example", "email"));
    for (channel, (_, text)) in &sent {
        assert_eq!(text.contains(CANARY), channel.is_staff(), "{channel}: {text}");
        assert!(!text.contains("/u/"), "{channel} has a link to unsubscribe");
    }
    // What comes back is told, and the next sheet goes there all the same.
    let mail = DeliveryId { broadcast, channel: Channel::StaffMail, ordinal: 0 };
    let now = api.app.world.clock.now();
    for word in [ReceiptWord::Failed(Reason::NoSuchAddress), ReceiptWord::Complained] {
        api.app.store.apply_receipt(mail, "email", word, now).await.unwrap();
    }
    assert_eq!(api.app.store.delivery(mail).await.unwrap().state, "failed");
    let theirs = Some((Channel::StaffMail, "support@acme.example"));
    assert!(api.app.store.suppressions(theirs, None, 9).await.unwrap().is_empty());

    let files = public(&api);
    assert!(files.values().any(|text| text.contains("Card payments are failing")), "the update is out");
    for (path, text) in files {
        assert!(!text.contains(CANARY) && !text.contains("staff_"), "{path}");
    }
}

#[tokio::test]
async fn a_changed_word_of_it_voids_the_approval() {
    let api = Api::new().await;
    let incident = incident(&api).await;
    let (update, digest, people) = submitted(&api, incident, content(&api, json!({ "en": sheet() }))).await;
    let mut other = content(&api, json!({ "en": sheet() }));
    other["next_update_at"] =
        api.get("author", &format!("/updates/{update}")).await.json["content"]["next_update_at"].clone();
    other["staff"]["en"]["abuse"] = json!("Another word.");
    let path = format!("/updates/{update}");
    let saved =
        api.ask("author", axum::http::Method::PUT, &path, Some(json!({ "based_on": 1, "content": other })), None).await;
    assert_eq!(saved.json["state"], "draft", "{}", saved.text);
    let yes = json!({ "digest": digest, "recipients": people, "password": PASSWORD });
    assert_eq!(api.post("approver", &format!("{path}/approve"), yes).await.status, 409);
    let again = api.post("author", &format!("{path}/submit"), json!({})).await;
    assert_ne!(again.json["digest"].as_str().unwrap(), digest);
}

#[tokio::test]
async fn the_current_sheet_is_the_last_that_went_out_and_a_correction_takes_it_back_from_who_has_it() {
    let api = Api::new().await;
    let incident = incident(&api).await;
    let current = async || api.get("viewer", &format!("/incidents/{incident}")).await.json["staff_sheet"].clone();
    let ready = submitted(&api, incident, content(&api, json!({ "de": sheet() }))).await;
    assert_eq!(current().await, Value::Null, "what waits for an approval is nobody's to say");
    let first = approve(&api, ready).await;
    starter::start_due(&api.app.engine).await.unwrap();
    let now = current().await;
    assert_eq!((&now["update"], &now["withdrawn"], &now["newer"]), (&json!(1), &json!(false), &json!(null)));
    assert_eq!(now["sheets"]["de"]["phone"], format!("{CANARY} four."));

    // One without a sheet sends nothing there, and the one before counts until there is another.
    let mut other = content(&api, json!({}));
    other["variants"][0]["facts"]["en"]["doing"] = json!("Three teams are looking for the cause.");
    let second = approve(&api, submitted(&api, incident, other).await).await;
    starter::start_due(&api.app.engine).await.unwrap();
    assert!(api.app.store.progress(second).await.unwrap().keys().all(|channel| !channel.is_staff()));
    assert_eq!(current().await["newer"], 2);
    let next = async || {
        let open = api.app.store.incident(incident).await.unwrap();
        compose::write::blank(&api.app, &open).await.unwrap().staff
    };
    assert!(next().await.contains_key("de"), "the next update begins with the one that counts");

    // The second replaces nothing in colleagues' places: they get the first one all the same.
    carried_out(&api, &[first, second]).await;
    assert_eq!(sent(&api, first).await[&Channel::StaffChat].0.locale, "de", "the language that has a sheet");
    let entry = api.app.entry("test", "broadcast.correct", "", json!({}));
    let corrected = api.app.store.begin_correction(first, &entry).await.unwrap();
    let now = current().await;
    assert_eq!((&now["update"], &now["withdrawn"], &now["sheets"]), (&json!(1), &json!(true), &json!({})));
    assert!(next().await.is_empty(), "nobody begins with answers that were taken back");
    let told = api.app.store.progress(corrected).await.unwrap();
    assert!(told.contains_key(&Channel::StaffChat) && told.contains_key(&Channel::StaffMail), "{told:?}");
    let loaded = Loaded::read(&api.app.store, &api.app.config, corrected).await.unwrap();
    assert_eq!(loaded.broadcast.message, MessageKind::Correction);
    for channel in [Channel::StaffChat, Channel::StaffMail] {
        let text = loaded.rendering(0, channel, "de").unwrap().plain_text();
        assert!(text.contains("gilt nicht mehr") && text.contains("war falsch") && !text.contains(CANARY), "{text}");
    }
}

#[tokio::test]
async fn a_sheet_that_cannot_be_used_is_refused_where_it_is_wrong() {
    let api = Api::new().await;
    let incident = incident(&api).await;
    let path = format!("/incidents/{incident}/updates");
    for (staff, pointer) in [
        (json!({ "fr": sheet() }), "/content/staff/fr"),
        (json!({ "en": { "phone": "x".repeat(2_001) } }), "/content/staff/en/phone"),
    ] {
        let refused = api.post("author", &path, json!({ "content": content(&api, staff) })).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json["pointer"].as_str()),
            (422, Some(pointer)),
            "{}",
            refused.text
        );
    }
    let misspelt =
        api.post("author", &path, json!({ "content": content(&api, json!({ "en": { "fone": "x" } })) })).await;
    assert_eq!(misspelt.status, 422, "{}", misspelt.text);
    let mut named = content(&api, json!({}));
    named["channels"] = json!(["banner", "staff_chat"]);
    let named = api.post("author", &path, json!({ "content": named })).await;
    assert_eq!(named.status, 422, "{}", named.text);

    // What customers may not read, colleagues may not say to them; half an answer is none.
    let mut half = content(
        &api,
        json!({ "en": { "answers": [{ "question": "When?" }], "phone": "Our supplier broke it.", "avoid": ["Our supplier broke it."] } }),
    );
    half["next_update_at"] = json!(api.app.world.clock.now() + SignedDuration::from_mins(40));
    let update = api.post("author", &path, json!({ "content": half })).await;
    let refused = api.post("author", &format!("/updates/{}/submit", update.json["id"]), json!({})).await;
    let found: BTreeSet<(String, String)> = refused.json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            (finding["rule"].as_str().unwrap().to_owned(), finding["field"].as_str().unwrap_or_default().to_owned())
        })
        .collect();
    let pair = |rule: &str, field: &str| (rule.to_owned(), field.to_owned());
    assert_eq!(found, BTreeSet::from([pair("blame", "staff/phone"), pair("staff_half", "staff/answers/0/answer")]));
}
