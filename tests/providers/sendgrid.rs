//! `sendgrid` beside SendGrid's own client for Node: both ask alike and are answered alike; its library believes the
//! events that we believe.

use onevoice_channels::contract::{Outcome, Reason};
use onevoice_channels::testkit::{
    self, Expect, SECRET, SECRET_FILE,
    http_server::{HttpAnswer, HttpServer},
};
use serde_json::json;

use super::mail;
use crate::parts::{folder, vendors};

const TO: &str = "reader@example.test";
const MAIL: &str = concat!(
    "To: reader@example.test\r\n",
    "Message-ID: <12-email-1@sender.test>\r\n",
    "Date: Sun, 1 Mar 2026 12:00:00 +0000\r\n",
    "In-Reply-To: <11-email-1@sender.test>\r\nReferences: <11-email-1@sender.test>\r\n",
    "List-Unsubscribe: <https://alerts.example/u/abc>\r\n",
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    "From: =?utf-8?b?QmFuayBGw7xuZg==?= <alerts@sender.test>\r\n",
    "Reply-To: help@sender.test\r\n",
    "Subject: =?utf-8?q?St=C3=B6rung?=\r\n",
    "List-Id: <updates.sender.test>\r\n",
    "Auto-Submitted: auto-generated\r\n",
    "MIME-Version: 1.0\r\n",
    "Content-Type: multipart/alternative; boundary=\"=_x\"\r\n\r\n",
    "--=_x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
    "Karten gehen gerade nicht.\r\n",
    "--=_x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
    "<p>Karten gehen gerade nicht.</p>\r\n--=_x--\r\n",
);

#[tokio::test]
async fn its_own_client_writes_the_same_mail() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, "").with_header("x-message-id", "14c5d75ce93.dfd")).await;
    let settings = json!({ "kind": "sendgrid", "api_key": { "file": SECRET_FILE }, "endpoint": server.url("") });
    let parcel = mail(1, TO, MAIL.as_bytes());
    let ours = testkit::provider(settings, &testkit::world()).send(&parcel).await;
    let off = json!({ "enable": false });
    let theirs = json!({
        "personalizations": [{ "to": [{ "email": TO }], "customArgs": { "onevoice": parcel.token } }],
        "from": { "email": "alerts@sender.test", "name": "Bank Fünf" },
        "replyTo": { "email": "help@sender.test" },
        "subject": "Störung",
        "content": [
            { "type": "text/plain", "value": "Karten gehen gerade nicht." },
            { "type": "text/html", "value": "<p>Karten gehen gerade nicht.</p>" },
        ],
        "headers": {
            "Message-ID": "<12-email-1@sender.test>",
            "In-Reply-To": "<11-email-1@sender.test>",
            "References": "<11-email-1@sender.test>",
            "List-Unsubscribe": "<https://alerts.example/u/abc>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            // Names have no case; this is how the registry of header names writes it.
            "List-ID": "<updates.sender.test>",
            "Auto-Submitted": "auto-generated",
        },
        "trackingSettings": { "clickTracking": off, "openTracking": off, "subscriptionTracking": off },
    });
    let said = vendors::ask("sendgrid.cjs", &json!({ "url": server.url(""), "key": SECRET, "mail": theirs })).await;
    assert_eq!(said, json!({ "status": 202, "id": "14c5d75ce93.dfd" }));
    assert_eq!(ours, Outcome::Accepted { reference: Some("14c5d75ce93.dfd".to_owned()), parts: 1 });
    let seen = server.seen();
    assert_eq!((seen.len(), &seen[0].method, &seen[0].target), (2, &seen[1].method, &seen[1].target));
    assert_eq!(seen[0].json(), seen[1].json());
    for header in ["authorization", "content-type"] {
        assert_eq!(seen[0].headers[header], seen[1].headers[header]);
    }
}

#[tokio::test]
async fn its_own_client_reads_the_same_refusal() {
    let refusal = r#"{"errors":[{"message":"Maximum credits exceeded","field":null,"help":null}]}"#;
    let server = HttpServer::start(move |_| HttpAnswer::reply(401, refusal)).await;
    let settings = json!({ "kind": "sendgrid", "api_key": { "file": SECRET_FILE }, "endpoint": server.url("") });
    let ours = testkit::provider(settings, &testkit::world()).send(&mail(1, TO, MAIL.as_bytes())).await;
    assert_eq!(Expect::of(&ours), Expect::Later(Reason::Quota));
    let mail = json!({ "to": TO, "from": "alerts@sender.test", "subject": "s", "text": "t" });
    let said = vendors::ask("sendgrid.cjs", &json!({ "url": server.url(""), "key": SECRET, "mail": mail })).await;
    assert_eq!(said, json!({ "status": 401, "said": "Maximum credits exceeded" }));
}

#[tokio::test]
async fn its_own_library_believes_the_same_events() {
    let recorded = folder::source().join("channels/testdata/sendgrid");
    let read = |name: &str| std::fs::read_to_string(recorded.join(name)).expect("a recorded file");
    let (body, signature) = (read("events.json"), read("signature.txt"));
    let case = |body: &str| json!({ "body": body, "signature": signature });
    let cases = [case(&body), case(&body.replace("delivered", "bounce"))];
    let given = json!({ "key": read("public_key.txt"), "timestamp": "1772366400", "cases": cases });
    assert_eq!(vendors::ask("sendgrid_events.cjs", &given).await, json!([true, false]));
}
