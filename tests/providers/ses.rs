//! `ses` against moto, and its signatures against Amazon's own and another's library.

use std::sync::Arc;

use onevoice_channels::contract::{Content, Outcome, Provider, Reason};
use onevoice_channels::testkit::{
    self, Expect, SECRET, SECRET_FILE,
    http_server::{HttpAnswer, HttpServer},
};
use serde_json::json;

use super::{accepted, letter};
use crate::parts::{
    folder,
    moto::{self, Moto},
    vendors,
};

fn provider(url: &str) -> Arc<dyn Provider> {
    let settings = json!({
        "kind": "ses", "region": "eu-west-1", "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": { "file": SECRET_FILE }, "endpoint": url,
    });
    testkit::provider(settings, &testkit::world())
}

#[tokio::test]
async fn a_mail_arrives_byte_for_byte() {
    let moto = Moto::start("sender.test").await;
    let parcel = letter(1, "reader@example.test", "Störung bei Kartenzahlungen\r\n.\r\n..\r\n");
    let (reference, parts) = accepted(provider(&moto.url).send(&parcel).await);
    let taken = moto.taken().await;
    let Content::Mail { raw, .. } = &parcel.content else { unreachable!("a letter is a mail") };
    assert_eq!((taken.len(), parts, taken[0].id.as_str()), (1, 1, reference.as_str()));
    assert_eq!(taken[0].raw_data.as_bytes(), raw.as_ref());
    assert_eq!(taken[0].destinations[0], "reader@example.test");
}

#[tokio::test]
async fn a_sender_that_is_not_ours_is_refused_with_its_reason() {
    let moto = Moto::start("other.test").await;
    let outcome = provider(&moto.url).send(&letter(1, "reader@example.test", "text")).await;
    assert_eq!(Expect::of(&outcome), Expect::Rejected(Reason::BadContent));
    let Outcome::Rejected { detail, .. } = outcome else { unreachable!("it is rejected") };
    assert_eq!(detail, "400 MessageRejected Did not have authority to send from email …");
    assert!(moto.taken().await.is_empty());
}

#[tokio::test]
async fn amazons_own_client_signs_alike() {
    let server = HttpServer::start(|_| HttpAnswer::reply(200, r#"{"MessageId":"0102"}"#)).await;
    let provider = provider(&server.url(""));
    accepted(provider.send(&letter(1, "reader@example.test", "Störung")).await);
    // It is no account; what counts is how it was asked.
    let _ = provider.check().await;
    let seen = server.seen();
    assert_eq!(seen.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), ["POST", "GET"]);
    for request in seen {
        let given = json!({
            "method": request.method, "url": server.url(&request.target), "date": request.headers["x-amz-date"],
            "content_type": request.headers["content-type"], "body": String::from_utf8_lossy(&request.body),
            "key_id": "AKIDEXAMPLE", "secret": SECRET,
        });
        assert_eq!(request.headers["authorization"], moto::boto("sign", &given).await);
    }
}

#[tokio::test]
async fn the_vectors_of_sns_convince_another_library() {
    let recorded = folder::source().join("channels/testdata/sns");
    let read = |name: &str| std::fs::read_to_string(recorded.join(name)).expect("a recorded message");
    let mut bodies = ["delivery.json", "bounce.json", "complaint.json", "confirmation.json"].map(read).to_vec();
    bodies.push(bodies[0].replace("Delivery", "Complaint"));
    let given = json!({ "certificate": recorded.join("certificate.pem"), "bodies": bodies });
    assert_eq!(
        vendors::ask("sns.cjs", &given).await,
        json!(["valid", "valid", "valid", "valid", "The message signature is invalid."])
    );
}
