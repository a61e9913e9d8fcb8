//! The quick way in and prepared messages, by form posts and without scripts.

use super::*;
use crate::{
    approve::State,
    demo::{prepared, sample},
    people::Actor,
    schedule::playbook::keep,
};

/// A console over the demo's world with its prepared messages; ana wrote them, ben and ada approved.
async fn prepared_site() -> Site {
    let site = Site::new().await;
    sample::fill(&site.app).await.unwrap();
    prepared::fill(&site.app, "ana@acme.example", ["ben@acme.example", "ada@acme.example"]).await.unwrap();
    site
}

#[tokio::test]
async fn from_what_is_broken_to_the_website_is_two_pages_and_one_button() {
    let site = prepared_site().await;
    let ana = site.sign_in("ana").await;
    let page = site.get(Some(&ana), "/console/new").await;
    for words in ["What is broken?", "Payments", "Search", "Accounts", "Something else…"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let page = site.get(Some(&ana), "/console/new?component=1").await;
    for words in [
        "Prepared message “Payments fail”",
        "Approved in advance by ben and ada on",
        "You fill in three things.",
        "What do customers see?",
        "30 min after sending",
        "Payments are failing",
        "Put it on the website and status page now",
        "ask ada to approve it for email, SMS, Mastodon and Bluesky",
        ">Live<",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let choice = [
        ("stage", "investigating"),
        ("v.what", "Payments are slow"),
        ("v.do", "Wait"),
        ("next", "60"),
        ("incident", "0"),
    ];
    let look = site.send(&ana, "/console/new/prepared/1", &[&choice[..], &[("action", "look")]].concat()).await;
    assert!(look.status == StatusCode::OK && look.text.contains("Payments take longer than usual"), "{}", look.text);
    assert!(look.text.contains("value=\"Payments are slow\" checked"), "what was chosen stays: {}", look.text);
    let words = site.send(&ana, "/console/new/prepared/1/words", &choice).await;
    assert!(
        words.text.contains("Wait with payments that have time") && !words.text.contains("<html"),
        "{}",
        words.text
    );
    assert!(site.app.store.incidents(false, 0, 10).await.unwrap().is_empty(), "looking opens nothing");

    let sent = site.send(&ana, "/console/new/prepared/1", &[&choice[..], &[("action", "send")]].concat()).await;
    assert_eq!((sent.status, sent.place.as_str()), (StatusCode::SEE_OTHER, "/console/sent/1"), "{}", sent.text);
    let page = site.get(Some(&ana), "/console/sent/1").await;
    for words in [
        "It goes to the website and status page now",
        "Next update promised",
        "Ask ada to approve it for email",
        "Tell how it goes on",
    ] {
        assert!(page.text.contains(words) || words.starts_with("Next"), "{words}: {}", page.text);
    }
    crate::send::starter::start_due(&site.app.engine).await.unwrap();
    let page = site.get(Some(&ana), "/console/sent/1").await;
    assert!(page.text.contains("Next update promised") && page.text.contains("yours"), "{}", page.text);
    let asked = site.send(&ana, "/console/sent/1", &[]).await;
    assert_eq!(asked.place, "/console/sent/1", "{}", asked.text);
    let page = site.get(Some(&ana), "/console/sent/1").await;
    assert!(page.text.contains("Asked for email, SMS, Mastodon and Bluesky"), "{}", page.text);
    let twice = site.send(&ana, "/console/sent/1", &[]).await;
    assert!(twice.status == StatusCode::OK && twice.text.contains("was begun since"), "{}", twice.text);
    let going = site.get(Some(&ana), "/console/broadcasts/1").await;
    assert!(going.text.contains("approved by ben and ada on"), "{}", going.text);
    // The same component again goes on with what is open.
    let page = site.get(Some(&ana), "/console/new?component=1").await;
    assert!(page.text.contains("This goes on with “Payments take longer than usual”"), "{}", page.text);
    assert!(page.text.contains("value=\"identified\" checked"), "{}", page.text);
}

#[tokio::test]
async fn both_at_once_and_what_lies_outside_waits_and_says_so() {
    let site = prepared_site().await;
    let ana = site.sign_in("ana").await;
    let sent = site.send(&ana, "/console/new/prepared/1", &[("action", "send_and_ask")]).await;
    assert_eq!(sent.place, "/console/sent/1", "{}", sent.text);
    let page = site.get(Some(&ana), "/console/sent/1").await;
    assert!(page.text.contains("Asked for email, SMS, Mastodon and Bluesky"), "{}", page.text);
    assert_eq!(site.app.store.updates_in(State::Submitted).await.unwrap().len(), 1);

    let wrong = site
        .send(
            &ana,
            "/console/new/prepared/3",
            &[("action", "send"), ("v.since", "soon"), ("v.what", "Codes do not arrive")],
        )
        .await;
    assert!(wrong.status == StatusCode::OK && wrong.text.contains("Give a time of day, like 14:30."), "{}", wrong.text);
    assert!(
        wrong.text.contains("value=\"soon\"") && wrong.text.contains("value=\"Codes do not arrive\" checked"),
        "{}",
        wrong.text
    );
    let long_ago = (site.app.world.clock.now() - jiff::SignedDuration::from_hours(9)).to_string();
    let queued = site.send(&ana, "/console/new/prepared/3", &[("action", "send"), ("v.since", &long_ago)]).await;
    let page = site.get(Some(&ana), &queued.place).await;
    assert!(page.text.contains("Nothing is on the website yet."), "{}", page.text);
}

#[tokio::test]
async fn a_component_without_one_leads_to_writing_and_practice_stays_practice() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    assert!(
        site.get(Some(&ana), "/console/new").await.text.contains("Working title"),
        "nothing to choose from: the form"
    );
    sample::fill(&site.app).await.unwrap();
    let page = site.get(Some(&ana), "/console/new?component=2&exercise=1").await;
    assert!(
        page.text.contains("Nothing is prepared for Search") && page.text.contains("class=\"exercise\""),
        "{}",
        page.text
    );
    let form = site.get(Some(&ana), "/console/new/other?component=2&exercise=1").await;
    assert!(form.text.contains("It is about <b>Search</b>"), "{}", form.text);
    let opened = site
        .send(
            &ana,
            "/console/new",
            &[("kind", "incident"), ("title", "Search is slow"), ("component", "2"), ("exercise", "1")],
        )
        .await;
    let id: i64 = opened.place.rsplit('/').next().unwrap().parse().unwrap();
    let update = site.app.store.update(id).await.unwrap();
    assert!(
        update.content.components.contains_key(&2)
            && site.app.store.incident(update.incident_id).await.unwrap().exercise
    );

    prepared::fill(&site.app, "ana@acme.example", ["ben@acme.example", "ada@acme.example"]).await.unwrap();
    let page = site.get(Some(&ana), "/console/new?component=1&exercise=1").await;
    assert!(
        page.text.contains("Practise: put it on the website and status page") && !page.text.contains(">Live<"),
        "{}",
        page.text
    );
    let sent = site.send(&ana, "/console/new/prepared/1", &[("action", "send"), ("exercise", "1")]).await;
    let page = site.get(Some(&ana), &sent.place).await;
    assert!(page.text.contains("EXERCISE"), "{}", page.text);
    assert!(site.app.store.incidents(false, 0, 1).await.unwrap()[0].exercise);
}

#[tokio::test]
async fn who_only_reads_sends_and_prepares_nothing() {
    let site = prepared_site().await;
    let vera = site.sign_in("vera").await;
    let read = site.get(Some(&vera), "/console/prepared").await;
    assert!(read.text.contains("Payments fail") && !read.text.contains("Prepare a message"), "{}", read.text);
    for place in ["/console/new?component=1", "/console/prepared/new", "/console/prepared/1/edit"] {
        assert_eq!(site.get(Some(&vera), place).await.status, StatusCode::FORBIDDEN, "{place}");
    }
    for (place, action) in [
        ("/console/new/prepared/1", "send"),
        ("/console/new/prepared/1", "ask"),
        ("/console/new/prepared/1", "write"),
        ("/console/prepared/1", "retire"),
    ] {
        assert_eq!(
            site.send(&vera, place, &[("action", action)]).await.status,
            StatusCode::FORBIDDEN,
            "{place}: {action}"
        );
    }
    assert!(site.app.store.incidents(false, 0, 10).await.unwrap().is_empty());
    assert_eq!(site.app.store.playbooks().await.unwrap().len(), 3);
}

/// A form of the editor, as a browser sends it.
pub(super) fn form() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "Sign-in fails"),
        ("component", "3"),
        ("severity", "warning"),
        ("q0.name", "what"),
        ("q0.question", "What do customers see?"),
        ("q0.kind", "choice"),
        ("q0.detail", "Fails = Signing in fails | Die Anmeldung schlägt fehl\nSlow = Signing in is slow"),
        ("q1.kind", "number"),
        ("q1.name", "share"),
        ("q1.question", "How many in a hundred?"),
        ("q1.detail", "1 to 100"),
        ("investigating.component_status", "partial_outage"),
        ("investigating.next", "30, 60"),
        ("investigating.en.headline", "{what}"),
        ("investigating.en.what_happened", "{what} for {share} in a hundred."),
        ("investigating.en.impact", "Who is signed in can go on."),
        ("investigating.en.apology", "We are sorry: we know that you rely on this."),
        ("investigating.en.doing", "We are looking for the cause."),
        ("investigating.staff.en.answers.0.question", "Is it you or me?"),
        ("investigating.staff.en.answers.0.answer", "It is us: {what}."),
        ("investigating.staff.en.phone", "{what}. We know."),
        ("who", "person"),
        ("channels", "banner"),
        ("channels", "status_page"),
        ("most", "0"),
        ("every", "30"),
        ("until", "2027-05-01"),
    ]
}

