//! `mastodon` against the simulator.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use onevoice_channels::contract::{Channel, Outcome, Provider, Reason, TextLimit, TextUnit, World};
use onevoice_channels::social::{self, mastodon::TEXT_LIMIT};
use onevoice_channels::testkit::{self, Expect, TestClock};
use onevoice_channels::{retry_after, text};
use serde_json::json;

use super::{accepted, accepted_parts, posts};
use crate::parts::{http, ready};
use crate::simulators::mastodon::{Fault, Mastodon, TOKEN};

fn account(server: &Mastodon, token: &str, world: &World) -> Arc<dyn Provider> {
    let settings = json!({ "kind": "mastodon", "base_url": server.url(), "visibility": "unlisted" });
    super::provider(settings, &[("/access_token", token)], world)
}

fn texts(server: &Mastodon) -> Vec<String> {
    server.statuses().into_iter().map(|status| status.text).collect()
}

#[tokio::test]
async fn an_incidents_updates_make_one_thread() {
    let server = Mastodon::start().await;
    let provider = account(&server, TOKEN, &testkit::world());
    let first = accepted(provider.send(&posts(Channel::Mastodon, 1, &["Power is out. 1/2", "We know why. 2/2"])).await);
    assert_eq!(first.1, 2);
    let mut second = posts(Channel::Mastodon, 2, &["Power is back."]);
    second.thread = Some(social::thread(&first.0, &first.0));
    accepted(provider.send(&second).await);

    let statuses = server.statuses();
    assert_eq!(texts(&server), ["Power is out. 1/2", "We know why. 2/2", "Power is back."]);
    assert_eq!(statuses[0].in_reply_to_id, None);
    for pair in statuses.windows(2) {
        assert_eq!(pair[1].in_reply_to_id.as_ref(), Some(&pair[0].id));
    }
    for status in statuses {
        assert_eq!((status.visibility.as_str(), status.language.as_str()), ("unlisted", "en"));
    }
}

#[tokio::test]
async fn a_delivery_carried_twice_is_one_post() {
    let server = Mastodon::start().await;
    let provider = account(&server, TOKEN, &testkit::world());
    let parcel = posts(Channel::Mastodon, 1, &["Power is out. 1/2", "We know why. 2/2"]);
    let first = provider.send(&parcel).await;
    assert_eq!(provider.send(&parcel).await, first);
    // A daemon that was started anew has the same keys.
    assert_eq!(account(&server, TOKEN, &testkit::world()).send(&parcel).await, first);
    assert_eq!(server.statuses().len(), 2);
    // The same words in another delivery are another post.
    accepted(provider.send(&posts(Channel::Mastodon, 2, &["Power is out. 1/2"])).await);
    assert_eq!(server.statuses().len(), 3);
}

#[tokio::test]
async fn a_failure_after_the_post_and_a_repeat_make_one_post() {
    let server = Mastodon::start().await;
    let provider = account(&server, TOKEN, &testkit::world());
    for (ordinal, code, expected) in [
        (1, StatusCode::INTERNAL_SERVER_ERROR, Expect::InDoubt),
        (2, StatusCode::BAD_GATEWAY, Expect::InDoubt),
        (3, StatusCode::SERVICE_UNAVAILABLE, Expect::Later(Reason::Temporary)),
    ] {
        server.fail_next(Fault::PostThenRefuse(code));
        let parcel = posts(Channel::Mastodon, ordinal, &["Power is out. 1/2", "We know why. 2/2"]);
        let doubtful = provider.send(&parcel).await;
        assert_eq!(Expect::of(&doubtful), expected, "{code}: {doubtful:?}");
        assert_eq!(accepted(provider.send(&parcel).await).1, 2);
        assert_eq!(server.statuses().len(), 2 * ordinal as usize);
    }
}

#[tokio::test]
async fn a_used_up_limit_says_until_when() {
    let server = Mastodon::start().await;
    accepted(account(&server, TOKEN, &testkit::world()).send(&posts(Channel::Mastodon, 1, &["Power is out."])).await);
    let now = server.statuses()[0].created_at;
    let provider = account(&server, TOKEN, &World { clock: TestClock::at(now), ..testkit::world() });
    server.leave_posts(0);
    let late = posts(Channel::Mastodon, 2, &["Power is back."]);
    let refused = provider.send(&late).await;
    // The limit of posts begins anew at each multiple of three hours; nobody is put off for longer than one.
    let seconds = Duration::from_secs(3 * 3600).as_secs();
    let left = seconds - now.as_second().unsigned_abs() % seconds;
    let Outcome::Later { after: Some(after), reason: Reason::Throttled, .. } = refused else { panic!("{refused:?}") };
    let expected = retry_after::clamp(Duration::from_secs(left));
    assert!(expected.abs_diff(after) <= Duration::from_secs(1), "{after:?} and not {expected:?}");
    assert_eq!(server.statuses().len(), 1);

    server.advance(jiff::SignedDuration::from_hours(3));
    server.leave_posts(300);
    accepted(provider.send(&late).await);
}

