//! Write, asked of the router: what is marked, taken back, compared, tested on oneself, and given as a list.

use onevoice_channels::contract::Channel;

use super::*;

/// A draft of Ana's with words that the checker marks; its place, and the pairs of its form without a version.
async fn draft(site: &Site, ana: &Browser) -> (String, Vec<(String, String)>) {
    let place = open(site, ana, "Card payments fail").await;
    let mut words = first_word("");
    words
        .iter_mut()
        .filter(|(name, _)| *name == "v0.en.doing")
        .for_each(|(_, text)| "Our supplier broke a connection. We look for another.".clone_into(text));
    (place, words.into_iter().map(|(name, text)| (name.to_owned(), text)).collect())
}

/// Sends the form as made from a version, with a button.
async fn press(
    site: &Site,
    who: &Browser,
    place: &str,
    words: &[(String, String)],
    version: &str,
    action: &str,
) -> Page {
    let mut all = words.to_vec();
    all.retain(|(name, _)| name != "version" && name != "base_version");
    all.extend([("version".to_owned(), version.to_owned()), ("action".to_owned(), action.to_owned())]);
    site.send(who, place, &borrowed(&all)).await
}

async fn version(site: &Site, who: &Browser, place: &str) -> String {
    value(&site.get(Some(who), place).await, "version")
}

fn with(words: &[(String, String)], name: &str, text: &str) -> Vec<(String, String)> {
    let mut words = words.to_vec();
    words.retain(|(known, _)| known != name);
    words.push((name.to_owned(), text.to_owned()));
    words
}

async fn doing(site: &Site, update: i64) -> String {
    site.app.store.update(update).await.unwrap().content.variants[0].facts["en"].doing.clone()
}

#[tokio::test]
async fn findings_mark_the_words_where_they_stand_and_better_words_can_be_taken_back() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let (place, words) = draft(&site, &ana).await;
    press(&site, &ana, &place, &words, "1", "save").await;
    let page = site.get(Some(&ana), &place).await;
    let marked = "data-marks=\"v0-en-doing\" data-preview=\"m v0.en.doing\"><mark class=\"block\">";
    assert!(page.text.contains(marked), "{}", page.text);
    let looked = crate::preview::preview(&site.app, 1, None).await.unwrap();
    let blame =
        looked.findings.iter().find(|finding| finding.field.as_deref() == Some("doing") && finding.instead.is_some());
    let blame = blame.expect("the checker has better words for blame");
    let used = press(&site, &ana, &place, &words, &value(&page, "version"), &format!("use:{}", blame.id)).await;
    assert!(used.status == StatusCode::SEE_OTHER && used.place.contains("?undo=2"), "{}", used.place);
    assert!(!doing(&site, 1).await.contains("Our supplier broke"));
    let page = site.get(Some(&ana), &used.place).await;
    assert!(page.text.contains("value=\"undo:2\""));
    // What was typed since stays; only the better words go.
    let better = doing(&site, 1).await;
    let typed = with(&with(&words, "v0.en.doing", &better), "v0.en.impact", "Typed since.");
    let undone = press(&site, &ana, &place, &typed, &value(&page, "version"), "undo:2").await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    assert!(doing(&site, 1).await.starts_with("Our supplier broke a connection."));
    assert_eq!(site.app.store.update(1).await.unwrap().content.variants[0].facts["en"].impact, "Typed since.");
}

