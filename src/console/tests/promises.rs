//! Promises and deadlines on the pages: what presses stands first, what happens by itself is said, and whose it is changes
//! with one button.

use super::*;
use crate::{people::Actor, store::broadcasts::StartEffects};

/// An incident whose update went out and promised the next one in so many minutes.
async fn promised(site: &Site, minutes: i64) -> i64 {
    let ana = site.sign_in("ana").await;
    let update = submitted(site, &ana).await;
    let store = &site.app.store;
    let broadcast = store.broadcasts_of(update).await.unwrap().pop().unwrap();
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    store.approve_broadcast(broadcast.id, &broadcast.digest, 2, broadcast.people, &entry).await.unwrap();
    let due = site.app.world.clock.now() + jiff::SignedDuration::from_mins(minutes);
    let status = store.update(update).await.unwrap().content.status;
    let effects = StartEffects { status, components: Vec::new(), next_update_at: Some(due) };
    store.start_broadcast(broadcast.id, Some(&effects), &entry).await.unwrap();
    broadcast.incident_id
}

#[tokio::test]
async fn what_presses_is_the_first_thing_on_now_and_is_taken_with_one_button() {
    let site = Site::still().await;
    let incident = promised(&site, 10).await;
    let ben = site.sign_in("ben").await;
    let page = site.get(Some(&ben), "/console").await;
    let place = |part: &str| page.text.find(part).unwrap_or_else(|| panic!("{part}: {}", page.text));
    assert!(place("Card payments fail: the next update is promised for") < place("<h1>"));
    place("goes out by itself when it falls due (1 of 2 in a row)");
    place("The promise is ana’s.");
    place("I take it");
    let take = [("incident", "1"), ("from", "now"), ("to", "2")];
    let taken = site.send(&ben, "/console/promises/1", &take).await;
    assert_eq!((taken.status, taken.place.as_str()), (StatusCode::SEE_OTHER, "/console"));
    let page = site.get(Some(&ben), "/console").await;
    assert!(page.text.contains("The promise is <b>yours</b>.") && !page.text.contains("I take it"), "{}", page.text);
    // What lies far ahead presses nobody.
    let far = Site::still().await;
    promised(&far, 40).await;
    let ben = far.sign_in("ben").await;
    assert!(!far.get(Some(&ben), "/console").await.text.contains("class=\"finding warn pressing\""));
    let vera = site.sign_in("vera").await;
    let page = site.get(Some(&vera), "/console").await;
    assert!(page.text.contains("the next update is promised for") && !page.text.contains("I take it"));
    assert_eq!(site.send(&vera, "/console/promises/1", &take).await.status, StatusCode::FORBIDDEN);
    assert_eq!(incident, 1);
}

#[tokio::test]
async fn a_late_promise_says_who_was_called_and_why() {
    let site = Site::still().await;
    let incident = promised(&site, -20).await;
    crate::schedule::promise::tick(&site.app, site.app.world.clock.now()).await.unwrap();
    let ben = site.sign_in("ben").await;
    let page = site.get(Some(&ben), "/console").await;
    for part in ["Card payments fail: customers wait.", "it was too late for “no news yet”", ": ana."] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let page = site.get(Some(&ben), &format!("/console/incidents/{incident}")).await;
    for part in ["people were called at", "called who is on duty: nobody kept the promise"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

#[tokio::test]
async fn the_approver_reads_each_no_news_yet_message_and_when_it_goes() {
    let site = Site::still().await;
    let ana = site.sign_in("ana").await;
    let id = submitted(&site, &ana).await;
    let ben = site.sign_in("ben").await;
    let page = site.get(Some(&ben), &format!("/console/updates/{id}/approve")).await;
    for part in [
        "If there is no news by",
        "And if there is still none by",
        "Is there still nothing by",
        "id=\"holding-0-banner-en\"",
        "id=\"holding2-0-banner-en\"",
        "id=\"holding2-0-mastodon-en\"",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("id=\"holding-0-email-en\""), "it wakes nobody");
}

#[tokio::test]
async fn a_deadline_is_written_down_marked_and_never_lost_by_a_mistake() {
    let site = Site::still().await;
    let incident = promised(&site, 60).await;
    let (ana, ben, vera) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("vera").await);
    let place = format!("/console/incidents/{incident}/deadlines");
    let form = |title: &'static str, due: &'static str| [("title", title), ("due", due), ("owner", "2")];
    for wrong in [
        form("Tell the regulator", "soon"),
        form("Tell the regulator", "2001-01-01T10:00"),
        form("", "2999-01-01T10:00"),
    ] {
        let page = site.send(&ana, &place, &wrong).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let kept = format!(
            "name=\"title\" maxlength=\"120\" required autocomplete=\"off\" placeholder=\"Tell the regulator\" value=\"{}\"",
            wrong[0].1
        );
        assert!(page.text.contains(&kept) && page.text.contains("<option value=\"2\" selected>ben"), "{}", page.text);
    }
    let good = form("Tell the regulator", "2999-01-01T10:00");
    assert_eq!(site.send(&vera, &place, &good).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ana, &place, &good).await.status, StatusCode::SEE_OTHER);
    let page = site.get(Some(&ben), "/console/schedule").await;
    for part in ["Deadline", "Tell the regulator · Card payments fail", "Mark it as done", ">you<"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(site.send(&vera, "/console/deadlines/1", &[("action", "done")]).await.status, StatusCode::FORBIDDEN);
    let done = site.send(&ben, "/console/deadlines/1", &[("action", "done")]).await;
    assert_eq!(done.place, format!("/console/incidents/{incident}#deadlines"));
    let page = site.get(Some(&ana), &format!("/console/incidents/{incident}")).await;
    assert!(
        page.text.contains("Not done after all") && page.text.contains("marked a deadline as done"),
        "{}",
        page.text
    );
    assert!(!site.get(Some(&ben), "/console/schedule").await.text.contains("Tell the regulator"));
    // The public sees none.
    let person = Actor::Person(site.app.store.person(1).await.unwrap());
    let due = crate::schedule::due::all(&site.app, &person, false).await.unwrap();
    assert!(due.iter().all(|due| due.what != crate::schedule::due::What::Deadline), "it is done");
}