#[tokio::test]
async fn a_text_counts_as_the_server_counts_it() {
    let server = Mastodon::start().await;
    let provider = account(&server, TOKEN, &testkit::world());
    let link = format!("https://status.example/{}", "long".repeat(30));
    for (ordinal, (before, filler)) in
        [("", "a"), (link.as_str(), "ü"), ("@help@example.social", "🚨")].into_iter().enumerate()
    {
        let room = TEXT_LIMIT.max - text::count(&format!("{before} "), TEXT_LIMIT.unit);
        let full = format!("{before} {}", filler.repeat(room as usize));
        assert_eq!(text::count(&full, TEXT_LIMIT.unit), TEXT_LIMIT.max);
        accepted(provider.send(&posts(Channel::Mastodon, 2 * ordinal as i64, &[&full])).await);
        let over =
            provider.send(&posts(Channel::Mastodon, 2 * ordinal as i64 + 1, &[&format!("{full}{filler}")])).await;
        let Outcome::Rejected { reason: Reason::BadContent, detail } = over else { panic!("{over:?}") };
        assert!(detail.starts_with("422 Validation failed: Text character limit of 500 exceeded"), "{detail}");
    }
    assert_eq!(server.statuses().len(), 3);
}

#[tokio::test]
async fn a_wrong_token_is_refused_by_the_check_too() {
    let server = Mastodon::start().await;
    let provider = account(&server, "token-of-somebody", &testkit::world());
    let (outcomes, ended) = super::carry(&*provider, vec![posts(Channel::Mastodon, 1, &["Power is out."])]).await;
    assert_eq!((outcomes, ended.expect_err("refused").reason), (vec![], Reason::Unauthorized));
    assert_eq!(provider.check().await.expect_err("refused").reason, Reason::Unauthorized);
    assert!(server.statuses().is_empty());
}

#[tokio::test]
async fn the_check_reads_who_we_are_and_the_servers_limit() {
    let server = Mastodon::start().await;
    let report = account(&server, TOKEN, &testkit::world()).check().await.expect("the account is there");
    assert_eq!(report.summary, "signed in as account1");
    assert_eq!(report.text_limit, Some(TextLimit { max: 500, unit: TextUnit::MastodonCharacters }));
}

#[tokio::test]
async fn a_deleted_post_ends_no_thread() {
    let server = Mastodon::start().await;
    let provider = account(&server, TOKEN, &testkit::world());
    let (gone, _) = accepted(provider.send(&posts(Channel::Mastodon, 1, &["Power is out."])).await);
    let request = http::client().delete(format!("{}/api/v1/statuses/{gone}", server.url()));
    assert_eq!(request.bearer_auth(TOKEN).send().await.expect("the server answers").status(), 200);
    let mut second = posts(Channel::Mastodon, 2, &["Power is back."]);
    second.thread = Some(social::thread(&gone, &gone));
    accepted(provider.send(&second).await);
    assert_eq!(texts(&server), ["Power is back."]);
}

#[tokio::test]
async fn a_thread_is_deleted_with_all_its_posts_and_only_by_its_own_account() {
    let server = Mastodon::start_with(&[TOKEN, "token-of-somebody"]).await;
    let provider = account(&server, TOKEN, &testkit::world());
    let parcel = posts(Channel::Mastodon, 1, &["Power is out. 1/3", "We know why. 2/3", "It takes an hour. 3/3"]);
    let (reference, _) = accepted(provider.send(&parcel).await);
    accepted(provider.send(&posts(Channel::Mastodon, 2, &["Something else."])).await);
    let stranger = account(&server, "token-of-somebody", &testkit::world());
    stranger.withdraw(&parcel, Some(&reference)).await;
    assert_eq!(server.statuses().len(), 4, "another account's posts are not ours to delete");
    // A repeat, as after a crash, finds nothing and does no harm.
    for _ in 0..2 {
        assert_eq!(accepted_parts(provider.withdraw(&parcel, Some(&reference)).await), 3);
        assert_eq!(texts(&server), ["Something else."]);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let server = Mastodon::start().await;
    let provider = account(&server, TOKEN, &testkit::world());
    drop(server);
    // The check finds out that nobody listens any more, whatever was under way when the server ended.
    ready::until("the simulator to end", async || {
        let gone = provider.check().await.err()?;
        (gone.reason == Reason::Unreachable).then_some(())
    })
    .await;
    let outcome = provider.send(&posts(Channel::Mastodon, 1, &["Power is out."])).await;
    assert_eq!(Expect::of(&outcome), Expect::Later(Reason::Unreachable), "{outcome:?}");
}
