//! `bluesky` against Bluesky's own server.

use std::sync::Arc;

use onevoice_channels::contract::{Channel, Provider, Reason};
use onevoice_channels::social::{self, bluesky::TEXT_LIMIT};
use onevoice_channels::testkit::{self, Expect};
use onevoice_channels::text;
use serde_json::{Value, json};

use super::{accepted, accepted_parts, posts};
use crate::parts::http;
use crate::parts::pds::{Account, Pds};

fn provider(pds: &Pds, account: &Account, password: &str) -> Arc<dyn Provider> {
    let settings = json!({ "kind": "bluesky", "service": pds.url, "identifier": account.handle });
    super::provider(settings, &[("/app_password", password)], &testkit::world())
}

async fn start() -> (Pds, Account, Arc<dyn Provider>) {
    let pds = Pds::start().await;
    let account = pds.create_account("onevoice").await;
    let provider = provider(&pds, &account, &account.app_password);
    (pds, account, provider)
}

/// The records of an account, oldest first.
async fn records(pds: &Pds, account: &Account) -> Vec<Value> {
    let mut records = pds.posts(account).await;
    records.reverse();
    records
}

/// How a record is referred to.
fn strong(record: &Value) -> Value {
    json!({ "uri": record["uri"], "cid": record["cid"] })
}

#[tokio::test]
async fn an_incidents_updates_make_one_thread() {
    let (pds, account, provider) = start().await;
    assert_eq!(provider.check().await.expect("the account is there").summary, "signed in as onevoice.test");
    let first = accepted(provider.send(&posts(Channel::Bluesky, 1, &["Power is out. 1/2", "We know why. 2/2"])).await);
    assert_eq!(first.1, 2);
    let later = |ordinal: i64, words: &str, latest: &str| {
        let mut parcel = posts(Channel::Bluesky, ordinal, &[words]);
        parcel.started_at += jiff::SignedDuration::from_mins(ordinal);
        parcel.thread = Some(social::thread(&first.0, latest));
        parcel
    };
    let (second, _) = accepted(provider.send(&later(2, "Power is coming back.", &first.0)).await);
    accepted(provider.send(&later(3, "Power is back.", &second)).await);

    let records = records(&pds, &account).await;
    let texts: Vec<_> = records.iter().filter_map(|record| record["value"]["text"].as_str()).collect();
    assert_eq!(texts, ["Power is out. 1/2", "We know why. 2/2", "Power is coming back.", "Power is back."]);
    assert_eq!(records[0]["value"].get("reply"), None);
    for pair in records.windows(2) {
        let reply = json!({ "root": strong(&records[0]), "parent": strong(&pair[0]) });
        assert_eq!(pair[1]["value"]["reply"], reply);
    }
    assert_eq!(records[0]["value"]["createdAt"], "2026-03-01T11:53:20.000Z", "the broadcast's time, not the clock's");
    assert_eq!(records[0]["value"]["langs"], json!(["en-GB"]));
}

#[tokio::test]
async fn a_delivery_carried_twice_is_one_post() {
    let (pds, account, provider_before) = start().await;
    let parcel = posts(Channel::Bluesky, 1, &["Power is out. 1/2", "See https://status.example. 2/2"]);
    let first = provider_before.send(&parcel).await;
    assert_eq!(provider_before.send(&parcel).await, first);
    // A daemon that was started anew writes the same records.
    assert_eq!(provider(&pds, &account, &account.app_password).send(&parcel).await, first);
    assert_eq!(accepted(first).1, 2);
    assert_eq!(records(&pds, &account).await.len(), 2);
    // The same words in another delivery are another post.
    accepted(provider_before.send(&posts(Channel::Bluesky, 2, &["Power is out. 1/2"])).await);
    assert_eq!(records(&pds, &account).await.len(), 3);
}

#[tokio::test]
async fn a_thread_is_deleted_with_all_its_posts_and_nothing_else() {
    let (pds, account, provider_before) = start().await;
    let parcel = posts(Channel::Bluesky, 1, &["Power is out. 1/2", "We know why. 2/2"]);
    accepted(provider_before.send(&parcel).await);
    accepted(provider_before.send(&posts(Channel::Bluesky, 2, &["Something else."])).await);
    // A daemon that was started anew finds them by the same keys; a repeat finds nothing and does no harm.
    for _ in 0..2 {
        let again = provider(&pds, &account, &account.app_password);
        assert_eq!(accepted_parts(again.withdraw(&parcel, None).await), 2);
        let left = records(&pds, &account).await;
        assert_eq!(left.iter().map(|record| &record["value"]["text"]).collect::<Vec<_>>(), ["Something else."]);
    }
}

#[tokio::test]
async fn a_link_is_one_where_the_text_has_it() {
    let (pds, account, provider) = start().await;
    let words = "Störung 🚨: https://status.example/ä?b=1#c, Hilfe (https://help.example).";
    accepted(provider.send(&posts(Channel::Bluesky, 1, &[words])).await);
    let record = &records(&pds, &account).await[0]["value"];
    assert_eq!(record["embed"]["external"]["uri"], "https://status.example/ä?b=1#c", "and a card for the first");
    let marked: Vec<_> = record["facets"]
        .as_array()
        .expect("facets")
        .iter()
        .map(|facet| {
            let at =
                |end: &str| facet["index"][end].as_u64().and_then(|at| usize::try_from(at).ok()).expect("a number");
            let feature = &facet["features"][0];
            assert_eq!(feature["$type"], "app.bsky.richtext.facet#link");
            assert_eq!(feature["uri"], words[at("byteStart")..at("byteEnd")]);
            &words[at("byteStart")..at("byteEnd")]
        })
        .collect();
    assert_eq!(marked, ["https://status.example/ä?b=1#c", "https://help.example"]);
}

