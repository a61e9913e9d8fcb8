//! Reading before a yes: notes at passages, sign-offs, sample people, what changed.

use super::*;
use crate::config::SignOff;

/// The digest on an approval page, with every box ticked.
fn read_all(page: &Page) -> Vec<(String, String)> {
    let mut all = ticked(page);
    all.push(("digest".to_owned(), value(page, "digest")));
    all
}

fn with(mut pairs: Vec<(String, String)>, more: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.extend(more.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    pairs
}

#[tokio::test]
async fn a_note_goes_back_to_the_passage_it_is_about_and_is_gone_once_it_is_submitted_again() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let (place, draft) = (format!("/console/updates/{id}/approve"), format!("/console/updates/{id}"));
    let note = |quote: &'static str, text: &'static str| {
        [("action", "return"), ("quote.update-0-email-en", quote), ("note.update-0-email-en", text)]
    };
    let elsewhere = site.send(&ben, &place, &note("words that are not there", "Too vague")).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(elsewhere.text.contains("does not stand in this text") && elsewhere.text.contains("Too vague"));
    let unsaid = site.send(&ben, &place, &note("looking for", "")).await;
    assert!(unsaid.status == StatusCode::UNPROCESSABLE_ENTITY && unsaid.text.contains("say what should change"));
    let refused = site.send(&site.sign_in("vera").await, &place, &note("looking for", "No")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let sent = site.send(&ben, &place, &note("looking for  the cause", "Say <b>where</b> we look")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let page = site.get(Some(&ana), &draft).await;
    let at = page.text.find("Say &lt;b&gt;where&lt;/b&gt; we look").expect("the writer sees it");
    let field = page.text[..at].rfind("<textarea id=\"").unwrap();
    assert!(page.text[field..].starts_with("<textarea id=\"v0-en-doing\""), "under the words it is about");
    let notes = site.app.store.notes(id).await.unwrap();
    assert_eq!((notes.len(), notes[0].quote.as_str()), (1, "looking for the cause"));

    let mut words = first_word(&super::super::time::Times::of(&site.app).ahead(60).to_string());
    words.push(("version", value(&page, "version")));
    words.push(("action", "submit".to_owned()));
    let mut words: Vec<(String, String)> = words.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    words.extend(keep_all(&site, id).await);
    let again = site.send(&ana, &draft, &borrowed(&words)).await;
    assert_eq!(again.place, place, "{}", again.text);
    assert!(site.app.store.notes(id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_must_be_signed_is_refused_until_a_reader_signed_just_this() {
    let legal = SignOff { name: "legal".to_owned(), kinds: Vec::new(), severities: Vec::new() };
    let site = Site::with(|config| config.approval.sign_off = vec![legal]).await;
    let (ana, ben, vera, ada) =
        (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("vera").await, site.sign_in("ada").await);
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("Waiting for legal") && page.text.contains("Nobody signs for legal"));
    let all = read_all(&page);
    let yes = with(all.clone(), &[("recipients", "1"), ("password", PASSWORD), ("action", "approve")]);
    let early = site.send(&ben, &place, &borrowed(&yes)).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.text.contains("waits for the signature of legal") && early.text.contains("value=\"1\""));

    let sign = with(all.clone(), &[("action", "sign:legal")]);
    for (who, browser) in [("vera", &vera), ("ben", &ben), ("ana", &ana)] {
        let refused = site.send(browser, &place, &borrowed(&sign)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{who} does not hold it");
    }
    for (number, signs) in [("3", "legal"), ("1", "legal")] {
        let name = if number == "3" { "vera" } else { "ana" };
        let role = if number == "3" { "viewer" } else { "author" };
        let give = [("action", "change"), ("id", number), ("name", name), ("role", role), ("signs", signs)];
        assert_eq!(site.send(&ada, "/console/settings", &give).await.status, StatusCode::SEE_OTHER);
    }
    let own = site.send(&ana, &place, &borrowed(&sign)).await;
    assert!(own.status == StatusCode::FORBIDDEN && own.text.contains("you wrote a part of this update"));

    let remark = [
        ("digest", all.last().unwrap().1.as_str()),
        ("remark.legal", "Mind the word “all”"),
        ("action", "remark:legal"),
    ];
    assert_eq!(site.send(&vera, &place, &remark).await.status, StatusCode::SEE_OTHER);
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("Mind the word “all”") && page.text.contains("Waiting for legal"));
    let unread = site.send(&vera, &place, &borrowed(&sign[1..])).await;
    assert!(unread.status == StatusCode::UNPROCESSABLE_ENTITY && unread.text.contains("unread"));
    let signed = site.send(&vera, &place, &borrowed(&sign)).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.text);
    assert_eq!(site.send(&vera, &place, &borrowed(&sign)).await.status, StatusCode::CONFLICT, "once");
    let sends = site.send(&vera, &place, &borrowed(&yes)).await;
    assert_eq!(sends.status, StatusCode::FORBIDDEN, "a reader sends nothing");

    // An edit voids it, as it voids approvals.
    let draft = format!("/console/updates/{id}");
    let mut words = first_word(&super::super::time::Times::of(&site.app).ahead(60).to_string());
    words
        .iter_mut()
        .filter(|(name, _)| *name == "v0.en.impact")
        .for_each(|(_, text)| "Nothing is charged.".clone_into(text));
    words.push(("version", value(&site.get(Some(&ana), &draft).await, "version")));
    words.push(("action", "submit".to_owned()));
    let mut words: Vec<(String, String)> = words.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    words.extend(keep_all(&site, id).await);
    let again = site.send(&ana, &draft, &borrowed(&words)).await;
    assert_eq!(again.place, place, "{}", again.text);
    let page = site.get(Some(&vera), &place).await;
    assert!(page.text.contains("Waiting for legal") && page.text.contains("value=\"sign:legal\""));
    let fresh = read_all(&page);
    let yes = with(fresh.clone(), &[("recipients", "1"), ("password", PASSWORD), ("action", "approve")]);
    assert_eq!(site.send(&ben, &place, &borrowed(&yes)).await.status, StatusCode::CONFLICT);
    let old = with(all, &[("action", "sign:legal")]);
    assert_eq!(site.send(&vera, &place, &borrowed(&old)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sign = with(fresh, &[("action", "sign:legal")]);
    assert_eq!(site.send(&vera, &place, &borrowed(&sign)).await.status, StatusCode::SEE_OTHER);
    let sent = site.send(&ben, &place, &borrowed(&yes)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
}

#[tokio::test]
async fn sample_people_are_shown_as_they_get_it_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("As people get it") && page.text.contains("&lt;script&gt;alert(1)"), "{}", page.text);
    assert!(page.text.contains("No name") && page.text.contains("نور الهدى عبد الرحمن"));
    let some = with(
        ticked(&page)[..2].to_vec(),
        &[("recipients", "17"), ("reason", "Half a thought"), ("digest", "x"), ("action", "approve")],
    );
    let back = site.send(&ben, &place, &borrowed(&some)).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text.contains("value=\"17\"") && back.text.contains("Half a thought"));
    assert_eq!(back.text.matches("checked> I read this").count(), 2, "what was read stays read");
    let noted = with(
        read_all(&page),
        &[("note.update-0-email-en", "Too long"), ("recipients", "1"), ("password", PASSWORD), ("action", "approve")],
    );
    let held = site.send(&ben, &place, &borrowed(&noted)).await;
    assert!(held.status == StatusCode::UNPROCESSABLE_ENTITY && held.text.contains("you wrote a note on a text"));
}

#[tokio::test]
async fn approvers_without_a_second_factor_are_refused_where_it_is_required() {
    let site = Site::with(|config| config.approval.second_factor = true).await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("href=\"/console/settings/factor\""));
    let yes = with(read_all(&page), &[("recipients", "1"), ("password", PASSWORD), ("action", "approve")]);
    let refused = site.send(&ben, &place, &borrowed(&yes)).await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.text.contains("set one up in Settings"));
}

