//! A console in another language: every page speaks it, whoever wrote the sentence.

use super::*;

#[tokio::test]
async fn an_address_without_a_page_says_so_and_leads_back() {
    let site = Site::new().await;
    let vera = site.sign_in("vera").await;
    for place in ["/console/nowhere", "/console/updates/1/nowhere", "/console/sign-in/nowhere"] {
        let page = site.get(Some(&vera), place).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{place}");
        assert!(page.text.contains("no page at this address") && page.text.contains("href=\"/console\""), "{place}");
        assert_eq!(
            site.get(None, place).await.status,
            StatusCode::SEE_OTHER,
            "{place}: a stranger is asked to sign in"
        );
    }
}

/// The English catalogue with every letter of its sentences wide, as "Ｎｏｗ": what stays narrow on a page is data, or a
/// sentence that no other language can have.
fn wide(catalogue: &str) -> String {
    let letter = |c: char| match c {
        'a'..='z' | 'A'..='Z' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        c => c,
    };
    let mut whole = String::new();
    for line in catalogue.lines() {
        let sentence = !line.starts_with('#') && !line.starts_with("direction");
        let start = match line.trim_start().starts_with(['[', '*']) {
            true => line.find(']').map_or(0, |at| at + 1),
            false if line.starts_with(' ') || line.starts_with('}') => 0,
            false => line.find('=').map_or(line.len(), |at| at + 1),
        };
        whole.push_str(&line[..start]);
        let (mut code, mut mark) = (0, false);
        for c in line[start..].chars() {
            match c {
                '{' => code += 1,
                '<' => mark = true,
                _ => {}
            }
            whole.push(if sentence && code == 0 && !mark { letter(c) } else { c });
            match c {
                '}' if code > 0 => code -= 1,
                '>' => mark = false,
                _ => {}
            }
        }
        whole.push('\n');
    }
    whole
}

/// What a reader sees or hears of a page, without digests.
fn shown(page: &str) -> String {
    let tag = regex::Regex::new(r"(?s)<[^>]*>").unwrap();
    let heard = regex::Regex::new(
        r#"(?:aria-label|placeholder|title|alt|data-saved|data-failed|data-conflict|data-signed-out|data-lost|data-unread)="([^"]*)""#,
    )
    .unwrap();
    let digest = regex::Regex::new("[0-9a-f]{32,}").unwrap();
    let mut text = digest.replace_all(&tag.replace_all(page, " "), "").into_owned();
    for said in heard.captures_iter(page) {
        text.push(' ');
        text.push_str(&said[1]);
    }
    text
}

#[tokio::test]
async fn every_page_speaks_the_readers_language_and_only_data_stays_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("eo.ftl"), wide(include_str!("../words/en.ftl"))).unwrap();
    let site = Site::with(|config| config.console.languages = Some(folder.path().to_owned())).await;
    let (ana, ben, ada) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("ada").await);
    let id = submitted(&site, &ana).await;
    let broadcast = site.app.store.broadcasts_in(&[crate::approve::State::Submitted]).await.unwrap().remove(0);
    // What people and configurations wrote, and the checker, whose words are its rules' own.
    let mut data = vec![include_str!("../../../config/demo.toml").to_owned(), DATA.to_owned()];
    let looked = crate::preview::preview(&site.app, id, None).await.unwrap();
    data.push(format!("{:?}", looked.findings));
    data.push(serde_json::to_string(&site.app.store.update(id).await.unwrap()).unwrap());
    for rendering in site.app.store.renderings(broadcast.id).await.unwrap() {
        data.push(format!("{rendering:?}"));
    }
    let word = regex::Regex::new("[A-Za-z]{3,}").unwrap();
    let words = |text: &str| {
        word.find_iter(text).map(|word| word.as_str().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    let data: std::collections::BTreeSet<String> = data.iter().flat_map(|text| words(text)).collect();
    let mut english = Vec::new();
    let pages = super::pages::every(id);
    for (browser, place) in pages.iter().flat_map(|place| [&ana, &ben, &ada].map(|browser| (browser, place))) {
        let request =
            Request::get(place).header(header::COOKIE, &browser.cookie).header(header::ACCEPT_LANGUAGE, "eo, en;q=0.5");
        let page = site.ask(request.body(Body::empty()).unwrap()).await;
        // A mark may stand within a word.
        let known = |word: &String| data.contains(word) || data.iter().any(|whole| whole.starts_with(word.as_str()));
        let own: Vec<String> = words(&shown(&page.text)).into_iter().filter(|word| !known(word)).collect();
        if !own.is_empty() && !place.contains("/mail/") {
            english.push(format!("{place}: {own:?}"));
        }
    }
    english.dedup();
    assert!(english.is_empty(), "English in another language:\n{}", english.join("\n"));
}

/// Names, and what is written alike everywhere.
const DATA: &str = "Onevoice console ana ben vera ada maria acme example org localhost https script alert amp quot UTC Card payments fail";