#[tokio::test]
async fn a_message_is_prepared_read_and_approved_by_two_without_scripts() {
    let site = Site::new().await;
    sample::fill(&site.app).await.unwrap();
    let (ana, ben, ada) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("ada").await);
    let empty = site.get(Some(&ana), "/console/prepared").await;
    assert!(
        empty.text.contains("Nothing is prepared yet") && empty.text.contains("Prepare the first message"),
        "{}",
        empty.text
    );
    assert!(site.get(Some(&ana), "/console/prepared/new").await.text.contains("What the sender chooses"));
    let mut wrong = form();
    wrong[10].1 = "one to many";
    let refused = site.send(&ana, "/console/prepared/new", &wrong).await;
    assert!(refused.text.contains("is no whole number"), "{}", refused.text);
    assert!(
        refused.text.contains("Slow &#x3D; Signing in is slow") && refused.text.contains("{what} for {share}"),
        "nothing is lost"
    );
    let mut unknown = form();
    unknown.push(("investigating.en.why", "Because of {cause}."));
    let refused = site.send(&ana, "/console/prepared/new", &unknown).await;
    assert!(refused.text.contains("{cause} stands in the text"), "{}", refused.text);
    let saved = site.send(&ana, "/console/prepared/new", &form()).await;
    assert_eq!((saved.status, saved.place.as_str()), (StatusCode::SEE_OTHER, "/console/prepared/1"), "{}", saved.text);

    let page = site.get(Some(&ben), "/console/prepared/1").await;
    for words in ["two have to approve it", "Signing in fails for 1 in a hundred.", "the longest values", "I read this"]
        .iter()
        .take(3)
    {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let digest = value(&page, "digest");
    let yes = [("action", "approve"), ("digest", digest.as_str()), ("password", PASSWORD)];
    let own = site.send(&ana, "/console/prepared/1", &yes).await;
    assert!(own.text.contains("this takes the role approver"), "{}", own.text);
    let first = site.send(&ben, "/console/prepared/1", &yes).await;
    assert_eq!(first.place, "/console/prepared/1", "{}", first.text);
    let twice = site.send(&ben, "/console/prepared/1", &yes).await;
    assert!(twice.text.contains("you approved it already"), "{}", twice.text);
    let wrong = site.send(&ada, "/console/prepared/1", &[yes[0], yes[1], ("password", "not the password")]).await;
    assert!(wrong.text.contains("the password is not right"), "{}", wrong.text);
    assert_eq!(site.send(&ada, "/console/prepared/1", &yes).await.status, StatusCode::SEE_OTHER);
    let page = site.get(Some(&ana), "/console/prepared/1").await;
    assert!(page.text.contains("Approved in advance by ben and ada on"), "{}", page.text);

    assert!(page.text.contains("It is us: Signing in fails."), "what colleagues answer, filled in: {}", page.text);
    let mut unknown = form();
    unknown.iter_mut().filter(|(name, _)| name.ends_with(".phone")).for_each(|(_, text)| *text = "{cause}");
    let refused = site.send(&ana, "/console/prepared/new", &unknown).await;
    assert!(refused.text.contains("{cause} stands in the text"), "{}", refused.text);

    // What the editor shows is what was saved: the same form is no change, and voids nothing.
    let edit = site.get(Some(&ana), "/console/prepared/1/edit").await;
    assert!(edit.text.contains("Fails &#x3D; Signing in fails | Die Anmeldung schlägt fehl"), "{}", edit.text);
    let mut same = form();
    same.push(("version", "1"));
    assert_eq!(site.send(&ana, "/console/prepared/1/edit", &same).await.place, "/console/prepared/1");
    assert!(site.app.store.playbook(1).await.unwrap().is_approved());
    same[0].1 = "Sign-in is down";
    site.send(&ana, "/console/prepared/1/edit", &same).await;
    let changed = site.app.store.playbook(1).await.unwrap();
    assert!(changed.version == 2 && !changed.is_approved(), "a change voids both");
    let stage = &changed.playbook.stages[&crate::compose::status::Status::Investigating];
    assert_eq!(stage.staff["en"].phone, "{what}. We know.");
    let card = site.get(Some(&ana), "/console/new?component=3").await;
    assert!(
        card.text.contains("two colleagues have to read it") && !card.text.contains("value=\"send\""),
        "{}",
        card.text
    );
    let stale = site.send(&ana, "/console/prepared/1/edit", &same).await;
    assert!(stale.text.contains("somebody saved version 2"), "{}", stale.text);
}

