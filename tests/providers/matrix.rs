//! `matrix` against Synapse.

use std::sync::Arc;

use onevoice_channels::chat::matrix::TEXT_LIMIT;
use onevoice_channels::contract::{Channel, Outcome, Provider, Reason};
use onevoice_channels::social;
use onevoice_channels::testkit::{self, Expect};
use serde_json::json;

use super::{accepted, accepted_parts, posts};
use crate::parts::synapse::{Account, Synapse};

struct Scene {
    synapse: Synapse,
    room: String,
    account: Account,
    provider: Arc<dyn Provider>,
}

fn provider(synapse: &Synapse, room: &str, token: &str) -> Arc<dyn Provider> {
    let settings = json!({ "kind": "matrix", "homeserver": synapse.url, "room": room });
    super::provider(settings, &[("/access_token", token)], &testkit::world())
}

async fn start() -> Scene {
    let synapse = Synapse::start().await;
    let account = synapse.register("onevoice").await;
    let room = synapse.create_room(&account).await;
    let provider = provider(&synapse, &room, &account.token);
    Scene { synapse, room, account, provider }
}

impl Scene {
    async fn said(&self) -> Vec<serde_json::Value> {
        self.synapse.messages(&self.room, &self.account).await
    }
}

#[tokio::test]
async fn an_incidents_updates_reply_to_one_another_and_a_repeat_is_one_message() {
    let scene = start().await;
    assert_eq!(
        scene.provider.check().await.expect("it is in the room").summary,
        "signed in as @onevoice:localhost, in the room"
    );
    let parcel = posts(Channel::Matrix, 1, &["Power is out. 1/2", "We know why. 2/2"]);
    let first = accepted(scene.provider.send(&parcel).await);
    assert_eq!(first.1, 2);
    // A daemon that was started anew has the same transactions.
    let again = provider(&scene.synapse, &scene.room, &scene.account.token).send(&parcel).await;
    assert_eq!(accepted(again), first);
    let mut second = posts(Channel::Matrix, 2, &["Power is back & <well>."]);
    second.thread = Some(social::thread(&first.0, &first.0));
    accepted(scene.provider.send(&second).await);

    let said = scene.said().await;
    let texts: Vec<_> = said.iter().filter_map(|event| event["content"]["body"].as_str()).collect();
    assert_eq!(texts, ["Power is out. 1/2", "We know why. 2/2", "Power is back & <well>."]);
    for pair in said.windows(2) {
        assert_eq!(pair[1]["content"]["m.relates_to"]["m.in_reply_to"]["event_id"], pair[0]["event_id"]);
    }
}

#[tokio::test]
async fn what_was_posted_is_deleted_and_to_delete_twice_does_no_harm() {
    let scene = start().await;
    let parcel = posts(Channel::Matrix, 1, &["Power is out. 1/2", "We know why. 2/2"]);
    let (reference, _) = accepted(scene.provider.send(&parcel).await);
    accepted(scene.provider.send(&posts(Channel::Matrix, 2, &["Something else."])).await);
    for _ in 0..2 {
        assert_eq!(accepted_parts(scene.provider.withdraw(&parcel, Some(&reference)).await), 2);
    }
    let texts: Vec<_> = scene.said().await.iter().map(|event| event["content"]["body"].clone()).collect();
    assert_eq!(texts, [json!(null), json!(null), json!("Something else.")]);
}

#[tokio::test]
async fn the_homeservers_own_limits_are_heard() {
    let scene = start().await;
    // About ten at once, and then one in five seconds.
    for ordinal in 0..20 {
        let outcome = scene.provider.send(&posts(Channel::Matrix, ordinal, &["Power is out."])).await;
        if let Outcome::Accepted { .. } = outcome {
            continue;
        }
        assert!(
            matches!(outcome, Outcome::Later { after: Some(_), reason: Reason::Throttled, .. }),
            "{ordinal}: {outcome:?}"
        );
        assert!(ordinal > 0, "nothing was taken");
        return;
    }
    panic!("twenty were taken at once");
}

#[tokio::test]
async fn the_longest_text_fits_and_one_beyond_the_event_is_refused() {
    let scene = start().await;
    // Quotation marks are escaped, so they are the longest that a text can become.
    let full = "\"".repeat(TEXT_LIMIT.max as usize);
    accepted(scene.provider.send(&posts(Channel::Matrix, 1, &[&full])).await);
    let over = scene.provider.send(&posts(Channel::Matrix, 2, &[&"x".repeat(66_000)])).await;
    assert_eq!(Expect::of(&over), Expect::Rejected(Reason::BadContent), "{over:?}");
}

#[tokio::test]
async fn whoever_may_not_post_is_told_so_and_by_the_check_too() {
    let scene = start().await;
    let outside = scene.synapse.register("outside").await;
    let stranger = provider(&scene.synapse, &scene.room, &outside.token);
    let parcel = posts(Channel::Matrix, 1, &["Power is out."]);
    assert_eq!(Expect::of(&stranger.send(&parcel).await), Expect::Later(Reason::Unauthorized));
    let check = stranger.check().await.expect_err("it is not in the room");
    assert!(check.reason == Reason::Unauthorized && check.detail.contains("not in the room"), "{check}");
    scene.synapse.join(&scene.room, &outside).await;
    assert!(stranger.check().await.is_ok());
    accepted(stranger.send(&parcel).await);

    let wrong = provider(&scene.synapse, &scene.room, "syt_wrong");
    assert_eq!(Expect::of(&wrong.send(&parcel).await), Expect::Later(Reason::Unauthorized));
    assert_eq!(wrong.check().await.expect_err("a wrong token").reason, Reason::Unauthorized);
    assert_eq!(scene.said().await.len(), 1);
}