#[tokio::test]
async fn versions_are_listed_compared_and_gone_back_to() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let (place, words) = draft(&site, &ana).await;
    press(&site, &ana, &place, &with(&words, "v0.en.headline", "The first <b>words</b>"), "1", "save").await;
    press(&site, &ana, &place, &with(&words, "v0.en.headline", "The other <b>words</b>"), "2", "save").await;
    let versions = format!("{place}/versions");
    let page = site.get(Some(&ana), &versions).await;
    assert!(page.status == StatusCode::OK && page.text.contains("<del>first </del><ins>other </ins>"), "{}", page.text);
    assert!(page.text.contains("&lt;b&gt;words") && !page.text.contains("<b>words"));
    assert!(site.get(Some(&ana), &format!("{versions}?from=1&to=2")).await.text.contains("The first"));
    assert_eq!(site.get(Some(&ana), &format!("{versions}?from=1&to=9")).await.status, StatusCode::NOT_FOUND);
    let back = [("version", "3"), ("restore", "2")];
    assert_eq!(site.send(&vera, &versions, &back).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ana, &versions, &back).await.place, place);
    let update = site.app.store.update(1).await.unwrap();
    assert_eq!(
        (update.version, update.content.variants[0].facts["en"].headline.as_str()),
        (4, "The first <b>words</b>")
    );
    let late = [("version", "3"), ("restore", "1")];
    assert_eq!(site.send(&ana, &versions, &late).await.status, StatusCode::CONFLICT, "somebody saved since");
}

#[tokio::test]
async fn two_people_see_each_other_and_keep_the_changes_of_both() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let (place, words) = draft(&site, &ana).await;
    press(&site, &ana, &place, &words, "1", "save").await;
    let shown = version(&site, &ben, &place).await;
    let here = site.get(Some(&ana), &format!("{place}/here?version={shown}")).await;
    assert!(here.text.contains("ben has this open") && !here.text.contains("ana has"), "{}", here.text);
    press(&site, &ana, &place, &with(&words, "v0.en.headline", "Ana’s headline"), &shown, "save").await;
    let newer = site.get(Some(&ben), &format!("{place}/here?version={shown}")).await;
    assert!(newer.text.contains("ana saved a newer version"), "{}", newer.text);

    // Saved by a script: refused, so that nobody's words go silently.
    let bens = with(&words, "v0.en.impact", "Ben’s impact");
    let mut pairs = bens.clone();
    pairs.push(("version".to_owned(), shown.clone()));
    let request =
        post(&format!("{place}/save"), &[]).header(header::COOKIE, &ben.cookie).header("x-csrf-token", &ben.csrf);
    assert_eq!(site.ask(request.body(body(&borrowed(&pairs))).unwrap()).await.status, StatusCode::CONFLICT);

    let conflict = press(&site, &ben, &place, &bens, &shown, "save").await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text.contains("Ana’s </ins>") || conflict.text.contains("Ana’s"), "{}", conflict.text);
    let mut both = bens.clone();
    both.extend([
        ("version".to_owned(), value(&conflict, "version")),
        ("base_version".to_owned(), value(&conflict, "base_version")),
        ("action".to_owned(), "both".to_owned()),
    ]);
    let put = site.send(&ben, &place, &borrowed(&both)).await;
    assert_eq!(put.status, StatusCode::SEE_OTHER, "{}", put.text);
    let facts = site.app.store.update(1).await.unwrap().content.variants[0].facts["en"].clone();
    assert_eq!((facts.headline.as_str(), facts.impact.as_str()), ("Ana’s headline", "Ben’s impact"));
    // The same page once more is made from what is old by now.
    let again = with(&both, "v0.en.impact", "Ben again");
    assert_eq!(site.send(&ben, &place, &borrowed(&again)).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_is_typed_when_it_was_approved_meanwhile_is_shown_and_not_lost() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let (place, words) = draft(&site, &ana).await;
    press(&site, &ana, &place, &words, "1", "save").await;
    let entry = site.app.entry("operator", "update.discard", "update:1", serde_json::json!({}));
    site.app.store.discard_update(1, &entry).await.unwrap();
    let late = press(&site, &ana, &place, &with(&words, "v0.en.impact", "Typed too late"), "2", "save").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("Typed too late") && late.text.contains("can no longer be changed"), "{}", late.text);
}

#[tokio::test]
async fn what_cannot_be_read_loses_nothing_else() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let (place, words) = draft(&site, &ana).await;
    let wrong = with(&with(&words, "spread_hours", "soon"), "v0.en.impact", "Still here.");
    let page = press(&site, &ana, &place, &wrong, "1", "save").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Still here.") && page.text.contains("not &quot;soon&quot;"), "{}", page.text);
}

