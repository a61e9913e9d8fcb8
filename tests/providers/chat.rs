//! Chat rooms that no server is to be had of, against the simulators that their vendors' clients were pointed at; and
//! what others make of our cards and signatures.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use onevoice_channels::chat::{telegram::TEXT_LIMIT, webhook};
use onevoice_channels::contract::{Channel, Provider, Reason, World};
use onevoice_channels::social;
use onevoice_channels::testkit::http_server::{HttpAnswer, HttpServer};
use onevoice_channels::testkit::{self, Expect, TestClock};
use serde_json::{Value, json};

use super::{accepted, accepted_parts, posts};
use crate::parts::node;
use crate::simulators::slack::Slack;
use crate::simulators::telegram::{self, Telegram};

fn slack(server: &Slack) -> Arc<dyn Provider> {
    super::provider(json!({ "kind": "slack" }), &[("/webhook_url", &server.webhook())], &testkit::world())
}

fn bot(server: &Telegram, token: &str, chat: &str, world: &World) -> Arc<dyn Provider> {
    let settings = json!({ "kind": "telegram", "base_url": server.url(), "chat": chat });
    super::provider(settings, &[("/token", token)], world)
}

#[tokio::test]
async fn slack_takes_what_we_post_and_its_words_are_understood() {
    let server = Slack::start().await;
    let provider = slack(&server);
    provider.check().await.expect("the webhook is there");
    assert!(server.messages().is_empty(), "a check posts nothing");
    let parcel = posts(Channel::Slack, 1, &["R&D <is> *down*."]);
    assert_eq!(Expect::of(&provider.send(&parcel).await), Expect::Accepted);
    assert_eq!(server.messages()[0]["text"], "R&amp;D &lt;is&gt; *down*.");
    for (status, words, expect) in [
        (429, "rate_limited", Expect::LaterAfter(Reason::Throttled, Duration::from_secs(30))),
        (410, "channel_is_archived", Expect::Rejected(Reason::NoSuchAddress)),
        (404, "no_service", Expect::Later(Reason::Unauthorized)),
    ] {
        server.answer_with(status, words);
        assert_eq!(Expect::of(&provider.send(&parcel).await), expect, "{words}");
    }
    assert_eq!(provider.check().await.expect_err("the webhook is gone").reason, Reason::Unauthorized);
    assert_eq!(server.messages().len(), 1);
}

#[tokio::test]
async fn telegrams_thread_is_seen_through_and_deleted() {
    let server = Telegram::start().await;
    let provider = bot(&server, telegram::TOKEN, telegram::CHAT, &testkit::world());
    assert_eq!(provider.check().await.expect("it is there").summary, "signed in as acme_bot, and the chat is there");
    server.leave_messages(1);
    let parcel = posts(Channel::Telegram, 1, &["Power is out. 1/2", "We *know* why. 2/2"]);
    let (reference, parts) = accepted(provider.send(&parcel).await);
    assert_eq!((reference.as_str(), parts), ("1 .. 2", 2), "it waited for its second part");
    let mut second = posts(Channel::Telegram, 2, &["Power is back."]);
    second.thread = Some(social::thread(&reference, &reference));
    accepted(provider.send(&second).await);
    let said: Vec<(Value, Value)> = server
        .messages()
        .iter()
        .map(|(_, asked)| (asked["text"].clone(), asked["reply_parameters"]["message_id"].clone()))
        .collect();
    let of = |text: &str, reply: Value| (json!(text), reply);
    assert_eq!(
        said,
        [of("Power is out. 1/2", Value::Null), of("We *know* why. 2/2", json!(1)), of("Power is back.", json!(2))]
    );
    for _ in 0..2 {
        assert_eq!(accepted_parts(provider.withdraw(&parcel, Some(&reference)).await), 2);
    }
    // The reply is to a message that is gone, and goes out all the same.
    accepted(provider.send(&second).await);
}

