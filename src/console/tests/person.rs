//! People: found, edited, imported, and kept from being written to.

use super::*;

#[tokio::test]
async fn somebody_is_added_edited_and_removed_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let good = [
        ("customer_id", "4711"),
        ("name", "Maria Jensen"),
        ("email", "maria@EXAMPLE.org\r\nm.jensen@example.org"),
        ("sms", "+44 7700 900001"),
        ("tags", "vip, beta"),
        ("attributes", "plan = pro"),
    ];
    assert_eq!(site.send(&vera, "/console/people/new", &good).await.status, StatusCode::FORBIDDEN);
    let mut bad = good;
    bad[3].1 = "07700 900001";
    let refused = site.send(&ana, "/console/people/new", &bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("id=\"e-sms\">names no country"), "the fault stands at its field: {}", refused.text);
    assert!(refused.text.contains("07700 900001") && refused.text.contains("m.jensen@example.org"));
    bad = good;
    bad[5].1 = "plan";
    let refused = site.send(&ana, "/console/people/new", &bad).await;
    assert!(refused.text.contains("id=\"e-attributes\">write one a line"), "{}", refused.text);

    let added = site.send(&ana, "/console/people/new", &good).await;
    assert_eq!((added.status, added.place.as_str()), (StatusCode::SEE_OTHER, "/console/people/1"));
    let again = site.send(&ana, "/console/people/new", &good).await;
    assert!(
        again.text.contains("somebody has this customer number already")
            && again.text.contains("/console/people/1/edit")
    );

    let form = site.get(Some(&ana), "/console/people/1/edit").await;
    assert!(form.text.contains("m.jensen@example.org\nmaria@example.org") && form.text.contains("plan &#x3D; pro"));
    let mut changed = good;
    changed[0].1 = "somebody else";
    changed[1].1 = "Maria J. Jensen";
    assert_eq!(site.send(&ana, "/console/people/1/edit", &changed).await.place, "/console/people/1");
    let known = site.app.store.recipient("4711").await.unwrap();
    assert_eq!((known.recipient.name.as_str(), known.recipient.addresses.len()), ("Maria J. Jensen", 3));

    let remove = [("action", "delete")];
    let unsure = site.send(&ana, "/console/people/1/edit", &remove).await;
    assert!(unsure.status == StatusCode::UNPROCESSABLE_ENTITY && unsure.text.contains("tick the box"));
    let sure = [("action", "delete"), ("sure", "1")];
    assert_eq!(site.send(&vera, "/console/people/1/edit", &sure).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ana, "/console/people/1/edit", &sure).await.place, "/console/people");
    assert!(site.app.store.recipient("4711").await.is_err());
}

#[tokio::test]
async fn an_address_is_kept_from_being_written_to_and_given_back_with_a_reason() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    with_audience(&site).await;
    let place = "/console/people/1";
    let with = |action: &'static str, reason: &'static str| {
        [("action", action), ("channel", "email"), ("value", "maria@example.org"), ("reason", reason)]
    };
    assert_eq!(site.send(&vera, place, &with("suppress", "x")).await.status, StatusCode::FORBIDDEN);
    let silent = site.send(&ana, place, &with("suppress", " ")).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY, "not without a reason");
    site.send(&ana, place, &with("suppress", "she asked by telephone")).await;
    let page = site.get(Some(&ana), place).await;
    assert!(page.text.contains("Must not be written to: Entered by a colleague") && page.text.contains("by ana"));
    assert!(page.text.contains("she asked by telephone"));
    let other = [("action", "lift"), ("channel", "email"), ("value", "other@example.org"), ("reason", "x")];
    assert_eq!(site.send(&ana, place, &other).await.status, StatusCode::NOT_FOUND, "only an address of theirs");
    site.send(&ana, place, &with("lift", "she changed her mind")).await;
    assert!(site.get(Some(&ana), place).await.text.contains("may be written to"));
}

/// Sends a file as a browser does: the token, how, and the file.
async fn import(site: &Site, browser: Option<&Browser>, token: &str, replace: bool, file: &str) -> Page {
    let part = |name: &str, more: &str, text: &str| {
        format!("--frontier\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
    };
    let mut body = part("csrf", "", token);
    if replace {
        body += &part("replace", "", "1");
    }
    body += &part("file", "; filename=\"people.csv\"\r\ncontent-type: text/csv", file);
    body += "--frontier--\r\n";
    let mut request = Request::post("/console/people/import")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=frontier")
        .header("sec-fetch-site", "same-origin");
    if let Some(browser) = browser {
        request = request.header(header::COOKIE, &browser.cookie);
    }
    site.ask(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_file_is_imported_and_its_bad_lines_can_be_taken_home() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let file = "customer_id,name,email\r\n1,Maria,maria@example.org\r\n2,Omar,=cmd()\r\n3,Zoë,zoe@example.org\r\n";
    for (browser, token) in [(&ana, ""), (&ana, vera.csrf.as_str())] {
        assert_eq!(import(&site, Some(browser), token, false, file).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(import(&site, Some(&vera), &vera.csrf, false, file).await.status, StatusCode::FORBIDDEN);
    let outside = import(&site, None, &ana.csrf, false, file).await;
    assert!(outside.place.starts_with("/console/sign-in"), "{}", outside.place);
    assert_eq!(site.app.store.recipient_count().await.unwrap(), 0);

    // More than a form may have: a file is read as it arrives.
    let long: String = (10..30_010).map(|n| format!("{n},Customer {n},c{n}@example.org\r\n")).collect();
    let taken = import(&site, Some(&ana), &ana.csrf, false, &format!("{file}{long}")).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text);
    assert_eq!(site.app.store.recipient_count().await.unwrap(), 30_002);
    let account = site.get(Some(&ana), &taken.place).await;
    for part in ["30,002", "lines not taken", "Download the bad lines", "by ana"] {
        assert!(account.text.contains(part), "{part}: {}", account.text);
    }
    let bad = site.get(Some(&ana), &format!("{}/bad.csv", taken.place)).await;
    assert!(bad.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert!(bad.text.starts_with("line,reason\n3,") && !bad.text.contains("cmd"), "{}", bad.text);

    let none = import(&site, Some(&ana), &ana.csrf, true, "customer_id,email\n,\n5,nobody\n").await;
    assert_eq!(none.status, StatusCode::CONFLICT);
    assert!(none.text.contains("nobody was removed") && none.text.contains("What was not taken"), "{}", none.text);
    let replaced = import(&site, Some(&ana), &ana.csrf, true, "customer_id,email\n1,maria@example.org\n").await;
    assert!(site.get(Some(&ana), &replaced.place).await.text.contains("30,001"), "who is not named is removed");
    assert_eq!(site.app.store.recipient_count().await.unwrap(), 1);
}

#[tokio::test]
async fn people_are_found_by_address_and_by_a_word_of_their_name() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let place = "/console/people?q=maria%40example";
    with_audience(&site).await;
    assert!(site.get(Some(&ana), place).await.text.contains("c-1"));
    assert!(site.get(Some(&ana), "/console/people?q=script+alert").await.text.contains("/console/people/1"));
}
