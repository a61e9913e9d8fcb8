//! Machines announce: a real Alertmanager and the scripts of docs/machines.md, as they are written there, against the demo.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::{
    parts::{alertmanager::Alertmanager, folder, http, port, process, ready},
    site::Client,
};

const DOCUMENT: &str = include_str!("../../docs/machines.md");

/// What stands in the document after a first line.
fn shown(first: &str) -> &'static str {
    let start = DOCUMENT.find(first).unwrap_or_else(|| panic!("docs/machines.md shows {first:?}"));
    DOCUMENT[start..].split("```").next().expect("the block ends")
}

/// The demo as a process, with its key.
pub(super) struct Demo {
    _child: Child,
    pub client: Client,
    folder: tempfile::TempDir,
    token: String,
    oauth: String,
}

impl Demo {
    async fn start() -> Demo {
        Demo::start_with(&[]).await
    }

    /// The same with these variables in its environment.
    pub async fn start_with(env: &[(&str, &str)]) -> Demo {
        let (folder, port) = (folder::work(), port::free());
        let printed = folder.path().join("demo.txt");
        let out = std::fs::File::create(&printed).expect("the folder is writable");
        let child = Command::new(env!("CARGO_BIN_EXE_onevoice"))
            .args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(folder.path().join("data"))
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stderr(out.try_clone().expect("a file can be shared"))
            .stdout(out)
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let text = ready::until("the demo to say what it has", async || {
            std::fs::read_to_string(&printed).ok().filter(|text| text.contains("Ctrl-C"))
        })
        .await;
        let after = |what: &str| {
            let rest = text.split(what).nth(1).unwrap_or_else(|| panic!("the demo prints {what:?}: {text}"));
            rest.split_whitespace().next().unwrap_or_default().to_owned()
        };
        let (key, token) = (after("Key for programs of Ana Ruiz:"), after("/intake/alertmanager bearer token"));
        let oauth = after("/intake/statuspage/statuspage/v1 OAuth key");
        let client = Client { http: http::client(), base: format!("http://127.0.0.1:{port}"), token: key };
        Demo { _child: child, client, folder, token, oauth }
    }

    /// The incidents, the oldest first.
    pub async fn incidents(&self) -> Vec<Value> {
        let mut all = self.client.get("/incidents").await["items"].as_array().cloned().expect("a list");
        all.reverse();
        all
    }

    /// Runs a script of the document; its exit code.
    pub async fn script(&self, text: &str) -> i32 {
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_onevoice")).parent().expect("it lies in a folder");
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").expect("there is a PATH"));
        let output = Command::new("sh")
            .args(["-c", text])
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("ONEVOICE_URL", &self.client.base)
            .env("ONEVOICE_KEY", &self.client.token)
            .stdin(Stdio::null())
            .output()
            .await
            .expect("a shell starts");
        eprintln!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        output.status.code().unwrap_or(-1)
    }

