//! What other programs are told, checked by the vendors' own library as docs/webhooks.md shows it: nothing is lost where the
//! daemon ends between a commit and its delivery, and each is signed by both keys while one is changed.

use std::{os::unix::process::ExitStatusExt as _, process::Command};

use onevoice_channels::testkit::http_server::{HttpAnswer, HttpRequest, HttpServer};
use serde_json::{Value, json};

use super::{Site, Start, content, failpoints::need_failpoints, person};
use crate::parts::{folder, process, ready};

const DOCUMENT: &str = include_str!("../../docs/webhooks.md");
const KEYS: [&str; 2] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];

/// What the document's receiver makes of calls: the type of each, or the name of what it raised.
async fn received(key: &str, calls: &[HttpRequest], age: i64) -> Vec<String> {
    let shown = DOCUMENT.split("```python").nth(1).and_then(|rest| rest.split("```").next()).expect("a receiver");
    let calls: Vec<Value> = calls
        .iter()
        .map(|call| {
            let mut headers = call.headers.clone();
            if let Some(stamp) = headers.get_mut("webhook-timestamp") {
                *stamp = (stamp.parse::<i64>().expect("seconds") - age).to_string();
            }
            json!({ "headers": headers, "body": String::from_utf8_lossy(&call.body) })
        })
        .collect();
    let script = format!(
        "{shown}\nimport json, sys\nresult = []\nfor call in json.loads(sys.argv[2]):\n    try:\n        \
         result.append(handle(sys.argv[1], call['headers'], call['body']))\n    except Exception as error:\n        \
         result.append(type(error).__name__)\nprint(json.dumps(result))\n"
    );
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", folder::installed("pip/standardwebhooks"));
    command.args(["-c", &script, key, &json!(calls).to_string()]);
    serde_json::from_str(&process::run(command).await).expect("the script prints JSON")
}

#[tokio::test]
async fn every_event_arrives_signed_although_the_daemon_ends_before_it_is_delivered() {
    need_failpoints();
    let server = HttpServer::start(|_| HttpAnswer::reply(204, "")).await;
    let providers = "[[webhooks.endpoint]]\nname = \"tickets\"\nurl = { file = \"url\" }\nallow_networks = [\"127.0.0.1\"]\n\
        secrets = [{ file = \"new\" }, { file = \"old\" }]\n\
        [[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n";
    let folder = folder::work();
    for (name, text) in [("url", server.url("/hook").as_str()), ("new", KEYS[1]), ("old", KEYS[0])] {
        std::fs::write(folder.path().join(name), text).expect("the folder is writable");
    }
    let people = [person("c1", "Maria", Some("maria@example.test"), None)];
    let site = Site::at(folder, providers, &people).await;
    // It ends when the broadcast is complete and committed, and nobody was told.
    let daemon = site.start_as(&Start { env: &[("ONEVOICE_FAILPOINT", "closed:1")], ..Start::default() }).await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    approver.approve_and_crash(update, &submitted).await;
    assert_eq!(daemon.gone().await.signal(), Some(6));
    let daemon = site.start().await;
    let wanted = [
        "incident.opened",
        "update.submitted",
        "update.approved",
        "broadcast.started",
        "incident.status_changed",
        "promise.made",
        "broadcast.completed",
    ];
    let calls = ready::until("every event", async || {
        let mut calls = server.seen();
        let id = |call: &HttpRequest| call.headers["webhook-id"].clone();
        // One that was taken just before the end may come again, with its id.
        calls.dedup_by_key(|call| id(call));
        (calls.len() == wanted.len()).then_some(calls)
    })
    .await;
    for key in KEYS {
        assert_eq!(received(key, &calls, 0).await, wanted);
    }
    let refused = received(KEYS[0], &calls[..1], 600).await;
    assert_eq!(refused, ["WebhookVerificationError"], "an old call");
    let other = received("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &calls[..1], 0).await;
    assert_eq!(other, ["WebhookVerificationError"]);
    let told =
        String::from_utf8_lossy(&calls.iter().flat_map(|call| call.body.clone()).collect::<Vec<u8>>()).into_owned();
    assert!(!told.contains("payments") && !told.contains("maria"), "neither text nor address: {told}");
    assert!(daemon.stop().await.success());
}