#[tokio::test]
async fn a_draft_survives_a_sign_out_and_a_new_start() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let (place, words) = draft(&site, &ana).await;
    let mut pairs = with(&words, "v0.en.impact", "Saved at a pause.");
    pairs.push(("version".to_owned(), "1".to_owned()));
    let request =
        post(&format!("{place}/save"), &[]).header(header::COOKIE, &ana.cookie).header("x-csrf-token", &ana.csrf);
    assert_eq!(site.ask(request.body(body(&borrowed(&pairs))).unwrap()).await.status, StatusCode::OK);
    site.send(&ana, "/console/sign-out", &[]).await;
    let Site { router: before, app, _data: data } = site;
    drop(before);
    app.store.close(app.world.random.as_ref()).await;
    drop(app);
    let config = Config::demo(data.path().to_owned(), ([127, 0, 0, 1], 8080).into());
    let world = World::system().unwrap();
    let store = Store::open(&data.path().join("onevoice.db"), world.random.as_ref()).await.unwrap();
    let app = App::build(config, store, world).unwrap();
    let site = Site { router: router(app.clone()), app, _data: data };
    let ana = site.sign_in("ana").await;
    let page = site.get(Some(&ana), &place).await;
    assert!(page.text.contains("Saved at a pause.") && value(&page, "version") == "2");
}

#[tokio::test]
async fn a_test_goes_to_its_own_author_only_marked_audited_and_not_too_often() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    with_audience(&site).await;
    let (place, words) = draft(&site, &ana).await;
    assert_eq!(press(&site, &vera, &place, &words, "1", "test").await.status, StatusCode::FORBIDDEN);
    let sent = press(&site, &ana, &place, &words, "1", "test").await;
    assert_eq!((sent.status, sent.place.as_str()), (StatusCode::SEE_OTHER, place.as_str()), "{}", sent.text);
    let page = site.get(Some(&ana), &place).await;
    assert!(page.text.contains("The test went to ana@acme.example"), "{}", page.text);
    assert!(!site.get(Some(&vera), &place).await.text.contains("The test went"));
    let trial = site.app.trials.last(1, 1).unwrap();
    assert_eq!((trial.sent, trial.of, trial.trouble), (1, 1, None));
    let audit = site.app.store.audit_of("update:1").await.unwrap();
    assert!(audit.contains(&("person:1".to_owned(), "update.test".to_owned())), "{audit:?}");
    assert!(site.app.store.broadcasts_of(1).await.unwrap().is_empty(), "no broadcast knows of it");
    for _ in 0..4 {
        press(&site, &ana, &place, &words, &version(&site, &ana, &place).await, "test").await;
    }
    let often = press(&site, &ana, &place, &words, &version(&site, &ana, &place).await, "test").await;
    assert!(
        often.status == StatusCode::TOO_MANY_REQUESTS && often.text.contains("what you wrote is saved"),
        "{}",
        often.text
    );
    site.send(&ana, "/console/stop", &[]).await;
    let held = press(&site, &ana, &place, &words, &version(&site, &ana, &place).await, "test").await;
    assert!(held.text.contains("nothing is sent, not even a test"), "{}", held.text);
}

#[tokio::test]
async fn a_test_by_text_goes_to_ones_own_phone_and_says_what_it_lacks() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    with_audience(&site).await;
    let (place, words) = draft(&site, &ana).await;
    let without = press(&site, &ana, &place, &words, "1", "test_sms").await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.text.contains("no phone number of yours is known"), "{}", without.text);
    let ada = site.sign_in("ada").await;
    let own = [("action", "change"), ("id", "1"), ("name", "Ana"), ("role", "author"), ("phone", "+447700900123")];
    assert_eq!(site.send(&ada, "/console/settings", &own).await.status, StatusCode::SEE_OTHER);
    let sent = press(&site, &ana, &place, &words, &version(&site, &ana, &place).await, "test_sms").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let page = site.get(Some(&ana), &place).await;
    assert!(
        page.text.contains("The test went to +447700900123") && page.text.contains("1 text message,"),
        "{}",
        page.text
    );
    let trial = site.app.trials.last(1, 1).unwrap();
    assert_eq!((trial.channel, trial.sent, trial.of, trial.trouble), (Channel::Sms, 1, 1, None));
    let audit = site.app.store.audit_of("update:1").await.unwrap();
    assert!(audit.contains(&("person:1".to_owned(), "update.test".to_owned())), "{audit:?}");
    for _ in 0..4 {
        press(&site, &ana, &place, &words, &version(&site, &ana, &place).await, "test").await;
    }
    let often = press(&site, &ana, &place, &words, &version(&site, &ana, &place).await, "test_sms").await;
    assert_eq!(often.status, StatusCode::TOO_MANY_REQUESTS, "texts and mails count together");
}

