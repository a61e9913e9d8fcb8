//! History and the story of an incident.

use super::*;

#[tokio::test]
async fn history_is_searched_without_scripts_and_keeps_what_was_asked() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let empty = site.get(Some(&ana), "/console/incidents").await.text;
    assert!(empty.contains("Nothing has happened yet"));
    submitted(&site, &ana).await;
    let drill = [("kind", "maintenance"), ("title", "<i>Moving house</i>"), ("exercise", "1")];
    site.send(&ana, "/console/new", &drill).await;
    let look = async |query: &str| site.get(Some(&ana), &format!("/console/incidents?{query}")).await;
    let (cards, house) = (">Card payments fail<", "&lt;i&gt;Moving house&lt;/i&gt;");
    for (query, has_cards, has_house) in [
        ("", true, true),
        ("q=BANK+transfer", true, false),
        ("q=moving", false, true),
        ("kind=maintenance", false, true),
        ("practice=without", true, false),
        ("practice=only", false, true),
        ("state=open", true, true),
        ("state=over", false, false),
        ("from=2999-01-01", true, true),
        ("to=2001-01-01", false, false),
        ("q=nobody+wrote+this", false, false),
    ] {
        let page = look(query).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert_eq!((page.text.contains(cards), page.text.contains(house)), (has_cards, has_house), "{query}");
        assert_eq!(page.text.contains("No incident is like this"), !has_cards && !has_house, "{query}");
    }
    assert!(look("q=a%22b&kind=notice").await.text.contains("value=\"a&quot;b\""));
    for (query, says) in [
        ("from=yesterday", "“yesterday” is no day"),
        ("from=2026-02-02&to=2026-02-01", "the last day is before the first"),
        ("kind=x", "there is no such kind"),
    ] {
        let page = look(&format!("{query}&q=kept")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(page.text.contains(says) && page.text.contains("value=\"kept\""), "{query}: {}", page.text);
    }
    // The page after it asks for the same.
    for number in 0..55 {
        let new = crate::compose::write::NewIncident {
            kind: crate::compose::status::Kind::Notice,
            title: format!("Notice {number}"),
            exercise: false,
            restricted: false,
        };
        let by = crate::people::Actor::Person(site.app.store.person(1).await.unwrap());
        crate::compose::write::open_incident(&site.app, &by, &new).await.unwrap();
    }
    let page = look("kind=notice&q=Notice").await.text;
    assert_eq!(page.matches("Notice ").count() - page.matches("Notice 0<").count(), 50, "{page}");
    let more = page.split("href=\"/console/incidents?q").nth(1).unwrap().split('"').next().unwrap();
    let more = format!("/console/incidents?q{}", more.replace("&amp;", "&").replace("&#x3D;", "="));
    let last = site.get(Some(&ana), &more).await.text;
    assert!(last.contains(">Notice 0<") && !last.contains("Earlier ones") && !last.contains(cards), "{more}: {last}");
}

#[tokio::test]
async fn a_story_says_who_stood_behind_each_update_and_what_was_done_with_it() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let page = site.get(Some(&ben), "/console/incidents/1").await.text;
    assert!(page.contains("Read update 1") && page.contains("written by <bdi>ana</bdi>"), "{page}");
    let broadcast = super::going_out::started(&site, id).await;
    let place = format!("/console/broadcasts/{broadcast}");
    for action in ["pause", "resume"] {
        assert_eq!(site.send(&ana, &place, &[("action", action)]).await.status, StatusCode::SEE_OTHER);
    }
    let page = site.get(Some(&ben), "/console/incidents/1").await.text;
    for part in [
        "written by <bdi>ana</bdi> · approved by <bdi>ben</bdi>",
        "handed over to 0 of",
        "<bdi>ana</bdi> stopped it.",
        "<bdi>ana</bdi> let it go on.",
        "Watch it go out",
        "Write update 2",
        "<bdi>ana</bdi> opened it.",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let next = site.send(&ana, "/console/incidents/1/updates", &[]).await;
    let second: i64 = next.place.rsplit('/').next().unwrap().parse().unwrap();
    let page = site.get(Some(&ana), "/console/incidents/1").await.text;
    assert!(page.contains("What changed since update 1") && page.contains("Go on with update 2"), "{page}");
    let vera = site.sign_in("vera").await;
    assert!(
        !site.get(Some(&vera), "/console/incidents/1").await.text.contains("Go on with"),
        "a reader writes nothing"
    );
    site.send(&ana, &format!("/console/updates/{second}"), &[("action", "discard")]).await;
    assert!(
        site.get(Some(&ana), "/console/incidents/1").await.text.contains("Write update 3"),
        "a number is given once"
    );
}