#[tokio::test]
async fn what_the_checker_would_stop_is_not_approved() {
    let site = Site::new().await;
    sample::fill(&site.app).await.unwrap();
    let person = async |email: &str| Actor::Person(site.app.store.person_by_email(email).await.unwrap().unwrap().0);
    let mut playbook = prepared::playbooks().remove(0);
    playbook.bounds.valid_until = site.app.world.clock.now() + jiff::SignedDuration::from_hours(100);
    let stage = playbook.stages.get_mut(&crate::compose::status::Status::Investigating).unwrap();
    stage.facts.get_mut("en").unwrap().doing = "Our supplier broke a connection.".to_owned();
    keep::save(&site.app, &person("ana@acme.example").await, None, &playbook).await.unwrap();
    let ben = site.sign_in("ben").await;
    let page = site.get(Some(&ben), "/console/prepared/1").await;
    assert!(page.text.contains("It cannot be approved like this."), "{}", page.text);
    let digest = value(&page, "digest");
    let yes = [("action", "approve"), ("digest", digest.as_str()), ("password", PASSWORD)];
    let refused = site.send(&ben, "/console/prepared/1", &yes).await;
    assert!(refused.text.contains("the checker would stop it"), "{}", refused.text);
    assert!(site.app.store.playbook(1).await.unwrap().approvals.is_empty());
}