#[tokio::test]
async fn forty_posts_sign_in_once() {
    // This server answers 429 from the 31st sign-in on.
    let pds = Pds::start_with_limits().await;
    let account = pds.create_account("onevoice").await;
    let provider = provider(&pds, &account, &account.app_password);
    for ordinal in 0..40 {
        accepted(provider.send(&posts(Channel::Bluesky, ordinal, &["Power is out."])).await);
    }
    provider.check().await.expect("the session holds");
    assert_eq!(records(&pds, &account).await.len(), 40);
}

#[tokio::test]
async fn too_many_sign_ins_are_told_apart_from_wrong_ones() {
    let pds = Pds::start_with_limits().await;
    let account = pds.create_account("onevoice").await;
    for _ in 0..30 {
        provider(&pds, &account, &account.app_password).check().await.expect("within the limit");
    }
    let refused = provider(&pds, &account, &account.app_password).check().await.expect_err("above the limit");
    assert_eq!(refused.reason, Reason::Throttled);
    // The kit's clock stands before the server's, so the wait is the longest that we honour.
    assert!(refused.after.is_some());
}

#[tokio::test]
async fn a_wrong_password_is_refused_by_the_check_too() {
    let (pds, account, _) = start().await;
    let provider = provider(&pds, &account, "wrong-wrong-wrong-wrong");
    let (outcomes, ended) = super::carry(&*provider, vec![posts(Channel::Bluesky, 1, &["Power is out."])]).await;
    assert_eq!((outcomes, ended.expect_err("refused").reason), (vec![], Reason::Unauthorized));
    assert_eq!(provider.check().await.expect_err("refused").reason, Reason::Unauthorized);
    assert!(records(&pds, &account).await.is_empty());
}

/// The server takes an access token for two hours whatever became of the password that it was made with: the session at hand proves
/// nothing.
#[tokio::test]
async fn a_withdrawn_password_is_noticed_by_the_check() {
    let (pds, account, provider) = start().await;
    accepted(provider.send(&posts(Channel::Bluesky, 1, &["Power is out."])).await);
    provider.check().await.expect("the password holds");
    let login = json!({ "identifier": account.handle, "password": account.password });
    let owner = pds.call("com.atproto.server.createSession", None, &login).await;
    let answer = http::client()
        .post(format!("{}/xrpc/com.atproto.server.revokeAppPassword", pds.url))
        .bearer_auth(owner["accessJwt"].as_str().expect("a token"))
        .json(&json!({ "name": "onevoice" }));
    assert_eq!(answer.send().await.expect("the server answers").status(), 200);
    assert_eq!(provider.check().await.expect_err("it was withdrawn").reason, Reason::Unauthorized);
}

#[tokio::test]
async fn a_text_counts_as_the_server_counts_it() {
    let (pds, account, provider) = start().await;
    // One grapheme cluster each, of 1 to 8 bytes; the lexicon allows ten bytes a cluster.
    for (number, cluster) in ["a", "ü", "e\u{301}", "🚨", "🇩🇪", "\r\n"].into_iter().enumerate() {
        // White space at both ends would be no text.
        let full = format!("a{}a", cluster.repeat(TEXT_LIMIT.max as usize - 2));
        assert!(text::fits(&full, TEXT_LIMIT), "{cluster:?}");
        accepted(provider.send(&posts(Channel::Bluesky, 2 * number as i64, &[&full])).await);
        let over = provider.send(&posts(Channel::Bluesky, 2 * number as i64 + 1, &[&format!("{full}a")])).await;
        assert_eq!(Expect::of(&over), Expect::Rejected(Reason::BadContent), "{cluster:?}: {over:?}");
    }
    // Few clusters of many bytes are too long as well.
    let families = "👨‍👩‍👧‍👦".repeat(121);
    assert!(text::count(&families, TEXT_LIMIT.unit) < TEXT_LIMIT.max && !text::fits(&families, TEXT_LIMIT));
    let over = provider.send(&posts(Channel::Bluesky, 99, &[&families])).await;
    assert_eq!(Expect::of(&over), Expect::Rejected(Reason::BadContent), "{over:?}");
    assert_eq!(records(&pds, &account).await.len(), 6);
}

#[tokio::test]
async fn a_server_that_is_gone_is_unreachable() {
    let (pds, account, used) = start().await;
    let fresh = provider(&pds, &account, &account.app_password);
    accepted(used.send(&posts(Channel::Bluesky, 1, &["Power is out."])).await);
    drop(pds);
    assert_eq!(used.check().await.expect_err("it is gone").reason, Reason::Unreachable);
    // The one that kept a connection may write into it before it learns of the end, and is then in doubt as it has to be.
    let outcome = fresh.send(&posts(Channel::Bluesky, 2, &["Power is back."])).await;
    assert_eq!(Expect::of(&outcome), Expect::Later(Reason::Unreachable), "{outcome:?}");
}
