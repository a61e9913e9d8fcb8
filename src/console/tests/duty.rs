//! On duty: who is called about what waits, in which order, until somebody opens it.

use jiff::SignedDuration;

use super::*;
use crate::approve::summon;

/// A turn from an hour ago for a day, as the form sends it.
fn turn(site: &Site, person: &str, place: &str) -> Vec<(String, String)> {
    let times = super::super::time::Times::of(&site.app);
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    vec![
        pair("action", "duty_add"),
        pair("person", person),
        pair("place", place),
        pair("from", &times.input(times.now - SignedDuration::from_hours(1))),
        pair("until", &times.input(times.now + SignedDuration::from_hours(24))),
    ]
}

/// The calls about the update that waits, as (person, channel, sent).
async fn calls(site: &Site, id: i64) -> Vec<(i64, &'static str, bool)> {
    let broadcast = crate::approve::decide::waiting(&site.app, id).await.unwrap();
    let calls = site.app.store.summons_of(broadcast.id).await.unwrap();
    calls.iter().map(|call| (call.person_id, call.channel.as_str(), call.sent_at.is_some())).collect()
}

const SETTINGS: &str = "/console/settings";

#[tokio::test]
async fn those_on_duty_are_called_by_mail_by_text_and_one_after_the_other() {
    let site = Site::new().await;
    let (ana, ben, ada) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("ada").await);
    let phone =
        [("action", "change"), ("id", "2"), ("name", "Ben"), ("role", "approver"), ("phone", "+44 20 7946-0000")];
    assert_eq!(site.send(&ada, SETTINGS, &phone).await.status, StatusCode::SEE_OTHER);
    for (person, place) in [("4", "2"), ("2", "1")] {
        assert_eq!(
            site.send(&ada, SETTINGS, &borrowed(&turn(&site, person, place))).await.status,
            StatusCode::SEE_OTHER
        );
    }
    assert!(site.get(Some(&ana), "/console").await.text.contains("on duty: Ben, ada"));

    let id = submitted(&site, &ana).await;
    let now = site.app.world.clock.now();
    let after = |minutes| now + SignedDuration::from_mins(minutes);
    site.send(&ana, "/console/stop", &[]).await;
    summon::tick(&site.app, now).await.unwrap();
    assert_eq!(calls(&site, id).await, [], "everything is stopped");
    site.app.store.set_meta("stopped", None).await.unwrap();
    summon::tick(&site.app, now).await.unwrap();
    assert_eq!(calls(&site, id).await, [(2, "email", true), (2, "sms", false), (4, "email", false)]);
    summon::tick(&site.app, after(1)).await.unwrap();
    assert_eq!(calls(&site, id).await[1], (2, "sms", false), "not before its time, and the first not twice");
    summon::tick(&site.app, after(2)).await.unwrap();
    assert_eq!(calls(&site, id).await, [(2, "email", true), (2, "sms", true), (4, "email", false)]);
    for place in ["/console", "/console/approvals"] {
        let page = site.get(Some(&ana), place).await;
        assert!(
            page.text.contains("Ben was texted") && page.text.contains("not opened. Next: ada, by mail"),
            "{}",
            page.text
        );
    }

    // The writer's look is no opening; an approver's is, and nobody else is called.
    site.get(Some(&ana), &format!("/console/updates/{id}/approve")).await;
    assert!(site.get(Some(&ana), "/console").await.text.contains("not opened"));
    site.get(Some(&ben), &format!("/console/updates/{id}/approve")).await;
    assert!(site.get(Some(&ana), "/console").await.text.contains("Ben opened it"));
    summon::tick(&site.app, after(60)).await.unwrap();
    assert_eq!(calls(&site, id).await[2], (4, "email", false));
}

#[tokio::test]
async fn whoever_wrote_it_is_not_called_about_it_and_practice_calls_nobody() {
    let site = Site::new().await;
    let (ben, ada) = (site.sign_in("ben").await, site.sign_in("ada").await);
    for person in ["2", "4"] {
        site.send(&ada, SETTINGS, &borrowed(&turn(&site, person, "1"))).await;
    }
    let id = submitted(&site, &ben).await;
    let now = site.app.world.clock.now();
    summon::tick(&site.app, now).await.unwrap();
    assert_eq!(calls(&site, id).await, [(4, "email", true)], "ben wrote it");
    site.send(&ada, &format!("/console/updates/{id}/approve"), &[("action", "return"), ("reason", "No")]).await;
    summon::tick(&site.app, now).await.unwrap();
    assert!(site.app.store.take_summons(now + SignedDuration::from_hours(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_rota_takes_approvers_times_and_an_administrator() {
    let site = Site::new().await;
    let (ben, ada) = (site.sign_in("ben").await, site.sign_in("ada").await);
    let refused = site.send(&ben, SETTINGS, &borrowed(&turn(&site, "2", "1"))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut backwards = turn(&site, "2", "7");
    backwards[4].1 = backwards[3].1.clone();
    let wrong = [
        (turn(&site, "1", "1"), "may not approve"),
        (turn(&site, "2", "first"), "the order is a number"),
        (backwards, "ends after it begins"),
    ];
    for (pairs, why) in wrong {
        let page = site.send(&ada, SETTINGS, &borrowed(&pairs)).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains(why), "{why}");
        assert!(
            page.text.contains(&format!("name=\"from\" type=\"datetime-local\" required value=\"{}\"", pairs[3].1))
        );
    }
    site.send(&ada, SETTINGS, &borrowed(&turn(&site, "2", "1"))).await;
    assert!(site.get(Some(&ada), SETTINGS).await.text.contains("Take ben off duty"));
    let off = [("action", "duty_remove"), ("id", "1")];
    assert_eq!(site.send(&ben, SETTINGS, &off).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ada, SETTINGS, &off).await.status, StatusCode::SEE_OTHER);
    assert!(site.get(Some(&ada), "/console").await.text.contains("nobody is on duty"));
}

#[tokio::test]
async fn a_wrong_phone_is_said_at_once_and_what_was_typed_stays() {
    let site = Site::new().await;
    let ada = site.sign_in("ada").await;
    let new = [
        ("action", "add"),
        ("name", "Dana Typed"),
        ("email", "dana@acme.example"),
        ("role", "approver"),
        ("phone", "0171 5555"),
        ("password", PASSWORD),
    ];
    let page = site.send(&ada, SETTINGS, &new).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("names no country"));
    assert!(page.text.contains("value=\"Dana Typed\"") && page.text.contains("value=\"0171 5555\""));
}