#[tokio::test]
async fn a_pasted_list_says_whom_it_found_and_chooses_whom_the_update_is_for() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    with_audience(&site).await;
    let (place, words) = draft(&site, &ana).await;
    let saved = press(&site, &ana, &place, &words, "1", "list").await;
    let list = format!("{place}/list");
    assert_eq!(
        (saved.status, saved.place.as_str()),
        (StatusCode::SEE_OTHER, list.as_str()),
        "what was typed is saved first"
    );
    let give = |ids: &'static str| [("action", "give"), ("ids", ids)];
    assert_eq!(site.send(&vera, &list, &give("c-1")).await.status, StatusCode::FORBIDDEN);
    let nothing = site.send(&ana, &list, &give(" ; ")).await;
    assert!(nothing.status == StatusCode::UNPROCESSABLE_ENTITY && nothing.text.contains("at least one customer id"));
    assert_eq!(site.send(&ana, &list, &give("c-1\nnobody,<b>x</b>")).await.place, list);
    let page = site.get(Some(&ana), &list).await;
    assert!(
        page.text.contains("1 customers found, 2 not") && page.text.contains("&lt;b&gt;x&lt;/b&gt;, nobody"),
        "{}",
        page.text
    );
    assert_eq!(site.get(Some(&ana), &format!("{list}/not-found.txt")).await.text, "<b>x</b>\nnobody\n");
    assert_eq!(site.get(Some(&ana), &format!("{list}/found.txt")).await.text, "c-1\n");
    assert_eq!(site.send(&ana, &list, &[("action", "use")]).await.place, place);
    let count = |app: App| async move {
        crate::preview::preview(&app, 1, None).await.map(|looked| looked.numbers.count.people)
    };
    assert_eq!(count(site.app.clone()).await.unwrap(), 1);
    site.send(&ana, &list, &give("nobody")).await;
    assert_eq!(count(site.app.clone()).await.unwrap(), 0, "only who is on the list");
    let page = site.get(Some(&ana), &place).await;
    let off = with(&words, "v0.list", "off");
    press(&site, &ana, &place, &off, &value(&page, "version"), "save").await;
    assert_eq!(count(site.app.clone()).await.unwrap(), 1, "everybody but who is on it");
    assert_eq!(site.send(&ana, &list, &[("action", "forget")]).await.status, StatusCode::SEE_OTHER);
    let page = site.get(Some(&ana), &place).await;
    assert!(page.status == StatusCode::OK && page.text.contains("this incident has none (any more)"), "{}", page.text);
}

#[tokio::test]
async fn groups_stand_side_by_side_with_who_is_in_which() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    with_audience(&site).await;
    let (place, words) = draft(&site, &ana).await;
    press(&site, &ana, &place, &words, "1", "add_variant").await;
    let page = site.get(Some(&ana), &format!("{place}/groups")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for part in ["group 2", "It cannot be sent like this", "q=c-1", "shows everybody what the first group is told"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("<script>alert"));
    let write = site.get(Some(&ana), &place).await;
    assert!(write.text.contains("it cannot be sent like this") && write.text.contains(&format!("{place}/groups")));
}

