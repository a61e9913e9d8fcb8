//! Drafts: two people in one, and what saving answers.

use super::*;

#[tokio::test]
async fn two_people_in_one_draft_lose_no_word() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let place = open(&site, &ana, "Card payments fail").await;
    let version = value(&site.get(Some(&ana), &place).await, "version");
    let words = |headline: &str| {
        let mut words = first_word("");
        words.iter_mut().filter(|(name, _)| *name == "v0.en.headline").for_each(|(_, text)| headline.clone_into(text));
        words.extend([("version", version.clone()), ("action", "save".to_owned())]);
        words.into_iter().map(|(name, text)| (name.to_owned(), text)).collect::<Vec<_>>()
    };
    site.send(&ana, &place, &borrowed(&words("What Ana wrote"))).await;
    let conflict = site.send(&ben, &place, &borrowed(&words("What Ben wrote"))).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text.contains("What Ana wrote") && conflict.text.contains("What Ben wrote"));
    let mut over = words("What Ben wrote");
    over.iter_mut().filter(|(name, _)| name == "version").for_each(|(_, text)| *text = value(&conflict, "version"));
    assert_eq!(site.send(&ben, &place, &borrowed(&over)).await.status, StatusCode::SEE_OTHER);
    assert!(site.get(Some(&ana), &place).await.text.contains("What Ben wrote"));
}

#[tokio::test]
async fn autosave_answers_findings_and_previews_and_better_words_need_no_script() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let place = open(&site, &ana, "Card payments fail").await;
    let mut words = first_word("");
    words
        .iter_mut()
        .filter(|(name, _)| *name == "v0.en.doing")
        .for_each(|(_, text)| "We will have it fixed by 11:30.".clone_into(text));
    words.push(("version", value(&site.get(Some(&ana), &place).await, "version")));
    let words: Vec<(&str, &str)> = words.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let request =
        post(&format!("{place}/save"), &words).header(header::COOKIE, &ana.cookie).header("x-csrf-token", &ana.csrf);
    let piece = site.ask(request.body(body(&words)).unwrap()).await;
    assert_eq!(piece.status, StatusCode::OK, "{}", piece.text);
    for part in [
        "data-preview=\"previews\"",
        "data-preview=\"foot\"",
        "data-preview=\"f v0.en.doing\"",
        "About one card payment in five",
    ] {
        assert!(piece.text.contains(part), "{part}");
    }
    let ended = post(&format!("{place}/save"), &words).header("x-csrf-token", "old").body(body(&words)).unwrap();
    assert_eq!(site.ask(ended).await.status, StatusCode::UNAUTHORIZED);
    if let Some(rest) = piece.text.split("value=\"use:").nth(1) {
        let action = format!("use:{}", rest.split('"').next().unwrap());
        let mut pairs = words.clone();
        let version = value(&piece, "version");
        pairs.retain(|(name, _)| *name != "version");
        pairs.extend([("version", version.as_str()), ("action", action.as_str())]);
        assert_eq!(site.send(&ana, &place, &pairs).await.status, StatusCode::SEE_OTHER);
        assert!(!site.get(Some(&ana), &place).await.text.contains(&action), "the better words are in");
    }
}
