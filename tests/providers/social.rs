//! Accounts that no server is to be had of: what we ask for is what the places' own clients, or the ones that most
//! people use, ask for; and X's own library counts no more than we do.

use std::sync::Arc;

use onevoice_channels::contract::{Channel, Outcome, Provider, TextUnit};
use onevoice_channels::testkit::http_server::{HttpAnswer, HttpRequest, HttpServer};
use onevoice_channels::{testkit, text};
use serde_json::{Value, json};

use super::{accepted, accepted_parts, posts};
use crate::parts::node;

const TEXT: &str = "Cards (all) fail. #outage https://status.example/a_b";

fn x(server: &HttpServer) -> Arc<dyn Provider> {
    let secrets = [
        ("/api_key", "key of & the app"),
        ("/api_key_secret", "secret+of/the=app"),
        ("/access_token", "1-token"),
        ("/access_token_secret", "secret of the token"),
    ];
    super::provider(json!({ "kind": "x", "base_url": server.url("") }), &secrets, &testkit::world())
}

#[tokio::test]
async fn another_library_signs_our_requests_to_x_alike() {
    let server = HttpServer::start(|request| match request.method.as_str() {
        "DELETE" => HttpAnswer::reply(200, r#"{"data":{"deleted":true}}"#),
        _ => HttpAnswer::reply(201, r#"{"data":{"id":"71"}}"#),
    })
    .await;
    let provider = x(&server);
    let parcel = posts(Channel::X, 1, &[TEXT]);
    let (reference, _) = accepted(provider.send(&parcel).await);
    assert_eq!(accepted_parts(provider.withdraw(&parcel, Some(&reference)).await), 1);
    for request in server.seen() {
        let url = server.url(&request.target);
        let header = request.headers["authorization"].as_str();
        let arguments = [&*request.method, &*url, header, "secret+of/the=app", "secret of the token"];
        let seen = node::run("providers/signed.cjs", &arguments).await;
        assert_eq!(seen["ours"], seen["theirs"], "{} {seen}", request.method);
        assert_eq!(seen["token"], "1-token");
    }
}

#[tokio::test]
async fn the_client_that_most_people_use_asks_x_for_the_same() {
    let answer = |request: &HttpRequest| match request.method.as_str() {
        "DELETE" => HttpAnswer::reply(200, r#"{"data":{"deleted":true}}"#),
        _ => HttpAnswer::reply(201, r#"{"data":{"id":"71"}}"#).with_header("content-type", "application/json"),
    };
    let (ours, theirs) = (HttpServer::start(answer).await, HttpServer::start(answer).await);
    let provider = x(&ours);
    // A thread of two, as its second part answers the first.
    let parcel = posts(Channel::X, 1, &[TEXT, TEXT]);
    let references = match provider.send(&parcel).await {
        Outcome::Accepted { reference, .. } => reference.expect("posts have names"),
        other => panic!("{other:?}"),
    };
    provider.withdraw(&parcel, Some(&references)).await;
    let seen = node::run("providers/posts.cjs", &["x", &theirs.url(""), TEXT]).await;
    assert_eq!(seen["deleted"], true, "{seen}");
    let (ours, theirs) = (ours.seen(), theirs.seen());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!((&ours.method, &ours.target), (&theirs.method, &theirs.target));
        if ours.method == "POST" {
            assert_eq!(ours.json(), theirs.json());
        }
    }
    assert!(ours.len() >= 3 && theirs.len() == 3, "{ours:?}");
}

#[tokio::test]
async fn x_counts_no_more_than_we_do_and_what_people_write_just_as_we_do() {
    let alike = [
        "Power is out.",
        "Die Störung ist behoben – danke für Ihre Geduld. “Wir” haben…",
        "see https://status.acme.com/incidents/7?full=yes.",
        "(https://status.acme.de/incidents/7) and https://acme.io/",
        "https://example.com/incidents/4711\n\nNext update 11:30 London time.",
        "我们正在处理 停电 한글 かな",
        "Привет, мир",
        "cafe\u{301} ÅNGSTRÖM",
        "👩‍👩‍👧 👍🏿 🇩🇪 1️⃣ ☀️ ⚠️ ✅",
        "@press #outage $ACME mail@acme.com",
        "",
    ];
    // Whatever comes of joining these, without a space or with one.
    let pieces = [
        "a",
        "é",
        "停電",
        "👩‍👩‍👧",
        "⚠️",
        "https://acme.com/a",
        "http://a.b.io",
        "acme.com",
        "status.acme.example/x",
        "https://x.invalid/y",
        "e.g.",
        "3.5",
        "“",
        "…",
        "(",
        ")",
        "@press",
        "#tag",
        "/",
        "http://",
        "https://acme.com/停電",
        "www.acme.co.uk?a=b&c",
        "\u{200d}",
        "acme.com.",
        "-",
        "_",
        "https://acme.com:8080/p#q",
    ];
    let mut joined: Vec<String> = Vec::new();
    for first in pieces {
        for second in pieces {
            joined.extend([format!("{first}{second}"), format!("{first} {second} {first}")]);
        }
    }
    let texts: Vec<&str> = alike.into_iter().chain(joined.iter().map(String::as_str)).collect();
    let theirs = node::run("providers/weighted.cjs", &[&json!(texts).to_string()]).await;
    for (place, text) in texts.iter().enumerate() {
        let (ours, theirs) =
            (u64::from(text::count(text, TextUnit::XCharacters)), theirs[place].as_u64().expect("a number"));
        assert!(ours >= theirs, "{text:?}: X counts {theirs}, we {ours}");
        assert!(place >= alike.len() || ours == theirs, "{text:?}: X counts {theirs}, we {ours}");
    }
}

/// What a server was asked, by our provider and by the script.
async fn asked(
    kind: &str,
    settings: Value,
    channel: Channel,
    answer: fn(&HttpRequest) -> HttpAnswer,
) -> [Vec<HttpRequest>; 2] {
    let mut seen = Vec::new();
    for script in [false, true] {
        let server = HttpServer::start(answer).await;
        if script {
            let theirs = node::run("providers/posts.cjs", &[kind, &server.url(""), TEXT]).await;
            assert_eq!(theirs["deleted"], true, "{theirs}");
        } else {
            let mut settings = settings.clone();
            let base = settings["base_url"].as_str().expect("a path").to_owned();
            settings["base_url"] = json!(server.url(&base));
            let provider = super::provider(settings, &[("/access_token", "token")], &testkit::world());
            let parcel = posts(channel, 1, &[TEXT]);
            let (reference, _) = accepted(provider.send(&parcel).await);
            assert_eq!(accepted_parts(provider.withdraw(&parcel, Some(&reference)).await), 1);
        }
        seen.push(server.seen());
    }
    seen.try_into().expect("two")
}

#[tokio::test]
async fn facebooks_own_client_asks_for_the_same() {
    let settings = json!({ "kind": "facebook", "base_url": "/v24.0", "page_id": "100" });
    let [ours, theirs] = asked("facebook", settings, Channel::Facebook, |request| match request.method.as_str() {
        "DELETE" => HttpAnswer::reply(200, r#"{"success":true}"#),
        _ => HttpAnswer::reply(200, r#"{"id":"100_7"}"#).with_header("content-type", "application/json"),
    })
    .await;
    assert_eq!(ours.len(), 2);
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!((&ours.method, ours.path()), (&theirs.method, theirs.path()));
        assert_eq!(theirs.query()["access_token"], "token");
        // The Graph API takes a token either way; a header is written into fewer logs.
        assert_eq!(ours.headers["authorization"], "Bearer token");
    }
    assert_eq!(ours[0].json()["message"], theirs[0].json()["message"]);
}

#[tokio::test]
async fn linkedins_own_client_asks_for_the_same() {
    let settings = json!({ "kind": "linkedin", "base_url": "", "organization": "2414183" });
    let [ours, theirs] = asked("linkedin", settings, Channel::Linkedin, |request| match request.method.as_str() {
        "DELETE" => HttpAnswer::reply(204, ""),
        _ => HttpAnswer::reply(201, "").with_header("x-restli-id", "urn:li:share:6844785523593134080"),
    })
    .await;
    assert_eq!((ours.len(), theirs.len()), (2, 2));
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!((&ours.method, &ours.target), (&theirs.method, &theirs.target));
        for header in ["linkedin-version", "x-restli-protocol-version", "authorization"] {
            assert_eq!(ours.headers[header], theirs.headers[header], "{header}");
        }
    }
    assert_eq!(ours[1].headers["x-restli-method"], theirs[1].headers["x-restli-method"].to_uppercase());
}