#[tokio::test]
async fn telegrams_limits_and_refusals_are_understood() {
    let server = Telegram::start().await;
    let world = testkit::world();
    let provider = bot(&server, telegram::TOKEN, telegram::CHAT, &world);
    let full = "😀".repeat(TEXT_LIMIT.max as usize / 2);
    accepted(provider.send(&posts(Channel::Telegram, 1, &[&full])).await);
    let over = provider.send(&posts(Channel::Telegram, 2, &[&format!("{full}a")])).await;
    assert_eq!(Expect::of(&over), Expect::Rejected(Reason::BadContent));
    server.leave_messages(0);
    let parcel = posts(Channel::Telegram, 3, &["Power is out."]);
    let wait = Expect::LaterAfter(Reason::Throttled, Duration::from_secs(14));
    assert_eq!(Expect::of(&provider.send(&parcel).await), wait);
    let stranger = bot(&server, "1:wrong", telegram::CHAT, &world);
    assert_eq!(Expect::of(&stranger.send(&parcel).await), Expect::Later(Reason::Unauthorized));
    assert_eq!(stranger.check().await.expect_err("a wrong token").reason, Reason::Unauthorized);
    let elsewhere = bot(&server, telegram::TOKEN, "@elsewhere", &world);
    assert_eq!(Expect::of(&elsewhere.send(&parcel).await), Expect::Rejected(Reason::NoSuchAddress));
    assert_eq!(elsewhere.check().await.expect_err("not in the chat").reason, Reason::NoSuchAddress);
}

#[tokio::test]
async fn the_makers_of_adaptive_cards_read_our_card() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, "")).await;
    let address = server.url("/workflows/1?sig=secret");
    let provider = super::provider(json!({ "kind": "teams" }), &[("/webhook_url", &address)], &testkit::world());
    let text = "Cards *fail*.\nSee https://status.example/7.\n\nNext update 11:30.";
    assert_eq!(Expect::of(&provider.send(&posts(Channel::Teams, 1, &[text])).await), Expect::Accepted);
    let sent = server.seen()[0].json();
    assert_eq!(sent["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
    let card = sent["attachments"][0]["content"].to_string();
    let read = node::run("providers/card.cjs", &[&card]).await;
    let expected = json!({
        "complaints": [],
        "lines": ["Cards *fail*.", "See https://status.example/7.", "Next update 11:30."],
        "links": ["https://status.example/7"],
    });
    assert_eq!(read, expected);
}

#[tokio::test]
async fn the_standards_own_library_verifies_our_signature() {
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let server = HttpServer::start(|_| HttpAnswer::reply(204, "")).await;
    let settings = json!({ "kind": "webhook", "allow_networks": ["127.0.0.1"] });
    #[allow(clippy::disallowed_methods, reason = "the library compares the time with its own clock")]
    let world = World { clock: TestClock::at(Timestamp::now()), ..testkit::world() };
    let secrets = [("/webhook_url", server.url("/hook")), ("/signing_key", key.to_owned())];
    let secrets = secrets.each_ref().map(|(pointer, secret)| (*pointer, secret.as_str()));
    let provider = super::provider(settings, &secrets, &world);
    let text = "Störung: \"Karten\" 😀\n\nhttps://status.example/7";
    let (id, _) = accepted(provider.send(&posts(Channel::Webhook, 1, &[text])).await);
    assert!(text.len() < webhook::TEXT_LIMIT.max as usize);
    let request = &server.seen()[0];
    let body = String::from_utf8(request.body.clone()).expect("JSON is UTF-8");
    let headers = json!({
        "webhook-id": request.headers["webhook-id"],
        "webhook-timestamp": request.headers["webhook-timestamp"],
        "webhook-signature": request.headers["webhook-signature"],
    });
    assert_eq!(headers["webhook-id"], id);
    let verify =
        async |headers: &Value, body: &str| node::run("providers/verify.cjs", &[key, &headers.to_string(), body]).await;
    assert_eq!(verify(&headers, &body).await["verified"]["data"]["text"], text);
    assert_eq!(verify(&headers, &body.replace("Störung", "Storung")).await["refused"], "No matching signature found");
    let mut replayed = headers.clone();
    replayed["webhook-id"] = json!("another");
    assert_eq!(verify(&replayed, &body).await["refused"], "No matching signature found");
}