    /// Waits until a broadcast has reached somebody on every channel.
    async fn reached_everywhere(&self, broadcast: i64) {
        let channels = ["email", "sms", "mastodon", "bluesky", "banner", "status_page"];
        ready::until("every channel to be reached", async || {
            let ask = self.client.http.get(format!("{}/api/v1/broadcasts/{broadcast}", self.client.base));
            let seen = self.client.ask(ask).await.ok()?;
            let reached = |channel: &&str| {
                let outcomes = &seen["progress"]["channels"][*channel]["outcomes"];
                ["accepted", "delivered"].iter().any(|outcome| outcomes[*outcome].as_i64().unwrap_or(0) > 0)
            };
            channels.iter().all(reached).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn an_alert_of_alertmanager_reaches_every_channel_with_no_person_and_its_end_closes_it() {
    let demo = Demo::start().await;
    let configuration = shown("# alertmanager.yml").replace("https://status.acme.example", &demo.client.base);
    let alertmanager = Alertmanager::start(&configuration).await;
    let token = alertmanager.file("onevoice-token");
    std::fs::write(&token, "another").expect("the folder is writable");
    let labels = |instance: &str| json!({ "alertname": "PaymentsDown", "severity": "page", "instance": instance });
    alertmanager.alert(&labels("a"), false).await;
    alertmanager.alert(&labels("b"), false).await;
    // What was refused is sent again, until it is taken.
    alertmanager.refused().await;
    assert!(demo.incidents().await.is_empty());
    std::fs::write(&token, &demo.token).expect("the folder is writable");

    ready::until("the incident", async || (!demo.incidents().await.is_empty()).then_some(())).await;
    demo.reached_everywhere(1).await;
    // Partly over is not over.
    alertmanager.alert(&labels("a"), true).await;
    ready::until("the call that says so", async || {
        let calls = demo.client.get("/intake/calls").await;
        calls["items"].as_array()?.iter().any(|call| call["verdict"]["over"] == 1).then_some(())
    })
    .await;
    assert_eq!(demo.client.get("/intake/voices").await["items"][0]["state"], "speaking");
    alertmanager.alert(&labels("b"), true).await;
    ready::until("the incident to be over", async || (!demo.incidents().await[0]["ended_at"].is_null()).then_some(()))
        .await;
    demo.reached_everywhere(2).await;
    let incident = demo.client.get("/incidents/1").await;
    let said: Vec<&str> = incident["updates"]
        .as_array()
        .expect("updates")
        .iter()
        .filter_map(|one| one["content"]["status"].as_str())
        .collect();
    assert_eq!((said, demo.incidents().await.len()), (vec!["investigating", "resolved"], 1));
    assert_eq!(demo.client.get("/updates/1").await["state"], "approved");
}

#[tokio::test]
async fn the_scripts_of_the_document_do_what_it_says() {
    let demo = Demo::start().await;
    let smoke = |code: &str| {
        let path = demo.folder.path().join("smoke-test");
        std::fs::write(&path, format!("#!/bin/sh\nexit {code}\n")).expect("the folder is writable");
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it can be run");
    };
    smoke("0");
    assert_eq!(demo.script(shown("# ci-smoke.sh")).await, 0, "nothing is open, so there is nothing to say");
    assert!(demo.incidents().await.is_empty());
    smoke("1");
    assert_eq!(demo.script(shown("# ci-smoke.sh")).await, 1);
    assert_eq!(demo.incidents().await[0]["title"], "Payments are failing");
    smoke("0");
    assert_eq!(demo.script(shown("# ci-smoke.sh")).await, 0);
    ready::until("it to be over", async || (!demo.incidents().await[0]["ended_at"].is_null()).then_some(())).await;

    // The same stage of the same prepared message within a minute may wait for an approval: either way it is one incident.
    assert_eq!(demo.script(shown("curl -fsS \"$ONEVOICE_URL")).await, 0);
    assert_eq!(demo.incidents().await.len(), 2);
    let line = shown("# /etc/cron.d/shop").lines().nth(1).expect("the line of the crontab");
    let command = line.split_once(" root ").expect("a user").1;
    std::fs::write(demo.folder.path().join("cron.env"), "export ONEVOICE_URL ONEVOICE_KEY\n").expect("writable");
    let command = command.replace("/etc/onevoice", demo.folder.path().to_str().expect("UTF-8"));
    let health = |at: &str| command.replace("https://shop.acme.example/health", at);
    assert_eq!(demo.script(&health(&format!("{}/healthz", demo.client.base))).await, 0);
    assert_eq!(demo.incidents().await.len(), 2);
    let down = demo.script(&health(&format!("http://127.0.0.1:{}/", port::free()))).await;
    assert!([0, 4].contains(&down) && demo.incidents().await.len() == 3, "{down}");
    let unknown = "onevoice announce --playbook teapots --stage resolved --key x";
    assert_eq!(demo.script(unknown).await, 1);
    assert_eq!(demo.script("onevoice announce --playbook alarm-payments --stage resolved").await, 2);
    let dry = "onevoice announce --playbook several-services --stage investigating --key y --dry-run";
    assert_eq!(demo.script(dry).await, 0);
    assert_eq!(demo.incidents().await.len(), 3);
}

/// What PyPI's client of Statuspage makes of the demo.
async fn statuspage(demo: &Demo, key: &str, does: &str, id: &str) -> Value {
    let mut command = std::process::Command::new(folder::installed("venv").join("bin/python"));
    let packages =
        ["atlassian-statuspage", "lambda-thread-pool", "six"].map(|name| folder::installed(&format!("pip/{name}")));
    command.env("PYTHONPATH", std::env::join_paths(packages).expect("paths of ours"));
    command.arg(folder::source().join("tests/parts/statuspage_client.py"));
    command.args([&format!("{}/intake/statuspage/statuspage/v1", demo.client.base), key, does, id]);
    serde_json::from_str(&process::run(command).await).expect("the script prints JSON")
}

#[tokio::test]
async fn a_client_of_statuspage_has_an_incident_announced_and_closed() {
    let demo = Demo::start().await;
    assert_eq!(statuspage(&demo, "another", "create", "").await, json!({ "refused": 401 }));
    let made = statuspage(&demo, &demo.oauth, "create", "").await;
    assert_eq!((&made["status"], &made["impact"]), (&json!("investigating"), &json!("critical")), "{made}");
    assert_eq!(made["components"], json!([["1", "major_outage"]]));
    ready::until("the incident", async || (!demo.incidents().await.is_empty()).then_some(())).await;
    let id = made["id"].as_str().expect("an id");
    let changed = statuspage(&demo, &demo.oauth, "resolve", id).await;
    assert_eq!(
        (&changed["status"], &changed["updates"], &changed["unresolved"]),
        (&json!("resolved"), &json!(2), &json!([]))
    );
    ready::until("the incident to be over", async || (!demo.incidents().await[0]["ended_at"].is_null()).then_some(()))
        .await;
    assert_eq!(
        statuspage(&demo, &demo.oauth, "component", "1").await,
        json!({ "before": "operational", "after": "partial_outage" })
    );
    assert_eq!(statuspage(&demo, &demo.oauth, "resolve", "nobody").await, json!({ "refused": 404 }));
}
