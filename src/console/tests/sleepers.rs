//! Who sleeps, what the approver chooses to do about it, and a promise that can no longer be kept.

use onevoice_channels::contract::Channel;

use super::*;
use crate::{
    approve::State,
    compose::content::Content,
    pace::{AtNight, Window},
    plan::digest,
};

/// A console where mail has quiet hours all day but for a minute, so that everybody sleeps whenever the tests run.
async fn always_night() -> Site {
    Site::with(|config| {
        let at = |minute| jiff::civil::Time::constant(3, minute, 0, 0);
        config.quiet_hours.0 = [(Channel::Email, Window { from: at(1), to: at(0) })].into();
    })
    .await
}

fn yes(page: &Page, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = ticked(page);
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    all.extend([pair("digest", &value(page, "digest")), pair("recipients", "1"), pair("password", PASSWORD)]);
    all.extend(more.iter().map(|(name, text)| pair(name, text)));
    all
}

#[tokio::test]
async fn the_approver_sees_who_sleeps_and_their_choice_is_what_is_approved() {
    let site = always_night().await;
    let (ana, ben, vera) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("vera").await);
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    for words in
        ["1 of these people are asleep", "1 may wake", "1 get it then, the last about", "1 do not get it", "London"]
    {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(page.text.contains("value=\"now\" checked") && page.text.contains("as ana proposes"));
    let before = site.app.store.broadcasts_of(id).await.unwrap().pop().unwrap();
    assert_eq!(before.timing, None, "the author chose nothing");

    // What was chosen stands as it was typed when something else is wrong.
    let wrong = yes(&page, &[("quiet_hours", "morning"), ("action", "approve"), ("recipients", "2")]);
    let mut wrong: Vec<_> = wrong.into_iter().filter(|(name, text)| name != "recipients" || text == "2").collect();
    wrong.retain(|(name, _)| name != "password");
    let back = site.send(&ben, &place, &borrowed(&wrong)).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text.contains("value=\"morning\" checked"), "{}", back.text);
    let odd = site.send(&ben, &place, &borrowed(&yes(&page, &[("quiet_hours", "never"), ("action", "approve")]))).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    let morning = yes(&page, &[("quiet_hours", "morning"), ("action", "approve")]);
    assert_eq!(site.send(&vera, &place, &borrowed(&morning)).await.status, StatusCode::FORBIDDEN);

    let sent = site.send(&ben, &place, &borrowed(&morning)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let after = site.app.store.broadcast(before.id).await.unwrap();
    let timing = after.timing.clone().unwrap();
    assert_eq!((timing.quiet_hours, timing.windows.len()), (AtNight::Morning, 1));
    assert_ne!(after.digest, before.digest, "the choice is a part of it");
    assert!(site.app.store.approval(after.id, &after.digest).await.unwrap().is_some());
    assert!(site.app.store.approval(after.id, &before.digest).await.unwrap().is_none());
    // What is checked at the start: all that is stored gives the digest that was approved.
    let incident = site.app.store.incident(after.incident_id).await.unwrap();
    let content: Content = site.app.store.update(id).await.unwrap().content;
    let renderings = site.app.store.renderings(after.id).await.unwrap();
    assert_eq!(digest::of(&incident, &after, &content, &renderings).unwrap(), after.digest);
    // And whoever sleeps is not claimed.
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    site.app.store.start_broadcast(after.id, None, &entry).await.unwrap();
    let now = site.app.world.clock.now();
    let claim = site.app.store.claim(Channel::Email, "mails", false, false, 10, now).await.unwrap();
    assert!(claim.is_none_or(|claim| claim.items.is_empty()), "they wait for their morning");
    assert_eq!(site.app.store.progress(after.id).await.unwrap()[&Channel::Email].asleep, 1);
    let page = site.get(Some(&ana), &format!("/console/broadcasts/{}", after.id)).await;
    assert!(
        page.text.contains("1 get it in their morning")
            && page.text.contains("People who sleep: Get it in their morning")
    );
}

#[tokio::test]
async fn a_choice_where_nobodys_sleep_is_kept_is_refused() {
    let site = Site::with(|config| config.quiet_hours.0.clear()).await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    assert!(!page.text.contains("name=\"quiet_hours\""), "there is nothing to choose");
    let chosen =
        site.send(&ben, &place, &borrowed(&yes(&page, &[("quiet_hours", "morning"), ("action", "approve")]))).await;
    assert!(chosen.status == StatusCode::UNPROCESSABLE_ENTITY && chosen.text.contains("nobody’s quiet hours are kept"));
}

#[tokio::test]
async fn what_comes_too_late_for_its_promise_goes_back_with_a_time_that_works() {
    let site = Site::new().await;
    let (ana, ben, vera) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("vera").await);
    let id = submitted(&site, &ana).await;
    let broadcast = site.app.store.broadcasts_of(id).await.unwrap().pop().unwrap();
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    assert!(!page.text.contains("Too late for its promise"));
    // The mails turn out to take two hours.
    let mut plan = broadcast.plan.clone();
    plan["seconds"]["email"] = serde_json::json!(7_200.0);
    site.app.store.replan(broadcast.id, &plan).await.unwrap();
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("Too late for its promise"), "{}", page.text);
    let refused =
        site.send(&ben, &place, &borrowed(&yes(&page, &[("action", "approve"), ("reason", "A thought")]))).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.text.contains("Too late for its promise") && refused.text.contains("A thought"),
        "nothing typed is lost"
    );
    let at = page.text.find("value=\"promise:").expect("the time that works is one click away") + 7;
    let button = page.text[at..].split('"').next().unwrap().replace("&#x3D;", "=");
    assert_eq!(site.send(&vera, &place, &[("action", &button)]).await.status, StatusCode::FORBIDDEN);
    let back = site.send(&ben, &place, &[("action", &button)]).await;
    assert_eq!(back.place, "/console/approvals", "{}", back.text);
    let update = site.app.store.update(id).await.unwrap();
    assert_eq!(update.state, State::Returned);
    let works: jiff::Timestamp = button.strip_prefix("promise:").unwrap().parse().unwrap();
    let least = site.app.world.clock.now() + jiff::SignedDuration::from_secs(7_200);
    assert!(works > least && works.as_second() % 300 == 0, "{works}");
    assert!(update.return_reason.unwrap().contains("Promise "));
}
