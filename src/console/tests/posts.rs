//! Taking down: posts are kept with a correction, left, or deleted; each is chosen with how many have it in sight.

use onevoice_channels::contract::{Channel, DeliveryId};

use super::{going_out, *};
use crate::{
    approve::State,
    store::deliveries::{Record, Verdict},
    track::{DeliveryState, withdraw},
};

/// An update of which one post is out on each account; `by` is another account than those that are configured.
async fn posted(site: &Site, author: &Browser, by: Option<&str>) -> (i64, usize) {
    let id = going_out::running_with_promise(site, author).await;
    let mut posts = 0;
    for channel in [Channel::Mastodon, Channel::Bluesky] {
        for (ordinal, provider) in site.app.outlets(channel).into_iter().enumerate() {
            let record = Record {
                claim: 0,
                id: DeliveryId { broadcast: id, channel, ordinal: ordinal as i64 },
                attempts: 0,
                provider: by.map_or(provider, str::to_owned),
                at: site.app.world.clock.now(),
                verdict: Verdict::End {
                    state: DeliveryState::Accepted,
                    reason: None,
                    reference: Some("outbox-1".to_owned()),
                    parts: 1,
                },
                attempt: None,
                referable: false,
                ends_claim: false,
                suppress: None,
                pinned: false,
            };
            site.app.store.record(&[record]).await.unwrap();
            posts += 1;
        }
    }
    (id, posts)
}

#[tokio::test]
async fn stopping_correcting_and_taking_down_are_three_buttons_that_say_how_many_may_have_it() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let (id, posts) = posted(&site, &ana, None).await;
    assert!(posts > 1, "the demo has accounts");
    let place = format!("/console/broadcasts/{id}");
    let page = site.get(Some(&ana), &place).await;
    for words in ["Stop sending", "Send the correction", "Take it down"] {
        let at = page.text.find(words).unwrap_or_else(|| panic!("{words}: {}", page.text));
        let button = &page.text[at..at + page.text[at..].find("</button>").unwrap()];
        assert!(button.contains(&posts.to_string()), "{button}");
    }
    let asked = site.send(&ana, &place, &[("action", "retract")]).await;
    for words in [
        format!("Keep its {posts} posts, and reply with the correction (recommended)"),
        format!("and delete its {posts} posts"),
        format!("and leave its {posts} posts as they are"),
        format!("{posts} have it, or may have it"),
    ] {
        assert!(asked.text.contains(&words), "{words}: {}", asked.text);
    }
    assert_eq!(site.app.store.broadcast(id).await.unwrap().state, State::Running, "nothing happened yet");
    let delete = [("action", "delete"), ("sure", "1")];
    assert_eq!(site.send(&vera, &place, &delete).await.status, StatusCode::FORBIDDEN);
    assert!(site.app.store.withdrawals(id).await.unwrap().is_empty());
}

#[tokio::test]
async fn posts_are_deleted_each_as_a_fact_of_its_own() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let (id, posts) = posted(&site, &ana, None).await;
    let place = format!("/console/broadcasts/{id}");
    let done = site.send(&ana, &place, &[("action", "delete"), ("sure", "1")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(site.app.store.broadcast(id).await.unwrap().state, State::Retracted);
    assert!(site.get(Some(&ana), &place).await.text.contains("being deleted"));
    // A copy of the database leaves them alone: the original may stand by them.
    site.app.store.set_meta("restored", Some("a copy")).await.unwrap();
    withdraw::tick(&site.app).await.unwrap();
    assert_eq!(site.app.store.posts_out(id).await.unwrap(), posts as i64);
    site.app.store.set_meta("restored", None).await.unwrap();
    // Whoever stopped everything may still take down what is wrong.
    site.send(&ana, "/console/stop", &[]).await;
    withdraw::tick(&site.app).await.unwrap();
    assert_eq!(site.app.store.posts_out(id).await.unwrap(), 0);
    let page = site.get(Some(&ana), &place).await;
    assert!(page.text.contains("deleted at ") && !page.text.contains("Delete its posts"), "{}", page.text);
    let audit = site.app.store.audit_of(&format!("broadcast:{id}")).await.unwrap();
    let of = |action: &str| audit.iter().filter(|(_, known)| known == action).count();
    assert_eq!((of("broadcast.delete_posts"), of("post.delete")), (1, posts));
}

#[tokio::test]
async fn an_account_that_is_gone_is_said_so_and_nobody_elses_is_asked() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let (id, _) = posted(&site, &ana, Some("an-account-of-old")).await;
    site.send(&ana, &format!("/console/broadcasts/{id}"), &[("action", "delete"), ("sure", "1")]).await;
    withdraw::tick(&site.app).await.unwrap();
    let page = site.get(Some(&ana), &format!("/console/broadcasts/{id}")).await;
    assert!(page.text.contains("is not configured any more") && page.text.contains("Try to delete it again"));
}