#[tokio::test]
async fn previews_are_as_their_places_show_them() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let (place, words) = draft(&site, &ana).await;
    let long = "We are sorry 😀. ".repeat(10);
    press(&site, &ana, &place, &with(&words, "v0.en.short.sms", long.trim()), "1", "save").await;
    let page = site.get(Some(&ana), &place).await;
    for part in [
        "part 1 of ",
        "<mark class=\"forcing\" title=\"the character 😀 (U+1F600)\">😀</mark>",
        "class=\"look dark\"",
        "class=\"look phone\"",
        "class=\"strip warning\"",
        "class=\"entry\"",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let dark = site.get(Some(&ana), &format!("{place}/mail/0/en?look=dark")).await;
    assert!(dark.text.contains("(min-width: 0)") && dark.text.contains("<mark style"), "{}", dark.text);
    assert!(dark.headers["content-security-policy"].to_str().unwrap().starts_with("sandbox;"));
}

#[tokio::test]
async fn plain_characters_are_offered_with_what_they_save_and_put_in_everywhere_at_once() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let (place, words) = draft(&site, &ana).await;
    // Quotes and dashes are made plain anyway; letters are their author's.
    let dear = "Płatności są wolne teraz. ".repeat(5);
    press(&site, &ana, &place, &with(&words, "v0.en.short.sms", dear.trim()), "1", "save").await;
    let page = site.get(Some(&ana), &place).await;
    assert!(page.text.contains("With plain characters in their place it has 2 parts, not 3"), "{}", page.text);
    assert!(page.text.contains("value=\"use:plain:0:en\""));
    assert_eq!(page.text.matches("Halves the room").count(), 3, "each letter is told once");
    let version = value(&page, "version");
    let words = with(&words, "v0.en.short.sms", dear.trim());
    let used = press(&site, &ana, &place, &words, &version, "use:plain:0:en").await;
    assert!(used.status == StatusCode::SEE_OTHER && used.place.contains("?undo="), "{}", used.place);
    let content = site.app.store.update(1).await.unwrap().content;
    let short = &content.variants[0].facts["en"].short[&onevoice_channels::contract::Channel::Sms];
    assert_eq!(*short, "Platnosci sa wolne teraz. ".repeat(5).trim());
    assert!(!site.get(Some(&ana), &place).await.text.contains("use:plain"));
}

#[tokio::test]
async fn previews_of_what_is_being_typed_save_nothing_and_are_seen_by_nobody_else() {
    let site = Site::new().await;
    let (ana, ben, vera) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("vera").await);
    let (place, words) = draft(&site, &ana).await;
    press(&site, &ana, &place, &words, "1", "save").await;
    site.get(Some(&ana), &place).await;
    let typed = with(&words, "v0.en.headline", "Typed just now");
    let looked = site.send(&ana, &format!("{place}/look"), &borrowed(&typed)).await;
    assert!(looked.status == StatusCode::OK && looked.text.contains("Typed just now"), "{}", looked.text);
    assert_eq!(site.app.store.update(1).await.unwrap().version, 2, "nothing was saved");
    assert!(!looked.text.contains(r#"name="version""#), "whose words these are based on is the page's own to say");
    assert!(looked.text.contains(&format!("{place}/mail/0/en?typed&#x3D;1")), "{}", looked.text);
    let mail = format!("{place}/mail/0/en?typed=1");
    assert!(site.get(Some(&ana), &mail).await.text.contains("Typed just now"));
    assert!(!site.get(Some(&ben), &mail).await.text.contains("Typed just now"), "a colleague sees what is saved");
    assert_eq!(site.send(&vera, &format!("{place}/look"), &borrowed(&typed)).await.status, StatusCode::FORBIDDEN);
    press(&site, &ana, &place, &with(&words, "v0.en.headline", "Saved meanwhile"), "2", "save").await;
    let page = site.get(Some(&ana), &place).await;
    assert!(page.text.contains("Saved meanwhile") && page.text.contains("mail/0/en?version&#x3D;3"), "{}", page.text);
    let shown = site.get(Some(&ana), &mail).await;
    assert!(shown.text.contains("Typed just now"), "a save that ends later takes nothing away: {}", shown.text);
}