#[tokio::test]
async fn which_texts_were_opened_is_written_down_and_shown() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("Nobody has opened a text of it yet"), "{}", page.text);
    let texts: Vec<String> = ticked(&page).into_iter().map(|(_, text)| text).collect();
    let note = async |text: &str| site.send(&ben, &format!("{place}/opened"), &[("text", text)]).await.status;
    assert_eq!(note("update-9-email-en").await, StatusCode::UNPROCESSABLE_ENTITY, "no text of this update");
    assert_eq!(note(&texts[0]).await, StatusCode::NO_CONTENT);
    assert_eq!(note(&texts[0]).await, StatusCode::NO_CONTENT);
    assert_eq!(note(&texts[1]).await, StatusCode::NO_CONTENT);
    assert_eq!(note("correction-0-email-en").await, StatusCode::NO_CONTENT, "known, and not one that has to be read");
    let page = site.get(Some(&ben), &place).await;
    let said = format!("ben opened 2 of the {} texts", texts.len());
    assert!(page.text.contains(&said), "{}", page.text);
    let broadcast = site.app.store.broadcasts_of(id).await.unwrap()[0].id;
    let ben = site.app.store.person_by_email("ben@acme.example").await.unwrap().unwrap().0;
    let counted = crate::approve::reading::opened(&site.app, broadcast, ben.id).await.unwrap();
    assert_eq!(counted, (texts.len(), 2), "what the audit of the approval gets");
}

#[tokio::test]
async fn two_people_write_read_and_send_without_scripts() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("Send to 1 people"), "{}", page.text);
    let mut yes = ticked(&page);
    assert!(yes.len() >= 6);
    yes.extend(
        [("digest", value(&page, "digest")), ("recipients", "1".to_owned()), ("password", PASSWORD.to_owned())]
            .map(|(name, text)| (name.to_owned(), text)),
    );
    yes.push(("action".to_owned(), "approve".to_owned()));

    let own = site.send(&ana, &place, &borrowed(&yes)).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "the author does not approve");
    assert!(own.text.contains("this takes the role approver") || own.text.contains("somebody else has to approve it"));
    let unread = site.send(&ben, &place, &borrowed(&yes[1..])).await;
    assert!(unread.status == StatusCode::UNPROCESSABLE_ENTITY && unread.text.contains("1 texts are still unread"));
    let mut wrong = yes.clone();
    wrong.iter_mut().filter(|(name, _)| name == "password").for_each(|(_, text)| "not the password".clone_into(text));
    let wrong = site.send(&ben, &place, &borrowed(&wrong)).await;
    assert!(wrong.status == StatusCode::FORBIDDEN && wrong.text.contains("the password is not right"));

    let sent = site.send(&ben, &place, &borrowed(&yes)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let going = site.get(Some(&ana), &sent.place).await;
    assert!(going.status == StatusCode::OK && going.text.contains("By channel"), "{}", going.text);
}

#[tokio::test]
async fn an_approver_who_wrote_is_refused_and_sees_why() {
    let site = Site::new().await;
    let ben = site.sign_in("ben").await;
    let id = submitted(&site, &ben).await;
    let page = site.get(Some(&ben), &format!("/console/updates/{id}/approve")).await;
    assert!(page.text.contains("somebody else has to approve it") && !page.text.contains("data-gated"));
    let refused =
        site.send(&ben, &format!("/console/updates/{id}/approve"), &[("action", "return"), ("reason", "x")]).await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.text.contains("somebody else has to approve it"));
}
