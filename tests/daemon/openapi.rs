//! The daemon is held to its OpenAPI document by schemathesis: whatever is asked, it has no fault of its own, and answers with
//! a status, a content type and a shape that the document says.

use std::process::Command;

use serde_json::json;

use super::{Site, content, person};
use crate::parts::{folder, process};

/// What is not asked, and why.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "ends the session that asks, or takes away what it may do",
        &[
            "signOut",
            "endOwnSessions",
            "changeOwnPassword",
            "changePerson",
            "offerSecondFactor",
            "confirmSecondFactor",
            "renewRecoveryCodes",
            "removeSecondFactor",
            "removePasskey",
            "resetSecondFactor",
        ],
    ),
    ("has everybody wait after some wrong passwords", &["signIn"]),
    ("writes a file to a path of the daemon's machine", &["backUp"]),
    ("stops everything, which then hides what the others do", &["stopEverything", "startAgain"]),
    ("is a stream that does not end", &["followBroadcast"]),
];

#[tokio::test]
async fn whatever_is_asked_is_answered_as_the_document_says() {
    let providers: String = ["email", "sms", "mastodon"]
        .map(|channel| format!("[[provider]]\nname = \"{channel}\"\nkind = \"outbox\"\nchannel = \"{channel}\"\n"))
        .concat();
    let people = [person("c1", "Maria", Some("maria@example.test"), Some("+447700900001"))];
    let site = Site::new(&providers, &people).await;
    let daemon = site.start().await;
    // Something to ask about.
    let (ada, ana) = (daemon.sign_in("ada@acme.example").await, daemon.sign_in("ana@acme.example").await);
    let incident = ana.incident().await;
    ana.submit(incident, content("identified", "Card payments are failing")).await;
    ada.post("/segments", &json!({ "name": "English", "filter": "locale = \"en\"" })).await;

    let binary = folder::installed("schemathesis/bin/schemathesis");
    let mut command = Command::new(&binary);
    command.current_dir(site.folder.path()).env("PYTHONDONTWRITEBYTECODE", "1");
    command.args(["run", &format!("{}/openapi.json", daemon.base), "--url", &format!("{}/api/v1", daemon.base)]);
    command.args(["--header", &format!("Authorization: Bearer {}", ada.token)]);
    command.args([
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
    ]);
    // The cases at the edges of each schema, and one of chance, which are the same each time.
    command.args(["--phases", "coverage,fuzzing", "--max-examples", "1", "--generation-deterministic"]);
    command.args(["--warnings", "off", "--no-color", "--suppress-health-check", "all"]);
    command.args(["--no-shrink", "--request-timeout", "60"]);
    for id in LEFT_OUT.iter().flat_map(|(_, ids)| *ids) {
        command.args(["--exclude-operation-id", id]);
    }
    let said = process::ended(command).await;
    assert!(said.starts_with("0\n"), "{said}");
    let operations = said.split("Selected: ").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    assert!(operations.parse::<usize>().is_ok_and(|count| count > 100), "{said}");
    assert!(daemon.stop().await.success());
}
