//! The staff sheet in the console: written without scripts, read before the yes, found by who answers the phone.

use super::*;

/// A first word with a sheet.
fn words(site: &Site) -> Vec<(String, String)> {
    let next = super::super::time::Times::of(&site.app).ahead(60).to_string();
    let mut words: Vec<(String, String)> =
        first_word(&next).into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    for (name, text) in [
        ("staff.en.answers.0.question", ""),
        ("staff.en.answers.0.answer", ""),
        ("staff.en.answers.1.question", "When does it work again?"),
        ("staff.en.answers.1.answer", "We say more at <b>eleven</b>."),
        ("staff.en.avoid.0", "Nordbank broke it"),
        ("staff.en.avoid.1", " "),
        ("staff.en.phone", "Our supplier broke a connection."),
        ("staff.en.abuse", "I will end this call."),
    ] {
        words.push((name.to_owned(), text.to_owned()));
    }
    words
}

fn put(words: &mut Vec<(String, String)>, name: &str, text: &str) {
    words.retain(|(known, _)| known != name);
    words.push((name.to_owned(), text.to_owned()));
}

/// Sends the form with a button, as made from what is stored.
async fn press(site: &Site, who: &Browser, place: &str, words: &[(String, String)], action: &str) -> Page {
    let mut all = words.to_vec();
    put(&mut all, "version", &value(&site.get(Some(who), place).await, "version"));
    put(&mut all, "action", action);
    site.send(who, place, &borrowed(&all)).await
}

#[tokio::test]
async fn it_is_written_read_before_the_yes_and_stands_on_the_incidents_page() {
    let site = Site::new().await;
    with_audience(&site).await;
    let (ana, ben, vera) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("vera").await);
    let place = open(&site, &ana, "Card payments fail").await;
    let id: i64 = place.rsplit('/').next().unwrap().parse().unwrap();
    let mut words = words(&site);
    press(&site, &ana, &place, &words, "save").await;
    let sheet = async || site.app.store.update(id).await.unwrap().content.staff.get("en").cloned();
    let saved = sheet().await.expect("a sheet");
    assert_eq!((saved.answers.len(), saved.avoid.len()), (1, 1), "empty rows are none: {saved:?}");
    let page = site.get(Some(&ana), &place).await;
    for part in [
        "name=\"staff.en.answers.0.question\" value=\"When does it work again?\"",
        "name=\"staff.en.answers.1.question\" value=\"\"",
        "name=\"staff.en.avoid.0\" value=\"Nordbank broke it\"",
        "data-marks=\"staff-en-phone\" data-preview=\"m staff.en.phone\"><mark class=\"block\">",
        "Colleagues’ chat",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("value=\"staff_chat\""), "nobody chooses its places");
    assert!(!page.text.contains("short.staff_"), "and nobody writes another text for them");

    // Better words are one click away, as everywhere.
    let looked = crate::preview::preview(&site.app, id, None).await.unwrap();
    let blame = looked.findings.iter().find(|finding| finding.field.as_deref() == Some("staff/phone")).unwrap();
    assert!(!looked.findings.iter().any(|finding| finding.field.as_deref() == Some("staff/avoid/0")));
    if blame.instead.is_some() {
        let before = sheet().await.unwrap().phone;
        words.iter_mut().find(|(name, _)| name == "staff.en.answers.1.question").unwrap().1.clear();
        words.iter_mut().find(|(name, _)| name == "staff.en.answers.1.answer").unwrap().1.clear();
        put(&mut words, "staff.en.answers.0.question", "When does it work again?");
        put(&mut words, "staff.en.answers.0.answer", "We say more at <b>eleven</b>.");
        press(&site, &ana, &place, &words, &format!("use:{}", blame.id)).await;
        assert_ne!(sheet().await.unwrap().phone, before);
    }
    put(&mut words, "staff.en.phone", "We know, and we are working on it.");
    press(&site, &ana, &place, &words, "save").await;
    words.extend(keep_all(&site, id).await);
    let sent = press(&site, &ana, &place, &words, "submit").await;
    assert_eq!(sent.place, format!("{place}/approve"), "{}", sent.text);

    let approve = format!("{place}/approve");
    let page = site.get(Some(&ben), &approve).await;
    assert!(page.text.contains("We say more at &lt;b&gt;eleven&lt;/b&gt;."), "{}", page.text);
    let boxes: Vec<String> = ticked(&page).into_iter().map(|(_, key)| key).collect();
    for key in ["update-0-staff_chat-en", "update-0-staff_mail-en"] {
        assert!(boxes.iter().any(|known| known == key), "{key}: {boxes:?}");
    }
    let mut yes = ticked(&page);
    yes.retain(|(_, key)| key != "update-0-staff_chat-en");
    for (name, text) in [
        ("digest", value(&page, "digest").as_str()),
        ("recipients", "1"),
        ("password", PASSWORD),
        ("action", "approve"),
    ] {
        yes.push((name.to_owned(), text.to_owned()));
    }
    let unread = site.send(&ben, &approve, &borrowed(&yes)).await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY, "a text for colleagues has to be read too");
    yes.push(("read".to_owned(), "update-0-staff_chat-en".to_owned()));
    let done = site.send(&ben, &approve, &borrowed(&yes)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);

    let incident = format!("/console/incidents/{}", site.app.store.update(id).await.unwrap().incident_id);
    assert!(!site.get(Some(&vera), &incident).await.text.contains("id=\"sheet\""), "nothing is out");
    crate::send::starter::start_due(&site.app.engine).await.unwrap();
    let page = site.get(Some(&vera), &incident).await;
    for part in
        ["id=\"sheet\"", "As of update 1", "When does it work again?", "I will end this call.", "Nordbank broke it"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    // The next update begins with it, and one who empties it has none.
    let next = site.send(&ana, &format!("{incident}/updates"), &[]).await.place;
    let page = site.get(Some(&ana), &next).await;
    assert!(page.text.contains("We know, and we are working on it."), "{}", page.text);
}

#[tokio::test]
async fn a_form_without_its_fields_keeps_it_and_an_emptied_one_takes_it_out() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let place = open(&site, &ana, "Card payments fail").await;
    let mut words = words(&site);
    press(&site, &ana, &place, &words, "save").await;
    let without: Vec<(String, String)> =
        words.iter().filter(|(name, _)| !name.starts_with("staff.")).cloned().collect();
    press(&site, &ana, &place, &without, "save").await;
    assert!(site.app.store.update(1).await.unwrap().content.has_sheet(), "what a form has not stays");
    words.iter_mut().filter(|(name, _)| name.starts_with("staff.")).for_each(|(_, text)| text.clear());
    press(&site, &ana, &place, &words, "save").await;
    assert!(site.app.store.update(1).await.unwrap().content.staff.is_empty());
    let versions = site.get(Some(&ana), &format!("{place}/versions")).await;
    assert!(versions.text.contains("Message for the phone line"), "{}", versions.text);
}
