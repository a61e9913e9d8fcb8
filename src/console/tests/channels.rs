//! Channels: what is said of a provider, the check of its sign-in, and a test to oneself.

use jiff::SignedDuration;
use onevoice_channels::contract::{Reason, Unavailable};

use super::*;
use crate::send::check;

const PLACE: &str = "/console/channels";

fn gone() -> Unavailable {
    Unavailable { reason: Reason::Unreachable, detail: "no <b>connection</b>".to_owned(), after: None }
}

/// A second supplier of mail, by JSON as the configuration has it.
fn another_mail(config: &mut Config) {
    let mut second = config.provider.iter().find(|entry| entry.name == "email").unwrap().clone();
    second.name = "email-b".to_owned();
    config.provider.push(second);
}

#[tokio::test]
async fn a_supplier_that_does_not_answer_is_said_with_when_it_is_tried_and_who_carries_its_part() {
    let site = Site::with(another_mail).await;
    let vera = site.sign_in("vera").await;
    let page = site.get(Some(&vera), "/console").await;
    assert!(
        page.text.contains("7 of 8 channels ready") || page.text.contains("8 of 8 channels ready"),
        "{}",
        page.text
    );
    let engine = &site.app.engine;
    let route = engine.routes().find(|route| route.provider.manifest().name == "email").unwrap();
    for _ in 0..3 {
        route.pacer.unavailable(&gone(), site.app.world.clock.elapsed());
    }
    engine.troubles.note("email", Some(Reason::Unreachable), &gone().detail, site.app.world.clock.now());
    let page = site.get(Some(&vera), PLACE).await;
    for said in [
        "Nothing is tried until ",
        ", then one message to see.",
        "email does not answer; 100 % now go by email-b.",
        "It could not be reached",
        "no &lt;b&gt;connection&lt;/b&gt;",
    ] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert!(!page.text.contains("value=\"check\""), "who only reads has no button");
    let now = site.get(Some(&vera), "/console").await;
    assert!(
        now.text
            .contains("chip bad\"><a class=\"quiet\" href=\"/console/channels\">Email (email): nothing is tried until"),
        "{}",
        now.text
    );
}

#[tokio::test]
async fn a_check_says_what_the_provider_says_and_outlives_a_restart_as_what_went_wrong_does() {
    let ends = World::system().unwrap().clock.now() + SignedDuration::from_hours(24 * 3);
    let site = Site::with(|config| {
        let mail = config.provider.iter_mut().find(|entry| entry.name == "email").unwrap();
        mail.credential_ends = Some(ends.to_zoned(jiff::tz::TimeZone::UTC).date());
        let mastodon = config.provider.iter_mut().find(|entry| entry.name == "mastodon").unwrap();
        let settings = serde_json::json!({ "base_url": "http://127.0.0.1:1/", "access_token": { "env": "PATH" } });
        mastodon.settings = onevoice_channels::registry::ProviderSettings::read("mastodon", settings).unwrap();
    })
    .await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    assert!(site.get(Some(&ana), PLACE).await.text.contains("Not checked yet"));
    let pairs = |name| [("action", "check"), ("name", name)];
    assert_eq!(site.send(&vera, PLACE, &pairs("mastodon")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ana, PLACE, &pairs("pigeon")).await.status, StatusCode::NOT_FOUND);
    for name in ["mastodon", "email"] {
        assert_eq!(site.send(&ana, PLACE, &pairs(name)).await.place, format!("{PLACE}#by-{name}"));
    }
    let page = site.get(Some(&ana), PLACE).await;
    for said in ["It cannot be reached, ", "sign-in could not be checked", "sign-in ends soon", "It ends "] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert!(!page.text.contains(&std::env::var("PATH").unwrap()), "the secret is nowhere");
    let now = site.get(Some(&ana), "/console").await;
    assert!(
        now.text.contains("chip warn\"><a class=\"quiet\" href=\"/console/channels\">Email sign-in ends in "),
        "{}",
        now.text
    );
    let audit = site.app.store.audit_of("provider:mastodon").await.unwrap();
    assert_eq!(audit, [("person:1".to_owned(), "provider.check".to_owned())]);

    site.app.engine.troubles.note("sms", None, "no answer", site.app.world.clock.now());
    check::tick(&site.app, SignedDuration::from_hours(24)).await.unwrap();
    let again = App::build((*site.app.config).clone(), site.app.store.clone(), site.app.world.clone()).unwrap();
    check::remember(&again).await.unwrap();
    for name in ["mastodon", "email", "sms", "banner"] {
        assert_eq!(again.engine.checks.of(name), site.app.engine.checks.of(name), "{name}");
        assert!(again.engine.checks.of(name).is_some(), "{name}: everything is asked in time");
    }
    let now = site.app.world.clock.now();
    assert_eq!(again.engine.troubles.of("sms", now).len(), 1);
}

#[tokio::test]
async fn a_test_goes_to_whoever_asks_and_to_no_place_that_customers_see() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let pairs = |name| [("action", "test"), ("name", name)];
    assert_eq!(site.send(&vera, PLACE, &pairs("email")).await.status, StatusCode::FORBIDDEN);
    for (name, status, why) in [
        ("sms", StatusCode::UNPROCESSABLE_ENTITY, "an administrator enters it under Settings"),
        ("mastodon", StatusCode::CONFLICT, "customers see, so there is no test"),
        ("banner", StatusCode::CONFLICT, "customers see, so there is no test"),
    ] {
        let page = site.send(&ana, PLACE, &pairs(name)).await;
        assert!(page.status == status && page.text.contains(why), "{name}: {}", page.text);
    }
    site.send(&ana, "/console/stop", &[]).await;
    let held = site.send(&ana, PLACE, &pairs("email")).await;
    assert!(held.status == StatusCode::CONFLICT && held.text.contains("nothing is sent, not even a test"));
    site.app.store.set_meta("stopped", None).await.unwrap();
    for _ in 0..5 {
        assert_eq!(site.send(&ana, PLACE, &pairs("email")).await.status, StatusCode::SEE_OTHER);
    }
    let many = site.send(&ana, PLACE, &pairs("email")).await;
    assert!(many.status == StatusCode::TOO_MANY_REQUESTS && many.text.contains("5 tests in 10 minutes"));
    let page = site.get(Some(&ana), PLACE).await;
    assert!(page.text.contains("Your test went to ana@acme.example"), "{}", page.text);
    assert!(!site.get(Some(&vera), PLACE).await.text.contains("Your test"), "a test is its person's own");
    let audit = site.app.store.audit_of("provider:email").await.unwrap();
    assert_eq!(audit.len(), 5, "{audit:?}");
    assert!(site.app.store.newest_deliveries(&site.app.engine.outboxes(), None, 9).await.unwrap().is_empty());
}
