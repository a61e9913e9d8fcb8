use std::time::Duration;

use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET, Script,
    http_server::{HttpAnswer, HttpServer},
    parcels,
    suite::{Server, Withdrawal},
};

/// 24 bytes.
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(super) fn case() -> Case {
    use Reason::*;
    let rows = || {
        vec![
            Row::http(200, "", Expect::Accepted),
            Row::http(204, "", Expect::Accepted),
            Row::http(400, "no", Expect::Rejected(BadContent)),
            Row::http(401, "no", Expect::Later(Unauthorized)),
            Row::http(403, "no", Expect::Later(Unauthorized)),
            Row::http(404, "no", Expect::Rejected(NoSuchAddress)),
            Row::http(410, "no", Expect::Rejected(NoSuchAddress)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(408, "", Expect::InDoubt),
            Row::http(500, "no", Expect::InDoubt),
            Row::http(502, "no", Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row {
                script: Script::Http(HttpAnswer::reply(429, "").with_header("retry-after", "9")),
                expect: Expect::LaterAfter(Throttled, Duration::from_secs(9)),
            },
        ]
    };
    Case {
        settings: Box::new(settings),
        secrets: vec!["/webhook_url", "/signing_key"],
        parcel: parcels::post(Channel::Webhook, &["We know of the outage."]),
        server: Server::Http(|_| None),
        rows: rows(),
        withdrawal: Some(Withdrawal { reference: "0", rows: rows() }),
        refuses_credentials: None,
    }
}

fn settings(port: u16, impatient: bool) -> Value {
    let address = format!("http://127.0.0.1:{port}/hooks/{SECRET}");
    json!({
        "kind": "webhook",
        "webhook_url": { "file": testkit::secret_file(&address) },
        "signing_key": { "file": testkit::secret_file(KEY) },
        "allow_networks": ["127.0.0.0/8"],
        "timeout_seconds": if impatient { 1 } else { 30 },
    })
}

#[tokio::test]
async fn a_repeat_has_the_same_id_and_body_and_its_own_time() {
    let server = HttpServer::start(|_| HttpAnswer::reply(200, "")).await;
    let world = testkit::world();
    let provider = testkit::provider(settings(server.port, false), &world);
    let mut parcel = parcels::post(Channel::Webhook, &["We know \"it\".\n\nMore."]);
    parcel.thread = Some(crate::social::thread("a", "b"));
    let outcome = provider.send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some(parcel.token.clone()), parts: 1 });
    world.clock.sleep(Duration::from_secs(90)).await;
    assert_eq!(provider.send(&parcel).await, outcome);
    let seen = server.seen();
    assert_eq!(seen[0].body, seen[1].body);
    assert_eq!(seen[0].headers["webhook-id"], parcel.token);
    assert_eq!(seen[0].headers["webhook-id"], seen[1].headers["webhook-id"]);
    let times = [&seen[0], &seen[1]].map(|request| request.headers["webhook-timestamp"].parse::<i64>().unwrap());
    assert_eq!(times[1] - times[0], 90);
    assert_ne!(seen[0].headers["webhook-signature"], seen[1].headers["webhook-signature"]);
    let data = seen[0].json()["data"].clone();
    assert_eq!(
        data,
        json!({ "delivery": "12-webhook-0", "language": "en-GB", "text": "We know \"it\".\n\nMore.", "first": "a", "previous": "b" })
    );
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_called() {
    let server = HttpServer::start(|_| HttpAnswer::reply(200, "")).await;
    let mut settings = settings(server.port, false);
    let address = format!("http://localhost:{}/hooks/{SECRET}", server.port);
    settings["webhook_url"] = json!({ "file": testkit::secret_file(&address) });
    settings["allow_networks"] = json!([]);
    let outcome =
        testkit::provider(settings, &testkit::world()).send(&parcels::post(Channel::Webhook, &["news"])).await;
    assert!(
        matches!(&outcome, Outcome::Later { reason: Reason::Unreachable, detail, .. } if detail.contains("allow_networks")),
        "{outcome:?}"
    );
    assert!(server.seen().is_empty());
}

#[test]
fn settings_that_cannot_be_used_are_refused_by_their_key() {
    let refused = |key: &str, value: Value| {
        let mut wanted = settings(1, false);
        wanted[key] = value;
        let read: crate::registry::ProviderSettings = serde_json::from_value(wanted).unwrap();
        read.validate().unwrap_err()
    };
    let private = refused("allow_networks", json!([]));
    assert!(private.key == "webhook_url" && private.message.contains("allow_networks"), "{private}");
    let file = |text: &str| json!({ "file": testkit::secret_file(text) });
    for (key, value) in [
        ("allow_networks", json!(["10.0.0.0/40"])),
        ("signing_key", file("whsec_c2hvcnQ=")),
        ("signing_key", file("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
        ("timeout_seconds", json!(0)),
    ] {
        assert_eq!(refused(key, value).key, key);
    }
}
